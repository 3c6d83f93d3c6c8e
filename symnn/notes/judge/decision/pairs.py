"""Pairs: the ways in which the values of two sides can be compared entry by entry."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sympy import Integer, Mul, S

from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Inside
from symnn.notes.judge.errors import DoesNotFit
from symnn.notes.judge.gradients.recurrent import beside
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.values import Value, fresh, shown

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.conventions import Conventions

MOST_PAIRS = 16
FEW = 12


@dataclass(frozen=True)
class Pair:
    """Both sides of a claim at the same indices: one admissible reading."""

    left: Any
    right: Any
    indices: tuple[Index, ...]
    cost: int
    said: tuple[str, ...] = ()
    values: tuple[Value, Value] | None = field(default=None, compare=False)


def alignments(left: Value, right: Value, conventions: Conventions) -> Iterator[Pair]:
    """The ways in which two values can be compared entry by entry."""
    cost = left.cost + right.cost
    said = (*left.said, *right.said)

    def pair(a: Any, b: Any, indices: Sequence[Index], extra: int = 0, *more: str) -> Pair:
        return Pair(a, b, tuple(indices), cost + extra, (*said, *more), (left, right))

    if left.rank == right.rank == 0:
        yield pair(left.array.body, right.array.body, ())
        return
    places = fresh(left.array.indices)
    if left.shape == right.shape:
        yield pair(left.array.at(*places), right.array.at(*places), places)
    yield from _turned(left, right, pair)
    for one, other, swapped in ((left, right, False), (right, left, True)):
        for a, b, indices, extra, why in _as_diagonal(one, other):
            yield pair(*((b, a) if swapped else (a, b)), indices, extra, why)
        for a, b, indices in _squeezed(one, other, conventions):
            yield pair(*((b, a) if swapped else (a, b)), indices)
    if 0 in (left.rank, right.rank):
        wide, narrow = (left, right) if right.rank == 0 else (right, left)
        if narrow.array.body is S.Zero:
            own = fresh(wide.array.indices)
            a = wide.array.at(*own)
            yield pair(*((a, S.Zero) if wide is left else (S.Zero, a)), own)


def _turned(left: Value, right: Value, pair: Any) -> Iterator[Pair]:
    """A derivative of an array by an array, with its axes in the other order."""
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if not one.is_jacobian or other.is_jacobian:
            continue
        own = fresh(one.array.indices)
        order = (*own[one.out :], *own[: one.out])
        if other.rank == one.rank and other.shape == tuple(index.dimension for index in order):
            a, b = one.array.at(*own), other.array.at(*order)
            yield pair(*((b, a) if swapped else (a, b)), own, 1, "the axes of the derivative are in denominator layout")


def _as_diagonal(one: Value, other: Value) -> Iterator[tuple[Any, Any, tuple[Index, ...], int, str]]:
    """A derivative of an array by one of the same shape, written as the vector on its diagonal, or as a number."""
    if not one.is_jacobian or one.outer != one.inner or other.is_jacobian:
        return
    half = one.rank // 2
    own = fresh(one.array.indices)
    deltas = Mul(*[Delta(a, b) for a, b in zip(own[:half], own[half:], strict=True)])
    if other.shape == one.outer:
        yield (
            one.array.at(*own),
            other.array.at(*own[:half]) * deltas,
            own,
            1,
            "the derivative acts entry by entry and is written as its diagonal",
        )
    elif other.rank == 0 and other.array.body is not S.Zero:
        yield (
            one.array.at(*own),
            other.array.body * deltas,
            own,
            2,
            "the derivative is a multiple of the identity and is written as a number",
        )


def _squeezed(one: Value, other: Value, conventions: Conventions) -> Iterator[tuple[Any, Any, tuple[Index, ...]]]:
    """An array with axes of length one beside one without them: a row matrix is a row, a column matrix a column."""
    if one.rank <= other.rank or not any(size == 1 for size in one.shape):
        return
    kept = [axis for axis, size in enumerate(one.shape) if size != 1]
    if tuple(one.shape[axis] for axis in kept) != other.shape:
        return
    oriented = one.rank == 2 and other.rank == 1 and conventions.strict and other.turn
    if oriented and other.turn != ("row" if kept == [1] else "column"):
        return
    own = fresh(other.array.indices)
    names = iter(own)
    at = [next(names) if axis in kept else S.Zero for axis in range(one.rank)]
    yield one.array.at(*at), other.array.at(*own), own


def pairs_of(
    lefts: Sequence[Value],
    rights: Sequence[Value],
    conventions: Conventions,
    free: Sequence[Index] = (),
    exists: Iterable[tuple[Any, Any]] = (),
) -> list[Pair]:
    """The admissible readings of ``left = right``, the likeliest first. Raises DoesNotFit when there is none."""
    found: list[Pair] = []
    for left in lefts:
        for right in rights:
            spend()
            found += (_inside(_with_free(pair, free), exists) for pair in alignments(left, right, conventions))
    if not found:
        raise DoesNotFit(f"the left side has shape {shown(lefts[0].shape)}, the right side {shown(rights[0].shape)}")
    unique: dict[Any, Pair] = {}
    for pair in sorted(found, key=lambda p: p.cost):
        unique.setdefault((pair.left, pair.right), pair)
    return list(unique.values())[:MOST_PAIRS]


def _inside(pair: Pair, exists: Iterable[tuple[Any, Any]]) -> Pair:
    """The pair where all that it mentions exists: a claim with ``a_{t+1}`` in it is about every t but the last.

    Raises DoesNotFit where nothing of it exists, as for ``a_{-t}``: that would be true of no entry, and say nothing.
    """
    conditions = [
        Inside(place, size)
        for place, size in sorted(beside(pair.left) | beside(pair.right) | set(exists), key=str)
        if place.free_symbols & set(pair.indices) and place.atoms(Index) <= set(pair.indices)
    ]
    if not conditions:
        return pair
    if not _somewhere(conditions):
        raise DoesNotFit("it mentions places beside an array")
    return replace(pair, left=Mul(pair.left, *conditions), right=Mul(pair.right, *conditions))


def _somewhere(conditions: Sequence[Any]) -> bool:
    """Whether some places fulfil all conditions, where every dimension is a few entries long."""
    symbols = {symbol for condition in conditions for symbol in condition.free_symbols}
    indices = sorted((symbol for symbol in symbols if isinstance(symbol, Index)), key=str)
    sizes = (symbols | {size for index in indices for size in index.dimension.free_symbols}) - set(indices)
    long = dict.fromkeys(sizes, Integer(FEW))
    axes = [range(min(int(index.dimension.xreplace(long)), FEW)) for index in indices]
    here = [condition.xreplace(long) for condition in conditions]
    return any(
        all(condition.xreplace(dict(zip(indices, map(Integer, at), strict=True))) == 1 for condition in here)
        for at in itertools.product(*axes)
    )


def _with_free(pair: Pair, free: Sequence[Index]) -> Pair:
    """The pair with those free letters that occur in it: it must hold for all of their values."""
    present = pair.left.free_symbols | pair.right.free_symbols
    more = tuple(index for index in free if index in present and index not in pair.indices)
    return replace(pair, indices=(*pair.indices, *more)) if more else pair
