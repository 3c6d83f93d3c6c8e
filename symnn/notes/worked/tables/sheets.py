"""Tables as sheets: what each column stands for, and the numbers in each cell.

A header such as ``f(x) = x²``, ``x - 0.1×f'(x)`` or ``∂E/∂w1`` is a formula, one such as ``x1`` or ``(x1, x2)`` names
numbers. Words beside a formula in a header (*Current*, *New*, *Gradient*) are not read, and neither are words alone:
what such a column holds can only show in its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symnn.notation.tree import Node
from symnn.notes.find.document import Cell, Span, Table
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import Printed, printed
from symnn.notes.worked.names import name_of, names_of
from symnn.notes.worked.symbol_table import Group, SymbolTable, has_names, numbers_in

EQUAL = ("=", ":=", "equiv", "approx", "simeq", "sim")
_MARKS = re.compile(r"[*`$\\~\s]+|(?<!\w)_+|_+(?!\w)")
_DOTS = re.compile(r"\s*(?:\.{2,}|…|⋮|⋯|\\[vcl]?dots|\$\\[vcl]?dots\$|:)\s*")
MAX_CELLS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column: the names that it lists, or the formula that it holds the value of, or neither.

    For ``f(x) = x²`` the formula is ``x²`` and `left` is ``f(x)``. `words` is the text of the header without marks.
    """

    place: int
    words: str
    names: tuple[str, ...] = ()
    formula: Node | None = None
    left: Node | None = None
    statement: Statement | None = None

    @property
    def is_plain(self) -> bool:
        """Whether its header holds no mathematics."""
        return not self.names and self.formula is None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A cell that was understood: its chain, its number or numbers, and how many statements stand in it.

    `pieces` are the parts of the chain; `numbers` are those at its end. `remarks` holds further numbers in the cell.
    """

    cell: Cell
    span: Span
    statement: Statement
    pieces: tuple[Node, ...]
    numbers: tuple[Printed, ...]
    remarks: int = 0
    leads: bool = True

    @property
    def number(self) -> Printed | None:
        """The number of the cell, where it is one."""
        return self.numbers[0] if len(self.numbers) == 1 else None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row: its entries by column; `is_gap` marks a row of dots."""

    place: int
    entries: dict[int, Entry]
    cells: tuple[Cell, ...]
    is_gap: bool

    def number(self, column: int) -> Printed | None:
        """The number in a column, if there is exactly one."""
        entry = self.entries.get(column)
        return None if entry is None else entry.number


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table with its columns and rows understood as far as they are."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    order: int

    @property
    def at(self) -> Statement | None:
        """A statement of the table, for looking up what is in force there."""
        for row in self.rows:
            for entry in row.entries.values():
                return entry.statement
        return None

    def numbers(self, column: int) -> list[Printed | None]:
        """The numbers of a column, row by row; gaps are left out."""
        return [row.number(column) for row in self.rows if not row.is_gap]

    def keys(self, row: Row) -> tuple[str, ...]:
        """What tells a row apart: the text of its first cell, without marks."""
        return (bare_text(row.cells[0].text),) if row.cells else ()


def bare_text(text: str) -> str:
    """The text of a cell without the marks of bold and the like, on one line."""
    return _MARKS.sub(" ", text).strip()


def sheets_of(tables: Iterator[Table], symbols: SymbolTable) -> list[Sheet]:
    """The tables of a document, understood."""
    found = []
    for table in tables:
        if len(table.cells) <= MAX_CELLS:
            found.append(sheet_of(table, symbols))
    return found


def sheet_of(table: Table, symbols: SymbolTable) -> Sheet:
    """One table, understood as far as it is."""
    columns = tuple(_column(table, symbols, place, cell) for place, cell in enumerate(table.header))
    rows = []
    for place, cells in enumerate(table.rows):
        filled = [cell for cell in cells if cell.text.strip()]
        gap = bool(filled) and all(_DOTS.fullmatch(cell.text) for cell in filled)
        entries = {}
        for number, cell in enumerate(cells):
            entry = None if gap else _entry(symbols, table, place, number, cell)
            if entry is not None:
                entries[number] = entry
        rows.append(Row(place, entries, cells, gap))
    orders = [s.order for key, found in symbols.cells.items() if key[0] == table.id for s in found]
    return Sheet(table, columns, tuple(rows), min(orders, default=0))


def _column(table: Table, symbols: SymbolTable, place: int, cell: Cell) -> Column:
    words = bare_text(cell.text)
    statements = symbols.cells.get((table.id, -1, place), [])
    relations = [s for s in statements if s.steps and s.steps[0].operator in EQUAL and len(s.steps) == 1]
    if len(relations) == 1 and len(statements) == 1:
        statement = relations[0]
        right = statement.steps[0].right.node
        return Column(place, words, (), right, statement.first.node, statement)
    if len(statements) == 1 and not statements[0].steps:
        node = statements[0].first.node
        names = names_of(node)
        if names is not None:
            return Column(place, words, names, None, None, statements[0])
        if has_names(node):
            return Column(place, words, (), node, None, statements[0])
    if not statements and words and symbols.knows(words):
        return Column(place, words, (words,))
    return Column(place, words)


def _entry(symbols: SymbolTable, table: Table, row: int, column: int, cell: Cell) -> Entry | None:
    statements = symbols.cells.get((table.id, row, column), [])
    if not statements:
        return None
    first = statements[0]
    assert first.span is not None
    if any(step.operator not in EQUAL for step in first.steps):
        return None
    pieces = (first.first.node, *(step.right.node for step in first.steps))
    last = printed(pieces[-1])
    numbers = (last,) if last is not None else numbers_in(pieces[-1]) or ()
    leads = cell.place.column + len(cell.text) - len(cell.text.lstrip("*_$` ")) >= first.span.outer.column
    return Entry(cell, first.span, first, pieces, numbers, len(statements) - 1, leads)


def data_rows(sheet: Sheet, symbols: SymbolTable) -> Iterator[Group]:
    """What each row says about names that have no definition: ``x1 = 3, x2 = 2`` under a header ``(x1, x2)``."""
    seen: set[str] = set()
    columns = []
    for column in sheet.columns:
        if column.names and not (set(column.names) & seen) and all(symbols.is_leaf(name) for name in column.names):
            columns.append(column)
            seen |= set(column.names)
    for row in sheet.rows:
        values: dict[str, Printed] = {}
        for column in columns:
            entry = row.entries.get(column.place)
            if entry is not None and len(entry.numbers) == len(column.names):
                values.update(zip(column.names, entry.numbers, strict=True))
        if values:
            yield Group(values, sheet.order, sheet.table.section, sheet.table.id, row.place)


def printed_row(sheet: Sheet, row: Row) -> dict[str, Printed]:
    """Every number that a row prints for a name, the first column of a name before later ones."""
    values: dict[str, Printed] = {}
    for column in sheet.columns:
        entry = row.entries.get(column.place)
        names: Sequence[str] = column.names
        if not names and column.left is not None:
            single = name_of(column.left)
            names = () if single is None else (single,)
        if entry is not None and names and len(entry.numbers) == len(names):
            for name, number in zip(names, entry.numbers, strict=True):
                values.setdefault(name, number)
    return values


def whole_numbers(numbers: Sequence[Printed | None]) -> list[int] | None:
    """The values of numbers that are all whole; None otherwise."""
    if any(number is None or not number.whole for number in numbers):
        return None
    return [int(Fraction(number.value)) for number in numbers if number is not None]
