"""Traces: tables whose rows continue each other, such as the steps of gradient descent.

A trace has columns for a state (``x``, or ``x1`` and ``x2``) and a rule for the next one: a header like
``x - 0.1×f'(x)``, or the update rule of the document. It counts as one only where several pairs of neighbouring rows
bear the rule out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as changed
from fractions import Fraction
from typing import Any

from sympy import Rational

from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Node
from symnn.notes.judge.links import is_assignment
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in, put, symbol
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import name_of, plain
from symnn.notes.worked.tables.sheet_view import SheetView
from symnn.notes.worked.tables.sheets import Column, Entry, Row, bare_text
from symnn.notes.worked.valuations import Valuation

MAX_STEPS = 5000
CONFIRMING = 2


@dataclass(frozen=True)
class Rule:
    """How each name of the state goes on: formulas in the names of the state, with everything else put in.

    `slopes` are their derivatives; with them a step of an interval stays as narrow as it is.
    """

    nodes: Mapping[str, Node]
    formulas: Mapping[str, Any]
    slopes: Mapping[tuple[str, str], Any]
    reader: FormulaReader

    def next(self, state: Mapping[str, Interval]) -> dict[str, Interval]:
        """One step. Raises Unclear."""
        return {name: self._one(name, state) for name in self.formulas}

    def _one(self, name: str, state: Mapping[str, Interval]) -> Interval:
        natural = evaluate(self.formulas[name], Numbers(state, self.reader))
        if all(value.is_point for value in state.values()):
            return natural
        # The mean value theorem: g(X) lies in g(m) + g'(X) (X - m).
        middle = evaluate(
            self.formulas[name], Numbers({n: point(value.middle) for n, value in state.items()}, self.reader)
        )
        for other, value in state.items():
            slope = self.slopes.get((name, other))
            if slope is not None:
                middle = middle + evaluate(slope, Numbers(state, self.reader)) * (value - point(value.middle))
        lo, hi = max(natural.lo, middle.lo), min(natural.hi, middle.hi)
        return Interval(lo, hi) if lo <= hi else natural


@dataclass
class Trace:
    """A table that is a trace: where its state stands, where its next state, and which step each row is.

    `counted` says that a column numbers the steps. `unit` is the coarsest unit in which each name is printed.
    """

    view: SheetView
    states: dict[str, Column]
    following: dict[str, Column]
    rule: Rule
    steps: dict[int, int]
    counted: bool
    unit: dict[str, Fraction] = field(default_factory=dict)

    def state(self, row: Row, columns: Mapping[str, Column] | None = None) -> dict[str, Printed] | None:
        """The state that a row prints; None where a part of it is missing."""
        found: dict[str, Printed] = {}
        for name, column in (self.states if columns is None else columns).items():
            number = number_of(row, column, name)
            if number is None:
                return None
            found[name] = number
        return found


def number_of(row: Row, column: Column, name: str) -> Printed | None:
    """The number that a column of one or several names prints for a name."""
    entry = row.entries.get(column.place)
    if entry is None or len(entry.numbers) != len(column.names):
        return None
    return entry.numbers[column.names.index(name)]


def find_trace(view: SheetView) -> Trace | None:
    """The trace that a table is; None where its rows do not bear out a rule."""
    states: dict[str, Column] = {}
    following: dict[str, Column] = {}
    for column in view.sheet.columns:
        for name in column.names:
            if name not in states:
                states[name] = column
            elif name not in following:
                following[name] = column
    index = view.index_column()
    for names in _candidates(view, states, following, index):
        rule = _rule(view, names)
        steps = None if rule is None else _steps(view, index)
        if rule is None or steps is None:
            continue
        trace = Trace(
            view,
            {name: states[name] for name in names},
            {n: c for n, c in following.items() if n in names},
            rule,
            steps,
            index is not None,
        )
        if _confirmed(trace):
            if not _goes_on(trace):
                trace.following.clear()
            for name, column in trace.states.items():
                numbers = [number for row in view.rows if (number := number_of(row, column, name)) is not None]
                trace.unit[name] = max((n.unit for n in numbers if not n.whole), default=Fraction(1))
            return trace
    return None


def _candidates(
    view: SheetView, states: Mapping[str, Column], following: Mapping[str, Column], index: Column | None
) -> Iterator[tuple[str, ...]]:
    """The sets of names that may be the state: those with a next column, else those with an update rule."""
    leaves = [name for name, column in states.items() if view.symbols.is_leaf(name) and column is not index]
    with_next = tuple(name for name in leaves if name in following)
    if with_next:
        yield with_next
    ruled = tuple(name for name in leaves if _update_node(view, name) is not None)
    if ruled and ruled != with_next:
        yield ruled


def _rule(view: SheetView, names: Sequence[str]) -> Rule | None:
    """The rule for a state: from the headers, else from the document."""
    at = view.sheet.at
    if at is None:
        return None
    reader = FormulaReader(view.symbols, at)
    nodes: dict[str, Node] = {}
    formulas: dict[str, Any] = {}
    needed: set[str] = set()
    for name in names:
        node = _update_node(view, name)
        if node is None:
            return None
        try:
            formula = reader.read(node)
            needed |= view.valuations.leaves(formula, reader) - set(names)
        except Unclear:
            return None
        if needed & {other for column in view.sheet.columns for other in column.names}:
            return None  # the rule changes from row to row
        if not reader.closure(formula - symbol(name)) & set(names):
            return None  # a shift by a constant: points at equal distances
        nodes[name], formulas[name] = node, formula
    valuations: list[Valuation] = view.valuations.of_leaves(needed, at) if needed else []
    if needed and not valuations:
        return None
    given = {
        n: Rational(v.value.numerator, v.value.denominator)
        for n, v in (valuations[0].numbers if valuations else {}).items()
    }
    try:
        formulas = {name: put(_closed(reader, formula, names), given) for name, formula in formulas.items()}
        slopes = {(n, m): differentiate(f, symbol(m)) for n, f in formulas.items() for m in names if m in names_in(f)}
    except (Unclear, DifferentiationError):
        return None
    return Rule(nodes, formulas, slopes, reader)


def _closed(reader: FormulaReader, formula: Any, names: Sequence[str]) -> Any:
    """The formula with every definition put in, so that it mentions the state and what is given only."""
    for name in names:
        formula = reader.through(formula, name)
    return formula


def _update_node(view: SheetView, name: str) -> Node | None:
    """The right side of the update of a name: a header that begins with it, else the document's own rule."""
    for column in view.sheet.columns:
        node = None if column.formula is None else plain(column.formula)
        if column.left is not None and name_of(column.left) is None:
            continue  # ``f(x) = x - 3`` is a function, not a rule
        if (
            isinstance(node, t.Sum)
            and len(node.terms) > 1
            and node.terms[0].sign == "+"
            and name_of(node.terms[0].term) == name
        ):
            return node
    at = view.sheet.at
    for statement in reversed([s for s in view.symbols.statements if at is not None and s.order < at.order]):
        left = statement.first.node
        if len(statement.steps) != 1 or not _shares_section(statement.section, at.section if at else ()):
            continue
        right = statement.steps[0].right.node
        if not is_assignment(left, right):
            continue
        if name_of(left) == name:
            return right
        if isinstance(left, t.Script) and left.sup is None and name_of(left.base) == name:
            return _without_time(right, left)
    return None


def _without_time(node: Node, left: t.Script) -> Node:
    """The right side of ``x_{k+1} = x_k - …`` with x for ``x_k``."""

    def change(part: Node) -> Node:
        if isinstance(part, t.Script) and part.base == left.base and part.sub is not None and part.sup is None:
            return changed(left.base, span=part.span)
        return part

    return replace(node, change)


def _shares_section(one: Sequence[str], other: Sequence[str]) -> bool:
    return (
        not one
        or not other
        or one[: max(1, min(len(one), len(other)) - 1)] == other[: max(1, min(len(one), len(other)) - 1)]
    )


def _steps(view: SheetView, index: Column | None) -> dict[int, int] | None:
    """How many steps after the first row each row is; rows behind a gap that nothing counts are left out."""
    found: dict[int, int] = {}
    if index is not None:
        first: Fraction | None = None
        for row in view.rows:
            number = row.number(index.place)
            if number is None:
                continue
            if not _is_bare(row.entries[index.place]):
                break  # words beside a count may say that something else begins
            first = number.value if first is None else first
            if number.value - first <= MAX_STEPS:
                found[row.place] = int(number.value - first)
        return found if len(found) > 1 else None
    for count, row in enumerate(view.sheet.rows):
        if row.is_gap or row.place in view.summaries:
            break
        found[row.place] = count
    return found if len(found) > 1 else None


def _is_bare(entry: Entry) -> bool:
    """Whether a cell holds nothing but its number."""
    return len(bare_text(entry.cell.text)) == len(entry.span.text.strip())


def _confirmed(trace: Trace) -> bool:
    """Whether neighbouring rows follow the rule, at least twice: one wrong row spoils the steps to it and from it."""
    rows = {trace.steps[row.place]: row for row in trace.view.rows if row.place in trace.steps}
    pairs = [
        (row, trace.state(rows[step + 1]) if step + 1 in rows else trace.state(row, trace.following))
        for step, row in rows.items()
    ]
    found = _followed(trace, pairs)
    return CONFIRMING <= sum(found) >= len(found) - sum(found)


def _goes_on(trace: Trace) -> bool:
    """Whether the second column of each name holds the next state: at least twice, and more often than not."""
    found = _followed(trace, [(row, trace.state(row, trace.following)) for row in trace.view.rows])
    return CONFIRMING <= sum(found) > len(found) - sum(found)


def _followed(trace: Trace, pairs: Sequence[tuple[Row, dict[str, Printed] | None]]) -> list[bool]:
    """For each row with a state after it whether the rule leads there."""
    found = []
    for row, after in pairs:
        state = trace.state(row)
        if state is None or not after or after.keys() != state.keys():
            continue
        try:
            value = trace.rule.next({name: number.range for name, number in state.items()})
        except Unclear:
            continue
        found.append(all(value[name].gap(after[name].range) == 0 for name in after))
    return found
