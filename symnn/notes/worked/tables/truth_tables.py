"""Truth tables: rows of AND, OR, NAND, NOR, XOR and XNOR, and weights that are said to compute them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnn.notes.find.document import Block, Table
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import symbol
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.step_functions import Step, steps_in, steps_of
from symnn.notes.worked.tables.sheet_view import SheetView
from symnn.notes.worked.tables.sheets import Column, Row, Sheet, printed_row
from symnn.notes.worked.valuations import Valuation

GATES: dict[str, Callable[[Sequence[int]], int]] = {
    "AND": lambda bits: int(all(bits)),
    "OR": lambda bits: int(any(bits)),
    "NAND": lambda bits: int(not all(bits)),
    "NOR": lambda bits: int(not any(bits)),
    "XOR": lambda bits: sum(bits) % 2,
    "XNOR": lambda bits: int(sum(bits) % 2 == 0),
    "NOT": lambda bits: int(not bits[0]),
}
_NAME = re.compile(r"(?<![A-Za-z])(NAND|XNOR|AND|XOR|NOR|NOT|OR)(?![A-Za-z])")
MAX_INPUTS = 4
MAX_TITLE = 60
MAX_CERTAIN_TITLE = 20


@dataclass(frozen=True, slots=True, eq=False)
class TruthTable:
    """A table of noughts and ones: its columns of inputs, and its column of results."""

    sheet: Sheet
    inputs: tuple[Column, ...]
    result: Column
    gate: str
    certain: bool = True

    def bits(self, row: Row) -> tuple[int, ...]:
        """The inputs of a row."""
        return tuple(_bit(row.number(column.place)) for column in self.inputs)

    def output(self, row: Row) -> int:
        """The result of a row."""
        return _bit(row.number(self.result.place))


def _bit(number: Printed | None) -> int:
    return 0 if number is None or number.value <= 0 else 1


def truth_tables(sheet: Sheet, blocks: Sequence[Block]) -> list[TruthTable]:
    """The truth tables in a table: one for each column of results."""
    rows = [row for row in sheet.rows if not row.is_gap]
    columns = [c for c in sheet.columns if rows and all(_is_bit(row.number(c.place)) for row in rows)]
    for count in range(1, MAX_INPUTS + 1):
        inputs = tuple(sheet.columns[:count])
        if any(column not in columns for column in inputs):
            return []
        found = {tuple(_bit(row.number(column.place)) for column in inputs) for row in rows}
        if len(rows) == 2**count and found == set(itertools.product((0, 1), repeat=count)):
            results = [column for column in columns if column.place >= count]
            return [TruthTable(sheet, inputs, c, *_gate(sheet.table, c, len(results) == 1, blocks)) for c in results]
    return []


def _is_bit(number: Printed | None) -> bool:
    return number is not None and number.whole and number.value in (-1, 0, 1)


def _gate(table: Table, column: Column, alone: bool, blocks: Sequence[Block]) -> tuple[str, bool]:
    """The name of the gate, in the header or in a short paragraph above, and whether nothing else stands there."""
    words = column.words.strip()
    if words.upper() in GATES:
        return words.upper(), True
    found = set(_NAME.findall(words))
    if found or not alone:
        return (found.pop(), False) if len(found) == 1 else ("", False)
    above = _above(table, blocks)
    found = set(_NAME.findall(above)) if len(above) <= MAX_TITLE else set()
    return (found.pop(), len(above) <= MAX_CERTAIN_TITLE) if len(found) == 1 else ("", False)


def _above(table: Table, blocks: Sequence[Block]) -> str:
    place = next((n for n, block in enumerate(blocks) if block is table), 0)
    return blocks[place - 1].text.strip() if place else ""


def judge_truth_table(found: TruthTable) -> Iterator[Claim]:
    """The claims that the rows of the truth table of a gate make."""
    if found.gate not in GATES or (found.gate == "NOT") != (len(found.inputs) == 1):
        return
    rows = [row for row in found.sheet.rows if not row.is_gap]
    right = [row for row in rows if GATES[found.gate](found.bits(row)) == found.output(row)]
    for row in rows:
        bits = found.bits(row)
        value = GATES[found.gate](bits)
        reading = f"{found.gate}({', '.join(map(str, bits))})"
        if row in right:
            outcome = Outcome("proved", f"{reading} is {value}", reading)
        elif found.certain and len(right) >= 3 and len(rows) - len(right) == 1:
            outcome = Outcome(
                "refuted", f"{reading} is {value}", reading, str(value), "arithmetic", f"{reading} = {value}"
            )
        else:
            outcome = Outcome("undecided", f"the table is not that of {found.gate}", reading)
        yield claim_of_span(row.entries[found.result.place].span, outcome)


# -- weights that compute a gate ----------------------------------------------------------------------------


def judge_weights(view: SheetView, tables: Sequence[TruthTable]) -> Iterator[Claim]:
    """Rows of weights: ``w1 = 1, w2 = 1, b = -1`` under a step function, against the truth table beside them."""
    at = view.sheet.at
    if at is None or any(found.sheet is view.sheet for found in tables):
        return
    for row in view.rows:
        values = {name: n for name, n in printed_row(view.sheet, row).items() if view.symbols.is_leaf(name)}
        if len(values) < 2:
            continue
        outcome = _weighed(view, row, values, tables)
        first = next(iter(row.entries.values()))
        if outcome is not None:
            yield claim_of_span(first.span, outcome)


def _weighed(view: SheetView, row: Row, values: dict[str, Printed], tables: Sequence[TruthTable]) -> Outcome | None:
    at = next(iter(row.entries.values())).statement
    reader = FormulaReader(view.symbols, at)
    near = [found for found in tables if found.sheet.table.section == view.sheet.table.section]
    for name, definitions in view.symbols.values.items():
        for definition in definitions:
            try:
                leaves = view.valuations.leaves(reader.body(definition), reader)
            except Unclear:
                continue
            inputs = leaves - values.keys()
            if not values.keys() <= leaves or not inputs:
                continue
            fitting = [found for found in near if {n for c in found.inputs for n in c.names} == inputs]
            if fitting:
                return _outcome(view, row, name, reader.body(definition), reader, values, fitting)
    return None


def _outcome(
    view: SheetView,
    row: Row,
    name: str,
    formula: Any,
    reader: FormulaReader,
    values: dict[str, Printed],
    tables: Sequence[TruthTable],
) -> Outcome | None:
    """The weights against the nearest truth table before them; any other near one may be meant as well.

    They are wrong only where they stand alone and together with their step function: weights in training are no claim.
    """
    place = view.sheet.table.place.line
    before = [found for found in tables if found.sheet.table.place.line < place]
    if not before:
        return None
    nearest = max(before, key=lambda found: found.sheet.table.place.line)
    own = [
        s for cell in range(len(row.cells)) for s in view.symbols.cells.get((view.sheet.table.id, row.place, cell), [])
    ]
    steps = steps_in(own) or steps_of(view.symbols)
    if not steps:
        return None
    told = ", ".join(f"{n} = {v}" for n, v in values.items())
    failure = ""
    for step in steps:
        for found in (nearest, *(x for x in tables if x is not nearest)):
            wrong = _wrong_row(found, formula, reader, values, step)
            if wrong is None:
                continue
            if not wrong and (found is nearest or not _is_gate_of(nearest, found)):
                reading = f"{step.told} of {name} at {told}"
                return Outcome("proved", f"it gives every row of {found.gate or 'the table'} above", reading)
            if found is nearest and not failure:
                failure = wrong
    if not failure or not steps_in(own) or len(view.rows) != 1:
        return None
    named = nearest.gate or "the table"
    return Outcome(
        "refuted",
        f"at {told} it does not compute {named}: {failure}",
        f"{steps[0].told} of {name}",
        "",
        "arithmetic",
        failure,
    )


def _is_gate_of(nearest: TruthTable, found: TruthTable) -> bool:
    """Whether a table that is not the nearest one before is a table before as well, and so belongs to others."""
    return found.sheet.table.place.line < nearest.sheet.table.place.line


def _wrong_row(
    found: TruthTable, formula: Any, reader: FormulaReader, values: dict[str, Printed], step: Step
) -> str | None:
    """The first row that the weights miss, in words; empty when they miss none, None when they cannot be computed."""
    for row in found.sheet.rows:
        names = [column.names[0] for column in found.inputs]
        inputs = {n: row.number(column.place) for n, column in zip(names, found.inputs, strict=True)}
        numbers = {**values, **{n: v for n, v in inputs.items() if v is not None}}
        try:
            total = evaluate(formula, Valuation(numbers, 0).exact(reader))
            value = evaluate(
                step.function(symbol("#total")),
                Valuation({"#total": Printed(total.middle, Fraction(1), True)}, 0).exact(reader),
            )
        except Unclear:
            return None
        wanted = row.number(found.result.place)
        if wanted is None or value.middle != wanted.value:
            told = ", ".join(f"{n} = {v}" for n, v in inputs.items())
            return f"at {told} it is {value.middle}, not {wanted}"
    return ""
