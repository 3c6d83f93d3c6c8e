r"""Arrays that are said to be made of their own entries: ``z = (z_1, …, z_K)`` defines nothing, and says that z has K entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import parts_of
from symnn.notes.read.statements import Statement, Step

FIELD = t.Name("R", "mathbb")


def with_own_entries(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements, with declarations in the place of those that list the entries of their own left side."""
    return tuple(_declared(statement) for statement in statements)


def _declared(statement: Statement) -> Statement:
    if not statement.steps or statement.steps[0].operator not in ("=", ":="):
        return statement
    left, right = statement.first.node, statement.steps[0].right
    items = list(_items(right.node))
    if not any(isinstance(item, t.Ellipsis) for item in items) or not _are_entries(left, items):
        return statement
    behind = statement.steps[1:]
    if behind and behind[0].operator in ("in", "subset"):
        return replace(statement, steps=behind)
    count = _count(items)
    if behind or count is None or not isinstance(left, t.Name | t.Accent):
        return replace(statement, steps=())
    return replace(statement, steps=(Step("in", right.of(t.Script(FIELD, sup=count))),))


def _items(node: Node) -> Iterator[Node]:
    """What is listed in brackets, in a row, a column or a matrix, perhaps transposed."""
    if isinstance(node, t.Script) and node.sub is None and node.sup is not None and is_transpose(node.sup):
        node = node.base
    if isinstance(node, t.Group):
        node = node.body
    if isinstance(node, t.Sequence):
        yield from node.items
    elif isinstance(node, t.Matrix):
        yield from (cell for row in node.rows for cell in row if not isinstance(cell, t.Blank))


def _are_entries(left: Node, items: Sequence[Node]) -> bool:
    """Whether all that is listed beside dots are entries of the left side, the first one with the index 1."""
    own = parts_of(left)
    if own is None or own.subs or own.primes:
        return False
    parts = [parts_of(item) for item in items if not isinstance(item, t.Ellipsis)]
    return bool(parts) and all(
        found is not None and found.key.base == own.key.base and found.subs and found.sups == own.sups
        for found in parts
    )


def _count(items: Sequence[Node]) -> Node | None:
    """K, where the first of the entries has the index 1 and the last one the index K."""
    first, last = parts_of(items[0]), parts_of(items[-1])
    if first is None or last is None or len(first.subs) != 1 or len(last.subs) != 1 or first.subs[0] != t.Number("1"):
        return None
    size = last.subs[0]
    return size if isinstance(size, t.Name | t.Number) else None
