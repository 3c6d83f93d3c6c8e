"""Indices and dimensions.

A dimension is a positive SymPy integer symbol or a number. An index ranges over ``0 .. dimension - 1``. Index
expressions are affine combinations of indices, dimensions and integers. The size of one layer of several is a
`LayerSize`; it stands in range conditions and never is the dimension of an index.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from sympy import Basic, Expr, Integer, Rational, Symbol, expand, floor
from sympy.core.symbol import Str

_highest = [0]
"""The highest serial number that any index has had, also one that was read from a file."""


def _new_serial() -> int:
    _highest[0] += 1
    return _highest[0]


@cache
def _known_of_indices() -> Any:
    """What SymPy knows about a whole number: the same about every index, and found out once."""
    return Symbol("i", integer=True)._assumptions.copy()


def as_formula(value: Any) -> Any:
    """A number as an exact SymPy number; formulas pass through. Text is never read.

    Raises TypeError for anything else.

    >>> as_formula(2), as_formula(Fraction(1, 3))
    (2, 1/3)
    """
    if isinstance(value, Basic):
        return value
    if isinstance(value, int):
        return Integer(value)
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    raise TypeError(f"a formula or an exact number is needed, not {type(value).__name__}")


def dimension(name: str | int) -> Expr:
    """A dimension: a number, or a symbol that stands for a positive integer.

    >>> dimension("n").is_positive, dimension(3)
    (True, 3)
    """
    if isinstance(name, int):
        if name < 1:
            raise ValueError(f"a dimension is at least 1, not {name}")
        return Integer(name)
    return Symbol(name, integer=True, positive=True)


def length(size: Any) -> Any:
    """The canonical form of a size: multiplied out, with the whole part of every constant outside of its floor.

    Tensors and indices keep their sizes in it, so that equal shapes are the same.

    >>> n = dimension("n")
    >>> length(floor((n - 1) / 2) + 1)
    floor(n/2 + 1/2)
    """
    return size if isinstance(size, Symbol | Integer) else _length(as_formula(size))


@lru_cache(maxsize=1024)
def _length(size: Expr) -> Expr:
    # the few sizes of a network are asked for with every index
    expanded = expand(size)
    if expanded.has(LayerSize):
        raise ValueError(f"{size} is no dimension: an axis is as long for every layer as for the longest")
    for part in sorted(expanded.atoms(floor), key=str):
        inside = expand(part.args[0])
        whole = floor(inside.as_coeff_Add()[0])
        expanded = expanded.xreplace({part: floor(inside - whole) + whole})
    return expanded


class LayerSize(Expr):
    """The size ``n[l]`` of layer l, where every layer has a size of its own: a positive whole number.

    >>> LayerSize("n", 0), LayerSize("n", dimension("L") - 1)
    (n[0], n[L - 1])
    """

    is_commutative = True
    is_integer = True
    is_positive = True

    def __new__(cls, name: Any, layer: Any) -> LayerSize:
        made: LayerSize = Expr.__new__(cls, name if isinstance(name, Str) else Str(name), as_formula(layer))
        return made

    @property
    def name(self) -> str:
        return str(self.args[0].name)

    @property
    def layer(self) -> Any:
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"{self.name}[{printer._print(self.layer)}]"


class Index(Symbol):
    """An index with the dimension it ranges over.

    Two indices are the same when name, dimension and serial number are. `fresh` makes one that no formula uses yet.

    >>> i = Index("i", dimension("n"))
    >>> i, i.dimension, i == Index("i", dimension("n")), i == i.fresh()
    (i, n, True, False)
    """

    __slots__ = ("dimension", "serial")

    dimension: Expr
    serial: int

    def __new__(cls, name: str, dimension: Any, serial: int = 0) -> Index:
        index: Index = Symbol.__xnew__(cls, name, integer=True)
        index._assumptions = _known_of_indices()
        index.dimension = length(dimension)
        index.serial = serial
        _highest[0] = max(_highest[0], serial)
        return index

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (self.name, self.dimension, self.serial), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.name, self.dimension, self.serial

    @property
    def sort_name(self) -> tuple[str, int]:
        return (self.name, self.serial)

    def fresh(self) -> Index:
        """A new index with the same letter and dimension that occurs nowhere else."""
        return Index(self.name, self.dimension, _new_serial())

    def over(self, dimension: Any) -> Index:
        """The same letter over another dimension."""
        return Index(self.name, dimension, self.serial)


def fresh_index(name: str, dimension: Any) -> Index:
    """A new index that occurs nowhere else."""
    return Index(name, dimension, _new_serial())


def within_single_axes(position: Any) -> Any:
    """An index expression with 0 for every index of an axis of size one: there is no other place on that axis.

    >>> i, j = Index("i", dimension(1)), Index("j", dimension("n"))
    >>> within_single_axes(i + 2 * j)
    2*j
    """
    single = {index: Integer(0) for index in position.atoms(Index) if index.dimension == 1}
    return position.xreplace(single) if single else position
