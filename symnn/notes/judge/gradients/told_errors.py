r"""Error terms of layers whose meaning is told: ``δ^l_j = ∂C/∂z^l_j``. Claims are read with that derivative in their place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.gradients.shorthand import is_error_term
from symnn.notes.judge.links import Link, links_of
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, Parts, parts_of

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

Meanings = dict[Key, tuple[Node, t.Name]]
"""Of error terms the loss, and the name of the value by which it is differentiated."""


def with_told_meanings(context: Context, link: Link) -> Link | None:
    """The link with derivatives in the place of its error terms; None where it has none, or nothing tells what they are."""
    if not any(_error(part) for node in link.nodes for part in walk(node)):
        return None
    meanings = _meanings(context)
    if not meanings:
        return None
    left, right = (_put_in(node, meanings) for node in link.nodes)
    if left is None or right is None or left == right or (left, right) == link.nodes:
        return None
    return replace(link, left=link.left.of(left), right=link.right.of(right))


def tells_meaning(context: Context, link: Link) -> bool:
    """Whether a link is what tells the meaning of an error term."""
    told = _told(link) if link.start else None
    return told is not None and _meanings(context).get(told[0]) == told[1]


def _meanings(context: Context) -> Meanings:
    """What the document tells of its error terms; nothing of one of which it tells several things."""
    found: dict[Key, set[tuple[Node, t.Name]]] = {}
    for statement in context.statements:
        for link in links_of(statement):
            told = _told(link) if link.operator in ("=", ":=", "equiv") and link.start else None
            if told is not None:
                found.setdefault(told[0], set()).add(told[1])
    return {key: next(iter(meanings)) for key, meanings in found.items() if len(meanings) == 1}


def _told(link: Link) -> tuple[Key, tuple[Node, t.Name]] | None:
    """The error term that a link is about, with the loss and the value: those of ``δ^l_j = ∂C/∂z^l_j``."""
    left, right = link.nodes
    parts = _error(left)
    if parts is None or not isinstance(right, t.Derivative) or right.order != 1 or right.numerator is None:
        return None
    value = right.denominators[0]
    base = next((part for part in walk(value) if isinstance(part, t.Name)), None)
    own = next((part for part in walk(left) if isinstance(part, t.Name)), None)
    if base is None or own is None or parts_of(value) is None or _renamed(left, own, base) != value:
        return None
    return parts.key, (right.numerator, base)


def _error(node: Node) -> Parts | None:
    """The parts of an error term with a letter or a number for its layer."""
    parts = parts_of(node) if isinstance(node, t.Script) else None
    return parts if parts is not None and is_error_term(parts.key) else None


def _put_in(node: Node, meanings: Meanings) -> Node | None:
    """A formula with derivatives for its error terms; None where one is transposed in its own script."""
    parts = _error(node)
    if parts is not None and parts.key in meanings:
        if any(is_transpose(part) for sup in parts.sups for part in walk(sup)):
            return None
        loss, value = meanings[parts.key]
        own = next(part for part in walk(node) if isinstance(part, t.Name))
        return t.Derivative("partial", loss, (_renamed(node, own, value),), span=node.span)
    after: list[Node] = []
    for child in children(node):
        new = _put_in(child, meanings)
        if new is None:
            return None
        after.append(new)
    same = all(a is b for a, b in zip(after, children(node), strict=True))
    return node if same else with_children(node, tuple(after))


def _renamed(node: Node, own: Node, name: t.Name) -> Node:
    """A name with scripts, with another letter for its base."""
    if node is own:
        return name
    return replace(node, base=_renamed(node.base, own, name)) if isinstance(node, t.Script) else node
