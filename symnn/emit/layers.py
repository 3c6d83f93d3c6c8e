"""Families whose parts have different shapes: lists of arrays, and loops over the layers.

A layer is computed from its own arrays, those of its neighbours and what is there once, so nothing has to know how long
the longest layer is. What is different at the first or at the last layer, ``[l = 0] x + [l > 0] a[l - 1]``, becomes an
``if`` of the code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Mul, S

from symnn.emit.axes import align
from symnn.emit.errors import EmitError
from symnn.emit.operations import Branch, Fill, Loop, Value
from symnn.emit.plan import Assignment
from symnn.emit.reader import Stored
from symnn.emit.recurrences import Recurrence, by_need, ordered, shifts_and_needs, step_axes
from symnn.formula.contraction import solve_for
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Elementwise, Entry, Inside, Tensor, entries
from symnn.formula.substitute import substitute_indices, transform
from symnn.network.equations import Equation, recurrent_groups
from symnn.network.widths import Widths, layer_axis

if TYPE_CHECKING:
    from symnn.emit.lower import Lowering

NO_SIZE = "the number of entries of a layer is needed, and layers differ in it"


def is_list(tensor: Tensor, widths: Widths | None) -> bool:
    """Whether the parts of a tensor have different shapes, so that it is a list of arrays."""
    return widths is not None and widths.longest in tensor.shape and _axis(tensor, widths) is not None


def _axis(tensor: Tensor, widths: Widths) -> int | None:
    return layer_axis(tensor, tensor.rank, widths.layers)


def sequenced_by_layer(assignments: Sequence[Assignment], widths: Widths) -> list[Assignment | Recurrence]:
    """The assignments in an order in which they can be computed; those of layers in loops, as few as possible.

    Raises EmitError for a circle that is no recurrence along the layers, and for sums over layers.
    """
    groups = recurrent_groups([Equation(a.tensor, a.indices, a.formula) for a in assignments])
    items: list[Assignment | Recurrence] = []
    done: set[Tensor] = set()
    for assignment in assignments:
        if assignment.tensor in done:
            continue
        group = next((g for g in groups if assignment.tensor in g), frozenset([assignment.tensor]))
        members = [a for a in assignments if a.tensor in group]
        done |= group
        if len(members) > 1 or assignment.tensor in set().union(*groups) or is_list(assignment.tensor, widths):
            items.append(_loop(members, group, widths))
        else:
            items.append(assignment)
    return _joined(ordered(items))


def _loop(members: Sequence[Assignment], group: frozenset[Tensor], widths: Widths) -> Recurrence:
    axes = {member.tensor: _axis(member.tensor, widths) for member in members}
    if any(axis is None or not is_list(tensor, widths) for tensor, axis in axes.items()):
        axes = dict(step_axes(list(members), group))
    known = {tensor: axis for tensor, axis in axes.items() if axis is not None}
    shifts, needs = shifts_and_needs(members, known, group, "layers away", "the layers")
    backward = bool(shifts) and max(shifts) > 0
    return Recurrence(tuple(by_need(members, needs)), known, widths.layers, backward, 0, by_layer=True)


def _joined(items: Sequence[Assignment | Recurrence]) -> list[Assignment | Recurrence]:
    """The items with neighbouring loops as one, where the second needs only what the first has at the same layer."""
    made: list[Assignment | Recurrence] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Recurrence) and isinstance(last, Recurrence) and _fits(item, last):
            backward = last.backward or item.backward
            both = (*last.assignments, *item.assignments)
            made[-1] = replace(last, assignments=both, axes={**last.axes, **item.axes}, backward=backward)
        else:
            made.append(item)
    return made


def _fits(item: Recurrence, last: Recurrence) -> bool:
    if not (item.by_layer and last.by_layer):
        return False
    own = {tensor for member in item.assignments for tensor in (member.tensor,)}
    if _shifts(item, own) and _shifts(last, set(last.axes)) and item.backward != last.backward:
        return False
    for member in item.assignments:
        step = member.indices[item.axes[member.tensor]]
        for entry in entries(member.formula):
            if entry.tensor in last.axes and entry.indices[last.axes[entry.tensor]] != step:
                return False
    return True


def _shifts(item: Recurrence, own: set[Tensor]) -> bool:
    """Whether a loop looks at what it computed for another layer."""
    return any(
        entry.indices[item.axes[entry.tensor]] != member.indices[item.axes[member.tensor]]
        for member in item.assignments
        for entry in entries(member.formula)
        if entry.tensor in own
    )


# -- lowering -----------------------------------------------------------------------------------------------------------


def lower_layers(lowering: Lowering, group: Recurrence, names: Mapping[Tensor, str]) -> dict[Tensor, Stored]:
    """Lower assignments that are computed layer by layer, and remember the lists of arrays.

    Raises EmitError for what has no NumPy form without the size of a layer.
    """
    program, reader = lowering.program, lowering.reader
    first = group.assignments[0]
    counter = sympy.Dummy(first.indices[group.axes[first.tensor]].name, integer=True, nonnegative=True)
    reader.counters[counter] = group.size
    carried: list[Value] = []
    for member in group.assignments:
        axis = group.axes[member.tensor]
        others = [place for place in range(member.tensor.rank) if place != axis]
        rest = [member.tensor.shape[place] for place in others]
        leaf = program.leaf(f"{member.tensor.name} {counter.dummy_index}", (group.size, *rest))
        lowering.arrays[member.tensor] = Stored(leaf, (axis, *others))
        carried.append(leaf)
        reader.lists.add(member.tensor)
        reader.carried[member.tensor] = axis
    steps: list[Value] = []
    for member in group.assignments:
        axis = group.axes[member.tensor]
        formula = substitute_indices(member.formula, {member.indices[axis]: counter})
        indices = tuple(index for place, index in enumerate(member.indices) if place != axis)
        lowering.prefer = indices
        sizes = _sizes(lowering, member, {axis: counter})
        value = _lowered(lowering, formula, counter, group.size, indices, sizes)
        reader.steps[member.tensor] = (counter, Stored(value, tuple(member.indices.index(i) for i in indices)))
        steps.append(value)
    own = tuple(names[member.tensor] for member in group.assignments)
    loop = Loop(counter, group.size, group.backward, 0, own, tuple(carried), tuple(steps), by_layer=True)
    for member, value in zip(group.assignments, program.looped(loop), strict=True):
        del reader.carried[member.tensor], reader.steps[member.tensor]
        lowering.arrays[member.tensor] = Stored(value, lowering.arrays[member.tensor].axes)
    return {member.tensor: lowering.arrays[member.tensor] for member in group.assignments}


def _sizes(lowering: Lowering, member: Assignment, places: Mapping[int, Any]) -> tuple[Any, ...] | None:
    """The sizes of a part of what is assigned; None where they are not known."""
    widths = lowering.widths
    if widths is None or member.tensor.name not in widths.axes:
        return None
    at = [places.get(axis, S.Zero) for axis in range(member.tensor.rank)]
    return tuple(size for axis, size in enumerate(widths.sizes(member.tensor, at)) if axis not in places)


def _lowered(
    lowering: Lowering,
    formula: Any,
    counter: Any,
    size: Expr,
    indices: Sequence[Index],
    sizes: tuple[Any, ...] | None = None,
) -> Value:
    """The array of a formula over exactly these indices, with an ``if`` for what is different at one layer.

    `sizes` are those of the array, for a value that is the same along all axes. Raises EmitError where they are needed and
    not known.
    """
    guards = _guards(formula, counter)
    if guards:
        part = _smallest(formula, counter)
        place = _place(guards[0], counter, size)
        free = tuple(sorted((i for i in part.free_symbols if isinstance(i, Index)), key=lambda i: i.sort_name))
        whole = part == formula and set(free) <= set(indices)
        free = tuple(indices) if whole else free
        there, elsewhere = (_resolved(part, counter, size, place, holds) for holds in (True, False))
        own = sizes if whole else None
        both = tuple(_lowered(lowering, branch, counter, size, free, own) for branch in (there, elsewhere))
        chosen = Tensor(f"chosen {sympy.Dummy().dummy_index}", tuple(index.dimension for index in free))
        value = lowering.program.make(Branch(counter, place), both, both[1].shape, "float")
        lowering.arrays[chosen] = Stored(value, tuple(range(len(free))))
        entry = chosen.entry(*free)
        if whole:
            return value
        formula = transform(formula, lambda node: entry if node == part else None)
        return _lowered(lowering, formula, counter, size, indices, sizes)
    with lowering.reader.guarded([Delta(counter)]):
        result = lowering.value(formula)
    if set(result.axes) != set(indices):
        if sizes is None or result.axes:
            raise EmitError(NO_SIZE)
        return lowering.program.make(Fill(sizes), (result.value,), tuple(i.dimension for i in indices), "float")
    return lowering.program.cast(align(lowering.program, result, tuple(indices)))


def _guards(formula: Any, counter: Any) -> list[Any]:
    """The conditions on the layer, in a fixed order."""
    found = {node for node in formula.atoms(Delta, Inside) if counter in node.free_symbols}
    if any(node.atoms(Index) for node in found):
        raise EmitError("a condition on a layer and an index at once has no NumPy form")
    return sorted(found, key=str)


def _smallest(formula: Any, counter: Any) -> Any:
    """The smallest part of a formula that holds all conditions on the layer and what they are factors of."""
    while True:
        if isinstance(formula, Tensor | Elementwise | Entry | Delta | Inside):
            return formula
        inside = [part for part in formula.args if part.has(Delta, Inside) and _guards(part, counter)]
        if len(inside) != 1 or isinstance(inside[0], Delta | Inside) or not isinstance(inside[0], Expr):
            return formula
        factors = Mul.make_args(inside[0])
        if formula.is_Add and any(isinstance(f, Delta | Inside) and counter in f.free_symbols for f in factors):
            return formula  # a term that is missing at some layers
        formula = inside[0]


def _place(guard: Any, counter: Any, size: Expr) -> Expr:
    """The one layer at which a condition holds, or at which it does not: the first or the last."""
    if isinstance(guard, Delta):
        place = solve_for(guard.difference, counter)
    elif sympy.expand(guard.length - size) == 0:
        place = {-1: S.Zero, 1: sympy.expand(size - 1)}.get(guard.position - counter)
    else:
        place = None
    if place is None:
        raise EmitError(f"the condition {guard} on a layer has no NumPy form")
    return place


def _resolved(formula: Any, counter: Any, size: Expr, place: Expr, holds: bool) -> Any:
    """The formula at one layer, or at all others."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Delta | Inside) and counter in node.free_symbols and _place(node, counter, size) == place:
            return S.One if isinstance(node, Delta) == holds else S.Zero
        return None

    found = transform(formula, visit)
    return Mul(found, evaluate=True) if found is not S.Zero else S.Zero


__all__ = ["NO_SIZE", "is_list", "lower_layers", "sequenced_by_layer"]
