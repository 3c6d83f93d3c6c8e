"""Judging a claim about a recurrence by its instances."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.budget import limited
from symnn.notes.judge.decide import Decision
from symnn.notes.judge.derivatives import chained_derivatives
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import Link
from symnn.notes.judge.unroll.running import Running
from symnn.notes.judge.unroll.unrolled import Unrolled
from symnn.notes.judge.watchdog import watched

if TYPE_CHECKING:
    from symnn.notes.judge.context import Context

LENGTHS = (3, 4)
SECONDS = 12.0
STEPS = 200_000
MOST_INSTANCES = (6, 2)


def by_unrolling(context: Context, link: Link, *, apart: bool = False) -> Decision | None:
    """What the instances of a link say together; None where it is about no recurrence, or they do not decide.

    `apart` leaves out what the statement of the link defines itself. A link about derivatives is refuted where every way
    to read it is; one about values may only mean another start.
    """
    running = context.running
    if not running.members or not any(running.runs(node) for node in link.nodes):
        return None
    chained = any(chained_derivatives(node) for node in link.nodes)
    wrong: Decision | None = None
    try:
        with limited(SECONDS, STEPS), watched(SECONDS):
            for as_numbers in (False, True) if has_no_shapes(link, running) else (False,):
                found = [
                    by_lengths(context, link, as_numbers=as_numbers, immediate=immediate, apart=apart)
                    for immediate in ((False, True) if chained else (False,))
                ]
                right = next((d for d in found if d is not None and d.verdict == "agrees"), None)
                if right is not None:
                    return right
                if all(d is not None for d in found) and has_derivatives(link):
                    wrong = wrong or found[0]
    except (NotUnderstood, OutOfTime):
        return None
    return wrong


def by_lengths(
    context: Context,
    link: Link,
    *,
    as_numbers: bool = False,
    immediate: bool = False,
    apart: bool = False,
    with_loss: bool = False,
) -> Decision | None:
    """Agrees where all instances hold, refuted where one fails at every length; None where they do not decide."""
    last: Decision | None = None
    wrong: list[Decision] = []
    open_ = False
    for number, length in enumerate(LENGTHS):
        unrolled = Unrolled.of(context, link.statement if apart else None, length, as_numbers, with_loss)
        held = 0
        for instance, interior in unrolled.instances(link, MOST_INSTANCES[number]):
            decision = unrolled.judged(instance, immediate)
            if decision.verdict in ("proved", "agrees"):
                held += 1
                last = decision
            elif decision.verdict == "refuted":
                wrong.append(replace(decision, reason=f"the two sides differ where {_last_place(context)} = {length}"))
                break
            else:
                open_ = open_ or interior
        if not held and not wrong:
            return None
    if wrong:
        return wrong[0] if len(wrong) == len(LENGTHS) else None
    if open_:
        return None
    assert last is not None
    shown = " and ".join(f"{_last_place(context)} = {length}" for length in LENGTHS)
    how = ", where every name is a number" if as_numbers else ""
    direct = "; a derivative in a product counts only the direct dependence" if immediate else ""
    return Decision("agrees", f"it holds in every place for {shown}{how}{direct}, but that is no proof", last.pair)


def _last_place(context: Context) -> str:
    return min(context.running.limits, default="T")


def has_derivatives(link: Link) -> bool:
    """Whether a link is about derivatives."""
    return any(isinstance(part, t.Derivative | t.Nabla) for node in link.nodes for part in walk(node))


def has_no_shapes(link: Link, running: Running) -> bool:
    """Whether a link is about derivatives alone, so that it says the same for numbers as for arrays."""
    return all(_has_no_shapes(node, running) for node in link.nodes)


def _has_no_shapes(node: Node, running: Running) -> bool:
    match node:
        case t.Derivative() | t.Number():
            return True
        case t.Name():
            return node.base in running.limits | running.letters
        case t.Product():
            return all(_has_no_shapes(factor, running) for factor in node.factors)
        case t.Sum():
            return all(_has_no_shapes(term.term, running) for term in node.terms)
        case t.Quotient():
            return _has_no_shapes(node.numerator, running) and _has_no_shapes(node.denominator, running)
        case t.Group() | t.Negative() | t.BigOperator():
            return _has_no_shapes(node.body, running)
    slot = running.slot_of(node)
    return slot is not None and isinstance(node, t.Script) and node.sup is None
