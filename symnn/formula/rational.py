"""Rational functions in numbered atoms: a Laurent polynomial over a product of irreducible factors.

The denominator is kept as factors, so that sums take the least common multiple and nothing is expanded twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnn.formula.polynomial import (
    ONE,
    Monomial,
    Polynomial,
    add,
    constant,
    content,
    divides,
    factors,
    frozen,
    multiply,
    power_of_monomial,
)

Key = tuple[tuple[Monomial, Fraction], ...]


@dataclass(frozen=True)
class Rational:
    """``numerator / product(factor ** exponent)``; the factors are primitive, with leading coefficient 1."""

    numerator: Polynomial
    denominator: Mapping[Key, int] = field(default_factory=dict)

    @property
    def is_zero(self) -> bool:
        return not self.numerator

    @property
    def monomial(self) -> tuple[Monomial, Fraction] | None:
        """The only term, when there is one and no denominator."""
        if self.denominator or len(self.numerator) != 1:
            return None
        return next(iter(self.numerator.items()))

    @property
    def number(self) -> Fraction | None:
        """The value of a constant, else None."""
        if self.denominator or any(m != ONE for m in self.numerator):
            return None
        return self.numerator.get(ONE, Fraction(0))


def number(value: Fraction | int) -> Rational:
    """A constant."""
    return Rational(constant(value))


def atom(position: int, exponent: int | Fraction = 1) -> Rational:
    """One atom to a power."""
    return Rational({((position, exponent),): Fraction(1)})


def expanded(denominator: Mapping[Key, int]) -> Polynomial:
    """The factors multiplied out."""
    result = constant(1)
    for key, exponent in denominator.items():
        for _ in range(exponent):
            result = multiply(result, dict(key))
    return result


def plus(left: Rational, right: Rational, factor: int = 1) -> Rational:
    """``left + factor * right``, over the least common multiple of the denominators."""
    if left.denominator == right.denominator:
        return _checked(add(left.numerator, right.numerator, factor), left.denominator)
    common = dict(left.denominator)
    for key, exponent in right.denominator.items():
        common[key] = max(common.get(key, 0), exponent)
    lift_left = expanded({k: e - left.denominator.get(k, 0) for k, e in common.items()})
    lift_right = expanded({k: e - right.denominator.get(k, 0) for k, e in common.items()})
    return _checked(add(multiply(left.numerator, lift_left), multiply(right.numerator, lift_right), factor), common)


def times(left: Rational, right: Rational) -> Rational:
    """The product."""
    denominator = dict(left.denominator)
    for key, exponent in right.denominator.items():
        denominator[key] = denominator.get(key, 0) + exponent
    return _checked(multiply(left.numerator, right.numerator), denominator)


def _checked(numerator: Polynomial, denominator: Mapping[Key, int]) -> Rational:
    return Rational(numerator, denominator if numerator else {})


def inverse(value: Rational) -> Rational:
    """One over the value. Raises ZeroDivisionError for zero."""
    if value.is_zero:
        raise ZeroDivisionError("the inverse of zero")
    unit, monomial, parts = factors(value.numerator)
    top = {power_of_monomial(monomial, -1): 1 / unit}
    return Rational(multiply(top, expanded(value.denominator)), {frozen(part): n for part, n in parts})


def reduced(value: Rational) -> Rational:
    """The same value with common factors of numerator and denominator cancelled."""
    if not value.denominator:
        return value
    unit, monomial, rest = content(value.numerator)
    denominator = {}
    for key, exponent in value.denominator.items():
        left = exponent
        while left:
            quotient = divides(dict(key), rest) if len(rest) >= len(key) or len(rest) > 1 else None
            if quotient is None:
                break
            rest, left = quotient, left - 1
        if left:
            denominator[key] = left
    return _checked(multiply({monomial: unit}, rest), denominator)
