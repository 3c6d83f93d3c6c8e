"""The right formula is told in the terms of the document, with the slip that was made."""

from __future__ import annotations

import pytest
from verdicts import said_of

NOTE = r"""
Let $x \in \mathbb{R}^n$, $W \in \mathbb{R}^{m \times n}$ and $t \in \mathbb{R}^m$.

$$ a = W x $$

$$ h = \tanh(a) $$

$$ L = \frac{1}{2} \|h - t\|^2 $$

$$ \frac{\partial L}{\partial h} = h - t $$
"""
A = r"$$ \frac{\partial L}{\partial a} = \frac{\partial L}{\partial h} \odot (1 - h \odot h) $$"
W = r"$$ \frac{\partial L}{\partial W} = \frac{\partial L}{\partial a} x^\top $$"
X = r"$$ \frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial a} $$"


def test_what_is_right() -> None:
    assert {claim.verdict for claim in said_of(NOTE, A, W, X)} == {"proved"}


@pytest.mark.parametrize(
    ("wrong", "slip", "correct"),
    [
        (X.replace(r"W^\top", "W"), "transpose", "∂L/∂x = Wᵀ ∂L/∂a"),
        (W.replace(r"\partial a} x", r"\partial h} x"), "wrong variable", "∂L/∂W = ∂L/∂a xᵀ"),
        (A.replace(r"\frac{\partial L}{\partial h} \odot ", ""), "missing factor", "∂L/∂a = ∂L/∂h ⊙ (1 - h ⊙ h)"),
        (A.replace(r" \odot (1 - h \odot h)", ""), "missing factor", "∂L/∂a = ∂L/∂h ⊙ (1 - h ⊙ h)"),
        (A.replace("(1 - h", "(- h"), "missing term", ""),
    ],
)  # fmt: skip
def test_one_slip(wrong: str, slip: str, correct: str) -> None:
    claims = said_of(NOTE, A, W, X, wrong)
    assert [claim.verdict for claim in claims[:-1]] == ["proved"] * (len(claims) - 1)
    assert claims[-1].verdict == "refuted"
    assert (claims[-1].slip, claims[-1].correct if correct else "") == (slip, correct)
