"""The context of a document: its statements, and the readers of its claims."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from symnn.formula.nodes import Tensor
from symnn.notation.traverse import children, walk
from symnn.notation.tree import Derivative, Group, Name, Node, Product, Script
from symnn.notes.find.document import Document
from symnn.notes.judge.claims import Region
from symnn.notes.judge.gradients.backward import backward_definitions, give_definition, mentioned_definitions
from symnn.notes.judge.gradients.derivatives import Direct
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.gradients.edges import derivative_edges, differentiated_losses, give_edges, losses_in, shortened
from symnn.notes.judge.gradients.gradient_marks import has_differentials
from symnn.notes.judge.gradients.gradients import defined_losses
from symnn.notes.judge.gradients.shorthand import is_error_term
from symnn.notes.judge.links import names_in
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.reading.sortings import raised_pieces, sortings
from symnn.notes.judge.unroll.running import Running, running_names
from symnn.notes.judge.worlds.conventions import Conventions, transposed
from symnn.notes.judge.worlds.world import World
from symnn.notes.judge.worlds.worlds import Worlds
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.statements import Collected, Piece, Statement
from symnn.notes.read.symbols import Definition, Table, is_transpose, letters_in

SECONDS = 240.0
"""Time of the processor for the equations of one document."""


class Context(Worlds):
    """One document, read once, and what was found out about it so far."""

    def __init__(self, document: Document, collected: Collected | None = None) -> None:
        super().__init__(document, collected)
        self.turned = transposed(self.statements)
        self.strict = bool(self.turned)
        self._derived: dict[int, tuple[World, Differentials]] = {}
        self.direct: Direct = ""
        self.only_numbers = False
        self.unrolling = 0.0
        self.unrolled: dict[object, object] = {}
        self._parts: dict[tuple[str, ...], Context] = {}
        self._running: Running | None = None
        self.meanings: dict[Key, Any] = {}
        self.judged: dict[Region, Any] = {}
        self.identities: dict[tuple[int, int], bool] = {}
        self._until = time.process_time() + SECONDS

    @property
    def running(self) -> Running:
        """The names that run through a recurrence."""
        if self._running is None:
            self._running = running_names(self.statements)
        return self._running

    @cached_property
    def backward(self) -> dict[Key, Definition]:
        """The names of the backward pass that are defined by derivatives of a loss which is not defined."""
        return {key: found[0] for key, found in self.backward_definitions.items()}

    @cached_property
    def backward_definitions(self) -> dict[Key, list[Definition]]:
        """All definitions of these names."""
        return backward_definitions(self.statements, self.table)

    @cached_property
    def differentials(self) -> bool:
        """Whether the document writes differentials: ``dY = dX W + X dW``."""
        return has_differentials(self.statements, self.table)

    @cached_property
    def unknown_loss(self) -> Node | None:
        """The one loss that the document differentiates without a definition; None where it has another, or several."""
        pieces = (p for s in self.statements for p in (s.first, *(step.right for step in s.steps)))
        nodes = {key: node for piece in pieces for key, node in losses_in(piece)}
        if nodes.keys() & defined_losses(self.table):
            return None
        known = {
            key for place in (self.table.definitions, self.table.functions) for key, found in place.items() if found
        }
        unknown = [node for key, node in nodes.items() if key not in known]
        return unknown[0] if len(unknown) == 1 else None

    @property
    def is_late(self) -> bool:
        """Whether the time for this document is used up: what is left of it is not judged any more."""
        return time.process_time() > self._until

    # -- readers ------------------------------------------------------------------------------------------------------

    def reader(
        self, statement: Statement, *, whole: bool = False, apart: bool = False, beside: Iterable[Piece] = ()
    ) -> ClaimReader:
        """A reader for the claims of a statement.

        `whole` adds the definitions of every loss to its world; `apart` leaves out what the statement itself defines.
        What the pieces `beside` the statement mention is known as well.
        """
        pieces = [statement.first, *(step.right for step in statement.steps)]
        terms = self._terms(pieces, statement)
        losses = self._loss_pieces(statement) if whole or terms or self._has_differentials(pieces) else []
        backward = mentioned_definitions(self.backward, pieces, statement)
        behind = [link for definition in backward for link in definition.links]
        unknown = self._unknown_losses(statement, [*pieces, *behind])
        reached = [piece for found in unknown.values() for piece in found]
        shared = self.world(statement, [*pieces, *losses, *reached, *behind, *beside], apart=apart)
        world = shared.copied()
        give_edges(world, unknown)
        conventions = Conventions(
            strict=self.strict,
            columns=self._columns(world),
            scalars=_all_numbers(world, [*pieces, *behind]),
            loss=self._loss(world),
            only_numbers=self.only_numbers,
            differentials=self.differentials,
            square_sizes=tuple(dict.fromkeys(size for t in world.tensors.values() for size in t.shape)),
        )
        stated = self._with_mentioned(derivative_edges(world, [*pieces, *behind]), world, statement)
        edges = {**world.edges, **stated}
        losses_ = {t: set(world.edges[t]) for key in unknown if (t := world.tensors.get(key)) in world.edges}
        edges |= shortened(losses_, world.equations, edges)
        reader = ClaimReader(world, conventions, self._differentials(shared, edges))
        for definition in backward:
            give_definition(reader, definition)
        if backward:
            reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
        if terms:
            from symnn.notes.judge.gradients.adjoints import give_meaning

            for key in terms:
                reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
                meaning = self.meanings.get(key)
                give_meaning(reader, key, None if meaning is None else meaning.of, self.table.definitions[key])
            reader = ClaimReader(world, conventions, Differentials(world.equations, edges))
        return reader

    def _differentials(self, world: World, edges: dict[Tensor, frozenset[Tensor]]) -> Differentials:
        """The derivatives in a world, shared by all claims that are read in it. With edges they are the claim's own."""
        if edges:
            return Differentials(world.equations, edges)
        found = self._derived.get(id(world))
        if found is None or found[0] is not world:
            found = self._derived[id(world)] = (world, Differentials(world.equations))
        return found[1]

    def _terms(self, pieces: Sequence[Piece], statement: Statement) -> list[Key]:
        """The error terms that a statement mentions, and those that their definitions mention, these first."""
        found: list[Key] = []
        for key, definitions in self.table.definitions.items():
            if not is_error_term(key) or not definitions or key in found:
                continue
            if definitions[0].statement is statement or not self._mentions(pieces, key):
                continue
            if definitions[0].statement.order < statement.order and key not in self.meanings:
                inner = list(definitions[0].links[:1])
                found += [other for other in self._terms(inner, definitions[0].statement) if other not in found]
            found.append(key)
        return found

    def _mentions(self, pieces: Iterable[Piece], key: Key) -> bool:
        for node in names_in(piece.node for piece in pieces):
            parts = parts_of(node)
            if parts is not None and self.table.labelled(parts) == key:
                return True
        return False

    def _has_differentials(self, pieces: Iterable[Piece]) -> bool:
        """Whether ``dW`` stands in a statement, where nothing is called d."""
        products = (part for piece in pieces for part in walk(piece.node) if isinstance(part, Product))
        return not self.table.knows(Key("d")) and any(Name("d") in product.factors[:-1] for product in products)

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

    def _unknown_losses(self, statement: Statement, pieces: Sequence[Piece]) -> dict[Key, list[Piece]]:
        """Losses that a statement differentiates and no definition gives, each with all that the document differentiates them by.

        Under one heading a loss is one function: what it depends on is told by all statements there together.
        """
        named = {
            key for piece in pieces for key, _ in differentiated_losses(piece) if not self._is_defined(key, statement)
        }
        found: dict[Key, list[Piece]] = {key: [] for key in sorted(named, key=str)}
        others = self.statements if statement.order in self._orders else (*self.statements, statement)
        for other in others if found else ():
            if other.section[:1] == statement.section[:1]:
                for piece in (other.first, *(step.right for step in other.steps)):
                    for key, by in differentiated_losses(piece):
                        if key in found:
                            found[key].append(piece.of(by))
        return found

    def _is_defined(self, key: Key, statement: Statement) -> bool:
        return key in self.table.given or self.chosen(key, statement) is not None

    def part(self, statement: Statement) -> Context | None:
        """The part of the document that a statement belongs to, alone; None where that is all of it."""
        own = self.part_of(statement.section)
        every = self.collected.statements
        statements = tuple(s for s in every if self.part_of(s.section)[: len(own)] == own)
        if not own or len(statements) == len(every):
            return None
        if own not in self._parts:
            self._parts[own] = Context(self.document, Collected(statements, ()))
        return self._parts[own]

    def abstract_reader(self, statement: Statement) -> ClaimReader | None:
        """A reader for a statement about derivatives alone, in a world in which nothing is defined.

        Names depend on each other as the derivatives of the statement say. None where that could hide a path: beside a
        name that is shared by the members of a recurrence.
        """
        pieces = [statement.first, *(step.right for step in statement.steps)]
        if not all(_only_derivatives(piece.node) for piece in pieces) or self._recurs(statement, pieces):
            return None
        world = World(Table(()), Model(Table(())), statement.section)
        edges = self._with_mentioned(derivative_edges(world, pieces), world, statement)
        return ClaimReader(world, Conventions(strict=self.strict), Differentials({}, edges))

    def _definition_as_written(self, key: Key | None, node: Node | None, statement: Statement) -> Definition | None:
        """The definition of a name, which may be of all its members: ``z_l`` where ``z_l = …`` has l for an index."""
        if key is None:
            return None
        members = [d for d in self.table.definitions.get(key.bare, ()) if d.node == node]
        return self.chosen(key, statement) or next(iter(members), None)

    def _with_mentioned(
        self, edges: Mapping[Tensor, frozenset[Tensor]], world: World, statement: Statement
    ) -> dict[Tensor, frozenset[Tensor]]:
        """The edges, with those to names that the definition of a name mentions, although it is not understood."""
        found = dict(edges)
        for top, ends in edges.items():
            definition = self._definition_as_written(world.key_of(top), world.nodes.get(top.name), statement)
            if definition is None:
                continue
            mentioned = set()
            for node in names_in([definition.links[0].node]):
                parts = parts_of(node)
                assert parts is not None
                mentioned |= {sorted_.key for sorted_ in sortings(parts)}
            found[top] = ends | {t for key, t in world.tensors.items() if key in mentioned and t != top}
        return found

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
                continue
            labelled = isinstance(node, Script) and not any(letters_in(s) for s in (*parts.subs, *parts.sups))
            bare_name = not parts.subs and not parts.sups and parts.key.base not in LOSS_NAMES
            plain = plain or labelled or (bare_name and not _is_inside(node, pieces))
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
