"""Equations that say that a gradient is zero."""

from __future__ import annotations

import pytest
from verdicts import claims_of

RIDGE = r"""
The data are $A \in \mathbb{R}^{n \times p}$ and $t \in \mathbb{R}^n$, and $v \in \mathbb{R}^p$ is sought.

$$ J(v) = \| A v - t \|^2 + \kappa \| v \|^2 $$

Setting the gradient to zero:
"""


@pytest.mark.parametrize(
    "claim",
    [
        r"A^\top A v + \kappa v = A^\top t",
        r"(A^\top A + \kappa I) v = A^\top t",
        r"2 A^\top (A v - t) + 2 \kappa v = 0",
        r"0 = A^\top t - A^\top A v - \kappa v",
    ],
)
def test_a_gradient_that_is_zero(claim: str) -> None:
    assert _last(RIDGE, claim) in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"A^\top A v - \kappa v = A^\top t",
        r"A^\top A v = A^\top t",
        r"A^\top (A v + t) + \kappa v = 0",
        r"(A^\top A + 2 \kappa I) v = A^\top t",
    ],
)
def test_another_equation(claim: str) -> None:
    assert _last(RIDGE, claim) not in ("proved", "agrees")


def test_nothing_is_taken_for_a_condition_that_is_not_said_to_be_one() -> None:
    note = RIDGE.replace("Setting the gradient to zero:", "We have")
    assert _last(note, r"A^\top A v + \kappa v = A^\top t") not in ("proved", "agrees")


def test_a_factor_in_front_does_not_matter() -> None:
    note = r"""
$$ J(v) = \frac{1}{2 n} \sum_{i=1}^n (v x_i - t_i)^2 $$

Setting the derivative equal to zero gives
"""
    assert _last(note, r"v \sum_{i=1}^n x_i^2 = \sum_{i=1}^n x_i t_i") in ("proved", "agrees")
    assert _last(note, r"v \sum_{i=1}^n x_i = \sum_{i=1}^n x_i t_i") not in ("proved", "agrees")


def _last(note: str, claim: str) -> str:
    return claims_of(f"{note}\n$$ {claim} $$\n")[-1].verdict
