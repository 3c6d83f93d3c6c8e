"""Printed numbers: what their digits say, and how far rounding explains a difference.

A decimal stands for every number that rounds to it. A whole number stands for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import Interval

_NUMBER = re.compile(r"(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?")
MAX_DIGITS = 400
TINY = Fraction(1, 10**40)
"""A width that no rounding explains: values computed more narrowly than this count as one number."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as printed: its value, and one unit in its last place. `whole` is true without a decimal point."""

    value: Fraction
    unit: Fraction
    whole: bool

    @property
    def half(self) -> Fraction:
        """How far the number that is meant may lie from the printed one: 0 for a whole number."""
        return Fraction(0) if self.whole else self.unit / 2

    @property
    def room(self) -> Fraction:
        """How far a value may lie from it that was computed from rounded numbers: 0 for a whole number."""
        return Fraction(0) if self.whole else self.unit

    @property
    def range(self) -> Interval:
        """The numbers that it may stand for."""
        return Interval(self.value - self.half, self.value + self.half)

    def shows(self, value: Interval, slack: Fraction = Fraction(0)) -> bool:
        """Whether a value would be printed like this, up to a slack in units. A whole number shows only itself."""
        reach = self.half + slack * self.unit
        return self.value - reach <= value.lo and value.hi <= self.value + reach

    def negated(self) -> Printed:
        """The number with the other sign."""
        return Printed(-self.value, self.unit, self.whole)

    def __str__(self) -> str:
        return shown(self.value, self.unit)


def read_number(text: str) -> Printed:
    """Read the digits of an unsigned number. Raises Unclear for what is not certain: ``007``, ``1,000``.

    >>> number = read_number("0.9076")
    >>> number.value, number.half, read_number("24").half
    (Fraction(2269, 2500), Fraction(1, 20000), Fraction(0, 1))
    """
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > MAX_DIGITS or (match[1] is None and not match[2]):
        raise Unclear(f"{text[:40]} is no number that is understood")
    whole, digits, exponent = match[1] or "", match[2], int(match[3] or 0)
    if len(whole) > 1 and whole[0] == "0":
        raise Unclear(f"{text[:40]} begins with a zero, as a code or a date does")
    scale = Fraction(10) ** exponent
    places = len(digits or "")
    value = Fraction(int(whole + (digits or "") or "0"), 10**places) * scale
    return Printed(value, scale / 10**places, digits is None and exponent >= 0)


def printed(node: Node | None) -> Printed | None:
    """The number that a tree is, with its sign; None for anything else.

    >>> from symnn.notation import parse_plain
    >>> str(printed(parse_plain("(-0.50)"))), printed(parse_plain("1 + 1"))
    ('-0.50', None)
    """
    match node:
        case t.Number():
            try:
                return read_number(node.text)
            except Unclear:
                return None
        case t.Negative():
            inner = printed(node.body)
            return None if inner is None else inner.negated()
        case t.Group() if node.left in ("(", "[", "{"):
            return printed(node.body)
        case t.Sum() if len(node.terms) == 1 and node.terms[0].sign in "+-":
            inner = printed(node.terms[0].term)
            return inner if inner is None or node.terms[0].sign == "+" else inner.negated()
    return None


def shown(value: Fraction, unit: Fraction | None = None) -> str:
    """A number for a reader: rounded to a unit, else exact where it is short, else to eight digits.

    >>> shown(Fraction(1, 3)), shown(Fraction(5, 2)), shown(Fraction(2, 3), Fraction(1, 100))
    ('0.33333333', '2.5', '0.67')
    """
    if unit is not None and unit < 1:
        places = 0
        while Fraction(1, 10**places) > unit and places < 60:
            places += 1
        return _fixed(value, places)
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value.numerator)
    for places in range(1, 13) if abs(value) < 10**15 else ():
        if (value * 10**places).denominator == 1:
            return _fixed(value, places)
    if value and not Fraction(1, 10**4) <= abs(value) < 10**9:
        return (
            f"{float(value):.8g}"
            if abs(value) < 10**300 and abs(value) > Fraction(1, 10**300)
            else "a number beyond all bounds"
        )
    places = max(0, 8 - len(str(int(abs(value)))) + (int(abs(value)) == 0))
    return _fixed(value, places)


def shown_value(value: Interval) -> str:
    """A computed value for a reader."""
    return shown(nominal(value))


def to_digits(value: Interval, like: Printed | None) -> str:
    """A value as it should stand in place of a printed number: exact where it is short, else to the same digits.

    >>> to_digits(Interval(Fraction(9, 10), Fraction(9, 10)), read_number("0.95"))
    '0.9'
    >>> to_digits(Interval(Fraction(2, 3), Fraction(2, 3)), read_number("0.67"))
    '0.67'
    """
    number = nominal(value)
    exact = shown(number)
    if like is None or like.whole or (number / like.unit).denominator == 1:
        return exact
    rounded = shown(number, like.unit)
    return exact if number and not Fraction(rounded) else rounded


def nominal(value: Interval) -> Fraction:
    """The number in the middle; a short number beside it, where they are too close to be told apart."""
    if value.is_point or value.radius > TINY:
        return value.middle
    short = Fraction(round(value.middle * 10**12), 10**12)
    return short if value.holds(short) else value.middle


def _fixed(value: Fraction, places: int) -> str:
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    sign = "-" if value < 0 and whole else ""
    text = str(whole).rjust(places + 1, "0")
    return sign + (f"{text[:-places]}.{text[-places:]}" if places else text)


Rounding = Literal["half away from zero", "half to even", "cut off"]
ROUNDINGS: tuple[Rounding, ...] = ("half away from zero", "half to even", "cut off")


def round_to(value: Fraction, unit: Fraction, rounding: Rounding = "half away from zero") -> Fraction:
    """A number rounded to a unit.

    >>> [round_to(Fraction(5, 2), Fraction(1), rounding) for rounding in ROUNDINGS]
    [Fraction(3, 1), Fraction(2, 1), Fraction(2, 1)]
    """
    count = value / unit
    if rounding == "half to even":
        return round(count) * unit
    whole = int(abs(count) + (Fraction(1, 2) if rounding == "half away from zero" else 0))
    return (whole if count >= 0 else -whole) * unit
