"""A report as text for a terminal: the wrong claims first, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Iterator

from symnn.errors import Place, printable
from symnn.notes.judge.claims import Claim, FileReport, Report

WORDS = {
    "refuted": "wrong", "undecided": "not decided", "agrees": "agrees with numbers", "proved": "proved",
    "definition": "definitions",
}  # fmt: skip
MOST_REASON = 160


def render_text(report: Report) -> str:
    """The report as text."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    for file in report.files:
        if file.problem:
            yield f"{printable(file.path)}: {printable(file.problem, newlines=True)}"
            yield ""
    for file in report.files:
        for claim in file.with_verdict("refuted"):
            yield from wrong(file, claim)
            yield ""
    for file in report.files:
        yield from _others(file)
    yield summary(report)


def wrong(file: FileReport, claim: Claim) -> Iterator[str]:
    """A wrong claim: its line with a caret, what was understood, the witness, the right formula."""
    slip = f" ({claim.slip})" if claim.slip and claim.slip != "another formula" else ""
    end = claim.end_column if claim.end_line == claim.line and claim.end_column else None
    place = Place(file.path, claim.line, claim.column, end, f"wrong{slip}: {claim.reason}", claim.source_line)
    yield from str(place).split("\n")
    for label, text in (("read as", claim.reading), ("differs at", claim.witness), ("right is", claim.correct)):
        if text:
            yield f"      = {label}: {printable(text)}"
    if claim.facts:
        yield f"      = with: {printable(', '.join(claim.facts))}"


def _others(file: FileReport) -> Iterator[str]:
    shown = [claim for claim in file.claims if claim.verdict not in ("refuted", "definition")]
    if not shown:
        return
    yield f"{printable(file.path)}"
    for claim in shown:
        reason = f" ({printable(claim.reason)[:MOST_REASON]})" if claim.verdict == "undecided" else ""
        facts = f" [{printable(', '.join(claim.facts))}]" if claim.facts else ""
        yield f"  {claim.id:>4}  {claim.line:>5}:{claim.column:<4} {claim.verdict:<10} {printable(one_line(claim))}{facts}{reason}"
    yield ""


def one_line(claim: Claim) -> str:
    """The claim in plain notation, else as written, on one line."""
    text = claim.reading.split("   [")[0].split("   (")[0] or claim.source
    text = " ".join(text.split())
    return text if len(text) <= 110 else text[:109] + "…"


def summary(report: Report) -> str:
    """How many claims have which verdict."""
    counts = report.counts()
    total = sum(counts.values())
    parts = [f"{number} {WORDS[verdict]}" for verdict, number in counts.items() if number]
    files = f"{len(report.files)} document{'s' if len(report.files) != 1 else ''}"
    return f"{files}, {total} claim{'s' if total != 1 else ''}" + (": " + ", ".join(parts) if parts else "")
