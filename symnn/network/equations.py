"""Equations and networks.

A `Network` is an ordered list of named equations. Its leaves are inputs, targets and parameters; its last value is
the loss. An equation that came from an operator carries a `Use`, so that derivations can cite the operator's lemma
and emitted code can use its stable form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from symnn.errors import SymnnError
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Tensor, entries, subformulas, tensors


class NetworkError(SymnnError):
    """The equations do not make a network: a name is defined twice, a cycle, no loss."""


@dataclass(frozen=True)
class Use:
    """The part that an equation plays in the application of a declared operator.

    `part` is the name of an intermediate value, or "" for the result. Equations of one application share `group`.
    `arguments` maps parameter names to tensors of the network and tells whether they have the shared leading axes;
    `lets` maps the operator's intermediate names to tensors of the network; `shared` counts the leading axes.
    """

    operator: str
    part: str
    group: int
    arguments: tuple[tuple[str, Tensor, bool], ...]
    lets: tuple[tuple[str, Tensor], ...]
    shared: int
    constants: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Equation:
    """``tensor[indices] = formula``. `hidden` marks a name that the document did not give."""

    tensor: Tensor
    indices: tuple[Index, ...]
    formula: Any
    use: Use | None = None
    hidden: bool = False
    place: Any = None

    @property
    def name(self) -> str:
        return self.tensor.name

    def __str__(self) -> str:
        return f"{self.tensor.entry(*self.indices)} = {self.formula}"


@dataclass(frozen=True)
class Network:
    """Named equations in the order of computation.

    `names` maps tensor names to what the document calls them (a notation tree); `values` holds numbers that the
    document gives; `hyperparameters` are the scalar symbols that are neither data nor learned.
    """

    equations: tuple[Equation, ...]
    loss: Tensor
    inputs: tuple[Tensor, ...]
    targets: tuple[Tensor, ...]
    parameters: tuple[Tensor, ...]
    facts: tuple[Fact, ...] = ()
    names: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    batch: Index | None = None

    def equation(self, tensor: Tensor) -> Equation | None:
        """The equation that defines a tensor, or None for a leaf."""
        for equation in self.equations:
            if equation.tensor == tensor:
                return equation
        return None

    def tensor(self, name: str) -> Tensor:
        """The tensor of this name. Raises NetworkError with the known names when there is none."""
        known = {t.name: t for t in self.all_tensors}
        if name not in known:
            raise NetworkError(f"there is no {name}; the network has {', '.join(sorted(known))}")
        return known[name]

    @property
    def all_tensors(self) -> tuple[Tensor, ...]:
        """Leaves first, then the defined tensors in order."""
        return (*self.inputs, *self.targets, *self.parameters, *(e.tensor for e in self.equations))

    @property
    def hyperparameters(self) -> tuple[Any, ...]:
        """Scalar symbols in the formulas that are not dimensions of a tensor."""
        sizes = set().union(*(d.free_symbols for t in self.all_tensors for d in t.shape)) if self.all_tensors else set()
        found = {
            node
            for equation in self.equations
            for node in subformulas(equation.formula)
            if isinstance(node, sympy.Symbol) and not isinstance(node, Index) and node not in sizes
        }
        return tuple(sorted(found, key=str))

    @property
    def dimensions(self) -> tuple[Any, ...]:
        """The symbolic dimensions, in order of appearance."""
        seen: dict[Any, None] = {}
        for tensor in self.all_tensors:
            for size in tensor.shape:
                for symbol in sorted(size.free_symbols, key=str):
                    seen.setdefault(symbol)
        return tuple(seen)

    def consumers(self, tensor: Tensor) -> tuple[Equation, ...]:
        """The equations whose formula mentions the tensor, in order."""
        return tuple(e for e in self.equations if tensor in tensors(e.formula))

    def with_(self, **changes: Any) -> Network:
        """A copy with some fields replaced."""
        return replace(self, **changes)

    def _repr_latex_(self) -> str:
        from symnn.write.notebook import network_latex

        return network_latex(self)

    def _repr_html_(self) -> str:
        from symnn.write.notebook import network_html

        return network_html(self)


def ordered(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """The equations in an order in which each can be computed; stable with respect to the given order.

    An equation may refer to itself at a shifted index (a recurrence). Raises NetworkError when a name is defined
    twice or when definitions form a cycle without a shift.
    """
    remaining = list(equations)
    defined: dict[Tensor, Equation] = {}
    for equation in remaining:
        if equation.tensor in defined:
            raise NetworkError(f"{equation.name} is defined twice")
        defined[equation.tensor] = equation
    done: set[Tensor] = set()
    result: list[Equation] = []
    while remaining:
        ready = [e for e in remaining if all(d in done for d in _needed(e, defined))]
        if not ready:
            names = " -> ".join(_cycle(remaining, defined))
            raise NetworkError(f"the definitions go round in a circle: {names}")
        first = ready[0]
        result.append(first)
        done.add(first.tensor)
        remaining.remove(first)
    return tuple(result)


def _needed(equation: Equation, defined: Mapping[Tensor, Equation]) -> list[Tensor]:
    needed = {t for t in tensors(equation.formula) if t in defined and t != equation.tensor}
    for entry in entries(equation.formula):
        if entry.tensor == equation.tensor and not is_shifted(entry, equation):
            needed.add(equation.tensor)
    return sorted(needed, key=lambda t: t.name)


def is_shifted(entry: Entry, equation: Equation) -> bool:
    """Whether an entry of the equation's own tensor lies at a constant distance from the entry it defines."""
    return any(
        (place - index).is_number and (place - index) != 0
        for place, index in zip(entry.indices, equation.indices, strict=True)
    )


def _cycle(equations: list[Equation], defined: Mapping[Tensor, Equation]) -> list[str]:
    path: list[Tensor] = [equations[0].tensor]
    while True:
        step = next(d for d in _needed(defined[path[-1]], defined) if any(e.tensor == d for e in equations))
        if step in path:
            return [t.name for t in (*path[path.index(step) :], step)]
        path.append(step)
