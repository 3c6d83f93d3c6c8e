"""Sizes that differ from layer to layer: ``W[l]`` has ``n[l]`` rows and ``n[l - 1]`` columns.

A family of layers is one array with an axis for the layer, and every other axis of it is as long as the longest layer
needs. What a layer does not have lies outside of its range: a sum over the entries of layer l has the range condition
``[i < n[l]]``. A formula as a document writes it leaves these conditions out, because the names in it tell them: the
last axis of ``W[l, i, k]`` is read up to ``n[l - 1]``. `Widths` says so for every axis of a network; it is worked out from the
formulas (`symnn.network.reach`). With the range conditions put in (`symnn.network.masks`) a network is an ordinary one,
and all rules hold as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import S, Symbol

from symnn.errors import SymnnError
from symnn.formula.index import LayerSize
from symnn.formula.nodes import Inside, Tensor
from symnn.formula.substitute import transform
from symnn.network.equations import Equation, Network

LAYER = Symbol("layer", integer=True)
"""Stands for the place on the axis of layers, counted from 0, in the sizes of a family."""


class WidthError(SymnnError):
    """The sizes of layers do not fit together, or a formula does something with them that is not understood."""


class WidthClash(WidthError):
    """Sizes would have to be equal that are not."""


@dataclass(frozen=True)
class Widths:
    """How far each axis of each tensor reaches.

    `longest` is the dimension of the axes whose size depends on the layer, `layers` that of the axis of layers. `axes`
    holds the sizes of a tensor by its name, `LAYER` standing for its own layer. `same` tells for symbols that the document
    uses which size of a layer they are: the ``n[0]`` of ``d``.
    """

    longest: Any
    layers: Any
    axes: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    same: Mapping[Any, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.longest, self.layers, tuple(sorted(self.axes))))

    def of(self, tensor: Tensor) -> tuple[Any, ...]:
        """The sizes of the axes of a tensor. Raises WidthError where they are not known."""
        own = self.axes.get(tensor.name)
        if own is None and self.longest in tensor.shape:
            raise WidthError(f"the sizes of {tensor.name} in each layer are not known")
        return tensor.shape if own is None else own

    def sizes(self, tensor: Tensor, places: Sequence[Any]) -> tuple[Any, ...]:
        """The sizes of the axes of a tensor at an entry of it."""
        sizes = []
        for axis, size in enumerate(self.of(tensor)):
            layer = layer_axis(tensor, axis, self.layers)
            sizes.append(size if layer is None else size.xreplace({LAYER: places[layer]}))
        return tuple(sizes)

    def like(self, names: Mapping[str, str]) -> Widths:
        """The same with further tensors, each of which has the sizes of another: new names to known ones."""
        more = {new: self.axes[known] for new, known in names.items() if known in self.axes}
        return replace(self, axes={**self.axes, **more})

    def layers_of(self, sizes: Mapping[Any, int]) -> dict[str, range]:
        """For every size with a name, the layers for which the arrays of the network have it."""
        found: dict[str, range] = {}
        for axes in self.axes.values():
            for size in (part for axis in axes for part in axis.atoms(LayerSize)):
                moving = size.layer.has(LAYER)
                ends = [
                    size.layer.xreplace({LAYER: S(k), self.layers: S(sizes[self.layers])})
                    for k in (0, sizes[self.layers] - 1)
                ]
                first, last = int(ends[0]), int(ends[1 if moving else 0])
                known = found.get(size.name, range(first, last + 1))
                found[size.name] = range(min(first, known.start), max(last + 1, known.stop))
        return found

    def batched(self, names: Iterable[str], batch: Any) -> Widths:
        """The same with an axis for the batch first on the tensors of these names."""
        return replace(self, axes={**self.axes, **{n: (batch, *self.axes[n]) for n in names if n in self.axes}})


def layer_axis(tensor: Tensor, axis: int, layers: Any) -> int | None:
    """The axis of layers that an axis of a tensor belongs to: the nearest before it; None where there is none."""
    return next((before for before in reversed(range(axis)) if tensor.shape[before] == layers), None)


def with_widths(network: Network, widths: Widths) -> Network:
    """The network with these sizes.

    Sums lose their limits, which the names in them tell as well, and the number of entries of a layer has one name.
    """

    def visit(node: Any) -> Any | None:
        if isinstance(node, Inside) and node.length.has(LayerSize):
            return S.One
        return widths.same.get(node)

    def changed(equations: Iterable[Equation]) -> tuple[Equation, ...]:
        return tuple(replace(e, formula=transform(e.formula, visit)) for e in equations)

    return network.with_(equations=changed(network.equations), updates=changed(network.updates), widths=widths)


__all__ = ["LAYER", "WidthClash", "WidthError", "Widths", "layer_axis", "with_widths"]
