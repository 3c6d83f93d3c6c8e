"""Exponentials, logarithms, powers and roots in the normal form.

Laws used, each only where it holds for real numbers: ``exp(a + b) = exp(a) exp(b)``; ``log(a b) = log a + log b`` for
``a > 0``; ``(a b)^r = a^r b^r`` for ``a > 0``; ``(x^2)^(1/2) = |x|``.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Abs, Add, Expr, Integer, Mul, Pow, exp, log

from symnn.formula.polynomial import ONE, Monomial, factors
from symnn.formula.rational import Rational, number, plus, reduced, times

if TYPE_CHECKING:
    from symnn.formula.normal import Normalizer


def exponential(normalizer: Normalizer, value: Rational) -> Rational:
    """``exp(value)`` as a product of powers of exponentials of single terms."""
    value = reduced(value)
    result = number(1)
    below = Rational({ONE: Fraction(1)}, value.denominator)
    for monomial, coefficient in value.numerator.items():
        result = normalizer.times(result, _exponential_of_term(normalizer, monomial, coefficient, below))
    return result


def _exponential_of_term(
    normalizer: Normalizer, monomial: Monomial, coefficient: Fraction, below: Rational
) -> Rational:
    if not below.denominator:
        if monomial == ONE:
            base: Expr = sympy.E
        elif len(monomial) == 1 and monomial[0][1] == 1 and isinstance(normalizer.atoms[monomial[0][0]], log):
            return rational_power(normalizer, normalizer.normal(normalizer.atoms[monomial[0][0]].args[0]), coefficient)
        else:
            base = exp(normalizer.monomial_formula(monomial))
    else:
        base = exp(normalizer.formula(times(Rational({monomial: Fraction(1)}), below)))
    exponent = coefficient.numerator if coefficient.denominator == 1 else coefficient
    return Rational({((normalizer.atom_number(base), exponent),): Fraction(1)})


def power(normalizer: Normalizer, base: Expr, exponent: Expr) -> Rational:
    """``base ** exponent``."""
    if isinstance(exponent, sympy.Integer):
        return normalizer.whole_power(normalizer.normal(base), int(exponent))
    if isinstance(exponent, sympy.Rational):
        return rational_power(normalizer, normalizer.normal(base), Fraction(int(exponent.p), int(exponent.q)))
    value = reduced(normalizer.normal(exponent))
    if value.number is not None:
        return rational_power(normalizer, normalizer.normal(base), value.number)
    shown = normalizer.canonical(base)
    if value.denominator:
        return normalizer.atom(Pow(shown, normalizer.formula(value), evaluate=False))
    result = number(1)
    for monomial, coefficient in value.numerator.items():
        if monomial == ONE:
            factor = rational_power(normalizer, normalizer.normal(base), coefficient)
        else:
            part = normalizer.atom_number(Pow(shown, normalizer.monomial_formula(monomial), evaluate=False))
            factor = Rational({((part, _whole(coefficient)),): Fraction(1)})
        result = normalizer.times(result, factor)
    return result


def _whole(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def rational_power(normalizer: Normalizer, value: Rational, exponent: Fraction) -> Rational:
    """A power with a rational exponent; roots are taken of what is not negative."""
    if exponent.denominator == 1:
        return normalizer.whole_power(value, exponent.numerator)
    return normalizer.by_cases(value, lambda _, plain: _root(normalizer, plain, exponent))


def _root(normalizer: Normalizer, value: Rational, exponent: Fraction) -> Rational:
    value = reduced(value)
    if value.is_zero:
        return number(0)
    unit, monomial, parts = factors(value.numerator)
    result = _number_power(normalizer, abs(unit), exponent)
    unsure: list[tuple[Expr, int]] = [(Integer(-1), 1)] if unit < 0 else []
    for position, e in monomial:
        atom = normalizer.atoms[position]
        if normalizer.is_positive_atom(atom):
            piece = Rational({((position, _whole(Fraction(e) * exponent)),): Fraction(1)})
        elif isinstance(e, int) and e % 2 == 0 and (e * exponent).denominator == 1:
            piece = normalizer.whole_power(normalizer.normal(Abs(atom)), int(e * exponent))
        elif isinstance(e, Fraction):
            # There is a root of the atom already, so it is not negative.
            piece = _root_atom(normalizer, atom, e * exponent)
        else:
            unsure.append((atom, e))
            continue
        result = normalizer.times(result, piece)
    signed = [(p, n) for p, n in parts] + [(dict(key), -n) for key, n in value.denominator.items()]
    for polynomial, n in signed:
        shown = normalizer.polynomial_formula(polynomial)
        if normalizer.is_positive(Rational(polynomial)):
            result = normalizer.times(result, _root_atom(normalizer, shown, n * exponent))
        else:
            unsure.append((shown, n))
    if len(unsure) == 1 and unsure[0][1] % 2:
        # The product is not negative, so neither is an odd power that is the only factor of unknown sign.
        base, e = unsure[0]
        return normalizer.times(result, _root_atom(normalizer, base, e * exponent))
    if unsure:
        together = Mul(*[Pow(base, e) for base, e in unsure])
        return normalizer.times(result, _root_atom(normalizer, together, exponent))
    return result


def _root_atom(normalizer: Normalizer, base: Expr, exponent: Fraction) -> Rational:
    return normalizer.tidy(Rational({((normalizer.atom_number(base), _whole(exponent)),): Fraction(1)}))


def _number_power(normalizer: Normalizer, value: Fraction, exponent: Fraction) -> Rational:
    result = number(1)
    for whole, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, multiplicity in sympy.factorint(whole).items():
            part = _root_atom(normalizer, Integer(prime), sign * int(multiplicity) * exponent)
            result = normalizer.times(result, part)
    return result


def reduce_roots(normalizer: Normalizer, exponents: dict[int, Any]) -> tuple[dict[int, Any], Rational | None]:
    """Take whole powers out of roots of sums, products and numbers: ``(a + b)^(3/2) = (a + b) (a + b)^(1/2)``."""
    extra: Rational | None = None
    plain: dict[int, Any] = {}
    for position, exponent in exponents.items():
        base = normalizer.atoms[position]
        if isinstance(base, Add | Mul | Integer) and not 0 < exponent < 1:
            whole = math.floor(exponent)
            rest = exponent - whole
            if rest:
                plain[position] = rest
            factor = normalizer.whole_power(normalizer.normal(base), whole)
            extra = factor if extra is None else times(extra, factor)
        else:
            plain[position] = exponent
    return plain, extra


def logarithm(normalizer: Normalizer, value: Rational) -> Rational:
    """``log(value)``, split into the logarithms of the parts that are known to be positive."""
    value = reduced(value)
    if value.is_zero:
        raise ZeroDivisionError("the logarithm of zero")
    unit, monomial, parts = factors(value.numerator)
    result = number(0)
    unsure: list[tuple[Expr, Any]] = []
    if unit < 0:
        unsure.append((Integer(-1), 1))
    for whole, sign in ((abs(unit).numerator, 1), (abs(unit).denominator, -1)):
        for prime, multiplicity in sympy.factorint(whole).items():
            result = plus(result, normalizer.atom(log(Integer(prime))), sign * int(multiplicity))
    for position, e in monomial:
        atom = normalizer.atoms[position]
        scaled = Rational({ONE: Fraction(e)})
        if isinstance(atom, exp):
            result = plus(result, times(scaled, normalizer.normal(atom.args[0])))
        elif atom is sympy.E:
            result = plus(result, scaled)
        elif normalizer.is_positive_atom(atom):
            result = plus(result, times(scaled, normalizer.atom(log(atom, evaluate=False))))
        elif isinstance(atom, Add | Mul):
            root = normalizer.polynomial_formula({ONE: Fraction(1)}) * atom
            result = plus(result, times(scaled, normalizer.normal(log(root))))
        else:
            unsure.append((atom, sympy.Rational(e.numerator, e.denominator)))
    signed = [(p, n) for p, n in parts] + [(dict(key), -n) for key, n in value.denominator.items()]
    for polynomial, n in signed:
        shown = normalizer.polynomial_formula(polynomial)
        if normalizer.is_positive(Rational(polynomial)):
            result = plus(result, times(number(n), normalizer.atom(log(shown, evaluate=False))))
        elif normalizer.is_positive(Rational({m: -c for m, c in polynomial.items()})):
            flipped = normalizer.polynomial_formula({m: -c for m, c in polynomial.items()})
            result = plus(result, times(number(n), normalizer.atom(log(flipped, evaluate=False))))
            if n % 2:
                unsure.append((Integer(-1), 1))
        else:
            unsure.append((shown, n))
    minus = sum(1 for base, _ in unsure if base == -1) % 2
    unsure = [(base, e) for base, e in unsure if base != -1]
    if len(unsure) == 1 and not minus and unsure[0][1] in (1, -1):
        # The argument of a logarithm is positive, and so is the rest of the product: this part must be.
        base, e = unsure[0]
        return plus(result, normalizer.atom(log(base, evaluate=False)), int(e))
    if unsure or minus:
        together = Mul(*([Integer(-1)] if minus else []), *[Pow(base, e) for base, e in unsure])
        result = plus(result, normalizer.atom(log(together, evaluate=False)))
    return result
