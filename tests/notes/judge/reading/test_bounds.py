"""Sums go over the places that their limits name, and over no others."""

from __future__ import annotations

import pytest

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

NOTE = r"""
Let $x \in \mathbb{R}^n$ and $P \in \mathbb{R}^{n \times m}$.

$$ s = \sum_{i=1}^n x_i $$

$$ y = \sum_{i=1}^n \sum_{j=1}^m P_{ij} $$
"""


def verdict(claim: str) -> str:
    return judge_document(find(f"{NOTE}\n$$ {claim} $$\n", name="note.md")).claims[-1].verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"2 s = 2 \sum_{i} x_i",
        r"2 s = 2 \sum_{i=0}^n x_i",
        r"2 s = 2 x_1 + 2 \sum_{i=2}^n x_i",
        r"\sum_{i=1}^n (x_i - 3) = s - 3 n",
        r"2 y = 2 \sum_{j=1}^m \sum_{i=1}^n P_{ij}",
    ],
)
def test_right(claim: str) -> None:
    assert verdict(claim) in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"2 s = 2 \sum_{i=1}^{n-1} x_i",
        r"2 s = 2 \sum_{i=2}^n x_i",
        r"2 s = 2 \sum_{i=1}^{n+1} x_i",
        r"2 s = 2 \sum_{i=1}^m x_i",
        r"\sum_{i=1}^n (x_i - 3) = s - 3",
        r"2 y = 2 \sum_{j=1}^n \sum_{i=1}^m P_{ij}",
    ],
)
def test_other_limits_are_another_sum(claim: str) -> None:
    assert verdict(claim) in ("refuted", "undecided")


def test_a_part_of_a_sum_is_refuted() -> None:
    assert verdict(r"2 s = 2 \sum_{i=1}^{n-1} x_i") == "refuted"
