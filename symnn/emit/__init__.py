"""From formulas to NumPy: one readable module for a network and its gradients.

The way: the equations of the network and of its adjoints (`plan`), made safe in floating point by proven laws
(`laws`), lowered to whole-array operations (`lower`, `contract`, `program`), written as statements (`code`,
`functions`) and put into the shape of a module (`module`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnn.emit.errors import EmitError

if TYPE_CHECKING:
    from symnn.formula.nodes import Tensor
    from symnn.network.batch import Reduction
    from symnn.network.equations import Network

__all__ = ["EmitError", "emit"]


def emit(network: Network, *, reduction: Reduction = "mean", hvp: bool = False) -> str:
    """The network and its gradients as the text of one Python module that imports NumPy only.

    The module has ``forward``, ``backward`` and ``value_and_grad``; run as a script it checks itself. Data may have a
    leading batch axis, over which the loss is reduced by `reduction`. With `hvp` it also has ``hvp``, the product of
    the Hessian with a direction in the parameters. Raises EmitError when something has no NumPy form, and what the
    derivation raises.

    >>> from symnn.network.arrays import tensor
    >>> from symnn.network.build import Draft
    >>> draft = Draft()
    >>> L = draft.define("L", (tensor("w") * tensor("x") - tensor("t")) ** 2)
    >>> "return loss, cache" in emit(draft.network(inputs=["x"], targets=["t"]))
    True
    """
    from symnn.derive import derive, free_of_facts, second_order
    from symnn.emit.module import render
    from symnn.emit.plan import plan_of
    from symnn.emit.prediction import plan_in_use
    from symnn.emit.stable import stable
    from symnn.emit.steep import Sharpener
    from symnn.network.batch import batched

    has_data = bool(network.inputs or network.targets)
    whole = batched(network, reduction) if has_data else network
    if hvp:
        whole = free_of_facts(whole)
    derivation = derive(whole)
    per_sample = whole.tensor(network.loss.name) if reduction == "none" else None
    second = second_order(derivation, _free_parameters(derivation.network)) if hvp else None
    plan = plan_of(derivation.network, derivation.adjoints, per_sample, second)
    in_use = plan_in_use(derivation.network)
    sharpener = Sharpener()
    trained = stable(plan, sharpener)
    return render(trained, network, reduction, None if in_use is None else stable(in_use, sharpener))


def _free_parameters(network: Network) -> tuple[Tensor, ...]:
    """The parameters that are neither data nor computed: those that a direction may move."""
    fixed = {*network.inputs, *network.targets, *(e.tensor for e in network.equations)}
    found = tuple(p for p in network.parameters if p not in fixed)
    if not found:
        raise EmitError("there is no parameter, so there is no Hessian: every tensor is data or computed")
    return found
