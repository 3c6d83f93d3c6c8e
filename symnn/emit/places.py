"""An entry at index expressions as a view of its array.

Distinct indices name the axes; a repeated index is a diagonal; a number picks one position.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from symnn.emit.axes import Axed
from symnn.emit.errors import EmitError
from symnn.emit.program import Diagonal, Program, Value
from symnn.formula.index import Index


def entry_view(program: Program, value: Value, places: Sequence[Expr]) -> Axed:
    """The array of ``value[places]`` with its axes named by the indices in `places`.

    Raises EmitError for a place that is not understood.
    """
    fixed = [place for place in places if not place.atoms(Index)]
    if fixed:
        kept = [axis for axis, place in enumerate(places) if place.atoms(Index)]
        value = program.pick(value, [None if place.atoms(Index) else place for place in places])
        places = [places[axis] for axis in kept]
    names: list[Index] = []
    for place in places:
        if not isinstance(place, Index):
            raise EmitError(f"the index {place} is neither a plain index nor a number")
        names.append(place)
    while len(set(names)) < len(names):
        first = next(axis for axis, name in enumerate(names) if name in names[axis + 1 :])
        second = names.index(names[first], first + 1)
        rest = [axis for axis in range(len(names)) if axis not in (first, second)]
        shape = tuple(value.shape[axis] for axis in (*rest, first))
        value = program.make(Diagonal(first, second), (value,), shape, value.kind)
        names = [names[axis] for axis in (*rest, first)]
    return Axed(value, tuple(names))
