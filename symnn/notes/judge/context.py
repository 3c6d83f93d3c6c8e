"""The context of a document: its statements, which definitions are in force where, the worlds that were read."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from symnn.formula.nodes import Tensor
from symnn.notation.traverse import children, walk
from symnn.notation.tree import Derivative, Group, Name, Node, Product, Script, Sum, Text
from symnn.notes.find.document import Document
from symnn.notes.judge.canonical import canonical, folded, in_letters, tidied
from symnn.notes.judge.conventions import Conventions, writes_transposes
from symnn.notes.judge.differentials import Differentials
from symnn.notes.judge.links import names_in
from symnn.notes.judge.naming import raised_pieces, sortings
from symnn.notes.judge.reader import ClaimReader
from symnn.notes.judge.world import Wanted, World, build_world
from symnn.notes.read.model import Model
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Collected, Piece, Statement, collect, nearness
from symnn.notes.read.symbols import Declaration, Definition, Entry, Table, call_parts, is_transpose, letters_in

MAX_DEFINITIONS = 400
MAX_FOLDED = 40
ANY_FUNCTION = frozenset(["f", "g", "F", "G", "phi", "psi", "Phi", "Psi", "varphi"])


class Context:
    """One document, read once; worlds are built where claims need them and kept."""

    def __init__(self, document: Document, collected: Collected | None = None) -> None:
        self.document = document
        self.collected = collected or collect(document)
        self.statements = tuple(tidied(statement) for statement in self.collected.statements)
        self.table = Table(self.statements)
        parted = tuple(in_letters(statement, self.table) for statement in self.statements)
        if any(a is not b for a, b in zip(parted, self.statements, strict=True)):
            self.statements, self.table = parted, Table(parted)
        self.strict = writes_transposes(self.statements)
        self._worlds: dict[object, World] = {}
        self.meanings: dict[Key, Any] = {}

    # -- definitions in force -----------------------------------------------------------------------------------------

    def chosen(self, key: Key, statement: Statement, *, apart: bool = False) -> Definition | None:
        """The definition of a name that is in force at a statement; `apart` leaves out that of the statement itself."""
        found = [*self.table.definitions.get(key, ()), *self.table.functions.get(key, ())]
        if apart:
            found = [d for d in found if d.statement is not statement]
        found = [d for d in found if has_names(d.links[0].node)] or found
        return max(found, key=lambda d: self._fitness(d, statement), default=None)

    def _fitness(self, definition: Definition, statement: Statement) -> tuple[object, ...]:
        other = definition.statement
        same_block = statement.span is not None and other.span is not None and statement.span.block == other.span.block
        before = other.order <= statement.order
        distance = abs(other.order - statement.order)
        return (
            other is statement, same_block and before, nearness(other.section, statement.section), other.primary, before, -distance,
        )  # fmt: skip

    def table_at(self, statement: Statement, *, apart: bool = False) -> Table:
        """The symbol table as it is at a statement: one definition for each name."""
        table = copy.copy(self.table)
        keys = {*self.table.definitions, *self.table.functions}
        definitions: dict[Key, list[Definition]] = {}
        functions: dict[Key, list[Definition]] = {}
        for key in keys:
            best = self.chosen(key, statement, apart=apart)
            if best is None or is_error_term(key):
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
                if key.base in ANY_FUNCTION and not key.primes and key not in functions and not table.knows(key):
                    found.setdefault(key, [Entry(key, node, definition.statement)])
        return found

    def _alias(self, functions: dict[Key, list[Definition]], statement: Statement) -> None:
        """In ``f_c(x) = c + x → df/dx = 1`` the f is the function that the statement itself defines."""
        for key, found in list(functions.items()):
            if key.labels and found[0].statement is statement:
                bare = key.bare
                if bare not in functions or functions[bare][0].statement is not statement:
                    functions[bare] = [replace(found[0], key=bare)]

    def _close(self, others: Sequence[Definition], statement: Statement) -> bool:
        return any(nearness(d.section, statement.section) >= min(1, len(statement.section)) for d in others)

    # -- worlds -------------------------------------------------------------------------------------------------------

    def world(self, statement: Statement, pieces: Iterable[Piece], *, apart: bool = False) -> World:
        """The world in which the pieces of a statement are read."""
        table = self.table_at(statement, apart=apart)
        wanted = self._wanted(table, pieces, statement.section)
        if not any(table.definitions.values()) and not any(table.functions.values()) and not table.declarations:
            wanted = wanted[:0]
        mark = (
            tuple(sorted(d[0].statement.order for d in (*table.definitions.values(), *table.functions.values()))),
            tuple(sorted(d.statement.order for found in table.declarations.values() for d in found)),
            tuple(sorted(str(w.key) + str(w.key.labels) for w in wanted)),
        )
        found = (
            self._worlds.get(mark) if not any(d[0].statement is statement for d in table.functions.values()) else None
        )
        if found is None:
            if len(self._worlds) > 200:
                self._worlds.clear()
            found = self._worlds[mark] = build_world(table, wanted, statement.section)
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
                    if _is_introduced(table, key):
                        found.setdefault(key, Wanted(key, bare(node), piece.passage.spot(node)))
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
                mentioned: set[Key] = set()
                for link in definition.links[:1]:
                    for node in names_in([link.node]):
                        parts = parts_of(node)
                        assert parts is not None
                        mentioned |= {s.key for s in sortings(parts)}
                for key in mentioned & loose:
                    users[key].append(definition)
        for definitions in users.values():
            definitions = [
                d for d in definitions if not section or not d.section or d.section[0] == section[0]
            ] or definitions
            best = max(nearness(d.section, section) for d in definitions)
            for definition in definitions:
                if nearness(definition.section, section) == best and definition.key not in found:
                    found[definition.key] = Wanted(definition.key, definition.node, definition.statement.spot)

    # -- readers ------------------------------------------------------------------------------------------------------

    def reader(self, statement: Statement, *, whole: bool = False, apart: bool = False) -> ClaimReader:
        """A reader for the claims of a statement.

        `whole` adds the definitions of every loss to its world; `apart` leaves out what the statement itself defines.
        """
        pieces = [statement.first, *(step.right for step in statement.steps)]
        terms = self._terms(pieces, statement)
        losses = self._loss_pieces(statement) if whole or terms else []
        world = self.world(statement, [*pieces, *losses], apart=apart)
        conventions = Conventions(
            strict=self.strict,
            columns=self._columns(world),
            scalars=_all_numbers(world, pieces),
            loss=self._loss(world),
            square_sizes=tuple(dict.fromkeys(size for t in world.tensors.values() for size in t.shape)),
        )
        edges = {**world.edges, **derivative_edges(world, pieces)}
        reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
        if terms:
            from symnn.notes.judge.adjoints import give_meaning

            world = world.copied()
            for key in terms:
                reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
                meaning = self.meanings.get(key)
                give_meaning(reader, key, None if meaning is None else meaning.of, self.table.definitions[key])
            reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
        elif whole:
            reader = ClaimReader(world.copied(), conventions, Differentials(world.equations, edges))
        return reader

    def _terms(self, pieces: Sequence[Piece], statement: Statement) -> list[Key]:
        """The error terms that a statement mentions, and those that their definitions mention, these first."""
        found: list[Key] = []
        for key, definitions in self.table.definitions.items():
            if not is_error_term(key) or not definitions or key in found:
                continue
            if definitions[0].statement is statement or not self._mentions(pieces, key):
                continue
            if definitions[0].statement.order < statement.order and key not in self.meanings:
                inner = [link for link in definitions[0].links[:1]]
                found += [other for other in self._terms(inner, definitions[0].statement) if other not in found]
            found.append(key)
        return found

    def _mentions(self, pieces: Iterable[Piece], key: Key) -> bool:
        for node in names_in(piece.node for piece in pieces):
            parts = parts_of(node)
            if parts is not None and self.table.labelled(parts) == key:
                return True
        return False

    def _loss_pieces(self, statement: Statement) -> list[Piece]:
        """The left sides of the definitions of losses."""
        found = []
        for table in (self.table.definitions, self.table.functions):
            for key, definitions in table.items():
                if key.base in LOSS_NAMES and not key.labels and definitions:
                    best = self.chosen(key, statement)
                    if best is not None:
                        found.append(best.statement.first.of(best.node))
        return found

    def abstract_reader(self, statement: Statement) -> ClaimReader | None:
        """A reader for a statement about derivatives alone, in a world in which nothing is defined.

        Names depend on each other as the derivatives of the statement say. None where that could hide a path: beside a
        name that is shared by the members of a recurrence.
        """
        pieces = [statement.first, *(step.right for step in statement.steps)]
        if not all(_only_derivatives(piece.node) for piece in pieces) or self._recurs(statement, pieces):
            return None
        world = World(Table(()), Model(Table(())), statement.section)
        edges = derivative_edges(world, pieces)
        return ClaimReader(world, Conventions(strict=self.strict), Differentials({}, edges))

    def _recurs(self, statement: Statement, pieces: Sequence[Piece]) -> bool:
        """Whether names of a recurrence stand beside names that all its members share."""
        table = self.table_at(statement)
        members = {key.bare for key, found in table.definitions.items() if found and _steps_back(found[0])}
        scripted, plain = False, False
        for node in names_in(piece.node for piece in pieces):
            parts = parts_of(node)
            assert parts is not None
            if parts.key in members:
                scripted = True
            elif isinstance(node, Script) and not any(letters_in(s) for s in (*parts.subs, *parts.sups)):
                plain = True
            elif (
                not parts.subs and not parts.sups and parts.key.base not in LOSS_NAMES and not _is_inside(node, pieces)
            ):
                plain = True
        return scripted and plain

    def _columns(self, world: World) -> bool | None:
        """Whether the vectors of the definitions in force are columns: ``W x`` or ``x W``."""
        columns = rows = False
        for definitions in world.table.definitions.values():
            for definition in definitions:
                for link in definition.links[:1]:
                    for node in walk(link.node):
                        if isinstance(node, Product) and node.operator in ("juxtaposed", "cdot", "matmul"):
                            for one, other in zip(node.factors, node.factors[1:], strict=False):
                                ranks = _rank_in(world, one), _rank_in(world, other)
                                columns = columns or ranks == (2, 1)
                                rows = rows or ranks == (1, 2)
        return None if columns == rows else columns

    def _loss(self, world: World) -> Tensor | None:
        scalars = [t for t in world.equations if t.rank == 0]
        used = {parent for t in world.equations for parent in world.closure([t]) if parent != t}
        ends = [t for t in scalars if t not in used]
        named = [t for t in ends if (key := world.key_of(t)) is not None and key.base in LOSS_NAMES]
        for group in (named, ends):
            if len(group) == 1:
                return group[0]
        return None


def _all_numbers(world: World, pieces: Sequence[Piece]) -> bool:
    """Whether every name of a statement that is known is a number, or the statement is about derivatives alone.

    ``∂L/∂W = ∂L/∂a ∂a/∂W`` says the same for numbers and for arrays.
    """
    if all(_only_derivatives(piece.node) for piece in pieces):
        return True
    for node in names_in(piece.node for piece in pieces):
        parts = parts_of(node)
        assert parts is not None
        for sorted_ in sortings(parts):
            tensor = world.tensors.get(sorted_.key)
            if tensor is not None:
                if tensor.rank:
                    return False
                break
    return True


def _only_derivatives(node: Node) -> bool:
    match node:
        case Derivative():
            return True
        case Product():
            return all(_only_derivatives(factor) for factor in node.factors)
        case Group():
            return _only_derivatives(node.body)
    return False


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


def _rank_in(world: World, node: Node) -> int | None:
    parts = parts_of(node)
    if parts is None or any(is_transpose(piece) for sup in parts.sups for piece in raised_pieces(sup)):
        return None
    for sorted_ in sortings(parts):
        tensor = world.tensors.get(sorted_.key)
        if tensor is not None:
            return tensor.rank - len(sorted_.indices)
    return None


def _steps_back(definition: Definition) -> bool:
    """Whether a definition mentions its own name with other scripts: a recurrence."""
    own = parts_of(definition.node)
    for node in names_in([definition.links[0].node]):
        parts = parts_of(node)
        if (
            own is not None
            and parts is not None
            and parts.key == own.key
            and node != definition.node
            and (parts.subs or parts.sups)
        ):
            return True
    return False


def _is_inside(node: Node, pieces: Sequence[Piece]) -> bool:
    """Whether a bare name only stands as the base of scripted names."""
    for piece in pieces:
        stack = [piece.node]
        while stack:
            top = stack.pop()
            if top is node:
                return False
            stack.extend([] if isinstance(top, Script) else children(top))
    return True


def is_error_term(key: Key) -> bool:
    """Whether a name is one that notes give to derivatives of the loss."""
    return key.base in ("delta", "Delta") and not key.primes


def has_names(node: Node) -> bool:
    """Whether a right side mentions any name: without one it is worked arithmetic and defines nothing."""
    return any(isinstance(part, Name | Text) for part in walk(node))


def bare(node: Node) -> Node:
    """A name as the author wrote it, without raised transposes."""
    from symnn.notation.tree import Script

    if isinstance(node, Script) and node.sup is not None and is_transpose(node.sup):
        return node.base if node.sub is None else Script(node.base, node.sub, None, span=node.span)
    return node


def _is_introduced(table: Table, key: Key) -> bool:
    """Whether the document says something of its own about a name."""
    return any(
        key in place for place in (table.definitions, table.functions, table.declarations, table.given, table.sizes)
    )


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


def derivative_edges(world: World, pieces: Iterable[Piece]) -> dict[Tensor, frozenset[Tensor]]:
    """What names without a definition depend on, as far as the derivatives of a statement tell.

    ``∂z/∂y ∂y/∂x`` says that z is a function of y, and y of x. Where a longer way leads to the same end, the shorter one is
    that way summed up, and no way of its own.
    """
    edges: dict[Tensor, set[Tensor]] = {}
    for piece in pieces:
        for node in walk(piece.node):
            if not isinstance(node, Derivative) or node.order != 1:
                continue
            if node.numerator is None:
                continue
            top = _plain(world, node.numerator)
            by = _plain(world, node.denominators[0])
            if top is None or by is None or top == by:
                continue
            if top not in world.equations and top not in world.edges:
                edges.setdefault(top, set()).add(by)
    if not edges:
        return {}
    reduced = {top: set(ends) for top, ends in edges.items()}
    known = Differentials(world.equations, {t: frozenset(e) for t, e in {**world.edges, **edges}.items()})
    for top, ends in edges.items():
        for end in ends:
            others = reduced[top] - {end}
            if any(other != end and known.depends(other, end) for other in others):
                reduced[top].discard(end)
    return {top: frozenset(ends) for top, ends in reduced.items()}


def _plain(world: World, node: Node | None) -> Tensor | None:
    """The tensor that a bare name stands for; one is made for a name of which nothing is known."""
    while isinstance(node, Group):
        node = node.body
    parts = None if node is None else parts_of(node)
    if parts is None or node is None:
        return None
    for sorted_ in sortings(parts):
        if sorted_.indices or sorted_.raised:
            continue
        found = world.tensors.get(sorted_.key)
        if found is not None:
            return found
        if sorted_.key in world.symbols:
            return None
    if all(t.rank == 0 for t in world.tensors.values()):
        first = next((s for s in sortings(parts) if not s.indices and not s.raised), None)
        if (
            first is not None
            and first.key not in world.table.functions
            and first.key not in world.table.unknown_functions
        ):
            tensor = Tensor(first.key.identifier)
            world.tensors[first.key] = tensor
            world.nodes.setdefault(tensor.name, node)
            return tensor
    return None
