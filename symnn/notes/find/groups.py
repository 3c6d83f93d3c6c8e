r"""Groups of LaTeX: which brace closes which, and which bracket."""

from __future__ import annotations

import re

MAX_GROUP = 4_000
"""Characters in a group; a longer one is no argument of a command."""

_MARK = re.compile(r"\\[\s\S]|[{}\[\]]")


class Groups:
    r"""The groups of one text, matched in one pass.

    A bracket only pairs with one at the same level of braces, so ``[{x]}]`` is one group. An escaped brace
    is no brace.

    >>> groups = Groups(r"{a{b}\}}[{x]}]")
    >>> groups.end(0), groups.end(2), groups.end(8), groups.end(1)
    (8, 5, 14, -1)
    """

    def __init__(self, text: str) -> None:
        self._ends: dict[int, int] = {}
        stack: list[tuple[str, int]] = []
        for match in _MARK.finditer(text):
            mark = match[0]
            if mark in ("{", "["):
                stack.append((mark, match.start()))
            elif mark == "]":
                if stack and stack[-1][0] == "[":
                    self._ends[stack.pop()[1]] = match.end()
            elif mark == "}":
                while stack:
                    opening, start = stack.pop()
                    if opening == "{":
                        self._ends[start] = match.end()
                        break

    def end(self, start: int) -> int:
        """Return the offset after the group that opens at ``start``, or -1 if none closes within bounds."""
        end = self._ends.get(start, -1)
        return end if end - start <= MAX_GROUP else -1
