"""Plain text to tokens: names and their digits, known symbols, particles."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_plain
from symnn.notation.outline import outline
from symnn.notation.plain.lexer import lex, splits


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("2x2", (), "(mul 2 x2)"),
        ("12uv", {"u", "v"}, "(mul 12 u v)"),
        ("12uv", (), "(mul 12 uv)"),
        ("uv", {"u", "v", "uv"}, "uv"),
        ("3ab", {"a"}, "(mul 3 ab)"),
        ("xs y", {"xs"}, "(mul xs y)"),
        ("θ1 + σ", (), "(sum +theta1 +sigma)"),
        ("alpha", (), "alpha"),
        ("ŷ₁", (), "(script y~hat 1 _)"),
        ("x̄", (), "x~bar"),
        ("x ∈ ℝ^n", (), "(rel x in (script R:mathbb _ n))"),
        ("1e-8 + 2.5", (), "(sum +1e-8 +2.5)"),
        ("0.0001×924", (), "(times 0.0001 924)"),
        ("오차", (), "오차"),
        ("x₁² + ∞", (), "(sum +(script x 1 2) +infty)"),
        ("f（x）", (), "(mul f (group() x))"),
    ],
)
def test_names_and_numbers(text, names, expected):
    assert outline(parse_plain(text, names=names)) == expected


def test_a_word_that_splits_in_two_ways_is_refused():
    assert len(splits("aab", {"a", "aa", "ab", "b"})) == 2
    with pytest.raises(NotationError, match="can be read as"):
        parse_plain("3aab", names={"a", "aa", "ab", "b"})


def test_long_words_are_not_taken_apart():
    assert splits("loss", {"l", "o", "s"}) == []


def test_particles_are_text():
    assert [(t.kind, t.value) for t in lex("26을 더한", ())] == [("number", "26"), ("text", "을 더한")]


@pytest.mark.parametrize("text", ["1,000", "a ! b", "a $ b", "x.dot(y)", "np.exp(x)", "a # b", '"a"', "30%"])
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_plain(text)
