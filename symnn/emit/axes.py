"""Values with named axes: which axis of an array belongs to which index of a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symnn.emit.operations import Value
from symnn.emit.program import Program
from symnn.formula.index import Index


@dataclass(frozen=True)
class Axed:
    """A value and the index that runs along each of its axes. An index that is not there is one along which nothing
    changes.
    """

    value: Value
    axes: tuple[Index, ...]


def union(operands: Iterable[Axed]) -> tuple[Index, ...]:
    """Every index of the operands, in order of appearance."""
    return tuple(dict.fromkeys(index for operand in operands for index in operand.axes))


def common_order(operands: Sequence[Axed], prefer: Sequence[Index]) -> tuple[Index, ...]:
    """An order of all axes that makes few transposes: that of an operand which has them all, else the preferred one."""
    everything = union(operands)
    complete = [operand.axes for operand in operands if len(operand.axes) == len(everything)]
    wanted = arranged(everything, prefer)
    if wanted in complete or not complete:
        return wanted
    return complete[0]


def arranged(axes: Iterable[Index], prefer: Sequence[Index]) -> tuple[Index, ...]:
    """The axes in the preferred order; those without a preference come last."""
    place = {index: number for number, index in enumerate(prefer)}
    return tuple(sorted(axes, key=lambda index: place.get(index, len(place))))


def align(program: Program, operand: Axed, order: Sequence[Index]) -> Value:
    """The operand as an array that broadcasts against one with exactly the axes `order`."""
    kept = [index for index in order if index in operand.axes]
    value = program.transpose(operand.value, [operand.axes.index(index) for index in kept])
    if value.rank == 0:
        return value
    first = next(number for number, index in enumerate(order) if index in operand.axes)
    missing = [number - first for number, index in enumerate(order) if number > first and index not in operand.axes]
    return program.expand(value, missing)


def elementwise(program: Program, name: str, operands: Sequence[Axed], prefer: Sequence[Index]) -> Axed:
    """A function of NumPy, entry by entry."""
    order = common_order(operands, prefer)
    return Axed(program.ufunc(name, *(align(program, o, order) for o in operands)), order)


def product(program: Program, operands: Sequence[Axed], prefer: Sequence[Index]) -> Axed:
    """The product of arrays, smallest first, so that few passes run over the largest."""
    ranked = sorted(operands, key=lambda operand: len(operand.axes))
    result = ranked[0]
    for operand in ranked[1:]:
        # The larger array stands first: it is the one whose memory can be used again.
        pair = (operand, result) if len(operand.axes) > len(result.axes) and result.axes else (result, operand)
        result = elementwise(program, "multiply", pair, prefer)
    return result
