"""Formulas evaluated in PyTorch, whose automatic differentiation knows nothing of symnn's rules."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import sympy
import torch
from sympy import Abs, Add, Mul, Pow, erf, exp, log, sign

from symnn.formula.index import Index
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
)
from symnn.formula.substitute import unfold

AXES = 16
"""Every index has an axis of its own; what does not depend on it has size 1 there."""
COMPARISONS = {
    "<": torch.lt, "<=": torch.le, ">": torch.gt, ">=": torch.ge, "==": torch.eq, "!=": torch.ne,
}  # fmt: skip
FUNCTIONS = {exp: torch.exp, log: torch.log, erf: torch.erf, Abs: torch.abs, sign: torch.sign}


def torch_value(
    formula: Any, dimensions: Mapping[Any, int], values: Mapping[Tensor, Any], scalars: Mapping[Any, Any]
) -> Any:
    """A scalar formula as a PyTorch scalar that can be differentiated. Raises TypeError for a node it does not know."""
    return _Evaluator(dimensions, values, scalars).value(formula, {}).reshape(())


class _Evaluator:
    def __init__(self, dimensions: Mapping[Any, int], values: Mapping[Tensor, Any], scalars: Mapping[Any, Any]) -> None:
        self.dimensions = dimensions
        self.values = values
        self.scalars = scalars

    def value(self, formula: Any, at: Mapping[Index, Any]) -> Any:
        match formula:
            case Add():
                return functools.reduce(torch.add, [self.value(a, at) for a in formula.args])
            case Mul():
                return functools.reduce(torch.mul, [self.value(a, at) for a in formula.args])
            case Pow():
                return self._power(formula, at)
            case Entry():
                return self._entry(formula, at)
            case Total() | Extreme():
                return self._over_index(formula, at)
            case Call():
                return self.value(unfold(formula), at)
            case Cases():
                result = self.value(formula.default, at)
                for condition, value in reversed(formula.branches):
                    result = torch.where(self._holds(condition, at), self.value(value, at), result)
                return result
            case Maximum():
                return torch.maximum(*(self.value(a, at) for a in formula.args))
            case Minimum():
                return torch.minimum(*(self.value(a, at) for a in formula.args))
            case Bracket():
                return self._holds(formula.condition, at).double()
            case Delta():
                return (self._whole(formula.difference, at) == 0).double()
            case Inside():
                position = self._whole(formula.position, at)
                return ((position >= 0) & (position < self._whole(formula.length, at))).double()
            case Inverse() | LogDeterminant():
                return self._matrix(formula, at)
        if type(formula) in FUNCTIONS:
            return FUNCTIONS[type(formula)](self.value(formula.args[0], at))
        return self._number(formula)

    def _number(self, formula: Any) -> Any:
        if formula in self.scalars:
            return torch.tensor(float(self.scalars[formula]), dtype=torch.float64).reshape((1,) * AXES)
        if formula.free_symbols:
            return self._whole(formula, {}).double()
        if formula.is_number:
            return torch.tensor(float(formula), dtype=torch.float64).reshape((1,) * AXES)
        raise TypeError(f"{type(formula).__name__} is unknown here")

    def _whole(self, place: Any, at: Mapping[Index, Any]) -> Any:
        """An index expression as an array of whole numbers."""
        match place:
            case Add():
                return functools.reduce(torch.add, [self._whole(a, at) for a in place.args])
            case Mul():
                return functools.reduce(torch.mul, [self._whole(a, at) for a in place.args])
            case sympy.floor():
                top, bottom = (self._whole(part, at) for part in sympy.fraction(sympy.together(place.args[0])))
                return torch.div(top, bottom, rounding_mode="floor")
        value = at.get(place, self.dimensions.get(place, place))
        return value if torch.is_tensor(value) else torch.tensor(int(value)).reshape((1,) * AXES)

    def _power(self, formula: Pow, at: Mapping[Index, Any]) -> Any:
        base = self.value(formula.base, at)
        if formula.exp.is_Integer:
            return base ** int(formula.exp)
        return base ** self.value(formula.exp, at)

    def _entry(self, entry: Entry, at: Mapping[Index, Any]) -> Any:
        array = self.values[entry.tensor]
        if not entry.indices:
            return array.reshape((1,) * AXES)
        # A place outside is never used: its condition is 0.
        places = [self._whole(p, at).clamp(0, size - 1) for p, size in zip(entry.indices, array.shape, strict=True)]
        return array[tuple(torch.broadcast_tensors(*places))]

    def _axis(self, index: Index, at: Mapping[Index, Any]) -> tuple[int, dict[Index, Any]]:
        axis = len(at)
        shape = [1] * AXES
        shape[axis] = int(self._whole(index.dimension, at))
        return axis, {**at, index: torch.arange(shape[axis]).reshape(shape)}

    def _over_index(self, formula: Total | Extreme, at: Mapping[Index, Any]) -> Any:
        axis, inside = self._axis(formula.index, at)
        body = self.value(formula.body, inside)
        size = inside[formula.index].shape[axis]
        body = body.expand(*(size if place == axis else length for place, length in enumerate(body.shape)))
        return body.sum(axis, keepdim=True) if isinstance(formula, Total) else body.amax(axis, keepdim=True)

    def _holds(self, condition: Any, at: Mapping[Index, Any]) -> Any:
        if isinstance(condition, AllOf):
            return functools.reduce(torch.logical_and, [self._holds(part, at) for part in condition.args])
        if not isinstance(condition, Compare):
            raise TypeError(f"{type(condition).__name__} is unknown here")
        return COMPARISONS[condition.operator](self.value(condition.left, at), self.value(condition.right, at))

    def _matrix(self, formula: Any, at: Mapping[Index, Any]) -> Any:
        row, column = formula.matrix.indices
        first, inside = self._axis(row, at)
        second, inside = self._axis(column, inside)
        body = self.value(formula.matrix.body, inside).movedim((first, second), (-2, -1))
        if isinstance(formula, LogDeterminant):
            return torch.linalg.slogdet(body)[1][..., None, None].movedim((-2, -1), (first, second))
        places = [self._whole(place, at) for place in formula.places]
        return torch.linalg.inv(body).reshape(body.shape[-2:])[tuple(torch.broadcast_tensors(*places))]
