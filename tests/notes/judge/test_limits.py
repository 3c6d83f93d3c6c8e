"""Limits agree where numbers come close to them; numbers refute none."""

from __future__ import annotations

import pytest
from verdicts import said_of

NOTE = r"""
$$ \sigma(z) = \frac{1}{1 + e^{-z}} $$

$$ r(z) = \frac{\sqrt{1 + z} - 1}{z} $$
"""


@pytest.mark.parametrize(
    "claim",
    [
        r"\lim_{z \to \infty} \sigma(z) = 1",
        r"\lim_{z \to -\infty} \sigma(z) = 0",
        r"\lim_{z \to \infty} e^{-z} (1 + z) = 0",
    ],
)
def test_a_limit_that_is_reached_agrees(claim: str) -> None:
    assert said_of(NOTE, f"$$ {claim} $$")[-1].verdict == "agrees"


@pytest.mark.parametrize(
    "claim",
    [
        r"\lim_{z \to \infty} \sigma(z) = 0",
        r"\lim_{z \to -\infty} \sigma(z) = \frac{1}{2}",
        r"\lim_{z \to 0} r(z) = 1",
        r"\lim_{z \to 0} \frac{1}{z} = 0",
        r"\lim_{n \to m} \sigma(n) = 1",
        r"\lim \sigma(z) = 1",
    ],
)
def test_any_other_limit_is_left_open(claim: str) -> None:
    assert said_of(NOTE, f"$$ {claim} $$")[-1].verdict == "undecided"
