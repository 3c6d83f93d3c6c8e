"""Layers under a loss that the note does not define."""

from __future__ import annotations

import pytest
from verdicts import claims_of

MATRICES = (
    r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}",
    r"a^{(l)} = \sigma(z^{(l)})",
    r"\delta^{(l)} = \frac{\partial C}{\partial z^{(l)}}",
    r"\delta^{(L)} = \nabla_{a^{(L)}} C \odot \sigma'(z^{(L)})",
    r"\delta^{(l)} = (W^{(l+1)})^T \delta^{(l+1)} \odot \sigma'(z^{(l)})",
    r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} (a^{(l-1)})^T",
    r"\frac{\partial C}{\partial b^{(l)}} = \delta^{(l)}",
)
INDICES = (
    r"z_j^{(l)} = \sum_k w_{jk}^{(l)} a_k^{(l-1)} + b_j^{(l)}",
    r"a_j^{(l)} = \sigma(z_j^{(l)})",
    r"\delta_j^{(l)} = \frac{\partial C}{\partial z_j^{(l)}}",
    r"\delta_j^{(L)} = \frac{\partial C}{\partial a_j^{(L)}} \sigma'(z_j^{(L)})",
    r"\delta_j^{(l)} = \sum_k w_{kj}^{(l+1)} \delta_k^{(l+1)} \sigma'(z_j^{(l)})",
    r"\frac{\partial C}{\partial w_{jk}^{(l)}} = a_k^{(l-1)} \delta_j^{(l)}",
    r"\frac{\partial C}{\partial b_j^{(l)}} = \delta_j^{(l)}",
)


def said(*formulas: str) -> list[tuple[str, str]]:
    note = "\n\n".join(f"$$ {formula} $$" for formula in formulas) + "\n"
    return [(claim.verdict, claim.slip) for claim in claims_of(note)]


@pytest.mark.parametrize("formulas", [MATRICES, INDICES])
def test_right(formulas: tuple[str, ...]) -> None:
    assert [verdict for verdict, _ in said(*formulas)] == ["definition"] * 3 + ["agrees"] * 4


def test_what_the_error_means_is_clear_without_saying_so() -> None:
    assert [verdict for verdict, _ in said(*MATRICES[:2], *MATRICES[3:])] == ["definition"] * 2 + ["agrees"] * 4


@pytest.mark.parametrize(
    ("formulas", "place", "old", "new", "slip"),
    [
        (MATRICES, 3, r"\sigma'", r"\sigma", "missing derivative"),
        (MATRICES, 4, "(W^{(l+1)})^T", "W^{(l+1)}", "transpose"),
        (MATRICES, 4, "(W^{(l+1)})^T", "(W^{(l)})^T", "wrong index"),
        (MATRICES, 4, r" \odot \sigma'(z^{(l)})", "", "missing factor"),
        (MATRICES, 4, r"\delta^{(l+1)}", r"\delta^{(l)}", "wrong index"),
        (MATRICES, 4, "= (W", "= -(W", "sign"),
        (MATRICES, 5, "a^{(l-1)}", "a^{(l)}", "wrong index"),
        (MATRICES, 6, r"= \delta^{(l)}", r"= \delta^{(l-1)}", "wrong index"),
        (INDICES, 3, r"\sigma'(z", r"\sigma'(a", "wrong variable"),
        (INDICES, 4, "w_{kj}", "w_{jk}", "wrong index"),
        (INDICES, 5, r"a_k^{(l-1)} \delta_j", r"a_j^{(l-1)} \delta_k", "wrong index"),
        (INDICES, 6, r"= \delta_j^{(l)}", r"= \delta_j^{(l+1)}", "wrong index"),
    ],
)
def test_slips(formulas: tuple[str, ...], place: int, old: str, new: str, slip: str) -> None:
    wrong = formulas[place].replace(old, new)
    assert wrong != formulas[place]
    assert said(*formulas[:3], wrong)[-1] == ("refuted", slip)


@pytest.mark.parametrize("claim", MATRICES[3:])
def test_names_without_a_forward_pass_are_left_open(claim: str) -> None:
    assert said(claim)[-1][0] in ("undecided", "definition")


def test_a_layer_of_which_nothing_is_computed_is_left_open() -> None:
    layer = (r"z = W x + b", r"a = \sigma(z)")
    claims = said(*layer, *MATRICES[2:3], *MATRICES[4:])
    assert {verdict for verdict, _ in claims} <= {"definition", "undecided"}


def test_a_way_past_the_next_layer_counts() -> None:
    residual = (r"z^{(l)} = W^{(l)} a^{(l-1)}", r"a^{(l)} = \sigma(z^{(l)}) + a^{(l-1)}")
    right = r"\frac{\partial C}{\partial a^{(l)}} = (W^{(l+1)})^T \frac{\partial C}{\partial z^{(l+1)}} + \frac{\partial C}{\partial a^{(l+1)}}"
    wrong = right.partition(" + ")[0] + r" \quad"
    assert said(*residual, right)[-1][0] == "agrees"
    assert said(*residual, wrong.removesuffix(r" \quad"))[-1][0] not in ("proved", "agrees")
