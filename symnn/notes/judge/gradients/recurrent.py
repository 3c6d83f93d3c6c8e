r"""Derivatives through recurrences: names that depend on themselves at another place of their first axis.

The derivative of a number ``L`` by the members of a recurrence is an array of its own, defined by a recurrence that runs
the other way: for ``h_t = tanh(a_t)``, ``a_t = W x_t + U h_{t-1}`` it is ``dL/dh[t] = \ldots + Uᵀ dL/da[t+1]``. Nothing is unrolled.
See Werbos, "Backpropagation through time: what it does and how to do it" (1990), section II.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import sympy
from sympy import S

from symnn.formula.application import NamedFormula
from symnn.formula.nodes import Entry, Inside, Tensor, entries, tensors


class Recurrences:
    """The circles of a set of definitions.

    `direction` says for each member whether it is made from earlier (-1) or later (1) entries; a member of a circle that is
    neither is in `odd`, and no derivative is taken through it.
    """

    def __init__(self, equations: Mapping[Tensor, NamedFormula]) -> None:
        self.direction: dict[Tensor, int] = {}
        self.odd: set[Tensor] = set()
        for circle in circles(equations):
            step = _direction(circle, equations)
            if step == 0:
                self.odd |= circle
            self.direction.update(dict.fromkeys(circle, step))

    def __contains__(self, tensor: object) -> bool:
        return tensor in self.direction


def circles(equations: Mapping[Tensor, NamedFormula]) -> list[frozenset[Tensor]]:
    """The sets of names that depend on each other."""
    below = {tensor: tensors(equation.formula) & equations.keys() for tensor, equation in equations.items()}
    reach = {tensor: _reached(tensor, below) for tensor in equations}
    found: dict[frozenset[Tensor], None] = {}
    for tensor in equations:
        if tensor in reach[tensor]:
            found.setdefault(frozenset(other for other in reach[tensor] if tensor in reach[other]))
    return list(found)


def _reached(tensor: Tensor, below: Mapping[Tensor, Iterable[Tensor]]) -> set[Tensor]:
    seen: set[Tensor] = set()
    stack = list(below[tensor])
    while stack:
        top = stack.pop()
        if top not in seen:
            seen.add(top)
            stack.extend(below[top])
    return seen


def _direction(circle: frozenset[Tensor], equations: Mapping[Tensor, NamedFormula]) -> int:
    """-1 or 1 where all references inside a circle go one step back or forth, or none; else 0."""
    steps = set()
    for tensor in circle:
        equation = equations[tensor]
        for entry in entries(equation.formula):
            if entry.tensor in circle:
                if not equation.indices or not entry.indices:
                    return 0
                steps.add(sympy.expand(entry.indices[0] - equation.indices[0]))
    if steps <= {S.Zero, S.NegativeOne}:
        return -1
    return 1 if steps <= {S.Zero, S.One} else 0


def places_of(formula: Any, tensor: Tensor) -> list[Any]:
    """The first indices at which a tensor stands in a formula."""
    return sorted({entry.indices[0] for entry in entries(formula) if entry.tensor == tensor}, key=str)


@lru_cache(maxsize=256)
def beside(formula: Any) -> frozenset[tuple[Any, Any]]:
    """The places beside their axes at which a formula may look, each with the length of its axis: ``a[t + 1]``.

    What a range condition in the same product keeps inside is left out.
    """
    found: set[tuple[Any, Any]] = set()

    def visit(node: Any, held: frozenset[tuple[Any, Any]]) -> None:
        if isinstance(node, Entry):
            for place, size in zip(node.indices, node.tensor.shape, strict=True):
                if Inside(place, size) is not S.One and (sympy.expand(place), size) not in held:
                    found.add((sympy.expand(place), size))
        if isinstance(node, sympy.Mul):
            held = held | {(factor.position, factor.length) for factor in node.args if isinstance(factor, Inside)}
        for below in getattr(node, "args", ()):
            visit(below, held)

    visit(formula, frozenset())
    return frozenset(found)
