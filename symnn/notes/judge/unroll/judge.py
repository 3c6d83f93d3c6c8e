"""Judging a claim about a recurrence by its instances."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.gradients.derivatives import Direct, chained_derivatives
from symnn.notes.judge.links import Link
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.values import ON_EVERY_ROW
from symnn.notes.judge.unroll.running import Running
from symnn.notes.judge.unroll.unrolled import Unrolled
from symnn.notes.read.names import parts_of

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

LENGTHS = (3, 4)
SECONDS = 6.0
SECONDS_IN_ALL = 40.0
"""Time for all links of a document that are written out."""
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
    ways: tuple[Direct, ...] = ("", "chained", "all") if chained else ("", "all")
    numbers = (False, True) if has_no_shapes(link, running, context.turned) else (False,)
    found: Decision | None = None
    with in_turn(context) as left:
        if left and context.unknown_loss is not None:
            found = _by_ways(context, link, numbers, ways, apart, abstract=True)
        if left and found is None:
            found = _by_ways(context, link, numbers, ways, apart)
    return found


def _by_ways(
    context: Context,
    link: Link,
    numbers: Iterable[bool],
    ways: Iterable[Direct],
    apart: bool,
    *,
    abstract: bool = False,
) -> Decision | None:
    """Agrees where one way to read a link does, refuted where every one is.

    `abstract` puts a function of the last values in the place of a loss that the document does not define.
    """
    wrong: Decision | None = None
    refutable = has_derivatives(link) and not _may_be_power(link, context.running)
    for as_numbers in numbers:
        found = []
        for way in ways:
            decision = by_lengths(context, link, as_numbers=as_numbers, direct=way, apart=apart, abstract=abstract)
            if decision is not None and decision.verdict == "agrees":
                return decision
            found.append(decision)
        if refutable and None not in found:
            wrong = wrong or found[0]
    return wrong


@contextmanager
def in_turn(context: Context) -> Iterator[bool]:
    """Bounds the time for one link, and for all links of a document; false where that is used up. Ends quietly out of time."""
    started = time.process_time()
    try:
        with limited(SECONDS, STEPS), watched(SECONDS), suppress(NotUnderstood, OutOfTime):
            yield context.unrolling < SECONDS_IN_ALL
    finally:
        context.unrolling += time.process_time() - started


def _may_be_power(link: Link, running: Running) -> bool:
    """Whether a raised T may be the last place as well as a transpose."""
    if "T" not in running.limits:
        return False
    scripts = (part for node in link.nodes for part in walk(node) if isinstance(part, t.Script))
    return any(isinstance(part.sup, t.Name) and part.sup.base == "T" for part in scripts)


def by_lengths(
    context: Context,
    link: Link,
    *,
    as_numbers: bool = False,
    direct: Direct = "",
    apart: bool = False,
    with_loss: bool = False,
    abstract: bool = False,
) -> Decision | None:
    """Agrees where all instances hold, refuted where one fails at every length; None where they do not decide."""
    last: Decision | None = None
    wrong: list[Decision] = []
    open_, certain = False, True
    at_end = abstract and any(_at_last_place(node, context.running) for node in link.nodes)
    lengths = (*_ends_at(link, context.running), *LENGTHS)
    for number, length in enumerate(lengths):
        unrolled = Unrolled.of(
            context, link.statement, length, as_numbers, apart=apart, with_loss=with_loss, abstract=abstract
        )
        plain = unrolled.without_loss(context, link.statement, apart=apart) if abstract else unrolled
        held = 0
        for instance, interior in unrolled.instances(link, MOST_INSTANCES[min(number, 1)]):
            within = abstract and (unrolled.parts(instance) or at_end)
            certain = certain and (not abstract or unrolled.has_one_end or unrolled.parts(instance))
            decision = (plain if within else unrolled).judged(instance, direct)
            if decision.verdict in ("proved", "agrees"):
                held += 1
                last = decision
            elif decision.verdict == "refuted":
                if decision.pair is not None and ON_EVERY_ROW in decision.pair.said:
                    return None  # the shapes of the instances are not those of the formula
                if unrolled.is_before_the_start(instance):
                    continue
                wrong.append(replace(decision, reason=f"the two sides differ where {_last_place(context)} = {length}"))
                break
            else:
                open_ = open_ or interior
        if not held and not wrong:
            return None
    if wrong:
        return wrong[0] if len(wrong) == len(lengths) and certain else None
    if open_:
        return None
    assert last is not None
    shown = " and ".join(f"{_last_place(context)} = {length}" for length in lengths)
    how = ", where every name is a number" if as_numbers else ""
    said = {
        "chained": "; a derivative in a product counts only the direct dependence",
        "all": "; a derivative counts only the direct dependence",
        "": "",
    }[direct]
    return Decision("agrees", f"it holds in every place for {shown}{how}{said}, but that is no proof", last.pair)


def _ends_at(link: Link, running: Running) -> tuple[int, ...]:
    """The last place that a link about numbered places mentions: the recurrence may end there, if that is soon."""
    slots = {slot for node in link.nodes for part in walk(node) if (slot := running.slot_of(part)) is not None}
    numbers = [int(slot.text) for slot in slots if isinstance(slot, t.Number) and slot.text.isdigit()]
    return (max(numbers),) if len(numbers) == len(slots) and 1 < max(numbers, default=0) < LENGTHS[0] else ()


def _at_last_place(node: Node, running: Running) -> bool:
    """Whether a formula differentiates by a value at the last place: then the loss is one of the last value."""
    slots = (running.slot_of(by) for part in walk(node) if isinstance(part, t.Derivative) for by in part.denominators)
    return any(isinstance(slot, t.Name) and slot.base in running.limits for slot in slots)


def _last_place(context: Context) -> str:
    return min(context.running.limits, default="T")


def has_derivatives(link: Link) -> bool:
    """Whether a link is about derivatives."""
    return any(isinstance(part, t.Derivative | t.Nabla) for node in link.nodes for part in walk(node))


def has_no_shapes(link: Link, running: Running, turned: frozenset[str]) -> bool:
    """Whether a link is about derivatives and numbers, so that it says the same for numbers as for arrays.

    `turned` are the letters that are transposed somewhere in the document: these are no numbers.
    """
    return all(_has_no_shapes(node, running, turned) for node in link.nodes)


def _has_no_shapes(node: Node, running: Running, turned: frozenset[str]) -> bool:
    match node:
        case t.Derivative() | t.Number():
            return True
        case t.Product():
            return all(_has_no_shapes(factor, running, turned) for factor in node.factors)
        case t.Sum():
            return all(_has_no_shapes(term.term, running, turned) for term in node.terms)
        case t.Quotient():
            return all(_has_no_shapes(part, running, turned) for part in (node.numerator, node.denominator))
        case t.Group() | t.Negative() | t.BigOperator():
            return _has_no_shapes(node.body, running, turned)
    parts = parts_of(node)
    if parts is None or parts.key.base in turned:
        return False
    if isinstance(node, t.Name) and node.base in running.limits:
        return True
    return _is_small(parts.base) or (running.slot_of(node) is not None and not parts.sups)


def _is_small(name: t.Name) -> bool:
    """Whether a letter is a number by custom."""
    return name.font not in ("mathbf", "boldsymbol", "bm", "bf") and name.base[:1].islower()
