"""Tables that give the ranges of functions."""

from __future__ import annotations

import pytest
from verdicts import claims_of


def said(note: str, source: str) -> list[str]:
    """The verdicts on the cells of a note with this text."""
    return [claim.verdict for claim in claims_of(note) if claim.source == source]


def row(name: str, interval: str) -> str:
    """A table with one function and its range."""
    return f"| Function | Output range |\n|---|---|\n| {name} | {interval} |\n"


@pytest.mark.parametrize(
    ("name", "interval"),
    [("Sigmoid", "(0, 1)"), ("tanh", "(-1, 1)"), ("ReLU", "[0, ∞)"), ("GELU", "(-0.17, ∞)"), ("hard tanh", "[-1, 1]")],
)
def test_right(name, interval):
    assert said(row(name, interval), interval) == ["agrees"]


@pytest.mark.parametrize(
    ("name", "interval"), [("Sigmoid", "(-1, 1)"), ("tanh", "(0, 1)"), ("ReLU", "[0, 1]"), ("softplus", "(1, ∞)")]
)
def test_wrong(name, interval):
    assert said(row(name, interval), interval) == ["refuted"]


def test_the_function_defined_before_the_table():
    note = "$$ g(z) = \\frac{{1}}{{1 + e^{{-z}}}} $$\n\n| Item | Value |\n|---|---|\n| Range | {} |\n"
    assert said(note.format("(0, 1)"), "(0, 1)") == ["agrees"]
    # another function may be meant
    assert "refuted" not in said(note.format("(0, 2)"), "(0, 2)")


def test_the_function_of_the_heading():
    note = "# Notes\n\n$g(z) = z^2$\n\n## Tanh\n\n| Item | Value |\n|---|---|\n| Range | (-1, 1) |\n"
    assert said(note, "(-1, 1)") == ["agrees"]


def test_an_interval_is_no_formula_of_its_function():
    note = "| Function | Where |\n|---|---|\n| GELU | $(a, \\infty)$ |\n"
    assert "refuted" not in [claim.verdict for claim in claims_of(note)]
