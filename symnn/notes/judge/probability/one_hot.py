r"""Targets that are one-hot: where ``L = -\sum_k t_k \log p_k`` and t is one at c alone, ``L = -\log p_c``.

The second formula is no other definition of L. What follows from it, such as ``∂L/∂z_c = p_c - 1``, holds where the target
is one at c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from functools import partial
from typing import TYPE_CHECKING, Any

from symnn.formula.application import unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Tensor
from symnn.formula.substitute import substitute_entries, substitute_indices
from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision, decide
from symnn.notes.judge.decision.inlining import inlined
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.symbols import Definition

if TYPE_CHECKING:
    from symnn.notes.judge.links import Link
    from symnn.notes.judge.reading.conditions import Condition
    from symnn.notes.judge.reading.reader import ClaimReader
    from symnn.notes.judge.reading.values import Value
    from symnn.notes.judge.worlds.context import Context

_WORDS = re.compile(
    r"one[\s-]?hot|원\s?-?\s?핫|独热|ワンホット|(?:true|correct|right|target)\s+(?:class|label)|정답|라벨",
    re.IGNORECASE,
)

RIGHT = ("proved", "agrees")
MOST = 12
"""Definitions of one name that are compared with each other."""


@dataclass(frozen=True)
class Pick:
    """A definition that is another one where `target` is one at `place` and zero elsewhere."""

    definition: Definition
    whole: Definition
    target: Key
    target_node: Node
    place: Node

    @property
    def told(self) -> str:
        """The condition, for messages."""
        return f"{to_text(self.target_node)} is 1 at {to_text(self.place)} and 0 elsewhere"


def speaks_of_one_hot(text: str) -> bool:
    """Whether a document says that its targets are one-hot, or speaks of the one true class."""
    return _WORDS.search(text) is not None


def picks_of(definitions: Iterable[list[Definition]]) -> Iterator[Pick]:
    """The definitions of a name that are another one of it with a one-hot target."""
    for found in definitions:
        for one in found[:MOST] if len(found) > 1 else ():
            pick = next((p for other in found[:MOST] if other is not one for p in _picks(other, one)), None)
            if pick is not None:
                yield pick


def _picks(whole: Definition, definition: Definition) -> Iterator[Pick]:
    node, picked = (canonical(d.links[0].node) for d in (whole, definition))
    sums = [part for part in walk(node) if isinstance(part, t.BigOperator) and part.kind == "sum"]
    places = list(_places(picked))
    if len(sums) != 1 or not places or any(isinstance(part, t.BigOperator) for part in walk(picked)):
        return
    (total,) = sums
    letter = total.sub.first if isinstance(total.sub, t.Relation) else total.sub
    body = total.body.body if isinstance(total.body, t.Group) else total.body
    if not isinstance(letter, t.Name) or not isinstance(body, t.Product):
        return
    wanted = to_text(picked)
    for number, factor in enumerate(body.factors):
        parts = parts_of(factor)
        if parts is None or parts.subs != (letter,) or parts.sups:
            continue
        rest = (*body.factors[:number], *body.factors[number + 1 :])
        kept = rest[0] if len(rest) == 1 else changed(body, factors=rest)
        for place in places:
            named = replace(kept, partial(_put, letter, place))
            if to_text(replace(node, partial(_put, total, named))) == wanted:
                yield Pick(definition, whole, parts.key, factor, place)


def _put(old: Node, new: Node, part: Node) -> Node:
    return new if part == old else part


def _places(node: Node) -> Iterator[Node]:
    """What stands below the names of a formula."""
    for part in walk(node):
        parts = parts_of(part) if isinstance(part, t.Script) else None
        if parts is not None and len(parts.subs) == 1:
            yield parts.subs[0]


def places_in(reader: ClaimReader, picks: Iterable[Pick], link: Link) -> list[tuple[Pick, Tensor, Index]]:
    """The picks whose place a link mentions, with the target and the index of the place; these indices are free in the link."""
    letters = _letters(link)
    found = []
    for pick in picks:
        tensor = reader.world.tensors.get(pick.target)
        if not isinstance(pick.place, t.Name) or pick.place.base not in letters or tensor is None or tensor.rank != 1:
            continue
        if tensor in reader.world.equations:
            continue
        index = reader.free.setdefault(pick.place.base, Index(pick.place.base, tensor.shape[0]).fresh())
        if index.dimension == tensor.shape[0]:
            found.append((pick, tensor, index))
    return found


def _letters(link: Link) -> set[str]:
    return {part.base for node in link.nodes for part in walk(node) if isinstance(part, t.Name)}


def where_one_hot(
    reader: ClaimReader, found: Sequence[tuple[Pick, Tensor, Index]], lefts: Sequence[Value], rights: Sequence[Value]
) -> Decision | None:
    """A link that holds where a target is one-hot; None where it does not, or that is not certain."""
    for pick, tensor, index in found:
        reader.narrow = partial(_narrowed, reader, tensor, index)
        decision = _decided(reader, lefts, rights, reader.narrow)
        if decision.verdict in RIGHT:
            return changed(decision, reason=f"{decision.reason}, where {pick.told}")
    return None


def at_one_place(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """``∂L/∂z_i = p_i - 1``, which is right for the true class alone, or for the others, and so not wrong without a doubt.

    Where a condition says which of them is meant, it is right.
    """
    from symnn.notes.judge.reading.conditions import conditions_at
    from symnn.notes.judge.reading.reader import Scope

    picked = {pick.target: pick for pick in context.picks}
    targets = [(tensor, picked[key].place) for key in picked if (tensor := reader.world.tensors.get(key)) is not None]
    if not targets and speaks_of_one_hot(context.document.text):
        targets = [(fact.tensor, t.Name("")) for fact in found.facts if fact.kind == "sum"]
    sides = [canonical(node) for node in link.nodes]
    written = _letters(link)
    for tensor, place in targets:
        if tensor.rank != 1 or tensor in reader.world.equations:
            continue
        letter = place.base if isinstance(place, t.Name) else ""
        one = reader.free.get(letter) or Index("c", tensor.shape[0]).fresh()
        for name, index in list(reader.free.items()):
            if index.dimension != tensor.shape[0] or index is one:
                continue
            lefts, rights = (reader.read(side, Scope()) for side in sides)
            for operator in ("=", "ne"):
                narrow = partial(_at, reader, tensor, one, index, operator)
                decision = _decided(reader, lefts, rights, narrow)
                said = any(_says(condition, operator, name, letter) for condition in conditions_at(context, link))
                if said and decision.verdict == "refuted":
                    reader.narrow = narrow
                if decision.verdict not in RIGHT:
                    continue
                shown = "=" if operator == "=" else "≠"
                if said:
                    reason = f"{decision.reason}, where {name} {shown} {letter} and the target is 1 at {letter} alone"
                    return changed(decision, reason=reason)
                if letter in written:
                    continue
                where = "at the one place" if operator == "=" else "elsewhere"
                return Decision(
                    "undecided", f"it holds {where} of a one-hot target, and may be meant there", found.pair
                )
    return found


def _says(condition: Condition, operator: str, name: str, letter: str) -> bool:
    letters = condition.of_letters
    return letters is not None and set(letters) == {name, letter} and condition.operator == operator


def _decided(
    reader: ClaimReader, lefts: Sequence[Value], rights: Sequence[Value], within: Callable[[Pair], Pair]
) -> Decision:
    free = tuple(reader.free.values())
    return decide(lefts, rights, reader.world, reader.conventions, free, within=within, exists=reader.exists)


def _narrowed(reader: ClaimReader, tensor: Tensor, place: Index, pair: Pair) -> Pair:
    """Both sides with every definition put in, where a target is one at a place."""

    def one_hot(entry: Entry) -> object | None:
        return Delta(entry.indices[0], place) if entry.tensor == tensor else None

    left, right = (
        substitute_entries(inlined(unfold_applications(side), reader.world), one_hot)
        for side in (pair.left, pair.right)
    )
    return _with(pair, left, right, place)


def _at(reader: ClaimReader, tensor: Tensor, place: Index, index: Index, operator: str, pair: Pair) -> Pair:
    """The same for an index that is the place, or is not."""
    pair = _narrowed(reader, tensor, place, pair)
    if operator == "=":
        left, right = (substitute_indices(side, {index: place}) for side in (pair.left, pair.right))
    else:
        left, right = (side * (1 - Delta(index, place)) for side in (pair.left, pair.right))
    return _with(pair, left, right, place, index)


def _with(pair: Pair, left: Any, right: Any, *more: Index) -> Pair:
    present = left.free_symbols | right.free_symbols
    kept = [index for index in dict.fromkeys((*pair.indices, *more)) if index in present or index in pair.indices]
    return changed(pair, left=left, right=right, indices=tuple(kept))
