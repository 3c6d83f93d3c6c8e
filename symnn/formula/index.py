"""Indices and dimensions.

A dimension is a positive SymPy integer symbol or a number. An index ranges over ``0 .. dimension - 1``. Index
expressions are affine combinations of indices, dimensions and integers.
"""

from __future__ import annotations

import itertools
from typing import Any

import sympy
from sympy import Expr, Integer, Symbol

_serials = itertools.count(1)


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


class Index(Symbol):  # type: ignore[misc]
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
        index.dimension = sympy.sympify(dimension, strict=True)
        index.serial = serial
        return index

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (self.name, self.dimension, self.serial), {}

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*Symbol._hashable_content(self), self.dimension, self.serial)

    @property
    def sort_name(self) -> tuple[str, int]:
        return (self.name, self.serial)

    def fresh(self) -> Index:
        """A new index with the same letter and dimension that occurs nowhere else."""
        return Index(self.name, self.dimension, next(_serials))

    def over(self, dimension: Any) -> Index:
        """The same letter over another dimension."""
        return Index(self.name, dimension, self.serial)


def fresh_index(name: str, dimension: Any) -> Index:
    """A new index that occurs nowhere else."""
    return Index(name, dimension, next(_serials))
