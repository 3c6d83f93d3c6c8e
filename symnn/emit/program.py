"""The plan of a NumPy function: straight-line values, each made by one whole-array operation.

A `Value` has a symbolic shape and a kind: ``float`` arrays have the data type of the call, ``bool`` arrays are masks,
``int`` arrays are positions, and a ``number`` is a Python number, which never changes the data type of an array it
meets. Equal values are one object (`Program` keeps them), so common subexpressions are computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import sympy
from sympy import Add, Expr

from symnn.emit.errors import EmitError
from symnn.emit.operations import (
    COMPARISONS,
    LOGICAL,
    MIXES,
    ONE,
    WHOLE,
    Branch,
    Cast,
    Diagonal,
    Expand,
    Fill,
    Fold,
    Helper,
    Kind,
    Leaf,
    Linalg,
    Loop,
    Looped,
    Number,
    Operation,
    Pad,
    Pick,
    Reduce,
    Reshape,
    Select,
    Shape,
    Slice,
    Stride,
    Transpose,
    Ufunc,
    Value,
    Windows,
)
from symnn.emit.vocabulary import expm1, log1p, tanh
from symnn.formula.nodes import Maximum, Minimum


class Program:
    """Makes values; the same operation on the same arguments is made once."""

    def __init__(self) -> None:
        self._values: dict[Any, Value] = {}

    def make(self, operation: Operation, arguments: Sequence[Value], shape: Sequence[Expr], kind: Kind) -> Value:
        key = (operation, tuple(id(a) for a in arguments), kind)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = Value(operation, tuple(arguments), tuple(shape), kind)
        return found

    def leaf(self, name: str, shape: Sequence[Expr]) -> Value:
        return self.make(Leaf(name), (), shape, "float")

    def number(self, formula: Any) -> Value:
        return self.make(Number(formula), (), (), "number")

    @staticmethod
    def formula(value: Value) -> Expr:
        """The formula of a number."""
        assert isinstance(value.operation, Number)
        return value.operation.formula

    def cast(self, value: Value) -> Value:
        """The value as floating point; numbers and floats are left alone."""
        if value.kind in ("float", "number"):
            return value
        return self.make(Cast(), (value,), value.shape, "float")

    def ufunc(self, name: str, *arguments: Value) -> Value:
        """An elementwise function. Arguments must broadcast from the right."""
        if all(a.is_number for a in arguments) and name in ON_NUMBERS:
            return self.number(ON_NUMBERS[name](*(self.formula(a) for a in arguments)))
        shape = broadcast(*(a.shape for a in arguments))
        if name in COMPARISONS or name in LOGICAL:
            return self.make(Ufunc(name), arguments, shape, "bool")
        if name == "multiply" and all(a.kind == "bool" for a in arguments):
            return self.make(Ufunc("logical_and"), arguments, shape, "bool")
        kinds = {a.kind for a in arguments}
        if name in WHOLE and all(a.kind == "int" or (a.is_number and self.formula(a).is_integer) for a in arguments):
            return self.make(Ufunc(name), arguments, shape, "int")
        if "float" in kinds and "int" not in kinds and name in MIXES:
            return self.make(Ufunc(name), arguments, shape, "float")
        return self.make(Ufunc(name), tuple(self.cast(a) for a in arguments), shape, "float")

    def helper(self, name: str, *arguments: Value) -> Value:
        values = tuple(self.cast(a) for a in arguments)
        return self.make(Helper(name), values, broadcast(*(a.shape for a in values)), "float")

    def select(self, condition: Value, value: Value, otherwise: Value) -> Value:
        """``value`` where the condition holds, else ``otherwise``; at least one of them is an array."""
        value, otherwise = self.cast(value), self.cast(otherwise)
        shape = broadcast(condition.shape, value.shape, otherwise.shape)
        return self.make(Select(), (condition, value, otherwise), shape, "float")

    def transpose(self, value: Value, order: Sequence[int]) -> Value:
        order = tuple(order)
        if order == tuple(range(value.rank)):
            return value
        if isinstance(value.operation, Transpose):
            inner = value.operation.order
            return self.transpose(value.arguments[0], tuple(inner[axis] for axis in order))
        return self.make(Transpose(order), (value,), tuple(value.shape[a] for a in order), value.kind)

    def expand(self, value: Value, axes: Sequence[int]) -> Value:
        if not axes:
            return value
        shape = list(value.shape)
        for axis in sorted(axes):
            shape.insert(axis, ONE)
        return self.make(Expand(tuple(sorted(axes))), (value,), shape, value.kind)

    def linalg(self, name: Literal["inv", "slogdet"], value: Value) -> Value:
        """A function of the matrices in the last two axes."""
        shape = value.shape if name == "inv" else value.shape[:-2]
        return self.make(Linalg(name), (value,), shape, "float")

    def pick(self, value: Value, places: Sequence[Expr | None]) -> Value:
        """One position along each axis that has one in `places`; None keeps the axis."""
        cut = value.operation
        if isinstance(cut, Slice) and places[cut.axis] is not None and cut.start == 0:
            return self.pick(value.arguments[0], places)
        shape = tuple(size for size, place in zip(value.shape, places, strict=True) if place is None)
        return self.make(Pick(tuple(places)), (value,), shape, value.kind)

    def diagonal(self, value: Value, first: int, second: int) -> Value:
        """The entries where two axes agree; the common axis comes last."""
        shape = [size for axis, size in enumerate(value.shape) if axis not in (first, second)]
        return self.make(Diagonal(first, second), (value,), (*shape, value.shape[first]), value.kind)

    def slice(self, value: Value, axis: int, start: Expr, stop: Expr) -> Value:
        """The positions from `start` to before `stop` along an axis."""
        if start == 0 and sympy.expand(stop - value.shape[axis]) == 0:
            return value
        shape = list(value.shape)
        shape[axis] = sympy.expand(stop - start)
        return self.make(Slice(axis, start, stop), (value,), shape, value.kind)

    def stride(self, value: Value, steps: Sequence[Expr], shape: Sequence[Expr]) -> Value:
        """Every so-many-th position along each axis; from the end where the step is negative."""
        if all(step == 1 for step in steps):
            return value
        return self.make(Stride(tuple(steps)), (value,), shape, value.kind)

    def windows(self, value: Value, axes: Sequence[int], sizes: Sequence[Expr]) -> Value:
        """A sliding view: the windows are new last axes."""
        if not axes:
            return value
        shape = list(value.shape)
        for axis, size in zip(axes, sizes, strict=True):
            shape[axis] = sympy.expand(shape[axis] - size + 1)
        return self.make(Windows(tuple(axes), tuple(sizes)), (value,), (*shape, *sizes), value.kind)

    def pad(self, value: Value, axis: int, before: Expr, after: Expr) -> Value:
        """Zeros before and after an axis."""
        if before == 0 and after == 0:
            return value
        whole = value.operation
        if isinstance(whole, Slice) and axis == whole.axis == 0 and before == 0:
            rows = value.arguments[0]
            if isinstance(rows.operation, Looped) and sympy.expand(rows.operation.loop.spare - after).is_nonnegative:
                # The array of a loop has rows of zeros at its end.
                return self.slice(rows, 0, sympy.Integer(0), sympy.expand(value.shape[0] + after))
        lower, upper = [sympy.S.Zero] * value.rank, [sympy.S.Zero] * value.rank
        if isinstance(whole, Pad):
            value, lower, upper = value.arguments[0], list(whole.before), list(whole.after)
        lower[axis], upper[axis] = sympy.expand(lower[axis] + before), sympy.expand(upper[axis] + after)
        shape = [sympy.expand(Add(*sizes)) for sizes in zip(value.shape, lower, upper, strict=True)]
        return self.make(Pad(tuple(lower), tuple(upper)), (value,), shape, value.kind)

    def fold(self, value: Value, fold: Fold) -> Value:
        """Windows added up where they overlap; the axis of the windows is gone."""
        value = self.cast(value)
        shape = list(value.shape)
        shape[fold.axis] = fold.size
        if fold.window is not None:
            del shape[fold.window]
        return self.make(fold, (value,), shape, "float")

    def looped(self, loop: Loop) -> list[Value]:
        """The arrays of a loop, without the rows that stay zero."""
        outside = _from_outside(loop)
        rows = sympy.expand(loop.size + loop.spare)
        made = []
        for place, carried in enumerate(loop.carried):
            value = self.make(Looped(loop, place), outside, (rows, *carried.shape[1:]), "float")
            made.append(self.slice(value, 0, sympy.Integer(0), loop.size))
        return made

    def reduce(self, name: Literal["sum", "max"], value: Value, axes: Sequence[int]) -> Value:
        if not axes:
            return value
        value = self.cast(value)
        shape = tuple(size for axis, size in enumerate(value.shape) if axis not in axes)
        return self.make(Reduce(name, tuple(sorted(axes))), (value,), shape, "float")

    def reshape(self, value: Value, shape: Sequence[Expr]) -> Value:
        if tuple(shape) == value.shape:
            return value
        return self.make(Reshape(tuple(shape)), (value,), shape, value.kind)

    def fill(self, value: Value, shape: Sequence[Expr]) -> Value:
        """The value stretched to a shape, as an array of its own."""
        value = self.cast(value)
        if not value.is_number and value.shape == tuple(shape):
            return value
        return self.make(Fill(tuple(shape)), (value,), shape, "float")


def _from_outside(loop: Loop) -> list[Value]:
    """The largest values that the steps use and that are the same in every step."""
    changing = {id(value): True for value in loop.carried}

    def changes(value: Value) -> bool:
        if id(value) not in changing:
            own = any(loop.counter in part.free_symbols for part in _formulas(value.operation))
            # Every argument is looked at: the answers are needed below.
            below = [changes(argument) for argument in value.arguments]
            changing[id(value)] = own or any(below)
        return changing[id(value)]

    found: dict[int, Value] = {}
    seen: set[int] = set()
    stack = list(loop.steps)
    for step in loop.steps:
        if not changes(step) and not step.is_number:
            found[id(step)] = step
    while stack:
        value = stack.pop()
        if id(value) in seen or not changes(value):
            continue
        seen.add(id(value))
        for argument in value.arguments:
            if changes(argument):
                stack.append(argument)
            elif not argument.is_number:
                found[id(argument)] = argument
    return list(found.values())


def _formulas(operation: Operation) -> list[Any]:
    """The formulas inside an operation: places, sizes, numbers."""
    match operation:
        case Number():
            return [operation.formula]
        case Pick():
            return [place for place in operation.places if place is not None]
        case Slice():
            return [operation.start, operation.stop]
        case Pad():
            return [*operation.before, *operation.after]
        case Fill():
            return list(operation.shape)
        case Branch():
            return [operation.counter]
    return []


ON_NUMBERS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "square": lambda a: a**2,
    "sqrt": sympy.sqrt,
    "power": lambda a, b: a**b,
    "exp": sympy.exp,
    "log": sympy.log,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tanh": tanh,
    "expm1": expm1,
    "log1p": log1p,
    "maximum": Maximum,
    "minimum": Minimum,
}
"""What Python computes when there is no array in sight."""


def broadcast(*shapes: Shape) -> Shape:
    """The common shape, axes aligned from the right. Raises EmitError when two sizes differ."""
    rank = max((len(s) for s in shapes), default=0)
    result: list[Expr] = []
    for axis in range(rank):
        sizes = {sympy.expand(s[axis - rank + len(s)]) for s in shapes if axis - rank + len(s) >= 0} - {ONE}
        if len(sizes) > 1:
            raise EmitError(f"internal: the sizes {sorted(map(str, sizes))} do not broadcast")
        result.append(sizes.pop() if sizes else ONE)
    return tuple(result)
