"""Formulas that would take for ever cost their own claim only, in bounded time, and the rest is judged."""

from __future__ import annotations

import time

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

SECONDS = 30.0
"""Far more than one claim may take (4 seconds), also on a busy machine."""


@pytest.mark.parametrize(
    "formula",
    [
        "x = " + "(" * 5000 + "1" + ")" * 5000,
        "y = " + "{" * 3000 + "x" + "}" * 3000,
        "2^{2^{2^{2^{2^{2}}}}} = 7",
        "9^{9^{9^9}} = 1",
        "10^{100000000} = 3",
        "((((x + y)^{40})^{40})^{40}) = y",
        r"\sum_{i=1}^{1000000000} i = 5",
        r"L = " + " + ".join(f"x_{{{i}}}^2" for i in range(3000)),
        r"x = " + r"\frac{1}{1 + " * 150 + "x" + "}" * 150,
        "a = " + " = ".join(str(n) for n in range(500)),
    ],
    ids=lambda formula: formula[:24],
)
def test_one_formula_does_not_stop_a_document(formula: str) -> None:
    started = time.process_time()
    report = judge_document(find(f"$$ {formula} $$\n\n$1 + 1 = 2$\n", name="n.md"))
    assert time.process_time() - started < SECONDS
    assert report.problem == ""
    assert report.claims[-1].verdict == "proved"
    assert all("a defect in symnn" not in claim.reason for claim in report.claims)
    assert all(claim.verdict != "proved" for claim in report.claims[:-1])
