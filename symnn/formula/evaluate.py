"""Numeric evaluation in ball arithmetic.

Every value is a ball that is guaranteed to hold the exact one (F. Johansson, *Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic*, IEEE Trans. Computers 66, 2017). Two formulas whose balls do not overlap are
different; balls that overlap prove nothing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import sympy
from flint import arb, arb_mat, ctx, fmpq
from sympy import Abs, Add, Expr, Mul, Pow, cos, erf, exp, log, sign, sin

from symnn.formula.index import Index, as_formula
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
    Partial,
    Tensor,
    Total,
)
from symnn.formula.substitute import substitute_indices, unfold

GUARDS = (Delta, Inside, Bracket)


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


def evaluate(formula: Any, assignment: Assignment, indices: Mapping[Index, int] | None = None) -> arb:
    """The value of a formula at the working precision.

    Raises `Undetermined` when a comparison or a domain is not decided at this precision, `EvaluationError` when a
    value is missing or an argument is outside a domain.

    >>> from symnn.formula.index import dimension
    >>> n = dimension("n"); k = Index("k", n); x = Tensor("x", (n,))
    >>> evaluate(Total(x[k] ** 2, k), Assignment({n: 2}, {x: {(0,): 3, (1,): 4}}))
    25.0000000000000
    """
    return _Evaluator(assignment).value(as_formula(formula), dict(indices or {}))


def whole_power(base: arb, exponent: int) -> arb:
    """A whole power by repeated multiplication; arb's own power is not a number for a ball around zero."""
    result, square, left = arb(1), base, abs(exponent)
    while left:
        if left % 2:
            result = result * square
        square, left = square * square, left // 2
    return result if exponent >= 0 else 1 / result


class _Evaluator:
    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.unfolded: dict[Call, Expr] = {}
        self.matrices: dict[Any, arb_mat] = {}
        self.walked: dict[Any, tuple[Index, ...]] = {}
        self.found: dict[Any, arb] = {}
        self.kinds: dict[type, Callable[[Any, dict[Index, int]], arb]] = {
            Entry: self._entry, Cases: self._cases,
            Total: partial(self._once, self._total), Extreme: partial(self._once, self._extreme),
            Call: partial(self._once, self._call),
            Bracket: lambda f, i: arb(int(self.holds(f.condition, i))),
            Delta: lambda f, i: arb(int(self.assignment.whole(f.difference, i) == 0)),
            Inside: self._inside,
            Maximum: lambda f, i: self.value(f.args[0], i).max(self.value(f.args[1], i)),
            Minimum: lambda f, i: self.value(f.args[0], i).min(self.value(f.args[1], i)),
            exp: lambda f, i: self.value(f.args[0], i).exp(),
            log: lambda f, i: self._positive(f.args[0], i).log(),
            sin: lambda f, i: self.value(f.args[0], i).sin(),
            cos: lambda f, i: self.value(f.args[0], i).cos(),
            erf: lambda f, i: self.value(f.args[0], i).erf(),
            Abs: lambda f, i: abs(self.value(f.args[0], i)),
            sign: self._sign,
            Inverse: self._inverse,
            LogDeterminant: lambda f, i: self._nonzero(abs(self._matrix(f.matrix, i).det()), f).log(),
        }  # fmt: skip

    def value(self, formula: Any, indices: dict[Index, int]) -> arb:
        if isinstance(formula, sympy.Rational):
            return ball(formula)
        if isinstance(formula, Add):
            total = arb(0)
            for term in formula.args:
                total = total + self.value(term, indices)
            return total
        if isinstance(formula, Mul):
            return self._product(formula, indices)
        if isinstance(formula, Pow):
            return self._power(formula, indices)
        handler = self.kinds.get(type(formula))
        if handler is not None:
            return handler(formula, indices)
        if isinstance(formula, Index):
            return arb(self.assignment.whole(formula, indices))
        if isinstance(formula, sympy.Symbol):
            return self._symbol(formula)
        if formula is sympy.E:
            return arb(1).exp()
        if formula is sympy.pi:
            return arb.pi()
        if isinstance(formula, sympy.Float):
            return ball(Fraction(str(formula)))
        if isinstance(formula, Partial):
            raise EvaluationError("a derivative that has not been carried out has no value")
        raise EvaluationError(f"cannot evaluate {formula} ({type(formula).__name__})")

    def _symbol(self, symbol: Any) -> arb:
        if symbol in self.assignment.scalars:
            return ball(self.assignment.scalars[symbol])
        if symbol in self.assignment.dimensions:
            return arb(self.assignment.dimensions[symbol])
        raise EvaluationError(f"{symbol} has no value")

    def _product(self, formula: Any, indices: dict[Index, int]) -> arb:
        # Range conditions first: where one is 0 the other factors need not be defined.
        for factor in formula.args:
            if isinstance(factor, GUARDS) and self.value(factor, indices) == 0:
                return arb(0)
        product = arb(1)
        for factor in formula.args:
            if not isinstance(factor, GUARDS):
                product = product * self.value(factor, indices)
        return product

    def _power(self, formula: Any, indices: dict[Index, int]) -> arb:
        base = self.value(formula.base, indices)
        exponent = formula.exp
        if isinstance(exponent, sympy.Integer):
            if exponent < 0 and base.contains(0):
                raise Undetermined(f"division by a value near zero in {formula}")
            return whole_power(base, int(exponent))
        if exponent == sympy.S.Half or exponent == -sympy.S.Half:
            if not base >= 0:
                raise Undetermined(f"the root of a value that may be negative in {formula}")
            return base.sqrt() if exponent > 0 else 1 / self._nonzero(base.sqrt(), formula)
        if not base > 0:
            raise Undetermined(f"a power of a value that may be negative in {formula}")
        return (base.log() * self.value(exponent, indices)).exp()

    def _nonzero(self, value: arb, formula: Any) -> arb:
        if value.contains(0):
            raise Undetermined(f"division by a value near zero in {formula}")
        return value

    def _positive(self, formula: Any, indices: dict[Index, int]) -> arb:
        value = self.value(formula, indices)
        if not value > 0:
            raise Undetermined(f"the logarithm of a value that may not be positive: {formula}")
        return value

    def _entry(self, entry: Entry, indices: dict[Index, int]) -> arb:
        values = self.assignment.values.get(entry.tensor)
        if values is None:
            raise EvaluationError(f"{entry.tensor} has no value")
        position = tuple(self.assignment.whole(index, indices) for index in entry.indices)
        if position not in values:
            raise EvaluationError(f"{entry.tensor}{list(position)} is out of range")
        return ball(values[position])

    def _once(self, compute: Callable[[Any, dict[Index, int]], arb], formula: Any, indices: dict[Index, int]) -> arb:
        """A value that is computed once for all places at which those indices that it depends on are the same."""
        walked = self.walked.get(formula)
        if walked is None:
            walked = self.walked[formula] = tuple(s for s in formula.free_symbols if isinstance(s, Index))
        key = (formula, tuple(indices.get(index) for index in walked))
        value = self.found.get(key)
        if value is None:
            value = self.found[key] = compute(formula, indices)
        return value

    def _total(self, formula: Total, indices: dict[Index, int]) -> arb:
        result = arb(0)
        for place in range(self.assignment.whole(formula.index.dimension, indices)):
            result = result + self.value(formula.body, {**indices, formula.index: place})
        return result

    def _extreme(self, formula: Extreme, indices: dict[Index, int]) -> arb:
        places = range(self.assignment.whole(formula.index.dimension, indices))
        values = [self.value(formula.body, {**indices, formula.index: place}) for place in places]
        result = values[0]
        for value in values[1:]:
            result = result.max(value)
        return result

    def _inside(self, formula: Inside, indices: dict[Index, int]) -> arb:
        position = self.assignment.whole(formula.position, indices)
        return arb(int(0 <= position < self.assignment.whole(formula.length, indices)))

    def _cases(self, formula: Cases, indices: dict[Index, int]) -> arb:
        for condition, value in formula.branches:
            if self.holds(condition, indices):
                return self.value(value, indices)
        return self.value(formula.default, indices)

    def _sign(self, formula: Any, indices: dict[Index, int]) -> arb:
        value = self.value(formula.args[0], indices)
        if value > 0:
            return arb(1)
        if value < 0:
            return arb(-1)
        if value == 0:
            return arb(0)
        raise Undetermined(f"the sign of {formula.args[0]} is not decided")

    def _matrix(self, array: Any, indices: dict[Index, int]) -> arb_mat:
        found = self.matrices.get((array, tuple(sorted((str(k), v) for k, v in indices.items()))))
        if found is None:
            first, second = array.indices
            size = self.assignment.whole(first.dimension, indices)
            rows = [
                [self.value(array.body, {**indices, first: i, second: j}) for j in range(size)] for i in range(size)
            ]
            found = arb_mat(rows)
            self.matrices[array, tuple(sorted((str(k), v) for k, v in indices.items()))] = found
        return found

    def _inverse(self, formula: Inverse, indices: dict[Index, int]) -> arb:
        row, column = (self.assignment.whole(place, indices) for place in formula.places)
        try:
            return self._matrix(formula.matrix, indices).inv()[row, column]
        except ZeroDivisionError as error:
            raise Undetermined(f"a matrix that may be singular in {formula}") from error

    def holds(self, condition: Any, indices: dict[Index, int]) -> bool:
        if isinstance(condition, AllOf):
            return all(self.holds(part, indices) for part in condition.args)
        if not isinstance(condition, Compare):
            raise EvaluationError(f"not a condition: {condition}")
        if condition.left.has(Extreme) or condition.right.has(Extreme):
            source = self.source(condition.left, indices)
            if source is not None and source == self.source(condition.right, indices):
                return condition.operator in ("==", "<=", ">=")
        difference = self.value(condition.left, indices) - self.value(condition.right, indices)
        above, below, zero = difference > 0, difference < 0, difference == 0
        if not (above or below or zero):
            raise Undetermined(f"the comparison {condition} is not decided")
        return {
            "<": below, "<=": below or zero, ">": above, ">=": above or zero, "==": zero, "!=": above or below,
        }[condition.operator]  # fmt: skip

    def source(self, formula: Any, indices: dict[Index, int]) -> Any | None:
        """Where a value comes from: the formula at these places, and that of the one entry that is largest.

        Values from the same place are equal, however wide their balls are. None where there is no one place.
        """
        if not isinstance(formula, Extreme):
            at = {index: sympy.Integer(place) for index, place in indices.items()}
            return None if formula.has(Extreme) else substitute_indices(formula, at)
        places = range(self.assignment.whole(formula.index.dimension, indices))
        candidates = [{**indices, formula.index: place} for place in places]
        values = [self.value(formula.body, at) for at in candidates]
        sources = [self.source(formula.body, at) for at in candidates]
        for value, source in zip(values, sources, strict=True):
            if all(value > v or source == s for v, s in zip(values, sources, strict=True)):
                return source
        return None

    def _call(self, call: Call, indices: dict[Index, int]) -> arb:
        if call.function.body is None:
            return _unknown(call.function.name, call.function.order, self.value(call.arguments[0], indices))
        found = self.unfolded.get(call)
        if found is None:
            found = self.unfolded[call] = unfold(call)
        return self.value(found, indices)


def _unknown(name: str, order: int, at: arb) -> arb:
    """A fixed smooth function that stands for an unknown one of this name: ``sin(c u + d) + u^2 / 3``."""
    seed = sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 97
    frequency, shift = arb(fmpq(70 + seed, 97)), arb(fmpq(seed, 53))
    quarter_turns = arb.pi() * order / 2
    oscillation = frequency**order * (frequency * at + shift + quarter_turns).sin()
    square = (at * at, 2 * at, arb(2))[order] / 3 if order < 3 else arb(0)
    return oscillation + square


def positions(shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Every index tuple of an array of this shape, in row-major order."""
    return list(itertools.product(*(range(size) for size in shape)))
