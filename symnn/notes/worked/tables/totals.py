"""Rows that sum up a table: found by their numbers, not by a word such as *total*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from symnn.notes.worked.digits import Printed, shown, to_digits
from symnn.notes.worked.intervals import point
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.tables.sheets import Column, Row, Sheet


@dataclass(frozen=True, slots=True)
class Summary:
    """The last row of a table as the sums, or the means, of the rows above it."""

    row: Row
    kind: str
    right: frozenset[int]
    wrong: frozenset[int]


def summary_of(sheet: Sheet) -> Summary | None:
    """The row of sums or means at the end of a table; None where the numbers do not show that there is one.

    At least two columns have to add up, and more columns than do not. Where the row begins with a number, as data do,
    all of them have to, and the row has to be set apart in bold.
    """
    rows = [row for row in sheet.rows if not row.is_gap]
    if len(rows) < 3 or len(rows) != len(sheet.rows):
        return None
    *above, last = rows
    strict = last.number(0) is not None and len(last.entries[0].pieces) == 1
    for kind in ("sum", "mean"):
        right: set[int] = set()
        wrong: set[int] = set()
        for column in sheet.columns:
            numbers = [row.number(column.place) for row in above]
            total = last.number(column.place)
            if total is None or any(number is None for number in numbers):
                continue
            found = [number for number in numbers if number is not None]
            if len({number.value for number in (*found, total)}) == 1 and kind == "mean":
                continue
            (right if adds_up(found, total, kind) else wrong).add(column.place)
        if strict and (wrong or not _is_set_apart(last, above)):
            continue
        if len(right) > 1 and len(right) > len(wrong):
            return Summary(last, kind, frozenset(right), frozenset(wrong))
    return None


def _is_set_apart(row: Row, above: Sequence[Row]) -> bool:
    """Whether every number of a row is bold, and no row above is like that."""
    return _is_bold(row) and not any(_is_bold(other) for other in above)


def _is_bold(row: Row) -> bool:
    texts = [entry.cell.text.strip() for entry in row.entries.values()]
    return bool(texts) and all(
        text.startswith(("**", "__", "<b>", "<strong>", "\\textbf", "$\\mathbf")) for text in texts
    )


def may_sum_up(sheet: Sheet, row: Row, column: Column) -> bool:
    """Whether a number in the last row is, and so may be meant as, the sum, mean, least or largest of those above."""
    rows = [other for other in sheet.rows if not other.is_gap]
    number = row.number(column.place)
    above = [n for other in rows[:-1] if (n := other.number(column.place)) is not None]
    if not rows or row is not rows[-1] or number is None or len(above) < 2:
        return False
    values = [n.value for n in above]
    extreme = number.value in (min(values), max(values)) and row.number(0) is None
    return extreme or any(adds_up(above, number, kind) for kind in ("sum", "mean"))


def adds_up(numbers: Sequence[Printed], total: Printed, kind: str) -> bool:
    """Whether a number is the sum or the mean of others, to the digits that are printed."""
    return abs(_combined(numbers, kind) - total.value) <= total.half


def _combined(numbers: Sequence[Printed], kind: str) -> Fraction:
    total = sum((number.value for number in numbers), Fraction(0))
    return total / len(numbers) if kind == "mean" else total


def _may_be_another(numbers: Sequence[Printed], total: Printed, kind: str) -> bool:
    """Whether a number may be something else than the sum: a mean, or a count without what occurs twice."""
    values = [number.value for number in numbers]
    return kind == "sum" and min(values) <= total.value < _combined(numbers, kind)


def judge_sum(summary: Summary, sheet: Sheet, column: Column) -> Outcome | None:
    """Judge one cell of the row of sums, as a sum."""
    total = summary.row.number(column.place)
    numbers = [row.number(column.place) for row in sheet.rows if row is not summary.row]
    found = [number for number in numbers if number is not None]
    if total is None or len(found) != len(numbers):
        return None
    value = _combined(found, summary.kind)
    reading = f"the {summary.kind} of the column"
    if column.place in summary.right:
        exactly = value == total.value and all(number.whole for number in (*found, total))
        return Outcome("proved" if exactly else "agrees", f"it is {reading}", reading)
    room = sum((number.half for number in found), Fraction(0)) + total.half + total.room
    if abs(value - total.value) <= room:
        return Outcome("undecided", "the difference may come from rounding", reading)
    if len(summary.right) < 3 or _may_be_another(found, total, summary.kind):
        return Outcome("undecided", f"it is not {reading}, which is {shown(value)}", reading)
    correct = to_digits(point(value), total)
    return Outcome(
        "refuted",
        f"{reading} is {shown(value)}, as it is in the other columns",
        reading,
        correct,
        "arithmetic",
        f"{' + '.join(map(str, found))} = {shown(value)}" if summary.kind == "sum" else "",
    )
