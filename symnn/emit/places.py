"""An entry at index expressions as a view of its array.

Distinct indices name the axes; a repeated index is a diagonal; a number picks one position. An affine place such as
``2 i + p - 1`` is a strided or a sliding view. Positions outside of the array read as zero: the array is padded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Add, Expr, S

from symnn.emit.axes import Axed
from symnn.emit.errors import EmitError
from symnn.emit.operations import Value
from symnn.emit.program import Program
from symnn.emit.shifts import is_window
from symnn.formula.index import Index
from symnn.formula.nodes import Maximum
from symnn.formula.ranges import slope_of, upper_bound


def entry_view(program: Program, value: Value, places: Sequence[Expr]) -> Axed:
    """The array of ``value[places]`` with its axes named by the indices in `places`.

    Raises EmitError for a place that is not affine.
    """
    fixed = [None if place.atoms(Index) else place for place in places]
    if any(place is not None for place in fixed):
        value = program.pick(value, fixed)
        places = [place for place in places if place.atoms(Index)]
    reads = [_read(place) for place in places]
    # Every axis is cut to what is read, or padded, before the sliding view: that one must not be copied.
    for axis, read in enumerate(reads):
        place = places[axis]
        if not isinstance(place, Index) or sympy.expand(place.dimension - value.shape[axis]) != 0:
            value = _cut(program, value, axis, read)
    windows = [(axis, index) for axis, read in enumerate(reads) for index in read.indices[1:]]
    lengths = [sympy.expand(reads[axis].span(index) + 1) for axis, index in windows]
    value = program.windows(value, [axis for axis, _ in windows], lengths)
    names = [*(read.indices[0] for read in reads), *(index for _, index in windows)]
    steps = [read.coefficients[read.indices[0]] for read in reads]
    steps += [reads[axis].coefficients[index] for axis, index in windows]
    value = program.stride(value, steps, [index.dimension for index in names])
    return _without_repetitions(program, value, names)


@dataclass(frozen=True)
class _Read:
    """An axis read at ``c_1 i_1 + c_2 i_2 + ... + offset``; the first index keeps the axis, others become windows."""

    indices: tuple[Index, ...]
    coefficients: dict[Index, Expr]
    offset: Expr

    def span(self, index: Index) -> Expr:
        """How far apart the first and the last value of the index are."""
        coefficient = self.coefficients[index]
        return (-coefficient if coefficient.is_negative else coefficient) * (index.dimension - 1)

    @property
    def lowest(self) -> Expr:
        turned = [self.span(index) for index in self.indices if self.coefficients[index].is_negative]
        return sympy.expand(self.offset - Add(*turned))

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
    coefficients: dict[Index, Expr] = {}
    for index in sorted(place.atoms(Index), key=lambda index: index.sort_name):
        slope = slope_of(place, index)
        if slope is None:
            raise EmitError(f"the index {place} is not a sum of indices with whole coefficients of known sign")
        coefficients[index] = slope
    offset = sympy.expand(place - Add(*[slope * index for index, slope in coefficients.items()]))
    # An index with a stride, or over many positions, keeps the axis; a short one becomes a window.
    order = sorted(coefficients, key=lambda index: (abs(coefficients[index]) == 1, index.dimension.is_number is True))
    if len(order) == 2 and is_window(order[0].dimension, order[1].dimension, sympy.Symbol("whole", positive=True)):
        order.reverse()
    return _Read(tuple(order), coefficients, offset)


def _cut(program: Program, value: Value, axis: int, read: _Read) -> Value:
    """The positions of an axis from the lowest to the highest that is read, with zeros where there are none."""
    highest = upper_bound(read.lowest + read.length - 1, whole=True)
    value, moved = padded(program, value, axis, read.lowest, highest)
    start = sympy.expand(read.lowest + moved)
    if start == 0 and _ends_there(value.shape[axis], read):
        return value
    return program.slice(value, axis, start, sympy.expand(start + read.length))


def _ends_there(size: Expr, read: _Read) -> bool:
    """Whether strides through an axis of this size end at the highest position that is read, without a cut."""
    main, *others = read.indices
    step = read.coefficients[main]
    if not step.is_positive:
        return False
    room = size - 1 - Add(*map(read.span, others))
    return bool(sympy.expand(sympy.floor(sympy.expand(room) / step) + 1 - main.dimension) == 0)


def padded(program: Program, value: Value, axis: int, lowest: Expr, highest: Expr) -> tuple[Value, Expr]:
    """The array with zeros for positions from `lowest` to `highest` that it lacks, and how far positions moved."""
    before = _positive_part(sympy.expand(-lowest))
    after = _positive_part(sympy.expand(highest + 1 - value.shape[axis]))
    if before is not S.Zero or after is not S.Zero:
        value = program.pad(value, axis, before, after)
    return value, before


def _positive_part(amount: Expr) -> Expr:
    if upper_bound(amount).is_nonpositive:
        return S.Zero
    return amount if amount.is_nonnegative else Maximum(amount, S.Zero)
