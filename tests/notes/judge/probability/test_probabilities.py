"""The probabilities of the two values of a binary variable add up to one."""

from __future__ import annotations

import pytest
from verdicts import said_of

MODEL = r"Let $w \in \mathbb{R}^n$ and $x \in \mathbb{R}^n$." + "\n\n" + r"$$ h = \sigma(w^\top x) $$"
ONE = r"$$ P(y = 1 \mid x) = h $$"


def verdicts(*parts: str) -> list[str]:
    return [claim.verdict for claim in said_of(MODEL, *parts)]


def test_the_rest_of_one() -> None:
    assert verdicts(ONE, r"$$ P(y = 0 \mid x) = 1 - h $$")[-1] == "proved"


@pytest.mark.parametrize("wrong", ["h", "2 - h", "1 + h"])
def test_what_does_not_add_up_is_wrong(wrong: str) -> None:
    assert "refuted" in verdicts(ONE, rf"$$ P(y = 0 \mid x) = {wrong} $$")


def test_two_halves_are_no_mistake() -> None:
    assert "refuted" not in verdicts(r"$$ P(y = 1) = \frac{1}{2} $$", r"$$ P(y = 0) = \frac{1}{2} $$")


def test_one_formula_for_both_values() -> None:
    assert "proved" in verdicts(ONE, r"$$ P(y \mid x) = h^y (1 - h)^{1 - y} $$")


@pytest.mark.parametrize("wrong", ["(1 - h)^y h^{1 - y}", "h^y (1 + h)^{1 - y}"])
def test_a_formula_that_says_something_else_is_wrong(wrong: str) -> None:
    assert "refuted" in verdicts(ONE, rf"$$ P(y \mid x) = {wrong} $$")


def test_another_section_is_about_something_else() -> None:
    assert "refuted" not in verdicts("# One", ONE, "# Another", r"$$ P(y = 0 \mid x) = h $$")
