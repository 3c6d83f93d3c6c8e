"""Deriving gradients: reverse sweep, lemmas, folding, steps, second derivatives."""

from __future__ import annotations

from dataclasses import replace

from symnn.derive.derivation import Adjoint, Block, Derivation, SecondOrder, Step, Tangent
from symnn.derive.hessian import hessian, hessian_columns
from symnn.derive.second import free_of_facts, second_order
from symnn.derive.sweep import DeriveError
from symnn.derive.sweep import derive as first_order
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network

__all__ = [
    "Adjoint", "Block", "Derivation", "DeriveError", "SecondOrder", "Step", "Tangent", "derive", "free_of_facts",
    "hessian", "second_order",
]  # fmt: skip


def derive(network: Network, wrt: tuple[Tensor, ...] | None = None, *, order: int = 1) -> Derivation:
    """Derive the gradient of the loss for every parameter (or for `wrt`); with ``order=2`` also the Hessian.

    Raises DeriveError when the loss does not depend on a parameter.

    >>> from symnn.network.arrays import tensor
    >>> from symnn.network.build import Draft
    >>> w, x, y = tensor("w", "n"), tensor("x", "n"), tensor("y")
    >>> draft = Draft(); L = draft.define("L", (w @ x - y) ** 2)
    >>> derivation = derive(draft.network(inputs=["x"], targets=["y"]))
    >>> derivation.adjoint("w").formula
    2*(-y + total(j, w[j]*x[j]))*x[i]
    """
    if wrt is not None:
        network = network.with_(parameters=wrt)
    if order == 1:
        return first_order(network)
    derivation = first_order(free_of_facts(network))
    second = second_order(derivation)
    return replace(derivation, second=replace(second, columns=hessian_columns(derivation, second)))
