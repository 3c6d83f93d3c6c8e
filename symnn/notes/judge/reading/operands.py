r"""Shapes of names of which a document says nothing but what a claim does with them: ``∇_x \|A x - b\|^2 = 2 A^T (A x - b)``.

A transpose, a norm, a trace, an inverse show that names are arrays. What a claim differentiates is then read as a
definition is, and the shapes follow from it. Without shapes such a claim is not judged: for numbers ``(A B)^T = A^T B^T``.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.nodes import tensors
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link, names_in
from symnn.notes.judge.reading.array_marks import NUMBERS_OF_MATRICES, shows_arrays
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.read.expressions.trees import is_known_function, is_transpose
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Piece, Statement
from symnn.notes.read.symbols import Definition, Table, call_parts

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.world import World

OPERAND = "operandofclaim"
CAPITALS = frozenset([*"ABCDEFGHJKLMNPQRSTUVWXYZ", "Sigma", "Lambda", "Phi", "Psi", "Omega", "Theta"])
BOLD = frozenset(["mathbf", "boldsymbol", "bm", "bf"])
MOST = 6


def operand_definitions(statement: Statement, pieces: Sequence[Piece], table: Table) -> list[Definition]:
    """What a statement says of arrays that nothing else tells of: what it differentiates, or else its sides, each as a definition."""
    found: dict[Node, Piece] = {}
    if not any(shows_arrays(piece.node) for piece in pieces):
        return []
    for piece in pieces:
        for node in _differentiated(piece.node):
            if not _is_introduced(node, table):
                found.setdefault(canonical(node), piece)
    if not found and not any(_has_derivative(piece.node) or _has_known(piece.node, table) for piece in pieces):
        for piece in pieces:
            if shows_arrays(piece.node):
                found.setdefault(canonical(piece.node), piece)
    made = []
    for number, (node, piece) in enumerate(list(found.items())[:MOST]):
        name = t.Name(OPERAND + "abcdef"[number])
        made.append(Definition(Key(name.base), name, statement, (), (piece.of(node),)))
    return made


def suggested_ranks(operands: Sequence[Definition], pieces: Sequence[Piece], table: Table) -> dict[Key, int]:
    """What letters suggest where nothing else tells: a capital letter is a matrix, a small one with a transpose a vector.

    What is differentiated by a matrix, or with a gradient, is a number.
    """
    if not operands:
        return {}
    found: dict[Key, int] = {}
    for name in names_in([piece.node for piece in pieces] + [d.links[0].node for d in operands]):
        parts = parts_of(name)
        if parts is None or parts.subs or is_known(parts.key, table) or parts.key.base in NUMBERS_OF_MATRICES:
            continue
        letter = parts.key.base
        if letter in CAPITALS:
            found[parts.key] = 2
        elif letter.islower() and len(letter) == 1 and (parts.base.font in BOLD or any(map(is_transpose, parts.sups))):
            found[parts.key] = 1
    by_gradient = {
        canonical(part.operand)
        for piece in pieces
        for part in walk(piece.node)
        if isinstance(part, t.Nabla) and part.operand is not None and part.power is None
    }
    by_matrix = {
        canonical(top)
        for piece in pieces
        for part in walk(piece.node)
        if isinstance(part, t.Derivative) and (top := part.operand or part.numerator) is not None
        and isinstance(part.denominators[0], t.Name) and part.denominators[0].base in CAPITALS
    }  # fmt: skip
    for definition in operands:
        if definition.links[0].node in by_gradient | by_matrix:
            found[definition.key] = 0
    return found


def without_shapes(link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A claim about arrays that holds is undecided where all of them were read as numbers, and nothing says that they are."""
    if found.pair is None or found.verdict not in ("proved", "agrees") or not any(map(shows_arrays, link.nodes)):
        return found
    used = {tensor for side in (found.pair.left, found.pair.right) for tensor in tensors(unfold_applications(side))}
    if not used or any(tensor.rank for tensor in reader.world.closure(used)):
        return found
    table = reader.world.table
    known = [key is not None and is_known(key, table) for key in map(reader.world.key_of, used)]
    return found if all(known) else Decision("undecided", "the shapes of what it is about are not known", found.pair)


def in_other_layout(link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A wrong gradient of arrays that only the claim tells of: undecided where it is the transpose of what is right."""
    left, right = link.nodes
    if not isinstance(left, t.Derivative) or all(map(partial(_is_introduced, table=reader.world.table), link.nodes)):
        return found
    turned = t.Script(t.Group(right), sup=t.Name("T"))
    try:
        lefts, rights = (reader.read(canonical(node), Scope()) for node in (left, turned))
        decision = decide(lefts, rights, reader.world, reader.conventions, tuple(reader.free.values()))
    except (NotUnderstood, SymnnError):
        return found
    if decision.verdict not in ("proved", "agrees"):
        return found
    return Decision("undecided", "it is the transpose of what is right, as the other layout has it", found.pair)


def with_operands(table: Table, operands: Sequence[Definition]) -> Table:
    """The table with these definitions."""
    made = copy.copy(table)
    made.definitions = defaultdict(list, table.definitions)
    for definition in operands:
        made.definitions[definition.key] = [definition]
    return made


def without_operands(world: World, operands: Sequence[Definition]) -> World:
    """The world without the names of such definitions: what they say of shapes stays."""
    for definition in operands:
        tensor = world.tensors.pop(definition.key, None)
        if tensor is not None:
            world.equations.pop(tensor, None)
        world.refused.pop(definition.key, None)
    return world


def _differentiated(node: Node) -> Iterator[Node]:
    """What stands behind or above a sign of differentiation, where it is no name."""
    for part in walk(node):
        inner = None
        if isinstance(part, t.Derivative):
            inner = part.operand or part.numerator
        elif isinstance(part, t.Nabla):
            inner = part.operand
        called = None if inner is None else call_parts(inner)
        named = (
            called is not None and called[0].key.base not in NUMBERS_OF_MATRICES and not is_known_function(called[0])
        )
        if inner is not None and parts_of(inner) is None and not named:
            yield inner


def _has_derivative(node: Node) -> bool:
    return any(isinstance(part, t.Derivative | t.Nabla) for part in walk(node))


def _is_introduced(node: Node, table: Table) -> bool:
    """Whether the document says something of every name in a formula."""
    for name in names_in([node]):
        parts = parts_of(name)
        if parts is None or parts.subs or parts.key.base in NUMBERS_OF_MATRICES:
            continue
        if not is_known(table.labelled(parts) or parts.key, table):
            return False
    return True


def _has_known(node: Node, table: Table) -> bool:
    """Whether the document says something of a name in a formula, or a differential stands in it."""
    every = [parts_of(name) for name in names_in([node])]
    return any(p is not None and (p.key.base == "d" or is_known(table.labelled(p) or p.key, table)) for p in every)


def is_known(key: Key, table: Table) -> bool:
    """Whether the document says something of a name."""
    return any(key in place for place in (table.definitions, table.functions, table.declarations, table.sizes))
