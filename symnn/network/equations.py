"""Equations and networks.

A `Network` is an ordered list of named equations. Its leaves are inputs, targets and parameters; its last value is
the loss. An equation that came from an operator carries a `Use`, so that derivations can cite the operator's lemma
and emitted code can use its stable form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

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
    `arguments` maps parameter names to tensors of the network and tells which of the shared leading axes they have;
    `lets` maps the operator's intermediate names to tensors of the network; `shared` counts the leading axes.
    """

    operator: str
    part: str
    group: int
    arguments: tuple[tuple[str, Tensor, tuple[int, ...]], ...]
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
class AsWritten:
    """``left = right`` as the author of a document wrote it, and the formula that it was read as.

    `left` is None for a name that the document did not give. An equation is shown like this while it has that formula.
    """

    left: Any
    right: Any
    formula: Any


@dataclass(frozen=True)
class Network:
    """Named equations in the order of computation.

    `names` maps tensor names to what the document calls them (a notation tree); `values` holds numbers that the
    document gives; `families` are the defined tensors of which it defines one part at a time, with the number of their
    indices; `raised` are the tensors whose index the document writes above their name, as that of a layer, and
    `first` is where it counts indices from; `hyperparameters` are the scalar symbols that are neither data nor learned.
    `updates` give the next value of what is kept from one step of training to the next, such as a running mean: their
    formulas mention the value before. The loss does not depend on it, so it has no gradient. `starts` are the values
    before the first step, where they are known, and `in_use` other equations for some of the values, in terms of what
    is kept, for when training is over. `written` has the notation of the author for equations that were read from a
    document.
    `widths` are the sizes that differ from layer to layer (`symnn.network.widths`), None where there are none.
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
    families: Mapping[str, int] = field(default_factory=dict)
    raised: frozenset[str] = frozenset()
    first: int = 0
    updates: tuple[Equation, ...] = ()
    written: Mapping[str, AsWritten] = field(default_factory=dict)
    starts: Mapping[str, Any] = field(default_factory=dict)
    in_use: tuple[Equation, ...] = ()
    widths: Any = None

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
        """The symbols that are neither data nor learned, and that no axis of a leaf tells: rates, strides, ..."""
        found = symbols_of((*self.equations, *self.in_use)) | set(self.dimensions)
        return tuple(sorted(found - self._told(), key=str))

    @property
    def rates(self) -> tuple[Any, ...]:
        """The constants that stand in updates only."""
        known = {*self.hyperparameters, *self.dimensions, *self._told()}
        return tuple(sorted(symbols_of(self.updates) - known, key=str))

    @property
    def whole_constants(self) -> tuple[Any, ...]:
        """The hyperparameters that are whole numbers: strides, paddings, widths of windows."""
        return tuple(symbol for symbol in self.hyperparameters if symbol.is_integer)

    def _told(self) -> set[Any]:
        """The sizes that the arrays of the leaves tell."""
        leaves = [t for t in (*self.inputs, *self.targets, *self.parameters) if self.equation(t) is None]
        sizes = [size for leaf in leaves for size in leaf.shape]
        plain = {symbol for size in sizes if (symbol := told_by(size)) is not None}
        return plain | {symbol for size in sizes if (symbol := told_by(size, plain)) is not None}

    @property
    def dimensions(self) -> tuple[Any, ...]:
        """The symbols in the shapes, in order of appearance."""
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
        from symnn.write.compose.notebook import network_latex

        return network_latex(self)

    def _repr_html_(self) -> str:
        from symnn.write.compose.notebook import network_html

        return network_html(self)


def symbols_of(equations: Iterable[Equation]) -> set[Any]:
    """The symbols in formulas that are no indices."""
    return {
        node
        for equation in equations
        for node in subformulas(equation.formula)
        if isinstance(node, sympy.Symbol) and not isinstance(node, Index)
    }


def told_by(size: Any, known: Collection[Any] = ()) -> Any | None:
    """The symbol that the length of an axis tells when others are known; None when there is none.

    >>> n, m = sympy.symbols("n m", integer=True, positive=True)
    >>> told_by(2 * n - 1), told_by(n - m), told_by(n - m, [m])
    (n, None, n)
    """
    open_ = size.free_symbols.difference(known)
    if len(open_) != 1:
        return None
    (symbol,) = open_
    step = sympy.expand(size).coeff(symbol)
    rest = sympy.expand(size - step * symbol)
    return symbol if step.is_Integer and step > 0 and symbol not in rest.free_symbols else None


def ordered(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """The equations in an order in which each can be computed; stable with respect to the given order.

    Equations may refer to each other in a circle when every turn moves an index by a constant (a recurrence).
    Raises NetworkError when a name is defined twice or when definitions form a circle without such a shift.
    """
    remaining = list(equations)
    defined: dict[Tensor, Equation] = {}
    for equation in remaining:
        if equation.tensor in defined:
            raise NetworkError(f"{equation.name} is defined twice")
        defined[equation.tensor] = equation
    needs = _needs(remaining, defined)
    done: set[Tensor] = set()
    result: list[Equation] = []
    while remaining:
        ready = next((e for e in remaining if needs[e.tensor] <= done), None)
        if ready is None:
            names = " -> ".join(_circle(remaining, needs))
            raise NetworkError(f"the definitions go round in a circle: {names}")
        result.append(ready)
        done.add(ready.tensor)
        remaining.remove(ready)
    return tuple(result)


def _needs(equations: Iterable[Equation], defined: Mapping[Tensor, Equation]) -> dict[Tensor, set[Tensor]]:
    """What must be known first. Within a circle of definitions a shifted reference is to an earlier round."""
    equations = list(equations)
    all_needs = {e.tensor: {t for t in tensors(e.formula) if t in defined} for e in equations}
    rounds = recurrent_groups(equations)
    needs = {}
    for equation in equations:
        group = next((g for g in rounds if equation.tensor in g), frozenset())
        needed = all_needs[equation.tensor] - group
        for entry in entries(equation.formula):
            if entry.tensor in group and shift_of(entry, equation) is None:
                needed.add(entry.tensor)
        needs[equation.tensor] = needed
    return needs


class Computed(Protocol):
    """Something that says what a tensor is: an equation, or an adjoint."""

    @property
    def tensor(self) -> Tensor: ...
    @property
    def formula(self) -> Any: ...


def recurrent_groups(equations: Iterable[Computed]) -> list[frozenset[Tensor]]:
    """The sets of tensors that are defined through each other: the strongly connected components with a circle.

    R. Tarjan, *Depth-first search and linear graph algorithms*, SIAM J. Computing 1 (1972), without recursion.
    """
    equations = list(equations)
    defined = {e.tensor for e in equations}
    edges = {e.tensor: sorted(tensors(e.formula) & defined, key=lambda t: t.name) for e in equations}
    number: dict[Tensor, int] = {}
    lowest: dict[Tensor, int] = {}
    stack: list[Tensor] = []
    on_stack: set[Tensor] = set()
    groups: list[frozenset[Tensor]] = []
    for root in edges:
        if root in number:
            continue
        work: list[tuple[Tensor, int]] = [(root, 0)]
        while work:
            tensor, place = work.pop()
            if place == 0:
                number[tensor] = lowest[tensor] = len(number)
                stack.append(tensor)
                on_stack.add(tensor)
            for next_place in range(place, len(edges[tensor])):
                other = edges[tensor][next_place]
                if other not in number:
                    work += [(tensor, next_place + 1), (other, 0)]
                    break
                if other in on_stack:
                    lowest[tensor] = min(lowest[tensor], number[other])
            else:
                if lowest[tensor] == number[tensor]:
                    group = set(stack[stack.index(tensor) :])
                    del stack[stack.index(tensor) :]
                    on_stack -= group
                    if len(group) > 1 or tensor in edges[tensor]:
                        groups.append(frozenset(group))
                if work:
                    parent = work[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[tensor])
    return groups


def shift_of(entry: Entry, equation: Any) -> tuple[int, int] | None:
    """Axis and distance of an entry from the entry that an equation defines; None when it is not shifted.

    The axis is the position of the equation's index; the distance is a whole number other than zero.
    """
    for place in entry.indices:
        for axis, index in enumerate(equation.indices):
            distance = place - index
            if distance.is_Integer and distance != 0:
                return axis, int(distance)
    return None


def is_shifted(entry: Entry, equation: Any) -> bool:
    """Whether an entry lies at a constant distance from the entry that an equation defines."""
    return shift_of(entry, equation) is not None


def _circle(equations: list[Equation], needs: Mapping[Tensor, set[Tensor]]) -> list[str]:
    left = {e.tensor for e in equations}
    path: list[Tensor] = [equations[0].tensor]
    while True:
        step = min(needs[path[-1]] & left, key=lambda t: t.name)
        if step in path:
            return [t.name for t in (*path[path.index(step) :], step)]
        path.append(step)
