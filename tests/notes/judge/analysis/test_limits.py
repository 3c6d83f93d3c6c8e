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


def verdict(claim: str, *before: str) -> str:
    return said_of(*before, f"$$ {claim} $$")[-1].verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{d}{dx}(x^2) = \lim_{h \to 0} \frac{(x+h)^2 - x^2}{h}",
        r"\lim_{h \to 0} \frac{x^2 + 2xh + h^2 - x^2}{h} = \lim_{h \to 0} \frac{2xh + h^2}{h}",
        r"\lim_{h \to 0} (2x + h) = 2x",
        r"\lim_{x \to 0} \frac{\sin x}{x} = 1",
        r"\lim_{x \to 0} \frac{1 - \cos x}{x^2} = \frac{1}{2}",
        r"f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}",
        r"\frac{df}{dx} = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}",
        r"f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x - h)}{2h}",
    ],
)
def test_a_limit_at_a_number_is_worked_out(claim: str) -> None:
    assert verdict(claim) == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{d}{dx}(x^2) = \lim_{h \to 0} \frac{(x+h)^2 - x}{h}",
        r"\lim_{h \to 0} \frac{2xh + h^2}{h} = x",
        r"\lim_{x \to 0} \frac{\sin x}{x} = 0",
        r"\lim_{x \to 0} \frac{1}{x} = 0",
        r"\lim_{x \to 0} \frac{|x|}{x} = 1",
        r"f'(x) = \lim_{h \to 0} \frac{f(x + h) + f(x)}{h}",
        r"f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{2h}",
        r"\frac{df}{dx} = \lim_{h \to 0} \frac{f(x) - f(x + h)}{h}",
        r"f'(x) = \lim_{h \to 1} \frac{f(x + h) - f(x)}{h}",
    ],
)
def test_a_limit_that_is_another_is_not_confirmed(claim: str) -> None:
    assert verdict(claim) in ("refuted", "undecided")


def test_the_function_of_a_document_is_put_in() -> None:
    assert verdict(r"\frac{df}{dx} = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}", "Let $f(x) = x^n$.") == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"f'(x) \approx \frac{f(x + \epsilon) - f(x - \epsilon)}{2\epsilon}",
        r"\frac{\partial f}{\partial x} \approx \frac{f(x + h) - f(x)}{h}",
        r"f''(x) \approx \frac{f(x + h) - 2f(x) + f(x - h)}{h^2}",
    ],
)
def test_a_difference_quotient_is_meant_for_small_steps(claim: str) -> None:
    assert verdict(claim) == "agrees"


@pytest.mark.parametrize(
    "claim",
    [
        r"f'(x) \approx \frac{f(x + \epsilon) - f(x - \epsilon)}{\epsilon}",
        r"f'(x) \approx \frac{f(x + \epsilon) + f(x - \epsilon)}{2\epsilon}",
        r"\frac{\partial f}{\partial x} \approx \frac{f(x + h) - f(x)}{2h}",
        r"f''(x) \approx \frac{f(x + h) - f(x) + f(x - h)}{h^2}",
        r"f''(x) \approx \frac{f(x + h) - 2f(x) + f(x - h)}{h}",
    ],
)
def test_a_difference_quotient_of_something_else_is_not_confirmed(claim: str) -> None:
    assert verdict(claim) in ("refuted", "undecided")
