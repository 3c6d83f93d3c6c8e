"""Statements: displays taken apart, chains put together."""

from __future__ import annotations

import pytest

from symnn.notation.to_text import to_text
from symnn.notes.find import find
from symnn.notes.read.statements import Statement, collect
from symnn.notes.read.symbols import Table


def statements(text: str) -> tuple[Statement, ...]:
    return collect(find(text, name="note.md")).statements


def shown(statement: Statement) -> str:
    parts = [to_text(statement.first.node)]
    for step in statement.steps:
        parts += [step.operator, to_text(step.right.node)]
    return " ".join(parts)


CASES = {
    "side by side": (r"$$ a = 1, \quad b = 2 \qquad c = 3 $$", ["a = 1", "b = 2", "c = 3"]),
    "one declaration for several": (r"$x, y \in \mathbb{R}$", ["x in ℝ", "y in ℝ"]),
    "rows": ("$$\n\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}\n$$", ["a = b", "c = d"]),
    "a chain over rows": ("$$\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n$$", ["a = b = c"]),
    "a chain over displays": ("$$ a = b $$\n\n$$ = c $$", ["a = b = c"]),
    "a chain that a display left open": ("$$ a = $$\n\n$$ b $$", ["a = b"]),
    "no chain over prose": ("$$ a = b $$\n\nAnd now something else.\n\nMore.\n\n$$ = c $$", ["a = b"]),
    "a label": ("$$ \\text{(i)} \\quad a = b $$", ["a = b"]),
    "a function's type": (r"$f: \mathbb{R} \to \mathbb{R}$", ["f mapsto ℝ"]),
}


@pytest.mark.parametrize("name", CASES)
def test_statements(name: str) -> None:
    text, wanted = CASES[name]
    assert [shown(s) for s in statements(text) if s.steps] == wanted


def test_ranges_belong_to_the_statement_before() -> None:
    (only,) = statements(r"$$ a_i = b_i, \quad i = 1, \dots, m $$")
    assert [(r.letter.base, to_text(r.first), to_text(r.last)) for r in only.ranges] == [("i", "1", "m")]
    (only,) = statements(r"$$ a_i = b_i \quad \text{for } i \in \{1, \dots, m\} $$")
    assert len(only.ranges) == 1
    assert not only.doubt


def test_conditions_are_kept_as_doubt() -> None:
    first, *_ = statements(r"$$ y = 1 \text{ if } x > 0 $$")
    assert "condition" in first.doubt
    table = Table(statements(r"$$ y = 1 \text{ if } x > 0 $$"))
    assert not any(table.definitions.values())
    assert not any(table.given.values())


def test_what_does_not_parse_is_kept_as_a_failure() -> None:
    collected = collect(find("$$ a = \\foo $$\n\n$$ b = 1 $$", name="note.md"))
    assert [shown(s) for s in collected.statements] == ["b = 1"]
    (failure,) = collected.failures
    assert (failure.error.line, failure.error.column) == (1, 8)
    assert failure.may_define({"a"}, ())
    assert not failure.may_define({"b"}, ())


def test_code_is_no_formula_and_plain_fences_are() -> None:
    text = "```python\nx = 3\n```\n\n```math\ny = x^2\n```\n\nso z = 4 holds\n"
    found = {shown(s): s.primary for s in statements(text) if s.steps}
    assert found.pop("y = x²") is True
    assert "x = 3" not in found
    assert not any(found.values())


SORTED = {
    "definition": ("$$ a = b + 1 $$", "definitions"),
    "function": ("$$ f(x) = x^2 $$", "functions"),
    "declaration": (r"$a \in \mathbb{R}^n$", "declarations"),
    "number": ("$a = 3$", "given"),
    "matrix of numbers": (r"$$ a = \begin{bmatrix} 1 & 2 \end{bmatrix} $$", "given"),
    "bound": ("$a > 0$", "bounds"),
    "unknown function": (r"$a: \mathbb{R} \to \mathbb{R}$", "unknown_functions"),
    "fact": (r"$\sum_i a_i = 1$", "facts"),
    "symmetry": (r"$A = A^\top$", "facts"),
    "gradient": (r"$$ \frac{\partial L}{\partial a} = b $$", "claims"),
    "differential": (r"$$ dW = \delta x^\top $$", "claims"),
    "change": (r"$$ \Delta w = -\eta g $$", "claims"),
    "name for a gradient": (r"$$ \delta = \frac{\partial L}{\partial a} $$", "claims"),
    "derivative of a function": ("$$ f'(x) = 2x $$", "claims"),
    "assignment": (r"$$ w \leftarrow w - \eta g $$", "updates"),
    "update": (r"$$ w = w - \eta g $$", "updates"),
}


@pytest.mark.parametrize("name", SORTED)
def test_sorting(name: str) -> None:
    text, wanted = SORTED[name]
    table = Table(statements(text))
    kinds = (
        "definitions",
        "functions",
        "declarations",
        "given",
        "bounds",
        "unknown_functions",
        "facts",
        "claims",
        "updates",
    )
    found = [
        kind for kind in kinds
        if (any(entries.values()) if isinstance(entries := getattr(table, kind), dict) else bool(entries))
    ]  # fmt: skip
    assert found == [wanted]
