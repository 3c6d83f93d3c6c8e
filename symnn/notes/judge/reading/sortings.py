"""The ways to sort the scripts of a name: labels, indices, and what is raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symnn.formula.nodes import Tensor
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.read.names import Key, Parts, label_text
from symnn.notes.read.symbols import components, is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader


@dataclass(frozen=True)
class Sorted:
    """One way to sort the scripts of a name: its key, the scripts that are indices, and those that are raised."""

    key: Key
    indices: tuple[Node, ...]
    raised: tuple[Node, ...]


def raised_pieces(sup: Node) -> tuple[Node, ...]:
    """``(1)T`` and ``(1)^T`` are a label and a transpose."""
    if (
        isinstance(sup, t.Product)
        and sup.operator == "juxtaposed"
        and len(sup.factors) == 2
        and is_transpose(sup.factors[1])
    ):
        return sup.factors
    if isinstance(sup, t.Script) and sup.sub is None and sup.sup is not None and is_transpose(sup.sup):
        return (sup.base, sup.sup)
    if isinstance(sup, t.Sequence) and len(sup.items) == 2 and is_transpose(sup.items[1]) and not sup.left:
        return sup.items
    return (sup,)


def sortings(parts: Parts) -> Iterator[Sorted]:
    """The ways to sort the scripts of a name, those with most labels first."""
    sups = [piece for sup in parts.sups for piece in raised_pieces(sup)]
    turns = [sup for sup in sups if is_transpose(sup)]
    others = [sup for sup in sups if not is_transpose(sup)]
    raised_text = [label_text(sup) for sup in others]
    low_text = [label_text(sub) for sub in parts.subs]
    below = [f"_{text}" for text in low_text if text is not None]
    above = [f"^{text}" for text in raised_text if text is not None]
    apart = [f"_{label_text(c)}" for sub in parts.subs for c in components(sub)]
    key = parts.key
    all_below = len(below) == len(parts.subs)
    all_above = len(above) == len(others)
    seen: set[Any] = set()

    def once(found: Sorted) -> Iterator[Sorted]:
        mark = (found.key, found.indices, found.raised)
        if mark not in seen:
            seen.add(mark)
            yield found

    if all_below and all_above:
        for labels in ((*below, *above), (*above, *below), (*above, *apart)):
            yield from once(Sorted(key.labelled(*labels), (), tuple(turns)))
        if turns and all(label_text(turn) for turn in turns):
            every = [f"^{label_text(sup)}" for sup in sups]
            yield from once(Sorted(key.labelled(*below, *every), (), ()))
    if all_below and below and others and not any(isinstance(sup, t.Number) for sup in others):
        raised = tuple(c for sup in others for c in components(sup))
        yield from once(Sorted(key.labelled(*below), raised, tuple(turns)))
    if all_below:
        yield from once(Sorted(key.labelled(*below), (), tuple(sups)))
        yield from once(Sorted(key.labelled(*apart), (), tuple(sups)))
    subs = tuple(c for sub in parts.subs for c in components(sub))
    if all_above:
        yield from once(Sorted(key.labelled(*above), subs, tuple(turns)))
    for split in range(1, len(subs)):
        labels = tuple(f"_{label_text(c)}" for c in subs[:split])
        yield from once(Sorted(key.labelled(*labels), subs[split:], tuple(sups)))
    yield from once(Sorted(key, subs, tuple(sups)))
    if others and not subs:
        yield from once(Sorted(key, tuple(c for sup in others for c in components(sup)), tuple(turns)))


def likeliest_first(reader: ClaimReader, parts: Parts) -> list[Sorted]:
    """The ways to sort the scripts of a name; what is raised in brackets is no power where definitions count layers so."""
    found = list(sortings(parts))
    model = reader.world.model
    variable = model.variables.get(parts.key)
    brackets = any(isinstance(sup, t.Group) for sup in parts.sups)
    if not brackets or variable is None or variable not in model.raised:
        return found
    pieces = [piece for sup in parts.sups for piece in raised_pieces(sup)]
    turns = tuple(piece for piece in pieces if is_transpose(piece))
    above = [c for piece in pieces if not is_transpose(piece) for c in components(piece)]
    below = [c for sub in parts.subs for c in components(sub)]
    return [Sorted(parts.key, (*above, *below), turns), *found]


def tensor_of(reader: ClaimReader, key: Key) -> Tensor | None:
    """The tensor of a name in the world."""
    return reader.world.tensors.get(key)
