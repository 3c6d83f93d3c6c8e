"""What the body of a declaration may say besides its result: names for intermediate values, and states.

A *state* is kept from one step of training to the next, such as a running mean. The loss does not depend on it, so it
has no gradient. Once training is over, intermediate values may be taken from the states instead of the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from symnn.formula.application import Array, NamedFormula, StateUpdate, axis_indices
from symnn.formula.index import Index, as_formula, dimension
from symnn.formula.nodes import Tensor
from symnn.network.arrays import Expression, expression
from symnn.registry import DeclarationError


@dataclass
class Trace:
    """What a body has said so far. `outer` are indices that every value has in front."""

    outer: tuple[Index, ...] = ()
    steps: list[NamedFormula] = field(default_factory=list)
    latex: dict[str, str] = field(default_factory=dict)
    states: dict[str, Tensor] = field(default_factory=dict)
    starts: dict[str, Any] = field(default_factory=dict)
    updates: list[StateUpdate] = field(default_factory=list)
    in_use: list[NamedFormula] = field(default_factory=list)


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


@contextmanager
def traced(outer: tuple[Index, ...]) -> Iterator[Trace]:
    """Collect what the body says that runs inside of the block. Raises DeclarationError for a state without update."""
    trace = Trace(outer)
    token = _trace.set(trace)
    try:
        yield trace
    finally:
        _trace.reset(token)
    for name in trace.states.keys() - {update.tensor.name for update in trace.updates}:
        raise DeclarationError(f"the state {name} has no update")


def _tracing(what: str) -> Trace:
    trace = _trace.get()
    if trace is None:
        raise DeclarationError(f"{what} is only for the body of an operator")
    return trace


def let(name: str, value: Any, latex: str | None = None, in_use: Any = None) -> Expression:
    """Name an intermediate value of the operator that is being declared.

    The name is printed in derivations, and is the name of the variable in emitted code. `in_use` is what it is once
    training is over, in terms of states and constants, where that is something else.
    """
    trace = _tracing("let")
    _check_name(name, trace)
    array = expression(value).array
    tensor = Tensor(name, (*(i.dimension for i in trace.outer), *array.shape))
    trace.steps.append(NamedFormula(tensor, (*trace.outer, *array.indices), array.body))
    if in_use is not None:
        other = expression(in_use).array
        if other.shape != array.shape:
            raise DeclarationError(f"{name} has shape {array.shape}, but {other.shape} in use")
        trace.in_use.append(NamedFormula(tensor, (*trace.outer, *array.indices), other.at(*array.indices)))
    if latex is not None:
        trace.latex[name] = latex
    return rows_of(tensor, trace.outer)


def state(name: str, shape: str, start: Any, latex: str | None = None) -> Expression:
    """A value that is kept between steps of training, with what every entry of it is before the first one.

    What it becomes is said by `update`.
    """
    trace = _tracing("state")
    _check_name(name, trace)
    tensor = Tensor(name, shape_of(shape))
    trace.states[name], trace.starts[name] = tensor, as_formula(start)
    if latex is not None:
        trace.latex[name] = latex
    return rows_of(tensor, ())


def update(kept: Expression, value: Any) -> None:
    """Say what a state becomes in a step of training, in terms of itself before and of the values of the step."""
    trace = _tracing("update")
    tensor = kept.array.plain_tensor()
    if tensor is None or trace.states.get(tensor.name) != tensor:
        raise DeclarationError("only a state has an update")
    array = expression(value).array
    if array.shape != tensor.shape:
        raise DeclarationError(f"the state {tensor.name} has shape {tensor.shape}, but its update {array.shape}")
    if any(other.tensor == tensor for other in trace.updates):
        raise DeclarationError(f"the state {tensor.name} is updated twice")
    trace.updates.append(StateUpdate(tensor, array.indices, array.body, trace.starts[tensor.name]))


def _check_name(name: str, trace: Trace) -> None:
    if name in trace.states or any(step.tensor.name == name for step in trace.steps):
        raise DeclarationError(f"{name} is named twice")


def rows_of(tensor: Tensor, outer: tuple[Index, ...]) -> Expression:
    """A tensor at the given places on its first axes, as an array over the others."""
    own = axis_indices(tensor.shape[len(outer) :])
    return Expression(Array(own, tensor.entry(*outer, *own)))


def shape_of(annotation: str) -> tuple[Any, ...]:
    """The shape that an annotation such as ``"m n"`` or ``"3 n"`` says."""
    return tuple(dimension(int(part) if part.isdigit() else part) for part in annotation.split())
