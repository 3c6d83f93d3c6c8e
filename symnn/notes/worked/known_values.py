"""Known values: the numbers that a document states for its quantities, and which of them are in force at a place.

``net = w x + b = 0.3775`` states a number for net, ``w_5 = 0.4`` gives one, and ``w_5 h + b = 0.4 × 0.59 + 0.6`` shows
which numbers are put in. The last number before a place is in force there. How far it can be relied on is another
question: where the document has another number for the same quantity, updates it, or goes on to another example, nothing
is called wrong because of it.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.links import BREAKS, Link, links_of
from symnn.notes.read.statements import Piece, Statement
from symnn.notes.read.symbols import is_transpose
from symnn.notes.worked.calculations.alignment import Pair, align
from symnn.notes.worked.digits import Printed, round_to
from symnn.notes.worked.names import plain
from symnn.notes.worked.quantities import Quantity, number_in, quantity_of
from symnn.notes.worked.surroundings import is_another_example, is_supposed
from symnn.notes.worked.symbol_table import EQUAL, NEARLY, Group, SymbolTable, entries_of, has_names
from symnn.notes.worked.tables.sheets import Entry, Sheet

Kind = Literal["given", "stated", "used"]
Standing = Literal["certain", "plain", "doubtful"]
_VALUE = re.compile(r"\b(?:values?|wert|werte|valeurs?|valor(?:es)?|valori|значени\w+)\b|值|값", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """A number that the document has for a quantity: given as such, stated behind a formula, or used in a calculation."""

    quantity: Quantity
    number: Printed
    kind: Kind
    statement: Statement
    is_near: bool = False

    @property
    def order(self) -> int:
        """Where it stands among the statements."""
        return self.statement.order

    @property
    def told(self) -> str:
        """The number and its line, for messages."""
        return f"{self.quantity} = {self.number} (line {self.statement.spot.place().line})"


def told(occurrences: Iterable[Occurrence]) -> str:
    """Numbers and their lines, for messages.

    >>> told([])
    ''
    """
    return ", ".join(dict.fromkeys(occurrence.told for occurrence in occurrences))


def same(one: Printed, other: Printed) -> bool:
    """Whether two printed numbers are one number, printed with more and with fewer digits, rounded or cut off.

    >>> from symnn.notes.worked.digits import read_number
    >>> [same(read_number("0.7513"), read_number(text)) for text in ("0.75136507", "0.751", "0.7514", "0.75")]
    [True, True, False, True]
    """
    if one.value == other.value:
        return True
    fine, coarse = (one, other) if one.unit <= other.unit else (other, one)
    if coarse.whole or fine.unit == coarse.unit:
        return False
    reach = coarse.half + fine.half
    if abs(fine.value - coarse.value) <= reach:
        return True
    return bool(coarse.value) and round_to(fine.value, coarse.unit, "cut off") == coarse.value


@dataclass
class KnownValues:
    """The numbers of a document by quantity, in its order, and how far each of them has been found to hold."""

    symbols: SymbolTable
    found: dict[str, list[Occurrence]] = field(default_factory=lambda: defaultdict(list))
    lists: dict[str, list[tuple[Node, Statement]]] = field(default_factory=lambda: defaultdict(list))
    turns: list[int] = field(default_factory=list)
    standing: dict[Occurrence, Standing] = field(default_factory=dict)
    borne_out: dict[Quantity, list[Occurrence]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, symbols: SymbolTable, sheets: Sequence[Sheet] = ()) -> KnownValues:
        """The numbers of a document: those of its text, and those of tables that list names with their values."""
        known = cls(symbols)
        for statement in symbols.statements:
            in_table = statement.span is not None and statement.span.cell is not None
            if not in_table and statement.steps and not statement.doubt:
                known._stated(statement)
        for group in symbols.groups:
            known._given(group)
        for occurrence in itertools.chain.from_iterable(map(listed_values, sheets)):
            known.found[occurrence.quantity.spelling].append(occurrence)
        for occurrences in known.found.values():
            occurrences.sort(key=lambda occurrence: occurrence.order)
            strong = [o for o in occurrences if o.kind != "used"]
            known.turns += [b.order for a, b in itertools.pairwise(strong) if not same(a.number, b.number)]
        return known

    # -- collecting

    def _stated(self, statement: Statement) -> None:
        for pieces, near in segments(statement):
            for occurrence in _of_segment(statement, pieces, near):
                self.found[occurrence.quantity.spelling].append(occurrence)
            last = pieces[-1].node
            for quantity in map(quantity_of, (piece.node for piece in pieces[:-1])) if numbers_listed(last) else ():
                if quantity is not None:
                    self.lists[quantity.spelling].append((as_column(last), statement))
        for link in links_of(statement):
            for quantity, number in _put_in(link, self.symbols):
                self.found[quantity.spelling].append(Occurrence(quantity, number, "used", statement))

    def _given(self, group: Group) -> None:
        """Numbers that a list or a matrix gives for several names at once."""
        at = next((s for s in self.symbols.statements if s.order == group.order), None)
        for name, number in group.values.items() if at is not None else ():
            own = self.found.get(name, ())
            if at is not None and not any(_is_beside(o, group) and same(o.number, number) for o in own):
                self.found[name].append(Occurrence(Quantity(name, name), number, "given", at))

    # -- looking up

    def in_force(self, quantity: Quantity, at: Statement) -> Occurrence | None:
        """The number in force at a statement: the last one before it, else the first one after it.

        What is given or stated comes before what only stands in calculations.
        """
        own = [o for o in self.found.get(quantity.spelling, ()) if o.statement is not at]
        strong = [o for o in own if o.kind != "used"] or own
        before = [o for o in strong if o.order < at.order]
        return before[-1] if before else next(iter(strong), None)

    def list_in_force(self, quantity: Quantity, at: Statement) -> tuple[Node, Statement] | None:
        """The last list of numbers before a statement that is stated for a name; None where a single number follows it."""
        before = [entry for entry in self.lists.get(quantity.spelling, ()) if entry[1].order < at.order]
        numbers = [o for o in self.found.get(quantity.spelling, ()) if o.kind != "used" and o.order < at.order]
        if not before or (numbers and numbers[-1].order > before[-1][1].order):
            return None
        return before[-1]

    def bear_out(self, occurrences: Iterable[Occurrence], at: Statement) -> None:
        """Note that the result of a formula at a statement fits numbers that elsewhere only stand in calculations."""
        for occurrence in occurrences:
            if occurrence.kind == "used":
                found = Occurrence(occurrence.quantity, occurrence.number, "used", at)
                self.borne_out[occurrence.quantity].append(found)

    def borne_out_by(self, quantity: Quantity, number: Printed) -> Occurrence | None:
        """The result that fits a number which stands in a calculation only."""
        return next((o for o in self.borne_out.get(quantity, ()) if o.number.value == number.value), None)

    def standing_of(self, occurrence: Occurrence) -> Standing:
        """How far the number of a quantity has been found to hold."""
        return self.standing.get(occurrence, "plain")

    def is_certain(self, occurrence: Occurrence, at: Statement, *, twice: bool = False) -> bool:
        """Whether what does not fit a number must be wrong: it holds, has no rival, and is still in force.

        With `twice` it does not suffice that the number is given: it has to stand at another place as well.
        """
        spelling = occurrence.quantity.spelling
        if (
            occurrence.order >= at.order
            or self.symbols.is_updated(spelling, occurrence.order, at)
            or (occurrence.is_near and occurrence.number.whole)
        ):
            return False
        others = [o for o in self.found[spelling] if o.statement is not at]
        if any(not same(one.number, occurrence.number) for one in others):
            return False
        if any(occurrence.order < turn <= at.order for turn in self.turns) or is_supposed(occurrence.statement.span):
            return False
        if is_another_example(occurrence.statement.section, at.section) or _are_labelled(occurrence.statement, at):
            return False
        if self.standing_of(occurrence) != "plain":
            return self.standing_of(occurrence) == "certain"
        return (not twice and self._is_leaf(occurrence)) or len({o.order for o in others}) > 1

    def _is_leaf(self, occurrence: Occurrence) -> bool:
        """Whether a number is given for a name that no formula is about, nor about others of its letter."""
        if occurrence.kind != "given" or occurrence.quantity.is_derivative:
            return False
        stems = {name.split("_")[0].rstrip("0123456789") for name in self.symbols.values if "^" not in name}
        return occurrence.quantity.spelling not in self.symbols.values and occurrence.quantity.stem not in stems

    def rivals(self, number: Printed, quantity: Quantity) -> list[Occurrence]:
        """Other quantities that have a number."""
        return [
            occurrence
            for spelling, occurrences in self.found.items()
            for occurrence in occurrences
            if spelling != quantity.spelling and occurrence.kind != "used" and same(occurrence.number, number)
        ]


def listed_values(sheet: Sheet) -> Iterator[Occurrence]:
    """The numbers of a table with a column of names and one of their values: ``| Symbol | Value |``."""
    rows = [row for row in sheet.rows if not row.is_gap]
    value = next((column.place for column in sheet.columns if _VALUE.search(column.words)), None)
    if value is None or len(rows) < 2:
        return
    for column in sheet.columns:
        names = [_bare_name(row.entries.get(column.place)) for row in rows]
        if column.place != value and all(names) and len(set(names)) == len(names):
            for row, name in zip(rows, names, strict=True):
                entry = row.entries.get(value)
                if name is not None and entry is not None and entry.number is not None and entry.leads:
                    yield Occurrence(name, entry.number, "given", entry.statement)
            return


def numbers_listed(node: Node) -> tuple[tuple[Node, ...], ...] | None:
    """The entries of a list or a matrix of plain numbers, perhaps transposed; None for anything else.

    >>> from symnn.notation import parse_plain
    >>> numbers_listed(parse_plain("(1, -2)")) is None, numbers_listed(parse_plain("(1, x)")) is None
    (False, True)
    """
    if isinstance(node, t.Script) and node.sub is None and is_transpose(node.sup):
        node = node.base
    rows = entries_of(node)
    if rows is None or sum(map(len, rows)) < 2:
        return None
    return rows if all(number_in(entry) is not None for row in rows for entry in row) else None


def as_column(node: Node) -> Node:
    """A list in one line is a column, with ``^T`` on it as well as without."""
    is_turned = isinstance(node, t.Script) and isinstance(node.base, t.Sequence) and is_transpose(node.sup)
    return node.base if isinstance(node, t.Script) and is_turned else node


def _bare_name(entry: Entry | None) -> Quantity | None:
    return None if entry is None or len(entry.pieces) != 1 or entry.remarks else quantity_of(entry.pieces[0])


def segments(statement: Statement) -> Iterator[tuple[list[Piece], bool]]:
    """The chains of equal pieces in a statement, and whether one of their signs only says *nearly*."""
    pieces, near = [statement.first], False
    for step in statement.steps:
        if step.operator in (*EQUAL, *NEARLY):
            pieces.append(step.right)
            near = near or step.operator in NEARLY
            continue
        if len(pieces) > 1:
            yield pieces, near
        pieces, near = ([step.right] if step.operator in BREAKS else []), False
        if not pieces:
            return
    if len(pieces) > 1:
        yield pieces, near


def _of_segment(statement: Statement, pieces: Sequence[Piece], near: bool) -> Iterator[Occurrence]:
    """What a chain states: its number, for every quantity that stands before it."""
    numbers = [number_in(piece.node) for piece in pieces]
    quantities = [quantity_of(piece.node) for piece in pieces]
    for place, quantity in enumerate(quantities):
        later = [number for number in numbers[place + 1 :] if number is not None]
        if quantity is None or not later:
            continue
        finest = min(later, key=lambda number: number.unit)
        bare = all(q is not None or n is not None for q, n in zip(quantities, numbers, strict=True))
        opens = place == 0 or all(q is not None and not q.is_derivative for q in quantities[:place])
        kind: Kind = "stated" if not bare and place == 0 else "given" if bare and opens else "used"
        yield Occurrence(quantity, finest, kind, statement, near)
        for other in later:
            if not same(other, finest):
                yield Occurrence(quantity, other, kind, statement, near)


def _put_in(link: Link, symbols: SymbolTable) -> Iterator[tuple[Quantity, Printed]]:
    """The numbers that a calculation shows for the quantities of the formula that it is laid beside."""
    left, right = link.nodes
    if link.operator not in (*EQUAL, *NEARLY) or has_names(left) == has_names(right):
        return
    formula, numbers = (left, right) if has_names(left) else (right, left)
    if number_in(numbers) is not None:
        return
    for pairs in layings(formula, numbers, symbols):
        leaves = [(quantity_of(one), number_in(other)) for one, other in pairs if has_names(one)]
        if all(quantity is not None and number is not None for quantity, number in leaves):
            yield from ((q, n) for q, n in leaves if q is not None and n is not None)
            return


def layings(formula: Node, numbers: Node, symbols: SymbolTable) -> Iterator[list[Pair]]:
    """The ways to lay a calculation beside a formula, or beside what the document says a quantity is."""
    for source in sources_of(formula, symbols):
        pairs = align(source, numbers, symbols)
        if len(pairs) > 1:
            yield pairs


def sources_of(formula: Node, symbols: SymbolTable) -> list[Node]:
    """The formulas that the document has for a quantity; for anything else the formula itself."""
    quantity = quantity_of(formula)
    if quantity is None:
        return [formula]
    if quantity.is_derivative:
        return list(symbols.expansions_of(plain(formula)))
    return [definition.node for definition in symbols.values.get(quantity.spelling, ())]


def _is_beside(occurrence: Occurrence, group: Group) -> bool:
    span = occurrence.statement.span
    return span is not None and span.block == group.block


def _are_labelled(one: Statement, other: Statement) -> bool:
    """Whether two places have labels that tell them apart: ``Example 2:``."""
    labels = [statement.span.label if statement.span is not None else "" for statement in (one, other)]
    return labels[0] != labels[1] and all(labels)
