r"""The picture of a computation graph for LaTeX, as TikZ.

One `tikzpicture` for each band, so that a page can be broken between bands. All coordinates come from the
layout; TikZ only draws. A band that is wider or higher than the page is scaled.
"""

from __future__ import annotations

from typing import Final

from symnn.write.escape import Safe
from symnn.write.formulas import Printers
from symnn.write.graph import Graph, GraphNodeKind
from symnn.write.graph_cells import Size
from symnn.write.graph_layout import layout
from symnn.write.graph_shapes import Band, Box, Point, Strand
from symnn.write.measure import latex_width

PAGE_WIDTH: Final = 41.0  # em
PAGE_HEIGHT: Final = 56.0  # em
SMALLEST: Final = 0.78
"""How much a picture may shrink before it is cut into bands instead."""

_STYLES: Final[dict[GraphNodeKind, str]] = {
    "input": "rounded corners=0.5em,fill=symnnforward!8,draw=symnnforward",
    "target": "rounded corners=0.5em,fill=black!4,draw=symnnquiet",
    "parameter": "rounded corners=0.5em,fill=yellow!18,draw=symnnquiet",
    "operation": "fill=white,draw=symnnink",
    "loss": "fill=symnnadjoint!8,draw=symnnadjoint,line width=0.8pt",
}


def graph_to_tikz(graph: Graph, printers: Printers) -> list[Safe]:
    """Draw a graph: LaTeX source for each band, from top to bottom."""

    def measure(node: object) -> Size:
        latex = printers.latex(node)  # type: ignore[arg-type]
        return latex_width(latex), 2.3 if "frac" in latex else 1.2

    bands = layout(graph, measure, PAGE_WIDTH / SMALLEST)
    scale = min([1.0, *(min(PAGE_WIDTH / band.width, PAGE_HEIGHT / band.height) for band in bands)])
    return [_band(band, scale, printers) for band in bands]


def _band(band: Band, scale: float, printers: Printers) -> Safe:
    lines = [r"\begin{tikzpicture}[x=1em,y=-1em,>={Stealth[length=0.55em]},inner sep=0pt]"]
    lines += [_strand(strand) for strand in band.strands]
    lines += [_box(box, printers) for box in band.boxes]
    for label in band.labels:
        colour = "symnnadjoint" if label.kind == "adjoint" else "symnnquiet"
        anchor = {"middle": "center", "start": "west", "end": "east"}[label.align]
        formula = _linked(rf"\textcolor{{{colour}}}{{${printers.latex(label.node)}$}}", label.anchor)
        lines.append(rf"\node[anchor={anchor}] at {_point((label.x, label.y))} {{{formula}}};")
    lines += [rf"\node[text=symnnquiet] at {_point(point)} {{$\cdots$}};" for point in band.exits]
    lines.append(r"\end{tikzpicture}")
    picture = "\n".join(lines)
    return Safe(picture if scale == 1.0 else f"\\scalebox{{{scale:.3f}}}{{%\n{picture}}}")


def _linked(latex: str, anchor: str | None) -> str:
    return rf"\hyperlink{{{anchor}}}{{{latex}}}" if anchor else latex


def _point(point: Point) -> str:
    return f"({point[0]:.2f},{point[1]:.2f})"


def _strand(strand: Strand) -> str:
    style = "symnnforward" if strand.kind == "forward" else "symnnadjoint,densely dashed"
    path = [_point(strand.start)]
    for first, second, end in strand.pieces:
        path.append(f".. controls {_point(first)} and {_point(second)} .. {_point(end)}")
    return rf"\draw[->,{style}] {' '.join(path)};"


def _box(box: Box, printers: Printers) -> str:
    style = "dashed,fill=white,draw=symnnquiet" if box.ghost else _STYLES[box.node.kind]
    corner = _point((box.x - box.width / 2, box.y - box.height / 2))
    opposite = _point((box.x + box.width / 2, box.y + box.height / 2))
    label = _linked(rf"\textcolor{{symnnink}}{{${printers.latex(box.node.label)}$}}", box.node.anchor)
    lines = [rf"\draw[{style}] {corner} rectangle {opposite};"]
    if box.node.shape is None:
        lines.append(rf"\node at {_point((box.x, box.y))} {{{label}}};")
    else:
        shape = printers.latex(box.node.shape)
        lines.append(rf"\node at {_point((box.x, box.y - 0.5))} {{{label}}};")
        lines.append(rf"\node[text=symnnquiet,scale=0.8] at {_point((box.x, box.y + 0.62))} {{${shape}$}};")
    return "\n".join(lines)
