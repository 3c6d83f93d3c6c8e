"""Conditions in their shortest form: ``min(1, x) > -1`` is ``x > -1``, and one condition inside another is both.

Every rewriting holds at every value, the boundaries included.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Basic, Expr, Mul, S

from symnn.formula.nodes import AllOf, Bracket, Cases, Compare, Elementwise, Entry, Maximum, Minimum, Tensor
from symnn.formula.substitute import rebuild

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
COMPLEMENTS = {frozenset({"==", ">"}): "<", frozenset({"==", "<"}): ">", frozenset({"<", ">"}): "=="}


def short_conditions(formula: Any) -> Any:
    """The formula with its conditions in their shortest form.

    >>> x = Tensor("x").entry()
    >>> inner = Cases([(Compare("<", x, 1), 1)], 0)
    >>> short_conditions(Cases([(Compare(">", Minimum(1, x), -1), inner)], 0))
    cases(1 if x > -1 and x < 1; else 0)
    >>> short_conditions(1 - Bracket(Compare("==", x - 3, 0)) - Bracket(Compare(">", x - 3, 0)))
    [x < 3]
    """
    if isinstance(formula, Tensor | Elementwise | Entry) or not formula.args:
        return formula
    result = rebuild(formula, [short_conditions(a) if isinstance(a, Basic) else a for a in formula.args])
    if isinstance(result, Compare):
        return _compared(result)
    if isinstance(result, Cases):
        return _flat(result)
    if isinstance(result, Add):
        return _complement(result)
    return _both(result) if isinstance(result, Mul) else result


def _compared(condition: Compare) -> Compare:
    operator, left, right = condition.operator, condition.left, condition.right
    if left.is_number and not right.is_number:
        operator, left, right = FLIPPED[operator], right, left
    if not right.is_number:
        return condition
    if isinstance(left, Maximum | Minimum):
        bounds = [a for a in left.args if a.is_number]
        others = [a for a in left.args if not a.is_number]
        if len(bounds) == len(others) == 1 and _is_beside(operator, bounds[0], right, isinstance(left, Minimum)):
            return _compared(Compare(operator, others[0], right))
        return Compare(operator, left, right)
    constant, rest = left.as_coeff_Add()
    slope, variable = rest.as_coeff_Mul()
    if not (constant.is_Rational and slope.is_Rational and right.is_Rational):
        return Compare(operator, left, right)
    if isinstance(variable, Add):
        slope = S.One
        variable = rest
    return Compare(operator if slope > 0 else FLIPPED[operator], variable, (right - constant) / slope)


def _is_beside(operator: str, bound: Expr, limit: Expr, smaller: bool) -> bool:
    """Whether the bound of a minimum (`smaller`) or maximum does not decide a comparison with the limit."""
    above = bound > limit
    equal = bound == limit
    beside = {
        (">", True): above, (">=", True): above or equal, ("<", True): above or equal, ("<=", True): above,
        ("<", False): not above and not equal, ("<=", False): not above,
        (">", False): not above, (">=", False): not above and not equal,
    }  # fmt: skip
    return bool(beside.get((operator, smaller), False))


def _flat(cases: Cases) -> Any:
    """``(v if c2 else w) if c1 else w`` as ``v if c1 and c2 else w``."""
    if len(cases.branches) != 1:
        return cases
    ((condition, value),) = cases.branches
    if not isinstance(value, Cases) or len(value.branches) != 1 or value.default != cases.default:
        return cases
    ((inner, innermost),) = value.branches
    return Cases([(_all_of(condition, inner), innermost)], cases.default)


def _all_of(*conditions: Any) -> AllOf:
    parts: dict[Any, None] = {}
    for condition in conditions:
        parts.update(dict.fromkeys(condition.args if isinstance(condition, AllOf) else (condition,)))
    return AllOf(*sorted(parts, key=lambda c: (getattr(c, "operator", "") not in (">", ">="), str(c))))


def _complement(formula: Add) -> Any:
    """``1 - [u = a] - [u > a]`` as ``[u < a]``; also with a factor in front of each of the three."""
    terms = list(formula.args)
    for first in terms:
        for second in terms:
            for whole in terms:
                if len({first, second, whole}) < 3:
                    continue
                found = _rest(whole, first, second)
                if found is not None:
                    return Add(found, *[t for t in terms if t not in (first, second, whole)])
    return formula


def _rest(whole: Expr, first: Expr, second: Expr) -> Any | None:
    one, other = _bracketed(first, whole), _bracketed(second, whole)
    if one is None or other is None or (one.left, one.right) != (other.left, other.right):
        return None
    operator = COMPLEMENTS.get(frozenset({one.operator, other.operator}))
    return None if operator is None else whole * Bracket(Compare(operator, one.left, one.right))


def _bracketed(term: Expr, whole: Expr) -> Compare | None:
    """The condition c where the term is ``-whole [c]``."""
    factors = [f for f in Mul.make_args(term) if isinstance(f, Bracket)]
    for factor in factors:
        condition = factor.condition
        if isinstance(condition, Compare) and term == -whole * factor:
            return condition
    return None


def _both(formula: Mul) -> Any:
    """``[u > a] [u < b]`` as ``[u > a and u < b]``: the quantity lies between."""
    brackets = [f for f in formula.args if isinstance(f, Bracket) and isinstance(f.condition, Compare)]
    for low in brackets:
        for high in brackets:
            lower, upper = low.condition, high.condition
            if lower.left == upper.left and lower.operator in (">", ">=") and upper.operator in ("<", "<="):
                rest = [f for f in formula.args if f not in (low, high)]
                return Mul(*rest, Bracket(_all_of(lower, upper)))
    return formula
