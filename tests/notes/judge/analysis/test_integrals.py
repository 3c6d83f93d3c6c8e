"""Integrals without limits are judged by differentiation."""

from __future__ import annotations

import pytest
from verdicts import said_of


@pytest.mark.parametrize(
    "claim",
    [
        r"\int \sigma(z) dz = \log(1 + e^z)",
        r"\int \sigma(z)\,dz = \log(1 + e^z) + C",
        r"\int x^2 dx = \frac{x^3}{3} + C",
        r"\int e^{2x} dx = \frac{1}{2} e^{2x}",
        r"\int dx = x",
    ],
)
def test_an_antiderivative_is_proved(claim: str) -> None:
    assert said_of(f"$$ {claim} $$")[-1].verdict == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\int \sigma(z) dz = \log(1 + e^{-z})",
        r"\int x^2 dx = \frac{x^3}{2}",
        r"\int e^{2x} dx = 2 e^{2x}",
        r"\int \tanh(x) dx = -\log(\cosh(x))",
    ],
)
def test_another_function_is_refuted(claim: str) -> None:
    claims = said_of(f"$$ {claim} $$")
    assert claims[-1].verdict == "refuted"
    assert not claims[-1].correct


@pytest.mark.parametrize(
    "claim",
    [
        r"\int_0^1 x dx = 1",
        r"\int_{-\infty}^{\infty} p(x) dx = 2",
        r"\int a + b dx = (a + b) x",
        r"\int x^2 dy = \frac{x^3}{3}",
        r"\int \frac{dx}{x} = \log x",
        r"\int x^2 = \frac{x^3}{3}",
    ],
)
def test_other_integrals_are_left_open(claim: str) -> None:
    assert said_of(f"$$ {claim} $$")[-1].verdict in ("undecided", "definition")


@pytest.mark.parametrize("prime", [r"\sigma^{`}", r"\sigma^`", r"\sigma^\prime", r"\sigma^{'}"])
def test_primes_of_all_kinds(prime: str) -> None:
    assert said_of(rf"$$ {prime}(z) = \sigma(z)(1 - \sigma(z)) $$")[-1].verdict == "proved"
    assert said_of(rf"$$ {prime}(z) = \sigma(z)(1 + \sigma(z)) $$")[-1].verdict == "refuted"
