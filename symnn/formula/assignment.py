"""Numbers for what a formula mentions, and the balls that hold them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, ctx, fmpq
from sympy import Add, Expr, Mul, Pow

from symnn.formula.index import Index, LayerSize
from symnn.formula.nodes import Tensor


class EvaluationError(ValueError):
    """A formula cannot be evaluated: a value is missing or it is outside a function's domain."""


class Undetermined(EvaluationError):
    """A ball is too wide to decide a comparison or a domain; more precision or another point may help."""


@dataclass(frozen=True)
class Assignment:
    """Numbers for everything a formula mentions.

    `dimensions` maps dimension symbols to integers, `values` tensors to dictionaries from index tuples to numbers
    (`Fraction`, int, float or arb), `scalars` other symbols to numbers.
    """

    dimensions: Mapping[Any, int] = field(default_factory=dict)
    values: Mapping[Tensor, Mapping[tuple[int, ...], Any]] = field(default_factory=dict)
    scalars: Mapping[Any, Any] = field(default_factory=dict)

    def size(self, dimension: Expr) -> int:
        """The number that a dimension stands for. Raises EvaluationError when a symbol in it has none."""
        return self.whole(dimension, {})

    def whole(self, expression: Expr, indices: Mapping[Index, int]) -> int:
        """An index expression as an integer."""
        value = self._whole(expression, indices)
        if value.denominator != 1:
            raise EvaluationError(f"{expression} is not a whole number here")
        return value.numerator

    def _whole(self, expression: Expr, indices: Mapping[Index, int]) -> Fraction:
        if isinstance(expression, Index):
            if expression not in indices:
                raise EvaluationError(f"the index {expression} has no value")
            return Fraction(indices[expression])
        if isinstance(expression, sympy.Rational):
            return Fraction(int(expression.p), int(expression.q))
        if isinstance(expression, sympy.Symbol):
            if expression not in self.dimensions:
                raise EvaluationError(f"the dimension {expression} has no value")
            return Fraction(self.dimensions[expression])
        if isinstance(expression, Add):
            return sum((self._whole(term, indices) for term in expression.args), Fraction(0))
        if isinstance(expression, Mul):
            product = Fraction(1)
            for factor in expression.args:
                product *= self._whole(factor, indices)
            return product
        if isinstance(expression, LayerSize):
            size = LayerSize(expression.name, self.whole(expression.layer, indices))
            if size not in self.dimensions:
                raise EvaluationError(f"the size {size} has no value")
            return Fraction(self.dimensions[size])
        if isinstance(expression, sympy.floor):
            return Fraction(math.floor(self._whole(expression.args[0], indices)))
        if isinstance(expression, Pow) and isinstance(expression.exp, sympy.Integer):
            return self._whole(expression.base, indices) ** int(expression.exp)
        raise EvaluationError(f"{expression} is not an index expression")

    def shape(self, tensor: Tensor) -> tuple[int, ...]:
        return tuple(self.size(d) for d in tensor.shape)


@contextmanager
def precision(bits: int) -> Any:
    """Work with this many bits inside the block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: Any) -> arb:
    """An exact number as a ball."""
    if isinstance(value, arb):
        return value
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if isinstance(value, sympy.Rational):
        return arb(fmpq(int(value.p), int(value.q)))
    return arb(value)


def positions(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Every index tuple of an array of this shape, in row-major order."""
    return list(itertools.product(*(range(size) for size in shape)))
