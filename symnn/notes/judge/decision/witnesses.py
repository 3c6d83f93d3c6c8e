"""Witnesses that are easy to work through: small sizes, small whole numbers, a difference that shows."""

from __future__ import annotations

from collections.abc import Sequence

from symnn.errors import SymnnError
from symnn.formula.evaluate import EvaluationError
from symnn.formula.facts import Fact
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.decision.trials import Trials, Witness
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.worlds.world import World

TRIES = 16
APART = 0.1
"""A difference of this part of the larger side is seen at once."""
HANDY = (0.05, 500.0)
"""Numbers between these are easy to read."""


def simplest(pair: Pair, world: World, facts: Sequence[Fact], known: Witness) -> Witness:
    """A witness with small whole numbers that shows what a known one shows; the known one where there is none."""
    trials = Trials(pair, world, facts)
    found: list[tuple[float, Witness]] = []
    for number in range(TRIES):
        spend(3)
        try:
            other = trials.at(trials.point(number, "whole"))
        except (SymnnError, EvaluationError):
            continue
        if isinstance(other, Witness):
            found.append((_plainness(other), other))
            if found[-1][0] == 1:
                break
    return max(found, key=lambda pair: pair[0], default=(0, known))[1]


def _plainness(witness: Witness) -> float:
    """How plain the difference is to see: 1 where it is large and the numbers are handy."""
    left, right = (abs(float(side.mid())) for side in (witness.left, witness.right))
    larger = max(left, right)
    if not 0 < larger < float("inf"):
        return 0.0
    difference = min(1.0, abs(float((witness.left - witness.right).mid())) / larger / APART)
    size = min(1.0, larger / HANDY[0], HANDY[1] / larger)
    return difference * size
