"""A report as an annotated note: every line of the document, with its claims marked. One page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.report.text import summary

MOST_LINES = 50_000


@dataclass(frozen=True)
class Piece:
    """A part of a line and the verdict on it, "" where nothing is claimed."""

    text: str
    verdict: str


@dataclass(frozen=True)
class Line:
    """A line of the document and the claims that begin on it."""

    number: int
    pieces: tuple[Piece, ...]
    claims: tuple[Claim, ...]


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("symnn.notes.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


def render_html(report: Report) -> str:
    """The report as HTML."""
    files = [(file, lines_of(file)) for file in report.files]
    return _environment().get_template("report.html.jinja").render(files=files, summary=summary(report))


def lines_of(file: FileReport) -> list[Line]:
    """The lines of a document with their claims; only the lines with claims where the document cannot be read again."""
    try:
        text = Path(file.path).read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        text = ""
    found: dict[int, list[Claim]] = {}
    for claim in file.claims:
        found.setdefault(claim.line, []).append(claim)
    rows = text.splitlines()[:MOST_LINES]
    if not rows:
        return [Line(n, (Piece(claims[0].source_line, ""),), tuple(claims)) for n, claims in sorted(found.items())]
    return [Line(n, pieces(row, found.get(n, ())), tuple(found.get(n, ()))) for n, row in enumerate(rows, start=1)]


def pieces(row: str, claims: Sequence[Claim]) -> tuple[Piece, ...]:
    """A line cut where claims begin and end; where claims overlap the first one counts."""
    cut: list[Piece] = []
    at = 0
    for claim in sorted(claims, key=lambda c: c.column):
        start = max(claim.column - 1, at)
        end = len(row) if claim.end_line > claim.line or not claim.end_column else min(claim.end_column - 1, len(row))
        if end <= start:
            continue
        if start > at:
            cut.append(Piece(row[at:start], ""))
        cut.append(Piece(row[start:end], claim.verdict))
        at = end
    if at < len(row) or not cut:
        cut.append(Piece(row[at:], ""))
    return tuple(cut)
