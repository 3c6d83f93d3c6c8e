r"""What stands for a whole matrix: its inverse ``X^{-1}``, and the logarithm of its determinant ``\log \det X``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnn.network import arrays
from symnn.network.arrays import Expression
from symnn.notation.tree import Call, Group, Name, Node
from symnn.notes.read.shapes.constraints import Choice, Same
from symnn.notes.read.shapes.terms import Term

if TYPE_CHECKING:
    from symnn.notes.read.expressions.arithmetic import Arithmetic
    from symnn.notes.read.passages import Spot
    from symnn.notes.read.scope import Scope


def inverse_of(reader: Arithmetic, term: Term, spot: Spot, *, matrix: bool = False) -> Term:
    """``X^{-1}``: the inverse of a square matrix, or one over a number unless it must be a `matrix`."""
    if matrix:
        _square(reader, term, spot)
    result = reader.solver.shape(origin=spot)
    names = ("one over a number", "the inverse of a square matrix")
    choice = Choice((term.shape, result), (((), ()), (("n", "n"), ("n", "n"))), names, spot)
    reader.solver.add(choice, choice.shapes)

    def build() -> Expression:
        value = term.build()
        return arrays.inverse(value) if value.rank else 1 / value

    return Term(result, build, spot, free=term.free)


def determined(argument: Node) -> Node | None:
    r"""The X of ``\det X`` and ``|\det X|``, as the argument of a logarithm; None for anything else.

    Where the determinant is negative, the logarithm of the first has no value; elsewhere both are the same.

    >>> from symnn.notation.latex import parse_latex
    >>> determined(parse_latex(r"\lvert \det X \rvert"))
    Name(base='X', font='', accents=())
    """
    while isinstance(argument, Group) and argument.left in ("(", "[", "|"):
        argument = argument.body
    if isinstance(argument, Call) and isinstance(argument.head, Name) and argument.head.base == "det":
        return argument.arguments[0] if len(argument.arguments) == 1 else None
    return None


def log_determinant(reader: Arithmetic, matrix: Node, scope: Scope, spot: Spot) -> Term:
    r"""``\log \det X``, from the matrix."""
    term = reader.read(matrix, scope)
    _square(reader, term, spot)
    shape = reader.solver.shape([], spot)
    return Term(shape, lambda: arrays.log_determinant(term.build()), spot, free=term.free)


def _square(reader: Arithmetic, term: Term, spot: Spot) -> None:
    size = reader.solver.dim(None, spot)
    reader.solver.add(Same(term.shape, reader.solver.shape([size, size], spot), spot), [term.shape])
