"""A report as text for a terminal: the wrong claims first, each with its place and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symnn.errors import Place, display_width, printable
from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.report.words import counted, headline

WIDTH = 100
"""Cells of a line after which it is continued on the next one."""

_GUTTER = 5
_LABEL = 10
_GAP = re.compile(r"(?<=[,;]) (?![^(]*\))|(?<=\)\.) ")  # between numbers and names, not inside a vector


def render_text(report: Report) -> str:
    """The report as text.

    >>> claim = Claim(1, 3, 1, 3, "f'(x) = x", "f'(x) = x", "refuted", "the two sides differ", "f'(x) = 2x", "factor",
    ...               "x = 1: left 2, right 1", (), 10, "f'(x) = x", "a.md")
    >>> print(render_text(Report((FileReport("a.md", (claim,)),))))
    a.md:3:1: claim 1 is wrong: a number in front is wrong
        3 | f'(x) = x
          | ^^^^^^^^^
          = read as    f'(x) = x
          = right is   f'(x) = 2x
          = for        x = 1: left 2, right 1
    <BLANKLINE>
    1 document, 1 claim: 1 wrong
    <BLANKLINE>
    """
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    for problem in report.problems:
        yield printable(problem, newlines=True)
        yield ""
    for file in report.files:
        for claim in file.with_verdict("refuted"):
            yield from shown(file, claim)
            yield ""
    for file in report.files:
        yield from _others(file)
    unread = [part for file in report.files for part in file.unread]
    yield from (printable(str(part)) for part in unread)
    if unread:
        yield ""
    yield summary(report)


def shown(file: FileReport, claim: Claim) -> Iterator[str]:
    """A claim with its line, a caret under what is claimed, what was understood, and for a wrong one what is right."""
    end = claim.end_column if claim.end_line == claim.line and claim.end_column else None
    if claim.end_line > claim.line:
        end = len(claim.source_line) + 1
    cell = "" if claim.cell is None else f" (cell {claim.cell})"
    head = f"claim {claim.id}{cell} {headline(claim)}"
    place = Place(claim.path or file.path, claim.line, claim.column, end, head, claim.source_line)
    yield from str(place).split("\n")
    yield from _field("read as", claim.reading)
    yield from _field("right is", claim.correct)
    yield from _field("for", claim.witness)
    yield from _field("because", "; ".join(claim.facts))


def _field(label: str, text: str) -> Iterator[str]:
    """A labelled line, continued below where it is long."""
    if not text:
        return
    start = f"{' ' * _GUTTER} = {label:<{_LABEL}} "
    for line in wrapped(printable(text), WIDTH - len(start)):
        yield start + line
        start = " " * len(start)


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most so many cells, broken after commas; a piece that is longer stays whole.

    >>> list(wrapped("x = (1, 2), y = (3, 4), z = 5", 12))
    ['x = (1, 2),', 'y = (3, 4),', 'z = 5']
    """
    line = ""
    for piece in _GAP.split(text):
        if line and display_width(line) + 1 + display_width(piece) > width:
            yield line
            line = piece
        else:
            line = f"{line} {piece}" if line else piece
    yield line


def _others(file: FileReport) -> Iterator[str]:
    """The claims that are not wrong, a line each, and below it why it is not decided or what it rests on."""
    for path, claims in file.by_file().items():
        rows = [claim for claim in claims if claim.verdict not in ("refuted", "definition")]
        if not rows:
            continue
        yield printable(path)
        places = [place_text(claim) for claim in rows]
        number, place = max(4, len(str(rows[-1].id))), max(6, *map(len, places))
        for claim, where in zip(rows, places, strict=True):
            start = f"{claim.id:>{number}}  {where:<{place}}  {claim.verdict:<9}  "
            yield start + printable(one_line(claim))
            remark = claim.reason if claim.verdict == "undecided" else "; ".join(claim.facts)
            if remark:
                for line in wrapped(printable(remark), WIDTH - len(start) - 2):
                    yield f"{' ' * len(start)}  {line}"
        yield ""


def place_text(claim: Claim) -> str:
    """Line and column, and the cell of a notebook."""
    where = f"{claim.line}:{claim.column}"
    return where if claim.cell is None else f"{where} (cell {claim.cell})"


def one_line(claim: Claim) -> str:
    """The claim in plain notation, else as written, on one line."""
    text = " ".join((claim.reading.split("   ")[0] or claim.source).split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def summary(report: Report) -> str:
    """How many claims have which verdict."""
    counts = report.counts()
    parts = [counted(verdict, number) for verdict, number in counts.items() if number]
    total = sum(counts.values())
    files = f"{len(report.files)} document{'s' if len(report.files) != 1 else ''}"
    return f"{files}, {total} claim{'s' if total != 1 else ''}" + (": " + ", ".join(parts) if parts else "")
