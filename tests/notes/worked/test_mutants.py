"""One digit changed in a worked example that was confirmed: it is not confirmed any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from marked_notes import CONFIRMED, MarkedNote, marked_notes

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked import judge_worked

NOTES = [
    pytest.param(note, id=f"{path.stem}: {note.title}")
    for path in sorted((Path(__file__).parent / "notes").glob("*.md"))
    for note in marked_notes(path)
    if "=" in note.marks
]
_NUMBER = re.compile(r"(?<![\w.₀-₉_{])\d+(?:\.\d+)?(?![\w²³])")
_FLAT = re.compile(r"≈|approx|relu", re.IGNORECASE)
"""Where another number may give the same result."""


def judged(lines: list[str]) -> list[Claim]:
    """What is said of the worked examples of a note."""
    return judge_worked(Context(find("\n".join(lines) + "\n", name="note.md")))


def changed(number: str) -> str:
    """The number with another first digit."""
    place = next((i for i, digit in enumerate(number) if digit in "123456789"), None)
    if place is None:
        return f"{number}7" if "." in number else "7"
    return number[:place] + str(int(number[place]) % 9 + 1) + number[place + 1 :]


def mutants(note: MarkedNote) -> list[tuple[int, int, list[str]]]:
    """For each number in a claim that is confirmed its line and column, and the note with another number there."""
    found: dict[tuple[int, int], list[str]] = {}
    for claim in judged(list(note.lines)):
        line = note.lines[claim.line - 1]
        source = line[claim.column - 1 : claim.end_column - 1]
        if claim.verdict not in CONFIRMED or claim.end_line != claim.line or _FLAT.search(source):
            continue
        for number in _NUMBER.finditer(source):
            start, end = claim.column - 1 + number.start(), claim.column - 1 + number.end()
            mutated = list(note.lines)
            mutated[claim.line - 1] = line[:start] + changed(number[0]) + line[end:]
            found[claim.line, start] = mutated
    return [(line, column, lines) for (line, column), lines in found.items()]


@pytest.mark.parametrize("note", NOTES)
def test_a_changed_digit_is_not_confirmed(note: MarkedNote) -> None:
    confirmed = [
        f"{lines[line - 1]!r}: {claim.source!r} {claim.reason}"
        for line, column, lines in mutants(note)
        for claim in judged(lines)
        if claim.line == line and claim.column - 1 <= column < claim.end_column - 1 and claim.verdict in CONFIRMED
    ]
    assert confirmed == []
