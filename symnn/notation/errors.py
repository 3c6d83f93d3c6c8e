"""The error of the notation parsers: what is wrong in a formula, where, and what was expected there."""

from __future__ import annotations

from symnn.errors import NoteError
from symnn.notation.tree import Span


class NotationError(NoteError):
    r"""A formula that the parser refuses, with the place in the formula's own text.

    ``span`` holds offsets into ``text``; line and column (from 1) follow from it. ``expected`` says in a few
    words what could have stood there, and is empty where that would not help.

    >>> print(NotationError("unknown command \\foo", (4, 8), text=r"a + \foo", expected="a formula"))
    line 1, column 5: unknown command \foo
        1 | a + \foo
          |     ^^^^
          = hint: expected a formula
    """

    def __init__(self, message: str, span: Span, *, text: str = "", expected: str = "") -> None:
        start, end = span
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        source = text[line_start : len(text) if line_end < 0 else line_end]
        column = start - line_start + 1
        super().__init__(
            message,
            line=text.count("\n", 0, start) + 1,
            column=column,
            end_column=max(column + 1, min(end - line_start, len(source)) + 1),
            source_line=source,
            hint=f"expected {expected}" if expected else None,
        )
        self.span = span
        self.expected = expected
