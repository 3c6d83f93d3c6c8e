"""A calculation in one cell and its result in the next: ``3.000 - 0.6 | 2.400``.

Nothing in a header says that two columns belong together; the numbers do. Two rows have to fit, and more than do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symnn.notes.judge.claims import Claim
from symnn.notes.worked.arithmetic import judge_arithmetic
from symnn.notes.worked.book import has_names
from symnn.notes.worked.columns import Entry, Row
from symnn.notes.worked.digits import printed
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.sheetview import SheetView, number_place

CONFIRMING = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A calculation, the cell with its result, and what is said of them."""

    row: Row
    calculation: Entry
    result: Entry
    outcome: Outcome


def steps_of(view: SheetView) -> Iterator[tuple[int, list[Step]]]:
    """For each column of calculations the steps that it makes together with the next column of numbers."""
    for column in view.sheet.columns[:-1]:
        found = [step for row in view.rows if (step := _step(view, row, column.place)) is not None]
        fitting = [step for step in found if step.outcome.holds]
        if len(fitting) >= CONFIRMING and 2 * len(fitting) > len(found):
            yield column.place, found


def _step(view: SheetView, row: Row, place: int) -> Step | None:
    calculation, result = row.entries.get(place), row.entries.get(place + 1)
    if calculation is None or result is None or len(calculation.pieces) > 1 or result.remarks or calculation.remarks:
        return None
    left, right = calculation.pieces[0], result.pieces[0]
    if (
        has_names(left)
        or printed(left) is not None
        or printed(right) is None
        or not (calculation.leads and result.leads)
    ):
        return None
    outcome = judge_arithmetic(left, right, "=", view.book, result.statement, exact=view.exact)
    return None if outcome is None else Step(row, calculation, result, outcome)


def judge_adjacent(view: SheetView) -> Iterator[Claim]:
    """The claims that results beside their calculations make."""
    for _, found in steps_of(view):
        for step in found:
            yield claim_of_span(step.result.span, step.outcome, number_place(step.result))
