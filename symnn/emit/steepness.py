"""How steep a function is, and how far rounding takes its argument from the exact one: measured, not known.

An error of the argument u counts ``|u f'(u) / f(u)|`` times in f, its condition number (N. Higham, *Accuracy and
Stability of Numerical Algorithms*, 2nd ed., section 1.6). The error of the argument is bounded by a running error
analysis (section 3.3).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from flint import arb
from sympy import Add, Mul, Pow

from symnn.emit.laws import X
from symnn.emit.twofold import number_pair
from symnn.formula.differentiate import differentiate
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision
from symnn.formula.nodes import Tensor

BITS = 2400
"""Enough for ``1 - erf(u)`` where it is as small as a number can be."""
UNITS = 5.0
"""What the rounding of an argument may cost, in units of half a last place: of eight the function itself needs three."""
SIZES = tuple(2 ** (step / 8) for step in range(-8, 81))
"""The sizes of arguments at which steepness is measured: from a half to a thousand."""
NUMBERS = tuple(sign * 2 ** (step / 4) for sign in (1, -1) for step in range(-80, 161))
"""The numbers of which an argument is taken, for its roundings."""
SAMPLES = (1 / 96, 0.7, 3.3)
"""What constants may be, for the same."""
NORMAL = (2.0**-1022, 2.0**1023)
"""Between these sizes numbers have all their digits."""


@dataclass(frozen=True)
class Sides:
    """A function of a rounded argument is too steep where the argument is below `below` or above `above`, if any.

    `vanishes` and `grows` tell whether it goes to 0, or to infinity, where it is too steep.
    """

    below: float | None
    above: float | None
    vanishes: bool
    grows: bool


def steep_sides(function: Any, argument: Any) -> Sides | None:
    """Where a function of the variable of the laws is too steep for the roundings of an argument; None if nowhere."""
    roundings = [pair for sample in SAMPLES for pair in _roundings(argument, sample)]
    edges: list[float | None] = []
    ends: list[float] = []
    for sign in (-1, 1):
        rows = _conditions(function, sign)
        sizes = sorted((abs(u), units) for u, units in roundings if u * sign >= SIZES[0])
        steep = _first_steep(rows, sizes)
        edges.append(None if steep is None else sign * math.floor(10 * steep) / 10)
        ends += [rows[-1][2]] if steep is not None else []
    if not ends:
        return None
    return Sides(edges[0], edges[1], any(end < 1 for end in ends), any(end > 1 for end in ends))


def _first_steep(rows: tuple[tuple[float, float, float], ...], roundings: list[tuple[float, float]]) -> float | None:
    """The last size before the first at which the roundings of an argument of that size cost too much."""
    before = rows[0][0] if rows else 0.0
    for size, condition, _ in rows:
        units = max((units for u, units in roundings if before <= u <= size), default=0.0)
        if condition * units > UNITS:
            return before
        before = size
    return None


@cache
def _conditions(function: Any, sign: int) -> tuple[tuple[float, float, float], ...]:
    """The size of an argument of this sign, the condition number and the size of the value there, while it is normal."""
    slope = differentiate(function, X)
    rows = []
    for size in SIZES:
        value, rise = (_value(formula, sign * size) for formula in (function, slope))
        if value is None or rise is None or not NORMAL[0] < abs(value) < NORMAL[1]:
            break
        rows.append((size, abs(float(size * rise / value)), float(abs(value))))
    return tuple(rows)


def _value(formula: Any, number: float) -> arb | None:
    """The value in the variable of the laws; None where there is none, or not enough digits to tell it."""
    try:
        with precision(BITS):
            found = evaluate(formula, Assignment({}, {Tensor("x"): {(): Fraction(number)}}))
            return found if found.rel_accuracy_bits() > 20 else None
    except EvaluationError:
        return None


def _roundings(argument: Any, sample: float) -> list[tuple[float, float]]:
    """Values of the argument, and the bound of the error of each in units of half a last place."""
    constants = dict.fromkeys(argument.free_symbols - X.free_symbols, sample)
    found = []
    for number in NUMBERS:
        try:
            value, error = _with_error(argument, number, constants)
        except OverflowError:
            continue
        if value:
            found.append((value, error / abs(value)))
    return found


def _with_error(formula: Any, number: float, constants: Mapping[Any, float]) -> tuple[float, float]:
    """The value of a polynomial, and a bound of its error in units of half a last place of 1.

    Numbers are rounded, and so is the result of every operation. A product with a power of two is exact.
    """
    if formula == X:
        return number, 0.0
    if formula in constants:
        return constants[formula], constants[formula]
    if formula.is_number:
        return float(formula), _error_of(formula)
    match formula:
        case Add():
            total, error = 0.0, 0.0
            for place, term in enumerate(formula.args):
                value, own = _with_error(term, number, constants)
                total += value
                error += own + (abs(total) if place else 0.0)
            return total, error
        case Mul():
            numeric, rest = _parted(formula)
            product, error = _with_error(numeric, number, constants)
            exact = math.frexp(abs(product))[0] == 0.5 and not error
            for factor in rest:
                value, own = _with_error(factor, number, constants)
                error = error * abs(value) + own * abs(product) + (0.0 if exact else abs(product * value))
                product *= value
                exact = False
            return product, error
        case Pow():
            value, own = _with_error(formula.base, number, constants)
            times = abs(int(formula.exp))
            power = value ** int(formula.exp)
            return power, abs(power) * (times * own / abs(value) + times - (1 if int(formula.exp) > 0 else 0))
    raise TypeError(f"{formula} is no polynomial")


def _error_of(number: Any) -> float:
    """The error of a number as a float, double or single whichever is worse, in units of half a last place of 1."""
    value, rest = number_pair(number)
    single: float = struct.unpack("f", struct.pack("f", value))[0]
    return max(abs(rest) * 2.0**53, abs(value - single) * 2.0**24)


def _parted(formula: Mul) -> tuple[Any, list[Any]]:
    """The number in a product, and the other factors."""
    numbers = [factor for factor in formula.args if factor.is_number]
    return Mul(*numbers), [factor for factor in formula.args if not factor.is_number]
