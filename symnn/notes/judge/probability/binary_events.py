r"""Claims between the probabilities of the two values of a binary variable: ``P(y = 0 \mid x) = 1 - P(y = 1 \mid x)``, log-odds.

A variable is binary where the probabilities of its values 0 and 1 stand in a document and of no other value. Then the
probability of 0 is one minus that of 1, and that of 1 is what the document says it is, or a number of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symnn.errors import SymnnError
from symnn.formula.application import Array
from symnn.formula.nodes import Tensor
from symnn.formula.normal import TooLarge
from symnn.notation import tree as t
from symnn.notation.traverse import replace as replaced
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import EQUAL, Link, links_of, names_in
from symnn.notes.judge.probability.probabilities import HEADS
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.slips.told import claim_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import Key
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.statements import Piece

UNKNOWN, INSIDE = t.Name("probability", "text"), t.Name("score", "text")
NUMBERS = (Key("probability"), Key("score"))
ONE = t.Number("1")


@dataclass(frozen=True)
class Event:
    """``y = 1 | x`` in the bracket of a probability: the variable, the value, and under which condition."""

    variable: Node
    value: Node
    condition: Node | None


@dataclass
class Variable:
    """What a document says of a variable: the values that it takes, under which conditions, and the probability of 1."""

    values: set[Node] = field(default_factory=set)
    conditions: set[Node] = field(default_factory=set)
    stated: list[tuple[Link, Node]] = field(default_factory=list)

    @property
    def is_binary(self) -> bool:
        """Whether the values are 0 and 1, always under the same condition, and at most one formula gives the probability."""
        return self.values == {t.Number("0"), ONE} and len(self.conditions) <= 1 and len(self.stated) <= 1


def judge_binary_events(context: Context) -> list[Claim]:
    """The claims between probabilities of the values of binary variables."""
    links = [link for statement in context.statements for link in links_of(statement) if link.operator in EQUAL]
    variables = _variables(context, links)
    claims = []
    for link in links:
        found = {event.variable for side in link.nodes for event in events_in(side)}
        if len(found) != 1:
            continue
        variable = variables[found.pop()]
        if variable.is_binary and not any(stated is link for stated, _ in variable.stated):
            claim = _claim(context, link, variable)
            claims += [] if claim is None else [claim]
    return claims


def events_in(node: Node) -> Iterator[Event]:
    """The events whose probabilities stand in a formula."""
    for part in walk(node):
        if isinstance(part, t.Product) and part.operator == "juxtaposed":
            for head, bracket in zip(part.factors, part.factors[1:], strict=False):
                event = event_of(head, bracket)
                if event is not None:
                    yield event


def event_of(head: Node, bracket: Node) -> Event | None:
    """The event in ``P(y = 1 | x)``; None for anything else."""
    if not (isinstance(head, t.Name) and head.base in HEADS and not head.accents and isinstance(bracket, t.Group)):
        return None
    inner: Node = bracket.body
    condition: Node | None = None
    if isinstance(inner, t.Given):
        condition, inner = inner.right, inner.left
    if not (isinstance(inner, t.Relation) and len(inner.links) == 1 and inner.links[0].operator == "="):
        return None
    value = inner.links[0].right
    return None if inner.first is None or value is None else Event(inner.first, value, condition)


def _variables(context: Context, links: list[Link]) -> dict[Node, Variable]:
    found: dict[Node, Variable] = {}
    for statement in context.statements:
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for event in events_in(piece.node):
                variable = found.setdefault(event.variable, Variable())
                variable.values.add(event.value)
                if event.condition is not None:
                    variable.conditions.add(event.condition)
    for link in links:
        left, right = link.nodes
        factors = left.factors if isinstance(left, t.Product) and len(left.factors) == 2 else ()
        stated = event_of(*factors) if factors else None
        if stated is None or any(True for _ in events_in(right)) or not any(names_in([right])):
            continue
        if link.opens and stated.value in (t.Number("0"), ONE):
            formula = right if stated.value == ONE else _rest(right)
            found[stated.variable].stated.append((link, formula))
    return found


def _rest(node: Node) -> Node:
    """One minus a formula."""
    return t.Group(t.Sum((t.Signed("+", ONE), t.Signed("-", t.Group(node)))))


def _claim(context: Context, link: Link, variable: Variable) -> Claim | None:
    """The claim of a link, with the probabilities put in; None where it is not decided."""
    given = t.Group(variable.stated[0][1]) if variable.stated else UNKNOWN
    left, right = (canonical(_put_in(node, given)) for node in link.nodes)
    beside = [Piece(given, variable.stated[0][0].right.passage)] if variable.stated else []
    found = _decided(context, link, (left, right), beside)
    if found is None:
        # What stands in brackets is a number all the same, the same one wherever it is written alike.
        inner = {part.body for part in walk(given) if isinstance(part, t.Group) and part.left == "("}
        sides = tuple(replaced(side, lambda part: INSIDE if part in inner else part) for side in (left, right))
        found = _decided(context, link, sides, [])
        if found is None or found[0].verdict == "refuted":
            return None
    decision, reader = found
    if decision.verdict in ("proved", "agrees"):
        reason = "the probabilities of the two values add up to one"
        return claim_of(link, Decision(decision.verdict, reason), None)
    if decision.verdict != "refuted" or not variable.stated or not _says_more(link) or link.statement.doubt:
        return None
    line = variable.stated[0][0].statement.spot.place().line
    reason = f"it is not so for the probability in line {line}, and the probabilities of the two values add up to one"
    return claim_of(link, replace(decision, reason=reason, pair=None), reader)


def _decided(
    context: Context, link: Link, sides: Sequence[Node], beside: Sequence[Piece]
) -> tuple[Decision, ClaimReader] | None:
    try:
        with limited(), watched():
            reader = context.reader(link.statement, beside=beside)
            scope = Scope(parameters={key: Value(Array.of(Tensor(key.identifier))) for key in NUMBERS})
            left, right = (reader.read(side, scope) for side in sides)
            return decide(left, right, reader.world, reader.conventions, tuple(reader.free.values())), reader
    except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge):
        return None


def _put_in(node: Node, given: Node) -> Node:
    """The formula with the probability of 1 in the place of what it is called."""

    def change(part: Node) -> Node:
        if not (isinstance(part, t.Product) and part.operator == "juxtaposed"):
            return part
        factors: list[Node] = []
        for factor in part.factors:
            event = event_of(factors[-1], factor) if factors else None
            if event is None:
                factors.append(factor)
            else:
                factors[-1] = given if event.value == ONE else _rest(given)
        return factors[0] if len(factors) == 1 else replace(part, factors=tuple(factors))

    return replaced(node, change)


def _says_more(link: Link) -> bool:
    """Whether a link has names beside its probabilities: else it may say where both values are equally likely."""
    zero = t.Number("0")
    return any(any(names_in([_put_in(node, zero)])) for node in link.nodes)
