"""Tables: with bars, with tabs, sloppy ones."""

from __future__ import annotations

import pytest

from symnn.notes.find import Table, find
from symnn.notes.find.tables import is_delimiter_row, split_row


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("| a | b", ["a", "b"]),
        ("| a |  |", ["a", ""]),
        ("|  | b |", ["", "b"]),
        ("| a \\| b | c |", ["a \\| b", "c"]),
        ("| $|x|$ | `a|b` |", ["$|x|$", "`a|b`"]),
        ("| $$( \\max(ax, x) )$$ | $$a)$$를 |", ["$$( \\max(ax, x) )$$", "$$a)$$를"]),
        ("| \\(p(y|x)\\) | 1 |", ["\\(p(y|x)\\)", "1"]),
        ("||", [""]),
    ],
)
def test_rows(row: str, cells: list[str]) -> None:
    assert [row[start:end].strip() for start, end in split_row(row)] == cells


def test_dollars_that_are_no_delimiters_give_way_to_the_number_of_columns() -> None:
    row = "|$a|b$|"
    assert len(split_row(row, 1)) == 1
    assert len(split_row(row, 2)) == 2


@pytest.mark.parametrize(
    ("line", "is_rule"),
    [("|---|", True), ("a|b", False), (":-: | --:", True), ("---", False), ("| - x |", False)],
)
def test_rules(line: str, is_rule: bool) -> None:
    assert is_delimiter_row(line) is is_rule


def only_table(text: str) -> Table:
    (table,) = find(text, name="n.md").tables()
    return table


def test_a_table_that_is_indented_in_its_first_line_only() -> None:
    text = "*   step\n    -   each\n\n    | E | h |\n|---|---|\n| 1 | (3+1)² = 16 |\n| 2 | 4 |\n"
    table = only_table(text)
    assert [cell.text for cell in table.header] == ["E", "h"]
    assert [[cell.text for cell in row] for row in table.rows] == [["1", "(3+1)² = 16"], ["2", "4"]]
    assert [(s.text, s.place.line, s.place.column) for s in table.rows[0][1].spans] == [("(3+1)² = 16", 6, 7)]


def test_a_table_in_a_quote() -> None:
    table = only_table("> | a | b |\n> |---|---|\n> | 1 | 2 |\n")
    assert [cell.text for cell in table.cells] == ["a", "b", "1", "2"]
    assert table.rows[0][0].place.column == 5


def test_a_table_after_a_line_of_text() -> None:
    document = find("text\n| a |\n|---|\n| b |\nafter", name="n.md")
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Table", "Paragraph"]


def test_rows_with_tabs() -> None:
    text = "$x_1$\t$x_2$\tAND\n0\t0\t0\n1\t1\t1\n\ntext\n"
    table = only_table(text)
    assert table.syntax == "tab"
    assert [cell.text for cell in table.header] == ["$x_1$", "$x_2$", "AND"]
    assert [[cell.text for cell in row] for row in table.rows] == [["0", "0", "0"], ["1", "1", "1"]]
    assert [(s.text, s.place.column) for s in table.spans][:2] == [("x_1", 2), ("x_2", 8)]


def test_rows_with_tabs_and_an_empty_first_cell_have_no_header() -> None:
    first = "family\tname\tthe mean of the squares: $\\text{mean}(\\text{square}(y))$\n"
    text = first + "\tother\tthe mean: $m$\nlast\tcell\n"
    table = only_table(text)
    assert table.header == ()
    assert [len(row) for row in table.rows] == [3, 3, 2]
    assert table.rows[1][0].text == ""


@pytest.mark.parametrize(
    "text", ["-\titem\n-\titem\n", "\tcode\n\tcode\n", "one\ttab\n\ntext\n", "```\na\tb\nc\td\n```\n"]
)
def test_no_table(text: str) -> None:
    assert not list(find(text, name="n.md").tables())


def test_a_chain_in_bold_in_a_cell() -> None:
    table = only_table("| a |\n|---|\n| 26 × 1 × 20 = **520** |\n")
    (span,) = table.rows[0][0].spans
    assert (span.text, span.cell) == ("26 × 1 × 20 = 520", (0, 0))
    assert span.place_of(14).column == 19
    assert span.source_text() == "26 × 1 × 20 = **520"
