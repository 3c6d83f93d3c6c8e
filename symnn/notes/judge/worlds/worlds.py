"""The worlds in which the claims of a document are read: built where a claim needs one, and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from symnn.notes.find.document import Document
from symnn.notes.judge.links import names_in
from symnn.notes.judge.reading.operands import operand_definitions, suggested_ranks, with_operands, without_operands
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.worlds.inforce import InForce
from symnn.notes.judge.worlds.mentions import bare, is_introduced
from symnn.notes.judge.worlds.world import Wanted, World, build_world
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Collected, Piece, Statement, is_around, nearness
from symnn.notes.read.symbols import Definition, Table

MAX_DEFINITIONS = 400


class Worlds(InForce):
    """What is in force in a document, with the worlds that were read from it. `as_numbers` makes a number of every name."""

    def __init__(self, document: Document, collected: Collected | None = None) -> None:
        super().__init__(document, collected)
        self.as_numbers = False
        self._worlds: dict[object, World] = {}

    def world(self, statement: Statement, pieces: Iterable[Piece], *, apart: bool = False) -> World:
        """The world in which the pieces of a statement are read."""
        table = self.table_at(statement, apart=apart)
        pieces = list(pieces)
        wanted = self._wanted(table, pieces, statement.section)
        operands = operand_definitions(statement, pieces, table)
        if operands:
            table = with_operands(table, operands)
            wanted += [Wanted(d.key, d.node, d.links[0].spot) for d in operands]
        elif not any(table.definitions.values()) and not any(table.functions.values()) and not table.declarations:
            wanted = wanted[:0]
        mark = (
            tuple(sorted(d[0].statement.order for d in (*table.definitions.values(), *table.functions.values()))),
            tuple(sorted(d.statement.order for found in table.declarations.values() for d in found)),
            tuple(sorted(str(w.key) + str(w.key.labels) for w in wanted)),
            statement.order if operands else None,
        )
        found = (
            self._worlds.get(mark) if not any(d[0].statement is statement for d in table.functions.values()) else None
        )
        if found is None:
            if len(self._worlds) > 200:
                self._worlds.clear()
            ranks = suggested_ranks(operands, pieces, self.table)
            found = build_world(table, wanted, statement.section, as_numbers=self.as_numbers, ranks=ranks)
            self._worlds[mark] = without_operands(found, operands)
        return found

    def _wanted(self, table: Table, pieces: Iterable[Piece], section: tuple[str, ...]) -> list[Wanted]:
        """The names of the pieces that the document knows, and the names that stand in definitions beside them."""
        found: dict[Key, Wanted] = {}
        loose: set[Key] = set()
        for piece in pieces:
            for node in names_in([piece.node]):
                parts = parts_of(node)
                assert parts is not None
                for sorted_ in sortings(parts):
                    key = sorted_.key
                    if is_introduced(table, key):
                        found.setdefault(key, Wanted(key, bare(node, key), piece.passage.spot(node)))
                        if key not in table.definitions and key not in table.functions:
                            loose.add(key)
                    else:
                        loose.add(key)
        self._neighbours(table, found, loose, section)
        return list(found.values())

    def _neighbours(self, table: Table, found: dict[Key, Wanted], loose: set[Key], section: tuple[str, ...]) -> None:
        """The nearest definitions that mention a name which has none itself: they tell its shape."""
        count = 0
        users: dict[Key, list[Definition]] = defaultdict(list)
        for definitions in (*table.definitions.values(), *table.functions.values()):
            for definition in definitions:
                count += 1
                if count > MAX_DEFINITIONS:
                    continue
                for key in _mentioned(definition) & loose:
                    users[key].append(definition)
        for definitions in users.values():
            definitions = [
                d for d in definitions if not section or not d.section or d.section[0] == section[0]
            ] or definitions
            reach = [(nearness(d.section, section), is_around(d.section, section)) for d in definitions]
            for definition, own in zip(definitions, reach, strict=True):
                if own == max(reach) and definition.key not in found:
                    found[definition.key] = Wanted(definition.key, definition.node, definition.statement.spot)


@lru_cache(maxsize=2048)
def _mentioned(definition: Definition) -> frozenset[Key]:
    """What the first link of a definition may mention: asked for each claim of a document."""
    found: set[Key] = set()
    for link in definition.links[:1]:
        for node in names_in([link.node]):
            parts = parts_of(node)
            assert parts is not None
            found |= {sorted_.key for sorted_ in sortings(parts)}
    return frozenset(found)
