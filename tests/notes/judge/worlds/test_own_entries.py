"""Arrays that are said to be made of their own entries."""

from __future__ import annotations

import pytest
from verdicts import claims_of

ENTRIES = [
    r"\mathbf{u} = [u_1, u_2, \ldots, u_n]^T \in \mathbb{R}^n",
    r"u = (u_1, \dots, u_n)",
    r"u = \begin{pmatrix} u_1 \\ \vdots \\ u_n \end{pmatrix}",
]
SOFTMAX = r"$$ s_i = \frac{e^{u_i}}{\sum_{k=1}^{n} e^{u_k}} $$"


@pytest.mark.parametrize("entries", ENTRIES)
def test_they_are_declared_by_it(entries):
    right = r"$$ \frac{\partial s_i}{\partial u_j} = \begin{cases} s_i (1 - s_i) & i = j \\ -s_i s_j & i \ne j \end{cases} $$"
    wrong = right.replace("-s_i s_j", "s_i s_j")
    *_, first, second = claims_of("\n\n".join((f"Let ${entries}$.", SOFTMAX, right, wrong)))
    assert (first.verdict, second.verdict) == ("proved", "refuted")


def test_entries_of_another_array_are_a_definition():
    claims = claims_of(r"Let $v = (u_1, \dots, u_n)$ and $u \in \mathbb{R}^n$.")
    assert [claim.verdict for claim in claims] == ["definition"]
