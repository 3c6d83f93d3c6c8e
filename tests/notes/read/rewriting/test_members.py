"""Small letters for rows and columns of a matrix, against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnn.network.equations import Network
from symnn.notes.read import ReadingError


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


SAMPLES_IN_COLUMNS = r"""
Let $X \in \mathbb{R}^{n_0 \times m}$ and $Y \in \mathbb{R}^{1 \times m}$.
$$ Z^{[1]} = W^{[1]} X + b^{[1]} $$
$$ A^{[1]} = \tanh(Z^{[1]}) $$
$$ A^{[2]} = \sigma(W^{[2]} A^{[1]} + b^{[2]}) $$
$$ J = -\frac1m \sum_{i=1}^m \left( y^{(i)} \log a^{[2](i)} + (1 - y^{(i)}) \log(1 - a^{[2](i)}) \right) $$
"""
SAMPLES_IN_ROWS = r"""
The data are $X \in \mathbb{R}^{m \times n}$ and $y \in \mathbb{R}^m$; $w \in \mathbb{R}^n$ and $b \in \mathbb{R}$.
$$ J = \frac{1}{2m} \sum_{i=1}^m (w^\top x^{(i)} + b - y^{(i)})^2 + \sum_{i=1}^m \sum_j x_j^{(i)} $$
"""
ROWS_BY_WORDS = r"""
$$ L = \sum_{i,j} (R_{ij} - u_i^\top v_j)^2 $$
where $u_i \in \mathbb{R}^k$ is row $i$ of $U \in \mathbb{R}^{n \times k}$, and $v_j$ is the $j$-th column of
$V \in \mathbb{R}^{k \times m}$.
"""


def names(network: Network) -> set[str]:
    return {t.name for t in (*network.inputs, *network.targets, *network.parameters)}


def test_samples_are_columns(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(SAMPLES_IN_COLUMNS)
    value, a = values_at(network, {"n_0": 2, "m": 3, "n": 4})
    hidden = np.tanh(a["W_1"] @ a["X"] + a["b_1"])
    p = sigmoid(a["W_2"] @ hidden + a["b_2"])
    assert np.isclose(value, -np.mean(a["Y"] * np.log(p) + (1 - a["Y"]) * np.log(1 - p)))
    assert names(network) == {"X", "Y", "W_1", "b_1", "W_2", "b_2"}


def test_samples_are_rows(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(SAMPLES_IN_ROWS)
    value, a = values_at(network, {"m": 3, "n": 2})
    assert np.isclose(value, np.mean((a["X"] @ a["w"] + a["b"] - a["y"]) ** 2) / 2 + a["X"].sum())


def test_words_tell_rows_and_columns(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(ROWS_BY_WORDS)
    value, a = values_at(network, {"n": 2, "m": 3, "k": 4})
    assert np.isclose(value, np.sum((a["R"] - a["U"] @ a["V"]) ** 2))
    assert names(network) == {"R", "U", "V"}


def test_a_letter_that_is_defined_is_no_row(read: Callable[..., Network]) -> None:
    network = read(
        r"Let $X \in \mathbb{R}^{m \times n}$ and $z \in \mathbb{R}^m$."
        "\n\n$$ x^{(i)} = z_i^2, \\quad i = 1, \\dots, m $$\n\n"
        "$$ J = \\sum_{i=1}^m x^{(i)} + \\lVert X \\rVert_F^2 $$\n"
    )
    assert {"z", "X"} <= names(network)


def test_a_layer_and_a_sample_without_a_matrix_are_refused(read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match="of which matrix is it a row or a column"):
        read(r"$$ J = \sum_{i=1}^m (y^{(i)} - a^{[2](i)})^2 $$")
