"""Small functions that several parts of the grammar need."""

from __future__ import annotations

from dataclasses import replace

from symnn.notation.tokens import Token
from symnn.notation.tree import (
    BigKind,
    DerivativeSymbol,
    Ellipsis,
    EllipsisKind,
    Group,
    Labelled,
    Name,
    Node,
    Phrase,
    Prime,
    ProductOperator,
    Relation,
    RelationOperator,
    Script,
    Separator,
    Sequence,
    Sign,
    Text,
)


def is_identifier(value: str) -> bool:
    """Say whether the content of a text is one word that could name something."""
    word = value.strip()
    return bool(word) and word[0].isalnum() and all(c.isalnum() or c in "_-." for c in word) and not word.endswith(".")


def bare(items: tuple[Node, ...], separator: Separator) -> Node:
    """Return the only item, or a list without brackets."""
    if len(items) == 1:
        return items[0]
    first, last = items[0].span, items[-1].span
    return Sequence(items, separator=separator, span=(first[0], last[1]) if first and last else None)


def attach_ranges(items: list[Node]) -> list[Node]:
    """Give ``i = 1, …, n`` back its right side: items after a relation belong to it if no other relation follows.

    With dots among them it is a range even if more relations follow. Otherwise the list stays as it is.
    """
    found: list[Node] = []
    index = 0
    while index < len(items):
        item = items[index]
        index += 1
        found.append(item)
        if not isinstance(item, Relation) or item.links[-1].right is None:
            continue
        stop = index
        while stop < len(items) and not isinstance(items[stop], Relation | Phrase | Labelled | Text):
            stop += 1
        tail = items[index:stop]
        if tail and (stop == len(items) or any(isinstance(t, Ellipsis) for t in tail)):
            found[-1] = extend_relation(item, tail)
            index = stop
    return found


def extend_relation(relation: Relation, tail: list[Node]) -> Relation:
    """Make the last right side of a relation a list."""
    *links, last = relation.links
    assert last.right is not None
    right = bare((last.right, *tail), ",")
    end = tail[-1].span[1] if tail[-1].span else 0
    link = replace(last, right=right, span=(last.span[0], end) if last.span else None)
    return replace(relation, links=(*links, link), span=(relation.span[0], end) if relation.span else None)


def as_relation(token: Token) -> RelationOperator:
    """Return the value of a relation token."""
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_product(token: Token) -> ProductOperator:
    """Return the value of a product sign token."""
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_sign(token: Token) -> Sign:
    """Return the value of a sign token."""
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_big(kind: str) -> BigKind:
    """Return the value of a big operator token."""
    return kind  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_derivative(token: Token) -> DerivativeSymbol:
    """Return the value of a differential token."""
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_ellipsis(token: Token) -> EllipsisKind:
    """Return the value of an ellipsis token."""
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def inner(group: Node) -> Node:
    """Return what stands in the brackets."""
    if isinstance(group, Group):
        return group.body
    if isinstance(group, Sequence):
        return Sequence(group.items, separator=group.separator, span=group.span)
    return group


def base_of(node: Node) -> Node:
    """Return what carries the scripts and primes."""
    while isinstance(node, Script | Prime):
        node = node.base
    return node


def joined(first: Node, last: Node) -> tuple[int, int] | None:
    """Return the span over both nodes."""
    return (first.span[0], last.span[1]) if first.span and last.span else None


def is_expectation(name: Name) -> bool:
    """Say whether a name is the double-struck E."""
    return name.base == "E" and name.font == "mathbb" and not name.accents
