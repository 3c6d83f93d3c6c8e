"""Arrays of which a note says nothing but what its claims do with them."""

from __future__ import annotations

import pytest
from verdicts import claims_of

RIGHT = (
    r"(P Q)^\top = Q^\top P^\top",
    r"\operatorname{tr}(P Q R) = \operatorname{tr}(R P Q)",
    r"\nabla_u \| P u - c \|^2 = 2 P^\top (P u - c)",
    r"\frac{\partial}{\partial X} \operatorname{tr}(X^\top P X) = (P + P^\top) X",
    r"\frac{\partial\, c^\top X u}{\partial X} = c u^\top",
    r"\nabla_X \| P X - Q \|_F^2 = 2 P^\top (P X - Q)",
    r"\nabla_{\mathbf{w}} (s - \mathbf{w}^\top \mathbf{u})^2 = -2 (s - \mathbf{w}^\top \mathbf{u}) \mathbf{u}",
)
WRONG = (
    r"(P Q)^\top = P^\top Q^\top",
    r"(P Q)^{-1} = P^{-1} Q^{-1}",
    r"\operatorname{tr}(P Q R) = \operatorname{tr}(R Q P)",
    r"\nabla_u \| P u - c \|^2 = 2 P (P u - c)",
    r"\nabla_u \| P u - c \|^2 = P^\top (P u - c)",
    r"\frac{\partial}{\partial X} \operatorname{tr}(X^\top P X) = (P - P^\top) X",
    r"\frac{\partial\, c^\top X u}{\partial X} = u c^\top",
    r"\nabla_X \| P X - Q \|_F^2 = 2 P (P X - Q)",
    r"\| u \|^2 = u u^\top",
)


@pytest.mark.parametrize("claim", RIGHT)
def test_the_shapes_follow_from_the_claim(claim: str) -> None:
    assert _verdict(claim) in ("proved", "agrees")


@pytest.mark.parametrize("claim", WRONG)
def test_arrays_are_not_read_as_numbers(claim: str) -> None:
    assert _verdict(claim) in ("refuted", "undecided")


@pytest.mark.parametrize("claim", [r"u^\top P u = P u^\top u", r"\nabla_u (u^\top P u) = P u + u P"])
def test_a_vector_is_no_column_here_and_row_there(claim: str) -> None:
    assert _verdict(claim) not in ("proved", "agrees")


def test_a_letter_between_vectors_is_no_count() -> None:
    note = r"Let $q(u) = u^\top M u$." + "\n\n" + r"$$ \nabla_u q = 2 M u $$" + "\n"
    assert claims_of(note)[-1].verdict not in ("proved", "agrees")


def test_the_transposed_layout_is_not_wrong() -> None:
    assert _verdict(r"\frac{\partial}{\partial X} \log \det X = X^{-1}") != "refuted"
    assert _verdict(r"d(\mathbf{x}^\top \mathbf{A} \mathbf{x}) = 2 \mathbf{x}^\top \mathbf{A} d\mathbf{x}") != "refuted"


def _verdict(claim: str) -> str:
    return claims_of(f"$$ {claim} $$\n")[-1].verdict


def test_a_column_of_the_document_is_no_row_in_a_claim() -> None:
    note = r"""
$X \in \mathbb{R}^{n \times d}$, $c \in \mathbb{R}^n$, $u \in \mathbb{R}^d$

$$ v = X^\top c $$

$$ v^\top u = c^\top X u $$

$$ v^\top u = c X u $$
"""
    assert [claim.verdict for claim in claims_of(note)][-2:] == ["proved", "undecided"]
