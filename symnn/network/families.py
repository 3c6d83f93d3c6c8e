"""Families: arrays of which a recurrence takes one part after the other, such as ``h_t`` for every step t.

The parts are told from the whole by the first axes, those along which the recurrence walks, or those whose index the
document itself writes (``Q_h`` for every head h). Whatever shares an index
with such an axis has one too: the inputs ``x_t``, the weights ``W^{(l)}`` of every layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Add, Expr, S

from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Inside, Tensor, entries, subformulas
from symnn.network.equations import Equation, Network, recurrent_groups, shift_of


def families(network: Network) -> dict[str, tuple[str, ...]]:
    """The tensors that are families, by name, with the letters of the axes that tell their parts apart.

    >>> from symnn.formula.index import dimension
    >>> from symnn.network.build import network_of
    >>> T = dimension("T"); t = Index("t", T); h, x = Tensor("h", (T,)), Tensor("x", (T,))
    >>> step = Equation(h, (t,), Tensor("u").entry() * Inside(t - 1, T) * h[t - 1] + x[t])
    >>> loss = Equation(Tensor("L"), (), h[T - 1] ** 2)
    >>> families(network_of([step, loss], inputs=["x"]))
    {'x': ('t',), 'h': ('t',)}
    """
    found: dict[tuple[Tensor, int], str] = {}
    for equation in network.equations:
        for axis in range(network.families.get(equation.name, 0)):
            found[equation.tensor, axis] = equation.indices[axis].name
    for group in recurrent_groups(network.equations):
        for equation in network.equations:
            if equation.tensor in group:
                found |= _walked(equation, group)
    while True:
        before = len(found)
        for equation in network.equations:
            _spread(equation, found)
        if len(found) == before:
            break
    letters: dict[str, tuple[str, ...]] = {}
    for tensor in network.all_tensors:
        own: list[str] = []
        while (tensor, len(own)) in found:
            own.append(found[tensor, len(own)])
        if own:
            letters[tensor.name] = tuple(own)
    return letters


def _walked(equation: Equation, group: frozenset[Tensor]) -> dict[tuple[Tensor, int], str]:
    """The axes along which an equation of a recurrence takes a step."""
    found = {}
    for entry in entries(equation.formula):
        shift = shift_of(entry, equation) if entry.tensor in group else None
        if shift is not None:
            index = equation.indices[shift[0]]
            found[equation.tensor, shift[0]] = index.name
            for position, place in enumerate(entry.indices):
                if index in place.atoms(Index):
                    found[entry.tensor, position] = index.name
    return found


def _spread(equation: Equation, found: dict[tuple[Tensor, int], str]) -> None:
    """Whatever has the index of a family on its first axis, or behind another family axis, is a family."""
    places: dict[Index, list[tuple[Tensor, int]]] = {}
    for entry in (equation.tensor.entry(*equation.indices), *entries(equation.formula)):
        for position, place in enumerate(entry.indices):
            only = place.atoms(Index)
            if len(only) == 1 and (place - next(iter(only))).is_Integer:
                places.setdefault(next(iter(only)), []).append((entry.tensor, position))
    for axes in places.values():
        known = next((found[axis] for axis in axes if axis in found), None)
        for tensor, position in axes if known is not None else ():
            if all((tensor, before) in found for before in range(position)):
                found.setdefault((tensor, position), str(known))


def starts(network: Network) -> dict[tuple[str, int], Tensor]:
    """What recurrences start from: by the name of a family and the step, the tensor in place of the part before.

    Of ``[t > 0] h[t-1] + [t = 0] h_0`` it is ``h_0``, for ``h`` and the step -1.
    """
    found: dict[tuple[str, int], Tensor] = {}
    for equation in network.equations:
        for node in subformulas(equation.formula):
            for guard, entry, step in guarded_terms(node) if isinstance(node, Add) else ():
                for start in {e.tensor for term in node.args for e in entries(term)} - {entry.tensor}:
                    if start.rank == entry.tensor.rank - 1 and in_place_of(guard, entry, step, start) in node.args:
                        found[entry.tensor.name, step] = start
    return found


def guarded_terms(formula: Add) -> Iterator[tuple[Expr, Entry, int]]:
    """The terms with a range condition and an entry that stands just there, and how far it lies from its index."""
    for term in formula.args:
        for guard in term.atoms(Inside):
            index = next(iter(guard.position.atoms(Index)), None)
            step = None if index is None else guard.position - index
            if step is not None and step.is_Integer:
                for entry in entries(term):
                    if entry.indices[:1] == (guard.position,) and entry.tensor.shape[0] == guard.length:
                        yield term, entry, int(step)


def in_place_of(term: Expr, entry: Entry, step: int, start: Tensor) -> Any:
    """The term that stands beside a guarded one where the recurrence starts: the start instead of the entry."""
    (index,) = entry.indices[0].atoms(Index)
    first = S.Zero if step < 0 else index.dimension - 1
    guard = Inside(entry.indices[0], entry.tensor.shape[0])
    swapped = term.xreplace({guard: Delta(index, first)})
    return swapped.xreplace({e: start.entry(*e.indices[1:]) for e in entries(term) if _same_part(e, entry)})


def _same_part(entry: Entry, other: Entry) -> bool:
    return entry.tensor == other.tensor and entry.indices[0] == other.indices[0]


__all__ = ["families", "guarded_terms", "in_place_of", "starts"]
