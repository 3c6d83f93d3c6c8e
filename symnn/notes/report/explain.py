"""The derivation behind one verdict, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from symnn.errors import SymnnError, printable
from symnn.notes.judge.claims import Claim, FileReport
from symnn.notes.judge.files import Input
from symnn.notes.judge.verify import verify_input
from symnn.notes.report.text import shown


def explanation(document: Input, number: int) -> str:
    """What led to the verdict on claim `number`. Raises SymnnError when there is no such claim."""
    file = verify_input(document)
    for claim in file.claims:
        if claim.id == number:
            return "\n".join(_lines(file, claim)) + "\n"
    raise SymnnError(f"there is no claim {number}; the claims are numbered from 1 to {len(file.claims)}")


def _lines(file: FileReport, claim: Claim) -> Iterator[str]:
    if claim.verdict == "refuted":
        yield from shown(file, claim)
    else:
        yield f"{printable(file.path)}:{claim.line}:{claim.column}: {claim.verdict}: {printable(claim.reason)}"
