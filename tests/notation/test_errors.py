"""Refusals show where and why."""

from __future__ import annotations

import pytest

from symnn.errors import NoteError
from symnn.notation import NotationError, parse_latex, parse_plain


def test_the_error_knows_its_place_and_prints_a_caret():
    with pytest.raises(NotationError) as caught:
        parse_latex("a +\n\\foo b")
    error = caught.value
    assert isinstance(error, NoteError)
    assert error.span == (4, 8)
    assert (error.line, error.column, error.end_column) == (2, 1, 5)
    assert str(error).splitlines()[1:3] == [r"    2 | \foo b", "      | ^^^^"]


def test_the_error_says_what_was_expected():
    with pytest.raises(NotationError) as caught:
        parse_plain("a + ")
    assert caught.value.expected == "a formula"
    assert "expected a formula" in str(caught.value)


def test_it_can_be_moved_to_its_place_in_a_document():
    with pytest.raises(NotationError) as caught:
        parse_latex(r"\foo")
    moved = caught.value.relocated("note.md", 12, 8, 12, r"text $\foo$")
    assert (moved.path, moved.line, moved.span) == ("note.md", 12, (0, 4))
