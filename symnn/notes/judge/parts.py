"""Parts of a document: what the headings that a claim stands under say alone, without the formulas under other headings.

Notes on several subjects use a letter for one thing here and for another there: y is a target under one heading and what
a layer computes under the next. A claim is read with the formulas of the whole document first. Where it does not hold
so, or is not understood, it is read once more with those of its own part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.settle import Judged, corrected
from symnn.notes.judge.gradients.edges import leads_on
from symnn.notes.judge.links import Link, links_of
from symnn.notes.judge.worlds.context import Context

Judge = Callable[[Context, Link], Judged]
"""How a link is judged in a context."""

ELSEWHERE = "it holds by the formulas under its own heading, but not with those under the others"


def in_part(context: Context, item: Judged, judge: Judge) -> Judged:
    """What the part of the document that a claim belongs to says alone, where the whole document does not confirm it.

    The names of a claim may lead on to what it differentiates by through other parts. Then its own part does not decide;
    but a claim that holds there is not wrong.
    """
    if item.decision.verdict not in ("undecided", "refuted"):
        return item
    own = _in_own_part(context, item.link)
    if own is None:
        return item
    part, link = own
    found = judge(part, link)
    if found.reader is None or found.decision.verdict not in ("proved", "agrees", "refuted"):
        return item
    statement, world = item.link.statement, found.reader.world
    if found.decision.verdict == "refuted":
        if item.decision.verdict == "refuted" or leads_on(context.table_at(statement), world, link.nodes):
            return item
        fix = found.correction or corrected(link, found.reader)
        return item if fix is None else replace(found, correction=fix)
    if not leads_on(context.table_without_later_parts(statement), world, link.nodes):
        return found
    if item.decision.verdict == "undecided":
        return item
    return Judged(item.link, Decision("undecided", ELSEWHERE, item.decision.pair), item.reader)


def _in_own_part(context: Context, link: Link) -> tuple[Context, Link] | None:
    """The part that a link belongs to as a context of its own, and the link there; None where that is all of the document."""
    part = context.part(link.statement)
    if part is None:
        return None
    for statement in part.statements:
        if statement.order == link.statement.order:
            for other in links_of(statement):
                if other.place == link.place and other.operator == link.operator:
                    return part, other
    return None
