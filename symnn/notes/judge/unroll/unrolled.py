"""A document with its recurrences written out for one length."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.derivatives import Direct
from symnn.notes.judge.links import Link, names_in
from symnn.notes.judge.reading.layer_functions import with_layer
from symnn.notes.judge.unroll.instances import MARK, Instances, OutOfRange, free_letters
from symnn.notes.judge.unroll.running import EQUAL, Slot, nodes_of
from symnn.notes.judge.unroll.standins import loss_of, open_functions, stand_in
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Collected, Piece, Statement, Step
from symnn.notes.read.symbols import is_forward

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

MOST_STATEMENTS = 600
ROOM = 1_000
DECLARING = ("in",)
LOSS = t.Name("lossbehind")
"""A loss of which nothing is known but that it is made of the last values of the recurrence."""


_Value = tuple[Key, int | None]
"""A name and its place in the recurrence, if it runs."""


class Unrolled:
    """A document with its recurrences written out for one length."""

    def __init__(
        self, context: Context, without: frozenset[int], length: int, as_numbers: bool, with_loss: bool, abstract: bool
    ) -> None:
        from symnn.notes.judge.worlds.context import Context as ContextClass

        running = context.running
        values = frozenset(
            letter for letter in running.letters | running.limits if context.table.knows(Key(letter))
        )  # fmt: skip
        self.running = running
        self.instances_of = Instances(running, length, values, starts_of(context) if as_numbers else {})
        self.length = length
        self.as_numbers = as_numbers
        self._uses: dict[_Value, set[_Value]] = {}
        self._last: set[_Value] = set()
        statements: list[Statement] = []
        for statement in context.statements:
            if statement.order not in without:
                statements += self._written_out(statement)
            if len(statements) > MOST_STATEMENTS:
                raise NotUnderstood("the recurrence is too long to write out")
        if as_numbers:
            statements = [s for s in statements if not s.steps or s.steps[0].operator not in DECLARING]
        self._made_here = {place for s in statements if s.steps for place in itertools.islice(_places(s.first.node), 1)}
        first = next((s for s in statements if s.steps), None)
        if first is not None:
            for function in open_functions(statements, context.table).values():
                statements += stand_in(function, first, of_arrays=function.of_arrays and not as_numbers)
            unknown = context.unknown_loss if abstract else None
            ends = list(self._ends(statements)) if unknown is not None else []
            if unknown is not None and ends:
                statements += loss_of(unknown, ends, first)
            if with_loss:
                last = [_member(key, running.slots[key], length) for key in sorted(running.members, key=str)]
                statements += loss_of(LOSS, last, first)
        self.context = ContextClass(context.document, Collected(tuple(statements), ()))
        self.context.as_numbers = as_numbers
        self.context.only_numbers = True

    @classmethod
    def of(
        cls,
        context: Context,
        at: Statement,
        length: int,
        as_numbers: bool,
        *,
        apart: bool = False,
        with_loss: bool = False,
        abstract: bool = False,
    ) -> Unrolled:
        """The document written out as it is in force at a statement, made once for each length.

        `apart` leaves out the statement itself; `with_loss` puts an unknown loss behind the last values, and `abstract` one behind the values
        that nothing is made from, in the place of the one loss that the document differentiates without a definition.
        """
        without = context.superseded(at) | ({at.order} if apart else frozenset())
        mark = (without, length, as_numbers, with_loss, abstract)
        if mark not in context.unrolled:
            context.unrolled[mark] = cls(context, without, length, as_numbers, with_loss, abstract)
        found = context.unrolled[mark]
        assert isinstance(found, Unrolled)
        return found

    def _ends(self, statements: Sequence[Statement]) -> Iterator[Node]:
        """The values that nothing else is made from, among those that run and those made from these."""
        made: dict[_Value, Statement] = {}
        for statement in statements:
            parts = parts_of(statement.first.node)
            if parts is None or len(statement.steps) != 1 or statement.steps[0].operator not in EQUAL:
                continue
            within = set(_places(statement.steps[0].right.node))
            own = next(_places(statement.first.node), None)
            if own is not None:
                self._uses.setdefault(own, set()).update(within - {own})
                if own[1] is not None or any(place is not None for _, place in within):
                    made[own] = statement
        used = {value for own in made for value in self._uses[own]}
        for value, statement in made.items():
            if value in used:
                continue
            key, place = value
            if place is not None:
                self._last.add(value)
                yield _member(key, self.running.slots[key], place)
            elif isinstance(statement.first.node, t.Name):
                self._last.add(value)
                yield statement.first.node

    def parts(self, link: Link) -> bool:
        """Whether every way from the last values to what a link differentiates by leads over the last ones of these.

        The loss is then any function of them, and how they are made does not matter.
        """
        by = {value for node in link.nodes for value in _variables(node)}
        ends = {value for value in by if not any(value in self._below([other], set()) for other in by - {value})}
        return bool(self._last) and not (by - ends) & self._below(self._last, ends)

    def _below(self, start: Iterable[_Value], without: set[_Value]) -> set[_Value]:
        """What some values are made from, on ways that do not lead over others."""
        seen: set[_Value] = set()
        stack = list(start)
        while stack:
            value = stack.pop()
            if value not in seen and value not in without:
                seen.add(value)
                stack.extend(self._uses.get(value, ()))
        return seen

    @property
    def has_one_end(self) -> bool:
        """Whether there is one last value, so that it is certain what an unknown loss depends on."""
        return len(self._last) == 1

    def without_loss(self, context: Context, at: Statement, *, apart: bool = False) -> Unrolled:
        """The same without anything in the place of the loss, for claims that `parts` holds for: these may be proved."""
        found = Unrolled.of(context, at, self.length, self.as_numbers, apart=apart)
        found.context.only_numbers = False
        return found

    # -- instances ----------------------------------------------------------------------------------------------------

    def _written_out(self, statement: Statement) -> Iterator[Statement]:
        """The instances of a definition or declaration; anything else that runs is left out."""
        if not any(self.running.runs(node) for node in nodes_of(statement)):
            yield replace(statement, order=statement.order * ROOM)
            return
        operator = statement.steps[0].operator if statement.steps else ""
        if (operator in ("=", ":=", "equiv") and is_forward(statement)) or operator in DECLARING:
            left = statement.first.node
            free = sorted(free_letters(left, self.running))
            for place, letters in enumerate(self._values(free)):
                made = self._made(statement, statement.first, statement.steps, letters)
                if made is not None:
                    yield replace(made[0], order=statement.order * ROOM + min(place, ROOM - 2))

    def _values(self, letters: list[str]) -> Iterator[dict[str, int]]:
        for places in itertools.product(range(self.length + 1), repeat=len(letters)):
            yield dict(zip(letters, places, strict=True))

    def _made(
        self, statement: Statement, first: Piece, steps: tuple[Step, ...], letters: dict[str, int]
    ) -> tuple[Statement, bool] | None:
        """An instance, and whether it lies inside of the recurrence; None where it points outside."""
        try:
            left = first.of(with_layer(without_listing(self.instances_of.of(first.node, letters))))
            rights = tuple(
                Step(step.operator, step.right.of(with_layer(self.instances_of.of(step.right.node, letters))))
                for step in steps
            )
        except OutOfRange:
            return None
        made = replace(statement, first=left, steps=rights, ranges=())
        return made, not any(_is_start(part) for node in nodes_of(made) for part in walk(node))

    def instances(self, link: Link, most: int) -> Iterator[tuple[Link, bool]]:
        """The instances of a link, those that need what lies before the start last."""
        free = sorted(set().union(*(free_letters(node, self.running) for node in link.nodes)))
        found = []
        for letters in self._values(free):
            made = self._made(link.statement, link.left, (Step(link.operator, link.right),), letters)
            if made is not None:
                found.append(made)
        found.sort(key=lambda item: not item[1])
        if len(found) > most:
            found = [*found[: most - 1], found[-1]]
        for statement, interior in found[:most]:
            claim = replace(statement, order=statement.order * ROOM + ROOM - 1)
            yield Link(claim.first, link.operator, claim.steps[0].right, claim, 0, True, True), interior

    def is_before_the_start(self, link: Link) -> bool:
        """Whether a link differentiates only by values that are made in later places, but not in the one before the first."""
        later = {key for key, place in self._made_here if place}
        by = {value for node in link.nodes for value in _variables(node) if value[0] in later}
        return bool(by) and all(place == 0 and (key, 0) not in self._made_here for key, place in by)

    def judged(self, link: Link, direct: Direct) -> Decision:
        """The decision about an instance."""
        from symnn.notes.judge.equations import judged

        self.context.direct = direct
        return judged(self.context, link, None, apart=True)[0]


def _variables(node: Node) -> Iterator[_Value]:
    """What a formula differentiates by."""
    for part in walk(node):
        if isinstance(part, t.Derivative):
            yield from (value for one in part.denominators for value in itertools.islice(_places(one), 1))
        elif isinstance(part, t.Nabla) and part.wrt is not None:
            yield from itertools.islice(_places(part.wrt), 1)


def _places(node: Node) -> Iterator[_Value]:
    """The names of a formula that is written out, without their other scripts, and the place of each that runs."""
    for part in names_in([node]):
        parts = parts_of(part)
        if parts is not None:
            marks = [n.content for s in (*parts.subs, *parts.sups) for n in walk(s) if isinstance(n, t.Text)]
            places = [int(mark.removeprefix(MARK)) for mark in marks if mark.removeprefix(MARK).isdigit()]
            yield parts.key, next(iter(places), None)


def _member(key: Key, slot: Slot, place: int) -> Node:
    base = t.Name(key.base, accents=key.accents)
    label = t.Text(f"{MARK}{place}")
    return t.Script(base, sup=t.Group(label)) if slot.raised else t.Script(base, sub=label)


def _is_start(node: Node) -> bool:
    return isinstance(node, t.Text) and node.content == f"{MARK}0"


def starts_of(context: Context) -> dict[Key, Node]:
    """The numbers that a document gives for values before the first place: ``a_0 = 0``."""
    return {
        key.bare: found[0].value.node
        for key, found in context.table.given.items()
        if key.labels in (("_0",), ("^0",)) and key.bare in context.running.slots and found
    }


def without_listing(node: Node) -> Node:
    """``L(x_1, …, x_T)`` as L: dots say that it depends on all of them."""
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        bracket = node.factors[1]
        if isinstance(bracket, t.Sequence) and any(isinstance(item, t.Ellipsis) for item in bracket.items):
            return node.factors[0]
    return node
