"""What is known about places: the smallest and the largest value of an index expression, and whether it lies on its axis."""

from __future__ import annotations

import sympy
from sympy import Expr, S

from symnn.formula.index import Index


def bounds_of(position: Expr) -> tuple[Expr, Expr] | None:
    """Smallest and largest value of an affine index expression, or None where it is not affine.

    A coefficient may be a symbol of known sign, such as a stride.
    """
    lowest = highest = sympy.expand(position)
    for index in position.atoms(Index):
        coefficient = sympy.expand(position).coeff(index)
        if coefficient.atoms(Index) or not (coefficient.is_nonnegative or coefficient.is_nonpositive):
            return None
        first, last = (S.Zero, index.dimension - 1) if coefficient.is_nonnegative else (index.dimension - 1, S.Zero)
        lowest = lowest.xreplace({index: first})
        highest = highest.xreplace({index: last})
    return sympy.expand(lowest), sympy.expand(highest)


def slope_of(position: Expr, index: Index) -> Expr | None:
    """The coefficient of an index in an affine place; None where it is none, or where its sign is not known.

    >>> n = sympy.Symbol("n", integer=True, positive=True); i = Index("i", n)
    >>> slope_of(2 * i - n, i), slope_of(n * i, i), slope_of(i**2, i)
    (2, n, None)
    """
    expanded = sympy.expand(position)
    coefficient = expanded.coeff(index)
    if index in (expanded - coefficient * index).free_symbols or coefficient.atoms(Index):
        return None
    known = coefficient.is_integer and (coefficient.is_positive or coefficient.is_negative)
    return coefficient if known else None


def upper_bound(size: Expr, whole: bool = False) -> Expr:
    """What a size is at most: ``S floor(m / S)`` is at most ``m``.

    With `whole`, the bound is a whole number too: what ``2 floor(m / 4)`` is at most is then not ``m / 2``.

    >>> n, s = sympy.symbols("n s", integer=True, positive=True)
    >>> upper_bound(s * sympy.floor((n - 3) / s) + 2)
    n - 1
    """
    expanded = sympy.expand(size)
    for part in sorted(expanded.atoms(sympy.floor), key=str):
        factor = expanded.coeff(part)
        above = sympy.expand(factor * part.args[0])
        if factor.is_nonnegative and not (expanded - factor * part).has(part) and (above.is_integer or not whole):
            expanded = sympy.expand(expanded.xreplace({part: part.args[0]}))
    return expanded


def always_inside(position: Expr, length: Expr) -> bool:
    """Whether ``0 <= position < length`` for every value of the indices (False when not known)."""
    bounds = bounds_of(position)
    if bounds is None or not bounds[0].is_nonnegative:
        return False
    return bool(upper_bound(bounds[1] - length + 1).is_nonpositive)


def never_inside(position: Expr, length: Expr) -> bool:
    """Whether ``0 <= position < length`` for no value of the indices (False when not known)."""
    bounds = bounds_of(position)
    return bounds is not None and (bool(bounds[1].is_negative) or bool((bounds[0] - length).is_nonnegative))


def is_linear(expanded: Expr) -> bool:
    """Whether an expression is a sum of numbers and of multiples of symbols: zero for all of these only if it is 0."""
    terms = expanded.args if expanded.is_Add else (expanded,)
    return all(
        t.is_Number or t.is_Symbol or (t.is_Mul and len(t.args) == 2 and t.args[0].is_Number and t.args[1].is_Symbol)
        for t in terms
    )


def leads_with_minus(difference: Expr) -> bool:
    """Whether the first index of a difference is subtracted."""
    indices = sorted(difference.atoms(Index), key=lambda index: index.sort_name)
    leading = difference.coeff(indices[0]) if indices else difference
    return bool(leading.could_extract_minus_sign())
