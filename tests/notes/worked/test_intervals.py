"""Intervals hold every value that their operands allow."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_formulas import thorough

from symnn.notes.worked import intervals
from symnn.notes.worked.errors import Unclear, Undefined
from symnn.notes.worked.intervals import Interval, point

numbers = st.fractions(-20, 20, max_denominator=60)
shares = st.fractions(0, 1, max_denominator=20)


@st.composite
def inside(draw: st.DrawFn) -> tuple[Interval, Fraction]:
    """An interval and a number in it."""
    ends = sorted((draw(numbers), draw(numbers)))
    return Interval(*ends), ends[0] + draw(shares) * (ends[1] - ends[0])


@given(inside(), inside(), st.integers(0, 6))
@thorough(60)
def test_arithmetic(one: tuple[Interval, Fraction], other: tuple[Interval, Fraction], exponent: int) -> None:
    (a, x), (b, y) = one, other
    assert (a + b).holds(x + y)
    assert (a - b).holds(x - y)
    assert (a * b).holds(x * y)
    assert (-a).holds(-x)
    assert a.power(exponent).holds(x**exponent)
    assert a.absolute().holds(abs(x))
    assert a.larger(b).holds(max(x, y))
    assert a.smaller(b).holds(min(x, y))
    assert a.hull(b).holds(y)
    if not b.holds(Fraction(0)):
        assert b.inverse().holds(1 / y)


FUNCTIONS: list[tuple[Callable[[Interval], Interval], Callable[[float], float]]] = [
    (intervals.exp, math.exp),
    (intervals.increasing(lambda x: x.erf()), math.erf),
    (intervals.enclosed(lambda x: x.sin()), math.sin),
    (intervals.enclosed(lambda x: x.cos()), math.cos),
]


@pytest.mark.parametrize(("function", "known"), FUNCTIONS)
@given(inside())
@thorough(20)
def test_functions(
    function: Callable[[Interval], Interval], known: Callable[[float], float], one: tuple[Interval, Fraction]
) -> None:
    interval, x = one
    value = known(float(x))
    assert function(interval).widened(Fraction(abs(value)) / 10**12 + Fraction(1, 10**12)).holds(Fraction(value))


@pytest.mark.parametrize("square", [Fraction(0), Fraction(25), Fraction(9, 4)])
def test_roots_of_squares_are_exact(square: Fraction) -> None:
    root = intervals.root(point(square))
    assert root.is_point
    assert root.lo**2 == square


@pytest.mark.parametrize(
    "work",
    [
        lambda: Interval(Fraction(-1), Fraction(1)).inverse(),
        lambda: intervals.log(point(0)),
        lambda: intervals.root(point(-1)),
        lambda: point(0).power(-1),
    ],
)
def test_what_does_not_exist(work: Callable[[], Interval]) -> None:
    with pytest.raises(Undefined):
        work()


@pytest.mark.parametrize(
    "work", [lambda: point(7).power(5000), lambda: point(10**50).power(2000), lambda: intervals.exp(point(10**7))]
)
def test_what_is_too_large(work: Callable[[], Interval]) -> None:
    with pytest.raises(Unclear, match="too large"):
        work()


def test_long_fractions_are_rounded_outwards() -> None:
    long = Fraction(1, 3**2500) + 1
    value = point(long) * point(long)
    assert value.lo <= long * long <= value.hi
    assert value.radius < Fraction(1, 10**100)
