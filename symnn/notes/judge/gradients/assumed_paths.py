"""Decisions that rest on what derivatives of a document alone say: which name depends on which."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import tensors
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.gradients.differentials import unknown_derivative
from symnn.notes.judge.gradients.edges import hidden_path
from symnn.notes.judge.gradients.unknown_loss import of_unknown_loss, other_outputs, why_uncertain
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.reader import ClaimReader

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

OF_RECURRENCE = "how the values of the recurrence depend on each other is not understood"


def with_edges(context: Context, link: Link, found: Decision, reader: ClaimReader) -> Decision:
    """The decision, with what was taken from the derivatives of the document alone: which name depends on which.

    Where the document shows another way from one name to the other, nothing follows from them.
    """
    ends: dict[str, list[str]] = {}
    for name, end in sorted(reader.differentials.used_edges, key=str):
        ends.setdefault(name.name, []).append(end.name)
    if found.verdict == "refuted" and not of_unknown_loss(context, link) and one_is_told(reader, found):
        told = "; ".join(f"{name} depends on {', '.join(others)}" for name, others in ends.items())
        return Decision("undecided", f"it may be what says how {told}", found.pair)
    if ends and context.running.members and any(context.running.runs(node) for node in link.nodes):
        return Decision("undecided", OF_RECURRENCE)
    for name, _ in reader.differentials.used_edges:
        key = reader.world.key_of(name)
        if found.verdict == "refuted" and key is not None and key in reader.world.refused:
            reason = f"the definition of {key} is not understood ({reader.world.refused[key]})"
            return Decision("undecided", reason, found.pair)
    if ends and found.verdict == "refuted" and of_unknown_loss(context, link):
        doubt = why_uncertain(context, link)
        return Decision("undecided", doubt, found.pair) if doubt else found
    if not ends or found.verdict not in ("proved", "agrees"):
        return found
    beside = other_outputs(context, link) if of_unknown_loss(context, link) else ""
    if beside:
        return Decision("undecided", beside, found.pair)
    hidden = hidden_path(context.table_at(link.statement), reader.world, reader.differentials.used_edges, link.nodes)
    if hidden:
        return Decision("undecided", hidden, found.pair)
    said = "; ".join(f"{name} depends on {', '.join(others)} and on nothing else" for name, others in ends.items())
    return replace(found, reason=f"{found.reason}, where {said}")


def one_is_told(reader: ClaimReader, found: Decision) -> bool:
    """Whether only one side of a claim has derivatives of names without a definition: the other side may be what they are."""
    unknown = {unknown_derivative(name, end) for name, end in reader.differentials.used_edges}
    if found.pair is None or not unknown:
        return False
    sides = (found.pair.left, found.pair.right)
    every = (set(reader.world.closure(tensors(unfold_applications(side)))) for side in sides)
    return len({bool(mentioned & unknown) for mentioned in every}) == 2
