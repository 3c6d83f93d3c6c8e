"""Probabilities of the two values of a binary variable: they add up to one."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import S

from symnn.errors import SymnnError
from symnn.formula.normal import TooLarge
from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk, without_groups
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import Link, links_of
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import Scope
from symnn.notes.judge.reading.values import scalar
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.shapes.shapes import Clash

HEADS = ("P", "p", "Pr")


@dataclass(frozen=True)
class Event:
    """``P(y = 1 | x) = …``: the variable, its value, and the link."""

    variable: Node
    value: str
    link: Link


def judge_probabilities(context: Context) -> list[Claim]:
    """The claims that pairs of probabilities make: the second one of a pair is checked against the first."""
    claims = []
    waiting: dict[Node, Event] = {}
    stated: dict[Node, dict[str, Event]] = {}
    for statement in context.statements:
        for link in links_of(statement):
            event = event_of(link)
            if event is None:
                claims += _of_both(context, link, stated)
                continue
            stated[event.variable] = {**stated.get(event.variable, {}), event.value: event}
            other = waiting.pop(event.variable, None)
            if other is None or other.value == event.value or other.link.statement.section != statement.section:
                waiting[event.variable] = event
                continue
            decision, fix = _add_up(context, other, event)
            if decision is not None:
                claims.append(claim_of(event.link, decision, None, fix))
    return claims


def event_of(link: Link) -> Event | None:
    """The event whose probability a link states, where it is a value 0 or 1."""
    inner = _inside(link)
    if not (
        isinstance(inner, t.Relation)
        and len(inner.links) == 1
        and inner.links[0].operator == "="
        and inner.first is not None
    ):
        return None
    value = inner.links[0].right
    if not (isinstance(value, t.Number) and value.text in ("0", "1")):
        return None
    return Event(inner.first, value.text, link)


def _inside(link: Link) -> Node | None:
    """What the probability on the left side of a link is of, without its conditions."""
    node = link.left.node
    if link.operator not in ("=", "equiv", ":=") or not isinstance(node, t.Product) or len(node.factors) != 2:
        return None
    head, bracket = node.factors
    if not (isinstance(head, t.Name) and head.base in HEADS and isinstance(bracket, t.Group | t.Sequence)):
        return None
    inner: Node = bracket.body if isinstance(bracket, t.Group) else bracket.items[0]
    while isinstance(inner, t.Given | t.Sequence):
        inner = inner.left if isinstance(inner, t.Given) else inner.items[0]
    return inner


def _of_both(context: Context, link: Link, stated: dict[Node, dict[str, Event]]) -> list[Claim]:
    """``P(y | x) = h^y (1 - h)^{1 - y}``: one formula for both values, which adds up to one and says what was said of y = 1."""
    variable = _inside(link)
    events = {} if variable is None else stated.get(variable, {})
    if variable is None or "1" not in events or not any(part == variable for part in walk(link.right.node)):
        return []
    at = {value: _at(link.right.node, variable, value) for value in ("0", "1")}
    both = t.Sum((t.Signed("+", at["0"]), t.Signed("+", at["1"])))
    pairs = ((at["1"], events["1"].link.right.node), (both, t.Number("1")))
    verdicts = []
    for left, right in pairs:
        try:
            with limited(), watched():
                reader = context.reader(link.statement)
                sides = reader.read(left, Scope()), reader.read(right, Scope())
                verdicts.append(decide(*sides, reader.world, reader.conventions).verdict)
        except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge):
            return []
    reason = "it adds up to one, and for 1 it is what was said before"
    if all(verdict in ("proved", "agrees") for verdict in verdicts):
        return [claim_of(link, Decision("proved" if set(verdicts) == {"proved"} else "agrees", reason), None)]
    if "refuted" in verdicts:
        wrong = "it is not what was said for 1" if verdicts[0] == "refuted" else "it does not add up to one"
        return [claim_of(link, Decision("refuted", wrong), None)]
    return []


def _at(node: Node, variable: Node, value: str) -> Node:
    return canonical(replace(node, lambda part: t.Number(value, span=part.span) if part == variable else part))


def _add_up(context: Context, first: Event, second: Event) -> tuple[Decision | None, Correction | None]:
    left, right = first.link.right.node, second.link.right.node
    complement = t.Sum((t.Signed("+", t.Number("1")), t.Signed("-", left)))
    fix = Correction(complement, "missing term")
    reason = "the probabilities of the two values do not add up to one"
    if without_groups(left) == without_groups(right):
        half = isinstance(left, t.Quotient | t.Number)
        return (None, None) if half else (Decision("refuted", reason), fix)
    try:
        with limited(), watched():
            reader = context.reader(second.link.statement)
            whole = t.Sum((t.Signed("+", left), t.Signed("+", right)))
            decision = decide(reader.read(whole, Scope()), [scalar(S.One)], reader.world, reader.conventions)
    except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge):
        return None, None
    if decision.verdict in ("proved", "agrees"):
        return Decision(decision.verdict, "with the other one it adds up to one"), None
    return (Decision("refuted", reason), fix) if decision.verdict == "refuted" else (None, None)
