"""One function of a module: its statements, and the sizes that it takes from the shapes of its arrays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy

from symnn.emit.code import Root, Writer
from symnn.emit.errors import EmitError
from symnn.emit.layers import NO_SIZE
from symnn.emit.names import Scope, identifier
from symnn.emit.numbers import ATOM, number_text
from symnn.emit.operations import Value
from symnn.formula.index import LayerSize
from symnn.network.equations import told_by
from symnn.network.widths import LAYER

if TYPE_CHECKING:
    from symnn.emit.functions import Functions


@dataclass(frozen=True)
class Body:
    """The statements of a function, and the names of the arrays and hyperparameters they use."""

    lines: tuple[str, ...]
    arrays: frozenset[str]
    hyperparameters: frozenset[str]


class Function:
    """One function being written. What it needs to know about sizes it takes from the shapes of its arrays."""

    def __init__(self, functions: Functions, given: dict[Value, str]) -> None:
        self.functions = functions
        self.given = given
        self.sizes: dict[Any, tuple[str, str]] = {}
        self.used: set[str] = set()
        # Names of one function may be used in the other, but not names of tensors.
        self.scope = Scope(functions.scope.taken)
        self.writer = Writer(given, self.scope, self.size, self.dtype)

    def write(self, roots: Sequence[Root], keep: Collection[Value]) -> None:
        self.writer.keep = frozenset(keep)
        self.writer.write(roots)

    def requirements(self) -> list[str]:
        """Statements that refuse data in which something would be read outside of its array."""
        lines: list[str] = []
        for needed in self.functions.requirements:
            edges = [number_text(e, self.size)[0] for e in (needed.lowest, needed.highest, needed.size)]
            name = self.functions.names.get(needed.name, needed.name)
            lines.append(f"if {edges[0]} < 0 or {edges[1]} >= {edges[2]}:")
            lines.append(
                f'    raise ValueError("{name} is read from {edges[0]} to {edges[1]}, but it has {edges[2]} entries")'
            )
        return lines

    def body(self, checks: Sequence[str] = ()) -> Body:
        shapes = [f"{name} = {code}" for name, code in self.sizes.values()]
        return Body((*shapes, *checks, *self.writer.lines), frozenset(self.writer.mentioned), frozenset(self.used))

    def size(self, symbol: Any) -> str:
        """The variable for a dimension or a hyperparameter; code for the size of a layer."""
        if isinstance(symbol, LayerSize):
            return self._layer_size(symbol)
        if symbol in self.functions.hyperparameters:
            name = self.functions.hyperparameters[symbol]
            self.used.add(name)
            return name
        if symbol not in self.sizes:
            owner, code = self._with_size(symbol)
            self.writer.mentioned.add(owner)
            self.sizes[symbol] = (self.scope.fresh(identifier(str(symbol))), code)
        return self.sizes[symbol][0]

    def _layer_size(self, size: LayerSize) -> str:
        """Code for the number of entries of a layer, from an array that has an axis of this size."""
        widths = self.functions.widths
        assert widths is not None
        for value, name in self.functions.leaves.items():
            tensor = self.functions.tensor_of(name)
            for axis, own in enumerate(widths.axes.get(tensor.name, ())):
                if not isinstance(own, LayerSize) or own.name != size.name:
                    continue
                layer = sympy.expand(LAYER + size.layer - own.layer) if own.layer.has(LAYER) else None
                if layer is None and own != size:
                    continue
                self.given.setdefault(value, name)
                self.writer.mentioned.add(name)
                if layer is None:
                    return f"{name}.shape[{axis}]"
                place = number_text(layer, lambda s: self.size(s) if s == widths.layers else str(s))[0]
                return f"{name}[{place}].shape[{axis - 1}]"
        raise EmitError(f"the size {size} is not the length of an axis of any input, target or parameter")

    def _with_size(self, symbol: Any) -> tuple[str, str]:
        """An array that tells this size, and how; one that forward has is kept for it if need be."""
        widths = self.functions.plan.network.widths
        if widths is not None and symbol == widths.longest:
            raise EmitError(NO_SIZE)
        for values in (self.given, self.functions.leaves):
            for value, name in values.items():
                if self.functions.is_list(value):
                    if symbol == value.shape[0]:
                        self.given.setdefault(value, name)
                        return name, f"len({name})"
                elif symbol in value.shape:
                    self.given.setdefault(value, name)
                    return name, f"{name}.shape[{value.shape.index(symbol)}]"
        for values in (self.given, self.functions.leaves):
            for value, name in values.items():
                for axis, size in enumerate(value.shape):
                    if told_by(size, self._plain_sizes()) == symbol:
                        step = sympy.expand(size).coeff(symbol)
                        self.given.setdefault(value, name)
                        return name, self._solved(f"{name}.shape[{axis}]", step, sympy.expand(size - step * symbol))
        raise EmitError(f"the size {symbol} is not the length of an axis of any input, target or parameter")

    def _solved(self, length: str, step: Any, rest: Any) -> str:
        """Code for the n of ``length = step n + rest``."""
        here = sympy.Dummy(length)
        code, level = number_text(here - rest, lambda symbol: length if symbol == here else self.size(symbol))
        tight = f"({code})" if level < ATOM else code
        return code if step == 1 else f"{tight} // {step}"

    def _plain_sizes(self) -> set[Any]:
        """The sizes that are the length of an axis of what the function was called with."""
        return {size for value in self.functions.leaves for size in value.shape if size.is_Symbol}

    def dtype(self) -> str:
        """The data type of the call: that of any floating array."""
        if not self.given:
            value, name = next(iter(self.functions.leaves.items()))
            self.given[value] = name
        value, owner = next(iter(self.given.items()))
        self.writer.mentioned.add(owner)
        return f"{owner}[0].dtype" if self.functions.is_list(value) else f"{owner}.dtype"
