"""Error terms of layers whose meaning the document tells, under a loss that it defines."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, claims_of

NETWORK = "\n\n".join(
    f"$$ {formula} $$"
    for formula in (
        r"u^l_j = \sum_k v^l_{jk} h^{l-1}_k + c^l_j, \quad h^l_j = f(u^l_j)",
        r"E = \frac{1}{2} \sum_j (h^L_j - t_j)^2",
        r"\delta^l_j = \frac{\partial E}{\partial u^l_j}",
    )
)


def told(claim: str) -> str:
    return claims_of(f"{NETWORK}\n\n$$ {claim} $$")[-1].verdict


def test_what_tells_the_meaning_is_a_definition():
    assert {claim.verdict for claim in claims_of(NETWORK)} == {"definition"}


@pytest.mark.parametrize("claim", [
    r"\delta^L_j = (h^L_j - t_j) f'(u^L_j)",
    r"\frac{\partial E}{\partial c^l_j} = \delta^l_j",
    r"\frac{\partial E}{\partial v^l_{jk}} = h^{l-1}_k \delta^l_j",
])  # fmt: skip
def test_true(claim):
    assert told(claim) in RIGHT


@pytest.mark.parametrize("claim", [
    r"\delta^L_j = (h^L_j - t_j) f(u^L_j)",
    r"\frac{\partial E}{\partial c^l_j} = -\delta^l_j",
    r"\frac{\partial E}{\partial v^l_{jk}} = h^l_k \delta^l_j",
    r"\frac{\partial E}{\partial v^l_{jk}} = h^{l-1}_j \delta^l_k",
])  # fmt: skip
def test_false(claim):
    assert told(claim) not in RIGHT


def test_two_meanings_are_none():
    other = r"$$ \delta^l_j = \frac{\partial E}{\partial h^l_j} $$"
    claim = r"$$ \frac{\partial E}{\partial c^l_j} = \delta^l_j $$"
    assert claims_of("\n\n".join((NETWORK, other, claim)))[-1].verdict != "refuted"


def test_a_value_that_is_only_differentiated_is_not_known():
    note = r"""$r = \frac{1}{N} \sum_{i=1}^{N} |o_i - t_i|$

$$ \frac{\partial o_1}{\partial s_1} = \frac{\partial}{\partial s_1} \left( \frac{1}{1 + e^{-s_1}} \right) = o_1 (1 - o_1) $$
"""
    assert "refuted" not in {claim.verdict for claim in claims_of(note)}


def test_the_hard_kind_of_a_function_has_several_definitions():
    formula = (
        r"\text{HardSigmoid}(u) = \begin{cases} 0 & u < -2 \\ u / 4 + 1 / 2 & -2 \le u \le 2 \\ 1 & u > 2 \end{cases}"
    )
    assert "refuted" not in {claim.verdict for claim in claims_of(f"$$ {formula} $$")}
