"""Sums whose index stands in an affine place: which index to sum over.

The adjoint of a convolution comes as ``sum_l g[l] w[j - l]``, a sum over all positions of the output. With
``p = j - l`` it is ``sum_p g[j - p] w[p]``, a sum over the few positions of the kernel, and a sliding view of ``g``.
Where the index has a coefficient, as with a stride, ``g`` is spread out with zeros in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Expr, Integer, Mul

from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Inside, Total
from symnn.formula.substitute import substitute_indices


@dataclass(frozen=True)
class Spread:
    """An entry that is to be read from its array with zeros put in: ``step - 1`` of them after each position."""

    entry: Entry
    axis: int
    step: int


@dataclass(frozen=True)
class Turned:
    """A sum over another index: the new factors, the indices summed over, and a factor that is read spread out."""

    factors: tuple[Expr, ...]
    summed: tuple[Index, ...]
    spread: Spread | None


def turned(factors: Sequence[Expr], summed: Sequence[Index]) -> Turned | None:
    """The sum over the positions of a shorter axis; None where there is none."""
    for guard in factors:
        if not isinstance(guard, Inside):
            continue
        for index in summed:
            coefficient = sympy.expand(guard.position).coeff(index)
            if not isinstance(coefficient, Integer) or coefficient == 0:
                continue
            owner = _read_at(factors, guard)
            if owner is None or _weight(guard.length) >= _weight(index.dimension):
                continue
            made = _exchange(factors, summed, guard, index, int(coefficient))
            if made is not None:
                return made
    return None


def opened(factors: Sequence[Expr], summed: Sequence[Index]) -> tuple[list[Expr], list[Index]]:
    """The factors with those sums opened that are better carried out together with the sum around them.

    ``sum_b g[b] sum_t x[b, t]`` is one sum over b and t, and ``[0 <= j - l < P] sum_q w[j - l, q] g[q]`` is one sum
    over q in which the range condition stands beside the entry that it guards.
    """
    left: list[Expr] = []
    indices: list[Index] = []
    guards = [f for f in factors if isinstance(f, Inside) and _read_at(factors, f) is None]
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
    return any(
        isinstance(node, Entry) and _read_at([node], guard) is not None for node in Mul.make_args(factor.body)
    ) or any(isinstance(node, Total) and _holds_reader(node, guard) for node in Mul.make_args(factor.body))


def _read_at(factors: Sequence[Expr], guard: Inside) -> Entry | None:
    """An entry among the factors whose axis is as long as the guard says and is read where the guard looks."""
    for factor in factors:
        if isinstance(factor, Entry):
            for place, size in zip(factor.indices, factor.tensor.shape, strict=True):
                if sympy.expand(place) == guard.position and sympy.expand(size - guard.length) == 0:
                    return factor
    return None


def _weight(size: Expr) -> int:
    """How long an axis probably is: fixed sizes are short, differences of sizes (``H - P + 1``) are long."""
    if size.is_number:
        return 0
    return 1 if size.is_Symbol else 2


def _exchange(
    factors: Sequence[Expr], summed: Sequence[Index], guard: Inside, index: Index, coefficient: int
) -> Turned | None:
    """Sum over ``position = coefficient * index + rest`` instead of over `index`."""
    position = Index("p", guard.length).fresh()
    rest = sympy.expand(guard.position - coefficient * index)
    others = [f for f in factors if f != guard and index in f.free_symbols]
    plain = [f for f in factors if index not in f.free_symbols]
    left = (*(i for i in summed if i != index), position)
    sign = 1 if coefficient > 0 else -1
    place = sympy.expand(sign * (position - rest))
    if abs(coefficient) == 1:
        moved = [_expanded(substitute_indices(f, {index: place})) for f in others]
        return Turned((*plain, *moved, Inside(place, index.dimension)), left, None)
    readers = [f for f in others if not (isinstance(f, Entry) and _is_only_at(f, guard, index))]
    if len(readers) != 1 or not isinstance(readers[0], Entry) or list(readers[0].indices).count(index) != 1:
        return None
    reader = readers[0]
    if any(index in other.free_symbols for other in reader.indices if other != index):
        return None
    axis = reader.indices.index(index)
    indices = [place if other == index else other for other in reader.indices]
    moved = [_replaced(f, guard.position, position) for f in others if f is not reader]
    spread = Spread(Entry(reader.tensor, *indices), axis, abs(coefficient))
    return Turned((*plain, *moved), left, spread)


def _is_only_at(entry: Entry, guard: Inside, index: Index) -> bool:
    """Whether the index occurs in the entry only where the guard looks."""
    return all(index not in p.free_symbols or sympy.expand(p) == guard.position for p in entry.indices)


def _replaced(factor: Expr, old: Expr, new: Index) -> Expr:
    assert isinstance(factor, Entry)
    return Entry(factor.tensor, *[new if sympy.expand(place) == old else place for place in factor.indices])


def _expanded(factor: Expr) -> Expr:
    if isinstance(factor, Entry):
        return Entry(factor.tensor, *[sympy.expand(place) for place in factor.indices])
    return factor
