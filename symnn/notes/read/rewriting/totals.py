r"""Totals that share a letter with their parts: ``J = \sum_t J_t``.

The total is a name of its own, although the document tells it from the family of its parts by its missing index only.
"""

from __future__ import annotations

from collections.abc import Sequence

from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import BigOperator, Name, Node, Script, Text
from symnn.notes.read.expressions.trees import letters_in
from symnn.notes.read.statements import Statement
from symnn.notes.read.survey import EQUALS

LABEL = "total"


def with_totals(statements: Sequence[Statement]) -> tuple[tuple[Statement, ...], dict[str, Node]]:
    """The statements in which such totals have a label, and by their names how the document writes them."""
    found = {name for statement in statements if (name := _total(statement)) is not None}
    found = {name for name in found if any(_defines_part(statement, name) for statement in statements)}
    if not found:
        return tuple(statements), {}
    shown: dict[str, Node] = {f"{name.base}_{LABEL}": Name(name.base, name.font) for name in found}
    return tuple(statement.mapped(lambda node: _labelled(node, found)) for statement in statements), shown


def _total(statement: Statement) -> Name | None:
    r"""The J of ``J = … \sum_t … J_t …``."""
    name = statement.first.node
    if not isinstance(name, Name) or not statement.steps or statement.steps[0].operator not in EQUALS:
        return None
    sums = (
        part for part in walk(statement.steps[0].right.node) if isinstance(part, BigOperator) and part.kind == "sum"
    )
    parts = (part for big in sums for part in walk(big.body))
    return name if any(_is_part(part, name) for part in parts) else None


def _is_part(node: Node, name: Name) -> bool:
    """Whether a node is the name with an index letter below or above it."""
    if not isinstance(node, Script) or node.base != name:
        return False
    return any(letters_in(script) for script in (node.sub, node.sup) if script is not None)


def _defines_part(statement: Statement, name: Name) -> bool:
    is_equation = bool(statement.steps) and statement.steps[0].operator in EQUALS
    return is_equation and _is_part(statement.first.node, name)


def _labelled(node: Node, totals: set[Name]) -> Node:
    if isinstance(node, Name):
        return Script(node, sub=Text(LABEL), span=node.span) if node in totals else node
    below = children(node)
    after = tuple(
        child
        if isinstance(node, Script) and child is node.base and isinstance(child, Name)
        else _labelled(child, totals)
        for child in below
    )
    return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)


__all__ = ["with_totals"]
