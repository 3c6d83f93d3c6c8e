"""Range conditions that a document need not print.

``[t > 1] U h_{t-1}`` is written ``U h_{t-1}``, because a part of a family outside the range of its index counts as
zero; and ``[t > 1] h_{t-1} + [t = 1] h_0`` is ``h_{t-1}``, where the recurrence starts from ``h_0``. The document
states both.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, S
from sympy.core.basic import Basic

from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Inside, Total
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import rebuild
from symnn.network.families import guarded_terms, in_place_of
from symnn.write.notate.names import Families


def without_guards(formula: Any, families: Families) -> Any:
    """The formula as it is printed where what lies outside counts as zero, and starts belong to their families."""
    if not families.letters or not isinstance(formula, Basic) or not formula.args or isinstance(formula, Entry):
        return formula
    result = rebuild(formula, [without_guards(a, families) if isinstance(a, Expr) else a for a in formula.args])
    if isinstance(result, Add) and families.starts:
        result = _with_starts(result, families)
    if isinstance(result, Mul | Total):
        for guard in [part for part in _factors(result) if isinstance(part, Inside)]:
            if vanishes(result, guard, families):
                result = _dropped(result, guard)
    return result


def _factors(formula: Any) -> list[Any]:
    """The factors of a product, also those inside sums over indices."""
    if isinstance(formula, Total):
        return _factors(formula.body)
    if isinstance(formula, Mul):
        return [inner for part in formula.args for inner in _factors(part)]
    return [formula]


def _dropped(formula: Any, guard: Inside) -> Any:
    """The product without one factor, which may stand inside sums over indices."""
    if formula == guard:
        return S.One
    if isinstance(formula, Mul | Total):
        return rebuild(formula, [_dropped(a, guard) if isinstance(a, Expr) else a for a in formula.args])
    return formula


def vanishes(formula: Any, guard: Inside, families: Families) -> bool:
    """Whether a formula is zero where the guard is, because of parts of families that do not exist there."""
    match formula:
        case Entry():
            return is_guarded(formula, guard, families)
        case Mul():
            return any(vanishes(part, guard, families) for part in formula.args if part != guard)
        case Add():
            return all(vanishes(part, guard, families) for part in formula.args)
        case Total():
            return vanishes(formula.body, guard, families)
        case _:
            return False


def is_guarded(entry: Entry, guard: Inside, families: Families) -> bool:
    """Whether an entry is a part of a family at the guarded place, and nothing else stands for it outside."""
    for axis, _ in enumerate(families.letters_of(entry.tensor.name)):
        if entry.indices[axis] == guard.position and entry.tensor.shape[axis] == guard.length:
            indices = guard.position.atoms(Index)
            step = guard.position - next(iter(indices)) if len(indices) == 1 else None
            return (entry.tensor.name, step) not in families.starts
    return False


def _with_starts(formula: Add, families: Families) -> Any:
    """The sum with each guarded part of a family and its start as one term."""
    terms = list(formula.args)
    for term, entry, step in guarded_terms(formula):
        start = families.starts.get((entry.tensor.name, step))
        if start is None or term not in terms:
            continue
        guard = Inside(entry.indices[0], entry.tensor.shape[0])
        beside = in_place_of(term, entry, step, start)
        (index,) = entry.indices[0].atoms(Index)
        for other in terms:
            if other is not term and (other == beside or _same(other, beside, index)):
                terms.remove(other)
                terms[terms.index(term)] = _dropped(term, guard)
                break
    return Add(*terms)


def _same(left: Any, right: Any, index: Index) -> bool:
    """Whether two terms are equal once the index of the step is summed over."""
    if not isinstance(right, Total) or not any(isinstance(f, Delta) for f in _factors(right)):
        return False
    try:
        return bool(Normalizer().equal(left, right))
    except (TooLarge, ZeroDivisionError):
        return False


__all__ = ["vanishes", "without_guards"]
