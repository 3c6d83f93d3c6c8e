"""Names of the backward pass that a formula with derivatives of an unknown loss defines."""

from __future__ import annotations

from verdicts import claims_of

LAYER = r"""For a layer with $x \in \mathbb{R}^n$, $W \in \mathbb{R}^{m \times n}$ and $b \in \mathbb{R}^m$, let $z = W x + b$ and $a = \sigma(z)$.

"""


def verdicts(*formulas: str) -> list[str]:
    note = LAYER + "\n\n".join(f"$$ {formula} $$" for formula in formulas) + "\n"
    return [claim.verdict for claim in claims_of(note)][2:]


DELTA = r"\delta = \frac{\partial L}{\partial a} \odot \sigma'(z)"


def test_an_error_that_is_a_formula() -> None:
    right = (r"\frac{\partial L}{\partial W} = \delta x^\top", r"\frac{\partial L}{\partial b} = \delta")
    assert verdicts(DELTA, *right, r"\frac{\partial L}{\partial x} = W^\top \delta") == ["definition", *["proved"] * 3]


def test_slips_beside_it() -> None:
    wrong = (r"\frac{\partial L}{\partial b} = -\delta", r"\frac{\partial L}{\partial x} = -W^\top \delta")
    assert verdicts(DELTA, r"\frac{\partial L}{\partial W} = \delta x^\top", *wrong)[2:] == ["refuted", "refuted"]


def test_a_name_with_an_index() -> None:
    note = r"""Let $Q, K, V \in \mathbb{R}^{n \times d}$.

$$ S = Q K^\top, \quad P = \operatorname{softmax}(S), \quad O = P V $$

$$ D_i = \sum_j \frac{\partial L}{\partial O_{ij}} O_{ij} $$

$$ D_i = \sum_j \frac{\partial L}{\partial P_{ij}} P_{ij} $$

$$ \frac{\partial L}{\partial S_{ij}} = P_{ij} \left( \frac{\partial L}{\partial P_{ij}} - D_i \right) $$

$$ \frac{\partial L}{\partial S_{ij}} = P_{ij} \left( \frac{\partial L}{\partial P_{ij}} - D_j \right) $$
"""
    assert [claim.verdict for claim in claims_of(note)][3:6] == ["definition", "proved", "proved"]
    assert claims_of(note)[6].verdict not in ("proved", "agrees")
