from __future__ import annotations

import re

import pytest

from symnn.errors import display_width
from symnn.notation import parse_plain, to_text, without_groups
from symnn.write.document import Display, Document, Paragraph, Step, Steps, Table, inlines
from symnn.write.text import TextOptions, render_text, wrap

from symnn.notation.tree import Name, Number, Product, Script, Signed, Sum  # isort: skip


def total(count):
    return Sum(
        tuple(
            Signed("+", Product("cdot", (Script(Name("w"), Number(str(k))), Script(Name("x"), Number(str(k))))))
            for k in range(count)
        )
    )


def test_golden(document, golden):
    golden("mlp.txt", render_text(document))


@pytest.mark.parametrize("width", [72, 80, 100])
def test_lines_fit_the_terminal(document, width):
    for line in render_text(document, TextOptions(width=width)).splitlines():
        assert display_width(line) <= width, line


def test_colour_changes_nothing_but_colour(document):
    plain = render_text(document)
    coloured = render_text(document, TextOptions(colour=True))
    assert "\x1b" not in plain
    assert "\x1b[1m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_long_formulas_are_broken_and_read_back():
    node = total(30)
    lines = render_text(Document("T", (Display(node),)), TextOptions(width=60)).splitlines()[3:]
    assert len(lines) > 3
    assert max(map(display_width, lines)) <= 60
    assert without_groups(parse_plain(" ".join(" ".join(lines).split()))) == without_groups(node)
    assert " ".join(" ".join(lines).split()) == to_text(node)


def test_steps_open_as_deep_as_asked(document):
    shallow, deep = (render_text(document, TextOptions(step_depth=depth)) for depth in (1, 9))
    assert "sum rule" not in shallow
    assert "6 steps inside" not in deep
    assert "exponential rule" in deep
    assert re.search(r"… \d steps inside", shallow)


def test_steps_may_be_closed():
    text = render_text(Document("T", (Steps(inlines("why"), (Step("rule"),)),)), TextOptions(step_depth=0))
    assert "why (1 step)" in text
    assert "rule" not in text


def test_wide_letters_are_counted():
    text = render_text(Document("가나다", (Paragraph(inlines("손실 함수를 미분한다 " * 20)),)), TextOptions(width=40))
    assert text.splitlines()[1] == "======"
    assert max(map(display_width, text.splitlines())) <= 40


def test_tables_wrap_their_cells():
    words = "one two three four five six seven eight nine ten eleven twelve "
    table = Table((inlines("a"), inlines("b")), ((inlines(words * 2), inlines(words * 3)),))
    lines = render_text(Document("T", (table,)), TextOptions(width=50)).splitlines()
    assert max(map(display_width, lines)) <= 50
    assert " ".join(line.split("│")[0].strip() for line in lines[5:]).split() == (words * 2).split()


def test_wrapping_keeps_every_word():
    assert wrap("a bb ccc dddd", 4) == ["a bb", "ccc", "dddd"]
    assert "".join(wrap("x" * 50, 7)) == "x" * 50
    assert wrap("a\u00a0b c", 3) == ["a b", "c"]


def test_no_control_character_reaches_the_terminal():
    text = render_text(Document("\x1b[2J", (Paragraph(inlines("\x07 \u202e")),)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)
