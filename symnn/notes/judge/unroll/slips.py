"""The slip in a claim about a recurrence: the small change of its right side that makes the instances hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace as changed
from typing import TYPE_CHECKING

from symnn.notation import tree as t
from symnn.notation.traverse import children, replace, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.gradients.gradients_told import counts_in
from symnn.notes.judge.links import Link
from symnn.notes.judge.slips.edits import Edit, edits, primed
from symnn.notes.judge.slips.insertions import multiplied
from symnn.notes.judge.slips.slip import Correction
from symnn.notes.judge.unroll.instances import MARK, free_letters
from symnn.notes.judge.unroll.judge import LENGTHS, by_lengths, in_turn
from symnn.notes.judge.unroll.running import nodes_of
from symnn.notes.judge.unroll.unrolled import Unrolled
from symnn.notes.read.names import parts_of

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

CERTAIN = ("missing derivative", "sign", "wrong index", "transpose", "factor", "missing factor", "wrong variable")
MOST_EDITS = 90
MOST_FACTORS = 6
MOST_INSTANCES = 2


def slip_of_instances(context: Context, link: Link) -> Correction | None:
    """The change of the right side after which a link holds in all instances; None where none is found in time."""
    found: Correction | None = None
    with in_turn(context) as left:
        for edit in itertools.islice(candidates(context, link), MOST_EDITS if left else 0):
            tried = changed(link, right=link.right.of(edit.node))
            decision = by_lengths(context, tried, abstract=True)
            if decision is not None and decision.verdict == "agrees":
                found = Correction(edit.node, edit.slip)
                break
    return found


def misfit_of_instances(context: Context, link: Link) -> Decision | None:
    """That the shapes in a link do not fit, where no instance of it can be read for that reason; None for another link."""
    said: list[str] = []
    with in_turn(context) as left:
        for length in LENGTHS if left else ():
            unrolled = Unrolled.of(context, link.statement, length, False, abstract=True)
            simple = unrolled.without_loss(context, link.statement)
            made = [instance for instance, inner in unrolled.instances(link, MOST_INSTANCES) if inner]
            found = [(simple if unrolled.parts(one) else unrolled).judged(one, "") for one in made]
            if not found or not all(decision.misfit for decision in found):
                break
            said.append(found[0].reason)
    if len(said) < len(LENGTHS):
        return None
    return Decision("refuted", f"the shapes do not fit: {plain(said[0])}")


def plain(reason: str) -> str:
    """A reason about an instance, without the marks of its places."""
    return re.sub(rf"_{MARK}(\d+)", r"_\1", reason)


def candidates(context: Context, link: Link) -> Iterator[Edit]:
    """The certain slips undone, the commonest first."""
    right = link.right.node
    letters = sorted({name.base for node in link.nodes for name in _index_letters(node, context)})
    made = [edit for edit in edits(right, (), letters, True) if edit.slip in CERTAIN]
    near = list(_derivatives_of_functions(context, link))
    yield from (edit for edit in made if edit.slip == "missing derivative")
    yield from _places(right, context)
    yield from _exchanged_letters(right, letters)
    for count in counts_in(link.left.node):
        yield Edit(t.Product("juxtaposed", (t.Quotient(t.Number("1"), count), right)), "factor")
    yield from _other_values(right, context)
    for factor in near:
        yield Edit(
            t.Product("juxtaposed" if letters else "odot", (*_factors(right, letters), factor)), "missing factor"
        )
    yield from itertools.islice(multiplied(right, near, False), MOST_FACTORS * len(near))
    yield from sorted(
        (edit for edit in made if edit.slip != "missing derivative"), key=lambda edit: CERTAIN.index(edit.slip)
    )


def _index_letters(node: Node, context: Context) -> Iterator[t.Name]:
    """The letters below names that are no place in the recurrence."""
    for part in walk(node):
        if isinstance(part, t.Script) and part.sub is not None:
            for name in walk(part.sub):
                if isinstance(name, t.Name) and name.base not in context.running.letters | context.running.limits:
                    yield name


def _places(node: Node, context: Context) -> Iterator[Edit]:
    """Every formula with one name at the place before or behind."""
    slot = context.running.slot_of(node)
    if slot is not None:
        for other in _beside(slot):
            yield Edit(_put(node, slot, other), "wrong index")
        return
    below = children(node)
    for place, child in enumerate(below):
        for edit in _places(child, context):
            yield Edit(with_children(node, (*below[:place], edit.node, *below[place + 1 :])), edit.slip)


def _factors(node: Node, letters: list[str]) -> tuple[Node, ...]:
    """The factors that another one joins: those of a product of numbers, or one bracket."""
    if isinstance(node, t.Product) and (node.operator == "odot" or letters):
        return node.factors if node.operator in ("odot", "juxtaposed") else (t.Group(node),)
    return (t.Group(node),) if isinstance(node, t.Sum | t.Negative) else (node,)


def _exchanged_letters(node: Node, letters: list[str]) -> Iterator[Edit]:
    """Every formula in which two index letters have changed places."""
    for one, other in itertools.combinations(letters, 2):
        places = {one: t.Name(other), other: t.Name(one)}

        def put(part: Node, places: dict[str, t.Name] = places) -> Node:
            return places.get(part.base, part) if isinstance(part, t.Name) else part

        yield Edit(replace(node, put), "wrong index")


def _other_values(node: Node, context: Context) -> Iterator[Edit]:
    """Every formula with another value of the recurrence in the place of one."""
    running = context.running
    parts = parts_of(node) if isinstance(node, t.Script) else None
    if parts is not None and running.slot_of(node) is not None:
        for key in sorted(running.members - {parts.key}, key=str):
            if parts.key in running.members and running.slots[key] == running.slots[parts.key]:
                yield Edit(_renamed(node, t.Name(key.base, accents=key.accents)), "wrong variable")
        return
    below = children(node)
    for place, child in enumerate(below):
        for edit in _other_values(child, context):
            yield Edit(with_children(node, (*below[:place], edit.node, *below[place + 1 :])), edit.slip)


def _renamed(node: Node, name: Node) -> Node:
    return changed(node, base=_renamed(node.base, name)) if isinstance(node, t.Script) else name


def _beside(slot: Node) -> Iterator[Node]:
    """``l`` and ``l - 1`` for ``l + 1``, and so on."""
    one = t.Number("1")
    if isinstance(slot, t.Name):
        yield from (t.Sum((t.Signed("+", slot), t.Signed(sign, one))) for sign in ("+", "-"))
    elif isinstance(slot, t.Sum) and len(slot.terms) == 2 and slot.terms[1].term == one:
        letter = slot.terms[0]
        yield letter.term
        yield t.Sum((letter, t.Signed("-" if slot.terms[1].sign == "+" else "+", one)))


def _put(node: Node, slot: Node, other: Node) -> Node:
    if node is slot:
        return other
    below = children(node)
    after = tuple(_put(child, slot, other) for child in below)
    return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)


def _derivatives_of_functions(context: Context, link: Link) -> Iterator[Node]:
    """Factors ``σ'(z^{(l)})`` of the document with the same running letters as the link."""
    letters = set().union(*(free_letters(node, context.running) for node in link.nodes))
    seen: set[Node] = set()
    for statement in context.statements:
        for node in nodes_of(statement):
            for part in walk(node):
                if not (isinstance(part, t.Product) and part.operator == "juxtaposed" and len(part.factors) == 2):
                    continue
                head, argument = part.factors
                if not isinstance(argument, t.Group) or argument.left != "(":
                    continue
                made = changed(part, factors=(head if _is_primed(head) else primed(head), argument), span=None)
                if made not in seen and free_letters(made, context.running) == letters and len(seen) < MOST_FACTORS:
                    seen.add(made)
                    yield made


def _is_primed(head: Node) -> bool:
    return any(isinstance(part, t.Prime) for part in walk(head))
