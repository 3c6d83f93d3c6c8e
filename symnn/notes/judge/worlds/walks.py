r"""Lengths of axes that only sums tell: ``\sum_{i=1}^m g_i x_i`` says that x has m entries where nothing else does."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from symnn.notation.traverse import walk
from symnn.notation.tree import BigOperator, Name, Node, Number, Relation, Script
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes.model import Model
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import components

Axis = tuple[Key, int]


def note_walks(model: Model, statements: tuple[Statement, ...], section: tuple[str, ...]) -> None:
    """Tell the model the lengths that every sum over an axis agrees about."""
    for (key, position), size in walked_axes(statements):
        variable = model.variables.get(key)
        if variable is not None and model.is_size(Key(size)):
            model.walks.append((variable, position, model.size_symbol(Key(size), section), variable.spot))


@lru_cache(maxsize=4)
def walked_axes(statements: tuple[Statement, ...]) -> tuple[tuple[Axis, str], ...]:
    """The axes that sums walk from 1, by name and position, with the letter up to which they all do."""
    found: dict[Axis, set[str]] = defaultdict(set)
    for statement in statements:
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for node in walk(piece.node):
                if isinstance(node, BigOperator) and node.kind == "sum":
                    _note(node, found)
    return tuple((axis, next(iter(sizes))) for axis, sizes in found.items() if len(sizes) == 1)


def _note(node: BigOperator, found: dict[Axis, set[str]]) -> None:
    limits = _limits(node)
    if limits is None:
        return
    letter, size = limits
    for part in walk(node.body):
        parts = parts_of(part) if isinstance(part, Script) and part.sub is not None and part.sup is None else None
        if parts is None or len(parts.subs) != 1:
            continue
        for position, place in enumerate(components(parts.subs[0])):
            if isinstance(place, Name) and place.base == letter:
                found[parts.key, position].add(size)


def _limits(node: BigOperator) -> tuple[str, str] | None:
    """The letter and the last value of ``i = 1`` below and a name above; None for other limits."""
    sub: Node | None = node.sub
    if not isinstance(sub, Relation) or len(sub.links) != 1 or sub.links[0].operator != "=":
        return None
    first = sub.links[0].right
    if not isinstance(sub.first, Name) or not isinstance(node.sup, Name) or first != Number("1"):
        return None
    return sub.first.base, node.sup.base
