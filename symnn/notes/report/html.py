"""A report as an annotated note: every line of the document, with its claims marked. One page that needs no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from symnn.errors import printable
from symnn.notes.judge.claims import VERDICTS as ORDER
from symnn.notes.judge.claims import Claim, FileReport, Report, Unread, Verdict
from symnn.notes.report.formulas import Shown, formula_markup
from symnn.notes.report.text import summary
from symnn.notes.report.words import VERDICTS, counted, headline, what

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_LINES = 50_000
MOST_COVERED = 500
MOST_CHARACTERS = 5_000
"""Of one line; a longer one is cut, and its claims are told below it all the same."""

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Piece:
    """A part of a line and the claim on it, if there is one; in a line as it is shown, the markup of a formula."""

    text: str
    claim: Claim | None = None
    markup: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the document and the claims that begin on it; number 0 stands for lines that are left out.

    `shown` is the line with its formulas as they look, grouped by the claims on it; None where there are none.
    """

    number: int
    pieces: tuple[Piece, ...]
    told: tuple[Claim, ...] = ()
    shown: tuple[tuple[Claim | None, tuple[Piece, ...]], ...] | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing is left of the line where its formulas are shown as such: it only lays out a display."""
        parts = [piece for _, group in self.shown or () for piece in group]
        return self.shown is not None and not any(piece.markup or piece.text.strip() for piece in parts)


@dataclass(frozen=True)
class Page:
    """One file: its lines, how many claims have each verdict, and what went wrong."""

    place: int
    path: str
    problem: str
    unread: tuple[Unread, ...]
    counts: tuple[tuple[Verdict, str], ...]
    wrong: tuple[Claim, ...]
    lines: tuple[Line, ...]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("symnn.notes.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def render_html(report: Report) -> str:
    """The report as HTML. It shows whole documents where the report has their texts."""
    meanings = [(verdict, VERDICTS[verdict][0], VERDICTS[verdict][2]) for verdict in ORDER]
    template = _environment().get_template("report.html.jinja")
    page: str = template.render(
        pages=list(pages(report)),
        summary=summary(report),
        meanings=meanings,
        headline=headline,
        what=what,
        formula=formula_markup,
    )
    return "\t".join(printable(part, newlines=True) for part in page.split("\t"))  # no control characters of a note


def pages(report: Report) -> Iterator[Page]:
    """A page for each file, those that a document includes after it."""
    place = 0
    for file in report.files:
        for path, claims in file.by_file().items():
            counts = {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in ORDER}
            yield Page(
                place, path, file.problem if path == file.path else "",
                tuple(part for part in file.unread if part.path == path),
                tuple((verdict, counted(verdict, count)) for verdict, count in counts.items() if count),
                tuple(claim for claim in claims if claim.verdict == "refuted"),
                tuple(lines_of(file, path, claims)),
            )  # fmt: skip
            place += 1


def lines_of(file: FileReport, path: str, claims: Sequence[Claim]) -> Iterator[Line]:
    """The lines of a file with their claims; without its text only the lines with claims.

    Lines in a row of which nothing is to be shown become one, as it is in a notebook between the cells.
    """
    found: dict[int, list[Claim]] = {}
    covered: dict[int, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.line, []).append(claim)
        for number in range(claim.line, min(claim.end_line, claim.line + MOST_COVERED) + 1):
            covered.setdefault(number, []).append(claim)
    text = file.texts.get(path)
    rows = dict(enumerate(_LINE_END.split(text)[:MOST_LINES], start=1)) if text is not None else {}
    rows |= {number: first[0].source_line for number, first in found.items() if not rows.get(number)}
    before = 0
    for number, row in sorted(rows.items()):
        if text is not None and file.partial and not row.strip() and number not in found:
            continue
        if number > before + 1:
            yield Line(0, ())
        told = tuple(c for c in found.get(number, ()) if c.verdict in ("refuted", "undecided", "agrees"))
        marked = pieces(row[:MOST_CHARACTERS], covered.get(number, ()), number)
        if len(row) > MOST_CHARACTERS:
            yield Line(number, (*marked, Piece("…")), told)
        else:
            formulas = file.formulas.get(path, {}).get(number, ())
            yield Line(number, marked, told, tuple(with_formulas(marked, formulas)) if formulas else None)
        before = number


def with_formulas(
    marked: Sequence[Piece], formulas: Sequence[Shown]
) -> Iterator[tuple[Claim | None, tuple[Piece, ...]]]:
    """The pieces of a line, a group for each claim, with the markup of formulas in place of what they stand for.

    >>> groups = with_formulas([Piece("so $a$")], [Shown(4, 5, ""), Shown(5, 6, "<math></math>"), Shown(6, 7, "")])
    >>> [[(piece.text, piece.markup) for piece in group] for _, group in groups]
    [[('so ', ''), ('', '<math></math>')]]
    """
    column = 1
    for piece in marked:
        end = column + len(piece.text)
        group: list[Piece] = []
        at = column
        for formula in formulas:
            if formula.end <= at or formula.start >= end:
                continue
            if formula.start > at:
                group.append(Piece(piece.text[at - column : formula.start - column]))
            if formula.start >= column and formula.markup:
                group.append(Piece("", markup=formula.markup))
            at = min(formula.end, end)
        if at < end:
            group.append(Piece(piece.text[at - column :]))
        if group:
            yield piece.claim, tuple(group)
        column = end


def pieces(row: str, claims: Sequence[Claim], number: int) -> tuple[Piece, ...]:
    """Line `number` cut where claims begin and end; where claims overlap the first one counts.

    >>> claim = Claim(1, 1, 3, 1, "b = c", "", "proved", "", end_column=8)
    >>> [(piece.text, piece.claim is claim) for piece in pieces("a b = c.", [claim], 1)]
    [('a ', False), ('b = c', True), ('.', False)]
    """
    parts: list[Piece] = []
    at = 0
    for claim in sorted(claims, key=lambda c: (c.line, c.column)):
        indent = len(row) - len(row.lstrip())
        start = max(claim.column - 1 if claim.line == number else indent, at)
        end = min(claim.end_column - 1, len(row)) if claim.end_line == number and claim.end_column else len(row)
        if end <= start:
            continue
        if start > at:
            parts.append(Piece(row[at:start]))
        parts.append(Piece(row[start:end], claim))
        at = end
    if at < len(row) or not parts:
        parts.append(Piece(row[at:]))
    return tuple(parts)
