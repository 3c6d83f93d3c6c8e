"""Rows of displays that cannot be parsed as a whole."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.read.rows import rows_of
from symnn.notes.read.statements import collect


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (r"a = b", []),
        (r"a &= b \\ c &= d", ["a  = b", "c  = d"]),
        (r"\begin{aligned} a &= b \\[2mm] c &= d \end{aligned}", ["a  = b", "c  = d"]),
        (r"a &= b \\ &+ c \\ d &= e", ["a  = b     + c", "d  = e"]),
        (r"a &= b + \\ & c \\ d &= e", ["a  = b +      c", "d  = e"]),
        (r"M = \begin{pmatrix} a \\ b \end{pmatrix} \\ c = d", [r"M = \begin{pmatrix} a \\ b \end{pmatrix}", "c = d"]),
    ],
)
def test_rows(text: str, rows: list[str]) -> None:
    assert [row.strip() for row in rows_of(text)] == rows


@pytest.mark.parametrize("text", [r"a &= b \\ c &= d", r"\begin{align} a &= b \\ c &= d \\ e = f \end{align}"])
def test_what_is_in_a_row_stays_in_its_place(text: str) -> None:
    for row in rows_of(text):
        for place, char in enumerate(row):
            assert char in (" ", text[place])


def test_the_rows_that_can_be_read_are_read() -> None:
    document = find("$$\na = b \\\\\n\\wat c = d \\\\\n= e \\\\\nf = g\n$$\n", name="note.md")
    collected = collect(document)
    assert [(s.spot.text, s.spot.place().line) for s in collected.statements] == [("a = b", 2), ("f = g", 5)]
    assert [failure.passage.text.strip() for failure in collected.failures] == [r"\wat c = d"]
