"""A calculation in one cell and its result in the next: ``3.000 - 0.6 | 2.400``.

Nothing in a header says that two columns belong together; the numbers do. Two different rows have to fit, and more than
do not. A product of two whole numbers may be a size such as ``3 × 3`` beside something else, so a wrong one has to be near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.calculations.arithmetic import Circumstances, judge_arithmetic, side_of
from symnn.notes.worked.digits import printed
from symnn.notes.worked.names import plain
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.symbol_table import has_names
from symnn.notes.worked.tables.sheet_view import SheetView, number_place
from symnn.notes.worked.tables.sheets import Entry, Row

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
        fitting = {step.calculation.span.text for step in found if step.outcome.holds}
        if len(fitting) >= CONFIRMING and 2 * len(fitting) > len({step.calculation.span.text for step in found}):
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
    far = "" if not _may_be_size(left) or _is_near(left, right, view) else "the calculation may be a size"
    outcome = judge_arithmetic(left, right, Circumstances(view.symbols, result.statement, "=", view.exact, far))
    return None if outcome is None else Step(row, calculation, result, outcome)


def _may_be_size(node: Node) -> bool:
    """``3 × 3``, ``28 × 28 × 1``: a product of whole numbers."""
    node = plain(node)
    numbers = [printed(factor) for factor in node.factors] if isinstance(node, t.Product) else []
    return bool(numbers) and all(number is not None and number.whole and number.value > 0 for number in numbers)


def _is_near(calculation: Node, result: Node, view: SheetView) -> bool:
    """Whether a result is no further than a fifth from its calculation."""
    at, number = view.sheet.at, printed(result)
    if at is None or number is None:
        return False
    value = side_of(calculation, view.symbols, at).value.middle
    return abs(value - number.value) <= abs(value) / 5


def judge_calculations_beside_results(view: SheetView) -> Iterator[Claim]:
    """The claims that results beside their calculations make."""
    for _, found in steps_of(view):
        for step in found:
            yield claim_of_span(step.result.span, step.outcome, number_place(step.result))
