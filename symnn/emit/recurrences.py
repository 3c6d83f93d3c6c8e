"""Equations that refer to each other in a circle: loops over the index that is shifted.

Equations of one circle are computed step by step, forwards in the direction in which they look back. What does not
depend on the circle is taken out of it first, so that it is computed for all steps by one matrix product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, Expr, Mul

from symnn.emit.errors import EmitError
from symnn.emit.plan import Assignment
from symnn.formula.index import Index
from symnn.formula.nodes import Binder, Elementwise, Entry, Inside, Tensor, Total, entries, subformulas, tensors
from symnn.formula.substitute import rebuild
from symnn.network.equations import Equation, recurrent_groups


@dataclass(frozen=True)
class Recurrence:
    """Assignments that are computed together, step by step.

    `axes` gives the axis of each tensor that the steps run along, `backward` whether the last step comes first, and
    `reach` how many steps back an assignment looks. `by_layer` says that the parts have different shapes.
    """

    assignments: tuple[Assignment, ...]
    axes: dict[Tensor, int]
    size: Expr
    backward: bool
    reach: int
    by_layer: bool = False


def sequenced(assignments: Sequence[Assignment], fresh: Callable[[str], str]) -> list[Assignment | Recurrence]:
    """The assignments in an order in which they can be computed, with circles as recurrences.

    `fresh` gives a name that is not taken. Raises EmitError for a circle that is no recurrence along one index.
    """
    groups = recurrent_groups([Equation(a.tensor, a.indices, a.formula) for a in assignments])
    if not groups:
        return list(assignments)
    made: list[Assignment | Recurrence] = []
    for assignment in assignments:
        group = next((g for g in groups if assignment.tensor in g), None)
        if group is None:
            made.append(assignment)
        elif all(not isinstance(m, Recurrence) or assignment.tensor not in m.axes for m in made):
            members = [a for a in assignments if a.tensor in group]
            before, recurrence = _recurrence(members, group, fresh)
            made += [*before, recurrence]
    return ordered(made)


def ordered(waiting: list[Assignment | Recurrence]) -> list[Assignment | Recurrence]:
    """Each after what it uses; otherwise in the given order. Raises EmitError where there is no such order."""
    waiting = list(waiting)
    defined = {tensor for item in waiting for tensor in _defines(item)}
    result: list[Assignment | Recurrence] = []
    done: set[Tensor] = set()
    while waiting:
        ready = next((item for item in waiting if (_uses(item) & defined) - _defines(item) <= done), None)
        if ready is None:
            raise EmitError("internal: the equations cannot be put in order")
        waiting.remove(ready)
        result.append(ready)
        done |= _defines(ready)
    return result


def _defines(item: Assignment | Recurrence) -> set[Tensor]:
    return set(item.axes) if isinstance(item, Recurrence) else {item.tensor}


def _uses(item: Assignment | Recurrence) -> set[Tensor]:
    if isinstance(item, Recurrence):
        return set().union(*(tensors(a.formula) for a in item.assignments))
    return set(tensors(item.formula))


def _recurrence(
    members: list[Assignment], group: frozenset[Tensor], fresh: Callable[[str], str]
) -> tuple[list[Assignment], Recurrence]:
    axes = step_axes(members, group)
    shifts, needs = shifts_and_needs(members, axes, group, "steps away", "the same index")
    shifts.discard(0)
    before: list[Assignment] = []
    inside: list[Assignment] = []
    for member in members:
        formula = _taken_out(member, member.indices[axes[member.tensor]], group, before, fresh)
        inside.append(replace(member, formula=formula))
    size = members[0].tensor.shape[axes[members[0].tensor]]
    backward = min(shifts) > 0
    return before, Recurrence(tuple(by_need(inside, needs)), axes, size, backward, max(map(abs, shifts)))


def shifts_and_needs(
    members: Sequence[Assignment], axes: Mapping[Tensor, int], group: frozenset[Tensor], away: str, along: str
) -> tuple[set[int], dict[Tensor, set[Tensor]]]:
    """How far the members of a loop look back or ahead, and which other members each of them needs at the same place.

    Raises EmitError where that is no constant number, or both back and ahead; `away` and `along` are its words.
    """
    shifts: set[int] = set()
    needs: dict[Tensor, set[Tensor]] = {member.tensor: set() for member in members}
    for member in members:
        step = member.indices[axes[member.tensor]]
        for entry in entries(member.formula):
            if entry.tensor in group:
                distance = entry.indices[axes[entry.tensor]] - step
                if not distance.is_Integer:
                    raise EmitError(f"{member.tensor.name} refers to {entry}: no constant number of {away}")
                shifts.add(int(distance))
                if distance == 0:
                    needs[member.tensor].add(entry.tensor)
    if shifts and min(shifts) < 0 < max(shifts):
        raise EmitError(f"{members[0].tensor.name} looks back and ahead along {along}")
    return shifts, needs


def step_axes(members: list[Assignment], group: frozenset[Tensor]) -> dict[Tensor, int]:
    """The axis of each tensor that is shifted somewhere; the same index runs along all of them."""
    axes: dict[Tensor, int] = {}
    steps: dict[Tensor, Index] = {}
    for member in members:
        for entry in entries(member.formula):
            for axis, place in enumerate(entry.indices if entry.tensor in group else ()):
                for own, index in enumerate(member.indices):
                    distance = place - index
                    if distance.is_Integer and distance != 0:
                        axes.setdefault(entry.tensor, axis)
                        axes.setdefault(member.tensor, own)
                        steps.setdefault(member.tensor, index)
    changed = True
    while changed:
        changed = False
        for member in members:
            for entry in entries(member.formula):
                if entry.tensor not in group:
                    continue
                if member.tensor in axes and entry.tensor not in axes:
                    step = member.indices[axes[member.tensor]]
                    if step in entry.indices:
                        axes[entry.tensor] = entry.indices.index(step)
                        changed = True
                elif entry.tensor in axes and member.tensor not in axes:
                    place = entry.indices[axes[entry.tensor]]
                    if place in member.indices:
                        axes[member.tensor] = member.indices.index(place)
                        changed = True
    missing = [tensor.name for tensor in group if tensor not in axes]
    sizes = {tensor.shape[axis] for tensor, axis in axes.items()}
    if missing or len(sizes) != 1:
        names = ", ".join(sorted(t.name for t in group))
        raise EmitError(f"{names} are defined through each other, but not step by step along one index")
    return axes


def by_need(members: Sequence[Assignment], needs: dict[Tensor, set[Tensor]]) -> list[Assignment]:
    """The assignments of one step, each after what it needs of the same step."""
    waiting, result = list(members), []
    done: set[Tensor] = set()
    while waiting:
        ready = next((m for m in waiting if needs[m.tensor] <= done), None)
        if ready is None:
            names = ", ".join(m.tensor.name for m in waiting)
            raise EmitError(f"{names} need each other within one step")
        waiting.remove(ready)
        result.append(ready)
        done.add(ready.tensor)
    return result


def _taken_out(
    member: Assignment, step: Index, group: frozenset[Tensor], before: list[Assignment], fresh: Callable[[str], str]
) -> Any:
    """The formula with sums that do not depend on the circle as entries of new tensors.

    A sum that is taken out takes along the range conditions beside it which say where it may be read.
    """

    def named(part: Any, guards: Sequence[Inside]) -> Any:
        places = {place for entry in entries(part) for place in entry.indices}
        part = Mul(*(guard for guard in guards if guard.position in places), part)
        free = {i for i in part.free_symbols if isinstance(i, Index)}
        indices = tuple(i for i in member.indices if i in free)
        if free - set(indices):
            return part
        tensor = Tensor(fresh(f"{member.tensor.name}_in"), tuple(i.dimension for i in indices))
        before.append(Assignment(tensor, indices, part, hidden=True))
        return tensor.entry(*indices)

    def visit(node: Any, guards: Sequence[Inside]) -> Any:
        if isinstance(node, Tensor | Elementwise | Entry | Index) or not node.args:
            return node
        if isinstance(node, Add):
            apart = [term for term in node.args if not tensors(term) & group]
            if _is_worth_it(Add(*apart), step) and len(apart) < len(node.args):
                rest = [visit(term, guards) for term in node.args if term not in apart]
                return Add(named(Add(*apart), guards), *rest)
        if isinstance(node, Binder):
            if not tensors(node) & group and _is_worth_it(node, step):
                return named(node, guards)
            return node
        if isinstance(node, Mul):
            guards = [*guards, *(factor for factor in node.args if isinstance(factor, Inside))]
        return rebuild(node, [visit(argument, guards) for argument in node.args])

    return visit(member.formula, ())


def _is_worth_it(part: Any, step: Index) -> bool:
    """Whether a part that changes from step to step holds a sum, which is better taken for all steps at once."""
    return step in part.free_symbols and any(isinstance(node, Total) for node in subformulas(part))
