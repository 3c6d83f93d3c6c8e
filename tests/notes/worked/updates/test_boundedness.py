"""On which side a function is bounded, by its formula."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked.symbol_table import symbol_table_of
from symnn.notes.worked.updates.boundedness import BoundFinder

BELOW = [
    r"(y - t)^2", r"\frac{1}{2}(y - t)^2", r"\frac{1}{N}\sum_n (y_n - t_n)^2", r"\|w\|^2", r"|y - t|", r"-\log p",
    r"-\sum_i t_i \log y_i", r"\log(1 + e^{-m})", r"\max(0, 1 - m)", r"(y - t)^2 + \lambda \|w\|^2",
    r"-(y \log p + (1 - y)\log(1 - p))", r"x^4 - 4x^2 + x + 1", r"3x^2 - 100x",
]  # fmt: skip
ABOVE = [r"-\frac{1}{2}(d - z)^2", r"\log p", r"\sum_i y_i \log p_i", r"-x^2 + 4x", r"1 - (y - t)^2", r"-\|w\|"]
NEITHER = [
    r"y - t", r"x^3", r"(y - t)^2 - \|w\|^2", r"a (y - t)^2", r"\sin x", r"(y - t)^3", r"\log p - \log q", r"w x + b",
    r"\log D + \log(1 - G) - \|w\|^2 + x", r"x y", r"\frac{(y - t)^2}{s}",
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "side"),
    [*((f, "below") for f in BELOW), *((f, "above") for f in ABOVE), *((f, None) for f in NEITHER)],
)
def test_sides(formula: str, side: str | None) -> None:
    context = Context(find(f"$$ Q = {formula} $$\n", name="note.md"))
    (statement,) = context.statements
    finder = BoundFinder(symbol_table_of(context.document, context.statements), statement)
    assert finder.of(statement.steps[0].right.node) == side
