"""Index expressions point at the places that they name, counted from one."""

from __future__ import annotations

import pytest
from verdicts import said_of

NOTE = r"""
Let $w \in \mathbb{R}^q$ and $x \in \mathbb{R}^{m + q - 1}$.

$$ y_i = \sum_{p=1}^q w_p x_{i+p-1} $$
"""


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial y_i}{\partial w_p} = x_{i+p-1}",
        r"\frac{\partial y_1}{\partial w_2} = x_2",
        r"2 y_i = \sum_{p=1}^q 2 w_p x_{p+i-1}",
    ],
)
def test_right(claim: str) -> None:
    assert said_of(NOTE, f"$$ {claim} $$")[-1].verdict == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial y_i}{\partial w_p} = x_{i+p}",
        r"\frac{\partial y_i}{\partial w_p} = x_{i-p+1}",
        r"\frac{\partial y_i}{\partial w_p} = x_p",
        r"\frac{\partial y_1}{\partial w_2} = x_3",
        r"2 y_i = \sum_{p=1}^q w_p x_{p+i-1}",
    ],
)
def test_wrong(claim: str) -> None:
    assert said_of(NOTE, f"$$ {claim} $$")[-1].verdict not in ("proved", "agrees")
