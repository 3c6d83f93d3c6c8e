r"""The last layers: ``a^{(L)}`` and ``a^{(L-1)}`` where nothing runs over layers are two names, and L is no index.

Notes that derive the gradients of the last layer alone write ``z^{(L)} = w^{(L)} a^{(L-1)} + b^{(L)}``. Beside a general
layer ``a^{(l)}``, or a sum up to L, the letter is the last value of an index instead, and everything stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import bound_letters
from symnn.notes.read.statements import Statement, Step

LAST = "L"
GENERAL = frozenset(["l", "ell"])


def with_last_layer(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with the layers L, L - 1, … as labels; themselves where L is an index or the end of one."""
    nodes = [node for s in statements for node in (s.first.node, *(step.right.node for step in s.steps))]
    raised = [layer for node in nodes for part in walk(node) for layer in _layers(part)]
    shifted = any(isinstance(layer, t.Sum) and _letter(layer) == LAST for layer in raised)
    others = {_letter(layer) for layer in raised if isinstance(layer, t.Sum)} - {LAST, ""}
    if not shifted or others or any(_letter(layer) in GENERAL for layer in raised):
        return tuple(statements)
    if any(statement.ranges for statement in statements) or any(_runs(node) for node in nodes):
        return tuple(statements)
    return tuple(_labelled(statement) for statement in statements)


def _layers(node: Node) -> Iterator[Node]:
    """What stands raised in brackets on a name."""
    if isinstance(node, t.Script) and isinstance(node.sup, t.Group) and node.sup.left in ("(", "["):
        yield node.sup.body


def _letter(layer: Node) -> str:
    """The letter of ``L`` or ``L - 1``; empty for anything else."""
    if isinstance(layer, t.Sum) and len(layer.terms) == 2 and isinstance(layer.terms[1].term, t.Number):
        layer = layer.terms[0].term
    return layer.base if isinstance(layer, t.Name) else ""


def _runs(node: Node) -> bool:
    """Whether L is bound by a sum, or the end of one."""
    ends = [part.sup for part in walk(node) if isinstance(part, t.BigOperator)]
    return LAST in bound_letters(node) or any(isinstance(end, t.Name) and end.base == LAST for end in ends)


def _label(node: Node) -> Node:
    if not any(_letter(layer) == LAST for layer in _layers(node)):
        return node
    assert isinstance(node, t.Script)
    assert isinstance(node.sup, t.Group)
    body = node.sup.body
    text = LAST
    if isinstance(body, t.Sum):
        number = body.terms[1].term
        assert isinstance(number, t.Number)
        text += body.terms[1].sign + number.text
    return changed(node, sup=changed(node.sup, body=t.Name(text, "mathrm", span=body.span)))


def _labelled(statement: Statement) -> Statement:
    first = statement.first.of(replace(statement.first.node, _label))
    steps = tuple(Step(step.operator, step.right.of(replace(step.right.node, _label))) for step in statement.steps)
    return changed(statement, first=first, steps=steps)
