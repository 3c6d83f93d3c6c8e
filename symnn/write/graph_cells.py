"""Nodes of a computation graph with what belongs to them, as the things that a layout puts in order.

A parameter or target that is used once stands right above or below the value that uses it, and a value that
is used in its own definition (at another time) has a loop below it. Together they make one cell. The edges
between cells are wires; they are turned around where they would close a cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from symnn.write.graph import Graph, GraphEdge, GraphNode
from symnn.write.graph_layers import Item, acyclic

if TYPE_CHECKING:
    from symnn.notation.tree import Node

Size: TypeAlias = tuple[float, float]
Measure: TypeAlias = "Callable[[Node], Size]"
"""Gives the width and height of a label in em."""

PADDING: Final = 0.7  # between the label of a node and its border
HALF: Final = 0.28  # half the distance between the arrow forwards and the arrow back
PORT: Final = 1.3  # between edges that end at the same side of a node
DROP: Final = 2.3  # from a parameter to the value that uses it
LOOP: Final = 1.5  # depth of a loop below its node; the arrow back is as much deeper as `LOOP_STEP`
LOOP_STEP: Final = 0.8
SHAPE_SCALE: Final = 0.8
"""Shapes are set smaller than labels."""


@dataclass(slots=True)
class Satellite:
    """A leaf that stands above (`side` −1) or below (+1) the node that uses it. `dx` is from that node's
    centre.
    """

    node: GraphNode
    edge: GraphEdge
    width: float
    height: float
    side: int
    dx: float = 0.0


@dataclass(slots=True)
class Cell:
    """A node with its satellites, as one thing in a layer. `left`, `right` are what it takes beside its
    centre.
    """

    node: GraphNode
    width: float
    height: float
    ghost: bool = False
    satellites: list[Satellite] = field(default_factory=list)
    loops: list[GraphEdge] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    up: float = 0.0
    down: float = 0.0


@dataclass(slots=True)
class Wire:
    """An edge between two cells, drawn from left to right. `against`: values flow from right to left."""

    edge: GraphEdge | None
    src: int
    dst: int
    against: bool = False
    items: list[Item] = field(default_factory=list)
    label: Item | None = None


def make_cells(graph: Graph, measure: Measure) -> tuple[list[Cell], list[Wire]]:
    """The cells of a graph and the edges between different cells, turned so that no cycle is left."""
    by_id = {node.id: node for node in graph.nodes}
    uses: dict[str, list[GraphEdge]] = {node.id: [] for node in graph.nodes}
    needs: dict[str, int] = dict.fromkeys(by_id, 0)
    for edge in graph.edges:
        uses[edge.src].append(edge)
        needs[edge.dst] += 1
    is_satellite = {
        node.id
        for node in graph.nodes
        if node.kind in ("parameter", "target") and needs[node.id] == 0 and len(uses[node.id]) == 1
    }
    cells: list[Cell] = []
    place_of: dict[str, int] = {}
    for node in graph.nodes:
        if node.id not in is_satellite:
            place_of[node.id] = len(cells)
            cells.append(Cell(node, *box_size(node, measure)))
    with_loop = {edge.dst for edge in graph.edges if edge.src == edge.dst}
    for node in graph.nodes:
        if node.id in is_satellite:
            (edge,) = uses[node.id]
            cell = cells[place_of[edge.dst]]
            # The first one goes above, the next below, and so on; targets go below.
            above = sum(satellite.side < 0 for satellite in cell.satellites)
            below = len(cell.satellites) - above
            side = 1 if (node.kind == "target" or below < above) and edge.dst not in with_loop else -1
            cell.satellites.append(Satellite(node, edge, *box_size(node, measure), side))
    inner = [edge for edge in graph.edges if edge.src not in is_satellite]
    pairs = [(place_of[edge.src], place_of[edge.dst]) for edge in inner]
    wires: list[Wire] = []
    sides: dict[tuple[int, int], int] = {}
    for edge, (src, dst), back in zip(inner, pairs, acyclic(len(cells), pairs), strict=True):
        if src == dst:
            cells[src].loops.append(edge)
            continue
        wire = Wire(edge, dst, src, against=True) if back else Wire(edge, src, dst)
        wires.append(wire)
        for end in ((wire.src, 1), (wire.dst, 0)):
            sides[end] = sides.get(end, 0) + 1
    for (place_, _), ends in sides.items():
        cells[place_].height = max(cells[place_].height, PORT * (ends - 1) + 1.2)
    for cell in cells:
        _arrange(cell, measure)
    return cells, wires


def box_size(node: GraphNode, measure: Measure) -> Size:
    """The size of a node with its label, its shape and its border."""
    width, height = measure(node.label)
    if node.shape is not None:
        shape_width, shape_height = measure(node.shape)
        width = max(width, SHAPE_SCALE * shape_width)
        height += SHAPE_SCALE * shape_height + 0.1
    return width + 2 * PADDING, height + 0.7


def label_size(node: Node | None, measure: Measure) -> Size:
    """The size of a label that may be missing."""
    return (0.0, 0.0) if node is None else measure(node)


def _arrange(cell: Cell, measure: Measure) -> None:
    """Place the satellites of a cell, and widen its box so that their arrows end on it."""
    cell.left = cell.right = cell.width / 2
    cell.up = cell.down = cell.height / 2
    for side in (-1, 1):
        row = [satellite for satellite in cell.satellites if satellite.side == side]
        if not row:
            continue
        spans: list[Size] = []
        for satellite in row:
            before = label_size(satellite.edge.forward, measure)[0]
            after = label_size(satellite.edge.adjoint, measure)[0]
            spans.append(
                (
                    max(satellite.width / 2, before + HALF + 0.5 if before else 0.0),
                    max(satellite.width / 2, after + HALF + 0.5 if after else 0.0),
                )
            )
        centres = [0.0]
        for k in range(1, len(row)):
            centres.append(centres[-1] + spans[k - 1][1] + 0.6 + spans[k][0])
        middle = centres[-1] / 2
        for satellite, centre in zip(row, centres, strict=True):
            satellite.dx = centre - middle
        cell.width = max(cell.width, centres[-1] + 1.6)
        cell.left = max(cell.left, middle + spans[0][0], cell.width / 2)
        cell.right = max(cell.right, centres[-1] - middle + spans[-1][1], cell.width / 2)
        reach = cell.height / 2 + DROP + max(satellite.height for satellite in row)
        if side < 0:
            cell.up = max(cell.up, reach)
        else:
            cell.down = max(cell.down, reach)
    for loop in cell.loops:
        sizes = label_size(loop.forward, measure), label_size(loop.adjoint, measure)
        cell.width = max(cell.width, 3.4)
        half = max(cell.width / 2, sizes[0][0] / 2, sizes[1][0] / 2)
        cell.left, cell.right = max(cell.left, half), max(cell.right, half)
        cell.down += LOOP + LOOP_STEP + sizes[0][1] + sizes[1][1] + 0.3
