"""Columns whose header is in words: what they hold shows in their numbers.

Three ways to recognise one, each only when every row bears it out: its numbers are those of one computed name at the
row's data; it is the difference or the sum of two other columns; or the text states the same numbers for one name, row
by row, in which case the formulas judge them. The first two can only confirm; the third can find a number wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.calculations.substitution import Comparison
from symnn.notes.worked.digits import Printed, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.intervals import Interval
from symnn.notes.worked.names import name_of
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.symbol_table import Stated, has_names
from symnn.notes.worked.tables.sheet_view import SheetView, number_place
from symnn.notes.worked.tables.sheets import Column, Entry, Row
from symnn.notes.worked.valuations import ELSEWHERE, Valuation, Valuations

MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class Worked:
    """A number that the text states for a name, and the numbers at which its paragraph works."""

    stated: Stated
    numbers: Mapping[str, Printed]


def judge_inferred_columns(view: SheetView, worked: Sequence[Worked]) -> Iterator[Claim]:
    """The claims of the columns of a table that only their numbers explain."""
    columns = [column for column in view.sheet.columns if _is_open(view, column)]
    taken: set[int] = set()
    for column in columns:
        claims = list(_restated(view, column, worked)) or list(_computed(view, column))
        if claims:
            taken.add(column.place)
            yield from claims
    for column in columns:
        if column.place not in taken:
            yield from _combined(view, column)


def _is_open(view: SheetView, column: Column) -> bool:
    """Whether a column has a header in words and a single number in every row."""
    numbers = [_leading(row, column) for row in view.rows]
    return column.is_plain and len(numbers) > 1 and all(number is not None for number in numbers)


def _leading(row: Row, column: Column) -> Printed | None:
    """The number with which a cell begins."""
    entry = row.entries.get(column.place)
    if entry is None or not entry.leads or len(entry.pieces) > 1:
        return None
    return entry.number


def data_of(view: SheetView, row: Row) -> dict[str, Printed]:
    """The numbers of a row: from its headers, or from a row of another table that begins with the same tuple."""
    own = view.own(row)
    if own:
        return own
    entry = next(iter(row.entries.values()), None)
    if entry is None or row.cells.index(entry.cell) != 0 or len(entry.numbers) < 2:
        return {}
    values = [number.value for number in entry.numbers]
    found: dict[str, Printed] = {}
    for group in view.valuations.rows:
        if [number.value for number in group.values.values()][: len(values)] == values:
            for name, number in group.values.items():
                if found.setdefault(name, number).value != number.value:
                    return {}
    return found


# -- one computed name --------------------------------------------------------------------------------------


def _computed(view: SheetView, column: Column) -> Iterator[Claim]:
    """A column that holds one computed name at the data of its rows, under one state of everything else."""
    data = {row.place: data_of(view, row) for row in view.rows}
    if not all(data.values()) or len({tuple(sorted((n, v.value) for n, v in d.items())) for d in data.values()}) < 2:
        return
    at = view.sheet.at
    if at is None:
        return
    reader = FormulaReader(view.symbols, at)
    for name in list(view.symbols.values)[:MOST_NAMES]:
        outcomes = _at_rows(view, column, name, reader, data)
        if outcomes is not None:
            for row in view.rows:
                entry = row.entries[column.place]
                yield claim_of_span(entry.span, outcomes[row.place], number_place(entry))
            return


def _at_rows(
    view: SheetView, column: Column, name: str, reader: FormulaReader, data: Mapping[int, Mapping[str, Printed]]
) -> dict[int, Outcome] | None:
    """What is said of each row when the column is this name; None when one row does not fit."""
    try:
        formula = reader.read(t.Name(name))
        leaves = view.valuations.leaves(formula, reader)
    except Unclear:
        return None
    names = set.intersection(*(set(found) for found in data.values())) & leaves
    if not names or reader.symbols.definition(name, reader.at) is None:
        return None
    states = view.valuations.of_leaves(leaves - names, reader.at) if leaves - names else [Valuation({}, 0)]
    for state in states:
        found: dict[int, Outcome] = {}
        values: set[Fraction] = set()
        for row in view.rows:
            valuation = Valuation({**state.numbers, **{n: data[row.place][n] for n in names}}, 0)
            number = _leading(row, column)
            try:
                value = evaluate(formula, valuation.exact(reader))
            except Unclear:
                return None
            if number is None or not number.shows(value):
                break
            values.add(value.middle)
            found[row.place] = Outcome("agrees", f"{name} is {shown_value(value)} at {valuation.told}", name)
        else:
            return found if len(values) > 1 else None
    return None


# -- a difference or a sum of other columns -----------------------------------------------------------------


def _combined(view: SheetView, column: Column) -> Iterator[Claim]:
    """A column that is the difference or the sum of two others in every row."""
    others = [
        c for c in view.sheet.columns if c is not column and all(row.number(c.place) is not None for row in view.rows)
    ]
    for sign, word in ((-1, "−"), (1, "+")):
        for one in others:
            for other in others:
                if one is other or (sign == 1 and one.place > other.place):
                    continue
                if _is_combination(view, column, one, other, sign):
                    reading = f"{one.words or one.place + 1} {word} {other.words or other.place + 1}"
                    for row in view.rows:
                        entry = row.entries[column.place]
                        outcome = Outcome(
                            "agrees",
                            f"{row.number(one.place)} {word} {row.number(other.place)} is {entry.number}",
                            reading,
                        )
                        yield claim_of_span(entry.span, outcome, number_place(entry))
                    return


def _is_combination(view: SheetView, column: Column, one: Column, other: Column, sign: int) -> bool:
    values: set[Fraction] = set()
    for row in view.rows:
        left, right, number = row.number(one.place), row.number(other.place), row.number(column.place)
        if left is None or right is None or number is None:
            return False
        value = left.value + sign * right.value
        if abs(value - number.value) > number.half or not right.value or not left.value:
            return False
        values.add(value)
    return len(values) > 2 or (len(values) == 2 and min(abs(value) for value in values) > 10)


# -- numbers that the text states ---------------------------------------------------------------------------


def worked_numbers(valuations: Valuations) -> list[Worked]:
    """The numbers that paragraphs state for computed names, with the data that their calculations put in."""
    found: list[Worked] = []
    blocks: dict[int, list[Stated]] = {}
    for stated in valuations.symbols.stated:
        if stated.statement.span is not None:
            blocks.setdefault(stated.statement.span.block, []).append(stated)
    for stated_here in blocks.values():
        numbers: dict[str, Printed] = {}
        for stated in stated_here:
            for name, number in _put_in(valuations, stated).items():
                if numbers.setdefault(name, number).value != number.value:
                    numbers = {}
                    break
        if numbers:
            found += [Worked(stated, numbers) for stated in stated_here]
    return found


def _put_in(valuations: Valuations, stated: Stated) -> dict[str, Printed]:
    """The numbers that a calculation puts in for at least two names of one set of the document's numbers."""
    statement = stated.statement
    for step in statement.steps:
        if has_names(step.right.node):
            continue
        try:
            comparison = Comparison(valuations, statement, t.Name(stated.name), step.right.node)
        except Unclear:
            return {}
        for pairs, defining in comparison.alignments():
            leaves = [pair for pair in pairs if _leaf(valuations, pair[0]) is not None]
            if not defining or len(leaves) < 2:
                continue
            for valuation in comparison.choices:
                if all(comparison.matched(leaves, valuation)):
                    names = [_leaf(valuations, pair[0]) for pair in leaves]
                    return {
                        name: valuation.numbers[name]
                        for name in names
                        if name is not None and name in valuation.numbers
                    }
        return {}
    return {}


def _leaf(valuations: Valuations, node: t.Node) -> str | None:
    name = name_of(node)
    return name if name is not None and valuations.symbols.is_leaf(name) else None


def _restated(view: SheetView, column: Column, worked: Sequence[Worked]) -> Iterator[Claim]:
    """A column that repeats what the text states for one name, at the data of each row."""
    for name in dict.fromkeys(item.stated.name for item in worked):
        found: list[tuple[Entry, Worked]] = []
        for row in view.rows:
            number, data = _leading(row, column), data_of(view, row)
            item = None if number is None else _same(worked, name, number, data)
            if item is None:
                break
            found.append((row.entries[column.place], item))
        else:
            if len({item.stated.value.value for _, item in found}) > 1:
                for entry, item in found:
                    outcome = _outcome(view, entry, item)
                    if outcome is not None:
                        yield claim_of_span(entry.span, outcome, number_place(entry))
                return


def _same(worked: Sequence[Worked], name: str, number: Printed, data: Mapping[str, Printed]) -> Worked | None:
    """What the text states for a name with these data and this number; None when nothing does."""
    for item in worked:
        common = item.numbers.keys() & data.keys()
        same = item.stated.name == name and item.stated.value.value == number.value
        if same and common and all(item.numbers[key].value == data[key].value for key in common):
            return item
    return None


def _outcome(view: SheetView, entry: Entry, item: Worked) -> Outcome | None:
    """The number of a cell against the formula of its name, at the data of the paragraph that states it."""
    statement = item.stated.statement
    reader = FormulaReader(view.symbols, statement)
    try:
        formula = reader.read(t.Name(item.stated.name))
        leaves = view.valuations.leaves(formula, reader)
        valuations = view.valuations.of_leaves(leaves, statement, item.numbers)
    except Unclear:
        return None
    number = item.stated.value
    line = statement.spot.place().line
    values: list[tuple[Valuation, Interval, Interval]] = []
    for valuation in valuations:
        try:
            values.append(
                (valuation, evaluate(formula, valuation.exact(reader)), evaluate(formula, valuation.rounded(reader)))
            )
        except Unclear:
            return None
    reading = f"{item.stated.name} (line {line})"
    for valuation, value, _ in values:
        if valuation.rank < ELSEWHERE and number.shows(value):
            return Outcome("agrees", f"{item.stated.name} is {shown_value(value)} at {valuation.told}", reading)
    if not values or any(wide.hull(value).gap(number.range) <= number.room for _, value, wide in values):
        return None
    valuation, value, _ = values[0]
    correct = to_digits(value, number)
    return Outcome(
        "refuted",
        f"{item.stated.name} is {shown_value(value)} at {valuation.told}, not {number} as line {line} has it",
        reading,
        correct,
        "arithmetic",
        f"{valuation.told}: {item.stated.name} = {shown_value(value)}",
    )
