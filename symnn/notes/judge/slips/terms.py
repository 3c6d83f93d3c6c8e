"""Terms that a formula lacks, or has too many: one side of a wrong claim is a part of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symnn.formula.application import unfold_applications
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polynomial import Polynomial
from symnn.formula.rational import plus
from symnn.notes.judge.claims import Slip
from symnn.notes.judge.decision.inlining import inlined
from symnn.notes.judge.decision.pairs import Pair

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader


def slip_of_terms(pair: Pair, reader: ClaimReader) -> Slip | None:
    """Whether the right side of a pair is its left side without some of its terms, or with others beside them.

    Both sides must have at least one term in common. None where they differ in another way.
    """
    world = reader.world
    for deep in (False, True):
        try:
            sides = [unfold_applications(side) for side in (pair.left, pair.right)]
            if deep:
                sides = [inlined(side, world) for side in sides]
            normalizer = Normalizer(world.facts)
            left, right = (normalizer.normal(side) for side in sides)
            rest = plus(left, right, -1)
        except (TooLarge, ZeroDivisionError, ValueError, RecursionError, TypeError):
            continue
        if not left.denominator == right.denominator == rest.denominator:
            continue
        if _is_part(right.numerator, left.numerator, rest.numerator):
            return "missing term"
        if _is_part(left.numerator, right.numerator, rest.numerator):
            return "extra term"
    return None


def _is_part(part: Polynomial, whole: Polynomial, rest: Polynomial) -> bool:
    return bool(part) and bool(rest) and len(part) + len(rest) == len(whole)
