"""Places and mapped texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnn.notes.find import Joiner, Source, whole


@pytest.mark.parametrize(
    ("text", "offset", "position"),
    [
        ("abc", 2, (1, 3)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("a\n\nb", 2, (2, 1)),
        ("가나\n다", 3, (2, 1)),
        ("\ta", 1, (1, 2)),
        ("𝑥=1", 1, (1, 2)),
        ("a\x0bb\x0cc\u2028d", 5, (1, 6)),
    ],
)
def test_positions(text: str, offset: int, position: tuple[int, int]) -> None:
    source = Source("", text)
    assert source.position(offset) == position
    assert source.offset(*position) == offset


def test_line_text_has_no_line_end() -> None:
    source = Source("", "a\r\nb\rc\nd")
    assert [source.line_text(line) for line in range(1, source.line_count + 1)] == ["a", "b", "c", "d"]


@given(st.text(alphabet="ab\r\n\t가", max_size=40))
def test_whole_reads_every_line_end_as_one(text: str) -> None:
    source = Source("", text)
    mapped = whole(source)
    assert mapped.text == text.replace("\r\n", "\n").replace("\r", "\n")
    for index, char in enumerate(mapped.text):
        place = mapped.place(index, index + 1)
        written = source.slice(place)
        assert written == char or (char == "\n" and written in ("\r\n", "\r"))
    for start in range(len(mapped.text)):
        for end in range(start + 1, len(mapped.text) + 1):
            part = mapped.cut(start, end)
            assert part.text == mapped.text[start:end]
            assert part.place() == mapped.place(start, end)


def test_cut_of_an_entity_keeps_its_origin() -> None:
    source = Source("", "x &times; y")
    joiner = Joiner(source)
    joiner.add(whole(source), 0, 2)
    joiner.put("×", 2, 9)
    joiner.add(whole(source), 9)
    text = joiner.build()
    assert source.slice(text.cut(2, 3).place()) == "&times;"
    assert source.slice(text.place(2, 5)) == "&times; y"
    assert text.offset(len(text)) == len(source.text)
    assert [text.index_of(offset) for offset in (0, 2, 9, 10)] == [0, 2, 3, 4]


def test_an_empty_text_still_has_a_place() -> None:
    source = Source("", "ab")
    place = whole(source).cut(1, 1).place()
    assert (place.line, place.column, place.end_column) == (1, 2, 2)


def test_neighbours_join_into_one_segment() -> None:
    source = Source("", "abcdef")
    joiner = Joiner(source)
    for start in range(0, 6, 2):
        joiner.add(whole(source), start, start + 2)
    assert joiner.build().segments(0, 6) == [(0, 6, 0, 6)]
