r"""Displays row by row: where a display as a whole cannot be parsed, its rows are looked at on their own.

``a = b \\ \int c = d \\ e = f`` has two rows that can be read. Rows that go on with the one before stay together.
"""

from __future__ import annotations

import re

_OUTER = re.compile(
    r"\s*\\begin\{(aligned|align\*?|split|gather\*?|gathered|eqnarray\*?|equation\*?|displaymath|multline\*?)\}"
)
_STEP = re.compile(r"\\begin\{[^}]*\}|\\end\{[^}]*\}|\\left(?![a-z])|\\right(?![a-z])|\\\\|\\.|[{}]", re.DOTALL)
_GOES_ON = re.compile(r"[\s&]*(?:[-+*/·×]|\\(?:cdot|times|odot|circ|left|right|quad|big)\b|[)\]}])")
_OPEN_END = re.compile(r"(?:[-+*/·×(\[]|\\(?:cdot|times|odot|circ)|\\frac\{[^{}]*\})[\s&]*$")


def rows_of(text: str) -> tuple[str, ...]:
    r"""The rows of a display, each with spaces for all that stands before it; () where there is only one.

    >>> rows_of(r"a &= b \\ c &= d")
    ('a  = b ', '          c  = d')
    """
    inner = _without_environment(text)
    cuts = _cuts(inner)
    if not cuts:
        return ()
    ends = [*cuts, (len(inner), len(inner))]
    rows: list[tuple[int, int]] = []
    start = 0
    for end, following in ends:
        piece = inner[start:end]
        joined = rows and (_GOES_ON.match(piece) or _OPEN_END.search(inner[rows[-1][0] : rows[-1][1]]))
        if joined:
            rows[-1] = (rows[-1][0], end)
        elif piece.strip():
            rows.append((start, end))
        start = following
    if len(rows) < 2:
        return ()
    return tuple(" " * start + _joined(inner[start:end]) for start, end in rows)


def _joined(row: str) -> str:
    """A row without the marks of alignment and the breaks inside it; those of matrices stay."""
    found = list(row)
    depth = 0
    for match in re.finditer(rf"{_STEP.pattern}|&", row, re.DOTALL):
        depth += _deeper(match[0])
        if depth == 0 and match[0] in ("&", r"\\"):
            found[match.start() : match.end()] = " " * len(match[0])
    return "".join(found)


def _deeper(part: str) -> int:
    if part == "{" or part.startswith((r"\begin", r"\left")):
        return 1
    return -1 if part == "}" or part.startswith((r"\end", r"\right")) else 0


def _without_environment(text: str) -> str:
    """The text with the environment around the whole of it replaced by spaces."""
    opening = _OUTER.match(text)
    if opening is None:
        return text
    closing = re.search(rf"\\end\{{{re.escape(opening[1])}\}}[\s.,;]*$", text)
    if closing is None:
        return text
    inner = text[opening.end() : closing.start()]
    return _without_environment(" " * opening.end() + inner)


def _cuts(text: str) -> list[tuple[int, int]]:
    r"""Where rows end and the next ones begin: every ``\\`` outside of brackets and environments."""
    found = []
    depth = 0
    for match in _STEP.finditer(text):
        part = match[0]
        depth += _deeper(part)
        if part == r"\\" and depth == 0:
            skipped = re.match(r"\\\\\s*(?:\[[^\]]*\])?", text[match.start() :])
            assert skipped is not None
            found.append((match.start(), match.start() + skipped.end()))
    return found
