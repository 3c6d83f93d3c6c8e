"""Tables of functions with a column of derivatives."""

from __future__ import annotations

import pytest
from verdicts import claims_of

HEADER = "| Function | Formula | {} |\n|---|---|---|\n"


def said(name: str, formula: str, derivative: str, header: str = "Derivative") -> list[str]:
    """The verdicts on the last cell of a row."""
    note = HEADER.format(header) + f"| {name} | ${formula}$ | ${derivative}$ |\n"
    return [claim.verdict for claim in claims_of(note) if claim.source == derivative]


RIGHT = [
    ("Sigmoid", r"\sigma(x) = \frac{1}{1 + e^{-x}}", r"\sigma(x)(1 - \sigma(x))"),
    ("Sigmoid", r"\frac{1}{1 + e^{-x}}", "f(x)(1 - f(x))"),
    ("Tanh", r"\frac{e^x - e^{-x}}{e^x + e^{-x}}", "1 - y^2"),
    ("Softplus", r"\ln(1 + e^x)", r"\sigma(x)"),
    ("SiLU", r"x \sigma(x)", r"\sigma(x) + x \sigma(x)(1 - \sigma(x))"),
    ("ReLU", r"\max(0, x)", r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}"),
]
WRONG = [
    ("Sigmoid", r"\sigma(x) = \frac{1}{1 + e^{-x}}", r"\sigma(x)(1 + \sigma(x))"),
    ("Tanh", r"\tanh(x)", r"1 - \tanh(x)"),
    ("Softplus", r"\ln(1 + e^x)", r"\sigma'(x)"),
    ("Square", "x^2", "3x"),
]


@pytest.mark.parametrize(("name", "formula", "derivative"), RIGHT)
def test_right(name, formula, derivative):
    assert said(name, formula, derivative) == ["proved"]


@pytest.mark.parametrize(("name", "formula", "derivative"), WRONG)
def test_wrong(name, formula, derivative):
    assert said(name, formula, derivative) == ["refuted"]


@pytest.mark.parametrize("header", ["Derivative at 0", "Maximum derivative", "Second derivative", "Note"])
def test_other_columns_are_left_alone(header):
    assert "refuted" not in said("Sigmoid", r"\frac{1}{1 + e^{-x}}", "0.25", header)
