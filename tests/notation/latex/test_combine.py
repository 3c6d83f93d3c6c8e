"""Commands that make one token together."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError
from symnn.notation.latex.combine import combine, over_to_fraction
from symnn.notation.latex.lexer import lex


def combined(text):
    return [(t.kind, t.value) for t in combine(lex(text, (), ()), text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\mathrm{d}", [("name", "d")]),
        (r"\text{d}", [("name", "d")]),
        (r"\not=", [("relation", "ne")]),
        (r"\not\in", [("relation", "notin")]),
        (r"\stackrel{def}{=}", [("relation", ":=")]),
        (r"\overset{(a)}{\approx}", [("relation", "approx")]),
        (r"\xrightarrow[n]{f}", [("relation", "to")]),
        (r"\mathrel{:=}", [("relation", ":=")]),
        (r"\mathbin{\circ}", [("product", "circ")]),
        (r"{\sum_i}", [("big", "sum"), ("sub", "_"), ("name", "i")]),
        (r"\mathrm{x}", [("command", "mathrm"), ("lbrace", "{"), ("name", "x"), ("rbrace", "}")]),
    ],
)
def test_combine(text, expected):
    assert combined(text) == expected


@pytest.mark.parametrize("text", [r"\not a", r"\overset{?}{=}"])
def test_refusals(text):
    with pytest.raises(NotationError):
        combined(text)


def test_the_combined_token_covers_all_of_it():
    text = r"\stackrel{def}{=}"
    (token,) = combine(lex(text, (), ()), text)
    assert token.span == (0, len(text))


def test_over_becomes_a_command_with_two_arguments():
    text = r"{a \over b}"
    kinds = [t.kind for t in over_to_fraction(lex(text, (), ()), text)]
    assert kinds == ["lbrace", "command", "lbrace", "name", "rbrace", "lbrace", "name", "rbrace", "rbrace"]
