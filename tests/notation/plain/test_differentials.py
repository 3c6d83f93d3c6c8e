"""When the first letter of a word is a differential."""

from __future__ import annotations

import pytest

from symnn.notation.plain.differentials import mark_differentials
from symnn.notation.plain.lexer import lex


def marked(text, names=()):
    return [t.value for t in mark_differentials(lex(text, names), names, text) if t.kind == "differential"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("dy/dx", 2),
        ("d/dx f", 2),
        ("dError/dw5", 2),
        ("d²y/dx²", 2),
        ("d(x + 1)/dx", 2),
        ("dσ/dz", 2),
        ("dy_1/dx_2", 2),
    ],
)
def test_derivatives(text, count):
    assert marked(text) == ["d"] * count


@pytest.mark.parametrize("text", ["d1/d2", "dim/dt", "delta/dt", "dy", "dy / x", "x / dx", "d / d", "x_dy/dx"])
def test_no_derivatives(text):
    assert marked(text) == []


def test_known_names_stay_whole():
    assert marked("dx/dt", names={"dx"}) == []
