"""Notes whose margin says what is to be said of each line.

A file holds several notes, each under a line ``%% title``. The first two characters of a line are its margin:

``=``  a claim on the line is proved or agrees, and none is refuted
``!``  a claim on the line is refuted; behind ``⟸`` stand the right value and the kind of slip
``~``  something wrong that need not be found, but is never confirmed
``?``  neither confirmed nor refuted
blank  never refuted
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from symnn.notes.judge.claims import Claim

CONFIRMED = {"proved", "agrees"}


@dataclass(frozen=True)
class MarkedNote:
    """A note with its margin: a mark, the right value and the kind of slip for each line."""

    title: str
    lines: tuple[str, ...]
    marks: tuple[str, ...]
    corrections: tuple[str, ...]
    slips: tuple[str, ...]

    @property
    def text(self) -> str:
        """The note without its margin."""
        return "\n".join(self.lines) + "\n"

    def complaints(self, claims: Iterable[Claim], *, demand: bool = True) -> list[str]:
        """Where claims do not say what the margin wants; without `demand` only what must never be said counts."""
        claims = list(claims)
        found = []
        for number, (line, mark) in enumerate(zip(self.lines, self.marks, strict=True), start=1):
            here = [claim for claim in claims if claim.line <= number <= claim.end_line]
            for why in self._complaints(number - 1, mark, here, demand):
                told = "; ".join(f"{c.source!r} {c.verdict}: {c.reason} -> {c.correct!r} {c.slip}" for c in here)
                found.append(f"line {number} {line!r}: {why} ({told or 'no claim'})")
        return found

    def _complaints(self, place: int, mark: str, here: list[Claim], demand: bool) -> Iterable[str]:
        verdicts = {claim.verdict for claim in here}
        refuted = [claim for claim in here if claim.verdict == "refuted"]
        if any("defect" in claim.reason for claim in here):
            yield "a defect"
        if mark in "=? " and refuted:
            yield "something right is refuted"
        if mark in "~?" and verdicts & CONFIRMED:
            yield "something wrong is confirmed"
        if not demand:
            return
        if mark == "=" and not verdicts & CONFIRMED:
            yield "it is not understood"
        if mark == "!":
            correct, slip = self.corrections[place], self.slips[place]
            if not refuted:
                yield "it is not refuted"
            elif correct and correct not in [claim.correct for claim in refuted]:
                yield f"the right value is {correct}"
            elif slip and slip not in [claim.slip for claim in refuted]:
                yield f"the slip is {slip}"


def marked_notes(path: Path) -> list[MarkedNote]:
    """The notes of a file."""
    return [_note(part) for part in re.split(r"^%% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]]


def _note(text: str) -> MarkedNote:
    title, *lines = text.rstrip().split("\n")
    assert all(line[1:2] in ("", " ") and line[:1] in ("", *"=!~? ") for line in lines), title
    bodies, wanted = zip(*(_split(line[2:]) for line in lines), strict=True)
    corrections, slips = zip(*(_split(want, " | ") for want in wanted), strict=True)
    return MarkedNote(title, bodies, tuple(line[:1] or " " for line in lines), corrections, slips)


def _split(text: str, separator: str = " ⟸ ") -> tuple[str, str]:
    before, _, after = text.partition(separator)
    return before, after
