"""Judging claims: against a fixed piece of algebra in SymPy in the same run, and how it grows with the note."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sympy

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

NOTES = Path(__file__).resolve().parents[2] / "derivations" / "notes" / "by_hand"


def fastest(work: Callable[[], object], times: int = 2) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def algebra() -> sympy.Expr:
    """A fixed amount of work: a power of a sum of four names, expanded from nothing."""
    sympy.core.cache.clear_cache()
    return sympy.expand((sum(sympy.symbols("a:d")) + 1) ** 12)


@pytest.mark.benchmark
def test_a_claim_of_a_hand_derivation_takes_a_fraction_of_a_fixed_workload() -> None:
    document = find(NOTES / "two_layer_perceptron.md")
    claims = [c for c in judge_document(document).claims if c.verdict != "definition"]
    unit = fastest(algebra)
    spent = fastest(lambda: judge_document(document)) / len(claims)
    print(f"{len(claims)} claims, {spent * 1000:.1f} ms each, workload {unit * 1000:.0f} ms, ratio {spent / unit:.3f}")
    assert spent <= 1.5 * unit


@pytest.mark.benchmark
def test_a_note_of_twice_as_many_sections_takes_little_more_than_twice_as_long() -> None:
    section = "# Part {n}\n\nLet $f(x) = x^{{{n}}}$.\n\n$$ f'(x) = {n} x^{{{m}}} $$\n\n$$ \\int_0^1 f(x) dx = 3 $$\n\n3 × {n} = {p}\n\n"

    def note(parts: int) -> str:
        return "".join(section.format(n=n, m=n - 1, p=3 * n) for n in range(2, parts + 2))

    short, long = find(note(12), name="a.md"), find(note(24), name="a.md")
    one, two = fastest(lambda: judge_document(short)), fastest(lambda: judge_document(long))
    print(f"12 sections {one:.2f} s, 24 sections {two:.2f} s, ratio {two / one:.2f}")
    assert two <= 3 * one
