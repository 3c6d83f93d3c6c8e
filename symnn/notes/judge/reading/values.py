"""Values: what a part of a claim may stand for, and the products of two of them.

A part of a formula has a list of admissible values, the likeliest first. A value is an array of formulas. A derivative
keeps its axes apart: first those of what is differentiated, then those of what it is differentiated by, so that a
product with the next derivative of a chain can contract the right axes whatever the layout in which it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Expr, S

from symnn.formula.application import Array
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.index import Index, as_formula
from symnn.formula.nodes import Delta, total
from symnn.notes.judge.errors import DoesNotFit
from symnn.notes.judge.process.budget import spend

MOST = 10
"""How many readings of one part are kept."""


@dataclass(frozen=True)
class Value:
    """One reading of a part of a formula.

    `out` is set for a derivative: the number of axes that belong to what is differentiated. `turn` tells a vector that
    stands as a row or as a column. `cost` orders readings. `said` names choices that a reader should know of.
    """

    array: Array
    out: int | None = None
    turn: str = ""
    cost: int = 0
    said: tuple[str, ...] = ()
    orient: bool = False

    @property
    def rank(self) -> int:
        """The number of axes."""
        return self.array.rank

    @property
    def shape(self) -> tuple[Expr, ...]:
        """The dimensions of the axes."""
        return self.array.shape

    @property
    def outer(self) -> tuple[Expr, ...]:
        """The axes of what is differentiated."""
        return self.shape[: self.out or 0]

    @property
    def inner(self) -> tuple[Expr, ...]:
        """The axes of what it is differentiated by."""
        return self.shape[self.out or 0 :]

    @property
    def is_jacobian(self) -> bool:
        """Whether it is a derivative of an array by an array."""
        return self.out is not None and 0 < self.out < self.rank

    def costing(self, cost: int, *said: str) -> Value:
        """The same value as a less likely reading."""
        return replace(self, cost=self.cost + cost, said=(*self.said, *said))


def scalar(formula: Any) -> Value:
    """A value without axes."""
    return Value(Array((), as_formula(formula)))


def fresh(indices: Iterable[Index]) -> tuple[Index, ...]:
    """New indices over the same dimensions."""
    return tuple(index.fresh() for index in indices)


def best(values: Iterable[Value]) -> list[Value]:
    """The likeliest readings, without repetitions."""
    seen: set[Any] = set()
    kept: list[Value] = []
    for value in sorted(values, key=lambda v: v.cost):
        key = (canonical(value.array), value.out, value.turn)
        if key not in seen:
            seen.add(key)
            kept.append(value)
    return kept[:MOST]


def canonical(array: Array) -> Any:
    """The array with its axes named by their positions."""
    names = [Index(f"_axis{place}", index.dimension) for place, index in enumerate(array.indices)]
    return (tuple(index.dimension for index in array.indices), array.at(*names))


ON_EVERY_COLUMN = "one column is added to, or multiplied with, every column"
ON_EVERY_ROW = "one row is added to, or multiplied with, every row"


def combined(function: Any, left: Value, right: Value) -> Value:
    """A function of scalars applied entry by entry to two values of the same shape, or of which one is a number.

    Raises DoesNotFit for other shapes.
    """
    spend()
    if left.rank == 0 or right.rank == 0:
        array = right if left.rank == 0 else left
        places = fresh(array.array.indices)
        a = left.array.body if left.rank == 0 else left.array.at(*places)
        b = right.array.body if right.rank == 0 else right.array.at(*places)
        return Value(
            Array(places, function(a, b)), array.out, array.turn, left.cost + right.cost, (*left.said, *right.said)
        )
    if left.shape == right.shape:
        places = fresh(left.array.indices)
        turn = left.turn if left.turn == right.turn else ""
        out = left.out if left.out == right.out else (left.out if right.out is None else right.out)
        if left.is_jacobian != right.is_jacobian:
            out = left.out if left.is_jacobian else right.out
        body = function(left.array.at(*places), right.array.at(*places))
        return Value(Array(places, body), out, turn, left.cost + right.cost, (*left.said, *right.said))
    wide, narrow = (left, right) if left.rank > right.rank else (right, left)
    if wide.rank > narrow.rank and wide.shape[wide.rank - narrow.rank :] == narrow.shape and narrow.turn != "column":
        places = fresh(wide.array.indices)
        own = places[wide.rank - narrow.rank :]
        a = left.array.at(*(own if left is narrow else places))
        b = right.array.at(*(own if right is narrow else places))
        return Value(
            Array(places, function(a, b)), wide.out, wide.turn, left.cost + right.cost + 3,
            (*left.said, *right.said, ON_EVERY_ROW),
        )  # fmt: skip
    if (wide.rank, narrow.rank) == (2, 1) and wide.shape[:1] == narrow.shape and narrow.turn == "column":
        places = fresh(wide.array.indices)
        a = left.array.at(*(places[:1] if left is narrow else places))
        b = right.array.at(*(places[:1] if right is narrow else places))
        return Value(
            Array(places, function(a, b)), wide.out, wide.turn, left.cost + right.cost + 3,
            (*left.said, *right.said, ON_EVERY_COLUMN),
        )  # fmt: skip
    raise DoesNotFit(f"shapes {shown(left.shape)} and {shown(right.shape)} do not fit together")


def shown(shape: Sequence[Any]) -> str:
    """A shape for messages."""
    return "scalar" if not shape else "(" + ", ".join(map(str, shape)) + ")"


def contract(left: Value, right: Value, pairs: Sequence[tuple[int, int]], order: Sequence[tuple[str, int]]) -> Array:
    """The product of two arrays, summed over pairs of axes; `order` lists the axes that are left, in the result's order."""
    spend()
    a, b = list(fresh(left.array.indices)), list(fresh(right.array.indices))
    summed = []
    for one, other in pairs:
        b[other] = a[one]
        summed.append(a[one])
    body = eliminate_deltas(total(left.array.at(*a) * right.array.at(*b), *summed))
    return Array([a[axis] if side == "left" else b[axis] for side, axis in order], body)


def transposed(value: Value) -> Value:
    """The transpose: the last two axes change places, a vector turns."""
    if value.rank >= 2:
        *lead, i, j = value.array.indices
        array = Array((*lead, j, i), value.array.body)
        return replace(value, array=array, out=None if value.out != 0 else 0)
    if value.rank == 1:
        return replace(value, turn="column" if value.turn == "row" else "row", orient=True)
    return value


def diagonal(value: Value) -> Value | None:
    """The entries on the diagonal of a derivative of an array by one of the same shape, if the others are all zero."""
    from symnn.formula.normal import Normalizer, TooLarge

    if not value.is_jacobian or value.outer != value.inner:
        return None
    half = value.rank // 2
    first, second = fresh(value.array.indices[:half]), fresh(value.array.indices[half:])
    on = value.array.at(*first, *first)
    deltas = sympy.Mul(*[Delta(a, b) for a, b in zip(first, second, strict=True)])
    try:
        if not Normalizer().equal(value.array.at(*first, *second), on * deltas):
            return None
    except (TooLarge, ZeroDivisionError, ValueError):
        return None
    return Value(Array(first, on), None, value.turn, value.cost, value.said)


ZERO = S.Zero
