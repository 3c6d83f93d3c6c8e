"""Valuations: the numbers at which a formula may be meant where it stands.

A document works with several sets of numbers: weights before and after an update, one row of data after the other. In
force at a statement is what was given last before it. What stands in the same row of a table, or what a label such as
*Example 2* points to, comes before that. Every other set is kept as well, with a higher rank: a claim that one of them
explains is not called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.evaluation import Numbers
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.symbol_table import Group, SymbolTable
from symnn.notes.worked.tables.sheets import Sheet, data_rows

IN_FORCE, OPEN, ELSEWHERE = 0, 1, 2
MOST = 160
_LAST_NUMBER = re.compile(r"(?:^|[^\W\d_]\s+|[#(№])(\d{1,4})\W*$")


@dataclass(frozen=True, slots=True)
class Valuation:
    """Numbers for the leaves of a formula, and how likely they are meant."""

    numbers: Mapping[str, Printed]
    rank: int
    row: Group | None = None

    @property
    def told(self) -> str:
        """The numbers, for messages."""
        return ", ".join(f"{name} = {number}" for name, number in sorted(self.numbers.items()))

    def exact(self, reader: FormulaReader, further: Mapping[str, Printed] | None = None) -> Numbers:
        """The numbers as printed."""
        given = {name: point(number.value) for name, number in {**self.numbers, **(further or {})}.items()}
        return Numbers(given, reader)

    def rounded(self, reader: FormulaReader, exact: Collection[Fraction] = ()) -> Numbers:
        """Everything that rounds to the printed numbers; `exact` are decimals that are not rounded."""
        given: dict[str, Interval] = {
            name: point(number.value) if number.value in exact else number.range
            for name, number in self.numbers.items()
        }
        return Numbers(given, reader)


@dataclass
class Valuations:
    """All numbers of a document."""

    symbols: SymbolTable
    rows: list[Group] = field(default_factory=list)
    numbered: dict[int, list[Group]] = field(default_factory=dict)

    @classmethod
    def of(cls, symbols: SymbolTable, sheets: Sequence[Sheet]) -> Valuations:
        """The valuations of a document with these tables."""
        found = cls(symbols)
        for sheet in sheets:
            rows = list(data_rows(sheet, symbols))
            found.rows += rows
            found._number(sheet, rows)
        return found

    def _number(self, sheet: Sheet, rows: Sequence[Group]) -> None:
        """Note which number a table gives each of its examples."""
        if not sheet.columns or not sheet.columns[0].is_plain:
            return
        for group in rows:
            row = sheet.rows[group.row or 0]
            first = row.number(0)
            if first is not None and first.whole and 0 <= first.value < 10_000:
                self.numbered.setdefault(int(first.value), []).append(group)

    def labelled(self, label: str) -> list[Group]:
        """The rows that a label may point to: ``Example 2``. Empty when it points to none."""
        match = _LAST_NUMBER.search(label)
        return self.numbered.get(int(match[1]), []) if match else []

    def leaves(self, formula: Any, reader: FormulaReader) -> set[str]:
        """The names without a definition on which a formula depends."""
        return {name for name in reader.closure(formula) if self.symbols.definition(name, reader.at) is None}

    # -- the valuations of a formula

    def of_leaves(
        self, leaves: Iterable[str], at: Statement, own: Mapping[str, Printed] | None = None, label: str = ""
    ) -> list[Valuation]:
        """The sets of numbers that cover these names, the likeliest first. `own` are the numbers of the same row."""
        wanted = frozenset(leaves)
        mine = {name: number for name, number in (own or {}).items() if name in wanted}
        if mine.keys() >= wanted:  # nothing else counts, however many rows and states there are
            return [Valuation({name: mine[name] for name in sorted(wanted)}, IN_FORCE, None)]
        states = self._states(wanted, at)
        options = self._rows(wanted)
        found: dict[tuple[Any, ...], Valuation] = {}

        def add(numbers: Mapping[str, Printed], rank: int, row: Group | None = None) -> None:
            if numbers.keys() >= wanted and len(found) < MOST:
                kept = {name: numbers[name] for name in sorted(wanted)}
                mark = tuple((name, number.value) for name, number in kept.items())
                if mark not in found or found[mark].rank > rank:
                    found[mark] = Valuation(kept, rank, row)

        pointed = (
            [row.values for row in self.labelled(label) if row.values.keys() & wanted] if label and not mine else []
        )
        current = states[0] if states else {}
        for numbers in pointed:
            add({**current, **numbers}, OPEN)
        add({**current, **mine}, ELSEWHERE if pointed else IN_FORCE)
        if not mine and not pointed:
            for row in options:
                is_open = not (row.values.keys() & current.keys() & wanted)
                add({**current, **row.values}, OPEN if is_open else ELSEWHERE, row)
        for state in ({}, *states):
            add({**state, **mine}, ELSEWHERE)
            for row in options:
                add({**state, **row.values, **mine}, ELSEWHERE, row)
        return sorted(found.values(), key=lambda valuation: valuation.rank)

    def _states(self, wanted: frozenset[str], at: Statement) -> list[dict[str, Printed]]:
        """What the text gives, one state after each paragraph that gives something; the one in force comes first."""
        states: list[tuple[bool, dict[str, Printed]]] = []
        current: dict[str, Printed] = {}
        in_force = -1
        for group in self.symbols.groups:
            own = {name: number for name, number in group.values.items() if name in wanted}
            if not own:
                continue
            current = {**current, **own}
            states.append((group.order <= at.order, current))
            if group.order <= at.order:
                in_force = len(states) - 1
        ordered = [state for _, state in states]
        if not ordered:
            return []
        first = ordered.pop(max(in_force, 0))
        return [first, *ordered]

    def _rows(self, wanted: frozenset[str]) -> list[Group]:
        found: dict[tuple[Any, ...], Group] = {}
        for row in self.rows:
            values = {name: number for name, number in row.values.items() if name in wanted}
            mark = tuple((name, number.value) for name, number in sorted(values.items()))
            if values and mark not in found:
                found[mark] = Group(values, row.order, row.section, row.block, row.row)
        return list(found.values())
