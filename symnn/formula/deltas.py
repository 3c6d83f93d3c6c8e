"""Eliminating deltas from sums while keeping the shape of the formula.

The normal form eliminates deltas too, but multiplies everything out. Here factors stay factors:
``sum_i g[i] delta(i, j) (1 - h[i]^2)`` becomes ``g[j] (1 - h[j]^2)``.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, S

from symnn.formula.contraction import implied_by, solve_for
from symnn.formula.index import Index, within_single_axes
from symnn.formula.nodes import Bracket, Cases, Delta, Elementwise, Inside, Tensor, Total
from symnn.formula.substitute import rebuild, substitute_indices


def eliminate_deltas(formula: Any) -> Any:
    """Carry out every sum over an index that a delta determines, and pull factors out of sums.

    >>> from symnn.formula.index import dimension
    >>> n = dimension("n"); i, j = Index("i", n), Index("j", n); g = Tensor("g", (n,))
    >>> eliminate_deltas(Total(g[i] * Delta(i, j) * 2, i))
    2*g[j]
    """
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    if isinstance(formula, Total):
        return _sum(eliminate_deltas(formula.body), formula.index)
    if isinstance(formula, Bracket):
        return formula
    if isinstance(formula, Delta):
        return Delta(within_single_axes(formula.difference))
    result = rebuild(formula, [eliminate_deltas(a) if isinstance(a, Expr) or a.args else a for a in formula.args])
    if isinstance(result, Cases):
        return _merge_cases(result)
    return _without_implied(result) if isinstance(result, Mul) else result


def _without_implied(formula: Any) -> Any:
    """A product without the range conditions that one of its deltas implies."""
    deltas = [factor for factor in formula.args if isinstance(factor, Delta)]
    left = [factor for factor in formula.args if not any(implied_by(delta, factor) for delta in deltas)]
    return formula if len(left) == len(formula.args) else Mul(*left)


def _merge_cases(formula: Cases) -> Any:
    """Pull out a delta that every branch has: ``cases(delta a if c; else 0) = delta cases(a if c; else 0)``."""
    values = [value for _, value in formula.branches] + [formula.default]
    nonzero = [value for value in values if value is not S.Zero]
    if not nonzero:
        return S.Zero
    common = [d for d in Mul.make_args(nonzero[0]) if isinstance(d, Delta | Inside)]
    shared = [d for d in common if all(d in Mul.make_args(v) for v in nonzero)]
    if not shared:
        return formula
    factor = Mul(*shared)

    def strip(value: Any) -> Any:
        return value if value is S.Zero else Mul(*[a for a in Mul.make_args(value) if a not in shared])

    return factor * Cases([(c, strip(v)) for c, v in formula.branches], strip(formula.default))


def has_delta_on(formula: Any, index: Index) -> bool:
    """Whether a delta that contains the index occurs, outside of inner sums over it."""
    return any(index in delta.free_symbols for delta in formula.atoms(Delta))


def _sum(body: Any, index: Index) -> Any:
    """The sum of a body whose own deltas are already eliminated."""
    if index not in body.free_symbols:
        return index.dimension * body
    if index.dimension is S.One:
        return substitute_indices(body, {index: S.Zero})
    if isinstance(body, Add):
        if has_delta_on(body, index):
            with_delta = [term for term in body.args if has_delta_on(term, index)]
            rest = [term for term in body.args if not has_delta_on(term, index)]
            return Add(*[_sum(term, index) for term in with_delta]) + (_sum(Add(*rest), index) if rest else 0)
        return Total(body, index)
    outside = [f for f in Mul.make_args(body) if index not in f.free_symbols]
    inside = [f for f in Mul.make_args(body) if index in f.free_symbols]
    if outside:
        return Mul(*outside) * _sum(Mul(*inside), index)
    for place, factor in enumerate(inside):
        if isinstance(factor, Delta):
            solution = solve_for(factor.difference, index)
            if solution is not None:
                rest = Mul(*inside[:place], *inside[place + 1 :])
                return substitute_indices(rest, {index: solution}) * Inside(solution, index.dimension)
    for place, factor in enumerate(inside):
        if isinstance(factor, Add) and has_delta_on(factor, index):
            rest = Mul(*inside[:place], *inside[place + 1 :])
            return Add(*[_sum(eliminate_deltas(term * rest), index) for term in factor.args])
    for place, factor in enumerate(inside):
        if isinstance(factor, Total) and has_delta_on(factor, index):
            return _through_sum(factor, index, Mul(*inside[:place], *inside[place + 1 :]))
    return Total(Mul(*inside), index)


def _through_sum(inner: Total, index: Index, rest: Any) -> Any:
    """``sum_i a[i] sum_k f(k) delta(i, ...)``: exchange the sums, so that the delta is used first."""
    renamed = inner.index.fresh()
    body = substitute_indices(inner.body, {inner.index: renamed})
    exchanged = _sum(eliminate_deltas(body * rest), index)
    if has_delta_on(exchanged, index) or (isinstance(exchanged, Total) and exchanged.index == index):
        return Total(inner * rest, index)
    return _sum(exchanged, renamed)
