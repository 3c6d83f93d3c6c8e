"""Networks and a small reverse sweep for the tests of the emitter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Tensor, tensors, total
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import substitute_indices


@dataclass(frozen=True)
class PlainAdjoint:
    of: Tensor
    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any


def plain_adjoints(network: Any) -> tuple[PlainAdjoint, ...]:
    """The adjoint of every value that leads to the loss, straight from the rules, in normal form."""
    found: dict[Tensor, PlainAdjoint] = {}
    wanted = [*reversed([e.tensor for e in network.equations])]
    wanted += [t for t in network.all_tensors if t not in wanted]
    for tensor in wanted:
        indices = tuple(Index("ijklpq"[a], d).fresh() for a, d in enumerate(tensor.shape))
        entry = tensor.entry(*indices)
        parts: Any = sympy.Integer(1) if tensor == network.loss else sympy.Integer(0)
        for equation in network.equations:
            if tensor not in tensors(equation.formula) or equation.tensor not in found:
                continue
            outer = {i: i.fresh() for i in equation.indices}
            formula = substitute_indices(equation.formula, outer)
            places = [outer[i] for i in equation.indices]
            above = Entry(found[equation.tensor].tensor, *places)
            parts += total(above * differentiate(formula, entry), *places)
        normalizer = Normalizer(network.facts)
        formula = normalizer.formula(normalizer.normal(parts))
        if formula == 0:
            continue
        found[tensor] = PlainAdjoint(tensor, Tensor("∂" + tensor.name, tensor.shape), indices, formula)
    return tuple(found.values())
