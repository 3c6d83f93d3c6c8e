"""Bounds of functions of one number: held ones agree, broken ones are wrong only where they are no condition."""

from __future__ import annotations

import pytest
from verdicts import claims_of


def verdicts(note: str) -> list[str]:
    """The verdicts on the inequalities of a note."""
    return [claim.verdict for claim in claims_of(note + "\n") if any(sign in claim.source for sign in "≤≥<>")]


@pytest.mark.parametrize(
    "claim",
    [
        r"\sigma'(z) \leq \frac{1}{4}",
        r"\sigma'(z) = \sigma(z)(1 - \sigma(z)) \leq \frac{1}{4}",
        r"\sigma(1 - \sigma) \le 1/4",
        r"\tanh'(x) \leq 1",
        r"1 - \tanh^2(x) \geq 0",
        r"|\tanh(x)| \leq 1",
        r"0 < \sigma(z)",
        r"\sigma(z) < 1",
        r"e^{x} > 0",
        r"f(x) = x^2 - 6x + 5 = (x - 3)^2 - 4 \ge -4",
    ],
)
def test_bounds_that_hold(claim: str) -> None:
    assert verdicts(f"$$ {claim} $$") == ["agrees"]


@pytest.mark.parametrize(
    "claim",
    [
        r"\sigma'(z) \leq \frac{1}{5}",
        r"\sigma'(z) = \sigma(z)(1 - \sigma(z)) \leq \frac{6}{25}",
        r"\sigma'(z) \geq \frac{1}{4}",
        r"\tanh'(x) \leq \frac{1}{2}",
        r"f(x) = x^2 - 6x + 5 = (x - 3)^2 - 4 \ge -3",
        r"f(x) = x^2 - 2x = (x - 1)^2 - 1 \ge -0.999",
    ],
)
def test_bounds_that_are_broken(claim: str) -> None:
    assert verdicts(f"$$ {claim} $$") == ["refuted"]


@pytest.mark.parametrize(
    "note",
    [
        r"The unit predicts 1 where $\sigma(z) \geq 0.5$.",
        r"If $\sigma'(z) \leq 0.01$ the unit is saturated.",
        r"$$ \sigma(z) \geq 0.5 $$",
        r"$$ \sigma'(z) < \frac{1}{4} $$",
        r"$$ y = 1 \iff \sigma(z) \ge 0.5 \iff z \ge 0 $$",
        r"Let $\lambda \geq 0$ and $n \geq 1$ be given, with $y (w x + b) \geq 1$.",
        r"$$ f(x) = \begin{cases} 1 & x > 0 \\ 0 & x \leq 0 \end{cases} $$",
        r"$$ \log(p) \leq 0 $$",
        r"$$ p(1 - q) \leq \frac{1}{4} $$",
    ],
)
def test_conditions_are_no_claims(note: str) -> None:
    assert not {"refuted", "agrees", "proved"} & set(verdicts(note))
