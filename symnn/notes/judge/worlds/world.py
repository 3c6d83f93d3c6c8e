"""Worlds: the definitions that are in force where a claim stands, read, with settled shapes.

Unlike a network, a world is tolerant: a definition that is not understood is left out, and the names that depend on it
keep an unknown value. What was left out is remembered, because nothing may be concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from sympy import Expr, Integer

from symnn.errors import SymnnError
from symnn.formula.application import NamedFormula, ShapeError, resize, unfold_applications
from symnn.formula.facts import Fact
from symnn.formula.index import dimension
from symnn.formula.nodes import Tensor, subformulas, tensors
from symnn.notation.traverse import children, walk
from symnn.notation.tree import Ellipsis, Name, Node, Prime, Script, Text
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.worlds.definition_circles import why_circular
from symnn.notes.judge.worlds.walks import note_walks
from symnn.notes.read.definitions import Reading, read_link
from symnn.notes.read.expressions.expressions import Reader
from symnn.notes.read.facts import facts_of
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.passages import Spot
from symnn.notes.read.settings import Settings
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.shapes.settle import Settler
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.shapes.terms import Variable
from symnn.notes.read.statements import Statement, nearness
from symnn.notes.read.symbols import Definition, Table, call_parts

MAX_ROUNDS = 12
LARGE = 6


@dataclass(frozen=True)
class Wanted:
    """A name of a claim: its key, how it is written and where."""

    key: Key
    node: Node
    spot: Spot


@dataclass
class World:
    """What is in force: tensors by name, definitions, symbols, facts.

    `refused` says for names why their definition is not understood; `edges` what such a name depends on where that much is
    clear.
    """

    table: Table
    model: Model
    section: tuple[str, ...]
    tensors: dict[Key, Tensor] = field(default_factory=dict)
    symbols: dict[Key, Expr] = field(default_factory=dict)
    equations: dict[Tensor, NamedFormula] = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)
    edges: dict[Tensor, frozenset[Tensor]] = field(default_factory=dict)
    facts: tuple[Fact, ...] = ()
    nodes: dict[str, Node] = field(default_factory=dict)
    lines: dict[Tensor, int] = field(default_factory=dict)
    variables: dict[Key, Variable] = field(default_factory=dict)

    def copied(self) -> World:
        """A world of its own with the same content."""
        return replace(
            self, tensors=dict(self.tensors), symbols=dict(self.symbols), equations=dict(self.equations),
            edges=dict(self.edges), nodes=dict(self.nodes),
        )  # fmt: skip

    @contextmanager
    def tentative(self) -> Iterator[None]:
        """Whatever names reading something adds inside the block are forgotten after it."""
        before = dict(self.tensors), dict(self.nodes)
        try:
            yield
        finally:
            self.tensors, self.nodes = before

    def key_of(self, tensor: Tensor) -> Key | None:
        """The name of a tensor."""
        return next((key for key, found in self.tensors.items() if found == tensor), None)

    def closure(self, start: Iterable[Tensor]) -> set[Tensor]:
        """The tensors and all that they depend on."""
        seen: set[Tensor] = set()
        stack = list(start)
        while stack:
            tensor = stack.pop()
            if tensor in seen:
                continue
            seen.add(tensor)
            equation = self.equations.get(tensor)
            if equation is not None:
                stack.extend(tensors(equation.formula))
            stack.extend(self.edges.get(tensor, ()))
        return seen

    def is_dark(self, tensor: Tensor) -> bool:
        """Whether a tensor, or one that it depends on, has a definition that is not understood."""
        for found in self.closure([tensor]):
            key = self.key_of(found)
            if key is not None and key in self.refused and found not in self.edges:
                return True
        return False

    def leaves(self, start: Iterable[Tensor]) -> set[Tensor]:
        """The tensors without a definition among those that these depend on."""
        return {tensor for tensor in self.closure(start) if tensor not in self.equations}


class _Culprit(Exception):
    def __init__(self, definition: Definition, reason: str) -> None:
        super().__init__(reason)
        self.definition = definition
        self.reason = reason


def build_world(
    table: Table,
    wanted: Sequence[Wanted],
    section: tuple[str, ...],
    *,
    as_numbers: bool = False,
    ranks: Mapping[Key, int] | None = None,
) -> World:
    """Read the definitions of the wanted names and of all that they depend on, as far as they are understood.

    `as_numbers` makes a number of every name; `ranks` are what letters suggest of names of which nothing else tells.
    """
    ranks = ranks or {}
    excluded: dict[int, tuple[Definition, str]] = {}
    for _ in range(MAX_ROUNDS):
        spend(10)
        try:
            return _attempt(table, wanted, section, excluded, as_numbers, ranks)
        except _Culprit as culprit:
            if _takes_next_link(table, culprit.definition):
                continue
            excluded[id(culprit.definition)] = (culprit.definition, culprit.reason)
    every = {
        id(d): (d, "its neighbours are not understood")
        for found in (table.definitions, table.functions)
        for ds in found.values()
        for d in ds
    }
    return _attempt(table, wanted, section, every, as_numbers, ranks)


def _takes_next_link(table: Table, definition: Definition) -> bool:
    """``L = p(y | x) = …``: where the first link is not understood, the one after it defines the name."""
    if len(definition.links) < 2:
        return False
    nodes = list(walk(definition.links[1].node))
    if any(isinstance(node, Ellipsis | Text) for node in nodes) or not any(isinstance(node, Name) for node in nodes):
        return False
    for found in (table.definitions, table.functions):
        for key, definitions in found.items():
            if any(other is definition for other in definitions):
                found[key] = [replace(d, links=d.links[1:]) if d is definition else d for d in definitions]
                return True
    return False


def _attempt(
    table: Table,
    wanted: Sequence[Wanted],
    section: tuple[str, ...],
    excluded: dict[int, tuple[Definition, str]],
    as_numbers: bool,
    ranks: Mapping[Key, int],
) -> World:
    model = Model(table)
    model.ranks = ranks
    model.by_logarithms = True
    reader = Reader(model)
    world = World(table, model, section)
    for item in wanted:
        try:
            model.variable(item.key, item.node, item.spot, section)
        except (SymnnError, Clash) as error:
            world.refused[item.key] = _told(error)
    reading = Reading(model, None)
    read: list[Definition] = []
    while model.waiting:
        variable = model.waiting.pop(0)
        definition = variable.definition
        if definition is not None and id(definition) in excluded:
            world.refused[variable.key] = excluded[id(definition)][1]
            variable.definition = None
            if variable.key.base in LOSS_NAMES and not variable.key.labels:
                model.solver.attempt(partial(model.solver.set_rank, variable.shape, 0, variable.spot))
            _visit(model, variable, definition)
        elif definition is not None:
            _read(reader, reading, variable, definition)
            read.append(definition)
        elif variable.given is not None and variable.constant is None and _counts(variable.given.section, section):
            _read_given(reader, variable)
    for variable in list(model.variables.values()):
        if variable.key.base in LOSS_NAMES and not variable.key.labels and variable.definition is not None:
            model.solver.attempt(partial(model.solver.set_rank, variable.shape, 0, variable.spot))
    for variable in model.variables.values() if as_numbers else ():
        model.solver.attempt(partial(model.solver.set_rank, variable.shape, 0, variable.spot))
    _prefer_families(model, table)
    note_walks(model, tuple(table.statements), section)
    try:
        Settler(model).settle()
    except SymnnError as error:
        raise _Culprit(_blamed(read, error), _told(error)) from None
    except (Clash, ValueError) as error:
        if not read:
            raise
        raise _Culprit(read[-1], str(error)) from None
    _assemble(world, reading, excluded)
    return world


def _prefer_families(model: Model, table: Table) -> None:
    """A bold small letter that always has an index letter below it is a family of vectors: one axis more."""
    for key, count in _always_indexed(tuple(table.statements)):
        variable = model.variables.get(key)
        if variable is None or variable.definition is not None:
            continue
        if model.solver.rank(variable.shape) is None:
            model.solver.attempt(partial(model.solver.set_rank, variable.shape, count + 1, variable.spot))


@lru_cache(maxsize=4)
def _always_indexed(statements: tuple[Statement, ...]) -> tuple[tuple[Key, int], ...]:
    """The bold small letters that never stand without index letters, and how many they have."""
    with_index: dict[Key, int] = {}
    without: set[Key] = set()
    for statement in statements:
        for piece in (statement.first, *(step.right for step in statement.steps)):
            _count_indices(piece.node, with_index, without)
    return tuple((key, count) for key, count in with_index.items() if key not in without)


def _count_indices(node: Node, with_index: dict[Key, int], without: set[Key]) -> None:
    from symnn.notes.read.symbols import components, is_transpose

    stack = [node]
    while stack:
        top = stack.pop()
        parts = parts_of(top) if isinstance(top, Name | Script | Prime) else None
        if parts is None:
            stack.extend(children(top))
            continue
        bold = parts.base.font in ("mathbf", "boldsymbol", "bm", "bf")
        if not bold or not parts.base.base.islower() or any(not is_transpose(sup) for sup in parts.sups):
            continue
        letters = [c for sub in parts.subs for c in components(sub)]
        if letters and all(isinstance(c, Name) and len(c.base) == 1 for c in letters):
            with_index[parts.key] = len(letters)
        else:
            without.add(parts.key)


def _told(error: Exception) -> str:
    return str(getattr(error, "message", "") or error).splitlines()[0]


def _visit(model: Model, variable: Variable, definition: Definition) -> None:
    """Make the variables that a definition mentions which is not understood, so that they have shapes."""
    called = call_parts(definition.links[0].node)
    if called is None or any(isinstance(n, Ellipsis | Text) for n in walk(definition.links[0].node)):
        return
    for argument in called[1]:
        parts = parts_of(argument)
        key = None if parts is None else model.table.labelled(parts)
        if key is not None:
            try:
                model.variable(key, argument, definition.statement.spot, definition.section)
            except (SymnnError, Clash):
                continue


def _read(reader: Reader, reading: Reading, variable: Variable, definition: Definition) -> None:
    from symnn.notes.read.definitions import Defined

    model = reader.model
    model.reading = variable
    try:
        letters, term = read_link(reader, variable, definition, definition.links[0])
        model.solver.propagate()
    except (SymnnError, Clash, ValueError) as error:
        raise _Culprit(definition, _told(error)) from None
    finally:
        model.reading = None
    reading.defined.append(Defined(variable, letters, term, definition))


def _counts(said: tuple[str, ...], section: tuple[str, ...]) -> bool:
    """Whether numbers under one heading tell something about a formula under another: one is part of the other.

    An example under a heading of its own may use ``x = 2`` where the others have a vector.
    """
    shared = nearness(said, section)
    return shared in (len(said), len(section))


def _read_given(reader: Reader, variable: Variable) -> None:
    """Numbers for a name tell its shape."""
    from symnn.notes.read.expressions.expressions import Scope
    from symnn.notes.read.shapes.constraints import Same

    assert variable.given is not None
    piece = variable.given.value
    try:
        term = reader.read(piece.node, Scope(piece.passage, variable.given.section, {}, {}))
    except SymnnError:
        return
    reader.solver.attempt(
        lambda: reader.solver.add(Same(variable.shape, term.shape, piece.spot), [variable.shape, term.shape])
    )


def _blamed(read: Sequence[Definition], error: SymnnError) -> Definition:
    """The definition at whose place an error is told, else the last one."""
    line = getattr(error, "line", None)
    if not read:
        raise error
    for definition in reversed(read):
        if definition.statement.spot.place().line == line:
            return definition
    related = {place.line for place in getattr(error, "related", [])}
    for definition in reversed(read):
        if definition.statement.spot.place().line in related:
            return definition
    return read[-1]


def _assemble(world: World, reading: Reading, excluded: dict[int, tuple[Definition, str]]) -> None:
    model = world.model
    solver = model.solver
    for key, variable in model.variables.items():
        world.variables[key] = variable
        if variable.constant is not None:
            world.symbols[key] = variable.constant
            continue
        try:
            tensor = variable.tensor(solver)
        except ValueError:
            world.refused[key] = "its shape is not known"
            continue
        world.tensors[key] = tensor
        world.nodes[tensor.name] = variable.node
    for item in reading.defined:
        tensor_ = world.tensors.get(item.variable.key)
        if tensor_ is None:
            continue
        try:
            array = item.term.build().array
            letters = tuple(letter.index(solver) for letter in item.letters)
        except (ShapeError, SymnnError, ValueError, TypeError, AssertionError) as error:
            raise _Culprit(item.definition, _told(error)) from None
        body = unfold_applications(array.body)
        world.equations[tensor_] = NamedFormula(tensor_, (*letters, *array.indices), body)
        world.lines[tensor_] = item.definition.statement.spot.place().line or 0
    for item in reading.defined:
        reason = why_circular(world.equations, world.tensors.get(item.variable.key))
        if reason:
            raise _Culprit(item.definition, reason)
    for definition, _ in excluded.values():
        _edge(world, definition)
    try:
        world.facts = tuple(facts_of(reading, Settings(), world.table))
    except (SymnnError, ValueError):
        world.facts = ()
    shrink(world)


def shrink(world: World) -> None:
    """Large numbers for dimensions become letters, so that claims are tried at small sizes.

    A number that also stands in a formula stays, because the two belong together there.
    """
    used = {n for e in world.equations.values() for n in subformulas(e.formula) if isinstance(n, Integer)}
    large = {size for t in world.tensors.values() for size in t.shape if size.is_Integer and size > LARGE}
    letters = {size: dimension(f"n{size}") for size in large if size not in used}
    if not letters:
        return
    world.equations = {
        resize(tensor, letters): NamedFormula(
            resize(tensor, letters), tuple(resize(i, letters) for i in e.indices), resize(e.formula, letters)
        )
        for tensor, e in world.equations.items()
    }  # fmt: skip
    world.tensors = {key: resize(tensor, letters) for key, tensor in world.tensors.items()}
    world.edges = {resize(t, letters): frozenset(resize(o, letters) for o in ends) for t, ends in world.edges.items()}
    world.lines = {resize(tensor, letters): line for tensor, line in world.lines.items()}
    world.facts = tuple(replace(fact, tensor=resize(fact.tensor, letters)) for fact in world.facts)


def _edge(world: World, definition: Definition) -> None:
    """``y = l(o, t)`` with an unknown function: y depends on o and t, and on nothing else."""
    called = call_parts(definition.links[0].node)
    tensor = world.tensors.get(definition.key)
    if called is None or tensor is None:
        return
    ends = []
    for argument in called[1]:
        parts = parts_of(argument) if isinstance(argument, Name | Script | Prime) else None
        key = None if parts is None else world.table.labelled(parts)
        found = None if key is None else world.tensors.get(key)
        if found is None:
            return
        ends.append(found)
    world.edges[tensor] = frozenset(ends)
