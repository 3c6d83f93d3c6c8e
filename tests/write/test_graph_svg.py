from __future__ import annotations

from xml.etree import ElementTree

from symnn.notation.tree import Name
from symnn.write.formulas import notation_printers
from symnn.write.graph import Graph, GraphEdge, GraphNode
from symnn.write.graph_svg import describe, graph_to_svg

PRINTERS = notation_printers()
SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_is_well_formed_and_complete(graph):
    root = ElementTree.fromstring(graph_to_svg(graph, PRINTERS))
    assert len(root.findall(f".//{SVG}rect")) == len(graph.nodes)
    paths = [path.get("class") for path in root.findall(f".//{SVG}path") if path.get("marker-end")]
    assert paths.count("forward") == len(graph.edges)
    assert paths.count("adjoint") == sum(edge.adjoint is not None for edge in graph.edges)


def test_nodes_and_adjoints_lead_to_their_places(graph):
    root = ElementTree.fromstring(graph_to_svg(graph, PRINTERS))
    links = {link.get("href") for link in root.findall(f".//{SVG}a")}
    assert {"#def-a1", "#adj-a2"} <= links


def test_labels_are_text(graph):
    root = ElementTree.fromstring(graph_to_svg(graph, PRINTERS))
    texts = {text.text for text in root.findall(f".//{SVG}text")}
    assert {"W₁", "ŷ", "∂L/∂W₁", "m × n"} <= texts


def test_hostile_labels_are_escaped():
    graph = Graph((GraphNode("x", Name("<b>&"), "input"),), ())
    root = ElementTree.fromstring(graph_to_svg(graph, PRINTERS, 'a "title" <x>'))
    assert [text.text for text in root.findall(f".//{SVG}text")] == ["<b>&"]
    assert root.find(f"{SVG}title").text == 'a "title" <x>'


def test_the_description_names_every_use():
    nodes = tuple(GraphNode(id, Name(id), "operation") for id in "abc")
    graph = Graph(nodes, (GraphEdge("a", "c"), GraphEdge("b", "c")))
    assert describe(graph, PRINTERS) == "c uses a, b"
