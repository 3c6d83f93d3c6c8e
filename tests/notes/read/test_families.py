"""Families of arrays: steps of time, layers and heads, in matrix and in index notation, against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnn.network.equations import Network
from symnn.notes.read import ReadingError

Arrays = dict[str, np.ndarray[Any, Any]]

LSTM = r"""
$$ f_{t,i} = \sigma(\sum_k W^f_{ik} x_{t,k} + \sum_j U^f_{ij} h_{t-1,j} + b^f_i), \quad t = 1, \dots, T $$
$$ o_{t,i} = \sigma(\sum_k W^o_{ik} x_{t,k} + \sum_j U^o_{ij} h_{t-1,j} + b^o_i) $$
$$ g_{t,i} = \tanh(\sum_k W^g_{ik} x_{t,k} + \sum_j U^g_{ij} h_{t-1,j} + b^g_i) $$
$$ c_{t,i} = f_{t,i} c_{t-1,i} + (1 - f_{t,i}) g_{t,i} $$
$$ h_{t,i} = o_{t,i} \tanh(c_{t,i}), \qquad h_0 = c_0 = 0 $$
$$ L = \frac12 \sum_{t=1}^{T} \sum_i (h_{t,i} - y_{t,i})^2 $$
"""
HEADS = r"""
Let $X \in \mathbb{R}^{n \times d}$.
$$ Q_h = X W^Q_h, \quad K_h = X W^K_h, \quad V_h = X W^V_h, \quad h = 1, \dots, H $$
$$ P_h = \operatorname{softmax}(Q_h K_h^\top / \sqrt{d}) $$
$$ O = \sum_{h=1}^{H} P_h V_h W^O_h $$
$$ L = \frac12 \lVert O - Y \rVert_F^2 $$
"""
HEADS_BY_OPERATOR = r"""
Let $X \in \mathbb{R}^{n \times d}$ and $W^Q_h, W^K_h \in \mathbb{R}^{d \times d}$ for $h = 1, \dots, H$.
$$ Z_h = \operatorname{Attention}(X W^Q_h, X W^K_h, X W^V_h), \quad h = 1, \dots, H $$
$$ O = \sum_{h=1}^{H} Z_h W^O_h $$
$$ L = \frac12 \lVert O - Y \rVert_F^2 $$
"""
BATCHED = r"""
Let $Q \in \mathbb{R}^{B \times H \times n \times d}$, $K \in \mathbb{R}^{B \times H \times m \times d}$,
$V \in \mathbb{R}^{B \times H \times m \times e}$ and $M \in \mathbb{R}^{n \times m}$.
$$ P = \operatorname{softmax}(Q K^\top / \sqrt{d} + M), \qquad O = P V $$
$$ L = \frac12 \sum (O - Y)^2 $$
"""
CAUSAL = r"""
Let $X \in \mathbb{R}^{n \times d}$ and $W_V \in \mathbb{R}^{d \times e}$.
$$ M_{ij} = \begin{cases} 0 & \text{if } i \ge j \\ -10^9 & \text{if } i < j \end{cases} $$
$$ P = \operatorname{softmax}(X X^\top + M), \qquad O = P X W_V $$
$$ L = \frac12 \lVert O - Y \rVert_F^2 $$
"""
BLOCK = r"""
Let $X \in \mathbb{R}^{n \times d}$.
$$ B = \operatorname{LayerNorm}(X, \gamma, \beta) $$
$$ F = \operatorname{ReLU}(B W_1 + b_1) $$
$$ Z = X + F W_2 + b_2 $$
$$ L = \frac12 \lVert Z - Y \rVert_F^2 $$
"""


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(s: Any) -> Any:
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lstm(v: Arrays) -> Any:
    h = c = np.zeros_like(v["y"][0])
    loss = 0.0
    for x, y in zip(v["x"], v["y"], strict=True):
        a = {g: v[f"W_{g}"] @ x + v[f"U_{g}"] @ h + v[f"b_{g}"] for g in "fog"}
        f = sigmoid(a["f"])
        c = f * c + (1 - f) * np.tanh(a["g"])
        h = sigmoid(a["o"]) * np.tanh(c)
        loss += ((h - y) ** 2).sum() / 2
    return loss


def heads(v: Arrays) -> Any:
    x = v["X"]
    out = 0.0
    for q, k, w, o in zip(v["W_Q"], v["W_K"], v["W_V"], v["W_O"], strict=True):
        out = out + softmax((x @ q) @ (x @ k).T / np.sqrt(x.shape[1])) @ (x @ w) @ o
    return ((out - v["Y"]) ** 2).sum() / 2


def batched(v: Arrays) -> Any:
    p = softmax(v["Q"] @ v["K"].swapaxes(-1, -2) / np.sqrt(v["Q"].shape[-1]) + v["M"])
    return ((p @ v["V"] - v["Y"]) ** 2).sum() / 2


def causal(v: Arrays) -> Any:
    x = v["X"]
    mask = np.where(np.tri(len(x)) > 0, 0.0, -1e9)
    return ((softmax(x @ x.T + mask) @ x @ v["W_V"] - v["Y"]) ** 2).sum() / 2


def block(v: Arrays) -> Any:
    x = v["X"]
    centred = x - x.mean(-1, keepdims=True)
    b = v["gamma"] * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + v["eps"]) + v["beta"]
    z = x + np.maximum(0, b @ v["W_1"] + v["b_1"]) @ v["W_2"] + v["b_2"]
    return ((z - v["Y"]) ** 2).sum() / 2


@pytest.mark.parametrize(
    ("text", "plain"),
    [(LSTM, lstm), (HEADS, heads), (HEADS_BY_OPERATOR, heads), (BATCHED, batched), (CAUSAL, causal), (BLOCK, block)],
    ids=["gates with letters above", "heads", "heads by operator", "batch of heads", "causal mask", "learned rows"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_values_agree_with_numpy(
    text: str, plain: Any, seed: int, read: Callable[..., Network], values_at: Callable[..., Any]
) -> None:
    loss, values = values_at(read(text), {"T": 3, "H": 2}, seed)
    assert loss == pytest.approx(float(plain(values)), rel=1e-9)


def test_learned_rows_serve_every_row(read: Callable[..., Network]) -> None:
    assert [t.shape for t in read(BLOCK).parameters if t.name in ("gamma", "beta")] == [
        read(BLOCK).tensor("X").shape[1:]
    ] * 2


def test_a_target_has_the_shape_of_what_it_is_compared_with(read: Callable[..., Network]) -> None:
    network = read(BATCHED)
    assert network.tensor("Y").shape == network.tensor("O").shape


def test_a_place_is_compared_with_a_place_only(read: Callable[..., Network]) -> None:
    text = (
        r"$$ m_i = \begin{cases} 0 & \text{if } i \ge 2 \\ 1 & \text{if } i < 2 \end{cases} $$ $$ L = \sum_i m_i x_i $$"
    )
    with pytest.raises(ReadingError, match="the index i is used as a number"):
        read(text)
