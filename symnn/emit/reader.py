"""Reading entries of tensors from the arrays that hold them: guards, steps of a loop, views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Expr, S

from symnn.emit.axes import Axed
from symnn.emit.errors import EmitError
from symnn.emit.operations import Looped, Slice, Value
from symnn.emit.places import entry_view, padded
from symnn.emit.program import Program
from symnn.emit.queries import divides_at, factors_read
from symnn.formula.index import Index
from symnn.formula.nodes import Bracket, Delta, Entry, Inside, Tensor
from symnn.formula.ranges import bounds_of, upper_bound

ANYTHING = "anything"


@dataclass(frozen=True)
class Stored:
    """The array that holds a tensor; `axes` are the tensor's axes that the array has, in the array's order."""

    value: Value
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Requirement:
    """A tensor is read from position `lowest` to `highest` of an axis of this size, and nothing guards it."""

    name: str
    lowest: Expr
    highest: Expr
    size: Expr


@dataclass
class Reader:
    """The arrays of tensors, and what is known about the place in the program where they are read.

    Inside of a loop, `counters` gives the number of steps of its counter, `carried` the axis along which an array of
    the loop has the steps, and `steps` what the current step has computed so far. `guards` are the range conditions
    around what is being read; `requirements` collects what was read without any. `lists` are the families whose parts
    have different shapes.
    """

    program: Program
    arrays: dict[Tensor, Stored] = field(default_factory=dict)
    counters: dict[Any, Expr] = field(default_factory=dict)
    carried: dict[Tensor, int] = field(default_factory=dict)
    steps: dict[Tensor, tuple[Any, Stored]] = field(default_factory=dict)
    guards: list[Any] = field(default_factory=list)
    requirements: dict[Requirement, None] = field(default_factory=dict)
    lists: set[Tensor] = field(default_factory=set)

    def entry(self, entry: Entry) -> Axed:
        """The array of an entry, with its axes named by the indices of the entry.

        Raises EmitError for a place that is not affine, or that certainly lies outside of the tensor.
        """
        stored = self.arrays.get(entry.tensor)
        if stored is None:
            raise EmitError(f"internal: {entry.tensor.name} is used before it is computed")
        if entry.tensor in self.lists and entry.indices[stored.axes[0]].atoms(Index):
            raise EmitError(f"{entry}: a sum over layers of different sizes has no NumPy form")
        if entry.tensor not in self.lists:
            self._check_places(entry, stored)
        if entry.tensor in self.steps:
            counter, step = self.steps[entry.tensor]
            if entry.indices[self.carried[entry.tensor]] == counter:
                return entry_view(self.program, step.value, [entry.indices[axis] for axis in step.axes])
        value, places = stored.value, [entry.indices[axis] for axis in stored.axes]
        if entry.tensor not in self.carried and entry.tensor not in self.lists:
            value, places = self._at_step(value, places)
        return entry_view(self.program, value, places)

    def _check_places(self, entry: Entry, stored: Stored) -> None:
        """Note what is read without a range condition around it, and may lie outside of the array.

        Raises EmitError when it certainly does.
        """
        for axis in stored.axes:
            place, size = sympy.expand(entry.indices[axis]), sympy.expand(entry.tensor.shape[axis])
            if isinstance(place, Index) or place in self.counters or ANYTHING in self.guards:
                continue
            if (place, size) in self.guards:
                continue
            bounds = bounds_of(place)
            if bounds is None:
                continue  # not affine, which is refused where it is read
            lowest, highest = bounds
            for counter in place.free_symbols & self.counters.keys():
                ends = (S.Zero, self.counters[counter] - 1)
                lowest = lowest.xreplace({counter: ends[int(place.coeff(counter).is_negative)]})
                highest = highest.xreplace({counter: ends[int(not place.coeff(counter).is_negative)]})
            lowest, highest = sympy.expand(lowest), sympy.expand(highest)
            highest = upper_bound(highest, whole=True)
            if lowest.is_negative or (highest - size).is_nonnegative:
                raise EmitError(f"{entry} is read outside of {entry.tensor.name}, and nothing says what it is there")
            if not (lowest.is_nonnegative and upper_bound(highest - size + 1).is_nonpositive):
                self.requirements[Requirement(entry.tensor.name, lowest, highest, size)] = None

    @contextmanager
    def guarded(self, factors: Sequence[Expr]) -> Iterator[None]:
        """What is read inside may lie outside of its array where one of the factors is zero there."""
        before = list(self.guards)
        for factor in factors:
            if isinstance(factor, Inside):
                self.guards.append((factor.position, sympy.expand(factor.length)))
            elif isinstance(factor, Bracket | Delta):
                self.guards.append(ANYTHING)
        try:
            yield
        finally:
            self.guards = before

    def _at_step(self, value: Value, places: list[Expr]) -> tuple[Value, list[Expr]]:
        """Places some steps away from the current one, with zeros where they leave the array."""
        for axis, place in enumerate(places):
            for counter in place.free_symbols & self.counters.keys():
                size = self.counters[counter]
                last = place.xreplace({counter: size - 1})
                first = place.xreplace({counter: S.Zero})
                if place != counter and not place.atoms(Index):
                    rows = value.arguments[0] if isinstance(value.operation, Slice) and axis == 0 else value
                    if isinstance(rows.operation, Looped) and abs(place - counter) <= rows.operation.loop.spare:
                        # Rows before the first and behind the last are there, and zero.
                        value = rows
                        continue
                    lowest, highest = (first, last) if sympy.expand(last - first).is_nonnegative else (last, first)
                    value, moved = padded(program=self.program, value=value, axis=axis, lowest=lowest, highest=highest)
                    places[axis] = sympy.expand(place + moved)
        return value, places

    def without_guards(self, factors: Sequence[Expr]) -> list[Expr]:
        """The factors without range conditions that an entry among them brings along: outside, it reads as zero."""
        read = {
            (sympy.expand(entry.indices[axis]), sympy.expand(entry.tensor.shape[axis]))
            for entry in factors_read(factors)
            if entry.tensor in self.arrays
            for axis in self.arrays[entry.tensor].axes
        }
        return [
            factor
            for factor in factors
            if not isinstance(factor, Inside)
            or (factor.position, sympy.expand(factor.length)) not in read
            or divides_at(factors, factor.position)
        ]
