"""A table among the numbers of its document: which numbers belong to each of its rows."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.worked.calculations.substitution import Comparison
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.symbol_table import SymbolTable
from symnn.notes.worked.tables.sheets import Column, Entry, Row, Sheet, data_rows, printed_row, whole_numbers
from symnn.notes.worked.valuations import Valuations


@dataclass
class SheetView:
    """One table, its document's numbers, and what the rows of other tables say about its rows."""

    sheet: Sheet
    valuations: Valuations
    exact: Collection[Fraction]
    others: Iterable[Sheet] = ()
    summaries: dict[int, str] = field(default_factory=dict)

    @property
    def symbols(self) -> SymbolTable:
        """What the document says."""
        return self.valuations.symbols

    @property
    def rows(self) -> list[Row]:
        """The rows with numbers of their own: no gaps, no sums."""
        return [row for row in self.sheet.rows if not row.is_gap and row.place not in self.summaries]

    def own(self, row: Row) -> dict[str, Printed]:
        """The numbers that a row gives for names without a definition, or that another table gives for the same row."""
        found = {name: number for name, number in printed_row(self.sheet, row).items() if self.symbols.is_leaf(name)}
        if found:
            return found
        joined = self.joined(row)
        return dict(joined) if joined is not None else {}

    def stated(self, row: Row, column: Column) -> dict[str, Printed]:
        """The numbers that a row prints for names that have a definition, other than a column's own."""
        skip = set(column.names)
        return {
            name: number
            for name, number in printed_row(self.sheet, row).items()
            if not self.symbols.is_leaf(name) and name not in skip
        }

    def joined(self, row: Row) -> Mapping[str, Printed] | None:
        """What other tables with the same first column say about a row: *Example 2* in both."""
        if not self.sheet.columns or not self.sheet.columns[0].is_plain or not row.cells:
            return None
        words, key = self.sheet.columns[0].words, row.number(0)
        if not words or key is None:
            return None
        found: dict[str, Printed] = {}
        for sheet in self.others:
            if sheet is self.sheet or not sheet.columns or sheet.columns[0].words != words:
                continue
            for group in data_rows(sheet, self.symbols):
                number = sheet.rows[group.row or 0].number(0)
                if number is not None and number.value == key.value:
                    for name, value in group.values.items():
                        found.setdefault(name, value)
        return found or None

    def compare(self, column: Column, formula: Node, numbers: Node, row: Row, entry: Entry) -> Comparison | None:
        """A formula beside a calculation of a row; None where one of them is not understood."""
        try:
            return Comparison(
                self.valuations,
                entry.statement,
                formula,
                numbers,
                own=self.own(row),
                stated=self.stated(row, column),
                exact=self.exact,
            )
        except Unclear:
            return None

    def formula_of(self, column: Column) -> Node | None:
        """What the cells of a column are the value of; None for data and for words."""
        if column.formula is not None:
            return column.formula
        if len(column.names) == 1 and not self.symbols.is_leaf(column.names[0]):
            return t.Name(column.names[0])
        return None

    def index_column(self) -> Column | None:
        """The column that counts the rows: whole numbers that grow, under a header that is no formula."""
        for column in self.sheet.columns:
            if column.formula is not None or len(column.names) > 1:
                continue
            numbers = whole_numbers(self.sheet.numbers(column.place))
            if numbers is not None and len(numbers) > 1 and all(a < b for a, b in itertools.pairwise(numbers)):
                used = column.names and any(
                    name in other.names for other in self.sheet.columns if other is not column for name in column.names
                )
                if not used and column.place == 0:
                    return column
        return None


def number_place(entry: Entry) -> tuple[int, int]:
    """Where the last number of a cell stands, as a range of its text."""
    node = entry.pieces[-1]
    return node.span if node.span is not None else (0, len(entry.span.text))
