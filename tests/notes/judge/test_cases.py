"""Piecewise values whose cases are told apart by index letters: ``i = j`` and ``i ≠ j``."""

from __future__ import annotations

import pytest
from verdicts import verdict

SOFTMAX = r"p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
LEFT = r"\frac{\partial p_i}{\partial z_j} = "

TRUE = [
    r"\begin{cases} p_i (1 - p_i) & i = j \\ -p_i p_j & i \neq j \end{cases}",
    r"\begin{cases} p_i (1 - p_j) & \text{if } i = j \\ -p_i p_j & \text{otherwise} \end{cases}",
    r"\begin{cases} -p_j p_i & \text{if } j \ne i \\ p_j (1 - p_j) & \text{if } i = j \end{cases}",
]
FALSE = [
    r"\begin{cases} p_i (1 - p_i) & i = j \\ p_i p_j & i \neq j \end{cases}",
    r"\begin{cases} p_i (1 + p_j) & \text{if } i = j \\ -p_i p_j & \text{otherwise} \end{cases}",
    r"\begin{cases} -p_j p_i & \text{if } i = j \\ p_j (1 - p_j) & \text{if } i \ne j \end{cases}",
]


@pytest.mark.parametrize("claim", TRUE)
def test_true(claim):
    assert verdict(SOFTMAX, LEFT + claim) == "proved"


@pytest.mark.parametrize("claim", FALSE)
def test_false(claim):
    assert verdict(SOFTMAX, LEFT + claim) == "refuted"


def test_two_cases_of_one_kind_are_no_distinction():
    claim = LEFT + r"\begin{cases} p_i (1 - p_i) & i = j \\ -p_i p_j & i = j \end{cases}"
    assert verdict(SOFTMAX, claim) not in ("proved", "agrees")
