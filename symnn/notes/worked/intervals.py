"""Exact interval arithmetic.

The ends are fractions, so that a calculation with whole numbers and decimals is exact. Functions such as the
exponential are enclosed by ball arithmetic and rounded outwards. An interval always holds every value that its
operands allow; it may be wider than that when an operand occurs twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from flint import arb, fmpq

from symnn.formula.evaluate import precision
from symnn.notes.worked.errors import Unclear, Undefined

BITS = 240
MAX_BITS = 3000
MAX_POWER = 2000
MAX_ARGUMENT = 10**6


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from `lo` to `hi`."""

    lo: Fraction
    hi: Fraction

    @property
    def is_point(self) -> bool:
        """Whether it holds one number only."""
        return self.lo == self.hi

    @property
    def middle(self) -> Fraction:
        """The number halfway."""
        return (self.lo + self.hi) / 2

    @property
    def radius(self) -> Fraction:
        """Half its width."""
        return (self.hi - self.lo) / 2

    def holds(self, value: Fraction) -> bool:
        """Whether a number lies in it."""
        return self.lo <= value <= self.hi

    def gap(self, other: Interval) -> Fraction:
        """The distance to another interval; 0 where they meet."""
        return max(self.lo - other.hi, other.lo - self.hi, Fraction(0))

    def widened(self, by: Fraction) -> Interval:
        """The interval with room on both sides."""
        return Interval(self.lo - by, self.hi + by)

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        return Interval(min(self.lo, other.lo), max(self.hi, other.hi))

    def __add__(self, other: Interval) -> Interval:
        return _tidy(Interval(self.lo + other.lo, self.hi + other.hi))

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        if self.is_point and other.is_point:
            return _tidy(point(self.lo * other.lo))
        ends = [a * b for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        return _tidy(Interval(min(ends), max(ends)))

    def inverse(self) -> Interval:
        """One over it. Raises Undefined when it holds zero."""
        if self.holds(Fraction(0)):
            raise Undefined("a division by zero, or by what may be zero")
        return Interval(1 / self.hi, 1 / self.lo)

    def power(self, exponent: int) -> Interval:
        """A whole power. Raises Undefined for a negative power of zero."""
        if abs(exponent) > MAX_POWER:
            raise Unclear("a power too large to compute")
        if exponent < 0:
            return self.power(-exponent).inverse()
        if exponent == 0:
            return point(Fraction(1))
        if self.is_point:
            if self.lo.numerator.bit_length() * exponent > 200 * MAX_BITS:
                raise Unclear("a power too large to compute")
            return _tidy(point(self.lo**exponent))
        result, base, left = point(Fraction(1)), self, exponent
        if exponent % 2 == 0:
            least = Fraction(0) if self.holds(Fraction(0)) else min(abs(self.lo), abs(self.hi))
            base, left = Interval(least, max(abs(self.lo), abs(self.hi))), exponent
        while left:
            if left % 2:
                result = result * base
            base, left = base * base if left > 1 else base, left // 2
        return result

    def absolute(self) -> Interval:
        """The absolute values."""
        if self.lo >= 0:
            return self
        return Interval(Fraction(0) if self.hi >= 0 else -self.hi, max(-self.lo, self.hi))

    def larger(self, other: Interval) -> Interval:
        """The larger of two."""
        return Interval(max(self.lo, other.lo), max(self.hi, other.hi))

    def smaller(self, other: Interval) -> Interval:
        """The smaller of two."""
        return Interval(min(self.lo, other.lo), min(self.hi, other.hi))


def point(value: Fraction | int) -> Interval:
    """The interval that holds one number."""
    value = Fraction(value)
    return Interval(value, value)


def _tidy(value: Interval) -> Interval:
    """Round outwards what has grown too long to be worth keeping exact."""
    if all(_length(end) <= MAX_BITS for end in (value.lo, value.hi)):
        return value
    if any(
        abs(end.numerator).bit_length() - end.denominator.bit_length() > 10 * MAX_BITS for end in (value.lo, value.hi)
    ):
        raise Unclear("a number too large to compute")
    return Interval(_shortened(value.lo, -1), _shortened(value.hi, 1))


def _length(value: Fraction) -> int:
    return abs(value.numerator).bit_length() + value.denominator.bit_length()


def _shortened(value: Fraction, direction: int) -> Fraction:
    if _length(value) <= MAX_BITS:
        return value
    scale = BITS * 2 - (abs(value.numerator).bit_length() - value.denominator.bit_length())
    unit = Fraction(2) ** -scale
    count = value / unit
    whole = count.numerator // count.denominator
    return (whole + (1 if direction > 0 else 0)) * unit


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _ends(value: arb) -> tuple[Fraction, Fraction]:
    return _fraction(value.lower()), _fraction(value.upper())


def _fraction(value: arb) -> Fraction:
    if not value.is_finite():
        raise Undefined("a value beyond all bounds")
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def increasing(function: Callable[[arb], Any]) -> Callable[[Interval], Interval]:
    """An increasing function of numbers as one of intervals."""

    def apply(argument: Interval) -> Interval:
        if max(abs(argument.lo), abs(argument.hi)) > MAX_ARGUMENT:
            raise Unclear("an argument too large to compute with")
        with precision(BITS):
            return Interval(_ends(function(_ball(argument.lo)))[0], _ends(function(_ball(argument.hi)))[1])

    return apply


def enclosed(function: Callable[[arb], Any]) -> Callable[[Interval], Interval]:
    """Any function of numbers as one of intervals, through the ball around the argument."""

    def apply(argument: Interval) -> Interval:
        if max(abs(argument.lo), abs(argument.hi)) > MAX_ARGUMENT:
            raise Unclear("an argument too large to compute with")
        with precision(BITS):
            ball = _ball(argument.middle)
            if not argument.is_point:
                ball = ball.union(_ball(argument.lo)).union(_ball(argument.hi))
            return Interval(*_ends(function(ball)))

    return apply


_exp = increasing(lambda x: x.exp())
_log = increasing(lambda x: x.log())
_sqrt = increasing(lambda x: x.sqrt())


def exp(argument: Interval) -> Interval:
    """The exponential; exact at 0."""
    return point(1) if argument == point(0) else _exp(argument)


def log(argument: Interval) -> Interval:
    """The natural logarithm; exact at 1. Raises Undefined unless the argument is positive."""
    if argument.lo <= 0:
        raise Undefined("the logarithm of what is not positive")
    return point(0) if argument == point(1) else _log(argument)


def root(argument: Interval) -> Interval:
    """The square root; exact for squares of fractions. Raises Undefined for negative numbers."""
    if argument.lo < 0:
        raise Undefined("the root of a negative number")
    if argument.is_point:
        top, bottom = isqrt(argument.lo.numerator), isqrt(argument.lo.denominator)
        if Fraction(top * top, bottom * bottom) == argument.lo:
            return point(Fraction(top, bottom))
    return _sqrt(argument)


def real_power(base: Interval, exponent: Interval) -> Interval:
    """A power with any exponent. Raises Undefined unless the base is positive."""
    if exponent.is_point and exponent.lo.denominator == 1 and abs(exponent.lo) <= MAX_POWER:
        return base.power(int(exponent.lo))
    if exponent == point(Fraction(1, 2)):
        return root(base)
    return exp(log(base) * exponent)
