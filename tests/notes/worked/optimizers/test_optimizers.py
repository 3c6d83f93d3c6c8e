"""Lines of optimizers: right ones in all their variants, and ones with a slip."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from marked_notes import MarkedNote, marked_notes

from symnn.notation import parse_latex, to_latex
from symnn.notation.tree import Relation
from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document
from symnn.notes.judge.worlds.context import Context
from symnn.notes.worked.optimizers.judge import judge_optimizers, slips
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


SKIPPED = 1 if os.environ.get("SYMNN_ALL_MUTANTS") else 17


def mutants() -> list[tuple[str, int]]:
    """Every right line of the right notes with one slip in it: the note, and the number of the line."""
    found = []
    for note in marked_notes(Path(__file__).parent / "steps.md"):
        if {"!", "~"} & set(note.marks):
            continue
        for place, (line, mark) in enumerate(zip(note.lines, note.marks, strict=True)):
            formula = re.fullmatch(r"\$\$(.+)\$\$", line)
            tree = parse_latex(formula[1]) if formula and mark == "=" else None
            if not isinstance(tree, Relation) or tree.links[0].right is None:
                continue
            for edit in slips(tree.links[0].right):
                wrong = to_latex(replace(tree, links=(replace(tree.links[0], right=edit.node),)))
                found.append(("\n".join((*note.lines[:place], f"$${wrong}$$", *note.lines[place + 1 :])), place + 1))
    return found[::SKIPPED]


def test_a_line_with_a_slip_is_never_confirmed() -> None:
    wrong = refuted = 0
    for text, line in mutants():
        claims = judge_optimizers(Context(find(text + "\n", name="note.md")))
        verdicts = [claim.verdict for claim in claims if claim.line <= line <= claim.end_line]
        wrong += "agrees" in verdicts
        refuted += "refuted" in verdicts
    assert wrong == 0
    assert refuted >= len(mutants()) // 4
