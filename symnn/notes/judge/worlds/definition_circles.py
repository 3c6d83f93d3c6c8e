"""Definitions that go round in a circle: a value that needs itself at the same index."""

from __future__ import annotations

from collections.abc import Mapping

from symnn.formula.application import NamedFormula
from symnn.formula.nodes import Tensor, entries

DEEPEST = 200


def why_circular(equations: Mapping[Tensor, NamedFormula], tensor: Tensor | None) -> str:
    """Why the definition of a tensor cannot be meant as it is read; "" where nothing is wrong with it."""
    from symnn.network.equations import shift_of

    if tensor is None or tensor not in equations:
        return ""
    for entry in entries(equations[tensor].formula):
        if entry.tensor == tensor and shift_of(entry, equations[tensor]) is None:
            return "it is defined through itself"
    return "the definitions go round in a circle" if _has_circle(equations, tensor, {}, 0) else ""


def _has_circle(equations: Mapping[Tensor, NamedFormula], tensor: Tensor, state: dict[Tensor, int], depth: int) -> bool:
    from symnn.network.equations import shift_of

    if depth > DEEPEST or state.get(tensor) == 1:
        return True
    if state.get(tensor) == 2:
        return False
    state[tensor] = 1
    equation = equations.get(tensor)
    if equation is not None:
        for entry in entries(equation.formula):
            if entry.tensor == tensor or shift_of(entry, equation) is not None:
                continue
            if _has_circle(equations, entry.tensor, state, depth + 1):
                return True
    state[tensor] = 2
    return False
