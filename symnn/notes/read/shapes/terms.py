"""Terms: formulas whose shapes are being worked out, and the letters and variables that occur in them.

A term knows its shape (perhaps not yet) and how to build its array once all shapes are settled. The array is built as
often as shapes are settled in different ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symnn.formula.index import Index, as_formula, fresh_index
from symnn.formula.nodes import Tensor
from symnn.network.arrays import Expression
from symnn.notation.tree import Node, Number
from symnn.notes.read.names import Key
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.shapes import Dim, Shape, Solver

if TYPE_CHECKING:
    from symnn.notes.read.symbols import Definition, Given


class Letter:
    """An index letter in use: its dimension, and its first value if the document states it.

    `index` is the index in formulas; it stays the same while the dimension does.
    """

    def __init__(self, name: str, dim: Dim, first: int | None, spot: Spot) -> None:
        self.name = name
        self.dim = dim
        self.first = first
        self.spot = spot
        self.reach: Any = None  # the size of a layer up to which the letter runs, where the limits say one
        self._made: Index | None = None

    def index(self, solver: Solver) -> Index:
        """The index, over the dimension as it is settled now."""
        size = solver.value(self.dim)
        if size is None:
            raise ValueError(f"the range of {self.name} is not known")
        if self._made is None:
            self._made = fresh_index(self.name, size)
        elif self._made.dimension != size:
            self._made = self._made.over(size)
        return self._made


@dataclass(eq=False)
class Variable:
    """A name of the document with what is known about it.

    `constant` is set for a scalar that is neither data nor learned: a size, or a setting such as a learning rate.
    """

    key: Key
    node: Node
    spot: Spot
    shape: Shape
    definition: Definition | None = None
    given: Given | None = None
    declared: Spot | None = None
    constant: Expr | None = None
    is_size: bool = False

    @property
    def name(self) -> str:
        """The identifier."""
        return self.key.identifier

    def tensor(self, solver: Solver) -> Tensor:
        """The tensor, once the shape is settled."""
        return Tensor(self.name, solver.values(self.shape))


def _never(solver: Solver) -> bool:
    return False


@dataclass(eq=False)
class Term:
    """A formula that is being read.

    `variable` is set when the term is a name and nothing else. `turned` says that it is written as a transpose, and
    `is_row` whether it is a vector that stands as a row. `number` is its value when it is a plain number. `free` are
    the letters it depends on.
    """

    shape: Shape
    build: Callable[[], Expression]
    spot: Spot
    variable: Variable | None = None
    turned: bool = False
    is_row: Callable[[Solver], bool] = _never
    number: Expr | None = None
    free: frozenset[Letter] = field(default_factory=frozenset)


def constant_term(solver: Solver, value: Any, spot: Spot) -> Term:
    """A number or a scalar symbol."""
    value = as_formula(value)
    from symnn.network.arrays import expression

    built = expression(value)
    number = value if value.is_number else None
    return Term(solver.shape([], spot), lambda: built, spot, number=number)


def number_of(node: Number) -> Expr:
    """The exact value of a number as written."""
    value = Fraction(node.text)
    return sympy.Rational(value.numerator, value.denominator)
