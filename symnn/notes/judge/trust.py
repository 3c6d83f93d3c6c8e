"""How far the reading of a document may be relied on, as its proved claims show.

A claim that does not hold as it is read may be wrong, or read in another way than it was meant. A proof hardly ever comes
from a false reading: the names and the shapes in proved claims are read as they are meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.links import Link, names_in
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.names import Key, parts_of

ENOUGH = 2
"""So many proofs of equations between arrays show that the shapes were understood."""

MANY = 3
"""So many proofs show that the names in them were understood."""

Name = tuple[Key, int]
"""A name with the place of the statement that defines it, or -1: another definition makes another name."""


@dataclass(frozen=True)
class Trust:
    """Whether shapes may be relied on, and the names that stand in proved claims."""

    shapes: bool = False
    names: frozenset[Name] = frozenset()

    @classmethod
    def from_proofs(cls, context: Context, items: Sequence[Judged]) -> Trust:
        """What the proofs among some judged links show."""
        proved = [item for item in items if item.decision.verdict == "proved" and item.reader is not None]
        names = frozenset(name for item in proved for name in names_of(context, item.link))
        arrays = sum(item.is_proof_of_arrays for item in items)
        return cls(arrays >= ENOUGH, names if len(proved) >= MANY else frozenset())

    def covers(self, context: Context, link: Link) -> bool:
        """Whether every name of a link stands in a proved claim."""
        own = set(names_of(context, link))
        return bool(own) and own <= self.names


def names_of(context: Context, link: Link) -> Iterable[Name]:
    """The names that a link mentions, without their index letters."""
    for node in names_in(link.nodes):
        parts = parts_of(node)
        if parts is None:
            continue
        found = [sorted_.key for sorted_ in sortings(parts)]
        known = [(key, context.chosen(key, link.statement)) for key in found]
        key, definition = next(((key, d) for key, d in known if d is not None), (found[-1], None))
        yield key, -1 if definition is None else definition.statement.order
