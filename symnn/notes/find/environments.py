r"""The environments of LaTeX that hold mathematics, and finding the ``\end`` that closes a ``\begin``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symnn.notes.find.words import word_set

INLINE = frozenset({"math"})
BARE = frozenset({"equation", "equation*", "displaymath", "dmath", "dmath*", "math"})
"""Environments that only delimit: the span is their body. All others are part of the formula."""

DISPLAY = BARE | word_set(
    """
    align align* alignat alignat* flalign flalign* gather gather* multline multline* eqnarray
    eqnarray* xalignat xalignat* dgroup dgroup* IEEEeqnarray IEEEeqnarray*
    """
)
"""Environments that begin a display by themselves."""

INNER = word_set(
    """
    aligned alignedat gathered split cases dcases rcases array matrix pmatrix bmatrix Bmatrix
    vmatrix Vmatrix smallmatrix multlined
    """
)
"""Environments that belong inside a display. Markdown renderers take them alone too."""

_MARK = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}")


@dataclass(frozen=True, slots=True)
class Environment:
    r"""A ``\begin{name}`` with its ``\end{name}``: the outer range and the range of the body."""

    name: str
    start: int
    end: int
    body_start: int
    body_end: int


class Environments:
    r"""All environments of one text, by the offset of their ``\begin``.

    They are matched in one pass with a stack, so that many unclosed ones cost no more than closed ones. An
    ``\end`` closes the innermost ``\begin`` of the same name and whatever was left open inside it.

    >>> found = Environments(r"\begin{align}a\end{align}").at(0)
    >>> found.name, found.body_start, found.body_end
    ('align', 13, 14)
    """

    def __init__(self, text: str) -> None:
        self._by_start: dict[int, Environment] = {}
        stack: list[re.Match[str]] = []
        open_names: dict[str, int] = {}
        for mark in _MARK.finditer(text):
            name = mark[2]
            if mark[1] == "begin":
                stack.append(mark)
                open_names[name] = open_names.get(name, 0) + 1
                continue
            if not open_names.get(name):
                continue
            while stack:
                begin = stack.pop()
                open_names[begin[2]] -= 1
                if begin[2] == name:
                    found = Environment(name, begin.start(), mark.end(), begin.end(), mark.start())
                    self._by_start[begin.start()] = found
                    break

    def at(self, offset: int) -> Environment | None:
        r"""Return the environment whose ``\begin`` stands at ``offset``."""
        return self._by_start.get(offset)
