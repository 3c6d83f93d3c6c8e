"""Reservations: a claim that does not hold everywhere may be meant for some numbers only, under a condition, or roughly."""

from __future__ import annotations

from collections.abc import Callable

from symnn.notation.traverse import walk
from symnn.notation.tree import Node, Number
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.instances import put_in
from symnn.notes.judge.decision.symmetry import where_symmetric
from symnn.notes.judge.links import Link
from symnn.notes.judge.probability.one_hot import at_one_place
from symnn.notes.judge.probability.statistics import through_statistics
from symnn.notes.judge.reading.conditions import by_cases, set_to_zero, under_conditions
from symnn.notes.judge.reading.operands import in_other_layout
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.worlds.context import Context


def with_reservations(
    context: Context, link: Link, reader: ClaimReader, found: Decision, is_identity: Callable[[Link], bool]
) -> Decision:
    """A claim that does not hold everywhere is wrong unless it is meant to hold under a condition, or for some numbers."""
    if link.statement.doubt:
        return Decision("undecided", link.statement.doubt, found.pair)
    if link.operator == "approx" and not any(is_numeric_text(node) for node in link.nodes):
        return Decision(
            "undecided", "it says that both sides are near to each other, and they are not equal", found.pair
        )
    found = put_in(context, link, reader, found)
    if found.verdict == "refuted":
        found = through_statistics(link, reader, found)
    if found.verdict == "refuted":
        found = in_other_layout(link, reader, found)
    if found.verdict == "refuted":
        found = where_symmetric(context, link, reader, found)
    if found.verdict == "refuted":
        found = by_cases(link, reader, found)
    if found.verdict == "refuted":
        found = set_to_zero(context, link, found, is_identity)
    if found.verdict == "refuted":
        found = under_conditions(context, link, reader, found)
    return at_one_place(context, link, reader, found) if found.verdict == "refuted" else found


def is_numeric_text(node: Node) -> bool:
    """Whether a side is written with decimals: then it is meant to be rounded, and to hold for all that."""
    return any(isinstance(part, Number) and "." in part.text for part in walk(node))
