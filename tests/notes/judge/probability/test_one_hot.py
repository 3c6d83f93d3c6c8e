"""Cross-entropy of a one-hot target: what holds for the true class, and for the others."""

from __future__ import annotations

import pytest
from verdicts import claims_of

SOFTMAX = (
    "$$ p_i = \\frac{e^{z_i}}{\\sum_j e^{z_j}} $$\n\n$$ L = -\\sum_i y_i \\log p_i $$\n\nwhere $y$ is one-hot.\n\n"
)
PICKED = SOFTMAX + "With the true class $c$ it is $L = -\\log p_c$.\n\n"


def last(note: str) -> str:
    """The verdict on the last claim of a note."""
    return claims_of(note)[-1].verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial z_i} = p_i - y_i",
        r"\frac{\partial L}{\partial z_c} = p_c - 1",
        r"\frac{\partial L}{\partial p_c} = -\frac{1}{p_c}",
        r"\frac{\partial L}{\partial z_i} = p_i - \delta_{ic}",
        r"\frac{\partial L}{\partial z_i} = \begin{cases} p_i - 1 & i = c \\ p_i & i \neq c \end{cases}",
    ],
)
def test_right(claim):
    assert last(f"{PICKED}$$ {claim} $$\n") == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial z_c} = p_c + 1",
        r"\frac{\partial L}{\partial z_i} = p_i + \delta_{ic}",
    ],
)
def test_wrong(claim):
    assert last(f"{PICKED}$$ {claim} $$\n") == "refuted"


def test_cases_that_are_exchanged_are_not_confirmed():
    claim = r"\frac{\partial L}{\partial z_i} = \begin{cases} p_i & i = c \\ p_i - 1 & i \neq c \end{cases}"
    assert last(f"{PICKED}$$ {claim} $$\n") not in ("proved", "agrees")


def test_under_a_condition():
    assert last(PICKED + "If $i = c$, $\\frac{\\partial L}{\\partial z_i} = p_i - 1$.") == "proved"
    assert last(PICKED + "If $i \\ne c$, $\\frac{\\partial L}{\\partial z_i} = p_i$.") == "proved"
    assert last(PICKED + "If $i = c$, $\\frac{\\partial L}{\\partial z_i} = p_i + 1$.") == "refuted"
    assert last(PICKED + "If $i \\ne c$, $\\frac{\\partial L}{\\partial z_i} = p_i - 1$.") not in ("proved", "agrees")


def test_a_condition_in_words_is_no_false_alarm():
    note = SOFTMAX + "For the correct class\n\n$$ \\frac{\\partial L}{\\partial z_i} = p_i - 1 $$\n"
    assert last(note) == "undecided"


def test_the_picked_term_says_the_same():
    assert last(SOFTMAX + "With the true class $c$ it is $L = -\\log p_c$.") == "proved"
    assert last(SOFTMAX + "With the true class $c$ it is $L = \\log p_c$.") not in ("proved", "agrees")
