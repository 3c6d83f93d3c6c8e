"""Claims and verdicts: what a report is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["proved", "agrees", "refuted", "undecided", "definition"]
VERDICTS: tuple[Verdict, ...] = ("refuted", "undecided", "agrees", "proved", "definition")

Slip = Literal[
    "", "sign", "factor", "transpose", "missing term", "extra term", "missing derivative", "wrong index",
    "wrong variable", "dropped path", "arithmetic", "misplaced bracket", "direction", "missing factor",
    "exponent", "another formula",
]  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One claim of a document and what is said of it.

    `line` and `column` are where the link of a chain begins that the claim is, `end_line` and `end_column` where it ends. `source` is
    the link as written, `reading` what was understood, in plain notation with shapes. `correct` is the right formula,
    `slip` the kind of slip and `witness` the numbers that refute it. `facts` are used in a proof. `steps` is the
    derivation behind the verdict, as lines of text.
    """

    id: int
    line: int
    column: int
    end_line: int
    source: str
    reading: str
    verdict: Verdict
    reason: str
    correct: str = ""
    slip: str = ""
    witness: str = ""
    facts: tuple[str, ...] = ()
    end_column: int = 0
    source_line: str = ""
    steps: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields that a report in JSON shows.

        >>> Claim(1, 3, 5, 3, "a = b", "a = b", "undecided", "no definition").as_json()["verdict"]
        'undecided'
        """
        return {
            "id": self.id, "line": self.line, "column": self.column, "end_line": self.end_line, "source": self.source,
            "reading": self.reading, "verdict": self.verdict, "reason": self.reason, "correct": self.correct,
            "slip": self.slip, "witness": self.witness, "facts": list(self.facts),
        }  # fmt: skip


@dataclass(frozen=True)
class FileReport:
    """The claims of one document in its order; `problem` says why there are none when it could not be read."""

    path: str
    claims: tuple[Claim, ...]
    problem: str = ""

    def with_verdict(self, verdict: Verdict) -> tuple[Claim, ...]:
        """The claims with this verdict."""
        return tuple(claim for claim in self.claims if claim.verdict == verdict)


@dataclass(frozen=True)
class Report:
    """The reports of all documents."""

    files: tuple[FileReport, ...]

    @property
    def passed(self) -> bool:
        """Whether no claim is refuted and every document could be read."""
        return not any(file.problem or file.with_verdict("refuted") for file in self.files)

    def counts(self) -> dict[Verdict, int]:
        """How many claims have each verdict."""
        return {verdict: sum(len(file.with_verdict(verdict)) for file in self.files) for verdict in VERDICTS}

    def as_json(self) -> dict[str, Any]:
        """The report as JSON shows it."""
        return {"files": [file_as_json(file) for file in self.files]}


def file_as_json(file: FileReport) -> dict[str, Any]:
    """One document's part of a report in JSON."""
    shown: dict[str, Any] = {"path": file.path, "claims": [claim.as_json() for claim in file.claims]}
    if file.problem:
        shown["problem"] = file.problem
    return shown


def numbered(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims in the order of the document, numbered from 1."""
    from dataclasses import replace

    ordered = sorted(claims, key=lambda claim: (claim.line, claim.column, claim.end_line))
    return tuple(replace(claim, id=number) for number, claim in enumerate(ordered, start=1))
