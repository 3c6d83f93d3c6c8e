"""What notes say of a function around a condition, in running text and in tables."""

from __future__ import annotations

import pytest
from verdicts import claims_of

RELU = "$f(x) = \\max(0, x)$\n\n"
STEP = "$$ f(x) = \\begin{cases} 1 & \\text{if } x > 0 \\\\ 0 & \\text{otherwise} \\end{cases} $$\n\n"
SIGMOID = "$s(x) = \\frac{1}{1 + e^{-x}}$\n\n"


def said(note: str) -> set[str]:
    """The verdicts in a note below its first paragraph."""
    return {claim.verdict for claim in claims_of(note) if claim.line > 2}


@pytest.mark.parametrize(
    "note",
    [
        RELU + "It is not differentiable at $x = 0$.",
        RELU + "For $x < 0$ the gradient is zero.",
        RELU + "The derivative is 0 for $x < 0$.",
        RELU + "$x = 0$에서는 미분 불가능",
        STEP + "At $x = 0$ it is not differentiable.",
        STEP + "$(x > 0)$에서도 도함수가 0",
        SIGMOID + "| Item | Value |\n|---|---|\n| Differentiable | everywhere |\n",
        RELU + "| Item | Value |\n|---|---|\n| Differentiable | almost everywhere |\n",
    ],
)
def test_what_holds(note):
    assert "agrees" in said(note)


@pytest.mark.parametrize(
    "note",
    [
        RELU + "It is not differentiable at $x = 1$.",
        RELU + "For $x > 0$ the gradient is zero.",
        RELU + "For $x < 0$ the gradient is 0.01.",
        RELU + "At $x = 0$, is it not differentiable?",
        SIGMOID + "It is not differentiable at $x = 0$.",
        SIGMOID + "The slope is 0 for $x > 5$.",
        RELU + "| Item | Value |\n|---|---|\n| Differentiable | everywhere |\n",
        "# A\n\n" + RELU + "# B\n\nIt is not differentiable at $x = 0$.",
    ],
)
def test_what_does_not_hold_is_not_confirmed(note):
    assert not said(note.replace("# A\n\n", "# A\n")) & {"agrees", "proved"}
