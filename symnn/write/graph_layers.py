"""Layered drawing of a directed graph: layers, order within the layers, coordinates.

The method is that of K. Sugiyama, S. Tagawa and M. Toda ("Methods for visual understanding of hierarchical
system structures", IEEE Trans. SMC 11(2), 1981): nodes get layers along the edges, long edges get a dummy
item in every layer they cross, barycentre sweeps reduce crossings, and coordinates come last. Coordinates
within a layer solve "as near as possible to the neighbours, in this order, without overlap" exactly: that is
an isotonic regression, and pooling adjacent violators solves it in linear time. All sweeps are a fixed
number, so the time is linear in the number of items up to sorting.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 6


@dataclass(slots=True)
class Item:
    """Something that takes room in a layer: a node, or the place where an edge passes.

    The item reaches from `y - up` to `y + down`. `left` and `right` are its neighbours in the layers beside
    it, with the weight of each edge: heavy edges are drawn straight at the cost of light ones.
    """

    up: float
    down: float
    left: list[tuple[Item, float]] = field(default_factory=list)
    right: list[tuple[Item, float]] = field(default_factory=list)
    y: float = 0.0
    order: int = 0


def connect(a: Item, b: Item, weight: float) -> None:
    """Join two items of neighbouring layers, `a` on the left."""
    a.right.append((b, weight))
    b.left.append((a, weight))


def acyclic(count: int, edges: Sequence[tuple[int, int]]) -> list[bool]:
    """Which edges must be turned around so that no cycle is left: those that lead back in a depth-first
    search.

    Self loops count as turned around; a caller leaves them out of the layers.

    >>> acyclic(2, [(0, 1), (1, 0)])
    [False, True]
    """
    out: list[list[int]] = [[] for _ in range(count)]
    for number, (src, _) in enumerate(edges):
        out[src].append(number)
    back = [False] * len(edges)
    state = [0] * count  # 0 unseen, 1 on the path, 2 done
    for root in range(count):
        if state[root]:
            continue
        state[root] = 1
        path = [(root, iter(out[root]))]
        while path:
            node, pending = path[-1]
            for number in pending:
                target = edges[number][1]
                if state[target] == 1:
                    back[number] = True
                elif state[target] == 0:
                    state[target] = 1
                    path.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                path.pop()
    return back


def layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """A layer for each node of an acyclic graph: the longest path to it, then sources moved next to their
    first use.

    >>> layers(4, [(0, 1), (1, 2), (3, 2)])
    [0, 1, 2, 1]
    """
    into: list[list[int]] = [[] for _ in range(count)]
    out: list[list[int]] = [[] for _ in range(count)]
    for src, dst in edges:
        out[src].append(dst)
        into[dst].append(src)
    waiting = [len(sources) for sources in into]
    ready = [node for node in range(count) if waiting[node] == 0]
    layer = [0] * count
    position = 0
    while position < len(ready):
        node = ready[position]
        position += 1
        for dst in out[node]:
            layer[dst] = max(layer[dst], layer[node] + 1)
            waiting[dst] -= 1
            if waiting[dst] == 0:
                ready.append(dst)
    for node in range(count):
        if not into[node] and out[node]:
            layer[node] = min(layer[dst] for dst in out[node]) - 1
    return layer


def count_crossings(layer: Sequence[Item]) -> int:
    """How many edges cross between a layer and the next one, by their present order."""
    ends: list[int] = []
    crossings = 0
    for item in layer:
        targets = sorted(neighbour.order for neighbour, _ in item.right)
        crossings += sum(len(ends) - bisect_right(ends, target) for target in targets)
        for target in targets:
            insort(ends, target)
    return crossings


def reduce_crossings(drawing: list[list[Item]]) -> None:
    """Reorder the layers in place by barycentre sweeps, keeping the best order that was seen."""
    _number(drawing)
    best = [list(layer) for layer in drawing]
    fewest = sum(map(count_crossings, drawing))
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        rightwards = sweep % 2 == 0
        for layer in drawing if rightwards else reversed(drawing):
            keys: dict[int, float] = {}
            for item in layer:
                neighbours = item.left if rightwards else item.right
                # An item without neighbours on this side keeps its place.
                keys[id(item)] = (
                    sum(other.order for other, _ in neighbours) / len(neighbours) if neighbours else float(item.order)
                )
            layer.sort(key=lambda item: keys[id(item)])
            for order, item in enumerate(layer):
                item.order = order
        crossings = sum(map(count_crossings, drawing))
        if crossings < fewest:
            fewest, best = crossings, [list(layer) for layer in drawing]
    drawing[:] = best
    _number(drawing)


def _number(drawing: Sequence[Sequence[Item]]) -> None:
    for layer in drawing:
        for order, item in enumerate(layer):
            item.order = order


def place(drawing: Sequence[Sequence[Item]], gap: float) -> None:
    """Give every item its `y`, at least `gap` from those beside it. The topmost item reaches up to 0."""
    for layer in drawing:
        y = 0.0
        for item in layer:
            item.y = y + item.up
            y = item.y + item.down + gap
    for sweep in range(2 * SWEEPS):
        both = sweep >= 2 * SWEEPS - 2
        rightwards = sweep % 2 == 0
        for layer in drawing if rightwards else reversed(drawing):
            wanted: list[float] = []
            weights: list[float] = []
            for item in layer:
                pulls = item.left + item.right if both else (item.left if rightwards else item.right)
                total = sum(weight for _, weight in pulls)
                wanted.append(sum(other.y * weight for other, weight in pulls) / total if pulls else item.y)
                weights.append(total if pulls else 0.05)
            for item, y in zip(layer, _separate(layer, wanted, weights, gap), strict=True):
                item.y = y
    top = min((item.y - item.up for layer in drawing for item in layer), default=0.0)
    for layer in drawing:
        for item in layer:
            item.y -= top


def _separate(layer: Sequence[Item], wanted: Sequence[float], weights: Sequence[float], gap: float) -> list[float]:
    """The positions nearest to the wanted ones (weighted least squares) that keep the order and the gaps.

    With the gaps subtracted the constraint reads "not decreasing", and neighbours that violate it are pooled
    at their mean (R. E. Barlow et al., "Statistical Inference under Order Restrictions", 1972, section 1.2).
    """
    offsets: list[float] = []
    offset = 0.0
    for k, item in enumerate(layer):
        if k:
            offset += layer[k - 1].down + gap + item.up
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many items
    for target, shift, weight in zip(wanted, offsets, weights, strict=True):
        mean, total, size = target - shift, weight, 1
        while pools and pools[-1][0] > mean:
            before, heavy, many = pools.pop()
            mean = (before * heavy + mean * total) / (heavy + total)
            total += heavy
            size += many
        pools.append((mean, total, size))
    positions = [mean for mean, _, size in pools for _ in range(size)]
    return [position + shift for position, shift in zip(positions, offsets, strict=True)]
