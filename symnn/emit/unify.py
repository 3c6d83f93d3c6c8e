"""Comparing formulas up to the names of their indices, and exponentials up to whole powers."""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Integer, Mul, S, exp

from symnn.formula.index import Index
from symnn.formula.nodes import Entry, subformulas
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import substitute_indices


def unified(pattern: Any, node: Any) -> dict[Index, Any] | None:
    """Values for the free indices of one formula that make it the other, or None.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Tensor
    >>> n = dimension("n"); i, j = Index("i", n), Index("j", n); x = Tensor("x", (n,))
    >>> unified(2 * x[i], 2 * x[j]), unified(2 * x[i], 3 * x[j])
    ({i: j}, None)
    """
    mine, theirs = _entries(pattern), _entries(node)
    if [entry.tensor for entry in mine] != [entry.tensor for entry in theirs]:
        return None
    free = pattern.free_symbols
    values: dict[Index, Any] = {}
    for left, right in zip(mine, theirs, strict=True):
        for place, other in zip(left.indices, right.indices, strict=True):
            if isinstance(place, Index) and place in free and values.setdefault(place, other) != other:
                return None
    for index, value in values.items():
        if isinstance(value, Index) and value.dimension != index.dimension:
            return None
    return values if Normalizer().equal(substitute_indices(pattern, values), node) else None


def _entries(formula: Any) -> list[Entry]:
    found = {node for node in subformulas(formula) if isinstance(node, Entry)}
    return sorted(found, key=lambda entry: (entry.tensor.name, str(entry)))


def scaled(argument: Any, scale: Expr) -> Any:
    """The argument times a number, term by term."""
    return Add(*[Mul(scale, term) for term in Add.make_args(argument)])


def power_of(node: Any, base: Any, value: Any) -> Any | None:
    """``exp(c base)`` as ``value^c`` for a whole c; None for anything else."""
    if not isinstance(node, exp):
        return None
    ratio = _ratio(node.args[0], base)
    return None if ratio is None else value**ratio


def _ratio(argument: Any, base: Any) -> Integer | None:
    first = Add.make_args(argument)[0]
    for term in Add.make_args(base):
        ratio = first / term
        if isinstance(ratio, Integer) and ratio is not S.Zero and scaled(base, ratio) == argument:
            return ratio
    return None
