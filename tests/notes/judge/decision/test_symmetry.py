"""Matrices that the words of a note call symmetric."""

from __future__ import annotations

import pytest
from verdicts import claims_of

FORM = r"Let $q(u) = u^\top M u$ with $u \in \mathbb{R}^n$."


@pytest.mark.parametrize(
    "words",
    [
        r"For symmetric $M$, {claim}.",
        r"The matrix $M$ is symmetric. Then {claim}.",
        r"Take a symmetric positive definite matrix $M$; then {claim}.",
        r"Dann ist {claim}, wenn $M$ symmetrisch ist.",
        r"设 $M$ 是对称矩阵，则 {claim}。",
        r"$M$이 대칭이면 {claim}.",
    ],
)
def test_it_holds_for_a_symmetric_matrix(words: str) -> None:
    note = FORM + "\n\n" + words.format(claim=r"$\nabla_u q = 2 M u$")
    assert any(v == "proved" for v in _verdicts(note))


@pytest.mark.parametrize(
    "words",
    ["{claim}.", r"The matrix $M$ is not symmetric. Then {claim}.", r"若 $M$ 不对称，则 {claim}。"],
)
def test_it_does_not_hold_for_any_matrix(words: str) -> None:
    note = FORM + "\n\n" + words.format(claim=r"$\nabla_u q = 2 M u$")
    assert not {"proved", "agrees"} & set(_verdicts(note))


def test_a_wrong_gradient_stays_wrong() -> None:
    note = FORM + "\n\n" + r"For symmetric $M$, $\nabla_u q = M u$."
    assert not {"proved", "agrees"} & set(_verdicts(note))


def _verdicts(note: str) -> list[str]:
    return [claim.verdict for claim in claims_of(note) if "nabla" in claim.source]
