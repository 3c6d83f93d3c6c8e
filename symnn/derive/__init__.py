"""Deriving gradients: reverse sweep, lemmas, folding, steps, second derivatives."""

from __future__ import annotations

from dataclasses import replace

from symnn.derive.derivation import Adjoint, Derivation, Step
from symnn.derive.second import SecondOrder, hessian, second_order
from symnn.derive.sweep import DeriveError
from symnn.derive.sweep import derive as first_order
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network

__all__ = ["Adjoint", "Derivation", "DeriveError", "SecondOrder", "Step", "derive", "hessian", "second_order"]


def derive(network: Network, wrt: tuple[Tensor, ...] | None = None, *, order: int = 1) -> Derivation:
    """Derive the gradient of the loss for every parameter (or for `wrt`); with ``order=2`` also the tangents.

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
    derivation = first_order(network)
    return replace(derivation, second=second_order(derivation)) if order == 2 else derivation
