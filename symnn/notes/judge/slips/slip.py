"""What slip a wrong claim looks like: the small change that makes it true, and the right formula."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symnn.errors import SymnnError
from symnn.formula.nodes import Tensor
from symnn.formula.normal import TooLarge
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Group, Nabla, Name, Node, Product, Script, Sum
from symnn.notes.judge.claims import Slip
from symnn.notes.judge.decision.decide import proof, proof_with_recurrences, usual_facts
from symnn.notes.judge.decision.pairs import pairs_of
from symnn.notes.judge.decision.trials import Trials
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import Link
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.calls import is_head
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.slips.edits import Edit, edits, renamings
from symnn.notes.judge.slips.insertions import exchanged, insertions, multiplied
from symnn.notes.read.names import is_word, parts_of
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.symbols import components, is_transpose

MOST_EDITS = 1200
MOST_ADDITIONS = 600
MOST_NAMES = 12
MOST_OTHERS = 20
MOST_POINTS = 3


@dataclass(frozen=True)
class Correction:
    """The right formula as a tree, the slip that was made, and whether it is the left side that was changed."""

    node: Node
    slip: Slip
    on_left: bool = False


def correction(link: Link, reader: ClaimReader, factors: Sequence[Node] | None = None) -> Correction | None:
    """The smallest change of one side that makes a wrong link true; None when no single slip does.

    With `factors`, the changes are those that take something from elsewhere in the document: one of these factors, or a name.
    """
    reader = reader.apart()
    left, right = (canonical(node) for node in link.nodes)
    sides = [(left, right, False)]
    if not isinstance(left, Derivative | Nabla | Name | Script):
        sides.append((right, left, True))
    for fixed, faulty, on_left in sides:
        try:
            values = reader.read(fixed, Scope())
        except NotUnderstood:
            continue
        tried: Iterator[Edit]
        if factors is None:
            tried = itertools.chain(_candidates(faulty, fixed, reader), _additions(faulty, fixed, reader))
        else:
            tried = itertools.islice(_from_elsewhere(faulty, fixed, factors, reader), MOST_EDITS)
        for edit in tried:
            try:
                spend(4)
                with reader.world.tentative():
                    holds = _is_true(values, edit.node, reader, on_left)
                if holds:
                    return Correction(edit.node, edit.slip, on_left)
            except (NotUnderstood, SymnnError, Clash, TooLarge, ZeroDivisionError):
                continue  # this change makes no sense; others may
            except OutOfTime:
                return None
    return None


def edited(node: Node, reader: ClaimReader) -> Iterator[tuple[Correction, list[Value]]]:
    """Every small change of a formula that can be read, with its values."""
    for edit in _candidates(node, node, reader):
        try:
            spend(4)
            with reader.world.tentative():
                values = reader.read(edit.node, Scope())
        except (NotUnderstood, SymnnError, Clash, TooLarge, ZeroDivisionError):
            continue
        yield Correction(edit.node, edit.slip), values


def _candidates(faulty: Node, fixed: Node, reader: ClaimReader) -> Iterator[Any]:
    names = _names_near(faulty, fixed, reader)
    letters = sorted({c.base for node in (faulty, fixed) for c in _letters(node)})
    yield from itertools.islice(edits(faulty, names, letters, reader.conventions.strict), MOST_EDITS)


def _additions(faulty: Node, fixed: Node, reader: ClaimReader) -> Iterator[Any]:
    """The formula with one name more, and with names of the document that the claim does not mention."""
    near = _names_near(faulty, fixed, reader)
    others = [name for name in _known_names(faulty, fixed, reader) if name not in near][:MOST_OTHERS]
    strict = reader.conventions.strict
    yield from itertools.islice(insertions(faulty, near, strict), MOST_ADDITIONS)
    if others:
        yield from itertools.islice(renamings(faulty, others), MOST_ADDITIONS)
        yield from itertools.islice(insertions(faulty, others, strict), MOST_ADDITIONS)


def _from_elsewhere(faulty: Node, fixed: Node, factors: Sequence[Node], reader: ClaimReader) -> Iterator[Edit]:
    """The formula with one of these factors more, or with another derivative or name of the document in it."""
    others = [factor for factor in factors if factor != fixed]
    yield from exchanged(faulty, others)
    yield from multiplied(faulty, others, reader.conventions.strict)
    near = _names_near(faulty, fixed, reader)
    yield from renamings(
        faulty, [name for name in _known_names(faulty, fixed, reader) if name not in near][:MOST_OTHERS]
    )


def _known_names(faulty: Node, fixed: Node, reader: ClaimReader) -> Iterator[Node]:
    """The names of the world; those of arrays also with an index letter of the claim."""
    letters = sorted({c.base for node in (faulty, fixed) for c in _letters(node)})
    for key, tensor in reader.world.tensors.items():
        node = reader.world.nodes.get(tensor.name)
        if node is None or key in reader.world.refused:
            continue
        if tensor.rank in (1, 2):
            yield from (Script(node, sub=Name(letter)) for letter in letters)
        if not letters or tensor.rank != 1:
            yield node
    for key in reader.world.symbols:
        variable = reader.world.variables.get(key)
        if variable is not None:
            yield variable.node


def _letters(node: Node) -> Iterator[Name]:
    for part in walk(node):
        if isinstance(part, Script) and part.sub is not None:
            for component in components(part.sub):
                if isinstance(component, Name) and not is_word(component):
                    yield component


def _names_near(faulty: Node, fixed: Node, reader: ClaimReader) -> list[Node]:
    """Names that may have been meant: those of the claim, and their neighbours with other labels."""
    found: dict[Node, None] = {}
    bases = set()
    for node in (faulty, fixed):
        for part in walk(node):
            if isinstance(part, Name | Script) and (parts := parts_of(part)) is not None:
                bases.add(parts.key)
                if isinstance(part, Script) and part.sup is not None and is_transpose(part.sup):
                    continue
                if is_head(reader, part, Group(Name("x")), Scope()):
                    continue
                found.setdefault(part)
    for key, tensor in reader.world.tensors.items():
        node_ = reader.world.nodes.get(tensor.name)
        if key.bare in bases and node_ is not None:
            found.setdefault(node_)
    return list(found)[:MOST_NAMES]


def _is_true(values: list[Value], node: Node, reader: ClaimReader, on_left: bool) -> bool:
    """Whether ``values = node`` holds: at one point first, because that is cheap, and then by a proof."""
    others = reader.read(node, Scope())
    free = tuple(reader.free.values())
    sides = (others, values) if on_left else (values, others)
    pairs = pairs_of(*sides, reader.conventions, free, reader.exists)
    world = reader.world
    for pair in pairs[:4] if reader.narrow is None else map(reader.narrow, pairs[:4]):
        facts = (*world.facts, *usual_facts([pair], world))
        if not _holds_somewhere(Trials(pair, world, facts)):
            continue
        if proof(pair, world, facts) is not None or proof_with_recurrences(pair, world, facts) is not None:
            return True
    return False


def _holds_somewhere(trials: Trials) -> bool:
    """Whether both sides agree at the first point that decides."""
    for number in range(1, MOST_POINTS + 1):
        equal = trials.equal_at(number)
        if equal is not None:
            return equal
    return False


__all__ = ["Correction", "Product", "Sum", "Tensor", "correction"]
