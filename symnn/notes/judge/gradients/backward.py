r"""Names of the backward pass that are no derivative themselves: ``D_i = \sum_j P_{ij} dP_{ij}``, ``δ = ∂L/∂a ⊙ σ'(z)``.

They are defined by formulas with derivatives of a loss, so they are no part of the network. Where a claim mentions one,
it is read from its definition, after everything else that the claim needs is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from symnn.formula.application import NamedFormula
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor
from symnn.notation.tree import Derivative, Name, Node, Script
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.edges import losses_in
from symnn.notes.judge.links import names_in
from symnn.notes.judge.reading.bounds import dimension_of
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.reading.values import fresh
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Piece, Statement
from symnn.notes.read.symbols import Definition, Table, is_transpose

EQUAL = ("=", ":=", "equiv")
MOST = 12


def backward_definitions(statements: Iterable[Statement], table: Table) -> dict[Key, list[Definition]]:
    """The names that formulas with derivatives of an undefined loss define, and nothing else, in the order of the document.

    The first definition of a name is the one that counts; a name with definitions under several headings is left out.
    """
    found: dict[Key, list[Definition]] = {}
    for statement in statements:
        if not statement.steps or statement.steps[0].operator not in EQUAL or statement.doubt:
            continue
        left, right = statement.first.node, statement.steps[0].right
        parts = parts_of(left) if isinstance(left, Name | Script) else None
        losses = {key for key, _ in losses_in(right)}
        if parts is None or parts.primes or not losses or isinstance(right.node, Derivative):
            continue
        indices, labels = table.left_scripts(parts, statement)
        key = parts.key.labelled(*labels)
        known = any(place.get(key) for place in (table.definitions, table.functions, table.given))
        lost = any(place.get(loss) for loss in losses for place in (table.definitions, table.functions))
        if known or lost or key in losses or any(not isinstance(index, Name) for index in indices):
            continue
        found.setdefault(key, []).append(Definition(key, left, statement, indices, (right,)))
    return {key: every for key, every in found.items() if len({d.statement.section[:2] for d in every}) == 1}


def mentioned_definitions(
    definitions: Mapping[Key, Definition], pieces: Iterable[Piece], statement: Statement
) -> list[Definition]:
    """The definitions among these that some pieces need, those that others need before them; not that of the statement."""
    found: list[Definition] = []
    for key in dict.fromkeys(_names(definitions, pieces)):
        definition = definitions[key]
        if definition.statement is statement or definition in found or len(found) > MOST:
            continue
        rest = {other: d for other, d in definitions.items() if other != key}
        found += [d for d in mentioned_definitions(rest, definition.links, statement) if d not in found]
        found.append(definition)
    return found


def _names(definitions: Mapping[Key, Definition], pieces: Iterable[Piece]) -> Iterator[Key]:
    for node in names_in(piece.node for piece in pieces):
        parts = parts_of(node)
        for way in sortings(parts) if definitions and parts is not None else ():
            definition = definitions.get(way.key)
            if definition is None or not all(is_transpose(raised) for raised in way.raised):
                continue
            if len(way.indices) in (0, len(definition.indices)):
                yield way.key
                break


def give_definition(reader: ClaimReader, definition: Definition) -> None:
    """Make a name of the backward pass known to the world of a reader. Raises NotUnderstood where its formula is not."""
    world = reader.world
    node = canonical(definition.links[0].node)
    letters: dict[str, Index] = {}
    for letter in definition.indices:
        assert isinstance(letter, Name)
        size = dimension_of(reader, letter.base, node, Scope())
        if size is None:
            raise NotUnderstood(f"the axis that {letter.base} walks is not known")
        letters[letter.base] = Index(letter.base, size).fresh()
    value = reader.read(node, Scope(letters=letters))[0]
    kept = fresh(value.array.indices)
    shape = (*(index.dimension for index in letters.values()), *value.shape)
    tensor = Tensor(definition.key.identifier, shape)
    world.tensors[definition.key] = tensor
    world.nodes.setdefault(tensor.name, bare_name(definition.node))
    world.equations[tensor] = NamedFormula(tensor, (*letters.values(), *kept), value.array.at(*kept))


def bare_name(node: Node) -> Node:
    """A name as written, without what stands below it."""
    return bare_name(node.base) if isinstance(node, Script) and node.sup is None else node
