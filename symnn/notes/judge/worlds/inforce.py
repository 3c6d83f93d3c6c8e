"""Which definitions of a document are in force at a statement."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from symnn.notation.traverse import children, walk
from symnn.notation.tree import Call, Matrix, Name, Node, Prime, Product, Script, Sum, Text
from symnn.notation.tree import Sequence as Listed
from symnn.notes.find.document import Document
from symnn.notes.judge.gradients.assigned import with_assigned
from symnn.notes.judge.gradients.gradients import with_gradients
from symnn.notes.judge.gradients.shorthand import is_error_term
from symnn.notes.judge.probability.one_hot import picks_of
from symnn.notes.judge.reading.canonical import canonical, folded, in_letters, tidied
from symnn.notes.judge.reading.last_layer import with_last_layer
from symnn.notes.judge.reading.layer_functions import is_any_function, with_layers
from symnn.notes.judge.reading.samples import with_samples
from symnn.notes.judge.worlds.own_entries import with_own_entries
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.rewriting.counts import with_counts
from symnn.notes.read.rewriting.rephrased import rephrased
from symnn.notes.read.statements import Collected, Statement, collect, is_around, nearness
from symnn.notes.read.symbols import Declaration, Definition, Entry, Table, call_parts, components

MAX_FOLDED = 40


MOST_DEFINITIONS = 200
"""Of one name that are looked at for one statement, the nearest ones."""


class InForce:
    """The statements of a document with its symbol table, and the definitions that are in force at each."""

    def __init__(self, document: Document, collected: Collected | None = None) -> None:
        self.document = document
        self.collected = collected or collect(document)
        tidy = with_last_layer([tidied(statement) for statement in rephrased(with_counts(self.collected.statements))])
        tidy = with_own_entries(with_assigned(with_layers(tidy)))
        self.statements = with_samples(tidy)
        self.table = Table(self.statements)
        parted = tuple(in_letters(statement, self.table) for statement in self.statements)
        if any(a is not b for a, b in zip(parted, self.statements, strict=True)):
            self.statements, self.table = parted, Table(parted)
        self.named = self.statements
        """The statements with the names that the document has for derivatives."""
        meant = with_gradients(self.statements, self.table, document.text)
        if len(meant) != len(self.statements) or any(a is not b for a, b in zip(meant, self.statements, strict=True)):
            self.statements, self.table = meant, Table(meant)
        self._shared = _shared_headings(self.statements)
        self._orders = frozenset(statement.order for statement in self.statements)
        self._telling: dict[int, bool] = {}
        self._forms: dict[int, dict[Key, set[bool]]] = {}
        self._tables: dict[tuple[int, tuple[str, ...]], Table] = {}
        self.picks = tuple(picks_of(self.table.definitions.values()))
        self._picked = frozenset(id(pick.definition) for pick in self.picks)
        self.distrusted: set[int] = set()
        """The places of definitions that are wrong: the names keep their standard meanings."""

    def chosen(self, key: Key, statement: Statement, *, apart: bool = False) -> Definition | None:
        """The definition of a name that is in force at a statement; `apart` leaves out that of the statement itself."""
        every = (*self.table.definitions.get(key, ()), *self.table.functions.get(key, ()))
        if len(every) > MOST_DEFINITIONS:
            every = tuple(sorted(every, key=lambda d: abs(d.statement.order - statement.order))[:MOST_DEFINITIONS])
        found = [d for d in every if d.statement.order not in self.distrusted]
        if key.base in LOSS_NAMES:
            found = [d for d in found if not self._comes_later(d, statement)]
        found = [d for d in found if d.statement is not statement] if apart else found
        found = [d for d in found if self._says_what(d) and id(d) not in self._picked] or found
        return max(found, key=lambda d: self._fitness(d, statement), default=None)

    def part_of(self, section: tuple[str, ...]) -> tuple[str, ...]:
        """The part of a document that a section belongs to: the headings down to the first one that not all sections share."""
        return section[: self._shared + 1]

    def _comes_later(self, definition: Definition, statement: Statement) -> bool:
        """Whether a definition belongs to a later part of the document: each part may have a loss of its own."""
        here, there = self.part_of(statement.section), self.part_of(definition.statement.section)
        parted = len(here) == len(there) == self._shared + 1 and here != there
        return parted and definition.statement.order > statement.order

    def superseded(self, statement: Statement) -> frozenset[int]:
        """The places of definitions in whose stead one of the same name under another heading is in force at a statement."""
        found: set[int] = set()
        for definitions in (*self.table.definitions.values(), *self.table.functions.values()):
            if 1 < len(definitions) <= MOST_DEFINITIONS:
                best = max(definitions, key=lambda d: self._fitness(d, statement))
                found |= {d.statement.order for d in definitions if d.section != best.section}
        return frozenset(found)

    def _says_what(self, definition: Definition) -> bool:
        """Whether a definition says what a name is, and does not only give it a number that is worked out."""
        known = self._telling.get(id(definition))
        if known is None:
            known = has_names(definition.links[0].node) and not is_worked(definition)
            self._telling[id(definition)] = known
        return known

    def _fitness(self, definition: Definition, statement: Statement) -> tuple[object, ...]:
        other = definition.statement
        same_block = statement.span is not None and other.span is not None and statement.span.block == other.span.block
        before = other.order <= statement.order
        distance = abs(other.order - statement.order)
        return (
            other is statement, same_block and before, nearness(other.section, statement.section),
            self._has_form(definition, statement), other.primary, is_around(other.section, statement.section), before,
            -distance,
        )  # fmt: skip

    def _has_form(self, definition: Definition, statement: Statement) -> bool:
        """Whether a definition writes its name with indices where a statement does: ``y_i = …`` is not about ``y``."""
        if statement.order not in self._forms:
            self._forms[statement.order] = self._indexed_names(statement)
        wanted = self._forms[statement.order].get(definition.key)
        return wanted is None or bool(definition.indices) in wanted

    def _indexed_names(self, statement: Statement) -> dict[Key, set[bool]]:
        """The names of a statement, with whether they stand with indices below, without, or both."""
        found: dict[Key, set[bool]] = defaultdict(set)
        inner: set[int] = set()
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for node in walk(piece.node):
                if id(node) in inner or not isinstance(node, Name | Script | Prime):
                    continue
                parts = parts_of(node)
                key = None if parts is None else self.table.labelled(parts)
                inner |= {id(part) for part in walk(node)}
                if parts is None:
                    continue
                if key is not None:
                    found[key].add(False)
                for sub in parts.subs:
                    if all(isinstance(c, Name) and len(c.base) == 1 for c in components(sub)):
                        found[parts.key].add(True)
        return found

    def table_at(self, statement: Statement, *, apart: bool = False) -> Table:
        """The symbol table as it is at a statement: one definition for each name."""
        if statement.order in self._orders:
            return self._table_at(statement, apart)
        mark = (statement.order, statement.section)
        if mark not in self._tables:
            self._tables[mark] = self._table_at(statement, apart)
        return self._tables[mark]

    def _table_at(self, statement: Statement, apart: bool) -> Table:
        table = copy.copy(self.table)
        keys = {*self.table.definitions, *self.table.functions}
        definitions: dict[Key, list[Definition]] = {}
        functions: dict[Key, list[Definition]] = {}
        for key in keys:
            best = self.chosen(key, statement, apart=apart)
            if best is None or is_error_term(key) or is_worked(best):
                continue
            if best in self.table.functions.get(key, ()):
                functions[key] = [best]
            else:
                definitions[key] = [best]
                others = self.table.functions.get(key, [])
                if others and self._close(others, statement):
                    functions[key] = [max(others, key=lambda d: self._fitness(d, statement))]
        table.declarations = _defaulting_any(
            {
                key: kept
                for key, found in self.table.declarations.items()
                if (kept := [d for d in found if _reaches(d, statement)])
            }
        )
        self._alias(functions, statement)
        table.unknown_functions = self._unknown_functions(table, definitions, functions)
        table.definitions = _defaulting(_folded(_canonical(definitions)))
        table.functions = _defaulting(_canonical(functions))
        return table

    def table_without_later_parts(self, statement: Statement) -> Table:
        """The same without the definitions that only a later part of the document gives."""
        table = copy.copy(self.table_at(statement))
        table.definitions = _defaulting(self._not_later(table.definitions, self.table.definitions, statement))
        table.functions = _defaulting(self._not_later(table.functions, self.table.functions, statement))
        return table

    def _not_later(
        self, chosen: dict[Key, list[Definition]], every: dict[Key, list[Definition]], statement: Statement
    ) -> dict[Key, list[Definition]]:
        found = {}
        for key, definitions in chosen.items():
            if any(self._comes_later(d, statement) for d in definitions):
                earlier = [d for d in every.get(key, ()) if not self._comes_later(d, statement)]
                definitions = sorted(earlier, key=lambda d: self._fitness(d, statement))[-1:]
            if definitions:
                found[key] = definitions
        return found

    def _unknown_functions(
        self, table: Table, definitions: dict[Key, list[Definition]], functions: dict[Key, list[Definition]]
    ) -> dict[Key, list[Entry]]:
        """The functions that the document declares, and letters that stand for any function: ``h = φ(z)``."""
        found: dict[Key, list[Entry]] = defaultdict(list)
        found.update({key: list(entries) for key, entries in table.unknown_functions.items()})
        for (definition,) in (*definitions.values(), *functions.values()):
            for node in walk(definition.links[0].node):
                called = call_parts(node) if isinstance(node, Product) else None
                if called is None or len(called[1]) != 1 or called[0].subs or called[0].sups or called[0].accents:
                    continue
                key = called[0].key
                if is_any_function(key.base) and not key.primes and key not in functions and not table.knows(key):
                    found.setdefault(key, [Entry(key, node, definition.statement)])
        return found

    def _alias(self, functions: dict[Key, list[Definition]], statement: Statement) -> None:
        """In ``f_c(x) = c + x → df/dx = 1`` the f is the function that the statement itself defines.

        Where the document defines ``h_θ(x)`` and no other h, ``h(x)`` is that function.
        """
        for key, found in list(functions.items()):
            parameter = Key(key.labels[0][1:]) if len(key.labels) == 1 else None
            if parameter is not None and parameter in self.table.nodes and not self._is_known(key.bare):
                if sum(other.bare == key.bare for other in functions) == 1:
                    functions[key.bare] = [replace(found[0], key=key.bare)]
                continue
            if key.labels and found[0].statement is statement:
                bare = key.bare
                if bare not in functions or functions[bare][0].statement is not statement:
                    functions[bare] = [replace(found[0], key=bare)]

    def _is_known(self, key: Key) -> bool:
        table = self.table
        return table.knows(key) or key in table.functions or key in table.sizes or key in table.unknown_functions

    def _close(self, others: Sequence[Definition], statement: Statement) -> bool:
        return any(nearness(d.section, statement.section) >= min(1, len(statement.section)) for d in others)

    # -- worlds -------------------------------------------------------------------------------------------------------


def _shared_headings(statements: Sequence[Statement]) -> int:
    """How many headings all sections with formulas begin with."""
    sections = list(dict.fromkeys(s.section for s in statements if s.section))
    if len(sections) < 2:
        return len(sections[0]) if sections else 0
    return min(nearness(sections[0], other) for other in sections[1:])


def _canonical(found: dict[Key, list[Definition]]) -> dict[Key, list[Definition]]:
    return {key: [_made_canonical(definitions[0])] for key, definitions in found.items()}


def _made_canonical(definition: Definition) -> Definition:
    links = tuple(link.of(canonical(link.node)) for link in definition.links)
    same = all(a.node is b.node for a, b in zip(links, definition.links, strict=True))
    return definition if same else replace(definition, links=links)


def _folded(found: dict[Key, list[Definition]]) -> dict[Key, list[Definition]]:
    """``z = W x + b`` and ``a = f(W x + b)`` together say ``a = f(z)``."""
    large = [d for (d,) in found.values() if isinstance(d.links[0].node, Sum) and len(found) < MAX_FOLDED]
    if not large:
        return found
    result = {}
    for key, (definition,) in found.items():
        link = definition.links[0]
        node = link.node
        for other in large:
            if other.key != key and node != other.links[0].node:
                node = folded(node, other.links[0].node, other.node)
        changed = node is not link.node
        result[key] = [replace(definition, links=(link.of(node), *definition.links[1:])) if changed else definition]
    return result


def has_names(node: Node) -> bool:
    """Whether a right side mentions any name: without one it is worked arithmetic and defines nothing."""
    return any(isinstance(part, Name | Text) for part in walk(node))


def _reaches(declaration: Declaration, statement: Statement) -> bool:
    """Whether a declaration holds at a statement: not where it comes later, under another top heading."""
    here, there = statement.section, declaration.section
    return not here or not there or here[0] == there[0] or declaration.statement.order < statement.order


def _defaulting_any(found: dict[Key, list[Declaration]]) -> dict[Key, list[Declaration]]:
    made: dict[Key, list[Declaration]] = defaultdict(list)
    made.update(found)
    return made


def _defaulting(found: dict[Key, list[Definition]]) -> dict[Key, list[Definition]]:
    made: dict[Key, list[Definition]] = defaultdict(list)
    made.update(found)
    return made


def is_worked(definition: Definition) -> bool:
    """Whether a name only gets a number that is worked out: ``w = 3 - 0.1 · 4``. It may get another one later."""
    node = definition.links[0].node
    arrays = any(isinstance(part, Matrix | Listed) for part in walk(node))
    return not definition.parameters and not arrays and not _needs_values(node)


def _needs_values(node: Node) -> bool:
    """Whether a formula mentions any name but those of functions of numbers, such as σ in σ(0.35)."""
    called = call_parts(node) if isinstance(node, Product) else None
    if called is not None:
        return any(_needs_values(argument) for argument in called[1])
    if isinstance(node, Name):
        return node.base not in ("e", "pi")
    if isinstance(node, Call):
        return any(_needs_values(part) for part in children(node) if part is not node.head)
    return isinstance(node, Text) or any(_needs_values(part) for part in children(node))
