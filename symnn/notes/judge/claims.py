"""Claims and verdicts: what a report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Verdict = Literal["proved", "agrees", "refuted", "undecided", "definition"]
VERDICTS: tuple[Verdict, ...] = ("refuted", "undecided", "agrees", "proved", "definition")

Slip = Literal[
    "", "sign", "factor", "transpose", "missing term", "extra term", "missing derivative", "wrong index",
    "wrong variable", "dropped path", "arithmetic", "misplaced bracket", "direction", "missing factor",
    "exponent", "another formula",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Region:
    """Where a claim stands: from a line and a column up to, not with, another. The line of its beginning is kept.

    `path` is the file, which may be one that the document includes.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    source_line: str

    def as_fields(self) -> dict[str, Any]:
        """The fields of a claim that stands here."""
        return {
            "path": self.path, "line": self.line, "column": self.column, "end_line": self.end_line,
            "end_column": self.end_column, "source_line": self.source_line,
        }  # fmt: skip


@dataclass(frozen=True)
class Claim:
    """One claim of a document and what is said of it.

    `line` and `column` are where the link of a chain begins that the claim is, `end_line` and `end_column` where it
    ends. `path` is the file in which that is, and `cell` the cell (from 1) of a notebook. `source` is the link as
    written, `reading` what was understood, in plain notation with shapes. `correct` is the right formula, `slip` the
    kind of slip and `witness` the numbers that refute it. `facts` are used in a proof.
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
    path: str = ""
    cell: int | None = None

    @property
    def region(self) -> Region:
        """Where it stands."""
        return Region(self.path, self.line, self.column, self.end_line, self.end_column, self.source_line)

    def as_json(self) -> dict[str, Any]:
        """The fields that a report in JSON shows.

        >>> Claim(1, 3, 5, 3, "a = b", "a = b", "undecided", "no definition").as_json()["verdict"]
        'undecided'
        """
        cell = {} if self.cell is None else {"cell": self.cell}
        return {
            "id": self.id, "line": self.line, "column": self.column, "end_line": self.end_line, **cell,
            "source": self.source, "reading": self.reading, "verdict": self.verdict, "reason": self.reason,
            "correct": self.correct, "slip": self.slip, "witness": self.witness, "facts": list(self.facts),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unread:
    """A place of a document that was not read, and why: a formula in a picture, a file that may not be included."""

    path: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        """One line that begins with the place."""
        return f"{self.path}:{self.line}:{self.column}: not read: {self.reason}"


@dataclass(frozen=True)
class FileReport:
    """The claims of one document in its order, with those of the files that it includes.

    `problem` is a message that says why claims are missing: the document could not be read, or a judge failed. `included` are the files
    that were read beside it, and `texts` the text of each file, where it was asked for; `partial` says that lines
    of it are blank that hold nothing of the note. `unread` are the places that were left out.
    `formulas` are, where the text was asked for, the formulas of each file as they are shown in a page.
    """

    path: str
    claims: tuple[Claim, ...]
    problem: str = ""
    included: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    partial: bool = False
    unread: tuple[Unread, ...] = ()
    formulas: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def with_verdict(self, verdict: Verdict) -> tuple[Claim, ...]:
        """The claims with this verdict."""
        return tuple(claim for claim in self.claims if claim.verdict == verdict)

    def by_file(self) -> dict[str, tuple[Claim, ...]]:
        """The claims of every file in which there are any, the document itself first."""
        found: dict[str, list[Claim]] = {self.path: [], **{part.path: [] for part in self.unread}}
        for claim in self.claims:
            found.setdefault(claim.path or self.path, []).append(claim)
        return {path: tuple(claims) for path, claims in found.items()}


@dataclass(frozen=True)
class Report:
    """The reports of all documents."""

    files: tuple[FileReport, ...]

    @property
    def passed(self) -> bool:
        """Whether no claim is refuted and every document could be read."""
        return not self.refuted and not self.problems

    @property
    def refuted(self) -> bool:
        """Whether any claim is wrong."""
        return any(file.with_verdict("refuted") for file in self.files)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why claims are missing, a message for each document that could not be read or judged as a whole."""
        return tuple(file.problem for file in self.files if file.problem)

    def counts(self) -> dict[Verdict, int]:
        """How many claims have each verdict."""
        return {verdict: sum(len(file.with_verdict(verdict)) for file in self.files) for verdict in VERDICTS}

    def as_json(self) -> dict[str, Any]:
        """The report as JSON shows it."""
        return {"files": [entry for file in self.files for entry in file_as_json(file)]}


def file_as_json(file: FileReport) -> Iterator[dict[str, Any]]:
    """One document's part of a report in JSON: an entry for each file in which claims stand."""
    for path, claims in file.by_file().items():
        shown: dict[str, Any] = {"path": path, "claims": [claim.as_json() for claim in claims]}
        unread = [part for part in file.unread if part.path == path]
        if unread:
            shown["unread"] = [{"line": p.line, "column": p.column, "reason": p.reason} for p in unread]
        if path != file.path:
            shown["included_by"] = file.path
        elif file.problem:
            shown["problem"] = file.problem
        yield shown


def numbered(claims: Iterable[Claim], path: str = "") -> tuple[Claim, ...]:
    """The claims of a document in its order, those of the files that it includes after them, numbered from 1."""
    ordered = sorted(claims, key=lambda c: (c.path not in ("", path), c.path, c.line, c.column, c.end_line))
    return tuple(replace(claim, id=number) for number, claim in enumerate(ordered, start=1))
