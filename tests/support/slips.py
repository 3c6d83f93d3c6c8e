"""Slips that people make in a formula, planted one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Add, Expr, Mul, S

from symnn.formula.nodes import Call, Entry, Inside, Total


def slips(formula: Any) -> Iterator[tuple[str, Any]]:
    """The formula with one slip at one place: sign, factor, term, transposed index, dropped sum, wrong tensor."""
    yield "flipped sign", -formula
    if isinstance(formula, Add):
        for term in formula.args:
            yield "dropped term", formula - term
            yield "flipped sign of a term", formula - 2 * term
    if isinstance(formula, Mul):
        for factor in formula.args:
            yield "dropped factor", Mul(*[f for f in formula.args if f is not factor])
            if not isinstance(factor, Inside):  # a condition is its own square
                yield "squared factor", formula * factor
    if isinstance(formula, Total):
        yield "missing sum", formula.body.xreplace({formula.index: S.Zero})
    if isinstance(formula, Entry) and formula.tensor.rank == 2:
        first, second = formula.indices
        if first != second:
            yield "transposed index", Entry(formula.tensor, second, first)
    if isinstance(formula, Call):
        yield "operator taken off", formula.arguments[0]
    if formula.args and not isinstance(formula, Entry | Call):
        for place, argument in enumerate(formula.args):
            if isinstance(argument, Expr) and argument.args:
                for kind, changed in slips(argument):
                    yield kind, formula.func(*formula.args[:place], changed, *formula.args[place + 1 :])
