"""Questions about formulas that decide how they are lowered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow

from symnn.formula.contraction import solve_for
from symnn.formula.index import Index
from symnn.formula.nodes import Binder, Call, Compare, Delta, Entry, Inside, Total, subformulas
from symnn.formula.substitute import substitute_indices

OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def is_number(formula: Any) -> bool:
    """Whether a formula is made of numbers, sizes and hyperparameters only."""
    return not any(isinstance(node, Entry | Index | Binder) for node in subformulas(formula))


def may_overflow(formula: Any) -> bool:
    """Whether finite entries can make the formula infinite: it exponentiates, divides or takes a logarithm."""
    return any(
        isinstance(node, sympy.exp | sympy.log | Call) or (isinstance(node, Pow) and not node.exp.is_positive)
        for node in subformulas(formula)
    )


def opposite(condition: Compare) -> Compare:
    """The condition that holds where this one does not."""
    return Compare(OPPOSITE[condition.operator], condition.left, condition.right)


def sides(difference: Expr) -> tuple[Expr, Expr]:
    """A difference that is compared with zero, as two sides without minus signs."""
    left: list[Expr] = []
    right: list[Expr] = []
    for term in Add.make_args(difference):
        negative = bool(term.as_coeff_Mul()[0].is_negative)
        (right if negative else left).append(-term if negative else term)
    return Add(*left), Add(*right)


def factors_read(factors: Iterable[Expr]) -> Iterator[Entry]:
    """The entries that a product is zero with: its factors, and those of sums among them."""
    for factor in factors:
        if isinstance(factor, Entry):
            yield factor
        elif isinstance(factor, Total):
            yield from factors_read(Mul.make_args(factor.body))


def divides_at(factors: Iterable[Expr], position: Expr) -> bool:
    """Whether a factor may be infinite where something is read at this position and there is nothing but zero."""
    return any(
        may_overflow(factor)
        and any(isinstance(n, Entry) and position in map(sympy.expand, n.indices) for n in subformulas(factor))
        for factor in factors
    )


def axes_of(formula: Any) -> set[Index]:
    """The free indices of a formula."""
    return {symbol for symbol in formula.free_symbols if isinstance(symbol, Index)}


def multiplies_out(body: Add) -> bool:
    """Whether a term is an outer product: its factors have fewer axes each than the term has."""
    for term in body.args:
        axes = axes_of(term)
        if axes and not any(axes_of(factor) == axes for factor in Mul.make_args(term)):
            return True
    return False


def without_delta(body: Any, summed: list[Index]) -> tuple[Any, list[Index]] | None:
    """Use a delta that determines a summed index; None when there is none."""
    factors = list(Mul.make_args(body))
    for place, factor in enumerate(factors):
        if not isinstance(factor, Delta):
            continue
        for index in reversed(summed):
            solution = solve_for(factor.difference, index)
            if solution is not None:
                rest = Mul(*factors[:place], *factors[place + 1 :])
                replaced = substitute_indices(rest, {index: solution}) * Inside(solution, index.dimension)
                return replaced, [other for other in summed if other != index]
    return None


def with_exact_root(formula: Add) -> tuple[Expr, Expr] | None:
    """The factors of ``x/6 + 1/2 = (1/6) (x + 3)``; None where the root is not whole, or the slope a binary number.

    A sixth is rounded, so that near -3 few digits of the sum as it stands would be right.
    """
    constant, rest = formula.as_coeff_Add()
    slope, variable = rest.as_coeff_Mul()
    if isinstance(rest, Add) or not constant.is_Rational or not slope.is_Rational or constant == 0:
        return None
    shift = constant / slope
    if slope.q & (slope.q - 1) == 0 or not shift.is_Integer:
        return None
    return slope, variable + shift
