"""Laying out an aligned chain: which rows it has, and where its reasons stand.

Every format that aligns formulas (LaTeX, Markdown, HTML, text) asks here, with its own way to measure. A
chain that fits keeps one row to a link with the reasons at the right. If that is too wide, the reasons go
below their rows; a wide first formula gets a row of its own; rows that are still too long are broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symnn.notation.tree import Node, Relation
from symnn.write.breaking import Operator, Piece, Row, Width, break_rows
from symnn.write.document import AlignedChain, ChainLink, Display, Inlines


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One row: what stands before the relation, the relation with what follows, and the reason beside it."""

    left: Node | None
    row: Row
    reason: Inlines = ()


@dataclass(frozen=True, slots=True)
class ChainLayout:
    """The rows of a chain. `reasons_below`: each reason stands on a line of its own below its row."""

    rows: tuple[ChainRow, ...]
    reasons_below: bool

    @property
    def is_single(self) -> bool:
        """Whether there is nothing to align."""
        return len(self.rows) == 1 and self.rows[0].left is None and not self.rows[0].reason


@dataclass(frozen=True, slots=True)
class Measure:
    """How a format measures, in its own unit: pieces of a formula, words, and the steps between columns.

    `flat` says that its fractions stand on one line.
    """

    pieces: Width
    words: Callable[[Inlines], float]
    limit: float
    indent: float
    gap: float
    flat: bool = False


def layout_display(display: Display, measure: Measure) -> ChainLayout:
    """A display is one row if it fits; otherwise it is broken like the chain that it is.

    Its name takes no room here: where none is left beside the formula, the renderer puts it elsewhere.
    """
    node = display.node
    if measure.pieces((node,)) <= measure.limit:
        return ChainLayout((ChainRow(None, Row(None, (node,))),), reasons_below=False)
    if isinstance(node, Relation) and node.first is not None and all(link.right for link in node.links):
        links = [(Operator("relation", link.operator), link.right, ()) for link in node.links if link.right]
        return _layout(node.first, links, measure)
    rows = break_rows(None, node, measure.pieces, measure.limit, measure.indent, flat=measure.flat)
    return ChainLayout(tuple(ChainRow(None, row) for row in rows), reasons_below=False)


def layout_chain(chain: AlignedChain, measure: Measure) -> ChainLayout:
    """The rows of an aligned chain."""
    return _layout(chain.first, [_link(link) for link in chain.links], measure)


def _link(link: ChainLink) -> tuple[Operator, Node, Inlines]:
    return Operator("relation", link.relation), link.node, link.reason


def _layout(first: Node, links: Sequence[tuple[Operator, Node, Inlines]], measure: Measure) -> ChainLayout:
    left = measure.pieces((first,))
    natural = [measure.pieces((operator, node)) for operator, node, _ in links]
    reasons = [measure.words(reason) for _, _, reason in links if reason]
    widest_reason = max(reasons, default=0.0)
    beside = measure.gap + widest_reason if reasons else 0.0
    widest = max(natural, default=0.0)
    if left + widest + beside <= measure.limit:
        rows = [ChainRow(None, Row(operator, (node,)), reason) for operator, node, reason in links]
        return ChainLayout(_with_first(first, rows), reasons_below=False)
    # A first formula that takes much of the line stands alone, and the rest starts below it.
    alone = left > 0.3 * measure.limit
    room = measure.limit - (2 * measure.indent if alone else left)
    rows = []
    for operator, node, reason in links:
        broken = break_rows(operator, node, measure.pieces, room, measure.indent, flat=measure.flat)
        rows += [ChainRow(None, row, reason if k == len(broken) - 1 else ()) for k, row in enumerate(broken)]
    widths = [measure.pieces(_all_pieces(row.row)) + row.row.indent * measure.indent for row in rows]
    below = bool(reasons) and max(widths) + beside > room
    if alone:
        head = break_rows(None, first, measure.pieces, measure.limit, measure.indent, flat=measure.flat)
        first_rows = [ChainRow(None, row) for row in head]
        shifted = [
            ChainRow(None, Row(row.row.relation, row.row.pieces, row.row.indent + 2), row.reason) for row in rows
        ]
        return ChainLayout((*first_rows, *shifted), below)
    return ChainLayout(_with_first(first, rows), below)


def _with_first(first: Node, rows: Sequence[ChainRow]) -> tuple[ChainRow, ...]:
    if not rows:
        return (ChainRow(None, Row(None, (first,))),)
    return (ChainRow(first, rows[0].row, rows[0].reason), *rows[1:])


def _all_pieces(row: Row) -> tuple[Piece, ...]:
    return row.pieces if row.relation is None else (row.relation, *row.pieces)
