"""Division with remainder under a sum: ``x / (1 + x) = 1 - 1 / (1 + x)``.

A sum over an index keeps a denominator that depends on the index as one factor, so numerator and denominator no longer
cancel there. Dividing first makes sums equal that differ by such a step: ``sum (1 - s) = n - sum s`` for
``s = 1 / (1 + exp(-x))``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symnn.formula.polynomial import (
    Monomial,
    Polynomial,
    TooLarge,
    add,
    multiply,
    multiply_monomials,
    power_of_monomial,
)

MAX_STEPS = 400
Rank = Callable[[int], Any]
Term = tuple[Polynomial, tuple[int, ...]]


def apart(numerator: Polynomial, divisors: Sequence[Polynomial], exponents: Sequence[int], rank: Rank) -> list[Term]:
    """``numerator / product(divisor ** exponent)`` as a sum of terms whose numerators cannot be divided any further.

    `rank` orders the atoms; the leading term of a divisor is the largest in the lexicographic order. Raises TooLarge
    when the division does not come to an end soon.

    >>> apart({((0, 1),): 1}, [{((0, 1),): 1, (): 1}], [1], lambda atom: atom)  # x / (x + 1)
    [({(): Fraction(-1, 1)}, (1,)), ({(): Fraction(1, 1)}, (0,))]
    """
    done: dict[tuple[int, ...], Polynomial] = {}
    waiting: list[Term] = [(numerator, tuple(exponents))]
    for _ in range(MAX_STEPS):
        if not waiting:
            return [(polynomial, powers) for powers, polynomial in done.items() if polynomial]
        polynomial, powers = waiting.pop()
        for place, divisor in enumerate(divisors):
            if not powers[place]:
                continue
            quotient, remainder = _divided(polynomial, divisor, rank)
            if quotient:
                lowered = tuple(e - (n == place) for n, e in enumerate(powers))
                waiting += [(quotient, lowered), (remainder, powers)]
                break
        else:
            done[powers] = add(done.get(powers, {}), polynomial)
    raise TooLarge("a division with remainder")


def _divided(polynomial: Polynomial, divisor: Polynomial, rank: Rank) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder by one divisor; no term of the remainder is a multiple of the leading term."""
    leading = max(divisor, key=lambda monomial: _order(monomial, divisor, rank))
    inverse = power_of_monomial(leading, -1)
    quotient: Polynomial = {}
    remainder = polynomial
    for _ in range(MAX_STEPS):
        multiple = next((m for m in remainder if _is_multiple(m, leading)), None)
        if multiple is None:
            return quotient, remainder
        step = {multiply_monomials(multiple, inverse): remainder[multiple] / divisor[leading]}
        quotient = add(quotient, step)
        remainder = add(remainder, multiply(step, divisor), -1)
    raise TooLarge("a division with remainder")


def _is_multiple(monomial: Monomial, leading: Monomial) -> bool:
    exponents = dict(monomial)
    return bool(leading) and all(exponents.get(atom, 0) >= exponent for atom, exponent in leading)


def _order(monomial: Monomial, divisor: Polynomial, rank: Rank) -> list[Any]:
    atoms = sorted({atom for other in divisor for atom, _ in other}, key=rank, reverse=True)
    exponents = dict(monomial)
    return [exponents.get(atom, 0) for atom in atoms]
