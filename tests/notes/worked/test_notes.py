"""Invented notes with right and wrong numbers, tables, traces, truth tables and update rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_notes import MarkedNote, marked_notes

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked import judge_worked

NOTES = [
    pytest.param(note, id=f"{path.stem}: {note.title}")
    for path in sorted((Path(__file__).parent / "notes").glob("*.md"))
    for note in marked_notes(path)
]


@pytest.mark.parametrize("note", NOTES)
def test_worked_examples(note: MarkedNote) -> None:
    claims = judge_worked(Context(find(note.text, name="note.md")))
    assert note.complaints(claims) == []


@pytest.mark.parametrize("note", NOTES)
def test_all_judges_together(note: MarkedNote) -> None:
    claims = judge_document(find(note.text, name="note.md")).claims
    assert note.complaints(claims, demand=False) == []
