"""Lists of numbers and of arrays, and families laid out one behind the other, against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnn.network.equations import Network
from symnn.notes.read import ReadingError

DECLARED = r"""
Let $u \in \mathbb{R}^n$, $v \in \mathbb{R}^m$, $s \in \mathbb{R}$, $w \in \mathbb{R}^{n+m}$, $q \in \mathbb{R}^{n+m+1}$.
"""
LISTS = {
    r"w^\top [u, v]": lambda a: a["w"] @ np.concatenate([a["u"], a["v"]]),
    r"w^\top [v; u]": lambda a: a["w"] @ np.concatenate([a["v"], a["u"]]),
    r"w^\top \begin{bmatrix} u \\ v \end{bmatrix}": lambda a: a["w"] @ np.concatenate([a["u"], a["v"]]),
    r"[u^\top, v^\top] w": lambda a: a["w"] @ np.concatenate([a["u"], a["v"]]),
    r"w^\top \operatorname{concat}(u, v)": lambda a: a["w"] @ np.concatenate([a["u"], a["v"]]),
    r"q^\top [u; v; 1]": lambda a: a["q"] @ np.concatenate([a["u"], a["v"], [1]]),
    r"q^\top [s, v, u]": lambda a: a["q"] @ np.concatenate([[a["s"]], a["v"], a["u"]]),
    r"\sum_k [s, 2, s^2]_k": lambda a: a["s"] + 2 + a["s"] ** 2,
}
LSTM = r"""
Let $x_t \in \mathbb{R}^n$ and $h_t \in \mathbb{R}^m$ for $t = 1, \dots, T$.
$$ f_t = \sigma(W_f \cdot [h_{t-1}, x_t] + b_f) $$
$$ i_t = \sigma(W_i \cdot [h_{t-1}, x_t] + b_i) $$
$$ o_t = \sigma(W_o \cdot [h_{t-1}, x_t] + b_o) $$
$$ \tilde{C}_t = \tanh(W_C \cdot [h_{t-1}, x_t] + b_C) $$
$$ C_t = f_t * C_{t-1} + i_t * \tilde{C}_t $$
$$ h_t = o_t * \tanh(C_t) $$
$$ L = \frac12 \sum_t \lVert h_t - y_t \rVert^2 $$
"""
HEADS = r"""
Let $X \in \mathbb{R}^{n \times d}$, $W^Q_i, W^K_i, W^V_i \in \mathbb{R}^{d \times k}$ for $i = 1, \dots, H$.
$$ \text{head}_i = \operatorname{Attention}(X W^Q_i, X W^K_i, X W^V_i) $$
$$ M = %s W^O $$
$$ L = \lVert M - Y \rVert_F^2 $$
"""


@pytest.mark.parametrize("formula", LISTS)
def test_lists_of_vectors_stand_one_behind_the_other(
    formula: str, read: Callable[..., Network], values_at: Callable[..., Any]
) -> None:
    network = read(f"{DECLARED}\n$$ L = {formula} $$\n")
    value, arrays = values_at(network, {"n": 2, "m": 3})
    assert np.isclose(value, LISTS[formula]({name: np.asarray(array) for name, array in arrays.items()}))


def test_a_length_that_is_not_declared_follows_from_the_others(read: Callable[..., Network]) -> None:
    network = read(
        r"Let $u \in \mathbb{R}^n$ and $W \in \mathbb{R}^{k \times (n+m)}$."
        "\n\n$$ L = \\lVert W [u, v] \\rVert^2 $$\n"
    )
    shapes = {t.name: tuple(map(str, t.shape)) for t in (*network.inputs, *network.parameters)}
    assert shapes["v"] == ("m",)


def test_the_usual_lstm(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(LSTM)
    value, a = values_at(network, {"n": 2, "m": 3, "T": 4})

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    h, c, loss = a["h_0"], a["C_0"], 0.0
    for t in range(4):
        z = np.concatenate([h, a["x"][t]])
        f, i, o = (sigmoid(a[f"W_{g}"] @ z + a[f"b_{g}"]) for g in "fio")
        c = f * c + i * np.tanh(a["W_C"] @ z + a["b_C"])
        h = o * np.tanh(c)
        loss += 0.5 * np.sum((h - a["y"][t]) ** 2)
    assert np.isclose(value, loss)
    assert sum(equation.use is not None and equation.use.operator == "concat" for equation in network.equations) == 1


@pytest.mark.parametrize(
    "heads",
    [
        r"\operatorname{Concat}(\text{head}_1, \dots, \text{head}_H)",
        r"[\text{head}_1, \text{head}_2, \ldots, \text{head}_H]",
    ],
)
def test_heads_side_by_side(heads: str, read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(HEADS % heads)
    value, a = values_at(network, {"n": 2, "d": 3, "k": 2, "H": 3})
    found = []
    for q, k, v in zip(a["W_Q"], a["W_K"], a["W_V"], strict=True):
        s = a["X"] @ q @ (a["X"] @ k).T / np.sqrt(2)
        e = np.exp(s)
        found.append(e / e.sum(axis=1, keepdims=True) @ (a["X"] @ v))
    assert np.isclose(value, np.sum((np.concatenate(found, axis=1) @ a["W_O"] - a["Y"]) ** 2))


@pytest.mark.parametrize(
    ("formula", "problem"),
    [
        (r"w^\top \begin{bmatrix} u^\top \\ v^\top \end{bmatrix}", "do not fit together"),
        (r"w^\top [u^\top, v]", "do not fit together"),
        (r"w^\top [u, A]", "cannot stand one behind the other"),
        (r"w^\top [u, v, u]", "do not fit together"),
    ],
)
def test_what_is_no_list_of_vectors_is_refused(formula: str, problem: str, read: Callable[..., Network]) -> None:
    with pytest.raises(ReadingError, match=problem):
        read(f"{DECLARED} And $A \\in \\mathbb{{R}}^{{n \\times m}}$.\n\n$$ L = {formula} $$\n")
