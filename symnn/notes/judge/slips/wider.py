"""What stands around a link in its document: where a slip in it may have come from."""

from __future__ import annotations

from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Group, Node, Sum
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.worlds.context import Context

MOST_FACTORS = 16
MOST_BESIDE = 24


def wider_view(context: Context, link: Link) -> tuple[ClaimReader, list[Node]]:
    """A reader that knows what stands around a link, and factors that stand near a link in the document.

    They are the derivatives of what the link has derivatives of, and the brackets, the nearest ones first.
    """
    tops = {part.numerator for side in link.nodes for part in walk(side) if isinstance(part, Derivative)}
    section = link.statement.section[:1]
    near = [statement for statement in context.statements if statement.section[:1] == section]
    near.sort(key=lambda statement: abs(statement.order - link.statement.order))
    pieces = [piece for statement in near for piece in (statement.first, *(step.right for step in statement.steps))]
    found: dict[Node, None] = {}
    for piece in pieces:
        for part in walk(piece.node):
            bracket = isinstance(part, Group) and isinstance(part.body, Sum)
            if bracket or (isinstance(part, Derivative) and part.order == 1 and part.numerator in tops - {None}):
                found.setdefault(part)
    reader = context.reader(link.statement, whole=True, beside=pieces[:MOST_BESIDE])
    return reader, list(found)[:MOST_FACTORS]
