"""Zeros outside of an array, as the words of a note say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnn.network.equations import Network
from symnn.notes.read import ReadingError

NOTE = r"""
Let $x \in \mathbb{R}^n$ and $w \in \mathbb{R}^3$%s
$$ y_i = \sum_{k=%d}^{%d} w_k x_{i+k%+d}, \quad i = 1, \dots, n $$
$$ L = \sum_i i_i y_i $$
""".replace(" i_i ", " g_i ")


@pytest.mark.parametrize(
    "words",
    [
        ", with zero padding.",
        "; outside there are zeros.",
        "; $x$ is padded with zeros.",
        ". Entries outside are zero.",
    ],
)
def test_zeros_outside(words: str, read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    value, a = values_at(read(NOTE % (words, 1, 3, -2)), {"n": 4})
    wide = np.concatenate([[0], a["x"], [0]])
    assert np.isclose(value, sum(a["g"][i] * (a["w"] @ wide[i : i + 3]) for i in range(4)))


@pytest.mark.parametrize("words", [".", ", and no zeros are added."])
def test_without_such_words_nothing_is_added(words: str, read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match=r"the axis has|before the first entry"):
        read(NOTE % (words, 1, 3, -2))


def test_where_letters_count_from_has_to_be_said(read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match="counts from 0 or from 1"):
        read(r"Let $x \in \mathbb{R}^n$, zero-padded. $$ y_i = \sum_k w_k x_{i+k-1} $$ $$ L = \sum_i y_i $$")
