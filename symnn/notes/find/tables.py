"""Tables in text: rows with bars, as Markdown draws them, and rows with tabs, as spreadsheets copy them."""

from __future__ import annotations

import re

from symnn.notes.find.inline import scan

_DELIMITER = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_LIST = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
MAX_HEADER_CELL = 40


def is_delimiter_row(line: str) -> bool:
    """Whether a line is the rule between the header of a table and its rows."""
    return "|" in line and "-" in line and len(line) < 10_000 and bool(_DELIMITER.fullmatch(line))


def split_row(line: str, columns: int | None = None) -> list[tuple[int, int]]:
    r"""Return the ranges of the cells of a row with bars.

    A bar inside mathematics or code is no border: ``| $|x|$ |`` has one cell. If that does not give
    ``columns`` cells and splitting at every bar does, the dollar signs were no delimiters.

    >>> line = "| a | $|x|$ | b"
    >>> [line[start:end].strip() for start, end in split_row(line)]
    ['a', '$|x|$', 'b']
    """
    covered = [(p.start, p.end) for p in scan(line) if p.kind in ("math", "code") and "|" in line[p.start : p.end]]
    cells = _split(line, covered)
    if covered and columns is not None and len(cells) != columns:
        every = _split(line, [])
        if len(every) == columns:
            return every
    return cells


def _split(line: str, covered: list[tuple[int, int]]) -> list[tuple[int, int]]:
    borders: list[int] = []
    inside = iter([*covered, (len(line), len(line))])
    start, end = next(inside)
    position = 0
    while (position := line.find("|", position)) >= 0:
        while position >= end and end < len(line):
            start, end = next(inside)
        if start <= position < end:
            position = end
            continue
        if position == 0 or line[position - 1] != "\\":
            borders.append(position)
        position += 1
    edges = [-1, *borders, len(line)]
    cells = [(edges[i] + 1, edges[i + 1]) for i in range(len(edges) - 1)]
    if borders and not line[: borders[0]].strip():
        cells = cells[1:]
    if len(cells) > 1 and borders and not line[borders[-1] + 1 :].strip():
        cells = cells[:-1]
    return cells


def is_tab_row(line: str) -> bool:
    """Whether a line can be a row of a table with tabs: something, a tab, and perhaps something more."""
    return "\t" in line.strip(" ").lstrip("\t ") and not _LIST.match(line)


def split_tabs(line: str) -> list[tuple[int, int]]:
    """Return the ranges of the cells of a row with tabs."""
    cells: list[tuple[int, int]] = []
    start = 0
    while (end := line.find("\t", start)) >= 0:
        cells.append((start, end))
        start = end + 1
    cells.append((start, len(line)))
    return cells


def has_header(first: list[str], second: list[str]) -> bool:
    """Whether the first row of a table with tabs is its header: short cells, none empty, none a number."""
    filled = all(cell and len(cell) <= MAX_HEADER_CELL for cell in first)
    numbers = any(_is_number(cell) for cell in first)
    return filled and not numbers and len(second) <= len(first) + 1


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"\$?\s*[-−+]?\d+(?:\.\d+)?\s*\$?", cell))
