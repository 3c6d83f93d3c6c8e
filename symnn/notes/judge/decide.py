"""The ladder: a claim is proved by normal forms, agrees in ball arithmetic, or is refuted by numbers.

A claim is refuted only if every admissible reading is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flint import arb
from sympy import Integer, Mul, S

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import EvaluationError, evaluate, positions, precision
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.substitute import inline
from symnn.network.values import with_definitions
from symnn.notes.judge.budget import spend
from symnn.notes.judge.errors import DoesNotFit
from symnn.notes.judge.points import STYLES, Point, draw, least_sizes, sizes_of, symbols_of
from symnn.notes.judge.values import Value, fresh, shown

if TYPE_CHECKING:
    from symnn.notes.judge.conventions import Conventions
    from symnn.notes.judge.world import World

MOST_PAIRS = 16
MOST_ENTRIES = 12
POINTS = 6
PRECISIONS = (64, 256, 1024)
RADIUS = 1e-30
MAX_INLINED = 4000
MOST_EQUATIONS = 60


@dataclass(frozen=True)
class Pair:
    """Both sides of a claim at the same indices: one admissible reading."""

    left: Any
    right: Any
    indices: tuple[Index, ...]
    cost: int
    said: tuple[str, ...] = ()
    values: tuple[Value, Value] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Decision:
    """What was decided about a claim, and about which reading."""

    verdict: str
    reason: str
    pair: Pair | None = None
    facts: tuple[Fact, ...] = ()
    witness: Witness | None = None
    misfit: bool = False


@dataclass(frozen=True)
class Witness:
    """A point at which two sides differ."""

    point: Point
    place: tuple[int, ...]
    left: arb
    right: arb


# -- alignment ------------------------------------------------------------------------------------------------------------


def alignments(left: Value, right: Value, conventions: Conventions) -> Iterator[Pair]:
    """The ways in which two values can be compared entry by entry."""
    cost = left.cost + right.cost
    said = (*left.said, *right.said)

    def pair(a: Any, b: Any, indices: Sequence[Index], extra: int = 0, *more: str) -> Pair:
        return Pair(a, b, tuple(indices), cost + extra, (*said, *more), (left, right))

    if left.rank == right.rank == 0:
        yield pair(left.array.body, right.array.body, ())
        return
    places = fresh(left.array.indices)
    if left.shape == right.shape:
        yield pair(left.array.at(*places), right.array.at(*places), places)
    yield from _turned(left, right, pair)
    for one, other, swapped in ((left, right, False), (right, left, True)):
        for a, b, indices, extra, why in _as_diagonal(one, other):
            yield pair(*((b, a) if swapped else (a, b)), indices, extra, why)
        for a, b, indices in _squeezed(one, other, conventions):
            yield pair(*((b, a) if swapped else (a, b)), indices)
    if 0 in (left.rank, right.rank):
        wide, narrow = (left, right) if right.rank == 0 else (right, left)
        if narrow.array.body is S.Zero:
            own = fresh(wide.array.indices)
            a = wide.array.at(*own)
            yield pair(*((a, S.Zero) if wide is left else (S.Zero, a)), own)


def _turned(left: Value, right: Value, pair: Any) -> Iterator[Pair]:
    """A derivative of an array by an array, with its axes in the other order."""
    for one, other, swapped in ((left, right, False), (right, left, True)):
        if not one.is_jacobian or other.is_jacobian:
            continue
        own = fresh(one.array.indices)
        order = (*own[one.out :], *own[: one.out])
        if other.rank == one.rank and other.shape == tuple(index.dimension for index in order):
            a, b = one.array.at(*own), other.array.at(*order)
            yield pair(*((b, a) if swapped else (a, b)), own, 1, "the axes of the derivative are in denominator layout")


def _as_diagonal(one: Value, other: Value) -> Iterator[tuple[Any, Any, tuple[Index, ...], int, str]]:
    """A derivative of an array by one of the same shape, written as the vector on its diagonal, or as a number."""
    if not one.is_jacobian or one.outer != one.inner or other.is_jacobian:
        return
    half = one.rank // 2
    own = fresh(one.array.indices)
    deltas = Mul(*[Delta(a, b) for a, b in zip(own[:half], own[half:], strict=True)])
    if other.shape == one.outer:
        yield (
            one.array.at(*own),
            other.array.at(*own[:half]) * deltas,
            own,
            1,
            "the derivative acts entry by entry and is written as its diagonal",
        )
    elif other.rank == 0 and other.array.body is not S.Zero:
        yield (
            one.array.at(*own),
            other.array.body * deltas,
            own,
            2,
            "the derivative is a multiple of the identity and is written as a number",
        )


def _squeezed(one: Value, other: Value, conventions: Conventions) -> Iterator[tuple[Any, Any, tuple[Index, ...]]]:
    """An array with axes of length one beside one without them: a row matrix is a row, a column matrix a column."""
    if one.rank <= other.rank or not any(size == 1 for size in one.shape):
        return
    kept = [axis for axis, size in enumerate(one.shape) if size != 1]
    if tuple(one.shape[axis] for axis in kept) != other.shape:
        return
    oriented = one.rank == 2 and other.rank == 1 and conventions.strict and other.turn
    if oriented and other.turn != ("row" if kept == [1] else "column"):
        return
    own = fresh(other.array.indices)
    names = iter(own)
    at = [next(names) if axis in kept else S.Zero for axis in range(one.rank)]
    yield one.array.at(*at), other.array.at(*own), own


def pairs_of(
    lefts: Sequence[Value], rights: Sequence[Value], conventions: Conventions, free: Sequence[Index] = ()
) -> list[Pair]:
    """The admissible readings of ``left = right``, the likeliest first. Raises DoesNotFit when there is none."""
    found: list[Pair] = []
    for left in lefts:
        for right in rights:
            spend()
            found += (_with_free(pair, free) for pair in alignments(left, right, conventions))
    if not found:
        raise DoesNotFit(f"the left side has shape {shown(lefts[0].shape)}, the right side {shown(rights[0].shape)}")
    unique: dict[Any, Pair] = {}
    for pair in sorted(found, key=lambda p: p.cost):
        unique.setdefault((pair.left, pair.right), pair)
    return list(unique.values())[:MOST_PAIRS]


def _with_free(pair: Pair, free: Sequence[Index]) -> Pair:
    """The pair with those free letters that occur in it: it must hold for all of their values."""
    present = pair.left.free_symbols | pair.right.free_symbols
    more = tuple(index for index in free if index in present and index not in pair.indices)
    return replace(pair, indices=(*pair.indices, *more)) if more else pair


# -- proving --------------------------------------------------------------------------------------------------------------


def inlined(formula: Any, world: World) -> Any:
    """The formula with every definition put in, down to the leaves. Raises TooLarge beyond a bound."""
    formula = unfold_applications(formula)
    for _ in range(200):
        spend()
        ready = [
            tensor for tensor in sorted(tensors(formula), key=lambda t: t.name)
            if tensor in world.equations and tensor not in tensors(world.equations[tensor].formula)
        ]  # fmt: skip
        if not ready:
            return formula
        users = {t: sum(t in world.closure([other]) for other in ready) for t in ready}
        tensor = min(ready, key=lambda t: users[t])
        equation = world.equations[tensor]
        formula = unfold_applications(inline(formula, tensor, equation.indices, equation.formula))
        if _size(formula) > MAX_INLINED:
            raise TooLarge("the definitions put in")
    raise TooLarge("the definitions put in")


def _size(formula: Any) -> int:
    count, stack = 0, [formula]
    while stack:
        node = stack.pop()
        count += 1
        if count > MAX_INLINED:
            return count
        stack.extend(node.args)
    return count


def proof(pair: Pair, world: World, facts: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """The facts that a proof by normal forms uses, or None where the normal forms do not show equality."""
    for deep in (False, True):
        spend(5)
        try:
            left, right = unfold_applications(pair.left), unfold_applications(pair.right)
            if deep:
                present = tensors(left) | tensors(right)
                if not present & world.equations.keys():
                    return None
                left, right = inlined(left, world), inlined(right, world)
            normalizer = Normalizer(facts)
            if normalizer.equal(left, right, almost_everywhere=True):
                return tuple(sorted(normalizer.used, key=str))
        except (TooLarge, ZeroDivisionError, ValueError, RecursionError, TypeError):
            continue
    return None


# -- numbers --------------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What numbers say about one reading: how often the sides agreed, and a witness that they do not."""

    agreed: int = 0
    witness: Witness | None = None
    problem: str = ""


def compare(pair: Pair, world: World, facts: Sequence[Fact]) -> Outcome:
    """Compare both sides at points of several styles, sizes and signs."""
    outcome = Outcome()
    formulas = [unfold_applications(pair.left), unfold_applications(pair.right)]
    present = tensors(formulas[0]) | tensors(formulas[1])
    every = world.closure(present)
    definitions = [world.equations[t] for t in every if t in world.equations]
    leaves = sorted((t for t in every if t not in world.equations), key=lambda t: (t.name, str(t.shape)))
    bodies = [*formulas, *(d.formula for d in definitions), *(i for i in pair.indices)]
    sizes = sizes_of(bodies, [*leaves, *present])
    sizes = tuple(sorted({*sizes, *(s for i in pair.indices for s in i.dimension.free_symbols)}, key=str))
    symbols = symbols_of(bodies, sizes)
    least = least_sizes(bodies)
    number = 0
    for style in (*STYLES, *STYLES[:3]):
        for _ in range(2):
            spend(3)
            number += 1
            try:
                point = draw(sizes, least, leaves, symbols, facts, number, style)
            except SymnnError as error:
                outcome.problem = str(error)
                continue
            try:
                verdict = at_point(pair, formulas, point, definitions, facts)
            except EvaluationError as error:
                outcome.problem = str(error)
                continue
            if verdict is None:
                outcome.agreed += 1
            elif isinstance(verdict, Witness):
                outcome.witness = verdict
                return outcome
    return outcome


def at_point(
    pair: Pair, formulas: Sequence[Any], point: Point, definitions: Sequence[Any], facts: Sequence[Fact]
) -> Witness | str | None:
    """None where the sides agree closely, a witness where they certainly differ, a word where numbers do not decide."""
    sizes = [_whole(index.dimension, point) for index in pair.indices]
    for place in _some(positions(sizes)):
        found = _at_place(pair, formulas, point, definitions, place)
        if isinstance(found, str):
            return found
        if found is not None:
            near = point.nearby(facts, random.Random(7))
            if isinstance(_at_place(pair, formulas, near, definitions, place), tuple):
                return Witness(point, place, *found)
            return "a kink"
    return None


def _whole(size: Any, point: Point) -> int:
    value = size.xreplace({s: Integer(n) for s, n in point.sizes.items()})
    if not value.is_Integer:
        raise EvaluationError(f"the dimension {size} has no value")
    return int(value)


def _some(places: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    if len(places) <= MOST_ENTRIES:
        return list(places)
    return random.Random(3).sample(list(places), MOST_ENTRIES)


def _at_place(
    pair: Pair, formulas: Sequence[Any], point: Point, definitions: Sequence[Any], place: tuple[int, ...]
) -> tuple[arb, arb] | str | None:
    indices = dict(zip(pair.indices, place, strict=True))
    problem = "numbers do not decide"
    for bits in PRECISIONS:
        spend()
        with precision(bits):
            try:
                assignment = with_definitions(point.assignment, definitions)
                left, right = (evaluate(formula, assignment, indices) for formula in formulas)
            except EvaluationError as error:
                problem = str(error)
                continue
            if not left.is_finite() or not right.is_finite():
                continue
            difference = left - right
            if not difference.contains(0):
                return left, right
            if float(difference.rad()) < RADIUS:
                return None
    return problem


# -- deciding -------------------------------------------------------------------------------------------------------------


def decide(
    lefts: Sequence[Value], rights: Sequence[Value], world: World, conventions: Conventions, free: Sequence[Index] = ()
) -> Decision:
    """Climb the ladder for one link; `free` are its free index letters. Raises DoesNotFit when no reading fits."""
    pairs = pairs_of(lefts, rights, conventions, free)
    usual = usual_facts(pairs, world)
    for pair in pairs:
        facts = proof(pair, world, world.facts)
        if facts is not None:
            return Decision("proved", "both sides have the same normal form", pair, facts)
    if usual:
        for pair in pairs:
            facts = proof(pair, world, (*world.facts, *usual))
            if facts is not None:
                return Decision("proved", "both sides have the same normal form", pair, facts)
    return by_numbers(pairs, world, (*world.facts, *usual))


def by_numbers(pairs: Sequence[Pair], world: World, facts: Sequence[Fact]) -> Decision:
    """Agrees if one reading holds at every point, refuted if every reading fails somewhere."""
    first: Decision | None = None
    problem = ""
    refuted = True
    for pair in pairs:
        outcome = compare(pair, world, facts)
        if outcome.witness is not None:
            first = first or Decision("refuted", "the two sides differ", pair, tuple(facts), outcome.witness)
            continue
        refuted = False
        problem = problem or outcome.problem
        if outcome.agreed >= POINTS:
            return Decision(
                "agrees", f"both sides agree at {outcome.agreed} points, but that is no proof", pair, tuple(facts)
            )
    if refuted and first is not None:
        return first
    return Decision("undecided", problem or "numbers do not decide it", pairs[0])


def usual_facts(pairs: Sequence[Pair], world: World) -> tuple[Fact, ...]:
    """What is meant although it may not be said: the weights of logarithms in a cross-entropy sum to one."""
    from sympy import log

    found: dict[Fact, None] = {}
    sources = [equation.formula for equation in list(world.equations.values())[:MOST_EQUATIONS]]
    sources += [unfold_applications(side) for pair in pairs[:2] for side in (pair.left, pair.right)]
    for formula in sources:
        for product in formula.atoms(Mul):
            logs = [factor for factor in product.args if isinstance(factor, log)]
            others = [factor for factor in product.args if hasattr(factor, "tensor") and factor.indices]
            if len(logs) == 1 and len(others) == 1:
                tensor: Tensor = others[0].tensor
                inside = {e.tensor for e in logs[0].atoms(type(others[0]))}
                if tensor not in world.equations and tensor not in inside and _is_over(logs[0], others[0]):
                    found.setdefault(Fact("sum", tensor, tensor.rank - 1, S.One))
    known = {fact.tensor for fact in world.facts}
    return tuple(fact for fact in found if fact.tensor not in known)


def _is_over(logarithm: Any, entry: Any) -> bool:
    last = entry.indices[-1]
    return last in logarithm.free_symbols


def refined(decision: Decision, **changes: Any) -> Decision:
    """A decision with some fields changed."""
    return replace(decision, **changes)
