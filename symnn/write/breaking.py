"""Breaking a formula that is too long for its line.

The tree of a formula says where a break hurts least: before a relation, then before a sign between terms,
then before a factor, and only then inside brackets. A formula is cut at the outermost place that helps, and
each piece that is still too long is cut again, further in. What has no such place (a fraction with a long
numerator, a matrix) stays whole; the renderer scales it or lets it scroll.

Neither the width of a line nor the way to print a piece is known here: both come in as functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from symnn.notation.tree import Group, Negative, Node, Product, Relation, Sum

MAX_NESTING: Final = 8
"""Brackets inside brackets are opened for breaking this often; deeper ones stay whole."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A sign that stands before a piece: a relation, `+`, `-`, or a product sign, named as in the tree."""

    kind: Literal["relation", "sign", "product"]
    name: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """One bracket whose partner may stand on another line. `level` counts from the innermost brackets, 0."""

    char: str
    opens: bool


Piece: TypeAlias = Node | Operator | Bracket


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a broken formula. `relation` stands in the column of relations, the pieces follow.

    `indent` counts the steps by which a continued line is moved to the right.
    """

    relation: Operator | None
    pieces: tuple[Piece, ...]
    indent: int = 0


Width: TypeAlias = Callable[[Sequence[Piece]], float]


def break_rows(relation: Operator | None, node: Node, width: Width, limit: float, indent: float) -> list[Row]:
    """Break the right side of a relation, or a whole formula, into rows of at most `limit` where possible.

    `indent` is the width of one step of indentation, in the units of `width`.
    """
    if isinstance(node, Relation):
        rows: list[Row] = []
        if node.first is not None:
            rows += break_rows(relation, node.first, width, limit, indent)
        for link in node.links:
            operator = Operator("relation", link.operator)
            if link.right is None:
                rows.append(Row(operator, ()))
            else:
                rows += break_rows(operator, link.right, width, limit, indent)
        return rows
    room = limit - (width((relation,)) if relation is not None else 0.0)
    lines = _fill(_segments(node, 0), width, room, indent, 0, 0) if width((node,)) > room else [(0, (node,))]
    return [Row(relation if k == 0 else None, pieces, depth) for k, (depth, pieces) in enumerate(lines)]


_Segment: TypeAlias = tuple[Piece, ...]


def _segments(node: Node, nesting: int) -> list[_Segment]:
    """Cut a node once, at its outermost places. One segment means that it cannot be cut."""
    match node:
        case Sum(terms=terms):
            return [
                (node_of.term,)
                if k == 0 and node_of.sign == "+"
                else (Operator("sign", node_of.sign), node_of.term)
                for k, node_of in enumerate(terms)
            ]
        case Product(operator=operator, factors=factors):
            # Without a sign nobody sees that a line goes on, so a broken juxtaposition gets a dot.
            name = "cdot" if operator == "juxtaposed" else operator
            return [
                (factor,) if k == 0 else (Operator("product", name), factor)
                for k, factor in enumerate(factors)
            ]
        case Negative(body=body):
            first, *rest = _segments(body, nesting)
            return [(Operator("sign", "-"), *first), *rest]
        case Group(body=body, left=left, right=right) if nesting < MAX_NESTING:
            inner = _segments(body, nesting + 1)
            if len(inner) > 1:
                inner[0] = (Bracket(left, opens=True), *inner[0])
                inner[-1] = (*inner[-1], Bracket(right, opens=False))
                return inner
    return [(node,)]


def _opened(segment: _Segment, nesting: int) -> list[_Segment] | None:
    """Cut the last piece of a segment that can be cut; None when there is none."""
    for place in range(len(segment) - 1, -1, -1):
        piece = segment[place]
        if isinstance(piece, Operator | Bracket):
            continue
        cut = _segments(piece, nesting)
        if len(cut) > 1:
            cut[0] = (*segment[:place], *cut[0])
            cut[-1] = (*cut[-1], *segment[place + 1 :])
            return cut
    return None


def _fill(
    segments: list[_Segment], width: Width, limit: float, indent: float, depth: int, nesting: int
) -> list[tuple[int, _Segment]]:
    """Put as many segments on each line as fit; open those that are too long for a line of their own."""
    lines: list[tuple[int, _Segment]] = []
    current: _Segment = ()
    for segment in segments:
        level = depth if not lines else depth + 1
        room = limit - level * indent
        if width((*current, *segment)) <= room:
            current = (*current, *segment)
            continue
        if current:
            lines.append((level, current))
            level = depth + 1
            room = limit - level * indent
            current = ()
        opened = _opened(segment, nesting) if width(segment) > room and nesting < MAX_NESTING else None
        if opened is None:
            current = segment
            continue
        *full, (_, current) = _fill(opened, width, limit, indent, level, nesting + 1)
        lines += full
    if current:
        lines.append((depth if not lines else depth + 1, current))
    return lines
