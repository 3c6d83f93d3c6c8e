"""A definition is wrong if two other ways through the document say the same something else."""

from __future__ import annotations

import pytest
from verdicts import said_of

WRONG = r"$$ \delta = e \circ \sigma(z) $$"
BOUND = (
    r"$$ \delta = \frac{\partial C}{\partial z} $$"
    + "\n\n"
    + r"$$ \frac{\partial C}{\partial z} = e \circ \sigma'(z) $$"
)
OTHER = r"$$ \delta = q $$" + "\n\n" + r"$$ q = e \circ \sigma'(z) $$"


def refuted(*parts: str) -> list[tuple[str, str]]:
    return [(claim.source, claim.slip) for claim in said_of(*parts) if claim.verdict == "refuted"]


def test_two_ways_outweigh_one() -> None:
    assert ("missing derivative" in {slip for _, slip in refuted(WRONG, BOUND, OTHER)}) is True


@pytest.mark.parametrize("parts", [(WRONG, BOUND), (WRONG, OTHER), (WRONG,)])
def test_one_way_is_not_enough(parts: tuple[str, ...]) -> None:
    assert refuted(*parts) == []


def test_what_agrees_with_the_rest_is_not_wrong() -> None:
    assert refuted(WRONG.replace(r"\sigma(z)", r"\sigma'(z)"), BOUND, OTHER) == []


def test_a_difference_that_is_no_certain_slip_is_left() -> None:
    assert refuted(WRONG.replace("e ", "f "), BOUND, OTHER) == []
