"""Polynomials with twice the digits: a value as the sum of two numbers, the second of which is what the first lacks.

Sources: T. Dekker, *A floating-point technique for extending the available precision*, Numerische Mathematik 18, 1971
(splitting a number, the error of a product); D. Knuth, *The Art of Computer Programming*, volume 2, 4.2.2 (the error of
a sum).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from sympy import Mul, Rational

from symnn.emit.numbers import number_text

DIGITS = 50

TWOFOLD = (
    "def _halves(x):",
    '    """Split numbers into two with half of their digits each, so that a product of two halves is exact."""',
    "    first = (x.view(np.int64) & -(1 << 27)).view(float)",
    "    return first, x - first",
    "",
    "",
    "def _twofold(coefficients, x):",
    '    """Evaluate a polynomial as the sum of two numbers, which together have twice the digits of x.',
    "",
    "    The highest coefficient comes first; each is such a sum too. By Horner's rule, with the error of every operation.",
    '    """',
    "    (first, second), *lower = coefficients",
    "    if x.dtype != float:",
    "        x = x.astype(np.result_type(x, float))",
    "        for number, _ in lower:",
    "            first = first * x + number",
    "        return first, 0.0",
    "    x_1, x_2 = _halves(x)",
    "    first = np.full_like(x, first)",
    "    for number, rest in lower:",
    "        a_1, a_2 = _halves(first)",
    "        product = first * x",
    "        second = second * x + (((a_1 * x_1 - product) + a_1 * x_2 + a_2 * x_1) + a_2 * x_2)",
    "        first = product",
    "        if number:",
    "            first = product + number",
    "            taken = first - product",
    "            second += (product - (first - taken)) + (number - taken) + rest",
    "    return first, second",
)
"""The functions of the module that evaluate a polynomial this way."""

QUOTIENT = (
    "def _quotient(above, below):",
    '    """The quotient of two whole numbers as the sum of two floating-point numbers."""',
    "    first = above / below",
    "    number, size = first.as_integer_ratio()",
    "    return first, (above * size - number * below) / (below * size)",
)
"""The function that makes such a sum of a coefficient in which there are constants."""


def number_pair(value: Any) -> tuple[float, float]:
    """A number as the sum of two floats.

    >>> number_pair(Rational(1, 2)), number_pair(Rational(1, 3))
    ((0.5, 0.0), (0.3333333333333333, 1.850371707708594e-17))
    """
    exact = _fraction(value)
    first = float(exact)
    return first, float(exact - Fraction(first))


def is_rounded(coefficient: Any) -> bool:
    """Whether a product with a coefficient is rounded: it is no power of two."""
    if not coefficient.is_Rational:
        return True
    return any(abs(part) & (abs(part) - 1) for part in (int(coefficient.p), int(coefficient.q)))


def coefficient_code(coefficient: Any, name: Callable[[Any], str]) -> str | None:
    """Code for a coefficient as the sum of two numbers; None for one that is more than a product of constants."""
    factors = Mul.make_args(coefficient)
    number = Mul(*[factor for factor in factors if factor.is_number])
    powers = [factor.as_base_exp() for factor in factors if not factor.is_number]
    if not powers:
        return "({}, {})".format(*number_pair(number))
    if any(not base.is_Symbol or not power.is_Integer for base, power in powers):
        return None
    if not is_rounded(number) and len(powers) == 1 and powers[0][1] == 1:
        return f"({number_text(coefficient, name)[0]}, 0.0)"
    exact = _fraction(number)
    sides: list[list[str]] = [[str(exact.numerator)], [str(exact.denominator)]]
    for base, power in powers:
        for side, part in enumerate(("numerator", "denominator")):
            place = side if power > 0 else 1 - side
            times = abs(int(power))
            sides[place].append(f"{name(base)}_{part}" + (f"**{times}" if times > 1 else ""))
    above, below = (" * ".join([part for part in side if part not in ("1", "-1")] or ["1"]) for side in sides)
    return f"_quotient({'-' if exact.numerator == -1 else ''}{above}, {below})"


def _fraction(value: Any) -> Fraction:
    exact = value if value.is_Rational else Rational(str(value.evalf(DIGITS)))
    return Fraction(int(exact.p), int(exact.q))
