r"""Arrays one behind the other in a claim: ``[h, x]``, ``\operatorname{Concat}(A_1, \dots, A_H)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.formula.application import Array
from symnn.formula.index import Index
from symnn.network.arrays import Expression
from symnn.notation.tree import Name, Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.reading.places import axis_walked
from symnn.notes.judge.reading.values import Value
from symnn.notes.read.expressions.lists import family_of, joined, side_by_side
from symnn.notes.read.names import label_text

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope


def behind_each_other(cells: Sequence[Sequence[Value]]) -> Value:
    """One column of vectors and numbers as one vector. Raises NotUnderstood for blocks of a matrix."""
    parts = [cell for row in cells for cell in row]
    if any(len(row) != 1 for row in cells) or any(part.rank > 1 or part.turn == "row" for part in parts):
        raise NotUnderstood("a matrix of blocks is not understood")
    whole = joined([Expression(part.array) for part in parts])
    return Value(whole.array, None, "column", sum(part.cost for part in parts), tuple(s for p in parts for s in p.said))


def family(reader: ClaimReader, nodes: Sequence[Node], scope: Scope) -> list[Value] | None:
    """All members of a family, one behind the other along the last axis; None for another list.

    Raises DoesNotFit where the last member that is written is not the last one that there is.
    """
    found = family_of(nodes)
    if found is None:
        return None
    last, first = found
    letter = next(name for name in "hgrsuv" if name not in scope.letters and name not in reader.free)
    member = replace(last, sub=Name(letter))
    size = axis_walked(reader, member, letter, scope)
    if size is None or last.sub is None:
        raise NotUnderstood("what the dots stand for is not certain")
    if label_text(last.sub) != str(size + first - 1):
        raise DoesNotFit(f"there are {size} members, not as many as are written")
    index = Index(letter, size).fresh()
    inner = replace(scope, letters={**scope.letters, letter: index})
    values = [value for value in reader.read(member, inner) if 1 <= value.rank <= 2]
    if not values:
        raise DoesNotFit("vectors or matrices can stand one behind the other, nothing else")
    wholes = [side_by_side(Array((index, *value.array.indices), value.array.body)) for value in values]
    return [
        Value(whole.array, None, value.turn, value.cost, value.said)
        for whole, value in zip(wholes, values, strict=True)
    ]
