"""Conventions of a document that bear on how its claims are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from symnn.formula.nodes import Tensor
from symnn.notation.traverse import walk
from symnn.notation.tree import Name, Node, Product, Script
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import is_transpose


@dataclass
class Conventions:
    """How a document writes.

    `strict`: it writes transposes, so that a missing one is missing. `columns`: its vectors are columns (None: not known).
    `turned`: the derivative of a number by a matrix has the shape of the transposed matrix. `scalars`: everything in
    the claim is a number. `loss` is the one value that everything serves, where there is one. `only_numbers`: no proof is
    looked for. `differentials`: dX is a differential and no gradient.
    """

    strict: bool = False
    columns: bool | None = None
    turned: bool = False
    scalars: bool = True
    loss: Tensor | None = None
    square_sizes: tuple[Expr, ...] = ()
    targets: tuple[Tensor, ...] = field(default_factory=tuple)
    only_numbers: bool = False
    differentials: bool = False

    def turn_of(self, tensor: Tensor) -> str:
        """How a vector of this name stands."""
        if tensor.rank != 1 or not self.strict or self.columns is None:
            return ""
        return "column" if self.columns else "row"


def transposed(statements: Iterable[Statement]) -> frozenset[str]:
    """The letters that have a transpose in any formula of the document; of a bracket those in it."""
    found: set[str] = set()
    for statement in statements:
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for node in walk(piece.node):
                if isinstance(node, Script) and node.sup is not None and _has_transpose(node.sup):
                    found |= {part.base for part in walk(node.base) if isinstance(part, Name)}
    return frozenset(found)


def _has_transpose(sup: Node) -> bool:
    if is_transpose(sup):
        return True
    if isinstance(sup, Product):
        return any(is_transpose(factor) for factor in sup.factors)
    return isinstance(sup, Script) and sup.sup is not None and is_transpose(sup.sup)
