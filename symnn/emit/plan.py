"""What is computed, in order: the equations of the network and of its adjoints, ready for lowering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from symnn.derive.derivation import SecondOrder, adjoint_tensor, tangent_tensor
from symnn.emit.laws import Law
from symnn.emit.text import Named
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network

NEXT = "next "
"""Before the name of a state: its value after the step."""


class Adjoint(Named, Protocol):
    """An equation for the derivative of the loss with respect to `of`."""

    @property
    def of(self) -> Tensor: ...


@dataclass(frozen=True)
class Assignment:
    """``tensor[indices] = formula``. `note` is what the document writes for it, `hidden` that it writes nothing."""

    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any
    notes: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Plan:
    """The forward and the backward equations, and which adjoint is the gradient of which tensor.

    `loss` is the tensor that ``forward`` returns; `laws` are those whose functions occur in the formulas. `second` are
    the tangents of values and adjoints along a direction, and `products` says which of them is the product of the
    Hessian with the direction for which parameter; both are empty where no such products are wanted. `updates` are the
    next values of what is kept between steps of training. `outputs` are forward values that leave the module.
    """

    network: Network
    forward: tuple[Assignment, ...]
    backward: tuple[Assignment, ...]
    gradients: tuple[tuple[str, Tensor | None], ...]
    loss: Tensor
    laws: tuple[Law, ...] = ()
    second: tuple[Assignment, ...] = ()
    products: tuple[tuple[str, Tensor | None], ...] = ()
    updates: tuple[Assignment, ...] = ()
    outputs: tuple[Tensor, ...] = ()

    @property
    def wanted(self) -> set[Tensor]:
        """The tensors that leave the module."""
        results = (*self.gradients, *self.products)
        own = {update.tensor for update in self.updates}
        return {self.loss, *self.outputs, *own, *(tensor for _, tensor in results if tensor is not None)}

    @property
    def later(self) -> tuple[Assignment, ...]:
        """All that is computed after the forward pass, from what it keeps."""
        return (*self.backward, *self.second, *self.updates)


def next_tensor(state: Tensor) -> Tensor:
    """The next value of a state."""
    return Tensor(NEXT + state.name, state.shape)


def plan_of(
    network: Network, adjoints: Sequence[Adjoint], result: Tensor | None = None, second: SecondOrder | None = None
) -> Plan:
    """The plan of a network and its adjoints, as they are. ``forward`` returns `result`: the loss, unless given.

    With `second`, the products of the Hessian with a direction are computed for every parameter that it moves.
    """
    forward = tuple(Assignment(e.tensor, e.indices, e.formula, hidden=e.hidden) for e in network.equations)
    backward = tuple(Assignment(a.tensor, tuple(a.indices), a.formula) for a in adjoints)
    by_name = {a.of.name: a.tensor for a in adjoints}
    gradients = tuple((p.name, by_name.get(p.name)) for p in network.parameters)
    updates = tuple(Assignment(next_tensor(u.tensor), u.indices, u.formula) for u in network.updates)
    plan = Plan(network, forward, backward, gradients, result or network.loss, updates=updates)
    if second is None:
        return plan
    tangents = tuple(Assignment(t.tensor, t.indices, t.formula) for t in second.tangents)
    known = {t.tensor for t in tangents}
    found = {p.name: tangent_tensor(adjoint_tensor(p)) for p in second.along}
    products = tuple((name, tensor if tensor in known else None) for name, tensor in found.items())
    return replace(plan, second=tangents, products=products)
