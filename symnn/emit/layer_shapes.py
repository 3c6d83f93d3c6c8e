"""What a module says of arrays whose sizes differ from layer to layer: in its tables, its docstrings and its self-check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy import Expr

from symnn.emit.layers import is_list
from symnn.emit.text import shape_text, size_text
from symnn.formula.index import LayerSize
from symnn.formula.nodes import Entry, Tensor, entries
from symnn.network.equations import Network
from symnn.network.widths import LAYER, Widths, layer_axis

PLACE = sympy.Symbol("ell", integer=True)
SAMPLES = ((3, 2, 4, 1, 3), (2, 3, 1, 2, 2))


class LayerShapes:
    """The shapes of one network for one sample. Without sizes that differ they are those of its tensors."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.widths: Widths | None = network.widths
        self.ranges: dict[str, range] = {}
        if self.widths is not None:
            self.ranges = self.widths.layers_of({self.widths.layers: 5})

    def hides(self, symbol: Any) -> bool:
        """Whether a size is told by lists of layers, and stands in no shape of its own."""
        return self.widths is not None and symbol in (self.widths.longest, self.widths.layers)

    def is_list(self, tensor: Tensor) -> bool:
        """Whether an array is given as a list with one array for each layer."""
        return is_list(tensor, self.widths)

    @property
    def number(self) -> str:
        """The letter for the number of layers; empty without lists."""
        return "" if self.widths is None else str(self.widths.layers)

    def sizes(self, tensor: Tensor) -> tuple[Any, ...]:
        """The sizes of an array; of a list those of the array of layer ``ell``, counted from 0."""
        if self.widths is None or self.widths.longest not in tensor.shape:
            return tuple(tensor.shape)
        axis = layer_axis(tensor, tensor.rank, self.widths.layers)
        found = [self._counted(size) for size in self.widths.of(tensor)]
        return tuple(size for place, size in enumerate(found) if not self.is_list(tensor) or place != axis)

    def _counted(self, size: Any) -> Any:
        """A size with its layers counted from 0."""
        if not isinstance(size, LayerSize):
            return size
        layer = size.layer.xreplace({LAYER: PLACE}) - self.ranges[size.name].start
        return LayerSize(size.name, sympy.expand(layer))

    def shown(self, tensor: Tensor, batch: Any = None) -> str:
        """The shape as text, such as ``a list of L arrays (n[ell + 1], n[ell])``."""
        sizes = self.sizes(tensor) if batch is None else (batch, *self.sizes(tensor))
        return f"(a list of {self.number} arrays {shape_text(sizes)})" if self.is_list(tensor) else shape_text(sizes)

    def kept(self, name: str, shape: Sequence[Any]) -> str:
        """The shape of what the cache keeps, as text."""
        if self.widths is None or self.widths.longest not in shape:
            return shape_text(shape)
        if shape[0] == self.widths.layers:
            return f"a list of {self.number} arrays"
        own = self.widths.axes.get(name)
        return "an array" if own is None else shape_text((*shape[: len(shape) - len(own)], *map(self._counted, own)))

    def row(self, tensor: Tensor) -> str:
        """The shape as a tuple of Python; a size of a layer as its name, what is counted from, and a number."""
        parts = [self._code(size) for size in self.sizes(tensor)]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def _code(self, size: Any) -> str:
        if not isinstance(size, LayerSize):
            return str(size) if size.is_number else f'"{size_text(size)}"'
        moving = next((s for s in (PLACE, self.widths.layers if self.widths else PLACE) if size.layer.has(s)), None)
        rest = size.layer if moving is None else sympy.expand(size.layer - moving)
        return f'("{size.name}", "{"" if moving is None else moving}", {rest})'

    def header(self, names: Sequence[str]) -> list[str]:
        """What the lists are, in words; `names` are theirs."""
        if not names:
            return []
        listed = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
        verb = "are lists" if len(names) > 1 else "is a list"
        sizes = " and ".join(f"{name}[0], {name}[1], …" for name in self.ranges)
        return [f"{listed} {verb} with one array for each layer; the layers have the sizes {sizes}."]

    # -- the self-check ---------------------------------------------------------------------------------------

    def samples(self, choice: int) -> list[str]:
        """The sizes of the layers for one choice of the self-check: three layers, and as few as can be."""
        layers = 3 if choice == 0 else self._fewest()
        found = []
        for place, (name, known) in enumerate(self.ranges.items()):
            count = len(known) - 5 + layers
            numbers = [SAMPLES[(choice + place) % 2][layer % 5] for layer in range(count)]
            found.append(f'"{name}": ({", ".join(map(str, numbers))}{"," if count == 1 else ""})')
        return found

    def _fewest(self) -> int:
        """One layer, unless a formula reads a certain layer that is neither the first nor the last."""
        assert self.widths is not None
        ends = {sympy.S.Zero, self.widths.layers - 1}
        read = {
            place for equation in self.network.equations for place in map(self._layer_of, entries(equation.formula))
        }
        certain = {place for place in read if place is not None and not place.atoms(Entry) and _is_certain(place)}
        return 1 if certain <= ends else 3

    def _layer_of(self, entry: Entry) -> Expr | None:
        if not self.is_list(entry.tensor) or self.widths is None:
            return None
        axis = layer_axis(entry.tensor, entry.tensor.rank, self.widths.layers)
        return None if axis is None else entry.indices[axis]

    def unpacked(self) -> list[str]:
        """Statements that give names to the sizes of the layers and to their number."""
        lines = [f'{name} = sizes["{name}"]' for name in self.ranges]
        for name, known in list(self.ranges.items())[:1]:
            more = len(known) - 5
            lines.append(f"{self.number} = len({name}){f' - {more}' if more else ''}")
        return lines


def _is_certain(place: Expr) -> bool:
    from symnn.formula.index import Index

    return not place.atoms(Index)


__all__ = ["PLACE", "LayerShapes"]
