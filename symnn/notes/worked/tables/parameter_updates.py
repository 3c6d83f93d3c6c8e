"""Tables of updates: ``w1 | 1 | 924 | 1 - 0.0001×924 | 0.9076``, one row for each parameter.

A calculation ``a - b×c`` beside the name of a parameter is the update rule of the document with numbers put in: a is
the parameter's value, b the learning rate, c the gradient. The gradient may be that of one example, their sum or their
mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim, Verdict
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.alignment import factors
from symnn.notes.worked.digits import Printed, printed, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import name_of, plain
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.symbol_table import SymbolTable
from symnn.notes.worked.tables.sheet_view import SheetView, number_place
from symnn.notes.worked.tables.sheets import Entry, Row
from symnn.notes.worked.updates.update_rules import UpdateRule, base_of, rules_of, summands
from symnn.notes.worked.valuations import ELSEWHERE, Valuation

CONFIRMING = 2


@dataclass(frozen=True, slots=True)
class ParameterUpdate:
    """A row that updates a parameter: its name, its old value, the rate, the gradient, and the cell of the gradient."""

    row: Row
    name: str
    old: Printed
    rate: Printed
    gradient: Printed
    sign: str
    entry: Entry
    old_entry: Entry | None


@dataclass(frozen=True, slots=True)
class Gradient:
    """A value that the gradient of a update may have: of one example, or combined over the rows of a table."""

    value: Interval
    kind: str
    told: str
    likely: bool


def parameter_updates_of(view: SheetView) -> list[ParameterUpdate]:
    """The rows of a table that update parameters."""
    found = []
    for row in view.rows:
        first = row.entries.get(0)
        name = None if first is None or len(first.pieces) > 1 else name_of(first.pieces[0])
        if name is None or not view.symbols.is_leaf(name) or not view.symbols.knows(name):
            continue
        for place, entry in row.entries.items():
            update = _slot(view, row, name, place, entry)
            if update is not None:
                found.append(update)
                break
    return found


def _slot(view: SheetView, row: Row, name: str, place: int, entry: Entry) -> ParameterUpdate | None:
    node = plain(entry.pieces[0])
    if not isinstance(node, t.Sum) or len(node.terms) != 2 or node.terms[0].sign != "+":
        return None
    old, step = printed(node.terms[0].term), plain(node.terms[1].term)
    if old is None or not isinstance(step, t.Product):
        return None
    parts = [printed(factor) for factor in factors(step, view.symbols)]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        return None
    cells = {number: other for number, other in row.entries.items() if 0 < number < place}
    gradient = next((other for other in reversed(cells.values()) if _is(other, parts[1])), None)
    before = next((other for other in cells.values() if _is(other, old) and other is not gradient), None)
    if gradient is None:
        return None
    return ParameterUpdate(row, name, old, parts[0], parts[1], node.terms[1].sign, gradient, before)


def _is(entry: Entry, number: Printed) -> bool:
    return entry.number is not None and entry.number.value == number.value and not entry.remarks


def judge_parameter_updates(view: SheetView) -> Iterator[Claim]:
    """The claims that old values and gradients in a table of updates make."""
    updates = parameter_updates_of(view)
    rules = [rule for rule in rules_of(view.symbols, view.symbols.statements) if not rule.change]
    for update in updates:
        if update.old_entry is not None and _in_force(view, update):
            outcome = Outcome("agrees", f"{update.name} = {update.old} is in force here", update.name)
            yield claim_of_span(update.old_entry.span, outcome, number_place(update.old_entry))
    choices = {update.row.place: list(_gradients(view, update, rules)) for update in updates}
    fitting = {
        update.row.place: [g for g in choices[update.row.place] if update.gradient.shows(g.value)] for update in updates
    }
    for kind in dict.fromkeys(g.kind for found in fitting.values() for g in found if g.likely):
        right = [update for update in updates if any(g.kind == kind and g.likely for g in fitting[update.row.place])]
        if len(right) < CONFIRMING or 2 * len(right) <= len(updates):
            continue
        for update in updates:
            yield from _claim(update, kind, choices[update.row.place], fitting[update.row.place])
        return


def _claim(
    update: ParameterUpdate, kind: str, choices: Sequence[Gradient], fitting: Sequence[Gradient]
) -> Iterator[Claim]:
    own = next((g for g in choices if g.kind == kind and g.likely), None)
    if own is None:
        return
    right = next((g for g in fitting if g.kind == kind and g.likely), None)
    if right is not None:
        verdict: Verdict = "proved" if right.value.is_point and right.value.lo == update.gradient.value else "agrees"
        outcome = Outcome(verdict, f"{right.told} is {shown_value(right.value)}", right.told)
    elif fitting or any(g.value.gap(update.gradient.range) <= update.gradient.room for g in choices):
        outcome = Outcome(
            "undecided", f"{own.told} is {shown_value(own.value)}, but other numbers of the document give it", own.told
        )
    else:
        correct = to_digits(own.value, update.gradient)
        outcome = Outcome(
            "refuted",
            f"{own.told} is {shown_value(own.value)}, not {update.gradient}; the new value follows it",
            own.told,
            correct,
            "arithmetic",
            f"{own.told} = {correct}",
        )
    yield claim_of_span(update.entry.span, outcome, number_place(update.entry))


def _in_force(view: SheetView, update: ParameterUpdate) -> bool:
    at = update.entry.statement
    valuations = view.valuations.of_leaves({update.name}, at)
    return bool(valuations) and valuations[0].numbers[update.name].value == update.old.value


def _gradients(view: SheetView, update: ParameterUpdate, rules: Sequence[UpdateRule]) -> Iterator[Gradient]:
    """The values that the gradient in a update may have, by every rule of the document that the update follows."""
    seen: set[str] = set()
    for rule in rules:
        for move in rule.moves:
            sign = "+" if move.sign > 0 else "-"
            objective = None if move.objective is None else name_of(move.objective)
            if (
                objective is None
                or sign != update.sign
                or not _covers(view.symbols, rule, update.name)
                or objective in seen
            ):
                continue
            if not _rate_fits(view, move.factors, update):
                continue
            seen.add(objective)
            for summand in summands(view.symbols, objective):
                yield from _values(view, summand, update)


def _covers(symbols: SymbolTable, rule: UpdateRule, name: str) -> bool:
    """Whether a rule is about this parameter: by name, or for a letter without an index about all with that letter."""
    target = name_of(rule.target)
    if target == name:
        return True
    return (
        target is not None
        and base_of(rule.target) == target
        and name.rstrip("0123456789_") == target
        and not symbols.knows(target)
    )


def _rate_fits(view: SheetView, before: Sequence[Node], update: ParameterUpdate) -> bool:
    """Whether the number in place of the rate is the one that is in force for it."""
    if len(before) != 1:
        return False
    number = printed(before[0])
    if number is not None:
        return number.value == update.rate.value
    name = name_of(before[0])
    valuations = [] if name is None else view.valuations.of_leaves({name}, update.entry.statement)
    return bool(valuations) and name is not None and valuations[0].numbers[name].value == update.rate.value


def _values(view: SheetView, objective: str, update: ParameterUpdate) -> Iterator[Gradient]:
    at: Statement = update.entry.statement
    reader = FormulaReader(view.symbols, at)
    node = t.Derivative("partial", t.Name(objective), (t.Name(update.name),), style="slash")
    try:
        formula = reader.read(node)
        leaves = view.valuations.leaves(formula, reader)
        valuations = view.valuations.of_leaves(leaves, at)
    except Unclear:
        return
    told = f"∂{objective}/∂{update.name}"
    for valuation in valuations:
        try:
            value = evaluate(formula, valuation.exact(reader))
        except Unclear:
            continue
        yield Gradient(value, "one example", f"{told} at {valuation.told}", valuation.rank < ELSEWHERE)
    yield from _combined(view, formula, reader, leaves, at, told)


def _combined(
    view: SheetView, formula: Any, reader: FormulaReader, leaves: set[str], at: Statement, told: str
) -> Iterator[Gradient]:
    """Sums and means over the rows of each table, at each state of the parameters."""
    blocks: dict[int, list[dict[str, Printed]]] = {}
    for row in view.valuations.rows:
        values = {name: number for name, number in row.values.items() if name in leaves}
        if values:
            blocks.setdefault(row.block, []).append(values)
    seen: set[tuple[tuple[tuple[str, Fraction], ...], ...]] = set()
    for rows in blocks.values():
        mark = tuple(tuple((n, v.value) for n, v in sorted(values.items())) for values in rows)
        names = frozenset(rows[0])
        if len(rows) < 2 or mark in seen or any(frozenset(values) != names for values in rows):
            continue
        seen.add(mark)
        parameters = view.valuations.of_leaves(leaves - names, at) if leaves - names else [Valuation({}, 0)]
        for valuation in parameters:
            total = point(0)
            try:
                for values in rows:
                    total = total + evaluate(formula, Valuation({**valuation.numbers, **values}, 0).exact(reader))
            except Unclear:
                continue
            likely = valuation.rank < ELSEWHERE
            yield Gradient(total, f"sum of {len(rows)}", f"the sum of {told} over {len(rows)} examples", likely)
            mean = total * point(Fraction(1, len(rows)))
            yield Gradient(mean, f"mean of {len(rows)}", f"the mean of {told} over {len(rows)} examples", likely)
