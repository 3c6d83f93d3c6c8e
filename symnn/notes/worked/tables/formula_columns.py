"""Columns of formulas: every cell under ``f(x) = x²`` or ``∂E/∂w1`` against its header, row by row.

A cell is only called wrong where the table itself confirms the reading: other cells of its columns of formulas hold,
at least two, and more than fail; so do more cells of its own column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.calculations.chains import judge_chain
from symnn.notes.worked.calculations.substitution import Comparison, judge_substitution, slip_between
from symnn.notes.worked.digits import shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.symbol_table import has_names
from symnn.notes.worked.tables.sheet_view import SheetView, number_place
from symnn.notes.worked.tables.sheets import Column, Entry, Row
from symnn.notes.worked.tables.totals import Summary, judge_sum, may_sum_up
from symnn.notes.worked.valuations import IN_FORCE

CONFIRMING = 2
MOSTLY = 3
FAR = 3


@dataclass(frozen=True, slots=True)
class CellCase:
    """A cell under a formula: where it stands, and the comparisons of its parts with the formula."""

    column: Column
    row: Row
    entry: Entry
    formula: Node
    parts: tuple[Comparison, ...]


@dataclass
class Verdicts:
    """What was found about the cells of a table; `values` has the right value of a cell where it is certain."""

    fitting: list[tuple[CellCase, Outcome]] = field(default_factory=list)
    failing: list[CellCase] = field(default_factory=list)
    unclear: list[CellCase] = field(default_factory=list)
    values: dict[tuple[int, int], Interval] = field(default_factory=dict)

    def is_borne_out(self, column: Column) -> bool:
        """Whether the cells of a column hold, up to a single one or a quarter: else its header is read wrongly."""
        right = sum(case.column is column for case, _ in self.fitting)
        wrong = sum(case.column is column for case in (*self.failing, *self.unclear))
        return right > wrong if wrong == 1 else right >= MOSTLY * wrong


def internal_claims(view: SheetView) -> Iterator[Claim]:
    """The claims that chains inside cells make by themselves: ``26 × 1 × 20 = 520``."""
    for row in view.sheet.rows:
        for entry in row.entries.values():
            for statement in view.symbols.cells[view.sheet.table.id, row.place, _place(row, entry)]:
                yield from judge_chain(statement, view.valuations, view.exact)


def _place(row: Row, entry: Entry) -> int:
    return next(place for place, other in row.entries.items() if other is entry)


def judge_formula_columns(
    view: SheetView, summary: Summary | None, states: frozenset[str] = frozenset()
) -> Iterator[Claim]:
    """The claims that the cells under formulas make. `states` are names that a trace takes care of."""
    found = compare_columns(view, states)
    for case, outcome in found.fitting:
        yield claim_of_span(case.entry.span, outcome, number_place(case.entry))
    confirmed = len(found.fitting) >= CONFIRMING and len(found.fitting) > len(found.failing)
    for case in found.failing:
        certain = confirmed and found.is_borne_out(case.column) and not may_sum_up(view.sheet, case.row, case.column)
        yield claim_of_span(case.entry.span, _missed(case, certain), number_place(case.entry))
    if summary is not None:
        yield from _sums(view, summary, found, confirmed)


def compare_columns(view: SheetView, states: frozenset[str]) -> Verdicts:
    """Compare every cell under a formula with it."""
    found = Verdicts()
    for column in view.sheet.columns:
        formula = view.formula_of(column)
        if formula is None or (set(column.names) & states):
            continue
        for row in view.rows:
            entry = row.entries.get(column.place)
            if entry is None or entry.remarks or not entry.leads:
                continue
            case = _case(view, column, formula, row, entry)
            if case is None:
                continue
            outcome = _fit(case)
            if outcome is not None:
                found.fitting.append((case, outcome))
            elif all(part.choices and all(part.apart(s) for s in part.choices) for part in case.parts):
                found.failing.append(case)
            else:
                found.unclear.append(case)
            _note_value(found, case)
    _judge_last_unclear(found)
    return found


def _judge_last_unclear(found: Verdicts) -> None:
    """The one cell of a column that does not hold, where the others show that their data are not rounded."""
    for case in list(found.unclear):
        others = [other for other in (*found.failing, *found.unclear) if other.column is case.column]
        fitting = sum(other.column is case.column for other, _ in found.fitting)
        if others == [case] and fitting >= MOSTLY and all(_is_far(part) for part in case.parts):
            found.unclear.remove(case)
            found.failing.append(case)


def _is_far(part: Comparison) -> bool:
    """Whether a printed number is several units and more than a twentieth off, whatever numbers are meant."""
    if part.literal is None or part.loose:
        return False
    try:
        values = [part.value(valuation).middle for valuation in part.choices]
    except Unclear:
        return False
    number = part.literal
    return all(abs(value - number.value) > max(FAR * number.unit, abs(value) / 20) for value in values)


def _case(view: SheetView, column: Column, formula: Node, row: Row, entry: Entry) -> CellCase | None:
    """The comparisons that a cell asks for: with its first part, and with the number at its end."""
    pieces = [piece for piece in dict.fromkeys((entry.pieces[0], entry.pieces[-1])) if not has_names(piece)]
    parts = [view.compare(column, formula, piece, row, entry) for piece in pieces]
    if not parts or any(part is None or not part.choices for part in parts):
        return None
    return CellCase(column, row, entry, formula, tuple(part for part in parts if part is not None))


def _fit(case: CellCase) -> Outcome | None:
    """What is said of a cell all of whose parts hold; None otherwise."""
    outcomes = [judge_substitution(part) for part in case.parts]
    if not all(outcome is not None and outcome.holds for outcome in outcomes):
        return None
    last = outcomes[-1]
    assert last is not None
    return (
        last
        if len(outcomes) == 1 or last.verdict == "agrees"
        else replace(last, verdict=outcomes[0].verdict if outcomes[0] else "agrees")
    )


def _note_value(found: Verdicts, case: CellCase) -> None:
    """Remember the right value of a cell whose row has one valuation only, or one that is in force."""
    part = case.parts[-1]
    valuation = next((s for s in part.choices if s.rank == IN_FORCE), None)
    if valuation is None and len(part.choices) == 1:
        valuation = part.choices[0]
    if valuation is not None:
        try:
            found.values[case.row.place, case.column.place] = part.value(valuation)
        except Unclear:
            return


def _missed(case: CellCase, confirmed: bool) -> Outcome:
    part = case.parts[-1]
    reading = to_text(case.formula)
    if not confirmed:
        return Outcome("undecided", "the rest of the table does not confirm how it is read", reading)
    certain = [valuation for valuation in part.choices if valuation.rank == IN_FORCE] or part.choices[:1]
    valuation = certain[0]
    value = part.value(valuation)
    literal = part.literal
    correct = to_digits(value, literal)
    exact = next(
        (outcome for comparison in case.parts if (outcome := judge_substitution(comparison)) is not None), None
    )
    if exact is not None and exact.verdict == "refuted":
        return replace(exact, correct=correct)
    slip = slip_between(value, case.entry.pieces[-1], valuation, part)
    said = str(literal) if literal is not None else to_text(part.numbers)
    return Outcome(
        "refuted",
        f"{reading} is {shown_value(value)} at {valuation.told}, not {said}",
        reading,
        correct,
        slip,
        f"{valuation.told}: {reading} = {shown_value(value)}",
    )


# -- sums ---------------------------------------------------------------------------------------------------


def _sums(view: SheetView, summary: Summary, found: Verdicts, confirmed: bool) -> Iterator[Claim]:
    """The row of sums: as sums, and as sums of what the column is about."""
    for column in view.sheet.columns:
        entry = summary.row.entries.get(column.place)
        outcome = judge_sum(summary, view.sheet, column)
        if entry is None or outcome is None:
            continue
        if outcome.holds and confirmed:
            outcome = _sum_of_values(view, summary, column, entry, found) or outcome
        yield claim_of_span(entry.span, outcome, number_place(entry))


def _sum_of_values(view: SheetView, summary: Summary, column: Column, entry: Entry, found: Verdicts) -> Outcome | None:
    """A sum that adds up although an entry above it is wrong."""
    failing = [case for case in found.failing if case.column is column]
    values = [found.values.get((row.place, column.place)) for row in view.rows]
    formula = view.formula_of(column)
    if not failing or formula is None or any(value is None for value in values) or entry.number is None:
        return None
    total = point(0)
    for value in values:
        assert value is not None
        total = total + value
    if summary.kind == "mean":
        total = total * point(Fraction(1, len(values)))
    if total.gap(entry.number.range) <= entry.number.room:
        return None
    correct = to_digits(total, entry.number)
    return Outcome(
        "refuted",
        f"it is the {summary.kind} of the column, but the {summary.kind} of {to_text(formula)} is {correct}: "
        f"{len(failing)} of the entries above it {'is' if len(failing) == 1 else 'are'} wrong",
        to_text(formula),
        correct,
        "arithmetic",
        f"{summary.kind} of {to_text(formula)} = {correct}",
    )
