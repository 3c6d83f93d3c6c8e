"""Matching of brackets and bars, before parsing."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError
from symnn.notation.latex.lexer import lex
from symnn.notation.tokens import bars_left, partners


def read(text):
    return lex(text, (), ())


def test_partners_match_by_nesting():
    tokens = read("{a(b)[c)}")
    assert partners(tokens, "") == {0: 8, 2: 4, 5: 7}


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        ("{a", "this brace is not closed", (0, 1)),
        ("a}", "'}' closes nothing", (1, 2)),
        ("{(a}", "this bracket is not closed", (1, 2)),
        (r"\begin{cases} a", r"\begin{cases} has no \end", (0, 13)),
    ],
)
def test_what_does_not_match_is_refused(text, message, span):
    with pytest.raises(NotationError) as caught:
        partners(read(text), text)
    assert (caught.value.message, caught.value.span) == (message, span)


def test_bars_are_counted_in_their_own_bracket():
    tokens = read("|a|(b|c)")
    assert [left for _, left in sorted(bars_left(tokens).items())] == [2, 1, 1]
