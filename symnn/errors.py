"""Errors that a person can act on: what is wrong, where it stands, and what would help.

Every error that symnn raises on purpose is a :class:`SymnnError`. One that concerns a document is a
:class:`NoteError`: it carries the place, and prints the source line with a caret under the glyph that is
meant. The printing copes with what real notes hold: full-width characters, tabs, combining marks, control
characters and lines of megabytes.

Lines and columns count from 1. A column counts code points, and ``end_column`` is the first column after the
span.
"""

from __future__ import annotations

import copy
import enum
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

_TAB_STOP = 4
_WINDOW_BEFORE = 40  # cells to the left of the caret when a line is too long to print
_WINDOW = 100  # cells of a line that are printed
_MESSAGE_LIMIT = 2000
_ELLIPSIS = "…"


class ExitCode(enum.IntEnum):
    """What the command line returns to the shell."""

    OK = 0
    REFUTED = 1
    """The question was understood, and the answer is no: a gradient is off, a claim is wrong."""
    BAD_INPUT = 2
    """The question was not understood: bad input, bad usage, or something that symnn refuses to do."""


class SymnnError(Exception):
    """Base of every error that symnn raises on purpose."""

    exit_code: ExitCode = ExitCode.BAD_INPUT


@dataclass(frozen=True, slots=True)
class Place:
    """A span of one line in a document.

    ``label`` says what is to be seen there. ``source_line`` is the line's text without its end, if known.

    >>> print(Place("mlp.md", 4, 1, 4, "W_1 is declared here", "W_1 in R^{m x n}"))
    mlp.md:4:1: W_1 is declared here
        4 | W_1 in R^{m x n}
          | ^^^
    """

    path: str | None = None
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    label: str = ""
    source_line: str | None = None

    def __str__(self) -> str:
        """Return the head line and, if the source is known, the line with its caret."""
        return "\n".join(_render_place(self, _gutter_width([self])))


class NoteError(SymnnError):
    """Something in a document cannot be used, and this is where it stands.

    ``related`` are further places that belong to the error, such as the two sides of a shape clash. ``hint``
    says what would help. Printing the error gives the whole message; :attr:`message` is the bare sentence.

    >>> print(NoteError("h is defined twice", "mlp.md", 12, 1, 2, "h = 2 x", hint="rename one of them"))
    mlp.md:12:1: h is defined twice
       12 | h = 2 x
          | ^
          = hint: rename one of them
    """

    def __init__(
        self,
        message: str,
        path: str | os.PathLike[str] | None = None,
        line: int | None = None,
        column: int | None = None,
        end_column: int | None = None,
        source_line: str | None = None,
        hint: str | None = None,
        related: Iterable[Place] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else os.fspath(path)
        self.line = line
        self.column = column
        self.end_column = end_column
        self.source_line = source_line
        self.hint = hint
        self.related = tuple(related)

    @property
    def place(self) -> Place:
        """The main place, labelled with the message."""
        return Place(self.path, self.line, self.column, self.end_column, self.message, self.source_line)

    def relocated(
        self,
        path: str | os.PathLike[str] | None = None,
        line: int | None = None,
        column: int | None = None,
        end_column: int | None = None,
        source_line: str | None = None,
    ) -> Self:
        """Return the same error, told at another place.

        Whoever reads a piece of a document (one formula, one cell) counts from the start of that piece.
        Whoever knows where the piece stands passes the error on with the document's own line and column.

        >>> error = NoteError("unknown command", column=2, end_column=5)
        >>> error.relocated("mlp.md", 12, 8, 11).place.line
        12
        """
        moved = copy.copy(self)
        moved.path = None if path is None else os.fspath(path)
        moved.line, moved.column, moved.end_column, moved.source_line = line, column, end_column, source_line
        moved.__cause__, moved.__traceback__ = self.__cause__, self.__traceback__
        return moved

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle by fields: a subclass may take other arguments than this class."""
        return _rebuilt, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        """Return the message with every place, its source line and caret, and the hint."""
        places = [self.place, *self.related]
        width = _gutter_width(places)
        lines = [line for place in places for line in _render_place(place, width)]
        if self.hint:
            first, *rest = printable(self.hint, newlines=True).split("\n")
            lines.append(f"{' ' * width} = hint: {first}")
            lines += [f"{' ' * width}         {line}" for line in rest]
        return "\n".join(lines)


def _rebuilt(kind: type[NoteError], arguments: tuple[Any, ...], fields: dict[str, Any]) -> NoteError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(fields)
    return error


def excerpt(text: str, limit: int = 60) -> str:
    """Return ``text`` fit to be quoted in a message: printable, on one line, cut in the middle if it is long.

    >>> excerpt("a" * 100, limit=9)
    'aaaa…aaaa'
    """
    if len(text) > limit:
        head = limit // 2
        text = text[:head] + _ELLIPSIS + text[len(text) - (limit - head - 1) :]
    return printable(text)


def printable(text: str, *, newlines: bool = False) -> str:
    r"""Return ``text`` with everything escaped that a terminal would act upon or not show.

    Control characters, direction marks, zero-width spaces and lone surrogates become ``\x1b``, ``\u202e`` and
    so on. Line feeds stay if ``newlines`` is set.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return "".join(c if c == "\n" and newlines else _shown(c) for c in text)


def display_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes: 2 for a full-width character, 0 for a combining mark.

    >>> display_width("가 = x̂")
    6
    """
    return sum(map(_cells, text))


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cells(char: str) -> int:
    if char < "\x7f":
        return 1
    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0  # combining marks; the vowels and finals of decomposed Hangul join the syllable before them
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _gutter_width(places: Iterable[Place]) -> int:
    """Width of the column of line numbers: five cells, or more where a line number needs more."""
    return max([5, *(len(str(place.line)) + 1 for place in places if place.line is not None)])


def _render_place(place: Place, gutter: int) -> list[str]:
    label = place.label
    if len(label) > _MESSAGE_LIMIT:
        label = label[:_MESSAGE_LIMIT] + _ELLIPSIS
    label = printable(label, newlines=True)
    head = _where(place)
    lines = [": ".join(part for part in (head, label) if part)]
    if place.source_line is not None and place.line is not None:
        text, carets = _caret_line(place.source_line, place.column, place.end_column)
        lines.append(f"{place.line:>{gutter}} | {text}".rstrip())
        if carets:
            lines.append(f"{' ' * gutter} | {carets}")
    return lines


def _where(place: Place) -> str:
    if place.path is not None:
        numbers = [str(n) for n in (place.line, place.column) if n is not None and place.line is not None]
        return ":".join([printable(place.path), *numbers])
    if place.line is None:
        return "" if place.column is None else f"column {place.column}"
    return f"line {place.line}" + ("" if place.column is None else f", column {place.column}")


def _caret_line(source: str, column: int | None, end_column: int | None) -> tuple[str, str]:
    """Return the printed line and the line of carets below it; for a long line, the part around the caret."""
    source = source.rstrip("\r\n")
    length = len(source)
    start = 0 if column is None else min(max(column - 1, 0), length)
    end = start + 1 if end_column is None else max(end_column - 1, start + 1)
    while 0 < start < length and _cells(source[start]) == 0:
        start -= 1  # a caret under a combining mark belongs under its letter
    first, last = _window(source, start)
    out: list[str] = [_ELLIPSIS] if first > 0 else []
    width = len(out)
    caret_from = caret_to = None
    for position in range(first, last):
        if position == start:
            caret_from = width
        piece = _piece(source[position], width)
        out.append(piece)
        width += display_width(piece)
        if position == end - 1:
            caret_to = width
    if last < length:
        out.append(_ELLIPSIS)
    if column is None:
        return "".join(out), ""
    # No start: just after the last character, where something is missing. No end: the span leaves the window.
    caret_from = width if caret_from is None else caret_from
    caret_to = width if caret_to is None else caret_to
    return "".join(out), " " * caret_from + "^" * max(1, caret_to - caret_from)


def _window(source: str, start: int) -> tuple[int, int]:
    """Return the part of the line to print: all of it, or about `_WINDOW` cells around the caret."""
    if len(source) <= _WINDOW and sum(display_width(_piece(c, 0)) for c in source) <= _WINDOW:
        return 0, len(source)
    first, cells = start, 0
    while first > 0 and cells < _WINDOW_BEFORE:
        first -= 1
        cells += display_width(_piece(source[first], 0))
    last = start
    while last < len(source) and cells < _WINDOW:
        cells += display_width(_piece(source[last], 0))
        last += 1
    while first > 0 and cells < _WINDOW:
        first -= 1
        cells += display_width(_piece(source[first], 0))
    return first, last


def _piece(char: str, width: int) -> str:
    """Return what is printed for one character when ``width`` cells stand before it."""
    return " " * (_TAB_STOP - width % _TAB_STOP) if char == "\t" else _shown(char)
