r"""Conditions beside a claim: it need only hold where they do.

``∂a_i/∂z_j = a_i(1 - a_i)`` is wrong in general and right ``if i = j``; ``f'(x) = 1`` is right ``for x > 0``. A condition
is a short relation that stands behind the claim in the same formula, or before it in the same passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from symnn.formula.nodes import Cases, Compare, Delta
from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.links import Link, links_of
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import COMPARISONS, ClaimReader, Scope, relation_in
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.expressions.trees import bound_letters
from symnn.notes.read.statements import Statement

REACH = 12
"""How many statements further on a case such as ``i = j`` is still in force within its section."""

_WORDS = "if|when|whenever|provided|falls|wenn|sofern|si|se|cuando|quando|lorsque|если|когда|当|若|如果|ならば|のとき"
_IF = re.compile(rf"[\s,]*(?:{_WORDS})(?![a-z])", re.IGNORECASE)
_ANY_WORD = re.compile(rf"[\s,]*(?:{_WORDS}|for|für|pour|para|per|при)(?![a-z])(?:\s\w+)?\s*\\?[$(]", re.IGNORECASE)

INDEX_LETTERS = frozenset("abcdhijklmnpqrstuv")


@dataclass(frozen=True)
class Condition:
    """``left operator right``, said at a statement."""

    left: Node
    operator: str
    right: Node
    statement: Statement

    @property
    def of_letters(self) -> tuple[str, str] | None:
        """The two letters of ``i = j`` or ``i ≠ j``."""
        ends = (self.left, self.right)
        if self.operator not in ("=", "ne"):
            return None
        letters = [end.base for end in ends if isinstance(end, t.Name) and end.base in INDEX_LETTERS]
        return (letters[0], letters[1]) if len(letters) == 2 else None

    def __str__(self) -> str:
        """The condition as written, with its line."""
        return f"{self.statement.spot.text} (line {self.statement.spot.place().line})"


def condition_of(statement: Statement) -> Condition | None:
    """The condition that a statement may be: one comparison, or an equation of two letters, or of a name and a number."""
    if len(statement.steps) != 1:
        return None
    step = statement.steps[0]
    made = Condition(statement.first.node, step.operator, step.right.node, statement)
    if step.operator in COMPARISONS and step.operator not in ("=", "ne"):
        return made
    if made.of_letters is not None:
        return made
    numbers = isinstance(made.right, t.Number) and isinstance(made.left, t.Name | t.Script)
    return made if numbers and step.operator == "=" else None


def conditions_at(context: Context, link: Link) -> Iterator[Condition]:
    """The conditions under which a claim may be meant, the one that binds it most first."""
    own = link.statement
    after = context.statements[own.order + 1 : own.order + 2]
    for statement in after:
        found = condition_of(statement)
        if found is not None and own.span is not None and (statement.span is own.span or _goes_on(own, _ANY_WORD)):
            yield found
            return
    letters = True
    for statement in reversed(context.statements[max(0, own.order - REACH) : own.order]):
        if statement.section != own.section:
            break
        found = condition_of(statement)
        if found is None:
            continue
        near = _blocks_between(statement, own) <= 1 and not statement.displayed
        if found.of_letters is not None:
            if letters:
                yield found
            letters = False
        elif near:
            yield found


def _blocks_between(one: Statement, other: Statement) -> int:
    if one.span is None or other.span is None:
        return REACH
    return abs(one.span.block - other.span.block)


def under_conditions(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A claim that does not hold everywhere: right where its condition holds, or else as it was decided."""
    sides = canonical(link.left.node), canonical(link.right.node)
    for condition in conditions_at(context, link):
        try:
            decision = _under(condition, sides, reader)
        except NotUnderstood as error:
            reason = f"it may be meant only where {condition} holds, and with that {error.message}"
            return Decision("undecided", reason, found.pair)
        if decision is None:
            continue
        if decision.verdict in ("proved", "agrees"):
            return Decision(decision.verdict, f"{decision.reason}, where {condition}", decision.pair, decision.facts)
        if decision.verdict == "undecided":
            return decision
    after = context.statements[link.statement.order + 1 : link.statement.order + 2]
    if _goes_on(link.statement, _IF) and not any(condition_of(statement) for statement in after):
        return Decision("undecided", "it is said to hold only under a condition, which is not understood", found.pair)
    return found


def _goes_on(statement: Statement, word: re.Pattern[str]) -> bool:
    """Whether the words behind a formula in running text say that it holds under a condition: ``$a$ if $b$``."""
    span = statement.span
    return span is not None and span.kind == "inline" and word.match(span.context.after) is not None


def set_to_zero(context: Context, link: Link, found: Decision, is_identity: Callable[[Link], bool]) -> Decision:
    """``2 C w - 2 λ w = 0`` is an equation to solve: what stands below it may follow from it, and is no identity.

    Nothing follows from an equation that is itself an identity, as ``Σ (x_i - μ) = 0`` with the mean μ.
    """
    if any(isinstance(part, t.Derivative | t.Nabla) for node in link.nodes for part in walk(node)):
        return found
    own = link.statement
    for statement in reversed(context.statements[max(0, own.order - REACH) : own.order + 1]):
        if statement.section != own.section:
            break
        for other in links_of(statement):
            if statement is own and other.place >= link.place:
                break
            zero = other.operator == "=" and _is_zero(other.right.node) and _has_names(other.left.node)
            if zero and not is_identity(other):
                line = statement.spot.place().line
                return Decision("undecided", f"it may follow from what is set to zero in line {line}", found.pair)
    return found


def _is_zero(node: Node) -> bool:
    return isinstance(node, t.Number) and node.text == "0"


def _has_names(node: Node) -> bool:
    return any(isinstance(part, t.Name) for part in walk(node))


def by_cases(link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """``y z = (z if y = 1, 0 if y = 0)``: it says something of those values only, each of which is looked at on its own."""
    left, right = (canonical(node) for node in link.nodes)
    other, cases = (left, right) if isinstance(right, t.Cases) else (right, left)
    if not isinstance(cases, t.Cases) or isinstance(other, t.Cases):
        return found
    decisions = []
    for branch in cases.branches:
        relation = relation_in(branch.condition)
        condition = None if relation is None else _condition(relation, link.statement)
        if condition is None or condition.operator not in ("=", "ne"):
            return found
        decision = _under(condition, (other, branch.value), reader)
        if decision is None:
            return Decision("undecided", f"its case {condition} is not understood", found.pair)
        decisions.append(decision)
    for verdict in ("refuted", "undecided", "agrees", "proved"):
        first = next((decision for decision in decisions if decision.verdict == verdict), None)
        if first is not None:
            return first
    return found


def _condition(relation: t.Relation, statement: Statement) -> Condition | None:
    if relation.first is None or len(relation.links) != 1 or relation.links[0].right is None:
        return None
    return Condition(relation.first, relation.links[0].operator, relation.links[0].right, statement)


def _under(condition: Condition, sides: tuple[Node, Node], reader: ClaimReader) -> Decision | None:
    """The decision about a claim where a condition holds; None for a condition that is about other things."""
    left, right = sides
    letters = condition.of_letters
    if letters is not None and condition.operator == "=":
        one, other = letters
        if other in bound_letters(left) | bound_letters(right) or not _mentions((left, right), letters):
            return None
        return _decided([_renamed(side, other, t.Name(one)) for side in sides], reader)
    if letters is not None:
        reader.read(left, Scope()), reader.read(right, Scope())
        one, other = letters
        if one not in reader.free or other not in reader.free:
            return None
        apart = 1 - Delta(reader.free[one], reader.free[other])
        return _decided([left, right], reader, apart)
    if condition.operator == "=":
        if not any(part == condition.left for side in (left, right) for part in walk(side)):
            return None
        put = partial(_put, condition)
        return _decided([replace(side, put) for side in sides], reader)
    lefts, rights = (reader.read(node, Scope())[0] for node in (condition.left, condition.right))
    if lefts.rank or rights.rank:
        return None
    held = Compare(COMPARISONS[condition.operator], lefts.array.body, rights.array.body)
    return _decided([left, right], reader, Cases([(held, 1)], 0))


def _decided(sides: Sequence[Node], reader: ClaimReader, factor: object = None) -> Decision:
    lefts, rights = (reader.read(side, Scope()) for side in sides)
    free = tuple(reader.free.values())

    def within(pair: Pair) -> Pair:
        if factor is None:
            return pair
        from dataclasses import replace as changed

        present = [index for index in free if index in factor.free_symbols and index not in pair.indices]  # type: ignore[attr-defined]
        return changed(pair, left=pair.left * factor, right=pair.right * factor, indices=(*pair.indices, *present))

    return decide(lefts, rights, reader.world, reader.conventions, free, within=within, exists=reader.exists)


def _mentions(sides: Sequence[Node], letters: tuple[str, str]) -> bool:
    names = {part.base for side in sides for part in walk(side) if isinstance(part, t.Name)}
    return set(letters) <= names


def _put(condition: Condition, part: Node) -> Node:
    return condition.right if part == condition.left else part


def _renamed(node: Node, letter: str, name: Node) -> Node:
    return replace(node, lambda part: name if isinstance(part, t.Name) and part.base == letter else part)
