"""The picture of a computation graph, as data: what is connected with what, and which labels stand where.

A node is a named value (or an input, target or parameter), an edge is a use of one value in the definition of
another. Values flow along an edge, adjoints flow back. Where things are drawn is decided by `graph_layout`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from symnn.write.errors import DocumentError

if TYPE_CHECKING:
    from symnn.notation.tree import Node

MAX_NODES: Final = 5_000
"""A picture with more nodes than this helps nobody, and its layout would take long."""

GraphNodeKind: TypeAlias = Literal["input", "target", "parameter", "operation", "loss"]
GRAPH_NODE_KINDS: Final[tuple[GraphNodeKind, ...]] = ("input", "target", "parameter", "operation", "loss")


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A value. `shape` is printed small below the label, such as `m × n`; a scalar may leave it out.

    `anchor` is the place of the document that defines the value; where a format has links, the node leads
    there.
    """

    id: str
    label: Node
    kind: GraphNodeKind
    shape: Node | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """`src` is used in the definition of `dst`.

    `forward` names what happens on the way (the operator), `adjoint` is what flows back, such as `∂L/∂a_2`.
    An edge without an adjoint (to a target, say) gets no arrow back. `anchor` is the place that derives the
    adjoint.
    """

    src: str
    dst: str
    forward: Node | None = None
    adjoint: Node | None = None
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A computation graph with the labels of its picture. Nodes stand in the order in which they are
    computed.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


def check_graph(graph: Graph) -> None:
    """Check that ids are unique, kinds are known and edges lead from a node to a node.

    Raises `DocumentError` with the reason.

    >>> check_graph(Graph((), ()))
    """
    if len(graph.nodes) > MAX_NODES:
        raise DocumentError(f"the picture has {len(graph.nodes)} nodes; at most {MAX_NODES} are drawn")
    ids: set[str] = set()
    for node in graph.nodes:
        if node.id in ids:
            raise DocumentError(f"two nodes of the picture have the id {node.id!r}")
        if node.kind not in GRAPH_NODE_KINDS:
            raise DocumentError(f"the node {node.id!r} has the unknown kind {node.kind!r}")
        ids.add(node.id)
    for edge in graph.edges:
        for end in (edge.src, edge.dst):
            if end not in ids:
                raise DocumentError(f"an edge of the picture leads to {end!r}, and no node has that id")
