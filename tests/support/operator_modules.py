"""The emitted module of an operator, and its arguments as arrays."""

from __future__ import annotations

import functools
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from operator_points import weight

from symnn.declare import Operator, registry
from symnn.emit import emit
from symnn.formula.evaluate import Assignment, positions
from symnn.formula.nodes import Tensor
from symnn.network.arrays import expression
from symnn.network.arrays import total as summed
from symnn.network.build import Draft
from symnn.network.equations import Network


def network_of(operator: Operator) -> Network:
    """The operator on parameters; its result is weighed and summed."""
    draft = Draft()
    constants = {c.name: c.symbol for c in operator.constants}
    result = draft.define("result", operator(*map(expression, operator.parameters), **constants))
    scale = Tensor(weight(operator).name, result.shape)
    draft.define("loss", summed(result * expression(scale)))
    return draft.network(inputs=[scale.name])


@functools.cache
def module_of(name: str) -> ModuleType:
    """The module of `network_of` for the operator of this name, written once."""
    operator = registry.find(name)
    assert operator is not None
    module = ModuleType(name)
    exec(compile(emit(network_of(operator), hvp=True), name, "exec"), module.__dict__)  # noqa: S102
    return module


def rounded(numbers: Assignment) -> Assignment:
    """The same with every number as a float, exactly what the module is given."""
    values = {t: {p: Fraction(float(v)) for p, v in entries.items()} for t, entries in numbers.values.items()}
    scalars = {s: Fraction(float(v)) for s, v in numbers.scalars.items()}
    return Assignment(numbers.dimensions, values, scalars)


def array_of(numbers: Assignment, tensor: Tensor) -> np.ndarray[Any, Any]:
    """The entries of a tensor."""
    shape = numbers.shape(tensor)
    return np.array([float(numbers.values[tensor][place]) for place in positions(shape)]).reshape(shape)


def constants_of(operator: Operator, numbers: Assignment) -> dict[str, Any]:
    """The constants of an operator by name."""
    return {
        c.name: numbers.dimensions[c.symbol] if c.whole else float(numbers.scalars[c.symbol])
        for c in operator.constants
    }


def value_and_grad(operator: Operator, numbers: Assignment) -> tuple[Any, dict[str, Any]]:
    """What the module computes from the numbers."""
    params = {p.name: array_of(numbers, p) for p in operator.parameters}
    constants = constants_of(operator, numbers)
    loss, gradients = module_of(operator.name).value_and_grad(params, array_of(numbers, weight(operator)), **constants)
    return loss, gradients
