"""Numbers put in: ``w x + b = 0 · x + 0`` and ``(ŷ - y) a = -0.23 a`` hold at the numbers of an example only.

A link whose one side has numbers where the other has names is no identity, and not wrong because it does not hold at
other numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import Tensor, tensors
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decide import Decision
from symnn.notes.judge.numbers import Stated, at_given_numbers, stated_numbers
from symnn.notes.judge.pairs import Pair

if TYPE_CHECKING:
    from symnn.notes.judge.context import Context
    from symnn.notes.judge.links import Link
    from symnn.notes.judge.reader import ClaimReader
    from symnn.notes.read.names import Key


def put_in(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A refuted link into which numbers are put: what the numbers of the document say of it, else undecided."""
    pair = found.pair
    if pair is None or not is_instance(context, link, reader, pair):
        return found
    decision = at_given_numbers(context, link, reader, pair, (False, False))
    if decision.verdict in ("proved", "agrees"):
        return decision
    return Decision("undecided", "numbers are put in for names, and not all of them are known", pair)


def is_instance(context: Context, link: Link, reader: ClaimReader, pair: Pair) -> bool:
    """Whether one side has numbers instead of names of the other."""
    sides = [_leaves(reader, side) for side in (pair.left, pair.right)]
    known = stated_numbers(context)
    for here, there, node, other in (
        (sides[0], sides[1], link.left.node, link.right.node),
        (sides[1], sides[0], link.right.node, link.left.node),
    ):
        gone = here - there
        if not gone:
            continue
        new = list((Counter(_literals(other)) - Counter(_literals(node))).elements())
        if not there and not _has_names(other):
            return True
        if any(value.denominator != 1 and decimal for value, decimal in new):
            return True
        given = {stated.value for stated in _stated(known, reader, gone)}
        if any(value in given for value, _ in new):
            return True
    return False


def _stated(known: dict[Key, list[Stated]], reader: ClaimReader, gone: Iterable[Tensor]) -> Iterable[Stated]:
    for tensor in gone:
        key = reader.world.key_of(tensor)
        yield from () if key is None else known.get(key, ())


def _leaves(reader: ClaimReader, formula: object) -> set[Tensor]:
    return reader.world.leaves(tensors(unfold_applications(formula)))


def _literals(node: Node) -> list[tuple[Fraction, bool]]:
    """The numbers that are written in a formula, and whether they are decimals."""
    found = []
    for part in walk(node):
        if isinstance(part, t.Number):
            try:
                found.append((Fraction(part.text.replace(",", "")), "." in part.text))
            except ValueError:
                continue
    return found


def _has_names(node: Node) -> bool:
    return any(isinstance(part, t.Name | t.Text) for part in walk(node))
