"""Chains of numbers: every link is a claim, also one between two numbers."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document


@pytest.mark.parametrize("note", ["$3 \\times 4 = 12 = {}$", "3 × 4 = 12 = {}\n", "Let $f(x) = 3x$. $f(4) = 12 = {}$"])
def test_a_number_that_goes_on_from_a_result_is_a_claim(note: str) -> None:
    last = judge_document(find(note.replace("{}", "13"), name="n.md")).claims[-1]
    assert (last.verdict, last.source, last.correct, last.witness) == (
        "refuted",
        "12 = 13" if "4)" not in note else last.source,
        "12",
        "left 12, right 13",
    )
    for right in ("12", "12.0"):
        verdicts = [c.verdict for c in judge_document(find(note.replace("{}", right), name="n.md")).claims]
        assert "refuted" not in verdicts
        assert verdicts[-1] == "proved"


@pytest.mark.parametrize("chain", ["1/3 = 0.333 = 0.33", "7/2 = 3.5 = 4", "y = 26.4 = 26", "2^3 = 8 = 1000_2"])
def test_rounding_and_other_notation_are_no_errors(chain: str) -> None:
    assert "refuted" not in [c.verdict for c in judge_document(find(f"So ${chain}$.", name="n.md")).claims]
