"""Fractions and roots."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\frac{a}{b}", "(frac a b)"),
        (r"\dfrac{a}{b} + \tfrac{c}{d}", "(sum +(frac a b) +(frac c d))"),
        (r"\frac12", "(frac 1 2)"),
        (r"\frac1N", "(frac 1 N)"),
        (r"\frac 1 {2n}", "(frac 1 (mul 2 n))"),
        (r"\frac\alpha2 x", "(mul (frac alpha 2) x)"),
        (r"\frac{1}{2}(\hat{y} - y)^2", "(mul (frac 1 2) (script (group() (sum +y~hat -y)) _ 2))"),
        (r"{1 \over 1 + e^{-x}}", "(over 1 (sum +1 +(script e _ (neg x))))"),
        (r"\left( a \over b \right)", "(group() (over a b))"),
        (r"\sqrt{x}", "(root x)"),
        (r"\sqrt 2", "(root 2)"),
        (r"\sqrt[3]{x + 1}", "(root (sum +x +1) 3)"),
        (r"\sqrt{x}^2", "(script (root x) _ 2)"),
        (r"\frac{QK^T}{\sqrt{d_k}}", "(frac (mul Q (script K _ T)) (root (script d k _)))"),
        (r"{\frac{a}{b}}^2", "(script (frac a b) _ 2)"),
        (r"\frac{dL}{h_t}", "(frac (mul d L) (script h t _))"),
    ],
)
def test_fractions(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [r"\frac{a}", r"\frac123", r"\frac{1}23", r"\sqrt12", r"\frac{}{b}", r"a \over b",
     r"{a \over b \over c}", r"\frac{a,b}{c}", r"\sqrt"],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)
