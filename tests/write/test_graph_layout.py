"""Pictures: nothing overlaps, nothing is missing, and it takes time in proportion to the size."""

from __future__ import annotations

import itertools

import pytest
from timing import grows_linearly

from symnn.notation.tree import Name
from symnn.write.errors import DocumentError
from symnn.write.graph import Graph, GraphEdge, GraphNode, check_graph
from symnn.write.graph_layout import layout


def measure(node):
    return 0.6 * len(node.base), 1.2


def node(id, kind="operation"):
    return GraphNode(id, Name(id), kind, Name("mxn"))


def edge(src, dst, forward=None):
    return GraphEdge(src, dst, forward and Name(forward), Name("dL/d" + src))


def chain(depth):
    nodes, edges = [node("x", "input")], []
    before = "x"
    for k in range(depth):
        nodes += [node(f"W{k}", "parameter"), node(f"b{k}", "parameter"), node(f"a{k}"), node(f"h{k}")]
        edges += [
            edge(before, f"a{k}"),
            edge(f"W{k}", f"a{k}"),
            edge(f"b{k}", f"a{k}"),
            edge(f"a{k}", f"h{k}", "tanh"),
        ]
        before = f"h{k}"
    nodes += [node("y", "target"), node("L", "loss")]
    edges += [edge(before, "L"), GraphEdge("y", "L")]
    return Graph(tuple(nodes), tuple(edges))


def dense(count):
    """Everything feeds everything later: the worst case for crossings and labels."""
    ids = [f"v{k}" for k in range(count)]
    edges = tuple(edge(a, b) for a, b in itertools.combinations(ids, 2))
    return Graph(tuple(map(node, ids)), edges)


ATTENTION = Graph(
    tuple(map(node, "XQKVSPORL")),
    tuple(edge(*pair) for pair in ("XQ", "XK", "XV", "QS", "KS", "SP", "PO", "VO", "OR", "XR", "RL")),
)
RECURRENT = Graph(
    (
        node("x", "input"), node("U", "parameter"), node("b", "parameter"), node("a"), node("h"),
        node("L", "loss"),
    ),
    (
        edge("x", "a"), edge("U", "a"), edge("b", "a"), edge("a", "h"), edge("h", "a", "before"),
        edge("h", "h", "before"), edge("h", "L"),
    ),
)  # fmt: skip
GRAPHS = {
    "chain": chain(4),
    "long": chain(40),
    "dense": dense(8),
    "attention": ATTENTION,
    "recurrent": RECURRENT,
    "wide": Graph(
        (*(node(f"i{k}", "input") for k in range(30)), node("s")),
        tuple(edge(f"i{k}", "s") for k in range(30)),
    ),
}


def rectangles(band):
    """What takes room: boxes and labels, as left, top, right, bottom."""
    for box in band.boxes:
        yield (
            f"box {box.node.id}",
            box.x - box.width / 2,
            box.y - box.height / 2,
            box.x + box.width / 2,
            box.y + box.height / 2,
        )
    for label in band.labels:
        width, height = measure(label.node)
        left = label.x - {"middle": width / 2, "start": 0, "end": width}[label.align]
        yield f"label {label.node.base}", left, label.y - height / 2, left + width, label.y + height / 2


@pytest.mark.parametrize("name", GRAPHS)
def test_nothing_overlaps_and_nothing_sticks_out(name):
    for band in layout(GRAPHS[name], measure, 50.0):
        for one, other in itertools.combinations(rectangles(band), 2):
            apart = one[3] <= other[1] + 1e-6 or other[3] <= one[1] + 1e-6
            apart = apart or one[4] <= other[2] + 1e-6 or other[4] <= one[2] + 1e-6
            assert apart, (one, other)
        for what, left, top, right, bottom in rectangles(band):
            assert left >= -1e-6, what
            assert top >= -1e-6, what
            assert right <= band.width + 1e-6, what
            assert bottom <= band.height + 1e-6, what


@pytest.mark.parametrize("name", GRAPHS)
def test_everything_is_drawn(name):
    graph = GRAPHS[name]
    bands = layout(graph, measure, 50.0)
    drawn = [box.node.id for band in bands for box in band.boxes if not box.ghost]
    assert sorted(drawn) == sorted(node.id for node in graph.nodes)
    strands = [strand.kind for band in bands for strand in band.strands]
    exits = sum(len(band.exits) for band in bands)
    assert strands.count("forward") == len(graph.edges) + exits
    assert strands.count("adjoint") == sum(edge.adjoint is not None for edge in graph.edges)
    labels = [label.node for band in bands for label in band.labels if label.kind == "adjoint"]
    assert len(labels) == sum(edge.adjoint is not None for edge in graph.edges)


@pytest.mark.parametrize("name", ["chain", "long", "attention", "recurrent"])
def test_bands_fit_the_page(name):
    for band in layout(GRAPHS[name], measure, 50.0):
        assert band.width <= 50.0


def test_a_value_of_an_earlier_band_comes_back_as_a_ghost():
    first, second, *_ = layout(GRAPHS["long"], measure, 50.0)
    (ghost,) = [box.node.id for box in second.boxes if box.ghost]
    assert ghost in {box.node.id for box in first.boxes}
    assert len(first.exits) == 1


def test_parameters_stand_above_and_below_their_value():
    (band,) = layout(chain(1), measure, 100.0)
    at = {box.node.id: box for box in band.boxes}
    assert at["W0"].y < at["a0"].y < at["b0"].y
    assert at["W0"].x == at["a0"].x == at["b0"].x
    assert at["x"].y == pytest.approx(at["L"].y)  # the chain itself is straight


def test_arrows_end_on_their_nodes():
    (band,) = layout(chain(1), measure, 100.0)
    at = {box.node.id: box for box in band.boxes}
    ends = {round(strand.pieces[-1][2][0], 6) for strand in band.strands if strand.kind == "forward"}
    assert round(at["h0"].x - at["h0"].width / 2, 6) in ends


def test_time_grows_linearly():
    assert grows_linearly(lambda graph: layout(graph, measure, 50.0), chain(32), chain(128), factor=4)


def test_an_empty_graph_has_no_bands():
    assert layout(Graph((), ()), measure, 50.0) == ()


@pytest.mark.parametrize(
    ("graph", "complaint"),
    [
        (Graph((node("a"), node("a")), ()), "two nodes"),
        (Graph((node("a"),), (edge("a", "b"),)), "'b'"),
        (Graph((node("a", "joke"),), ()), "'joke'"),
    ],
)
def test_malformed_graphs_are_refused(graph, complaint):
    with pytest.raises(DocumentError, match=complaint):
        check_graph(graph)
