r"""Cells under a header such as *Derivative*: ``| Sigmoid | \frac{1}{1 + e^{-x}} | f(x)(1 - f(x)) |``.

A cell holds the derivative of the function of its row, in the variable of that function, or in its value: ``f(x)`` and
``y`` may stand for it. At a kink a derivative may be any number, so a wrong one differs at several points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

from symnn.formula.normal import Normalizer
from symnn.formula.polynomial import TooLarge
from symnn.notes.find.document import Table
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.named.titles import is_derivative_header
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import shown
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in, put, symbol
from symnn.notes.worked.names import name_of
from symnn.notes.worked.outcome import Outcome, claim_of_cell, is_one_formula
from symnn.notes.worked.subjects import FREE, Subject, of_row
from symnn.notes.worked.symbol_table import SymbolTable

_SPECIAL = re.compile(r"\bat\b|\bmax|\bmin|range|\d|second|order|''|loss|error|최대|최소|범위|손실|소실", re.IGNORECASE)
"""Headers of other things than derivatives as functions: the largest value of one, its value at a point."""

PLACES = tuple(Fraction(n, 7) for n in (-23, -11, -5, -2, 1, 3, 6, 13, 25))
AGREEING = 4
FUNCTIONS = ("f", "g", "h")
VALUES = frozenset("yah")
"""What the function of a row, and its value, may be called in the cell of its derivative."""


def judge_derivative_cells(symbols: SymbolTable, tables: Iterable[Table]) -> Iterator[Claim]:
    """The claims of cells that give the derivative of the function of their row."""
    for table in tables:
        for place, header in enumerate(table.header):
            if not place or not is_derivative_header(header.text) or _SPECIAL.search(header.text):
                continue
            for number, row in enumerate(table.rows):
                statements = list(symbols.cells.get((table.id, number, place), ()))
                if len(statements) != 1 or not is_one_formula(row[place]):
                    continue
                subject = of_row(symbols, table, number, place)
                outcome = None if subject is None else judged(symbols, statements[0], subject)
                if outcome is not None:
                    yield claim_of_cell(row[place], outcome)


def judged(symbols: SymbolTable, statement: Statement, subject: Subject) -> Outcome | None:
    """What is said of a cell; None where it is not understood."""
    if any(step.operator not in ("=", ":=", "equiv") for step in statement.steps) or statement.doubt:
        return None
    reading = f"the derivative of {subject.name}"
    try:
        slope = subject.slope()
    except Unclear:
        return None
    found = []
    for own in (False, True):
        try:
            found.append(_compared(slope, _read(symbols, statement, subject, own=own), reading))
        except Unclear:
            continue
    for verdict in ("proved", "agrees"):
        best = next((outcome for outcome in found if outcome is not None and outcome.verdict == verdict), None)
        if best is not None:
            return best
    return found[0] if found and None not in found else None


def _compared(slope: Subject, formula: Any, reading: str) -> Outcome | None:
    """Proved, equal at all points, or different at several; None for one point alone, which may be a kink."""
    claimed = Subject("", formula, True)
    if _equal(slope.formula, formula):
        return Outcome("proved", f"it is {reading}", reading)
    found = []
    for place in PLACES:
        try:
            found.append((place, slope.at(place), claimed.at(place)))
        except Unclear:
            continue
    apart = [(place, one, other) for place, one, other in found if one.gap(other) > 0]
    if len(found) < AGREEING or len(apart) == 1:
        return None
    if not apart:
        return Outcome("agrees", f"it has the values of {reading} at {len(found)} points", reading)
    if not names_in(formula):
        return None
    place, one, other = apart[0]
    reason = f"at {shown(place)} the derivative is {shown(one.middle)}, and this {shown(other.middle)}"
    return Outcome("refuted", reason, reading, "", "", reason)


def _read(symbols: SymbolTable, statement: Statement, subject: Subject, *, own: bool) -> Any:
    """The formula of a cell in `FREE`; with `own` the function of the row is called f, g or h there, and its value y or a.

    Raises Unclear where it mentions what is neither the variable nor the function.
    """
    node = statement.steps[-1].right.node if statement.steps else statement.first.node
    if name_of(node) is not None and not subject.parameter:
        raise Unclear("a name alone")
    functions = dict.fromkeys(FUNCTIONS, lambda x: put(subject.formula, {FREE: x})) if own else {}
    formula = FormulaReader(symbols, statement, functions).read(node)
    names = names_in(formula)
    values = dict.fromkeys(names & VALUES - {subject.parameter}, subject.formula) if own else {}
    rest = names - values.keys()
    if len(rest) > 1 or (subject.parameter and rest - {subject.parameter}):
        raise Unclear("a name of which the row says nothing")
    return put(formula, {**values, **dict.fromkeys(rest, symbol(FREE))})


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(Normalizer().normal(one - other).is_zero)
    except (TooLarge, ZeroDivisionError, ValueError, RecursionError):
        return False
