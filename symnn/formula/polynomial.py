"""Laurent polynomials in numbered atoms, with rational coefficients.

A monomial is a sorted tuple of ``(atom number, exponent)``; exponents may be negative or fractional. A polynomial is
a dictionary from monomials to coefficients, without zeros. Sharing one numbering of atoms is the caller's business.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TypeAlias

import flint

Exponent: TypeAlias = int | Fraction
Monomial: TypeAlias = tuple[tuple[int, Exponent], ...]
Polynomial: TypeAlias = dict[Monomial, Fraction]

ONE: Monomial = ()
MAX_TERMS = 4000


MAX_DEGREE = 600
"""Beyond this degree a polynomial in one atom is not factored: it would take all memory."""


class TooLarge(ValueError):
    """A normal form would have more than `MAX_TERMS` terms."""


def constant(value: Fraction | int) -> Polynomial:
    """The polynomial of a number."""
    return {ONE: Fraction(value)} if value else {}


def multiply_monomials(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left:
        return right
    if not right:
        return left
    exponents = dict(left)
    for atom, exponent in right:
        total = exponents.get(atom, 0) + exponent
        if total:
            exponents[atom] = total
        else:
            del exponents[atom]
    return tuple(sorted(exponents.items()))


def power_of_monomial(monomial: Monomial, exponent: Exponent) -> Monomial:
    """A monomial to a power; whole exponents stay integers."""
    return tuple((atom, _whole(e * exponent)) for atom, e in monomial) if exponent else ONE


def _whole(exponent: Exponent) -> Exponent:
    return exponent.numerator if isinstance(exponent, Fraction) and exponent.denominator == 1 else exponent


def add(left: Polynomial, right: Polynomial, factor: Fraction | int = 1) -> Polynomial:
    """``left + factor * right``."""
    result = dict(left)
    for monomial, coefficient in right.items():
        total = result.get(monomial, 0) + factor * coefficient
        if total:
            result[monomial] = Fraction(total)
        else:
            result.pop(monomial, None)
    return result


def multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    """The product. Raises `TooLarge` when it would have too many terms."""
    if len(left) * len(right) > MAX_TERMS * 8:
        raise TooLarge(f"a product of {len(left)} by {len(right)} terms")
    result: Polynomial = {}
    for a, x in left.items():
        for b, y in right.items():
            monomial = multiply_monomials(a, b)
            total = result.get(monomial, 0) + x * y
            if total:
                result[monomial] = Fraction(total)
            else:
                result.pop(monomial, None)
    if len(result) > MAX_TERMS:
        raise TooLarge(f"{len(result)} terms")
    return result


def content(polynomial: Polynomial) -> tuple[Fraction, Monomial, Polynomial]:
    """Split into number, monomial and a primitive rest without common atoms, whose leading coefficient is 1.

    >>> content({((0, 2),): Fraction(4), ((0, 1), (1, 1)): Fraction(2)})[1]
    ((0, 1),)
    """
    if not polynomial:
        return Fraction(0), ONE, {}
    lowest: dict[int, Exponent] = {}
    for position, monomial in enumerate(polynomial):
        exponents = dict(monomial)
        if position == 0:
            lowest = exponents
            continue
        for atom in list(lowest):
            lowest[atom] = min(lowest[atom], exponents.get(atom, 0))
        for atom, exponent in exponents.items():
            if atom not in lowest and exponent < 0:
                lowest[atom] = exponent
    common: Monomial = tuple(sorted((a, e) for a, e in lowest.items() if e))
    inverse = power_of_monomial(common, -1)
    rest = {multiply_monomials(m, inverse): c for m, c in polynomial.items()}
    leading = rest[max(rest)]
    return leading, common, {m: c / leading for m, c in rest.items()}


def atoms_of(monomials: Iterable[Monomial]) -> list[int]:
    """The atoms that occur, in order."""
    return sorted({atom for monomial in monomials for atom, _ in monomial})


def to_flint(polynomials: Iterable[Polynomial]) -> tuple[list[flint.fmpq_mpoly], list[int], list[Fraction]]:
    """The polynomials over one flint context, with the atoms and the numbers that make their exponents whole.

    Exponents must not be negative: take `content` first. Raises TooLarge beyond the degree `MAX_DEGREE`, as a polynomial in
    e and ``e^(-1.10590597)`` has it, a power of a root of e.
    """
    polynomials = list(polynomials)
    exponents_of: dict[int, set[Fraction]] = {}
    for polynomial in polynomials:
        for monomial in polynomial:
            for atom, exponent in monomial:
                exponents_of.setdefault(atom, set()).add(Fraction(exponent))
    atoms = sorted(exponents_of)
    scale = {atom: _scale(exponents) for atom, exponents in exponents_of.items()}
    context = flint.fmpq_mpoly_ctx.get([f"a{atom}" for atom in atoms] or ["a"], flint.Ordering.lex)
    position = {atom: place for place, atom in enumerate(atoms)}
    converted = []
    for polynomial in polynomials:
        terms = {}
        for monomial, coefficient in polynomial.items():
            exponents = [0] * max(len(atoms), 1)
            for atom, exponent in monomial:
                degree = int(exponent * scale[atom])
                if degree > MAX_DEGREE:
                    raise TooLarge(f"degree {degree}")
                exponents[position[atom]] = degree
            terms[tuple(exponents)] = flint.fmpq(coefficient.numerator, coefficient.denominator)
        converted.append(context.from_dict(terms))
    return converted, atoms, [scale[atom] for atom in atoms]


def from_flint(polynomial: flint.fmpq_mpoly, atoms: list[int], scale: list[Fraction]) -> Polynomial:
    """The way back from `to_flint`."""
    result: Polynomial = {}
    for exponents, coefficient in polynomial.to_dict().items():
        monomial = tuple((atom, _whole(int(e) / s)) for atom, e, s in zip(atoms, exponents, scale, strict=False) if e)
        result[monomial] = Fraction(int(coefficient.p), int(coefficient.q))
    return result


def _scale(exponents: Iterable[Fraction]) -> Fraction:
    """What makes exponents whole: their common denominator; where degrees grow too large, also over their common factor.

    ``e^(8943 x)`` and ``e^(2 * 8943 x)`` have the degrees 1 and 2.
    """
    common = math.lcm(*(e.denominator for e in exponents))
    degrees = [int(e * common) for e in exponents]
    factor = math.gcd(*degrees) if max(degrees) > MAX_DEGREE else 1
    return Fraction(common, factor)


def factors(polynomial: Polynomial) -> tuple[Fraction, Monomial, list[tuple[Polynomial, int]]]:
    """Number, monomial and irreducible factors with multiplicities; every factor has leading coefficient 1."""
    number, monomial, rest = content(polynomial)
    if len(rest) <= 1:
        return number, monomial, []
    (converted,), atoms, scale = to_flint([rest])
    unit, parts = converted.factor()
    number *= Fraction(int(unit.p), int(unit.q))
    result = []
    for part, multiplicity in parts:
        leading, common, primitive = content(from_flint(part, atoms, scale))
        number *= leading ** int(multiplicity)
        monomial = multiply_monomials(monomial, power_of_monomial(common, int(multiplicity)))
        if len(primitive) > 1:
            result.append((primitive, int(multiplicity)))
    result.sort(key=lambda item: (len(item[0]), sorted(item[0])[::-1]))
    return number, monomial, result


def divides(divisor: Polynomial, polynomial: Polynomial) -> Polynomial | None:
    """The exact quotient ``polynomial / divisor`` of polynomials without negative exponents, or None."""
    (top, bottom), atoms, scale = to_flint([polynomial, divisor])
    quotient, remainder = divmod(top, bottom)
    return from_flint(quotient, atoms, scale) if remainder.is_zero() else None


def frozen(polynomial: Mapping[Monomial, Fraction]) -> tuple[tuple[Monomial, Fraction], ...]:
    """A hashable form."""
    return tuple(sorted(polynomial.items()))
