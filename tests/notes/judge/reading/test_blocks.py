"""Claims about vectors that stand one behind the other."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

NETWORK = r"""
Let $u \in \mathbb{R}^n$, $v \in \mathbb{R}^m$, $W \in \mathbb{R}^{k \times (n+m)}$ and $y, b \in \mathbb{R}^k$.

$$ z = W [u, v] + b $$

$$ L = \frac12 \lVert z - y \rVert^2 $$

$$ %s $$
"""
HEADS = r"""
Let $A_i \in \mathbb{R}^{n \times k}$ for $i = 1, \dots, H$, $W \in \mathbb{R}^{H k \times d}$ and $Y \in \mathbb{R}^{n \times d}$.

$$ M = \operatorname{Concat}(A_1, \dots, A_H) W $$

$$ L = \frac12 \lVert M - Y \rVert_F^2 $$

$$ %s $$
"""
RIGHT = (
    r"\frac{\partial L}{\partial W} = (z - y) [u, v]^\top",
    r"\frac{\partial L}{\partial W} = (z - y) [u; v]^\top",
    r"\frac{\partial L}{\partial W} = (z - y) \begin{bmatrix} u \\ v \end{bmatrix}^\top",
    r"\frac{\partial L}{\partial W_{ij}} = (z_i - y_i) [u, v]_j",
    r"\frac{\partial L}{\partial u_i} = \sum_j W_{ji} (z_j - y_j)",
    r"\frac{\partial L}{\partial v_i} = \sum_j W_{j,n+i} (z_j - y_j)",
    r"z_i = \sum_{j=1}^n W_{ij} u_j + \sum_{j=1}^m W_{i,n+j} v_j + b_i",
)
WRONG = (
    r"\frac{\partial L}{\partial W} = (z - y) [v, u]^\top",
    r"\frac{\partial L}{\partial W} = (z - y) [u, -v]^\top",
    r"\frac{\partial L}{\partial u_i} = \sum_j W_{j,m+i} (z_j - y_j)",
    r"\frac{\partial L}{\partial v_i} = \sum_j W_{ji} (z_j - y_j)",
    r"\frac{\partial L}{\partial v_i} = \sum_j W_{j,n+i} (y_j - z_j)",
)


def verdict(claim: str, network: str = NETWORK) -> str:
    return judge_document(find(network % claim, name="note.md")).claims[-1].verdict


@pytest.mark.parametrize("claim", RIGHT)
def test_right_claims_are_proved(claim: str) -> None:
    assert verdict(claim) == "proved"


@pytest.mark.parametrize("claim", WRONG)
def test_wrong_claims_are_refuted(claim: str) -> None:
    assert verdict(claim) in ("refuted", "undecided")


@pytest.mark.parametrize("heads", [r"\operatorname{Concat}(A_1, \dots, A_H)", r"[A_1, A_2, \ldots, A_H]"])
def test_a_family_with_dots(heads: str) -> None:
    assert verdict(rf"\frac{{\partial L}}{{\partial W}} = {heads}^\top (M - Y)", HEADS) == "proved"
    assert verdict(rf"\frac{{\partial L}}{{\partial W}} = {heads}^\top (Y - M)", HEADS) == "refuted"


def test_a_family_that_ends_early_is_not_judged() -> None:
    claim = r"\frac{\partial L}{\partial W} = \operatorname{Concat}(A_1, \dots, A_n)^\top (M - Y)"
    assert verdict(claim, HEADS) == "undecided"
