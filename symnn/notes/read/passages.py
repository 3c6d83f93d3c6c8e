"""Passages: texts of formulas that know where they stand, and spots inside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from symnn.errors import NoteError, Place
from symnn.notation.tree import Node
from symnn.notes.find.document import Span
from symnn.notes.read.errors import ReadingError

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)

Locate = Callable[[int, int], Place]


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """The text of one formula; `locate` gives the place of a range of its characters in the file."""

    text: str
    syntax: str
    section: tuple[str, ...]
    locate: Locate = field(repr=False)

    @classmethod
    def of(cls, span: Span) -> Passage:
        """The passage of a span that the finder found."""

        def locate(start: int, end: int) -> Place:
            place = span.place_of(start, max(end, start + 1) if start < len(span.text) else start)
            same = place.end_line == place.line
            source = span.mapped.source.line_text(place.line)
            return Place(place.path or None, place.line, place.column, place.end_column if same else None, "", source)

        return cls(span.text, span.syntax, span.section, locate)

    def spot(self, node: Node | None) -> Spot:
        """The spot of a node; the whole passage when the node has no place of its own."""
        if node is None or node.span is None:
            return Spot(self, 0, len(self.text))
        start, end = node.span
        length = len(self.text)
        return Spot(self, min(start, length), min(max(end, start), length))


@dataclass(frozen=True, slots=True)
class Spot:
    """A range of characters of a passage."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is written there, on one line."""
        return " ".join(self.passage.text[self.start : self.end].split())

    def balanced(self) -> Spot:
        """The spot with the braces around its ends that a tree does not keep: of ``x = {y}``, not ``x = {y``."""
        text = self.passage.text
        depth = lowest = 0
        for match in _BRACE.finditer(text, self.start, self.end):
            depth += 1 if match[0] == "{" else -1 if match[0] == "}" else 0
            lowest = min(lowest, depth)
        start, end = self.start, self.end
        missing = depth - lowest
        while missing and text[end : end + 1] == "}":
            end, missing = end + 1, missing - 1
        while lowest and start and text[start - 1] == "{":
            start, lowest = start - 1, lowest + 1
        return Spot(self.passage, start, end)

    def place(self, label: str = "") -> Place:
        """The place in the file, with a label."""
        found = self.passage.locate(self.start, self.end)
        return Place(found.path, found.line, found.column, found.end_column, label, found.source_line)

    def error(
        self, message: str, *, hint: str | None = None, related: list[tuple[str, Spot]] | None = None
    ) -> ReadingError:
        """An error at this spot; `related` are further spots with what is to be seen there."""
        place = self.place()
        return ReadingError(
            message, place.path, place.line, place.column, place.end_column, place.source_line, hint,
            [spot.place(label) for label, spot in related or []],
        )  # fmt: skip

    def relocate(self, error: NoteError) -> NoteError:
        """The same error, told at this spot."""
        place = self.place()
        return error.relocated(place.path, place.line, place.column, place.end_column, place.source_line)
