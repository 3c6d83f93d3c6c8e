"""The picture of a computation graph for HTML, as one SVG element.

Labels are text, so they can be searched, copied and read aloud. Colours are CSS variables of the page, so
that the picture follows its light or dark theme.
"""

from __future__ import annotations

from typing import Final

from symnn.errors import display_width
from symnn.write.environment import render_template
from symnn.write.escape import Safe, one_line
from symnn.write.formulas import Printers
from symnn.write.graph import Graph
from symnn.write.graph_cells import Size
from symnn.write.graph_layout import layout
from symnn.write.graph_shapes import Band, Point, Strand

EM: Final = 16.0
"""Pixels to an em of the layout."""
PAGE_WIDTH: Final = 54.0  # em
BAND_GAP: Final = 2.0  # em between two bands
MARGIN: Final = 0.6  # em
LETTER: Final = 0.56  # width of a letter in em


def graph_to_svg(graph: Graph, printers: Printers, title: str = "Computation graph") -> Safe:
    """Draw a graph. Several bands stand below each other in the same picture."""

    def measure(node: object) -> Size:
        return LETTER * display_width(printers.text(node)) + 0.2, 1.15  # type: ignore[arg-type]

    bands = layout(graph, measure, PAGE_WIDTH)
    width = max((band.width for band in bands), default=0.0) + 2 * MARGIN
    shapes = []
    top = MARGIN
    for band in bands:
        shapes.append(_band(band, MARGIN, top, printers))
        top += band.height + BAND_GAP
    return render_template(
        "html",
        "graph",
        width=_number(width),
        height=_number(max(top - BAND_GAP, 0.0) + MARGIN),
        title=one_line(title),
        description=describe(graph, printers),
        bands=shapes,
    )


def describe(graph: Graph, printers: Printers) -> str:
    """The graph in words, for those who cannot see it."""
    labels = {node.id: one_line(printers.text(node.label)) for node in graph.nodes}
    needs: dict[str, list[str]] = {}
    for edge in graph.edges:
        needs.setdefault(edge.dst, []).append(labels[edge.src])
    return "; ".join(f"{labels[node.id]} uses {', '.join(needs[node.id])}" for node in graph.nodes if node.id in needs)


def _number(em: float) -> str:
    return f"{em * EM:.1f}".removesuffix(".0")


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _path(strand: Strand) -> Safe:
    pieces = [f"C{_point(a)} {_point(b)} {_point(end)}" for a, b, end in strand.pieces]
    return Safe(f"M{_point(strand.start)} {' '.join(pieces)}")


def _band(band: Band, left: float, top: float, printers: Printers) -> dict[str, object]:
    """What the template draws of one band: text and numbers only."""
    boxes = []
    for box in band.boxes:
        shape = box.node.shape
        boxes.append(
            {
                "kind": "ghost" if box.ghost else box.node.kind,
                "x": _number(box.x - box.width / 2),
                "y": _number(box.y - box.height / 2),
                "width": _number(box.width),
                "height": _number(box.height),
                "cx": _number(box.x),
                "label_y": _number(box.y + (0.35 if shape is None else -0.15)),
                "label": one_line(printers.text(box.node.label)),
                "anchor": box.node.anchor or "",
                "shape": one_line(printers.text(shape)) if shape is not None else "",
                "shape_y": _number(box.y + 0.95),
                "radius": "2" if box.node.kind in ("operation", "loss") else "8",
            }
        )
    labels = [
        {
            "kind": label.kind,
            "x": _number(label.x),
            "y": _number(label.y + 0.35),
            "align": label.align,
            "text": one_line(printers.text(label.node)),
            "anchor": label.anchor or "",
        }
        for label in band.labels
    ]
    return {
        "x": _number(left),
        "y": _number(top),
        "strands": [{"kind": strand.kind, "path": _path(strand)} for strand in band.strands],
        "boxes": boxes,
        "labels": labels,
        "exits": [{"x": _number(x), "y": _number(y + 0.25)} for x, y in band.exits],
    }
