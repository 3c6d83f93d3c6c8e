r"""Assignments that define: ``\mu_B \leftarrow \frac{1}{m} \sum_i x_i`` in an algorithm gives a name its only value.

A name that gets its value once, from names that never change, is defined by that. One that is made from its own former
value, or from a name that is, changes; its assignments are update rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace as changed

from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Nabla, Node
from symnn.notes.judge.links import names_in
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement, Step

GIVES = ("=", ":=", "equiv", "gets")


def with_assigned(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with defining assignments as equations; themselves where there are none."""
    if not any(_is_assigning(statement) for statement in statements):
        return tuple(statements)
    given = Counter(_key(s.first.node) for s in statements if s.steps and s.steps[0].operator in GIVES)
    changing = {_key(s.first.node) for s in statements if s.steps and _key(s.first.node) in _names(s)}
    return tuple(
        _equation(s)
        if _is_assigning(s) and given[_key(s.first.node)] == 1 and not (_names(s) | {_key(s.first.node)}) & changing
        else s
        for s in statements
    )


def _is_assigning(statement: Statement) -> bool:
    """Whether a statement is one assignment to a name, without derivatives."""
    if len(statement.steps) != 1 or statement.steps[0].operator != "gets" or parts_of(statement.first.node) is None:
        return False
    nodes = (statement.first.node, statement.steps[0].right.node)
    return not any(isinstance(part, Derivative | Nabla) for node in nodes for part in walk(node))


def _equation(statement: Statement) -> Statement:
    return changed(statement, steps=(Step("=", statement.steps[0].right),))


def _key(node: Node) -> Key | None:
    parts = parts_of(node)
    return None if parts is None else parts.key


def _names(statement: Statement) -> set[Key | None]:
    """The names on the right sides of a statement."""
    return {_key(node) for node in names_in([step.right.node for step in statement.steps])}
