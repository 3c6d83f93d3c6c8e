"""Lists and matrices of numbers that are worked with."""

from __future__ import annotations

import pytest

from symnn.notation import parse_latex
from symnn.notation.to_text import to_text
from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document
from symnn.notes.worked.calculations.lists import written_out

RIGHT = [
    r"0.3 \cdot (0.41, -0.7) \approx (0.123, -0.21)",
    r"(0.2, 0.4)^\top \cdot (-0.31) = (-0.062, -0.124)^\top",
    r"-0.25 \times [0.3, 0.9] = [-0.075, -0.225]",
    r"[4, 6] / 8 = [0.5, 0.75]",
    r"[1, 3] - 0.1 \cdot [2, -4] = [0.8, 3.4]",
    r"\text{softmax}([1.0, 2.0, 3.0]) = [0.090, 0.245, 0.665]",
    r"\tanh([0.5, 0]) = [0.4621, 0]",
    r"[1, 2] \odot [3, 4] = [3, 8]",
    r"[2, 5] \cdot [3, 4] = 26",
    r"\begin{bmatrix} 1 & 2 \\ 0 & 3 \end{bmatrix} \begin{bmatrix} 0.3 \\ 0.33 \end{bmatrix} \approx \begin{bmatrix} 0.96 \\ 0.99 \end{bmatrix}",
    r"[1, 2] \begin{bmatrix} 1 & 0.5 \\ 2 & 0.25 \end{bmatrix} = [5, 1]",
]
WRONG = [
    (r"0.3 \cdot (0.41, -0.7) \approx (0.123, 0.21)", "sign"),
    (r"[4, 6] / 8 = [0.5, 0.57]", "arithmetic"),
    (r"\text{softmax}([1.0, 2.0, 3.0]) = [0.090, 0.245, 0.565]", "arithmetic"),
    (r"[2, 5] \cdot [3, 4] = 28", "arithmetic"),
    (r"[1, 2] \begin{bmatrix} 1 & 0.5 \\ 2 & 0.25 \end{bmatrix} = [5, 1.5]", "arithmetic"),
]
NOT_TOGETHER = [r"(1, 2) + (1, 2, 3)", r"(1, 2) \cdot (1, 2, 3)", r"2 / (1, 2)", r"g((1, 2))", "3 + 4"]


def judged(formula: str) -> list[tuple[str, str]]:
    claims = judge_document(find(f"So ${formula}$ follows.\n", name="note.md")).claims
    return [(claim.verdict, claim.slip) for claim in claims]


@pytest.mark.parametrize("formula", RIGHT)
def test_what_is_right(formula: str) -> None:
    ((verdict, _),) = judged(formula)
    assert verdict in ("proved", "agrees")


@pytest.mark.parametrize(("formula", "slip"), WRONG)
def test_what_is_wrong(formula: str, slip: str) -> None:
    assert judged(formula) == [("refuted", slip)]


@pytest.mark.parametrize("formula", NOT_TOGETHER)
def test_lists_that_do_not_go_together_are_not_written_out(formula: str) -> None:
    assert written_out(parse_latex(formula)) is None


def test_the_softmax_is_over_all_entries() -> None:
    rows = written_out(parse_latex(r"\operatorname{softmax}([3, 4])"))
    assert rows is not None
    assert to_text(rows[1][0]) == "exp(4) / (exp(3) + exp(4))"
