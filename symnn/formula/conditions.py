"""Conditions in normal forms: brackets ``[value > 0]`` and ``[value = 0]``, which are 1 where they hold and else 0.

Of ``q`` and ``-q`` one is used for both, so that equal conditions are the same bracket.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Expr, S

from symnn.formula.contraction import text
from symnn.formula.index import Index
from symnn.formula.nodes import AllOf, Bracket, Compare, Entry
from symnn.formula.polynomial import Monomial, Polynomial, add, content
from symnn.formula.rational import Rational, atom, inverse, number, plus, reduced, times

if TYPE_CHECKING:
    from symnn.formula.normal import Normalizer

MAX_BRACKETS = 4


def indicator(normalizer: Normalizer, condition: Any) -> Rational:
    """1 where the condition holds, else 0."""
    if isinstance(condition, AllOf):
        result = number(1)
        for part in condition.args:
            result = normalizer.times(result, indicator(normalizer, part))
        return result
    if not isinstance(condition, Compare):
        raise TypeError(f"not a condition: {condition}")
    difference = normalizer.normal(condition.left - condition.right)
    opposite = normalizer.negative(difference)
    match condition.operator:
        case ">":
            return greater(normalizer, difference)
        case "<":
            return greater(normalizer, opposite)
        case ">=":
            return plus(number(1), greater(normalizer, opposite), -1)
        case "<=":
            return plus(number(1), greater(normalizer, difference), -1)
        case "==":
            return equal_zero(normalizer, difference)
        case _:
            return plus(number(1), equal_zero(normalizer, difference), -1)


def by_cases(normalizer: Normalizer, value: Rational, function: Callable[[Normalizer, Rational], Rational]) -> Rational:
    """A function of a value with brackets, bracket by bracket: ``f(a + b [c]) = [c] f(a + b) + (1 - [c]) f(a)``."""
    position = _first_bracket(normalizer, value)
    if position is None:
        return function(normalizer, value)
    bracket = atom(position)
    held = by_cases(normalizer, _at(normalizer, value, position, True), function)
    failed = by_cases(normalizer, _at(normalizer, value, position, False), function)
    return normalizer.sum([normalizer.times(bracket, held), normalizer.times(plus(number(1), bracket, -1), failed)])


def _first_bracket(normalizer: Normalizer, value: Rational) -> int | None:
    polynomials = [value.numerator, *(dict(key) for key in value.denominator)]
    found = {a for p in polynomials for m in p for a, _ in m if isinstance(normalizer.atoms[a], Bracket)}
    return min(found) if found and len(found) <= MAX_BRACKETS else None


def _at(normalizer: Normalizer, value: Rational, position: int, holds: bool) -> Rational:
    """The value where a bracket is 1 or 0."""
    result = Rational(_bracket_at(value.numerator, position, holds))
    for key, exponent in value.denominator.items():
        factor = Rational(_bracket_at(dict(key), position, holds))
        result = times(result, normalizer.whole_power(inverse(factor), exponent))
    return normalizer.tidy(result)


def _oriented(normalizer: Normalizer, value: Rational) -> tuple[bool, Expr]:
    """Whether the sign was turned, and the value up to a positive factor with a fixed sign.

    The leading term is chosen by its text without the names of indices: the choice is then the same for another
    numbering of the atoms and for other bound names. Among terms that differ in these names alone, as those of
    ``2 i + p - j`` do, the coefficients decide; the names do only where ``p - q`` leaves nothing else.
    """
    value = _without_positive_factors(normalizer, reduced(value))
    orders = {monomial: _order_of_term(normalizer, monomial) for monomial in value.numerator}
    first = max(orders.values())
    alike = [value.numerator[monomial] for monomial, order in orders.items() if order[:2] == first[:2]]
    scale = min(map(abs, alike))
    ahead, behind = sorted(alike), sorted(-coefficient for coefficient in alike)
    leading = value.numerator[max(orders, key=orders.__getitem__)]
    turned = ahead < behind if ahead != behind else leading < 0
    scaled = Rational({m: c / scale for m, c in value.numerator.items()}, value.denominator)
    return turned, normalizer.formula(normalizer.negative(scaled) if turned else scaled)


def _without_positive_factors(normalizer: Normalizer, value: Rational) -> Rational:
    """The value over those of its factors that are known to be positive: ``[n x > 0]`` is ``[x > 0]``."""
    _, common, _ = content(value.numerator)
    positive = tuple((a, -e) for a, e in common if normalizer.is_positive_atom(normalizer.atoms[a]))
    denominator = {key: e for key, e in value.denominator.items() if not normalizer.is_positive(Rational(dict(key)))}
    return times(Rational(value.numerator, denominator), Rational({positive: Fraction(1)}))


def _order_of_term(
    normalizer: Normalizer, monomial: Monomial
) -> tuple[bool, list[tuple[str, str]], list[tuple[str, str]]]:
    atoms = [(normalizer.atoms[position], str(exponent)) for position, exponent in monomial]
    blank = {i: Index("_", 1) for a, _ in atoms for i in a.free_symbols if isinstance(i, Index)}
    return (
        bool(atoms),
        sorted((text(a, blank), e) for a, e in atoms),
        sorted((text(a, {}), e) for a, e in atoms),
    )


def positive_part(normalizer: Normalizer, value: Rational) -> Rational:
    """``value [value > 0]``. One of ``q`` and ``-q`` is used for both: ``max(0, -q) = -q + max(0, q)``."""
    value = reduced(value)
    if _first_bracket(normalizer, value) is not None:
        return by_cases(normalizer, value, positive_part)
    if value.is_zero or not _oriented(normalizer, value)[0]:
        return normalizer.times(value, greater(normalizer, value))
    opposite = normalizer.negative(value)
    return plus(value, normalizer.times(opposite, greater(normalizer, opposite)))


def greater(normalizer: Normalizer, value: Rational) -> Rational:
    """``[value > 0]``."""
    value = reduced(value)
    if value.number is not None:
        return number(int(value.number > 0))
    if _first_bracket(normalizer, value) is not None:
        return by_cases(normalizer, value, greater)
    if normalizer.is_positive(value):
        return number(1)
    if normalizer.is_positive(normalizer.negative(value)):
        return number(0)
    turned, shown = _oriented(normalizer, value)
    above = normalizer.atom(Bracket(Compare(">", shown, S.Zero)))
    if not turned:
        return above
    return normalizer.sum([number(1), normalizer.negative(above), normalizer.negative(equal_zero(normalizer, value))])


def equal_zero(normalizer: Normalizer, value: Rational) -> Rational:
    """``[value = 0]``."""
    value = reduced(value)
    if value.number is not None:
        return number(int(value.number == 0))
    if _first_bracket(normalizer, value) is not None:
        return by_cases(normalizer, value, equal_zero)
    if normalizer.is_positive(value) or normalizer.is_positive(normalizer.negative(value)):
        return number(0)
    _, shown = _oriented(normalizer, value)
    return normalizer.atom(Bracket(Compare("==", shown, S.Zero)))


def _bracket_at(polynomial: Polynomial, position: int, holds: bool) -> Polynomial:
    result: Polynomial = {}
    for monomial, coefficient in polynomial.items():
        rest = tuple(item for item in monomial if item[0] != position)
        if holds or len(rest) == len(monomial):
            result = add(result, {rest: coefficient})
    return result


def is_zero_bracket(expression: Any) -> bool:
    """Whether the atom is ``[left = 0]`` for a quantity that is not an index expression."""
    if not isinstance(expression, Bracket) or not isinstance(expression.condition, Compare):
        return False
    condition = expression.condition
    return condition.operator == "==" and condition.right is S.Zero and bool(condition.left.atoms(Entry))
