"""Trials: both sides of a claim as numbers, in ball arithmetic, at points of several styles, sizes and signs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flint import arb
from sympy import Integer

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import Assignment, Evaluation, EvaluationError, evaluate, positions, precision
from symnn.formula.facts import Fact
from symnn.formula.nodes import tensors
from symnn.network.values import with_definitions
from symnn.network.widths import WidthClash, WidthError
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.decision.points import STYLES, Point, draw, least_sizes, sizes_of, symbols_of
from symnn.notes.judge.layers import written_out
from symnn.notes.judge.process.budget import spend

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.world import World

MOST_ENTRIES = 12
PRECISIONS = (128, 256, 1024)
RADIUS = 1e-30
EACH_STYLE = 2


@dataclass(frozen=True)
class Witness:
    """A point at which two sides differ."""

    point: Point
    place: tuple[int, ...]
    left: arb
    right: arb


class Trials:
    """What numbers say about one reading: how often the sides `agreed`, a `witness` that they do not, or a `problem`.

    Points are tried when they are asked for, and none after a witness.
    """

    def __init__(self, pair: Pair, world: World, facts: Sequence[Fact]) -> None:
        self.pair = pair
        self.facts = tuple(facts)
        self.agreed = 0
        self.witness: Witness | None = None
        self.problem = ""
        self.is_misfit = False  # the sizes of layers do not fit together
        self._refused: WidthError | None = None
        self._styles: Iterator[tuple[int, str]] = iter(())
        try:
            layered = written_out(pair, world)
            self._known = layered.facts(facts)
        except WidthError as error:
            self.problem = str(error)
            self.is_misfit = isinstance(error, WidthClash)
            self._refused = error
            return
        pair, world = layered.pair, layered.world
        self._widths, self._domain = layered.widths, layered.domain
        self._formulas = [unfold_applications(pair.left), unfold_applications(pair.right)]
        present = tensors(self._formulas[0]) | tensors(self._formulas[1])
        every = world.closure(present)
        self._definitions = [world.equations[t] for t in every if t in world.equations]
        self._leaves = sorted((t for t in every if t not in world.equations), key=lambda t: (t.name, str(t.shape)))
        bodies = [*self._formulas, *(d.formula for d in self._definitions), *pair.indices]
        self._sizes = sizes_of(bodies, [*self._leaves, *present])
        self._symbols = symbols_of(bodies, self._sizes)
        self._least = least_sizes(bodies)
        self._styles = self._points()

    def _points(self) -> Iterator[tuple[int, str]]:
        styles = [style for style in (*STYLES, *STYLES[:3]) for _ in range(EACH_STYLE)]
        return iter(list(enumerate(styles, 1)))

    def run(self, most: int | None = None) -> Trials:
        """Try the next points, at most so many; all that are left without a number."""
        tried = 0
        while self.witness is None and (most is None or tried < most):
            number, style = next(self._styles, (0, ""))
            if not number:
                break
            tried += 1
            self._try(number, style)
        return self

    def _try(self, number: int, style: str) -> None:
        spend(3)
        try:
            verdict = self.at(self.point(number, style))
        except (SymnnError, EvaluationError) as error:
            self.problem = str(error)
            return
        if verdict is None:
            self.agreed += 1
        elif isinstance(verdict, Witness):
            self.witness = verdict

    def equal_at(self, number: int) -> bool | None:
        """Whether both sides agree at one short point, kinks or not; None where that is not certain."""
        spend(3)
        try:
            point = self.point(number, STYLES[0])
            here = _Place(self, point)
            for place in self.places(point):
                found = here.at(place)
                if found is not None:
                    return False if isinstance(found, tuple) else None
        except (SymnnError, EvaluationError):
            return None
        return True

    def point(self, number: int, style: str) -> Point:
        """Numbers for all that is open; the same arguments give the same point. Raises SymnnError."""
        if self._refused is not None:
            raise self._refused
        return draw(self._sizes, self._least, self._leaves, self._symbols, self._known, number, style, self._widths)

    def at(self, point: Point) -> Witness | str | None:
        """None where the sides agree closely, a witness where they certainly differ, a word where numbers do not decide."""
        here = _Place(self, point)
        for place in self.places(point):
            found = here.at(place)
            if isinstance(found, str):
                return found
            if found is not None:
                near = _Place(self, point.nearby(self._known, random.Random(7)))
                return Witness(point, place, *found) if isinstance(near.at(place), tuple) else "a kink"
        return None

    def places(self, point: Point) -> list[tuple[int, ...]]:
        """Some of the entries that the claim is about."""
        every = positions([whole(index.dimension, point) for index in self.pair.indices])
        if self._widths is None:
            return _some(every)
        sizes = Assignment(dict(point.sizes))
        there = [p for p in every if evaluate(self._domain, sizes, dict(zip(self.pair.indices, p, strict=True))) == 1]
        return _some(there)

    def sides(self, evaluation: Evaluation, indices: dict[Any, int]) -> tuple[arb, arb]:
        """Both sides at one place."""
        left, right = (evaluation.value(formula, indices) for formula in self._formulas)
        return left, right

    def assignment(self, point: Point) -> Assignment:
        """The point with the definitions: their entries are worked out once, at the precision of the first use."""
        return with_definitions(point.assignment, self._definitions)


class _Place:
    """One point, with what was worked out there at each precision."""

    def __init__(self, trials: Trials, point: Point) -> None:
        self.trials = trials
        self.point = point
        self.known: dict[int, Evaluation] = {}

    def at(self, place: tuple[int, ...]) -> tuple[arb, arb] | str | None:
        """Two values that differ, None for values that agree, a word where that is not certain."""
        indices = dict(zip(self.trials.pair.indices, place, strict=True))
        problem = "numbers do not decide"
        for bits in PRECISIONS:
            spend()
            with precision(bits):
                if bits not in self.known:
                    self.known[bits] = Evaluation(self.trials.assignment(self.point))
                try:
                    left, right = self.trials.sides(self.known[bits], indices)
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


def whole(size: Any, point: Point) -> int:
    """A dimension as a number. Raises EvaluationError when it has none."""
    value = size.xreplace({s: Integer(n) for s, n in point.sizes.items()})
    if not value.is_Integer:
        raise EvaluationError(f"the dimension {size} has no value")
    return int(value)


def _some(places: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    if len(places) <= MOST_ENTRIES:
        return list(places)
    return random.Random(3).sample(list(places), MOST_ENTRIES)
