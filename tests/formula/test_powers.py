"""Powers of numbers are worked out within a bound, and only numbers are bounded."""

import pytest
from sympy import Integer, Rational, Symbol

from symnn.formula.powers import NumberTooLarge, power


@pytest.mark.parametrize(
    ("base", "exponent"),
    [
        (Integer(2), Integer(10) ** 9),
        (Integer(2), -(Integer(10) ** 9)),
        (Rational(1, 3), Integer(10) ** 9),
        (Integer(10) ** 4000, Integer(10)),
        (Integer(2), Rational(10**9, 3)),
        (Integer(2), Rational(1, 10**9)),
    ],
)
def test_a_power_with_too_many_digits_is_refused(base, exponent):
    with pytest.raises(NumberTooLarge, match="too many digits"):
        power(base, exponent)


def test_powers_of_units_and_names_have_no_bound():
    x = Symbol("x")
    large = Integer(10) ** 12
    assert power(Integer(1), large) == 1
    assert power(Integer(-1), large) == 1
    assert power(x, large) == x**large
    assert power(Rational(2, 3), Integer(3)) == Rational(8, 27)
