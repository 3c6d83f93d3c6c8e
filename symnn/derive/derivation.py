"""Derivations as values: steps, adjoints, lemmas.

A step is one application of a rule, with the formula before and after; steps nest, so that a reader can open one. A
chain of steps starts at what a thing is by definition and ends at the form that is shown. The checker replays every
step; nothing here computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symnn.formula.index import Index
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network

ADJOINT = "∂"
TANGENT = "˙"


def adjoint_tensor(of: Tensor) -> Tensor:
    """The tensor that holds the adjoint of another: the same shape, the name with a ∂ in front."""
    return Tensor(ADJOINT + of.name, of.shape)


def tangent_tensor(of: Tensor) -> Tensor:
    """The tensor that holds the change of another along a direction: the same shape, the name with a dot in front."""
    return Tensor(TANGENT + of.name, of.shape)


@dataclass(frozen=True)
class Step:
    """``before = after`` by a rule.

    ================= ================================================= ==========================
    rule              what it says                                      uses
    ================= ================================================= ==========================
    chain rule        an adjoint is the sum over all uses of its value  (none)
    differentiate     unevaluated derivatives are carried out           (none)
    a primitive rule  one derivative rule at the node `at`              (none)
    algebra           equal as sums and rational functions              (none)
    definition        names replaced by their definitions, or back      names of tensors
    adjoint           an adjoint replaced by its value                  names of adjoints
    tangent rule      a tangent is the sum over all that moves          (none)
    tangent           a tangent replaced by its value                   names of tangents
    unit direction    a direction replaced by a unit one                names of tangents
    fact              a declared fact                                   positions of facts
    ================= ================================================= ==========================
    """

    rule: str
    before: Any
    after: Any
    uses: tuple[Any, ...] = ()
    at: tuple[int, ...] = ()
    says: str = ""


@dataclass(frozen=True)
class Adjoint:
    """``∂L/∂(of)[indices] = formula``, with the chain of steps that leads there."""

    of: Tensor
    tensor: Tensor
    indices: tuple[Index, ...]
    steps: tuple[Step, ...]
    fused: tuple[str, ...] = ()

    @property
    def formula(self) -> Any:
        return self.steps[-1].after

    @property
    def is_constant(self) -> bool:
        """Whether every entry is the same number or size, such as 1 or 1/B."""
        return not _tensors(self.formula) and not self.formula.atoms(Index)


@dataclass(frozen=True)
class Tangent:
    """``d(of)[indices] = formula`` along a direction in the parameters, with the chain of steps that leads there.

    `of` is a value of the network, or the tensor of an adjoint.
    """

    of: Tensor
    indices: tuple[Index, ...]
    steps: tuple[Step, ...]

    @property
    def tensor(self) -> Tensor:
        return tangent_tensor(self.of)

    @property
    def formula(self) -> Any:
        return self.steps[-1].after


@dataclass(frozen=True)
class Block:
    """The block ``d²L / d row d column`` of the Hessian at `indices`, those of the row first, with its steps."""

    row: Tensor
    column: Tensor
    indices: tuple[Index, ...]
    steps: tuple[Step, ...]

    @property
    def formula(self) -> Any:
        return self.steps[-1].after


@dataclass(frozen=True)
class Column:
    """The blocks of the Hessian in one column, and the tangents along that parameter alone, from which they follow.

    `long` and `looping` are the rows whose block is too long to be written out, or has no closed form.
    """

    parameter: Tensor
    tangents: tuple[Tangent, ...]
    blocks: tuple[Block, ...]
    long: tuple[str, ...] = ()
    looping: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecondOrder:
    """Tangents of values and adjoints along a direction in the parameters, and the columns of the Hessian.

    `tangents` are in the order of computation: those of the forward pass, then those of the adjoints. The tangent of
    a parameter in `along` is the direction itself and has no equation.
    """

    along: tuple[Tensor, ...]
    tangents: tuple[Tangent, ...]
    columns: tuple[Column, ...] = ()

    def product(self, parameter: Tensor) -> Tangent | None:
        """The Hessian-vector product's part for one parameter: the tangent of its adjoint; None where it is 0."""
        wanted = adjoint_tensor(parameter)
        return next((tangent for tangent in self.tangents if tangent.of == wanted), None)


@dataclass(frozen=True)
class Derivation:
    """Every adjoint that the gradients need, in the order of computation (from the loss back).

    `second` holds the second derivatives when they were asked for.
    """

    network: Network
    adjoints: tuple[Adjoint, ...]
    second: SecondOrder | None = None

    def adjoint(self, name: str) -> Adjoint:
        """The adjoint of the tensor of this name. Raises KeyError when it was not derived."""
        for adjoint in self.adjoints:
            if adjoint.of.name == name:
                return adjoint
        raise KeyError(f"no adjoint of {name}; there are {', '.join(a.of.name for a in self.adjoints)}")

    @property
    def gradients(self) -> dict[str, Adjoint]:
        """The adjoints of the parameters, in the network's order."""
        return {p.name: self.adjoint(p.name) for p in self.network.parameters}

    def live(self) -> tuple[Adjoint, ...]:
        """The adjoints that some gradient uses, directly or through others; the rest was only put into others."""
        wanted = {adjoint_tensor(p) for p in self.network.parameters}
        result = []
        for adjoint in reversed(self.adjoints):
            if adjoint.tensor in wanted:
                result.append(adjoint)
                wanted |= _tensors(adjoint.formula)
        return tuple(reversed(result))

    def readers(self, adjoint: Adjoint) -> tuple[Adjoint, ...]:
        """The adjoints whose formula uses this one: where it is reused."""
        return tuple(a for a in self.adjoints if adjoint.tensor in _tensors(a.formula))

    def kept(self) -> dict[str, tuple[str, ...]]:
        """What the forward pass must keep: tensor name to the names of the gradients that need it."""
        adjoints = {a.tensor for a in self.adjoints}
        needed: dict[str, list[str]] = {}
        for adjoint in self.adjoints:
            for tensor in sorted(_tensors(adjoint.formula) - adjoints, key=lambda t: t.name):
                needed.setdefault(tensor.name, []).append(adjoint.of.name)
        return {name: tuple(users) for name, users in needed.items()}


def _tensors(formula: Any) -> set[Tensor]:
    from symnn.formula.nodes import tensors

    return set(tensors(formula))
