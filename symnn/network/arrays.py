"""Operators on arrays: how users and operator declarations write formulas in Python.

Everything returns an `Expression`, an array of formulas with Python's operators. Shapes are checked at once; a
mismatch raises `ShapeError` with both shapes. Broadcasting: axes are aligned from the right, a missing axis is shared,
as in NumPy; an axis of length 1 is not stretched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy
from sympy import Abs, Expr

from symnn.formula.application import Application, Array, Definition, ShapeError, axis_indices
from symnn.formula.application import result_shape as shape_of_result
from symnn.formula.index import Index, as_formula, dimension
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
)
from symnn.formula.powers import power


class Condition:
    """A comparison of two expressions, for `where`."""

    def __init__(self, operator: str, left: Expression, right: Expression) -> None:
        self.operator, self.left, self.right = operator, left, right


class Expression:
    """An array of formulas that can be added, multiplied, transposed, summed.

    >>> W, x, b = tensor("W", "m n"), tensor("x", "n"), tensor("b", "m")
    >>> (W @ x + b).shape
    (m,)
    """

    __array_ufunc__ = None

    def __init__(self, array: Array) -> None:
        self.array = array

    @property
    def shape(self) -> tuple[Expr, ...]:
        return self.array.shape

    @property
    def rank(self) -> int:
        return self.array.rank

    def __repr__(self) -> str:
        indices = ", ".join(map(str, self.array.indices))
        return f"[{indices}] {self.array.body}" if indices else str(self.array.body)

    def __add__(self, other: Any) -> Expression:
        return combine(lambda a, b: a + b, self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Expression:
        return combine(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> Expression:
        return combine(lambda a, b: b - a, self, other)

    def __mul__(self, other: Any) -> Expression:
        return combine(lambda a, b: a * b, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Expression:
        return combine(lambda a, b: a / b, self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return combine(lambda a, b: b / a, self, other)

    def __neg__(self) -> Expression:
        return elementwise(lambda a: -a, self)

    def __pow__(self, other: Any) -> Expression:
        return combine(power, self, other)

    def __matmul__(self, other: Any) -> Expression:
        return matmul(self, expression(other))

    def __rmatmul__(self, other: Any) -> Expression:
        return matmul(expression(other), self)

    def __gt__(self, other: Any) -> Condition:
        return Condition(">", self, expression(other))

    def __ge__(self, other: Any) -> Condition:
        return Condition(">=", self, expression(other))

    def __lt__(self, other: Any) -> Condition:
        return Condition("<", self, expression(other))

    def __le__(self, other: Any) -> Condition:
        return Condition("<=", self, expression(other))

    def __getitem__(self, places: Any) -> Expression:
        """The entry at index expressions; free indices of the places stay free in the formula."""
        places = places if isinstance(places, tuple) else (places,)
        return Expression(Array((), self.array.at(*places)))

    def padded(self, *places: Any) -> Expression:
        """The entry at index expressions, and 0 where one of them is out of range."""
        inside = [Inside(place, size) for place, size in zip(places, self.shape, strict=True)]
        return Expression(Array((), sympy.Mul(*inside, self.array.at(*places))))

    @property
    def T(self) -> Expression:
        """The transpose of a matrix (of the last two axes)."""
        if self.rank < 2:
            return self
        *lead, i, j = self.array.indices
        return Expression(Array((*lead, j, i), self.array.body))


def same_place(left: Any, right: Any) -> Expression:
    """1 where two index expressions are the same, else 0."""
    return Expression(Array((), Delta(left, right)))


def expression(value: Any) -> Expression:
    """A number, a symbol, a tensor or an array as an expression."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, Tensor):
        return Expression(Array.of(value))
    if isinstance(value, Array):
        return Expression(value)
    if isinstance(value, float):
        raise TypeError(f"write {value} as a fraction, for example Fraction('{value}'): formulas are exact")
    return Expression(Array((), as_formula(value)))


def tensor(name: str, shape: str = "") -> Expression:
    """A tensor by name and shape: ``tensor("W", "m n")``; numbers are fixed dimensions."""
    sizes = [dimension(int(part) if part.isdigit() else part) for part in shape.split()]
    return expression(Tensor(name, tuple(sizes)))


def _aligned(values: Sequence[Expression]) -> tuple[tuple[Index, ...], list[Expr]]:
    widest = max(values, key=lambda value: value.rank)
    for value in values:
        if value.rank and value.shape != widest.shape[widest.rank - value.rank :]:
            raise ShapeError(f"shapes {_shown(value.shape)} and {_shown(widest.shape)} do not fit together")
    indices = tuple(index.fresh() for index in widest.array.indices)
    return indices, [value.array.at(*indices[len(indices) - value.rank :]) for value in values]


def _shown(shape: Sequence[Any]) -> str:
    return "(" + ", ".join(map(str, shape)) + ")"


def tabulate(shape: Sequence[Any], entry: Callable[..., Any]) -> Expression:
    """The array whose entry at (i, j, ...) is what `entry` gives for these indices.

    For what whole-array operations do not say: shifts, windows, all pairs.

    >>> a, b = tensor("a", "m"), tensor("b", "n")
    >>> tabulate((*a.shape, *b.shape), lambda i, j: a[i] - b[j])
    [i, j] a[i] - b[j]
    """
    indices = axis_indices(shape)
    array = expression(entry(*indices)).array
    if array.rank:
        raise ShapeError(f"an entry is a scalar, not an array of shape {_shown(array.shape)}")
    return Expression(Array(indices, array.body))


def inverse(value: Any) -> Expression:
    """The inverse of a square matrix. Raises ShapeError for anything else."""
    array = expression(value).array
    row, column = axis_indices(array.shape[-2:])
    return Expression(Array((row, column), Inverse(array, row, column)))


def log_determinant(value: Any) -> Expression:
    """The logarithm of the absolute value of a determinant. Raises ShapeError for what is no square matrix."""
    return Expression(Array((), LogDeterminant(expression(value).array)))


def trace(value: Any) -> Expression:
    """The sum of the diagonal entries of a square matrix."""
    array = expression(value).array
    if array.rank != 2 or array.shape[0] != array.shape[1]:
        raise ShapeError(f"the trace needs a square matrix, not one of shape {_shown(array.shape)}")
    index = array.indices[0].fresh()
    return Expression(Array((), Total(array.at(index, index), index)))


def combine(function: Callable[..., Any], *values: Any) -> Expression:
    """Apply a function of scalars to aligned arrays, entry by entry. Raises ShapeError when shapes do not fit."""
    indices, bodies = _aligned([expression(value) for value in values])
    return Expression(Array(indices, function(*bodies)))


def elementwise(function: Callable[[Any], Any], value: Any) -> Expression:
    """Apply a function of one scalar to every entry."""
    return combine(function, value)


def matmul(left: Expression, right: Expression) -> Expression:
    """The matrix product over the last axis of `left` and the second to last (or only) axis of `right`."""
    if left.rank == 0 or right.rank == 0:
        raise ShapeError("a matrix product needs two arrays with axes; use * for scalars")
    inner = left.shape[-1]
    facing = right.shape[-2] if right.rank > 1 else right.shape[-1]
    if inner != facing:
        raise ShapeError(
            f"matrix product of shapes {_shown(left.shape)} and {_shown(right.shape)}: {inner} != {facing}"
        )
    k = left.array.indices[-1].fresh()
    rows = tuple(i.fresh() for i in left.array.indices[-2:-1])
    columns = tuple(i.fresh() for i in right.array.indices[-1:]) if right.rank > 1 else ()
    lead_left, lead_right = left.shape[:-2], right.shape[:-2]
    if lead_left and lead_right and lead_left != lead_right:
        raise ShapeError(f"leading axes {_shown(lead_left)} and {_shown(lead_right)} differ")
    lead = axis_indices(lead_left or lead_right)
    at_left = left.array.at(*(lead if lead_left else ()), *rows, k)
    at_right = right.array.at(*(lead if lead_right else ()), k, *columns)
    return Expression(Array((*lead, *rows, *columns), Total(at_left * at_right, k)))


def _reduced(value: Any, axis: int | None, reduce: Callable[[Any, Index], Any]) -> tuple[Expression, tuple[Expr, ...]]:
    array = expression(value).array
    axes = range(array.rank) if axis is None else [axis % array.rank]
    indices = tuple(index.fresh() for index in array.indices)
    body = array.at(*indices)
    gone = tuple(indices[a] for a in axes)
    for index in reversed(gone):
        body = reduce(body, index)
    kept = tuple(index for a, index in enumerate(indices) if a not in axes)
    return Expression(Array(kept, body)), tuple(index.dimension for index in gone)


def total(value: Any, axis: int | None = None) -> Expression:
    """The sum over one axis, or over all."""
    return _reduced(value, axis, Total)[0]


def mean(value: Any, axis: int | None = None) -> Expression:
    """The mean over one axis, or over all."""
    summed, sizes = _reduced(value, axis, Total)
    return summed / expression(sympy.Mul(*sizes))


def largest(value: Any, axis: int | None = None) -> Expression:
    """The maximum over one axis, or over all."""
    return _reduced(value, axis, Extreme)[0]


def exp(value: Any) -> Expression:
    """The exponential of every entry."""
    return elementwise(sympy.exp, value)


def log(value: Any) -> Expression:
    """The natural logarithm of every entry."""
    return elementwise(sympy.log, value)


def sqrt(value: Any) -> Expression:
    """The square root of every entry."""
    return elementwise(sympy.sqrt, value)


def erf(value: Any) -> Expression:
    """The error function of every entry."""
    return elementwise(sympy.erf, value)


def absolute(value: Any) -> Expression:
    """The absolute value of every entry."""
    return elementwise(Abs, value)


def sign(value: Any) -> Expression:
    """The sign of every entry: -1, 0 or 1."""
    return elementwise(sympy.sign, value)


def maximum(left: Any, right: Any) -> Expression:
    """The larger of the two, entry by entry."""
    return combine(Maximum, left, right)


def minimum(left: Any, right: Any) -> Expression:
    """The smaller of the two, entry by entry."""
    return combine(Minimum, left, right)


def where(condition: Condition | Sequence[Condition], value: Any, otherwise: Any) -> Expression:
    """`value` where the condition (or every one of several) holds, else `otherwise`."""
    conditions = [condition] if isinstance(condition, Condition) else list(condition)
    sides = [side for c in conditions for side in (c.left, c.right)]

    def build(*bodies: Any) -> Any:
        compared = [Compare(c.operator, bodies[2 * n], bodies[2 * n + 1]) for n, c in enumerate(conditions)]
        held = compared[0] if len(compared) == 1 else AllOf(*compared)
        return Cases([(held, bodies[-2])], bodies[-1])

    return combine(build, *sides, value, otherwise)


def call(function: Elementwise, *arguments: Any) -> Expression:
    """An elementwise function applied entry by entry, kept under its name."""
    return combine(lambda *bodies: Call(function, *bodies), *arguments)


def apply(definition: Definition, arguments: Sequence[Any], constants: Sequence[Any] = ()) -> Expression:
    """An operator applied to arrays, kept under its name. Raises ShapeError when shapes do not fit."""
    arrays = [expression(argument).array for argument in arguments]
    places = axis_indices(shape_of_result(definition, [array.shape for array in arrays], constants))
    return Expression(Array(places, Application(definition, arrays, constants, places)))
