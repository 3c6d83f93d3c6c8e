"""Powers of numbers, within a bound.

SymPy works out the power of two numbers as soon as it is written, and ``2^{10^9}`` in a note would take all memory
there is. Whoever builds a formula from a text raises to a power with :func:`power`.
"""

from __future__ import annotations

from typing import Any

from sympy import Rational

from symnn.errors import SymnnError

MAX_BITS = 10_000
"""The length of a power of two numbers, in binary digits."""


class NumberTooLarge(SymnnError):
    """A power of numbers has more digits than are worked out."""


def power(base: Any, exponent: Any) -> Any:
    """Return ``base ** exponent``. Raises :class:`NumberTooLarge` where both are numbers and the result is too long.

    >>> from sympy import Integer, Symbol
    >>> power(Integer(2), Integer(10)), power(Symbol("x"), Integer(10) ** 10)
    (1024, x**10000000000)
    """
    if isinstance(base, Rational) and isinstance(exponent, Rational) and base not in (0, 1, -1):
        bits = max(int(base.p).bit_length(), int(base.q).bit_length()) * max(abs(int(exponent.p)), int(exponent.q))
        if bits > MAX_BITS:
            raise NumberTooLarge("the power of two numbers has too many digits")
    return base**exponent
