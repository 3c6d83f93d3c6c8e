"""Places: texts whose every character knows where it stands in a file.

A formula rarely stands in a file as it is read. A quote puts ``> `` before its lines, a notebook escapes its
backslashes, HTML writes ``&part;`` for ``∂``, and bold marks stand inside a sum. A :class:`Mapped` text holds
what is read, together with the map back to what is written, so that an error at a character of a formula is
shown under that character of the file.

Offsets count code points of the decoded text, without a byte order mark. Lines end with a line feed, a
carriage return, or both. Lines and columns count from 1, and a tab is one column.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A range of characters in a file: from ``line``, ``column`` up to, not with, ``end_line``,
    ``end_column``.

    ``cell`` is the number of the cell (from 1) when the file is a notebook; ``line`` and ``column`` are
    then still those of the notebook's file.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    path: str = ""
    cell: int | None = None

    def __str__(self) -> str:
        """Return ``path:line:column``."""
        return f"{self.path or '<text>'}:{self.line}:{self.column}"


class Source:
    r"""The text of one file, with the table of its lines.

    >>> source = Source("note.md", "a\r\nbc")
    >>> source.position(4)
    (2, 2)
    >>> source.line_text(2)
    'bc'
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    @property
    def line_count(self) -> int:
        """How many lines there are; an end of line at the very end begins one more, empty line."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and a column; the inverse of :meth:`position`."""
        return self._starts[line - 1] + column - 1

    def line_text(self, line: int) -> str:
        """Return the text of a line without its end."""
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def place(self, start: int, end: int, cell: int | None = None) -> Place:
        """Return the place of the characters from ``start`` up to ``end``."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Place(line, column, end_line, end_column, self.path, cell)

    def slice(self, place: Place) -> str:
        """Return what is written at a place of this file."""
        return self.text[self.offset(place.line, place.column) : self.offset(place.end_line, place.end_column)]


class Mapped:
    """A text and, for each of its characters, its origin in a :class:`Source`.

    The map is kept in segments. In a segment as long as its origin the characters correspond one to one. In
    any other segment (an entity, an escape) every character stands for the whole origin.
    """

    __slots__ = ("_ats", "_froms", "_tos", "cell", "source", "text")

    def __init__(
        self,
        text: str,
        source: Source,
        segments: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
        cell: int | None = None,
    ) -> None:
        self.text = text
        self.source = source
        self._ats, self._froms, self._tos = segments
        self.cell = cell

    def __len__(self) -> int:
        """Return the number of characters of the text."""
        return len(self.text)

    def __repr__(self) -> str:
        """Return the text and where it starts."""
        return f"Mapped({self.text!r} at {self.place()})"

    def offset(self, index: int) -> int:
        """Return the offset in the source of the character at ``index``; at the end, the offset after it."""
        if index >= len(self.text):
            return self._tos[-1]
        segment = bisect_right(self._ats, index) - 1
        at, origin, end = self._ats[segment], self._froms[segment], self._tos[segment]
        following = self._ats[segment + 1] if segment + 1 < len(self._ats) else len(self.text)
        return origin + index - at if following - at == end - origin else origin

    def end_offset(self, index: int) -> int:
        """Return the offset in the source just after the character before ``index``."""
        if index <= 0:
            return self._froms[0]
        segment = bisect_right(self._ats, index - 1) - 1
        at, origin, end = self._ats[segment], self._froms[segment], self._tos[segment]
        following = self._ats[segment + 1] if segment + 1 < len(self._ats) else len(self.text)
        return origin + index - at if following - at == end - origin else end

    def place(self, start: int = 0, end: int | None = None) -> Place:
        """Return the place of the characters from ``start`` up to ``end``; of all of them by default."""
        end = len(self.text) if end is None else end
        first = self.offset(start)
        last = self.end_offset(end) if end > start else first
        return self.source.place(first, max(first, last), self.cell)

    def index_of(self, offset: int) -> int:
        """Return the index of the first character that does not stand before ``offset`` in the source."""
        segment = max(0, bisect_right(self._froms, offset) - 1)
        at, origin, end = self._ats[segment], self._froms[segment], self._tos[segment]
        following = self._ats[segment + 1] if segment + 1 < len(self._ats) else len(self.text)
        one_to_one = following - at == end - origin
        return min(following, at + max(0, offset - origin)) if one_to_one else at

    def cut(self, start: int, end: int | None = None) -> Mapped:
        """Return the characters from ``start`` up to ``end`` with their part of the map."""
        joiner = Joiner(self.source, self.cell)
        joiner.add(self, start, end)
        return joiner.build(self.offset(start))

    def strip(self) -> Mapped:
        """Return the text without white space at its ends."""
        text = self.text
        start = len(text) - len(text.lstrip())
        return self.cut(start, max(start, len(text.rstrip())))

    def segments(self, start: int, end: int) -> list[tuple[int, int, int, int]]:
        """Return the parts of the map under ``start`` to ``end`` as (text start, text end, from, to)."""
        out: list[tuple[int, int, int, int]] = []
        segment = max(0, bisect_right(self._ats, start) - 1)
        while start < end:
            at, origin, stop = self._ats[segment], self._froms[segment], self._tos[segment]
            following = self._ats[segment + 1] if segment + 1 < len(self._ats) else len(self.text)
            last = min(end, following)
            if following - at == stop - origin:
                out.append((start, last, origin + start - at, origin + last - at))
            else:
                out.append((start, last, origin, stop))
            start = last
            segment += 1
        return out


class Joiner:
    r"""Puts a :class:`Mapped` text together from pieces of others and from replacements.

    >>> source = Source("page.html", "1 &times; 2")
    >>> joiner = Joiner(source)
    >>> joiner.add(whole(source), 0, 2)
    >>> joiner.put("×", 2, 9)
    >>> joiner.add(whole(source), 9)
    >>> text = joiner.build()
    >>> text.text, text.place(2, 3).column, text.place(2, 3).end_column
    ('1 × 2', 3, 10)
    """

    __slots__ = ("_ats", "_froms", "_length", "_parts", "_tos", "cell", "source")

    def __init__(self, source: Source, cell: int | None = None) -> None:
        self.source = source
        self.cell = cell
        self._parts: list[str] = []
        self._length = 0
        self._ats: list[int] = []
        self._froms: list[int] = []
        self._tos: list[int] = []

    def __len__(self) -> int:
        """Return the number of characters put so far."""
        return self._length

    @property
    def last(self) -> str:
        """The last character; empty if there is none."""
        return self._parts[-1][-1] if self._parts else ""

    def add(self, text: Mapped, start: int = 0, end: int | None = None) -> None:
        """Append the characters of ``text`` from ``start`` up to ``end``."""
        end = len(text.text) if end is None else min(end, len(text.text))
        for first, last, origin, stop in text.segments(start, end):
            self.put(text.text[first:last], origin, stop)

    def put(self, text: str, start: int, end: int) -> None:
        """Append ``text``, which stands for what the source has from ``start`` up to ``end``."""
        if not text:
            return
        if self._ats and self._tos[-1] == start and len(text) == end - start:
            length = self._length - self._ats[-1]
            if length == self._tos[-1] - self._froms[-1]:  # goes on one to one: one segment for both
                self._tos[-1] = end
                self._parts.append(text)
                self._length += len(text)
                return
        self._ats.append(self._length)
        self._froms.append(start)
        self._tos.append(end)
        self._parts.append(text)
        self._length += len(text)

    def build(self, origin: int = 0) -> Mapped:
        """Return the text; an empty one stands at the offset ``origin`` of the source."""
        if not self._ats:
            return Mapped("", self.source, ((0,), (origin,), (origin,)), self.cell)
        segments = (tuple(self._ats), tuple(self._froms), tuple(self._tos))
        return Mapped("".join(self._parts), self.source, segments, self.cell)


def whole(source: Source) -> Mapped:
    r"""Return all of a source with every end of line read as ``\n``."""
    text = source.text
    if "\r" not in text:
        return Mapped(text, source, ((0,), (0,), (len(text),)))
    joiner = Joiner(source)
    done = 0
    for match in _LINE_END.finditer(text):
        joiner.put(text[done : match.start()], done, match.start())
        joiner.put("\n", match.start(), match.end())
        done = match.end()
    joiner.put(text[done:], done, len(text))
    return joiner.build()
