"""Breaking a formula that is too long for its line.

The tree of a formula says where a break hurts least: before a relation, then before a sign between terms,
then before a factor, and only then inside brackets. A fraction that is too long is written with a slash. A
formula is cut at the outermost place that helps, and each piece that is still too long is cut again, further
in. What has no such place (a matrix, an exponent) stays whole; the renderer scales it or lets it scroll.

Neither the width of a line nor the way to print a piece is known here: both come in as functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from symnn.notation.precedence import (
    Level,
    body_needs_brackets,
    denominator_needs_brackets,
    factor_brackets,
    level,
    numerator_needs_brackets,
)
from symnn.notation.tree import BigOperator, Blank, Group, Negative, Node, Product, Quotient, Relation, Sum

MAX_NESTING: Final = 8
"""Brackets inside brackets are opened for breaking this often; deeper ones stay whole."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A sign that stands before a piece: a relation, `+`, `-`, or a product sign, named as in the tree.

    A juxtaposed product has no sign within a line. At the start of a line it gets a dot, or nobody would see
    that the line goes on.
    """

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


def break_rows(
    relation: Operator | None, node: Node, width: Width, limit: float, indent: float, *, flat: bool = False
) -> list[Row]:
    """Break the right side of a relation, or a whole formula, into rows of at most `limit` where possible.

    `indent` is the width of one step of indentation, in the units of `width`. `flat` says that the printer
    writes fractions on one line, which then need brackets in more places.
    """
    if isinstance(node, Relation):
        rows: list[Row] = []
        if node.first is not None:
            rows += break_rows(relation, node.first, width, limit, indent, flat=flat)
        for link in node.links:
            operator = Operator("relation", link.operator)
            if link.right is None:
                rows.append(Row(operator, ()))
            else:
                rows += break_rows(operator, link.right, width, limit, indent, flat=flat)
        return rows
    room = limit - (width((relation,)) if relation is not None else 0.0)
    lines = _Breaker(width, room, indent, flat).lines(node)
    return [Row(relation if k == 0 else None, pieces, depth) for k, (depth, pieces) in enumerate(lines)]


_Segment: TypeAlias = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Breaker:
    width: Width
    limit: float
    indent: float
    flat: bool

    def lines(self, node: Node) -> list[tuple[int, _Segment]]:
        """The lines of a formula, each with its depth of indentation."""
        if self.width((node,)) <= self.limit:
            return [(0, (node,))]
        return self.fill(self.segments(node, 0), 0, 0)

    def segments(self, node: Node, nesting: int) -> list[_Segment]:
        """Cut a node once, at its outermost places. One segment means that it cannot be cut."""
        match node:
            case Sum(terms=terms):
                # Each term gets the brackets that it has in the whole sum.
                return [
                    (
                        *(() if k == 0 and term.sign == "+" else (Operator("sign", term.sign),)),
                        self.term(term.term),
                    )
                    for k, term in enumerate(terms)
                ]
            case Product(operator=operator, factors=factors):
                brackets = factor_brackets(node, flat=self.flat)
                shown = [Group(f) if needs else f for f, needs in zip(factors, brackets, strict=True)]
                return [(shown[0],), *((Operator("product", operator), factor) for factor in shown[1:])]
            case Negative(body=body):
                first, *rest = self.segments(self.term(body), nesting)
                return [(Operator("sign", "-"), *first), *rest]
            case Quotient(numerator=numerator, denominator=denominator):
                # Too long for a fraction: written with a slash, it can be broken.
                below = Group(denominator) if denominator_needs_brackets(denominator) else denominator
                above = Group(numerator) if numerator_needs_brackets(numerator) else numerator
                return [(above,), (Operator("product", "slash"), below)]
            case BigOperator(kind=kind, sub=sub, sup=sup, body=body) if kind != "expectation":
                bracketed = body_needs_brackets(body, flat=self.flat)
                inner = self.segments(Group(body) if bracketed else body, nesting)
                if len(inner) > 1:
                    inner[0] = (BigOperator(kind, sub, sup, Blank()), *inner[0])
                    return inner
            case Group(body=body, left=left, right=right) if nesting < MAX_NESTING:
                inner = self.segments(body, nesting + 1)
                if len(inner) > 1:
                    inner[0] = (Bracket(left, opens=True), *inner[0])
                    inner[-1] = (*inner[-1], Bracket(right, opens=False))
                    return inner
        return [(node,)]

    def term(self, node: Node) -> Node:
        """A term of a sum, in brackets where it needs them."""
        return Group(node) if level(node, flat=self.flat) < Level.TERM else node

    def opened(self, segment: _Segment, nesting: int) -> list[_Segment] | None:
        """Cut the last piece of a segment that can be cut; None when there is none."""
        for place in range(len(segment) - 1, -1, -1):
            piece = segment[place]
            if isinstance(piece, Operator | Bracket) or nesting >= MAX_NESTING:
                continue
            cut = self.segments(piece, nesting)
            if len(cut) > 1:
                cut[0] = (*segment[:place], *cut[0])
                cut[-1] = (*cut[-1], *segment[place + 1 :])
                return cut
        return None

    def fill(self, segments: list[_Segment], depth: int, nesting: int) -> list[tuple[int, _Segment]]:
        """Put as many segments on each line as fit; open those that are too long for a line of their own."""
        lines: list[tuple[int, _Segment]] = []
        current: _Segment = ()
        level = depth
        for segment in segments:
            if self.fits((*current, *segment), level):
                current = (*current, *segment)
                continue
            own = depth + 1 if current or lines else depth
            opened = None if self.fits(segment, own) else self.opened(segment, nesting)
            if opened is None:
                if current:
                    lines.append((level, current))
                current, level = segment, own
                continue
            if self.fits((*current, *opened[0]), level):
                opened[0] = (*current, *opened[0])
            elif current:
                lines.append((level, current))
                level = own
            *full, (level, current) = self.fill(opened, level, nesting + 1)
            lines += full
        lines.append((level, current))
        return lines

    def fits(self, segment: _Segment, level: int) -> bool:
        """Whether a segment fits on a line with so many steps of indentation."""
        return self.width(segment) <= self.limit - level * self.indent
