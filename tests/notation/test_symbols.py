"""The shared tables."""

from __future__ import annotations

import pytest

from symnn.notation import symbols
from symnn.notation.symbols import folded, split_accents
from symnn.notation.to_latex import RELATIONS as LATEX_RELATIONS
from symnn.notation.to_text import RELATIONS as TEXT_RELATIONS
from symnn.notation.tree import RelationOperator


def test_folding_keeps_every_offset():
    text = "ｆ（ｘ，ｙ）　＝ ŷ 가"
    assert len(folded(text)) == len(text)
    assert folded(text) == "f(x,y) = ŷ 가"


@pytest.mark.parametrize(
    ("char", "parts"),
    [
        ("ŷ", ("y", ("hat",))),
        ("ñ", ("n", ("tilde",))),
        ("x̄", ("x", ("bar",))),
        ("σ̂", ("σ", ("hat",))),
        ("x", ("x", ())),
    ],
)
def test_letters_lose_their_accents(char, parts):
    assert split_accents(char) == parts


@pytest.mark.parametrize("char", ["가", "ж", "1", "x\u0327"])
def test_other_characters_are_not_taken_apart(char):
    assert split_accents(char) is None


def test_every_relation_can_be_read_and_printed():
    written = set(RelationOperator.__args__)
    assert set(LATEX_RELATIONS) == set(TEXT_RELATIONS) == written
    assert set(symbols.COMMAND_RELATIONS.values()) == written
    assert set(symbols.CHARACTER_RELATIONS.values()) == written
