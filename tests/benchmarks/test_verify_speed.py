"""Judging claims: against a fixed piece of algebra in SymPy in the same run, and how it grows with the note."""

from __future__ import annotations

from pathlib import Path

import pytest
from timing import algebra, grows_linearly, is_bounded

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

NOTES = Path(__file__).resolve().parents[2] / "derivations" / "notes" / "by_hand"


@pytest.mark.benchmark
def test_a_claim_of_a_hand_derivation_takes_a_fraction_of_a_fixed_workload() -> None:
    document = find(NOTES / "two_layer_perceptron.md")
    claims = [c for c in judge_document(document).claims if c.verdict != "definition"]
    assert is_bounded(lambda: judge_document(document), algebra, 1.5 * len(claims))


@pytest.mark.benchmark
def test_a_note_of_twice_as_many_sections_takes_little_more_than_twice_as_long() -> None:
    section = "# Part {n}\n\nLet $f(x) = x^{{{n}}}$.\n\n$$ f'(x) = {n} x^{{{m}}} $$\n\n$$ \\int_0^1 f(x) dx = 3 $$\n\n3 × {n} = {p}\n\n"

    def note(parts: int) -> str:
        return "".join(section.format(n=n, m=n - 1, p=3 * n) for n in range(2, parts + 2))

    short, long = find(note(12), name="a.md"), find(note(24), name="a.md")
    assert grows_linearly(judge_document, short, long, factor=2, slack=1.5)
