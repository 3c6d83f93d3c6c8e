r"""From trees to terms: what each notation means, given what the document says about its names.

Nothing is guessed. Whatever has no certain meaning raises a ReadingError at its place.
"""

from __future__ import annotations

import sympy

from symnn.notation.tree import (
    Accent,
    BigOperator,
    Call,
    Cases,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Sum,
    Text,
)
from symnn.notes.read.expressions.lists import concatenated, family_of
from symnn.notes.read.expressions.sums import Sums
from symnn.notes.read.rewriting.members import Member
from symnn.notes.read.rewriting.rephrased import CircleConstant
from symnn.notes.read.scope import Scope
from symnn.notes.read.shapes.terms import Term, constant_term, number_of


class Reader(Sums):
    """Reads trees to terms in one model."""

    def read(self, node: Node, scope: Scope) -> Term:
        """The term of a tree. Raises ReadingError where it has no certain meaning."""
        spot = scope.passage.spot(node)
        match node:
            case Number():
                return constant_term(self.solver, number_of(node), spot)
            case Sum():
                return self.sum(node, scope)
            case Negative():
                return self.entrywise(lambda body: -body, [self.read(node.body, scope)], spot)
            case Product():
                return self.product(node, scope)
            case Quotient():
                return self.quotient(node, scope)
            case Root():
                return self.root(node, scope)
            case Group():
                return self.group(node, scope)
            case BigOperator():
                return self.big(node, scope)
            case Call():
                return self.call(node, scope)
            case Cases():
                return self.cases(node, scope)
            case Matrix():
                return self.matrix([list(row) for row in node.rows], scope, spot)
            case Sequence() if node.left in ("(", "[") and node.separator in (",", ";"):
                if family_of(node.items) is not None:
                    return concatenated(self, node.items, scope, spot)
                return self.matrix([[item] for item in node.items], scope, spot, stacked=False)
            case CircleConstant():
                return constant_term(self.solver, sympy.pi, spot)
            case Member():
                return self.member(node, scope)
            case Name() | Script() | Prime() | Accent() | Text():
                return self.scripted(node, scope)
            case Derivative() | Nabla() | EvaluatedAt():
                raise spot.error("a derivative has no place in a definition", hint="define values; symnn derives them")
            case Relation() | Phrase():
                raise spot.error("a relation where a value is expected")
            case _:
                raise spot.error(f"{type(node).__name__.lower()} is not understood here")


__all__ = ["Reader", "Scope"]
