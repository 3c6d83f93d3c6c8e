"""What a picture of a computation graph consists of, once everything has its place.

All lengths are in em and y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from symnn.write.graph import GraphNode

if TYPE_CHECKING:
    from symnn.notation.tree import Node

Point: TypeAlias = tuple[float, float]


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


def curve(kind: Literal["forward", "adjoint"], points: Sequence[Point]) -> Strand:
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


def line(kind: Literal["forward", "adjoint"], a: Point, b: Point) -> Strand:
    """A straight arrow."""
    return Strand(kind, a, ((a, b, b),))
