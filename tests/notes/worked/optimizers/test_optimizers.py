"""Lines of optimizers: right ones in all their variants, and ones with a slip."""

from __future__ import annotations

from pathlib import Path

import pytest
from marked_notes import MarkedNote, marked_notes

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document
from symnn.notes.worked.optimizers.systems import methods, systems_of

NOTES = [pytest.param(note, id=note.title) for note in marked_notes(Path(__file__).parent / "steps.md")]


@pytest.mark.parametrize("note", NOTES)
def test_notes(note: MarkedNote) -> None:
    assert note.complaints(judge_document(find(note.text, name="note.md")).claims) == []


@pytest.mark.parametrize("recipe", list(methods()), ids=lambda recipe: recipe.name)
def test_the_declared_lines_come_first(recipe: object) -> None:
    first = systems_of(recipe.name)[0]  # type: ignore[attr-defined]
    assert not first.variant
    assert [name for name, _ in first.lines] == [part.name for part in recipe.parts]  # type: ignore[attr-defined]
