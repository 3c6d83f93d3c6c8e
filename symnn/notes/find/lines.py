"""Lines of Markdown: their quote marks and the white space before their text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A line: its range, the offset after its quote marks, and the width of the white space there."""

    start: int
    end: int
    quote: int
    text: int
    indent: int

    @property
    def blank(self) -> bool:
        """Whether nothing stands on it."""
        return self.text >= self.end


def line_of(raw: str, start: int, end: int) -> Line:
    """A line of a raw text, its quote marks and white space measured."""
    quote = 0
    position = start
    while True:
        text = position
        indent = 0
        while text < end and raw[text] in " \t\xa0\u3000\x0b\x0c\r":
            indent += 4 - indent % 4 if raw[text] == "\t" else 1
            text += 1
        if (
            text < end
            and raw[text] == ">"
            and raw[text + 1 : text + 2] != "="
            and (quote or indent < 4 or raw[text + 1 : text + 2] == " ")
        ):
            quote += 1
            position = text + 1
            if position < end and raw[position] == " ":
                position += 1
            continue
        return Line(start, end, quote, text, indent)
