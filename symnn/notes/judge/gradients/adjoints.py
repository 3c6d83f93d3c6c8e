"""Error terms: names such as δ that notes give to the derivatives of the loss.

A definition such as ``δ_3 = ŷ - y`` is at the same time a claim: δ_3 is the derivative of the loss by some value of the
network. Where the rest of the document uses it as that derivative and the definition differs from it by one slip, the
definition is wrong, and everything else is read with what was meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb

from symnn.errors import SymnnError
from symnn.formula.application import Array, NamedFormula, unfold_applications
from symnn.formula.evaluate import EvaluationError, evaluate, positions, precision
from symnn.formula.nodes import Tensor, tensors
from symnn.formula.normal import TooLarge
from symnn.network.values import with_definitions
from symnn.notation.tree import Derivative, Node
from symnn.notes.judge.decision.decide import Decision, usual_facts
from symnn.notes.judge.decision.points import Point, draw, sizes_of, symbols_of
from symnn.notes.judge.decision.trials import whole
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood, OutOfTime
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.links import Link, links_of, names_in
from symnn.notes.judge.process.budget import limited, spend
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.judge.slips.slip import Correction, edited
from symnn.notes.judge.worlds.world import World
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.symbols import Definition

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.context import Context

LETTERS = ("delta", "Delta")
MOST_CLAIMS = 12
SECONDS = 5.0
BITS = 96
MOST_ENTRIES = 6


@dataclass(frozen=True)
class Meaning:
    """An error term: the value whose derivative it is, and whether its definition says so."""

    key: Key
    of: Key
    decision: Decision
    correction: Correction | None = None


def error_terms(context: Context) -> dict[Key, Meaning]:
    """What the error terms of a document mean, in the order of their definitions."""
    found: dict[Key, Meaning] = {}
    context.meanings = found
    for statement in context.statements:
        link = next(iter(links_of(statement)), None)
        if link is None or link.operator not in ("=", ":=", "equiv"):
            continue
        key = _error_name(context, link.left.node)
        if (
            key is None
            or key in found
            or not any(d.statement is statement for d in context.table.definitions.get(key, ()))
        ):
            continue
        try:
            with limited(SECONDS), watched(SECONDS):
                meaning = _meaning(context, link, key)
        except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError, ValueError):
            continue
        if meaning is not None:
            found[key] = meaning
    return found


def _error_name(context: Context, node: Node) -> Key | None:
    parts = parts_of(node)
    if parts is None or parts.key.base not in LETTERS or parts.primes:
        return None
    return context.table.labelled(parts)


def _meaning(context: Context, link: Link, key: Key) -> Meaning | None:
    """Compare the definition with the derivatives of the loss by every value of its shape."""
    reader = context.reader(link.statement, whole=True)
    world = reader.world
    loss = reader.conventions.loss
    if loss is None:
        return None
    node = canonical(link.right.node)
    try:
        values = reader.read(node, Scope())
    except DoesNotFit:
        values = []
    candidates = [
        t
        for t in sorted(world.closure([loss]), key=lambda t: t.name)
        if t != loss and t.rank and t not in _error_tensors(world)
    ]
    near: list[tuple[Tensor, Value]] = []
    probe = Probe(reader)
    for tensor in candidates:
        gradient = gradient_of(reader, loss, tensor)
        if gradient is None:
            continue
        near.append((tensor, gradient))
        if equal_up_to_count(probe, gradient, values):
            of = world.key_of(tensor)
            assert of is not None
            decision = Decision("proved", f"it is the derivative of {loss.name} by {tensor.name}")
            return Meaning(key, of, decision)
    return _by_use(context, link, key, reader, probe, near)


def _error_tensors(world: World) -> set[Tensor]:
    return {tensor for key, tensor in world.tensors.items() if key.base in LETTERS}


def gradient_of(reader: ClaimReader, loss: Tensor, tensor: Tensor) -> Value | None:
    """The derivative of the loss by a tensor; None where it is not known."""
    try:
        if not reader.differentials.depends(loss, tensor) or reader.world.is_dark(loss):
            return None
        return Value(reader.differentials.array(Array.of(loss), tensor, None), 0)
    except NotUnderstood:
        return None


class Probe:
    """Numbers for a whole world: arrays are compared by their entries at a few points, each worked out once."""

    def __init__(self, reader: ClaimReader) -> None:
        world = reader.world
        self.world = world
        definitions = list(world.equations.values())
        every = world.closure([*world.tensors.values(), *world.equations])
        every |= {t for d in definitions for t in tensors(d.formula)}
        leaves = sorted((t for t in every if t not in world.equations), key=lambda t: (t.name, str(t.shape)))
        facts = (*world.facts, *usual_facts([], world))
        bodies = [d.formula for d in definitions]
        self.sizes = sizes_of(bodies, every)
        self.symbols = symbols_of(bodies, self.sizes)
        counts: dict[Tensor, dict[tuple[int, ...], Fraction]] = {
            t: {(): Fraction(3)} for t in leaves if t.rank == 0 and t.name in ("N", "n", "m", "M")
        }
        self.points: list[Point] = []
        self.assignments = []
        for number in (3, 6):
            drawn = draw(self.sizes, {}, leaves, self.symbols, facts, number, "unit")
            point = replace(drawn, leaves={**drawn.leaves, **counts}, symbols=dict.fromkeys(self.symbols, Fraction(3)))
            self.points.append(point)
            with precision(BITS):
                self.assignments.append(with_definitions(point.assignment, definitions))
        self._known: dict[Array, tuple[arb, ...] | None] = {}

    def entries(self, array: Array) -> tuple[arb, ...] | None:
        """Some entries of an array at the points; None where they have no value."""
        if array not in self._known:
            self._known[array] = self._entries(array)
        return self._known[array]

    def _entries(self, array: Array) -> tuple[arb, ...] | None:
        spend(5)
        body = unfold_applications(array.body)
        found = []
        with precision(BITS):
            for point, assignment in zip(self.points, self.assignments, strict=True):
                try:
                    for place in positions([whole(index.dimension, point) for index in array.indices])[:MOST_ENTRIES]:
                        found.append(evaluate(body, assignment, dict(zip(array.indices, place, strict=True))))
                except (EvaluationError, AttributeError):
                    return None
        return tuple(found)

    def proportional(self, one: Array, other: Array) -> bool:
        """Whether the ratio of two arrays is one positive number at all entries and points."""
        if one.shape != other.shape:
            return False
        first, second = self.entries(one), self.entries(other)
        if first is None or second is None:
            return False
        ratio: arb | None = None
        with precision(BITS):
            for a, b in zip(first, second, strict=True):
                if a.contains(0) or b.contains(0):
                    if a.contains(0) != b.contains(0):
                        return False
                    continue
                found = b / a
                if not found > 0 or (ratio is not None and not (found - ratio).contains(0)):
                    return False
                ratio = found if ratio is None else ratio
        return ratio is not None


def equal_up_to_count(probe: Probe, gradient: Value, values: Sequence[Value]) -> bool:
    """Whether a value is the gradient, or the gradient times the number of samples that the loss is a mean over."""
    return any(probe.proportional(gradient.array, value.array) for value in values)


def _by_use(
    context: Context, link: Link, key: Key, reader: ClaimReader, probe: Probe, near: list[tuple[Tensor, Value]]
) -> Meaning | None:
    """A definition that is no derivative of the loss, but one slip away from one that the document goes on to use."""
    node = canonical(link.right.node)
    said = support(context, key, None)
    tried: set[Tensor] = set()
    for correction, values in edited(node, reader):
        for tensor, gradient in near:
            of = reader.world.key_of(tensor)
            if tensor in tried or of is None or not equal_up_to_count(probe, gradient, values):
                continue
            tried.add(tensor)
            if support(context, key, of) > said:
                loss = reader.conventions.loss
                reason = (
                    f"the document goes on to use it as the derivative of {loss} by {tensor.name}, which this is not"
                )
                return Meaning(key, of, Decision("refuted", reason), correction)
    return None


def support(context: Context, key: Key, of: Key | None) -> int:
    """How many claims about derivatives hold when an error term means the derivative by `of` (None: what it is defined as)."""
    held = 0
    tried = 0
    for statement in context.statements:
        for link in links_of(statement):
            if link.operator != "=" or not isinstance(link.left.node, Derivative) or tried >= MOST_CLAIMS:
                continue
            if not any(_error_name(context, node) == key for node in names_in([link.right.node])):
                continue
            tried += 1
            try:
                reader = context.reader(statement, whole=True)
                give_meaning(reader, key, of, context.table.definitions[key])
                reader = ClaimReader(
                    reader.world, reader.conventions, Differentials(reader.world.equations, reader.differentials.edges)
                )
                left, right = (reader.read(canonical(side), Scope()) for side in link.nodes)
                probe = Probe(reader)
                held += any(equal_up_to_count(probe, value, right) for value in left)
            except (NotUnderstood, SymnnError, Clash, TooLarge, ZeroDivisionError):
                continue
    return held


def give_meaning(reader: ClaimReader, key: Key, of: Key | None, definitions: Sequence[Definition]) -> None:
    """Let an error term stand for the derivative of the loss by a value, or for what it is defined as, in one world."""
    world = reader.world
    value: Value | None = None
    if of is not None:
        tensor, loss = world.tensors.get(of), reader.conventions.loss
        value = None if tensor is None or loss is None else gradient_of(reader, loss, tensor)
    elif definitions and not definitions[0].indices:
        try:
            value = reader.read(canonical(definitions[0].links[0].node), Scope())[0]
        except NotUnderstood:
            value = None
    if value is None:
        return
    shaped = Tensor(key.identifier, value.shape)
    world.tensors[key] = shaped
    world.nodes.setdefault(shaped.name, definitions[0].node)
    world.equations[shaped] = NamedFormula(shaped, value.array.indices, value.array.body)
