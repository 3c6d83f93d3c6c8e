"""The laws of the atoms in a product: ``delta^2 = delta``, ``sqrt(a)^2 = a``, ``x [x = 0] = 0``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sympy import Mul, S

from symnn.formula import elementary
from symnn.formula.conditions import is_zero_bracket
from symnn.formula.contraction import implied_by, solve_for
from symnn.formula.index import Index
from symnn.formula.nodes import Bracket, Compare, Delta, Entry
from symnn.formula.polynomial import Monomial, Polynomial, add
from symnn.formula.rational import Rational, number, plus, times
from symnn.formula.substitute import substitute_indices

if TYPE_CHECKING:
    from symnn.formula.normal import Normalizer


def tidied(normalizer: Normalizer, value: Rational) -> Rational:
    """Bring back exponents of idempotent atoms and of roots, and cancel ``x [x = 0]``."""
    changed: Polynomial = {}
    lifted: list[Rational] = []
    for monomial, coefficient in value.numerator.items():
        plain, extra = _tidy_monomial(normalizer, monomial)
        if plain is None:
            continue
        if extra is None:
            changed = add(changed, {plain: coefficient})
        else:
            lifted.append(times(Rational({plain: coefficient}), extra))
    result = Rational(changed, value.denominator if changed else {})
    for item in lifted:
        result = plus(result, tidied(normalizer, Rational(item.numerator, _joined(item, value))))
    return result


def _tidy_monomial(normalizer: Normalizer, monomial: Monomial) -> tuple[Monomial | None, Rational | None]:
    exponents: dict[int, Any] = {}
    extra: Rational | None = None
    for position, exponent in monomial:
        expression = normalizer.atoms[position]
        if normalizer.is_idempotent(position):
            if exponent < 0:
                raise ZeroDivisionError(f"division by {expression}, which may be zero")
            if exponent != 1 and isinstance(expression, Entry):
                normalizer.used.add(normalizer.binary[expression.tensor])
            exponents[position] = 1
        else:
            exponents[position] = exponent
    if _vanishes(normalizer, exponents):
        return None, None
    sifted = _sift(normalizer, exponents)
    if sifted is not None:
        return sifted
    plain, extra = elementary.reduce_roots(normalizer, exponents)
    return tuple(sorted(plain.items())), extra


def _sift(normalizer: Normalizer, exponents: dict[int, Any]) -> tuple[Monomial, Rational] | None:
    """``delta(i, j) f(i) = delta(i, j) f(j)``: one of the two indices is written throughout."""
    for position in exponents:
        delta = normalizer.atoms[position]
        if not isinstance(delta, Delta):
            continue
        implied = [a for a in exponents if implied_by(delta, normalizer.atoms[a])]
        if implied:
            return tuple(sorted((a, e) for a, e in exponents.items() if a not in implied)), number(1)
        for index in sorted(delta.difference.atoms(Index), key=lambda i: i.sort_name, reverse=True):
            solution = solve_for(delta.difference, index)
            if solution is None:
                continue
            moved = {a: e for a, e in exponents.items() if a != position and index in normalizer.atoms[a].free_symbols}
            if not moved:
                break
            rest = Mul(*[normalizer.atom_power(a, e) for a, e in moved.items()])
            kept = {a: e for a, e in exponents.items() if a not in moved}
            return tuple(sorted(kept.items())), normalizer.normal(substitute_indices(rest, {index: solution}))
    return None


def _vanishes(normalizer: Normalizer, exponents: dict[int, Any]) -> bool:
    """Whether the product is zero because of ``x [x = 0] = 0`` or ``[x > 0] [x = 0] = 0``."""
    zeros = [e.condition.left for e in map(normalizer.atoms.__getitem__, exponents) if is_zero_bracket(e)]
    for left in zeros:
        inner = normalizer.numbers.get(left)
        if inner is not None and exponents.get(inner, 0) > 0:
            return True
        above = normalizer.numbers.get(Bracket(Compare(">", left, S.Zero)))
        if above is not None and above in exponents:
            return True
    return False


def _joined(item: Rational, value: Rational) -> dict[Any, int]:
    joined = dict(item.denominator)
    for key, exponent in value.denominator.items():
        joined[key] = joined.get(key, 0) + exponent
    return joined
