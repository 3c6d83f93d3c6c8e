"""Links: the single equations that the chains of a document are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from symnn.notation.traverse import children, walk
from symnn.notation.tree import BigOperator, Group, Name, Node, Phrase, Prime, Relation, Script, Sequence, Sum, Text
from symnn.notes.find.document import Document, Span
from symnn.notes.judge.claims import Region
from symnn.notes.read.names import parts_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.statements import Piece, Statement, Step
from symnn.notes.read.symbols import call_parts

EQUAL = ("=", "equiv", ":=")
BREAKS = ("to", "implies", "iff", "mapsto")


@dataclass(frozen=True, eq=False)
class Link:
    """``left operator right``, the link at `place` in a chain of `statement`.

    `opens` says that it is the first link of its chain and `start` that it is the first of the whole statement.
    """

    left: Piece
    operator: str
    right: Piece
    statement: Statement
    place: int
    opens: bool
    start: bool

    @property
    def nodes(self) -> tuple[Node, Node]:
        """Both sides."""
        return self.left.node, self.right.node


def links_of(statement: Statement) -> Iterator[Link]:
    """The links of a statement. An arrow between formulas begins a new chain."""
    left, opens = statement.first, True
    for place, step in enumerate(statement.steps):
        if step.operator in BREAKS:
            left, opens = step.right, True
            continue
        yield Link(left, step.operator, step.right, statement, place, opens, opens and left is statement.first)
        left, opens = step.right, False


def region_of(link: Link) -> Region:
    """Where a link stands: the first link of a chain begins with its left side, a later one with what is new in it."""
    right = link.right.spot
    start = link.left.spot if link.opens and link.left.passage is link.right.passage else right
    whole = Spot(right.passage, start.start, max(right.end, start.start)).balanced()
    first, last = whole.place(), _end(whole)
    line = first.line or 1
    return Region(first.path or "", line, first.column or 1, max(line, last[0]), last[1], first.source_line or "")


def region_of_span(span: Span, part: tuple[int, int] | None = None) -> Region:
    """Where a span stands, or a part of its text."""
    start, end = part or (0, len(span.text))
    place = span.place_of(start, max(end, start + 1))
    source = span.mapped.source
    return Region(source.path, place.line, place.column, place.end_line, place.end_column, source.line_text(place.line))


def _end(spot: Spot) -> tuple[int, int]:
    end = max(spot.end - 1, spot.start)
    place = spot.passage.locate(end, spot.end)
    return place.line or 1, (place.end_column or (place.column or 1) + 1)


def written(link: Link) -> str:
    """The link as written."""
    return f"{link.left.spot.text} {SHOWN.get(link.operator, link.operator)} {link.right.spot.text}"


SHOWN = {
    "approx": "≈", "le": "≤", "ge": "≥", "in": "∈", "gets": "←", "equiv": "≡", "to": "→", "propto": "∝", "sim": "~",
    "ne": "≠",
}  # fmt: skip


def is_assignment(left: Node, right: Node) -> bool:
    """Whether a left side is made from its own former value: ``w = w - η g``, ``a_{n+1} = a_n - …``, ``W(t+1) = W(t) - …``.

    A sum of parts that all have the letter of the left side is none: ``E_{total} = E_1 + E_2``.
    """
    own = head_of(left)
    if own is None or not isinstance(right, Sum):
        return False
    heads = [head_of(term.term) for term in right.terms]
    if all(head == own for head in heads):
        return False
    return any(head == own and term.sign == "+" for head, term in zip(heads, right.terms, strict=True))


def head_of(node: Node) -> object | None:
    """The bare name of a variable, without indices, time or labels in brackets."""
    called = call_parts(node)
    if called is not None:
        return called[0].key, tuple(called[0].subs and ("sub",)), "call"
    parts = parts_of(node)
    if parts is None:
        return None
    return parts.key


def in_table(document: Document) -> set[int]:
    """The blocks of a document that are tables."""
    return {block.id for block in document.tables()}


def names_in(nodes: Iterable[Node]) -> Iterator[Node]:
    """Every name with its scripts, outermost first, and the bare names inside; lowered scripts are not looked into."""
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, Name | Script | Prime) and parts_of(node) is not None:
            yield node
        below: tuple[Node | None, ...]
        if isinstance(node, Script):
            below = (node.base, node.sup)
        elif isinstance(node, BigOperator):
            below = (node.sup, node.body)
        else:
            below = children(node)
        stack.extend(part for part in reversed(below) if part is not None)


def has_words(node: Node) -> bool:
    """Whether words stand in a formula."""
    return any(isinstance(part, Text | Phrase) for part in walk(node))


__all__ = [
    "BREAKS",
    "EQUAL",
    "Group",
    "Link",
    "Relation",
    "Sequence",
    "Step",
    "is_assignment",
    "links_of",
    "region_of",
    "region_of_span",
    "written",
]
