"""Where everything in the picture of a computation graph stands.

Values flow from left to right. Parameters and targets that are used once stand above and below the value that
uses them; everything else is drawn in layers (`graph_layers`). Between two layers lies a channel for the
labels of the edges, and each label takes its room there like a node does, so that labels cannot overlap. A
graph that is wider than the page is cut into bands, one below the other; a value that is used in a later band
appears there again as a ghost. All lengths are in em and y grows downwards; a printer only draws what stands
here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from symnn.write.graph import Graph, GraphEdge, GraphNode, check_graph
from symnn.write.graph_layers import Item, acyclic, connect, layers, place, reduce_crossings

if TYPE_CHECKING:
    from symnn.notation.tree import Node

Point: TypeAlias = tuple[float, float]
Size: TypeAlias = tuple[float, float]
Measure: TypeAlias = "Callable[[Node], Size]"

PADDING: Final = 0.7  # between the label of a node and its border
HALF: Final = 0.28  # half the distance between the arrow forwards and the arrow back
SKIN: Final = 0.15  # between an arrow and its label
STUB: Final = 1.0  # arrow that must be seen beside a label
GAP: Final = 0.9  # between things that stand above each other
PORT: Final = 1.3  # between edges that end at the same side of a node
DROP: Final = 2.3  # from a parameter to the value that uses it
SHAPE_SCALE: Final = 0.8
"""Shapes are set smaller than labels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A drawn node: its centre and size. A ghost repeats a node of an earlier band."""

    node: GraphNode
    x: float
    y: float
    width: float
    height: float
    ghost: bool = False


@dataclass(frozen=True, slots=True)
class Strand:
    """An arrow: a start and cubic Bézier pieces (two control points, an end). The head is at the last end."""

    kind: Literal["forward", "adjoint"]
    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A formula beside an arrow. `y` is its middle; `x` is its middle too, or its left or right end."""

    kind: Literal["forward", "adjoint"]
    node: Node
    x: float
    y: float
    align: Literal["middle", "start", "end"]
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the picture with its own origin. `exits` are places where a value goes on in a later band."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    strands: tuple[Strand, ...]
    labels: tuple[Label, ...]
    exits: tuple[Point, ...]


@dataclass(slots=True)
class _Satellite:
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
class _Cell:
    """A node with its satellites, as one thing in a layer. `left`, `right` are what it takes beside its
    centre.
    """

    node: GraphNode
    width: float
    height: float
    ghost: bool = False
    satellites: list[_Satellite] = field(default_factory=list)
    loops: list[GraphEdge] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0
    up: float = 0.0
    down: float = 0.0


@dataclass(slots=True)
class _Wire:
    """An edge between two cells, drawn from left to right. `against`: values flow from right to left."""

    edge: GraphEdge | None
    src: int
    dst: int
    against: bool = False
    items: list[Item] = field(default_factory=list)
    label: Item | None = None


def layout(graph: Graph, measure: Measure, max_width: float) -> tuple[Band, ...]:
    """Lay a graph out in bands that are at most `max_width` wide, where one layer alone is not wider.

    `measure` gives the width and height of a label in em. Raises `DocumentError` for a graph that is not well
    formed.
    """
    check_graph(graph)
    if not graph.nodes:
        return ()
    cells, wires = _cells(graph, measure)
    layer = layers(len(cells), [(wire.src, wire.dst) for wire in wires])
    lowest = min(layer)
    layer = [number - lowest for number in layer]
    starts = _cut(cells, wires, layer, measure, max_width)
    return tuple(
        _band(cells, wires, layer, start, stop, measure)
        for start, stop in zip(starts, [*starts[1:], max(layer) + 1], strict=True)
    )


# --- cells: nodes with their satellites -------------------------------------------------------------------


def _cells(graph: Graph, measure: Measure) -> tuple[list[_Cell], list[_Wire]]:
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
    cells: list[_Cell] = []
    place_of: dict[str, int] = {}
    for node in graph.nodes:
        if node.id not in is_satellite:
            place_of[node.id] = len(cells)
            cells.append(_Cell(node, *_box_size(node, measure)))
    for node in graph.nodes:
        if node.id in is_satellite:
            (edge,) = uses[node.id]
            cell = cells[place_of[edge.dst]]
            # The first one goes above, the next below, and so on; targets go below.
            above = sum(satellite.side < 0 for satellite in cell.satellites)
            below = len(cell.satellites) - above
            side = 1 if node.kind == "target" or below < above else -1
            cell.satellites.append(_Satellite(node, edge, *_box_size(node, measure), side))
    inner = [edge for edge in graph.edges if edge.src not in is_satellite]
    pairs = [(place_of[edge.src], place_of[edge.dst]) for edge in inner]
    wires: list[_Wire] = []
    sides: dict[tuple[int, int], int] = {}
    for edge, (src, dst), back in zip(inner, pairs, acyclic(len(cells), pairs), strict=True):
        if src == dst:
            cells[src].loops.append(edge)
            continue
        wire = _Wire(edge, dst, src, against=True) if back else _Wire(edge, src, dst)
        wires.append(wire)
        for end in ((wire.src, 1), (wire.dst, 0)):
            sides[end] = sides.get(end, 0) + 1
    for (place_, _), ends in sides.items():
        cells[place_].height = max(cells[place_].height, PORT * (ends - 1) + 1.2)
    for cell in cells:
        _arrange(cell, measure)
    return cells, wires


def _box_size(node: GraphNode, measure: Measure) -> Size:
    width, height = measure(node.label)
    if node.shape is not None:
        shape_width, shape_height = measure(node.shape)
        width = max(width, SHAPE_SCALE * shape_width)
        height += SHAPE_SCALE * shape_height + 0.1
    return width + 2 * PADDING, height + 0.7


def _label_size(node: Node | None, measure: Measure) -> Size:
    return (0.0, 0.0) if node is None else measure(node)


def _arrange(cell: _Cell, measure: Measure) -> None:
    """Place the satellites of a cell, and widen its box so that their arrows end on it."""
    cell.left = cell.right = cell.width / 2
    cell.up = cell.down = cell.height / 2
    for side in (-1, 1):
        row = [satellite for satellite in cell.satellites if satellite.side == side]
        if not row:
            continue
        spans: list[Size] = []
        for satellite in row:
            before = _label_size(satellite.edge.forward, measure)[0]
            after = _label_size(satellite.edge.adjoint, measure)[0]
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
        _, height = _label_size(loop.forward, measure)
        _, height_back = _label_size(loop.adjoint, measure)
        cell.down += 1.6 + height + height_back
        half = max(_label_size(loop.forward, measure)[0], _label_size(loop.adjoint, measure)[0]) / 2
        cell.left, cell.right = max(cell.left, half), max(cell.right, half)


# --- bands ------------------------------------------------------------------------------------------------


def _channel(wire: _Wire, measure: Measure) -> float:
    """How wide the channel must be in which the label of an edge stands."""
    if wire.edge is None:
        return 2 * STUB
    return (
        max(_label_size(wire.edge.forward, measure)[0], _label_size(wire.edge.adjoint, measure)[0]) + 2 * STUB
    )


def _cut(
    cells: Sequence[_Cell], wires: Sequence[_Wire], layer: Sequence[int], measure: Measure, max_width: float
) -> list[int]:
    """The first layer of each band: as few bands as fit, and among those the most even ones."""
    count = max(layer) + 1
    widths = [0.0] * count
    sides = [[0.0, 0.0] for _ in range(count)]
    for cell, number in zip(cells, layer, strict=True):
        sides[number][0] = max(sides[number][0], cell.left)
        sides[number][1] = max(sides[number][1], cell.right)
    widths = [left + right for left, right in sides]
    channels = [0.0] * count  # channels[k] lies after layer k
    for wire in wires:
        channels[layer[wire.src]] = max(channels[layer[wire.src]], _channel(wire, measure))
    # A ghost is as wide as the widest cell before it, roughly; its channel as wide as the one it replaces.
    ghosts = [0.0] + [widths[k - 1] * 0.6 + channels[k - 1] + 2 * STUB for k in range(1, count)]

    def bands(limit: float) -> list[int]:
        starts, used = [0], widths[0]
        for k in range(1, count):
            more = channels[k - 1] + widths[k]
            if used + more > limit:
                starts.append(k)
                used = ghosts[k] + widths[k]
            else:
                used += more
        return starts

    wanted = len(bands(max_width))
    low, high = 0.0, max_width
    for _ in range(20):
        middle = (low + high) / 2
        if len(bands(middle)) <= wanted:
            high = middle
        else:
            low = middle
    return bands(high)


def _band(
    all_cells: Sequence[_Cell],
    all_wires: Sequence[_Wire],
    layer: Sequence[int],
    start: int,
    stop: int,
    measure: Measure,
) -> Band:
    """Draw the layers from `start` up to `stop`, with ghosts of what comes from earlier bands."""
    cells: list[_Cell] = []
    column: list[int] = []
    local: dict[int, int] = {}

    def add(cell: _Cell, number: int) -> int:
        cells.append(cell)
        column.append(number)
        return len(cells) - 1

    for number, cell in enumerate(all_cells):
        if start <= layer[number] < stop:
            local[number] = add(cell, layer[number] - start + 1)
    last = stop - start + 1  # column 0 is for ghosts, column `last` for exits
    ghosts: dict[int, int] = {}
    exits: dict[int, int] = {}
    wires: list[_Wire] = []
    for wire in all_wires:
        inside = wire.src in local, wire.dst in local
        if all(inside):
            wires.append(_Wire(wire.edge, local[wire.src], local[wire.dst], wire.against))
        elif inside[1]:
            if wire.src not in ghosts:
                origin = all_cells[wire.src]
                size = _box_size(origin.node, measure)
                ghosts[wire.src] = add(_bare(origin.node, size), 0)
            wires.append(_Wire(wire.edge, ghosts[wire.src], local[wire.dst], wire.against))
        elif inside[0] and wire.src not in exits:
            exits[wire.src] = add(_bare(all_cells[wire.src].node, (0.6, 0.8)), last)
            wires.append(_Wire(None, local[wire.src], exits[wire.src]))
    xs, channel_xs = _columns(cells, column, wires, measure)
    items = _place_all(cells, column, wires, last, measure)
    return _draw(cells, column, wires, xs, channel_xs, items, set(exits.values()), measure)


def _bare(node: GraphNode, size: Size) -> _Cell:
    width, height = size
    return _Cell(node, width, height, True, [], [], width / 2, width / 2, height / 2, height / 2)


def _columns(
    cells: Sequence[_Cell], column: Sequence[int], wires: Sequence[_Wire], measure: Measure
) -> tuple[dict[int, float], dict[int, float]]:
    """The x of each column's centre, and of the middle of the channel after it."""
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for cell, number in zip(cells, column, strict=True):
        left[number] = max(left.get(number, 0.0), cell.left)
        right[number] = max(right.get(number, 0.0), cell.right)
    channel: dict[int, float] = {}
    for wire in wires:
        number = column[wire.src]
        channel[number] = max(channel.get(number, 0.0), _channel(wire, measure))
    xs: dict[int, float] = {}
    channel_xs: dict[int, float] = {}
    x = 0.0
    for number in range(max(column) + 1):
        used = number in left
        xs[number] = x + left.get(number, 0.0)
        x = xs[number] + right.get(number, 0.0)
        room = channel.get(number, 2 * STUB if used and number < max(column) else 0.0)
        channel_xs[number] = x + room / 2
        x += room
    return xs, channel_xs


def _place_all(
    cells: Sequence[_Cell], column: Sequence[int], wires: Sequence[_Wire], last: int, measure: Measure
) -> list[Item]:
    """Order the items of all columns and channels, and give each its y. Returns the items of the cells."""
    drawing: list[list[Item]] = [[] for _ in range(2 * last + 1)]
    items = [Item(cell.up, cell.down) for cell in cells]
    for item, number in zip(items, column, strict=True):
        drawing[2 * number].append(item)
    for wire in wires:
        before = items[wire.src]
        for number in range(2 * column[wire.src] + 1, 2 * column[wire.dst]):
            first = number == 2 * column[wire.src] + 1
            if first and wire.edge is not None:
                forward = _label_size(wire.edge.forward, measure)[1]
                adjoint = _label_size(wire.edge.adjoint, measure)[1]
                item = Item(HALF + SKIN + forward, HALF + SKIN + adjoint)
                wire.label = item
            else:
                item = Item(0.5, 0.5)
            connect(before, item, 1.0 if first else 4.0)
            wire.items.append(item)
            drawing[number].append(item)
            before = item
        connect(before, items[wire.dst], 1.0)
    reduce_crossings(drawing)
    place(drawing, GAP)
    return items


# --- drawing ----------------------------------------------------------------------------------------------


def _draw(
    cells: Sequence[_Cell],
    column: Sequence[int],
    wires: Sequence[_Wire],
    xs: dict[int, float],
    channel_xs: dict[int, float],
    items: Sequence[Item],
    exits: set[int],
    measure: Measure,
) -> Band:
    boxes: list[Box] = []
    strands: list[Strand] = []
    labels: list[Label] = []
    dots: list[Point] = []
    for number, (cell, item) in enumerate(zip(cells, items, strict=True)):
        x = xs[column[number]]
        if number in exits:
            dots.append((x, item.y))
            continue
        boxes.append(Box(cell.node, x, item.y, cell.width, cell.height, cell.ghost))
        for satellite in cell.satellites:
            y = item.y + satellite.side * (cell.height / 2 + DROP + satellite.height / 2)
            boxes.append(Box(satellite.node, x + satellite.dx, y, satellite.width, satellite.height))
            outer = y - satellite.side * satellite.height / 2
            inner = item.y + satellite.side * cell.height / 2
            _vertical(satellite.edge, x + satellite.dx, outer, inner, strands, labels)
        depth = item.y + cell.height / 2
        for loop in cell.loops:
            depth = _loop(loop, x, item.y + cell.height / 2, depth, cell.width, strands, labels, measure)
    ports = _ports(wires, items)
    for wire in wires:
        src, dst = cells[wire.src], cells[wire.dst]
        points: list[Point] = [(xs[column[wire.src]] + src.width / 2, items[wire.src].y + ports[id(wire), 0])]
        points.append((xs[column[wire.src]] + src.right, points[0][1]))
        for step, item in enumerate(wire.items):
            number = column[wire.src] + (step + 1) // 2
            if step % 2:  # a column between the ends: pass its whole width on a level
                left = max(cells[k].left for k in range(len(cells)) if column[k] == number)
                right = max(cells[k].right for k in range(len(cells)) if column[k] == number)
                points += [(xs[number] - left, item.y), (xs[number] + right, item.y)]
            else:
                half = 0.0 if item is not wire.label else _channel(wire, measure) / 2 - STUB
                points += [(channel_xs[number] - half, item.y), (channel_xs[number] + half, item.y)]
        end = items[wire.dst].y + ports[id(wire), 1]
        points.append((xs[column[wire.dst]] - dst.left, end))
        points.append((xs[column[wire.dst]] - dst.width / 2, end))
        _wire_strands(wire, points, strands)
        if wire.edge is not None and wire.label is not None:
            x, y = channel_xs[column[wire.src]], wire.label.y
            if wire.edge.forward is not None:
                height = measure(wire.edge.forward)[1]
                labels.append(Label("forward", wire.edge.forward, x, y - HALF - SKIN - height / 2, "middle"))
            if wire.edge.adjoint is not None:
                height = measure(wire.edge.adjoint)[1]
                labels.append(
                    Label(
                        "adjoint",
                        wire.edge.adjoint,
                        x,
                        y + HALF + SKIN + height / 2,
                        "middle",
                        wire.edge.anchor,
                    )
                )
    width = max(xs[column[k]] + cells[k].right for k in range(len(cells)))
    height = max(item.y + item.down for item in items)
    for wire in wires:
        height = max([height, *(item.y + item.down for item in wire.items)])
    return Band(width, height, tuple(boxes), tuple(strands), tuple(labels), tuple(dots))


def _ports(wires: Sequence[_Wire], items: Sequence[Item]) -> dict[tuple[int, int], float]:
    """How far above or below the middle of its side each edge ends: edges do not end at the same point."""
    ends: dict[tuple[int, int], list[_Wire]] = {}
    for wire in wires:
        ends.setdefault((wire.src, 0), []).append(wire)
        ends.setdefault((wire.dst, 1), []).append(wire)
    found: dict[tuple[int, int], float] = {}
    for (_, end), group in ends.items():
        at = 0 if end == 0 else -1
        other = "dst" if end == 0 else "src"
        group.sort(key=lambda wire: wire.items[at].y if wire.items else items[getattr(wire, other)].y)
        for k, wire in enumerate(group):
            found[id(wire), end] = PORT * (k - (len(group) - 1) / 2)
    return found


def _wire_strands(wire: _Wire, points: list[Point], strands: list[Strand]) -> None:
    """The arrow forwards and the arrow back of an edge, side by side."""
    has_adjoint = wire.edge is not None and wire.edge.adjoint is not None
    shift = HALF if has_adjoint else 0.0
    forward = [(x, y - shift) for x, y in points]
    strands.append(_curve("forward", forward[::-1] if wire.against else forward))
    if has_adjoint:
        back = [(x, y + shift) for x, y in points]
        strands.append(_curve("adjoint", back if wire.against else back[::-1]))


def _curve(kind: Literal["forward", "adjoint"], points: Sequence[Point]) -> Strand:
    """A curve through points that is level at each of them. Points on one level are joined to one straight
    piece.
    """
    kept = [points[0]]
    for k in range(1, len(points)):
        following = points[k + 1] if k + 1 < len(points) else None
        if abs(points[k][0] - kept[-1][0]) < 1e-9 and abs(points[k][1] - kept[-1][1]) < 1e-9:
            continue
        level = abs(points[k][1] - kept[-1][1]) < 0.01
        if following is not None and level and abs(following[1] - points[k][1]) < 0.01:
            continue
        kept.append(points[k])
    pieces = []
    for (x0, y0), (x1, y1) in pairwise(kept):
        middle = (x0 + x1) / 2
        pieces.append(((middle, y0), (middle, y1), (x1, y1)))
    return Strand(kind, kept[0], tuple(pieces))


def _line(kind: Literal["forward", "adjoint"], a: Point, b: Point) -> Strand:
    return Strand(kind, a, ((a, b, b),))


def _vertical(
    edge: GraphEdge, x: float, outer: float, inner: float, strands: list[Strand], labels: list[Label]
) -> None:
    """The arrows between a satellite and the node that uses it, with their labels on both sides."""
    shift = HALF if edge.adjoint is not None else 0.0
    middle = (outer + inner) / 2
    strands.append(_line("forward", (x - shift, outer), (x - shift, inner)))
    if edge.forward is not None:
        labels.append(Label("forward", edge.forward, x - shift - 0.3, middle, "end"))
    if edge.adjoint is not None:
        strands.append(_line("adjoint", (x + shift, inner), (x + shift, outer)))
        labels.append(Label("adjoint", edge.adjoint, x + shift + 0.3, middle, "start", edge.anchor))


def _loop(
    edge: GraphEdge,
    x: float,
    bottom: float,
    depth: float,
    width: float,
    strands: list[Strand],
    labels: list[Label],
    measure: Measure,
) -> float:
    """A value that is used in its own definition, at another time: a loop below its node. Returns its lowest
    y.
    """
    reach = depth + 1.0
    for kind, node in (("forward", edge.forward), ("adjoint", edge.adjoint)):
        inset = width / 2 - 0.35 - (0.0 if kind == "forward" else 0.5)
        inset = max(inset, 0.3)
        right, left = (x + inset, bottom), (x - inset, bottom)
        low = reach * 4 / 3 - bottom / 3  # the control points of a curve whose lowest point is `reach`
        if kind == "forward":
            strands.append(Strand("forward", right, (((right[0], low), (left[0], low), left),)))
        elif node is not None:
            low -= 0.7
            strands.append(Strand("adjoint", left, (((left[0], low), (right[0], low), right),)))
        if node is not None:
            height = measure(node)[1]
            depth = reach + height
            labels.append(
                Label("forward" if kind == "forward" else "adjoint", node, x, reach + height / 2, "middle")
            )
            reach = depth
    return reach + 0.6
