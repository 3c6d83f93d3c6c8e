"""The derivation behind one verdict, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from symnn.errors import SymnnError, printable
from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.report.text import wrong


def explanation(report: Report, number: int) -> str:
    """What led to the verdict on claim `number`. Raises SymnnError when there is no such claim."""
    for file in report.files:
        for claim in file.claims:
            if claim.id == number:
                return "\n".join(_lines(file, claim)) + "\n"
    total = sum(len(file.claims) for file in report.files)
    raise SymnnError(f"there is no claim {number}; the claims are numbered from 1 to {total}")


def _lines(file: FileReport, claim: Claim) -> Iterator[str]:
    if claim.verdict == "refuted":
        yield from wrong(file, claim)
    else:
        yield f"{printable(file.path)}:{claim.line}:{claim.column}: {claim.verdict}: {printable(claim.reason)}"
        yield f"  as written: {printable(' '.join(claim.source.split()))}"
        if claim.reading:
            yield f"  read as:    {printable(claim.reading)}"
        if claim.facts:
            yield f"  with:       {printable(', '.join(claim.facts))}"
    if claim.steps:
        yield ""
        for place, step in enumerate(claim.steps, start=1):
            yield f"  {place:>3}. {printable(step)}"
