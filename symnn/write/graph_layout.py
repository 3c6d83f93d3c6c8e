"""Where everything in the picture of a computation graph stands.

Values flow from left to right. Parameters and targets that are used once stand above and below the value that
uses them; everything else is drawn in layers (`graph_layers`). Between two layers lies a channel for the
labels of the edges, and each label takes its room there like a node does, so that labels cannot overlap. A
graph that is wider than the page is cut into bands, one below the other; a value that is used in a later band
appears there again as a ghost. All lengths are in em and y grows downwards; a printer only draws what stands
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from symnn.write.graph import Graph, GraphEdge, GraphNode, check_graph
from symnn.write.graph_cells import (
    DROP,
    HALF,
    LOOP,
    LOOP_STEP,
    PORT,
    Cell,
    Measure,
    Size,
    Wire,
    box_size,
    label_size,
    make_cells,
)
from symnn.write.graph_layers import Item, connect, layers, place, reduce_crossings
from symnn.write.graph_shapes import Band, Box, Label, Point, Strand, curve, line

SKIN: Final = 0.15  # between an arrow and its label
STUB: Final = 1.0  # arrow that must be seen beside a label
SLANT: Final = 0.16  # more room for an arrow that rises, in em for each em
MAX_SLANT: Final = 2.4
EXIT: Final = (0.6, 0.8)  # the end of an arrow that leads out of a band
DOTS: Final = 0.9  # the dots beside it
GAP: Final = 0.9  # between things that stand above each other


def layout(graph: Graph, measure: Measure, max_width: float) -> tuple[Band, ...]:
    """Lay a graph out in bands that are at most `max_width` wide, where one layer alone is not wider.

    `measure` gives the width and height of a label in em. Raises `DocumentError` for a graph that is not well
    formed.
    """
    check_graph(graph)
    if not graph.nodes:
        return ()
    cells, wires = make_cells(graph, measure)
    layer = layers(len(cells), [(wire.src, wire.dst) for wire in wires])
    lowest = min(layer)
    layer = [number - lowest for number in layer]
    starts = _cut(cells, wires, layer, measure, max_width)
    return tuple(
        _band(cells, wires, layer, start, stop, measure)
        for start, stop in zip(starts, [*starts[1:], max(layer) + 1], strict=True)
    )


# --- bands ------------------------------------------------------------------------------------------------


def _label_width(wire: Wire, measure: Measure) -> float:
    """How wide the label of an edge is, the wider of the two."""
    if wire.edge is None:
        return 0.0
    return max(label_size(wire.edge.forward, measure)[0], label_size(wire.edge.adjoint, measure)[0])


def _cut(
    cells: Sequence[Cell], wires: Sequence[Wire], layer: Sequence[int], measure: Measure, max_width: float
) -> list[int]:
    """The first layer of each band: as few bands as fit, and among those the most even ones."""
    count = max(layer) + 1
    widths = [0.0] * count
    sides = [[0.0, 0.0] for _ in range(count)]
    for cell, number in zip(cells, layer, strict=True):
        sides[number][0] = max(sides[number][0], cell.left)
        sides[number][1] = max(sides[number][1], cell.right)
    widths = [left + right for left, right in sides]
    channels = [2 * STUB] * count  # channels[k] lies after layer k
    degree: dict[tuple[int, str], int] = {}
    for wire in wires:
        for end in ((wire.src, "out"), (wire.dst, "in")):
            degree[end] = degree.get(end, 0) + 1
    for wire in wires:
        slanted = degree[wire.src, "out"] > 1 or degree[wire.dst, "in"] > 1
        room = _label_width(wire, measure) + 2 * STUB + (2 * STUB if slanted else 0.0)
        channels[layer[wire.src]] = max(channels[layer[wire.src]], room)
    # A ghost is a box without satellites; what leads to it may come from any band before.
    boxes = [0.0] * count
    for cell, number in zip(cells, layer, strict=True):
        boxes[number] = max(boxes[number], cell.width)
    before = list(accumulate(boxes, max))
    ghosts = [0.0] + [before[k - 1] + channels[k - 1] + 2 * STUB for k in range(1, count)]
    leave = 2 * STUB + EXIT[0] + DOTS

    def bands(limit: float) -> list[int]:
        starts, used = [0], widths[0]
        for k in range(1, count):
            more = channels[k - 1] + widths[k]
            if used + more + (leave if k + 1 < count else 0.0) > limit:
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
    all_cells: Sequence[Cell],
    all_wires: Sequence[Wire],
    layer: Sequence[int],
    start: int,
    stop: int,
    measure: Measure,
) -> Band:
    """Draw the layers from `start` up to `stop`, with ghosts of what comes from earlier bands."""
    cells: list[Cell] = []
    column: list[int] = []
    local: dict[int, int] = {}

    def add(cell: Cell, number: int) -> int:
        cells.append(cell)
        column.append(number)
        return len(cells) - 1

    for number, cell in enumerate(all_cells):
        if start <= layer[number] < stop:
            local[number] = add(cell, layer[number] - start + 1)
    last = stop - start + 1  # column 0 is for ghosts, column `last` for exits
    ghosts: dict[int, int] = {}
    exits: dict[int, int] = {}
    wires: list[Wire] = []
    for wire in all_wires:
        inside = wire.src in local, wire.dst in local
        if all(inside):
            wires.append(Wire(wire.edge, local[wire.src], local[wire.dst], wire.against))
        elif inside[1]:
            if wire.src not in ghosts:
                origin = all_cells[wire.src]
                size = box_size(origin.node, measure)
                ghosts[wire.src] = add(_bare(origin.node, size), 0)
            wires.append(Wire(wire.edge, ghosts[wire.src], local[wire.dst], wire.against))
        elif inside[0] and wire.src not in exits:
            exits[wire.src] = add(_bare(all_cells[wire.src].node, EXIT), last)
            wires.append(Wire(None, local[wire.src], exits[wire.src]))
    items = _place_all(cells, column, wires, last, measure)
    ports = _ports(wires, items)
    xs, channel_xs = _columns(cells, column, wires, items, ports, measure)
    return _draw(cells, column, wires, xs, channel_xs, items, ports, set(exits.values()), measure)


def _bare(node: GraphNode, size: Size) -> Cell:
    width, height = size
    return Cell(node, width, height, True, [], [], width / 2, width / 2, height / 2, height / 2)


def _columns(
    cells: Sequence[Cell],
    column: Sequence[int],
    wires: Sequence[Wire],
    items: Sequence[Item],
    ports: dict[tuple[int, int], float],
    measure: Measure,
) -> tuple[dict[int, float], dict[int, float]]:
    """The x of each column's centre, and of the middle of the labels in the channel after it."""
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for cell, number in zip(cells, column, strict=True):
        left[number] = max(left.get(number, 0.0), cell.left)
        right[number] = max(right.get(number, 0.0), cell.right)
    label: dict[int, float] = {}
    before: dict[int, float] = {}  # room between a column and the labels
    after: dict[int, float] = {}  # room between the labels and the next column
    for wire in wires:
        first = column[wire.src]
        label[first] = max(label.get(first, 0.0), _label_width(wire, measure))
        ys = [items[wire.src].y + ports[id(wire), 0], *(item.y for item in wire.items)]
        ys.append(items[wire.dst].y + ports[id(wire), 1])
        for step in range(1, len(ys) - 1, 2):
            number = first + step // 2
            # A steep arrow needs more room than a level one.
            for side, rise in ((before, ys[step] - ys[step - 1]), (after, ys[step + 1] - ys[step])):
                side[number] = max(side.get(number, STUB), STUB + min(MAX_SLANT, SLANT * abs(rise)))
    xs: dict[int, float] = {}
    channel_xs: dict[int, float] = {}
    x = 0.0
    for number in range(max(column) + 1):
        xs[number] = x + left.get(number, 0.0)
        x = xs[number] + right.get(number, 0.0)
        if number in before:
            channel_xs[number] = x + before[number] + label.get(number, 0.0) / 2
            x += before[number] + label.get(number, 0.0) + after[number]
    return xs, channel_xs


def _place_all(
    cells: Sequence[Cell], column: Sequence[int], wires: Sequence[Wire], last: int, measure: Measure
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
                forward = label_size(wire.edge.forward, measure)[1]
                adjoint = label_size(wire.edge.adjoint, measure)[1]
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
    cells: Sequence[Cell],
    column: Sequence[int],
    wires: Sequence[Wire],
    xs: dict[int, float],
    channel_xs: dict[int, float],
    items: Sequence[Item],
    ports: dict[tuple[int, int], float],
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
            dots.append((x + 0.5, item.y))
            continue
        boxes.append(Box(cell.node, x, item.y, cell.width, cell.height, cell.ghost))
        for satellite in cell.satellites:
            y = item.y + satellite.side * (cell.height / 2 + DROP + satellite.height / 2)
            boxes.append(Box(satellite.node, x + satellite.dx, y, satellite.width, satellite.height))
            outer = y - satellite.side * satellite.height / 2
            inner = item.y + satellite.side * cell.height / 2
            _vertical(satellite.edge, x + satellite.dx, outer, inner, strands, labels)
        bottom = item.y + cell.height / 2
        for loop in cell.loops:
            bottom = _loop(loop, x, bottom, strands, labels, measure)
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
                half = 0.0 if item is not wire.label else _label_width(wire, measure) / 2
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
    width = max(xs[column[k]] + cells[k].right + (DOTS if k in exits else 0.0) for k in range(len(cells)))
    height = max(item.y + item.down for item in items)
    for wire in wires:
        height = max([height, *(item.y + item.down for item in wire.items)])
    return Band(width, height, tuple(boxes), tuple(strands), tuple(labels), tuple(dots))


def _ports(wires: Sequence[Wire], items: Sequence[Item]) -> dict[tuple[int, int], float]:
    """How far above or below the middle of its side each edge ends: edges do not end at the same point.

    The key is the identity of the wire with 0 for its left end and 1 for its right end.
    """
    ends: dict[tuple[int, int], list[Wire]] = {}
    for wire in wires:
        ends.setdefault((wire.src, 0), []).append(wire)
        ends.setdefault((wire.dst, 1), []).append(wire)
    found: dict[tuple[int, int], float] = {}
    for (_, end), group in ends.items():
        group.sort(key=lambda wire: wire.items[-end].y)  # the first item beside the left end, the last one else
        for k, wire in enumerate(group):
            found[id(wire), end] = PORT * (k - (len(group) - 1) / 2)
    return found


def _wire_strands(wire: Wire, points: list[Point], strands: list[Strand]) -> None:
    """The arrow forwards and the arrow back of an edge, side by side."""
    has_adjoint = wire.edge is not None and wire.edge.adjoint is not None
    shift = HALF if has_adjoint else 0.0
    forward = [(x, y - shift) for x, y in points]
    strands.append(curve("forward", forward[::-1] if wire.against else forward))
    if has_adjoint:
        back = [(x, y + shift) for x, y in points]
        strands.append(curve("adjoint", back if wire.against else back[::-1]))


def _vertical(
    edge: GraphEdge, x: float, outer: float, inner: float, strands: list[Strand], labels: list[Label]
) -> None:
    """The arrows between a satellite and the node that uses it, with their labels on both sides."""
    shift = HALF if edge.adjoint is not None else 0.0
    middle = (outer + inner) / 2
    strands.append(line("forward", (x - shift, outer), (x - shift, inner)))
    if edge.forward is not None:
        labels.append(Label("forward", edge.forward, x - shift - 0.3, middle, "end"))
    if edge.adjoint is not None:
        strands.append(line("adjoint", (x + shift, inner), (x + shift, outer)))
        labels.append(Label("adjoint", edge.adjoint, x + shift + 0.3, middle, "start", edge.anchor))


def _loop(
    edge: GraphEdge, x: float, bottom: float, strands: list[Strand], labels: list[Label], measure: Measure
) -> float:
    """A value that is used in its own definition, at another time: a loop below its node.

    Returns its lowest y.
    """
    low = bottom + LOOP / 0.75  # a curve reaches three quarters of the way to its control points
    right, left = x + 0.6, x - 0.6
    strands.append(Strand("forward", (right, bottom), (((right, low), (left, low), (left, bottom)),)))
    y = bottom + LOOP + 0.3
    if edge.adjoint is not None:
        low += LOOP_STEP / 0.75
        right, left = x + 1.2, x - 1.2
        strands.append(Strand("adjoint", (left, bottom), (((left, low), (right, low), (right, bottom)),)))
        y += LOOP_STEP
    if edge.forward is not None:
        height = measure(edge.forward)[1]
        labels.append(Label("forward", edge.forward, x, y + height / 2, "middle"))
        y += height
    if edge.adjoint is not None:
        height = measure(edge.adjoint)[1]
        labels.append(Label("adjoint", edge.adjoint, x, y + height / 2, "middle", edge.anchor))
        y += height
    return y
