"""Functions that are written by hand: the error function, which NumPy does not have, and products with tiny factors.

``erfc(x) exp(x^2) (1 + 2x)`` is smooth in ``t = (x - k) / (x + k)``, and a polynomial of moderate degree on
``-1 <= t <= 1`` (M. Shepherd, J. Laframboise, *Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < inf*,
Mathematics of Computation 36, 1981). The coefficients are interpolated in ball arithmetic, here; the tests measure
the error of the functions against 50 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from flint import arb, fmpq

from symnn.formula.evaluate import precision

BITS = 320
POINTS = 64
CENTRE = fmpq(15, 4)


def _interpolated(function: Callable[[arb], arb], terms: int) -> list[float]:
    """Coefficients, of 1 first, of the polynomial that interpolates a function on [-1, 1] at Chebyshev's points."""
    with precision(BITS):
        turns = [(2 * arb(k) + 1) * arb.pi() / (2 * POINTS) for k in range(POINTS)]
        values = [function(turn.cos()) for turn in turns]
        total = [arb(0)] * terms
        previous, current = [arb(1)], [arb(0), arb(1)]
        for degree in range(terms):
            weight = sum((v * (degree * turn).cos() for v, turn in zip(values, turns, strict=True)), arb(0))
            weight = weight * (1 if degree == 0 else 2) / POINTS
            polynomial = previous if degree == 0 else current
            for place, value in enumerate(polynomial):
                total[place] = total[place] + weight * value
            if degree:
                following = [arb(0), *(2 * value for value in current)]
                for place, value in enumerate(previous):
                    following[place] = following[place] - value
                previous, current = current, following
        return [float(value.mid()) for value in total]


def _scaled_complement(t: arb) -> arb:
    x = arb(CENTRE) * (1 + t) / (1 - t)
    return (1 + 2 * x) * (x * x).exp() * x.erfc()


def _odd_part(s: arb) -> arb:
    """``erf(x) / x`` for ``x^2 = (s + 1) / 2``."""
    x = ((s + 1) / 2).sqrt()
    return x.erf() / x


@cache
def erfc_lines() -> tuple[str, ...]:
    """The function ``_erfc``; it needs the coefficients."""
    return (
        "def _erfc(x):",
        '    """Compute 1 - erf(x) for each entry of x; tiny values keep their digits."""',
        "    a = np.abs(x)",
        "    y = _polynomial(_ERFC, (a - 3.75) / (a + 3.75)) / (1 + 2 * a)",
        "    # The square of the first digits is exact, so that its exponential is accurate.",
        "    first = np.floor(a * 16) / 16",
        "    y *= np.exp(-first * first)",
        "    y *= np.exp((first - a) * (first + a))",
        "    return np.where(x < 0, 2 - y, y)",
    )


@cache
def normal_tail_lines() -> tuple[str, ...]:
    """The function ``_normal_tail``: the root of 2 does not disturb the exponent."""
    return (
        "def _normal_tail(x, weight=1):",
        '    """Compute weight * (1 - erf(x / sqrt(2))) for each entry of x; tiny values keep their digits."""',
        "    a = np.abs(x)",
        f"    s = a * {0.5**0.5!r}",
        "    y = weight * _polynomial(_ERFC, (s - 3.75) / (s + 3.75)) / (1 + 2 * s)",
        "    # The square of the first digits is exact, so that its exponential is accurate.",
        "    first = np.floor(a * 16) / 16",
        "    y *= np.exp(-0.5 * first * first)",
        "    y *= np.exp(0.5 * (first - a) * (first + a))",
        "    return np.where(x < 0, 2 * weight - y, y)",
    )


@cache
def weighted_sigmoid_lines() -> tuple[str, ...]:
    """The function ``_weighted_sigmoid``: the weight is multiplied before the product can become too small."""
    return (
        "def _weighted_sigmoid(x, weight):",
        '    """Compute weight / (1 + exp(-x)) for each entry of x; tiny values keep their digits.',
        "",
        "    The weight comes between two roots of the exponential, which is smaller than the product.",
        '    """',
        "    t = np.exp(np.abs(x) / -2)",
        "    root = np.maximum(t, x >= 0)",
        "    y = root * weight",
        "    y *= root",
        "    t *= t",
        "    t += 1",
        "    y /= t",
        "    return y",
    )


@cache
def erf_lines() -> tuple[str, ...]:
    """The function ``_erf`` and its own coefficients; it needs ``_erfc``."""
    return (
        *_table("_ERF", _interpolated(_odd_part, 16)),
        "",
        "",
        "def _erf(x):",
        '    """Compute the error function for each entry of x."""',
        "    small = np.clip(x, -1, 1)",
        "    y = small * _polynomial(_ERF, 2 * small * small - 1)",
        "    return np.where(np.abs(x) < 1, y, np.sign(x) * (1 - _erfc(np.abs(x))))",
    )


@cache
def polynomial_lines() -> tuple[str, ...]:
    """The coefficients of ``_erfc``, and Horner's rule."""
    return (*_table("_ERFC", _interpolated(_scaled_complement, 27)), "", "", *POLYNOMIAL)


POLYNOMIAL = (
    "def _polynomial(coefficients, t):",
    '    """Evaluate a polynomial, the coefficient of 1 first, by Horner\'s rule."""',
    "    y = np.full_like(t, coefficients[-1])",
    "    for coefficient in reversed(coefficients[:-1]):",
    "        y *= t",
    "        y += coefficient",
    "    return y",
)


def _table(name: str, coefficients: list[float]) -> list[str]:
    return [f"{name} = (", *(f"    {value!r}," for value in coefficients), ")"]
