"""Sums in which an index of the result stands in an affine place: what is added up where.

The adjoint of a convolution is ``sum_l g[l] w[j - l]`` over the positions l of the output. With ``p = j - l`` it is the
sum of ``A[l, p] = g[l] w[p]`` over all l and p with ``l + p = j``: a product, and then the windows of A added up where
they overlap ("col2im"). A stride or a dilation, ``S l + D p = j``, changes nothing: no divisibility is asked about.
The same holds for the adjoints of pooling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Integer, Mul, S

from symnn.formula.contraction import solve_for
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Inside, Total
from symnn.formula.ranges import slope_of
from symnn.formula.substitute import substitute_indices


@dataclass(frozen=True)
class Fold:
    """What belongs to `place` and `window` is added up at ``target = start + step place + dilation window``.

    Without a window the entries are only spread out.
    """

    target: Index
    start: Expr
    place: Index
    step: Expr
    window: Index | None
    dilation: Expr

    @property
    def guard(self) -> Any:
        """The range condition that holds for what is added up; the rest is dropped."""
        position = self.start + self.step * self.place + (self.dilation * self.window if self.window else 0)
        return Inside(position, self.target.dimension)

    @property
    def indices(self) -> tuple[Index, ...]:
        """The indices that the target takes the place of."""
        return (self.place,) if self.window is None else (self.place, self.window)


def folded(factors: Sequence[Expr], summed: Sequence[Index]) -> tuple[list[Expr], list[Index], list[Fold]]:
    """The factors without those deltas, and the indices without those sums, that are carried out by folds."""
    factors, summed = list(factors), list(summed)
    found: list[Fold] = []
    while True:
        fold = next(iter(_folds(factors, summed)), None)
        if fold is not None:
            found.append(fold[1])
            factors.remove(fold[0])
            summed = [index for index in summed if index not in fold[1].indices]
            continue
        loosened = _loosened(factors, summed)
        if loosened is None:
            return factors, summed, found
        factors, summed = loosened


def _folds(factors: Sequence[Expr], summed: Sequence[Index]) -> list[tuple[Expr, Fold]]:
    found = []
    for factor in factors:
        if isinstance(factor, Delta):
            rest = [other for other in factors if other is not factor]
            fold = _fold(factor, rest, summed)
            if fold is not None:
                found.append((factor, fold))
    return found


def _fold(delta: Delta, rest: Sequence[Expr], summed: Sequence[Index]) -> Fold | None:
    """The fold that carries out the sum over a delta, where the target stands nowhere else."""
    indices = delta.difference.atoms(Index)
    own = sorted(indices & set(summed), key=lambda index: index.sort_name)
    free = [index for index in indices if index not in summed]
    if len(free) != 1 or not 1 <= len(own) <= 2:
        return None
    (target,) = free
    position = solve_for(delta.difference, target)
    if position is None or any(target in factor.free_symbols for factor in rest):
        return None
    if any(isinstance(factor, Delta) and factor.free_symbols & set(own) for factor in rest):
        return None
    slopes = {index: slope_of(position, index) for index in own}
    if any(slope is None for slope in slopes.values()):
        return None
    start = sympy.expand(position - sum(slopes[index] * index for index in own))
    if start.atoms(Index):
        return None
    if len(own) == 1:
        return Fold(target, start, own[0], slopes[own[0]], None, S.One)
    window, place = own if is_window(own[0].dimension, own[1].dimension, target.dimension) else own[::-1]
    return Fold(target, start, place, slopes[place], window, slopes[window])


def _loosened(factors: Sequence[Expr], summed: Sequence[Index]) -> tuple[list[Expr], list[Index]] | None:
    """A range condition on an index of the result turned into a sum over the positions that it allows.

    ``sum_l f(l, j) [0 <= j - l < P]`` is ``sum_l sum_p f(l, l + p) delta(j, l + p)``.
    """
    for guard in factors:
        if not isinstance(guard, Inside):
            continue
        indices = guard.position.atoms(Index)
        free = [index for index in indices if index not in summed]
        own = [index for index in indices if index in summed]
        if len(free) != 1 or len(own) != 1:
            continue
        (target,), (place,) = free, own
        if abs(slope_of(guard.position, target) or 0) != 1 or slope_of(guard.position, place) is None:
            continue
        if any(isinstance(factor, Delta) and factor.free_symbols & {place, target} for factor in factors):
            continue
        if not is_window(guard.length, place.dimension, target.dimension):
            continue
        window = Index("p", guard.length).fresh()
        position = solve_for(Delta(guard.position, window).difference, target)
        moved = [_expanded(substitute_indices(factor, {target: position})) for factor in factors if factor is not guard]
        return [*moved, Delta(target, position)], [*summed, window]
    return None


def is_window(length: Expr, places: Expr, whole: Expr) -> bool:
    """Whether an axis of this length is a window on an axis of length `whole` that has this many places.

    A wider window has fewer places, a longer axis has more. Where neither tells, the lengths are compared.
    """
    wider = {symbol: symbol + 7 for symbol in length.free_symbols}
    longer = {symbol: symbol + 7 for symbol in whole.free_symbols - length.free_symbols}
    base = {symbol: Integer(13) for symbol in places.free_symbols | length.free_symbols | whole.free_symbols}

    def count(changed: dict[Expr, Expr]) -> Expr:
        return places.xreplace(changed).xreplace(base)

    if count(wider) != count({}) or count(longer) != count({}):
        return bool(count(wider) < count({}) or count(longer) > count({}))
    further = sympy.expand(whole - length)
    return (bool(further.is_nonnegative) and further != 0) or (bool(length.is_number) and not whole.is_number)


def opened(factors: Sequence[Expr], summed: Sequence[Index]) -> tuple[list[Expr], list[Index]]:
    """The factors with those sums opened that are better carried out together with the sum around them.

    ``sum_b g[b] sum_t x[b, t]`` is one sum over b and t, and ``[0 <= j - l < P] sum_q w[j - l, q] g[q]`` is one sum
    over q in which the range condition stands beside the entry that it guards.
    """
    left: list[Expr] = []
    indices: list[Index] = []
    guards = [f for f in factors if isinstance(f, Inside) and not _is_read(factors, f)]
    for factor in factors:
        joined = isinstance(factor, Total) and bool(factor.free_symbols & set(summed))
        guarded = isinstance(factor, Total) and any(_holds_reader(factor, guard) for guard in guards)
        if joined or guarded:
            index = factor.index.fresh()
            left += Mul.make_args(substitute_indices(factor.body, {factor.index: index}))
            indices.append(index)
        else:
            left.append(factor)
    return left, indices


def _holds_reader(factor: Total, guard: Inside) -> bool:
    inside = Mul.make_args(factor.body)
    return _is_read(inside, guard) or any(isinstance(node, Total) and _holds_reader(node, guard) for node in inside)


def _is_read(factors: Sequence[Expr], guard: Inside) -> bool:
    """Whether an entry among the factors is read where the guard looks, along an axis as long as the guard says."""
    return any(
        sympy.expand(place) == guard.position and sympy.expand(size - guard.length) == 0
        for factor in factors
        if isinstance(factor, Entry)
        for place, size in zip(factor.indices, factor.tensor.shape, strict=True)
    )


def _expanded(factor: Expr) -> Expr:
    if isinstance(factor, Entry):
        return Entry(factor.tensor, *[sympy.expand(place) for place in factor.indices])
    return factor


__all__ = ["Fold", "folded", "is_window", "opened"]
