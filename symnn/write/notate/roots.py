"""Square roots of numbers the way people write them: ``x/√2`` for ``(√2/2) x``, and ``√(2/π)`` for ``√2/√π``.

SymPy keeps roots out of denominators and every root by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sympy import Integer, Mul, S

from symnn.write.notate.arrange import Factor


def with_roots(coefficient: Fraction, factors: Sequence[Factor]) -> tuple[Fraction, list[Factor]]:
    """The number and the factors of a product, with the roots of numbers among them put together.

    >>> from sympy import pi
    >>> with_roots(Fraction(1, 2), [Factor(Integer(2), S.Half)])
    (Fraction(1, 1), [Factor(base=2, power=-1/2)])
    >>> with_roots(Fraction(1), [Factor(Integer(2), S.Half), Factor(pi, -S.Half)])
    (Fraction(1, 1), [Factor(base=2/pi, power=1/2)])
    """
    found: list[Factor] = []
    for factor in factors:
        if isinstance(factor.base, Integer) and factor.power == S.Half and coefficient.denominator % factor.base == 0:
            coefficient *= int(factor.base)
            found.append(Factor(factor.base, -S.Half))
        else:
            found.append(factor)
    above = [f for f in found if f.base.is_number and f.power == S.Half]
    below = [f for f in found if f.base.is_number and f.power == -S.Half]
    if not (above and below):
        return coefficient, found
    rest = [f for f in found if f not in above and f not in below]
    return coefficient, [Factor(Mul(*(f.base for f in above)) / Mul(*(f.base for f in below)), S.Half), *rest]
