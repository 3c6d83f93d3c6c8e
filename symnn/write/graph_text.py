"""The picture of a computation graph for a terminal.

Each value stands on its own line and owns a rail from where it is computed to where it is used last, like the
branches in a version history. Beside it stand its shape, the operator that made it, and the adjoint that
flows back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from symnn.errors import display_width
from symnn.write.escape import one_line
from symnn.write.formulas import Printers
from symnn.write.graph import Graph, GraphEdge, GraphNode, check_graph

_MARKS: Final = {"input": "○", "target": "○", "parameter": "◇", "operation": "●", "loss": "◆"}
_UNITS: Final = {
    "input": "input",
    "target": "target",
    "parameter": "parameter",
    "operation": "",
    "loss": "loss",
}


@dataclass(frozen=True, slots=True)
class GraphLine:
    """One line of the picture: the rails, and for a node what is written beside it."""

    rails: str
    label: str = ""
    shape: str = ""
    remark: str = ""
    adjoint: str = ""


@dataclass(slots=True)
class _Rails:
    """Which value runs in which column at the moment, and the lines that were drawn so far."""

    printers: Printers
    columns: list[str | None] = field(default_factory=list)
    lines: list[GraphLine] = field(default_factory=list)

    def free(self) -> int:
        """The first column without a value, made if there is none."""
        for place, owner in enumerate(self.columns):
            if owner is None:
                return place
        self.columns.append(None)
        return len(self.columns) - 1

    def draw(self, marks: dict[int, str], line: dict[int, str] | None = None) -> str:
        """A row of rails. `marks` replaces the sign of a column, `line` joins columns from its first to its
        last.
        """
        joined = range(min(line), max(line)) if line else range(0)
        cells = []
        for place, owner in enumerate(self.columns):
            sign = marks.get(place) or (line or {}).get(place)
            if sign is None:
                through = line is not None and min(line) < place < max(line)
                sign = "│" if owner is not None else "─" if through else " "
            cells.append(sign + ("─" if place in joined else " "))
        return "".join(cells).rstrip()

    def leaf(self, node: GraphNode, adjoint: str) -> None:
        place = self.free()
        self.columns[place] = node.id
        self.node(node, place, _UNITS[node.kind], adjoint)

    def node(self, node: GraphNode, place: int, remark: str, adjoint: str) -> None:
        shape = "" if node.shape is None else one_line(self.printers.text(node.shape))
        label = one_line(self.printers.text(node.label))
        self.lines.append(GraphLine(self.draw({place: _MARKS[node.kind]}), label, shape, remark, adjoint))

    def join(self, inputs: list[str], ending: set[str], owner: str) -> int:
        """Lead the rails of the inputs together to the column of the value they make. Returns that column."""
        places = [place for place, value in enumerate(self.columns) if value in inputs]
        ended = [place for place in places if self.columns[place] in ending]
        target = ended[0] if ended else self.free()
        involved = sorted({*places, target})
        if len(involved) > 1:
            line = {}
            for place in involved:
                above = place in places
                below = place == target or place not in ended
                left, right = place > involved[0], place < involved[-1]
                line[place] = _CORNERS[above, below, left, right]
            self.lines.append(GraphLine(self.draw({}, line)))
        for place in ended:
            self.columns[place] = None
        self.columns[target] = owner
        return target


_CORNERS: Final = {
    (True, True, False, True): "├", (True, True, True, False): "┤", (True, True, True, True): "┼",
    (True, False, False, True): "└", (True, False, True, False): "┘", (True, False, True, True): "┴",
    (False, True, False, True): "┌", (False, True, True, False): "┐", (False, True, True, True): "┬",
}  # fmt: skip


def graph_lines(graph: Graph, printers: Printers) -> list[GraphLine]:
    """The lines of the picture, from the first value to the last.

    Raises `DocumentError` for a graph that is not well formed.
    """
    check_graph(graph)
    by_id = {node.id: node for node in graph.nodes}
    position = {node.id: place for place, node in enumerate(graph.nodes)}
    into: dict[str, list[GraphEdge]] = {node.id: [] for node in graph.nodes}
    uses = dict.fromkeys(by_id, 0)
    adjoints = dict.fromkeys(by_id, "")
    for edge in graph.edges:
        into[edge.dst].append(edge)
        if position[edge.src] < position[edge.dst]:
            uses[edge.src] += 1
        if edge.adjoint is not None:
            adjoints[edge.src] = one_line(printers.text(edge.adjoint))
    rails = _Rails(printers)
    drawn: set[str] = set()
    for node in graph.nodes:
        if not into[node.id] and uses[node.id]:
            continue  # a leaf is drawn right before its first use, so that its rail stays short
        if not into[node.id]:
            rails.leaf(node, adjoints[node.id])
            rails.columns[rails.columns.index(node.id)] = None
            continue
        earlier = [edge for edge in into[node.id] if position[edge.src] < position[node.id]]
        for edge in earlier:
            if not into[edge.src] and edge.src not in drawn:
                drawn.add(edge.src)
                rails.leaf(by_id[edge.src], adjoints[edge.src])
        inputs = list(dict.fromkeys(edge.src for edge in earlier))
        for edge in earlier:
            uses[edge.src] -= 1
        ending = {value for value in inputs if uses[value] == 0}
        remarks = [one_line(printers.text(edge.forward)) for edge in into[node.id] if edge.forward is not None]
        later = [edge.src for edge in into[node.id] if position[edge.src] >= position[node.id]]
        remarks += [f"↺ {one_line(printers.text(by_id[source].label))}" for source in dict.fromkeys(later)]
        place = rails.join(inputs, ending, node.id)
        rails.node(node, place, ", ".join(dict.fromkeys(remarks)) or _UNITS[node.kind], adjoints[node.id])
        if uses[node.id] == 0:
            rails.columns[place] = None
    return rails.lines


def graph_to_text(graph: Graph, printers: Printers) -> str:
    """The picture as lines of text with aligned columns."""
    lines = graph_lines(graph, printers)
    if not lines:
        return ""

    def column(parts: list[str]) -> int:
        widest = max(map(display_width, parts))
        return widest + 2 if widest else 0

    rails = column([line.rails for line in lines])
    label = column([line.label for line in lines])
    shape = column([line.shape for line in lines])
    remark = column([line.remark for line in lines])
    drawn = []
    for line in lines:
        text = _pad(line.rails, rails)
        if line.label:
            text += _pad(line.label, label) + _pad(line.shape, shape) + _pad(line.remark, remark)
            text += f"⇠ {line.adjoint}" if line.adjoint else ""
        drawn.append(text.rstrip())
    return "\n".join(drawn)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
