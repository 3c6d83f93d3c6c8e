"""Lemmas: the adjoint of an operator's argument, derived once and instantiated wherever the operator is used.

For softmax: ``dx[j] = y[j] (g[j] - sum_i g[i] y[i])``, where ``g`` is the adjoint of the result ``y``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Expr

from symnn.derive.elementwise import through_lemmas
from symnn.derive.fold import Folded, fold, name_definition
from symnn.formula.application import Definition, NamedFormula, axis_indices
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor, tensors, total
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, simplest
from symnn.formula.substitute import inline, substitute_indices
from symnn.network.hoist import flattened

UPSTREAM = ("g", "v", "w", "u", "upstream")


@dataclass(frozen=True)
class OperatorLemma:
    """``adjoint of parameter[indices] = formula``, in the operator's own names and the upstream gradient ``g``.

    `stages` holds the adjoints of the intermediate values, from the result back, before they were put together.
    """

    definition: Definition
    parameter: Tensor
    indices: tuple[Index, ...]
    formula: Expr
    folded: Folded
    stages: tuple[NamedFormula, ...]

    @property
    def upstream(self) -> Tensor:
        return upstream_of(self.definition)


def upstream_of(definition: Definition) -> Tensor:
    """The tensor that stands for the adjoint of the operator's result, under a name that the operator does not use."""
    taken = {t.name for t in definition.parameters} | {step.tensor.name for step in flattened(definition).steps}
    name = next(name for name in UPSTREAM if name not in taken)
    return Tensor(name, definition.result.tensor.shape)


@dataclass(frozen=True)
class Contribution:
    """What one equation adds to an adjoint; `folded` tells whether the equation's own name was used in it."""

    formula: Any
    folded: bool


def vector_jacobian(upstream: Any, equation: Any, of: Tensor, indices: tuple[Index, ...]) -> Contribution:
    """``sum_i upstream[i] d equation[i] / d of[indices]``, with deltas eliminated."""
    renamed = {old: old.fresh() for old in equation.indices}
    own = tuple(renamed.values())
    formula = substitute_indices(equation.formula, renamed)
    derivative = differentiate(formula, of.entry(*indices), through_lemmas)
    named = derivative
    if equation.tensor not in tensors(formula):
        named = name_definition(derivative, NamedFormula(equation.tensor, own, formula))
    weight = upstream.entry(*own) if isinstance(upstream, Tensor) else upstream
    return Contribution(eliminate_deltas(total(weight * named, *own)), named != derivative)


@lru_cache(maxsize=256)
def operator_lemma(definition: Definition, place: int) -> OperatorLemma:
    """Derive the lemma for one parameter: a reverse sweep over the operator's own equations, then folding."""
    definition = flattened(definition)
    parameter = definition.parameters[place]
    steps = definition.steps
    adjoints: dict[Tensor, NamedFormula] = {}
    upstream = upstream_of(definition)
    result = definition.result
    stages = []
    for target in (*reversed([s.tensor for s in definition.lets]), parameter):
        indices = axis_indices(target.shape)
        formula: Any = 0
        for step in steps:
            if target not in tensors(step.formula):
                continue
            weight = upstream if step.tensor == result.tensor else adjoints[step.tensor].tensor
            formula = formula + vector_jacobian(weight, step, target, indices).formula
        formula = simplest(candidates(Normalizer(), formula))
        stage = NamedFormula(Tensor("∂" + target.name, target.shape), indices, formula)
        adjoints[target] = stage
        stages.append(stage)
    whole = adjoints[parameter].formula
    for stage in reversed(stages[:-1]):
        whole = inline(whole, stage.tensor, stage.indices, stage.formula)
    folded = fold(eliminate_deltas(whole), steps)
    return OperatorLemma(definition, parameter, adjoints[parameter].indices, folded.formula, folded, tuple(stages))
