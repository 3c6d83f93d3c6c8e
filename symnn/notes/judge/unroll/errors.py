"""Error terms of a recurrence: ``δ^l = (W^{l+1})^⊤ δ^{l+1} ⊙ f'(z^l)`` says that δ^l is the derivative of the loss by z^l.

What the loss is does not matter for that: it is any function of the last value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.gradients.shorthand import is_error_term
from symnn.notes.judge.links import Link
from symnn.notes.judge.slips.edits import edits
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.unroll.instances import free_letters
from symnn.notes.judge.unroll.judge import by_lengths, in_turn
from symnn.notes.judge.unroll.unrolled import LOSS
from symnn.notes.read.names import Key, parts_of

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

CERTAIN = ("missing derivative", "transpose", "sign")
MOST_EDITS = 24


def judge_error_recurrence(context: Context, link: Link) -> tuple[Decision, Correction | None] | None:
    """What is decided about a link that makes the error term of one place from that of the next; None for another link.

    It is right if it holds for the derivatives of a loss by some value of the recurrence, and wrong if it holds for none
    and one certain slip explains that.
    """
    errors = [part for node in link.nodes for part in walk(node) if _is_error(context, part)]
    if len(errors) < 2 or not _is_error(context, link.left.node) or not free_letters(link.left.node, context.running):
        return None
    with in_turn(context) as left:
        if left:
            values = list(_values(context))
            for value in values:
                if _holds(context, _with_meaning(context, link, link.right.node, value)):
                    reason = (
                        f"it holds where the error term is the derivative of a loss by {value}, but that is no proof"
                    )
                    return Decision("agrees", reason), None
            for edit in _edits(link.right.node):
                for value in values:
                    if _holds(context, _with_meaning(context, link, edit.node, value)):
                        reason = f"it does not hold where it is the derivative of a loss by {value}"
                        return Decision("refuted", reason), Correction(edit.node, edit.slip)
    return None


def _edits(node: Node) -> list[Correction]:
    """The certain slips undone, the commonest first."""
    found = [Correction(edit.node, edit.slip) for edit in edits(node, (), (), True) if edit.slip in CERTAIN]
    return sorted(found, key=lambda edit: CERTAIN.index(edit.slip))[:MOST_EDITS]


def _holds(context: Context, link: Link) -> bool:
    found = by_lengths(context, link, with_loss=True)
    return found is not None and found.verdict == "agrees"


def _is_error(context: Context, node: Node) -> bool:
    parts = parts_of(node) if isinstance(node, t.Script) else None
    return parts is not None and is_error_term(parts.key) and parts.key in context.running.slots


def _values(context: Context) -> Iterator[Key]:
    """The values of the recurrence that a document defines, those that do not recur themselves first: ``z^l`` before ``a^l``."""
    running = context.running
    defined = {key.bare for key in context.table.definitions if key.bare in running.slots and not is_error_term(key)}
    yield from sorted(defined, key=lambda key: (key in running.members, str(key)))


def _with_meaning(context: Context, link: Link, right: Node, value: Key) -> Link:
    """The link with derivatives of the loss in the place of its error terms."""

    def meant(node: Node) -> Node:
        if isinstance(node, t.Script) and _is_error(context, node):
            return t.Derivative("partial", LOSS, (_renamed(node, value),), span=node.span)
        below = children(node)
        after = tuple(meant(child) for child in below)
        return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)

    return replace(link, left=link.left.of(meant(link.left.node)), right=link.right.of(meant(right)))


def _renamed(node: Node, value: Key) -> Node:
    """The name of a value with the scripts of an error term."""
    if isinstance(node, t.Script):
        return replace(node, base=_renamed(node.base, value))
    return t.Name(value.base, accents=value.accents)
