"""The parts of arrays whose sizes differ from layer to layer: their shapes as numbers, and the entries that they have."""

from __future__ import annotations

import itertools

from sympy import Integer

from symnn.formula.evaluate import Assignment, positions
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network
from symnn.network.widths import layer_axis


def part_shapes(network: Network, sizes: Assignment, tensor: Tensor) -> list[tuple[int, ...]]:
    """The shape of every part of a family of layers; of another array its own, as the only one."""
    widths = network.widths
    if widths is None or widths.longest not in tensor.shape:
        return [sizes.shape(tensor)]
    axis = layer_axis(tensor, tensor.rank, widths.layers)
    count = 1 if axis is None else sizes.size(widths.layers)
    shapes = []
    for layer in range(count):
        places = [Integer(layer)] * tensor.rank
        own = tuple(sizes.size(size) for size in widths.sizes(tensor, places))
        shapes.append(own if axis is None else (*own[:axis], *own[axis + 1 :]))
    return shapes


def entries_of(network: Network, sizes: Assignment, tensor: Tensor) -> list[tuple[int, ...]]:
    """The positions at which a tensor has an entry."""
    widths = network.widths
    axis = None if widths is None else layer_axis(tensor, tensor.rank, widths.layers)
    if widths is None or widths.longest not in tensor.shape or axis is None:
        return positions(part_shapes(network, sizes, tensor)[0])
    found = []
    for layer, shape in enumerate(part_shapes(network, sizes, tensor)):
        for position in itertools.product(*map(range, shape)):
            found.append((*position[:axis], layer, *position[axis:]))
    return found


__all__ = ["entries_of", "part_shapes"]
