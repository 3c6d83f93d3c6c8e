"""Numbers put in: ``w x + b = 0 · x + 0`` and ``(ŷ - y) a = -0.23 a`` hold at the numbers of an example only.

A link whose one side has numbers where the other has names is no identity, and not wrong because it does not hold at
other numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from symnn.formula.application import unfold_applications
from symnn.formula.nodes import Tensor, tensors
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision

if TYPE_CHECKING:
    from symnn.notes.judge.decision.pairs import Pair
    from symnn.notes.judge.links import Link
    from symnn.notes.judge.reading.reader import ClaimReader
    from symnn.notes.judge.worlds.context import Context


def put_in(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A refuted link into which numbers are put is left to the judges of worked examples."""
    if found.pair is None or not is_instance(context, link, reader, found.pair):
        return found
    return Decision("undecided", "numbers are put in for names, and not all of them are known", found.pair)


def is_instance(context: Context, link: Link, reader: ClaimReader, pair: Pair) -> bool:
    """Whether one side has numbers instead of names of the other."""
    sides = [_leaves(reader, side) for side in (pair.left, pair.right)]
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
        given = set(_stated(context, reader, gone))
        if any(value in given for value, _ in new):
            return True
    return False


def _stated(context: Context, reader: ClaimReader, names: Iterable[Tensor]) -> Iterator[Fraction]:
    """The numbers that the document gives for some names."""
    for tensor in names:
        key = reader.world.key_of(tensor)
        for given in () if key is None else context.table.given.get(key, ()):
            yield from (value for value, _ in _literals(given.value.node))


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
