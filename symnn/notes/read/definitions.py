"""Reading the definitions that a loss depends on, and settling their shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from symnn.network.equations import Equation
from symnn.notation.traverse import walk
from symnn.notation.tree import Ellipsis, Name, Node, Number, Script, Text
from symnn.notes.read.equality import Comparison, check_links
from symnn.notes.read.expressions.expressions import Reader, Scope
from symnn.notes.read.expressions.indexed import stated_letter
from symnn.notes.read.expressions.trees import bound_letters, components, letters_in
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes.constraints import Leading, Same
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.shapes.settle import Settler, run, told
from symnn.notes.read.shapes.terms import Letter, Term, Variable
from symnn.notes.read.statements import Piece, nearness
from symnn.notes.read.symbols import Definition, Table


@dataclass(eq=False)
class Defined:
    """A definition that was read: the letters of its left side and the term of its first link."""

    variable: Variable
    letters: tuple[Letter, ...]
    term: Term
    definition: Definition


@dataclass(eq=False)
class Reading:
    """The definitions that a loss depends on, with settled shapes.

    `loss` is None when the wanted name turned out to be no scalar. `given` pairs leaves with their numbers.
    """

    model: Model
    loss: Variable | None
    defined: list[Defined] = field(default_factory=list)
    given: list[tuple[Variable, Term]] = field(default_factory=list)
    updates: list[Defined] = field(default_factory=list)

    def equations(self) -> list[Equation]:
        """The equations of the network, in the order of the document."""
        return [self.equation(item) for item in sorted(self.defined, key=lambda d: d.definition.statement.order)]

    def equation(self, item: Defined) -> Equation:
        """A definition as an equation."""
        array = item.term.build().array
        letters = tuple(letter.index(self.model.solver) for letter in item.letters)
        tensor = item.variable.tensor(self.model.solver)
        place = item.definition.statement.spot.place()
        return Equation(tensor, (*letters, *array.indices), array.body, place=place)


def read_definitions(
    table: Table, wanted: Definition, *, constants: Iterable[str] = (), updates: bool = False
) -> Reading:
    """Read a definition and all that it depends on, and with `updates` also those of what is kept between steps.

    Raises ReadingError where something is not understood.
    """
    model = Model(table, constants=constants)
    reader = Reader(model)
    loss = model.variable(wanted.key, wanted.node, wanted.statement.spot, wanted.section)
    loss.definition = wanted
    reading = Reading(model, loss)
    comparisons: list[Comparison] = []
    numbers: list[tuple[Variable, Term]] = []
    _read_waiting(reader, reading, comparisons, numbers)
    if updates:
        from symnn.notes.read.updates import read_updates

        read_updates(reading, reader)
        _read_waiting(reader, reading, comparisons, numbers)
    refuse_circles(reading)
    run(model.solver)
    _use_numbers(reading, numbers)
    scalar = model.solver.attempt(lambda: model.solver.set_rank(loss.shape, 0, wanted.statement.spot)) is None
    Settler(model).settle()
    if not scalar or model.solver.rank(loss.shape) != 0:
        reading.loss = None
    check_links(reading, comparisons)
    return reading


def _read_waiting(
    reader: Reader, reading: Reading, comparisons: list[Comparison], numbers: list[tuple[Variable, Term]]
) -> None:
    """Read the definitions and numbers of the names that were met, and of those that are met on the way."""
    waiting = reading.model.waiting
    while waiting:
        variable = waiting.pop(0)
        if variable.definition is not None:
            read_definition(reader, reading, variable, comparisons)
        elif variable.given is not None and not variable.is_size:
            piece = variable.given.value
            term = reader.read(piece.node, Scope(piece.passage, variable.given.section, {}, {}))
            numbers.append((variable, term))


def _use_numbers(reading: Reading, numbers: Iterable[tuple[Variable, Term]]) -> None:
    """Take the numbers that the document gives; those from another part of it only where their shape fits."""
    solver = reading.model.solver
    for variable, term in numbers:
        assert variable.given is not None
        spot = variable.given.value.spot
        here, there = variable.spot.passage.section, variable.given.section
        clash = solver.attempt(partial(solver.add, Same(variable.shape, term.shape, spot), ()))
        if clash is None:
            reading.given.append((variable, term))
        elif not here or not there or nearness(here, there):
            raise told(clash, spot, solver)
        else:
            variable.given = None


def read_definition(reader: Reader, reading: Reading, variable: Variable, comparisons: list[Comparison]) -> None:
    """Read one definition; its further links and its repetitions are kept to be compared."""
    definition = variable.definition
    assert definition is not None
    model = reader.model
    model.reading = variable
    letters, term = read_link(reader, variable, definition, definition.links[0])
    model.reading = None
    defined = Defined(variable, letters, term, definition)
    reading.defined.append(defined)
    for link in definition.links[1:]:
        nodes = list(walk(link.node))
        if not any(isinstance(node, Name) for node in nodes):
            break  # from here on the chain is worked out in numbers
        if any(isinstance(node, Ellipsis | Text) for node in nodes):
            continue
        more, other = read_link(reader, variable, definition, link)
        comparisons.append(Comparison(defined, letters, term, more, other, definition.links[0].spot, link.spot))
    for repeated in model.definitions_of(variable.key, definition.section):
        if repeated is definition or repeated.links[0].node == definition.links[0].node:
            continue
        more, other = read_link(reader, variable, repeated, repeated.links[0])
        here, there = definition.statement.spot, repeated.statement.spot
        comparisons.append(Comparison(defined, letters, term, more, other, here, there, repeated=True))


def read_link(
    reader: Reader, variable: Variable, definition: Definition, link: Piece
) -> tuple[tuple[Letter, ...], Term]:
    """Read the right side of a definition under the letters of its left side."""
    model = reader.model
    unstated = unstated_index(definition, link)
    if unstated is not None and not model.table.knows_scripted(unstated):
        raise link.passage.spot(unstated).error(
            "are these letters indices that are summed over?", hint="write the sum, or declare the name"
        )
    letters = tuple(_letter(reader, node, definition) for node in definition.indices)
    named = {letter.name: letter for letter in letters}
    term = reader.read(link.node, Scope(link.passage, definition.section, named, {}))
    dims = tuple(letter.dim for letter in letters)
    model.letters.extend(letters)
    constraint = Leading(variable.shape, dims, term.shape, definition.statement.spot)
    model.solver.add(constraint, [variable.shape, term.shape])
    return letters, term


def unstated_index(definition: Definition, link: Piece) -> Node | None:
    """A name with several letters below it, each of which stands alone below other names: an index without its sum."""
    bound = bound_letters(link.node) | {letter for node in definition.indices for letter in letters_in(node)}
    lone: dict[str, set[Key]] = {}
    several: list[tuple[Node, Key, set[str]]] = []
    for node in (*walk(definition.node), *walk(link.node)):
        parts = parts_of(node) if isinstance(node, Script) else None
        for sub in parts.subs if parts is not None else ():
            assert parts is not None
            letters = letters_in(sub)
            if len(letters) == 1 and isinstance(sub, Name):
                lone.setdefault(sub.base, set()).add(parts.key)
            elif len(letters) > 1 and len(letters) == len(components(sub)):
                several.append((node, parts.key, letters))
    for node, key, letters in several:
        if not letters <= bound and all(lone.get(letter, set()) - {key} for letter in letters):
            return node
    return None


def _letter(reader: Reader, node: Node, definition: Definition) -> Letter:
    statement = definition.statement
    spot = statement.first.passage.spot(node)
    if not isinstance(node, Name):
        raise spot.error("an index on a left side that is no letter")
    for stated in statement.ranges:
        if stated.letter.base == node.base:
            return stated_letter(reader, stated, definition.section)
    letter = Letter(node.base, reader.solver.dim(None, spot), None, spot)
    for declaration in reader.model.table.declarations.get(definition.key, ()):
        for stated in declaration.statement.ranges:
            if stated.letter.base == node.base:
                # ``h_t ∈ R^m for t = 1, …, T``: how far the letter goes, if nothing speaks against it.
                size = stated_letter(reader, stated, definition.section).dim
                reader.model.wishes.append((letter.dim, reader.solver.root(size).value, spot))
    if any(node in components(sup) for sup in _raised(definition.node)):
        # Layers are counted in one way, wherever the document says how.
        ranges = [s for statement in reader.model.table.statements for s in statement.ranges]
        whole = [
            s for s in ranges if s.letter.base == node.base and s.first == Number("1") and isinstance(s.last, Name)
        ]
        if len({s.last for s in whole}) == 1:
            size = stated_letter(reader, whole[0], definition.section).dim
            reader.model.wishes.append((letter.dim, reader.solver.root(size).value, spot))
    return letter


def _raised(node: Node) -> tuple[Node, ...]:
    parts = parts_of(node)
    return () if parts is None else parts.sups


def refuse_circles(reading: Reading) -> None:
    """Refuse definitions that need themselves, unless at another index."""
    from symnn.notes.read.circles import find_circle

    found = find_circle(reading)
    if found:
        first = found[0]
        path = " -> ".join(item.variable.name for item in (*found, first))
        assert first.definition is not None
        places = [(f"{d.variable.name} is defined here", d.definition.statement.spot) for d in found[1:]]
        raise first.definition.statement.spot.error(
            f"the definitions go round in a circle: {path}",
            hint="a name may refer to itself only at another index, as in h_t = f(h_{t-1})",
            related=places,
        )


__all__ = ["Defined", "Key", "Reading", "read_definitions"]
