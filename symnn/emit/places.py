"""An entry at index expressions as a view of its array.

Distinct indices name the axes; a repeated index is a diagonal; a number picks one position. An affine place such as
``2 i + p - 1`` is a strided or a sliding view. Positions outside of the array read as zero: the array is padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Integer, Mul, S

from symnn.emit.axes import Axed
from symnn.emit.errors import EmitError
from symnn.emit.operations import Value
from symnn.emit.program import Program
from symnn.formula.index import Index
from symnn.formula.nodes import Maximum


def entry_view(program: Program, value: Value, places: Sequence[Expr]) -> Axed:
    """The array of ``value[places]`` with its axes named by the indices in `places`.

    Raises EmitError for a place that is not affine.
    """
    fixed = [None if place.atoms(Index) else place for place in places]
    if any(place is not None for place in fixed):
        value = program.pick(value, fixed)
        places = [place for place in places if place.atoms(Index)]
    reads = [_read(place) for place in places]
    # Every axis is cut to what is read, or padded, before the first sliding view: that one must not be copied.
    for axis, read in enumerate(reads):
        if not isinstance(places[axis], Index):
            value = _cut(program, value, axis, read)
    names: list[Index] = []
    windows: list[Index] = []
    for axis, read in enumerate(reads):
        main, *others = read.indices
        for index in others:
            value = program.windows(value, axis, sympy.expand(read.span(index) + 1))
            value = program.stride(value, value.rank - 1, read.coefficients[index], index.dimension)
        value = program.stride(value, axis, read.coefficients[main], main.dimension)
        names.append(main)
        windows += others
    return _without_repetitions(program, value, [*names, *windows])


@dataclass(frozen=True)
class _Read:
    """An axis read at ``c_1 i_1 + c_2 i_2 + ... + offset``; the first index keeps the axis, others become windows."""

    indices: tuple[Index, ...]
    coefficients: dict[Index, int]
    offset: Expr

    def span(self, index: Index) -> Expr:
        """How far apart the first and the last value of the index are."""
        return abs(self.coefficients[index]) * (index.dimension - 1)

    @property
    def lowest(self) -> Expr:
        return sympy.expand(self.offset - Add(*[self.span(i) for i in self.indices if self.coefficients[i] < 0]))

    @property
    def length(self) -> Expr:
        """How many positions there are from the lowest to the highest."""
        return sympy.expand(Add(*map(self.span, self.indices)) + 1)


def _without_repetitions(program: Program, value: Value, names: Sequence[Index]) -> Axed:
    """Diagonals where an index names two axes."""
    left = list(names)
    while len(set(left)) < len(left):
        first = next(axis for axis, name in enumerate(left) if name in left[axis + 1 :])
        second = left.index(left[first], first + 1)
        rest = [axis for axis in range(len(left)) if axis not in (first, second)]
        value = program.diagonal(value, first, second)
        left = [left[axis] for axis in (*rest, first)]
    return Axed(value, tuple(left))


def _read(place: Expr) -> _Read:
    coefficients: dict[Index, int] = {}
    rest: list[Expr] = []
    for term in Add.make_args(sympy.expand(place)):
        indices = [factor for factor in Mul.make_args(term) if isinstance(factor, Index)]
        coefficient = term.as_coeff_Mul()[0]
        if not term.atoms(Index):
            rest.append(term)
        elif indices and term == coefficient * indices[0] and isinstance(coefficient, Integer):
            coefficients[indices[0]] = int(coefficient)
        else:
            raise EmitError(f"the index {place} is not a sum of indices with whole coefficients")
    # An index with a stride, or over many positions, keeps the axis; a short one becomes a window.
    order = sorted(coefficients, key=lambda index: (abs(coefficients[index]) == 1, index.dimension.is_number is True))
    return _Read(tuple(order), coefficients, Add(*rest))


def _cut(program: Program, value: Value, axis: int, read: _Read) -> Value:
    """The positions of an axis from the lowest to the highest that is read, with zeros where there are none."""
    highest = sympy.expand(read.lowest + read.length - 1)
    value, moved = padded(program, value, axis, read.lowest, highest)
    start = sympy.expand(read.lowest + moved)
    return program.slice(value, axis, start, sympy.expand(start + read.length))


def padded(program: Program, value: Value, axis: int, lowest: Expr, highest: Expr) -> tuple[Value, Expr]:
    """The array with zeros for positions from `lowest` to `highest` that it lacks, and how far positions moved."""
    before = _positive_part(sympy.expand(-lowest))
    after = _positive_part(sympy.expand(highest + 1 - value.shape[axis]))
    if before is not S.Zero or after is not S.Zero:
        value = program.pad(value, axis, before, after)
    return value, before


def _positive_part(amount: Expr) -> Expr:
    if amount.is_nonpositive:
        return S.Zero
    return amount if amount.is_nonnegative else Maximum(amount, S.Zero)
