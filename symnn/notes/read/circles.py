"""Circles in definitions: a name that needs itself, directly or through others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnn.notes.read.shapes.terms import Variable

if TYPE_CHECKING:
    from symnn.notes.read.definitions import Defined, Reading


def find_circle(reading: Reading) -> list[Defined]:
    """One circle of definitions that no shift of an index breaks, or an empty list."""
    defined = {item.variable: item for item in reading.defined}
    needs = {
        item.variable: [v for v in reading.model.needed(item.variable) if v in defined] for item in reading.defined
    }
    state: dict[Variable, int] = {}
    for root in defined:
        if root in state:
            continue
        path: list[Variable] = []
        stack: list[tuple[Variable, int]] = [(root, 0)]
        while stack:
            variable, place = stack.pop()
            if place == 0:
                state[variable] = 1
                path.append(variable)
            following = needs[variable]
            if place < len(following):
                stack.append((variable, place + 1))
                other = following[place]
                if state.get(other) == 1:
                    return [defined[v] for v in path[path.index(other) :]]
                if other not in state:
                    stack.append((other, 0))
            else:
                state[variable] = 2
                path.pop()
    return []
