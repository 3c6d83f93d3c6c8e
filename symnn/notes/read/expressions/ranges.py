r"""Conditions on index expressions, ``[0 \le i + p - 1 < n]``: where they fail, what they guard counts as zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy
from sympy import Expr

from symnn.formula.application import Array
from symnn.formula.nodes import Inside
from symnn.network.arrays import Expression
from symnn.notation.tree import Group, Node, Phrase, Relation, Text
from symnn.notes.read.expressions.indexed import Place, affine_parts
from symnn.notes.read.expressions.trees import letters_in
from symnn.notes.read.shapes.terms import Term
from symnn.notes.read.statements import Piece

if TYPE_CHECKING:
    from symnn.notes.read.scope import Base, Scope


@dataclass(frozen=True)
class Guard:
    """The place, counted from 0, lies before `length`."""

    place: Place
    length: Expr

    def term(self, reader: Base, node: Node, scope: Scope) -> Term:
        """1 where the condition holds, else 0."""
        spot = scope.passage.spot(node)
        free = frozenset(letter for _, letter in self.place.parts)
        return Term(
            reader.solver.shape([], spot),
            lambda: Expression(Array((), Inside(self.place.value(reader.solver), self.length))),
            spot,
            free=free,
        )


def bracketed(node: Node) -> Relation | None:
    """The relation in square brackets, if the node is one."""
    if isinstance(node, Group) and node.left == "[" and isinstance(node.body, Relation):
        return node.body
    return None


def guard_of(reader: Base, relation: Relation, scope: Scope) -> Guard | None:
    """The range condition that a chain ``0 <= e < n`` is; None where its middle has no index.

    Raises ReadingError where the ends or the middle are no index expressions.
    """
    if relation.first is None or [link.operator in ("le", "<") for link in relation.links] != [True, True]:
        return None
    middle = relation.links[0].right
    top = relation.links[1].right
    if middle is None or top is None or not letters_in(middle) & scope.letters.keys():
        return None
    lowest = _size(reader, relation.first, scope) + int(relation.links[0].operator == "<")
    length = _size(reader, top, scope) + int(relation.links[1].operator == "le") - lowest
    parts, number, size = affine_parts(reader, middle, scope)
    spot = scope.passage.spot(middle)
    if lowest != 0 and any(letter.first is None for _, letter in parts):
        raise spot.error("whether this counts from 0 or from 1 is not said", hint="write the range of every index")
    first = sympy.Add(*[coefficient * (letter.first or 0) for coefficient, letter in parts])
    return Guard(Place.of(parts, number + size + first - lowest), sympy.expand(length))


def _size(reader: Base, node: Node, scope: Scope) -> Expr:
    return reader.model.size(node, Piece(node, scope.passage), scope.section)


def condition_of(node: Node | None) -> Relation | None:
    """The relation that is a branch's whole condition, with or without words around it."""
    if isinstance(node, Phrase):
        found = [part for part in node.parts if not isinstance(part, Text)]
        node = found[0] if len(found) == 1 else None
    return node if isinstance(node, Relation) else None
