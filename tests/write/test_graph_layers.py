from __future__ import annotations

import random
from itertools import pairwise

import pytest

from symnn.write.graph_layers import Item, acyclic, connect, count_crossings, layers, place, reduce_crossings


def test_edges_go_to_a_later_layer():
    random.seed(1)
    edges = [(a, b) for a in range(40) for b in range(a + 1, 40) if random.random() < 0.1]
    layer = layers(40, edges)
    assert all(layer[src] < layer[dst] for src, dst in edges)


def test_cycles_are_opened():
    edges = [(0, 1), (1, 2), (2, 0), (2, 2), (3, 1)]
    turned = [
        (dst, src) if back else (src, dst)
        for (src, dst), back in zip(edges, acyclic(4, edges), strict=True)
        if src != dst
    ]
    layer = layers(4, turned)
    assert all(layer[src] < layer[dst] for src, dst in turned)


def ladder(swaps):
    """Two layers whose edges cross as told."""
    left = [Item(1, 1) for _ in swaps]
    right = [Item(1, 1) for _ in swaps]
    for k, target in enumerate(swaps):
        connect(left[k], right[target], 1.0)
    return [left, right]


def test_crossings_are_counted_and_removed():
    drawing = ladder([3, 2, 1, 0])
    for layer in drawing:
        for order, item in enumerate(layer):
            item.order = order
    assert count_crossings(drawing[0]) == 6
    reduce_crossings(drawing)
    assert count_crossings(drawing[0]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_items_do_not_overlap(seed):
    random.seed(seed)
    drawing = [[Item(random.uniform(0.3, 3), random.uniform(0.3, 3)) for _ in range(6)] for _ in range(5)]
    for left, right in pairwise(drawing):
        for item in left:
            connect(item, random.choice(right), 1.0)
    reduce_crossings(drawing)
    place(drawing, 0.5)
    for layer in drawing:
        for above, below in pairwise(layer):
            assert above.y + above.down + 0.5 <= below.y - below.up + 1e-6
    assert min(item.y - item.up for layer in drawing for item in layer) == pytest.approx(0.0)


def test_a_chain_is_drawn_straight():
    drawing = [[Item(1, 1)], [Item(3, 1)], [Item(0.5, 0.5)]]
    connect(drawing[0][0], drawing[1][0], 1.0)
    connect(drawing[1][0], drawing[2][0], 1.0)
    reduce_crossings(drawing)
    place(drawing, 0.5)
    assert len({round(layer[0].y, 6) for layer in drawing}) == 1
