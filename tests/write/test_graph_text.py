from __future__ import annotations

from symnn.notation.tree import Name
from symnn.write.formulas import notation_printers
from symnn.write.graph import Graph, GraphEdge, GraphNode
from symnn.write.graph_text import graph_lines, graph_to_text

PRINTERS = notation_printers()


def picture(*pairs):
    ids = dict.fromkeys(char for pair in pairs for char in pair)
    nodes = tuple(GraphNode(id, Name(id), "operation") for id in ids)
    return graph_to_text(Graph(nodes, tuple(GraphEdge(*pair, adjoint=Name("d" + pair[0])) for pair in pairs)), PRINTERS)


def test_the_sample(graph):
    text = graph_to_text(graph, PRINTERS)
    assert text.splitlines()[:5] == [
        "○      x   n      input",
        "│ ◇    W₁  m × n  parameter  ⇠ ∂L/∂W₁",
        "│ │ ◇  b₁  m      parameter  ⇠ ∂L/∂b₁",
        "├─┴─┘",
        "●      a₁  m                 ⇠ ∂L/∂a₁",
    ]


def test_rails_end_with_the_last_use():
    assert picture("xa", "xb", "ab") == "●    x  ⇠ dx\n├─┐\n│ ●  a  ⇠ da\n├─┘\n●    b"


def test_rails_that_are_not_meant_are_crossed():
    lines = picture("xa", "xb", "xc", "ac", "bc").splitlines()
    assert "├─│─┐" in lines


def test_a_value_used_in_its_own_definition():
    nodes = (GraphNode("x", Name("x"), "input"), GraphNode("h", Name("h"), "loss"))
    lines = graph_lines(Graph(nodes, (GraphEdge("x", "h"), GraphEdge("h", "h"))), PRINTERS)
    assert lines[-1].remark == "↺ h"


def test_every_node_has_one_line(graph):
    labels = [line.label for line in graph_lines(graph, PRINTERS) if line.label]
    assert sorted(labels) == sorted(PRINTERS.text(node.label) for node in graph.nodes)


def test_nothing_gives_nothing():
    assert graph_to_text(Graph((), ()), PRINTERS) == ""
