"""Columns of formulas and of their derivatives: ``x² | 2x``, ``1/(1+e^(-x)) | sigmoid(x)×(1-sigmoid(x))``.

Headers such as *Formula* and *Gradient* are words; that a column holds the derivatives of another shows in two of its
rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.normal import Normalizer
from symnn.formula.polynomial import TooLarge
from symnn.notation.to_text import to_text
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in, symbol
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.symbol_table import has_names
from symnn.notes.worked.tables.sheet_view import SheetView
from symnn.notes.worked.tables.sheets import Column, Entry, Row

CONFIRMING = 2


def judge_derivative_columns(view: SheetView) -> Iterator[Claim]:
    """The claims that a column makes whose cells are the derivatives of another column's."""
    plain = [column for column in view.sheet.columns if column.is_plain]
    for place, one in enumerate(plain):
        for other in plain[place + 1 :]:
            rows = [row for row in view.rows if _both(row, one, other)]
            found = [row for row in rows if _is_derivative(view, row, one, other)]
            if len(found) >= CONFIRMING and 2 * len(found) > len(rows):
                for row in found:
                    entry = row.entries[other.place]
                    reading = f"the derivative of {to_text(row.entries[one.place].pieces[0])}"
                    yield claim_of_span(entry.span, Outcome("proved", f"it is {reading}", reading))


def _both(row: Row, one: Column, other: Column) -> bool:
    return all((entry := row.entries.get(c.place)) is not None and _is_formula(entry) for c in (one, other))


def _is_formula(entry: Entry) -> bool:
    return len(entry.pieces) == 1 and not entry.remarks and entry.leads and not entry.numbers


def _is_derivative(view: SheetView, row: Row, one: Column, other: Column) -> bool:
    """Whether one formula, in one variable and not linear, has the other as its derivative."""
    first, second = row.entries[one.place], row.entries[other.place]
    if not has_names(first.pieces[0]):
        return False
    reader = FormulaReader(view.symbols, first.statement)
    try:
        formula, claimed = reader.read(first.pieces[0]), reader.read(second.pieces[0])
        names = names_in(formula)
        if len(names) != 1 or not names_in(claimed) <= names or formula == claimed:
            return False
        return _equal(differentiate(formula, symbol(names.pop())), claimed)
    except (Unclear, DifferentiationError):
        return False


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(Normalizer().normal(one - other).is_zero)
    except (TooLarge, ZeroDivisionError, ValueError, RecursionError):
        return False
