"""How large the derivative of an elementwise function can be, from its formula.

Where the derivative is a quadratic of the output, ``y (1 - y)`` or ``1 - y²``, completing the square gives the bound:
``1/4 - y (1 - y) = (y - 1/2)²``. Where it is constant between kinks, its values are compared; else a number is tried
and the difference to it is shown to be positive. Every bound is proved by normal forms; nothing is looked up.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import sympy
from sympy import Expr, S

from symnn.derive.elementwise import OUTPUT, by_power, elementwise_lemma
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision
from symnn.formula.nodes import Bracket, Cases, Elementwise, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polynomial import Polynomial
from symnn.formula.rational import Rational

PROBES = (Fraction(-60), Fraction(-1), Fraction(0), Fraction(1), Fraction(60))


@dataclass(frozen=True)
class SlopeBound:
    """``|f'(x)| ≤ value`` for every x.

    `slope` is the derivative, in the output where `kind` is "square"; then `square` is what it lies below the bound by.
    `attained` is an argument at which the derivative is the bound, where one was found.
    """

    function: Elementwise
    value: Expr
    kind: Literal["square", "pieces", "difference"]
    slope: Expr
    square: Expr | None = None
    attained: Expr | None = None


@lru_cache(maxsize=256)
def slope_bound(function: Elementwise) -> SlopeBound | None:
    """The bound of the derivative of a function of one number; None where none was proved.

    >>> from symnn.declare import registry
    >>> bound = slope_bound(registry.find("sigmoid").function)
    >>> bound.value, bound.attained
    (1/4, 0)
    """
    if function.body is None or len(function.parameters) != 1:
        return None
    lemma = elementwise_lemma(function, 0)
    plain = lemma.plain
    try:
        for form in lemma.forms:
            found = _by_square(function, form, plain)
            if found is not None:
                return found
        return _by_pieces(function, lemma.folded, plain) or _by_difference(function, lemma.folded, plain)
    except TooLarge:
        return None


def _variable(function: Elementwise) -> Any:
    return Tensor(function.parameters[0]).entry()


def _is_not_negative(formula: Any) -> bool:
    normalizer = Normalizer()
    value = normalizer.normal(formula)
    return value.is_zero or normalizer.is_positive(value)


def _by_square(function: Elementwise, form: Any, plain: Any) -> SlopeBound | None:
    """``a y² + b y + c`` with a < 0 is at most ``c - b²/(4 a)``, by completing the square."""
    output = OUTPUT.entry()
    if tensors(form) != {OUTPUT} or not _is_not_negative(plain):
        return None
    coefficients = _in_output(form)
    if coefficients is None or set(coefficients) - {0, 1, 2} or coefficients.get(2, 0) >= 0:
        return None
    a, b, c = (sympy.Rational(coefficients.get(n, 0)) for n in (2, 1, 0))
    top = c - b**2 / (4 * a)
    square = -a * (output + b / (2 * a)) ** 2
    if not Normalizer().equal(top - form, square):
        return None
    return SlopeBound(function, top, "square", form, square, _attained(function, plain, top))


def _in_output(form: Any) -> dict[int, Fraction] | None:
    """The coefficients of a polynomial in the output; None for anything else."""
    normalizer = Normalizer()
    value: Rational = normalizer.normal(form)
    if value.denominator:
        return None
    (atom,) = normalizer.normal(OUTPUT.entry()).numerator
    powers: dict[Any, Polynomial] = by_power(value.numerator, atom[0][0])
    found: dict[int, Fraction] = {}
    for exponent, rest in powers.items():
        if set(rest) - {()} or exponent != int(exponent):
            return None
        found[int(exponent)] = Fraction(rest.get((), 0))
    return found


def _by_pieces(function: Elementwise, form: Any, plain: Any) -> SlopeBound | None:
    """A derivative that is constant between kinks: the largest of its values."""
    if isinstance(form, Cases):
        numbers = [*(value for _, value in form.branches), form.default]
    else:
        brackets = sorted(form.atoms(Bracket), key=str)
        numbers = [form.xreplace(dict(zip(brackets, held, strict=True))) for held in _choices(len(brackets))]
    if len(numbers) > 16 or not all(number.is_Rational for number in numbers):
        return None
    top = max(abs(number) for number in numbers)
    return SlopeBound(function, top, "pieces", form, None, _attained(function, plain, top))


def _choices(count: int) -> Iterator[tuple[Any, ...]]:
    return itertools.product((S.Zero, S.One), repeat=min(count, 5))


def _by_difference(function: Elementwise, form: Any, plain: Any) -> SlopeBound | None:
    """A number that the derivative comes close to, if the difference is shown to be positive on both sides."""
    for top in sorted(_close_to(function, plain)):
        if _is_not_negative(top - plain) and (_is_not_negative(plain) or _is_not_negative(top + plain)):
            return SlopeBound(function, top, "difference", form, None, _attained(function, plain, top))
    return None


def _close_to(function: Elementwise, plain: Any) -> set[Any]:
    """Simple numbers that the derivative takes, or comes close to far out."""
    found = set()
    for probe in PROBES:
        value = _value(function, plain, probe)
        if value is not None:
            close = Fraction(value).limit_denominator(16)
            if abs(float(close) - value) < 1e-9 and close > 0:
                found.add(sympy.Rational(close.numerator, close.denominator))
    return found


def _value(function: Elementwise, formula: Any, at: Fraction) -> float | None:
    """The value at a number, in ball arithmetic; None where there is none."""
    assignment = Assignment({}, {Tensor(function.parameters[0]): {(): at}})
    try:
        with precision(200):
            return float(evaluate(formula, assignment))
    except EvaluationError:
        return None


def _attained(function: Elementwise, plain: Any, top: Any) -> Any | None:
    """An argument among a few at which the derivative is exactly the bound."""
    for probe in PROBES[1:-1]:
        at = sympy.Rational(probe.numerator, probe.denominator)
        here = plain.xreplace({_variable(function): at})
        if here == top or Normalizer().equal(here, top):
            return at
    return None


__all__ = ["SlopeBound", "slope_bound"]
