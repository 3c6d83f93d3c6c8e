from __future__ import annotations

from symnn.notation.tree import Name
from symnn.write.formulas import notation_printers
from symnn.write.graph import Graph, GraphEdge, GraphNode
from symnn.write.graph_tikz import graph_to_tikz

PRINTERS = notation_printers()


def chain(count):
    nodes = tuple(GraphNode(str(k), Name("x"), "operation") for k in range(count))
    return Graph(nodes, tuple(GraphEdge(str(k), str(k + 1), adjoint=Name("dx")) for k in range(count - 1)))


def test_everything_is_drawn(graph):
    (picture,) = graph_to_tikz(graph, PRINTERS)
    assert picture.count(" rectangle ") == len(graph.nodes)
    assert picture.count(r"\draw[->,symnnforward]") == len(graph.edges)
    assert picture.count(r"\draw[->,symnnadjoint") == sum(edge.adjoint is not None for edge in graph.edges)
    assert r"\hyperlink{adj-a2}" in picture


def test_a_long_chain_is_one_picture_for_each_band():
    pictures = graph_to_tikz(chain(60), PRINTERS)
    assert len(pictures) > 5
    assert all(picture.count(r"\begin{tikzpicture}") == 1 for picture in pictures)


def test_bands_share_one_scale():
    scales = {picture.partition("{%")[0] for picture in graph_to_tikz(chain(60), PRINTERS)}
    assert len(scales) == 1
