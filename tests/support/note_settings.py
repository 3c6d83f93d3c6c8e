"""What the names of the hand derivations are, written down a second time, as NumPy."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from second_reading import KNOWN, Setting

sigmoid = KNOWN["sigma"]


def some_loss(value: Any) -> Any:
    """A loss of which a note says nothing but that it depends on this value."""
    places = np.arange(1.0, np.size(value) + 1).reshape(np.shape(value))
    return np.sum(np.sin(places) * value + np.cos(value + places / 3))


def unrolled(e: Any) -> Any:
    """What goes into the states of the Elman network, and the states, one row for each step."""
    state = np.zeros(np.shape(e["U"])[0])
    inner, states = [], []
    for step in range(np.shape(e["x"])[0]):
        before = np.dot(e["W"], e["x"][step]) + np.dot(e["U"], state) + e["b"]
        before = before + (e["+a"][step] if "+a" in e else 0)
        state = np.tanh(before) + (e["+h"][step] if "+h" in e else 0)
        inner.append(before)
        states.append(state)
    return np.stack(inner), np.stack(states)


def standardised(e: Any) -> Any:
    """A batch with every feature at mean zero and variance one."""
    return (e["X"] - e["mu"]) / np.sqrt(e["v"] + e["epsilon"])


SETTINGS: dict[tuple[str, str], Setting] = {
    ("sigmoid", "The sigmoid and its relatives"): Setting(
        {"x": ()},
        functions={"s": lambda x: np.log(1 + np.exp(x)), "w": lambda x: x * sigmoid(x)},
    ),
    ("softmax_cross_entropy", "Softmax and cross-entropy"): Setting(
        {"W": (3, 4), "x": (4,), "b": (3,), "t": (3,)},
        {
            "z": lambda e: np.dot(e["W"], e["x"]) + e["b"],
            "p": lambda e: KNOWN["softmax"](e["z"]),
            "L": lambda e: -np.sum(e["t"] * np.log(e["p"])),
        },
        numbers={"K": 3, "n": 4},
        simplex=("t",),
    ),
    ("two_layer_perceptron", "A perceptron with two layers"): Setting(
        {"x": (3,), "t": (2,), "W_1": (4, 3), "b_1": (4,), "W_2": (2, 4), "b_2": (2,)},
        {
            "z_1": lambda e: np.dot(e["W_1"], e["x"]) + e["b_1"],
            "h": lambda e: np.tanh(e["z_1"]),
            "z_2": lambda e: np.dot(e["W_2"], e["h"]) + e["b_2"],
            "y": lambda e: sigmoid(e["z_2"]),
            "L": lambda e: np.sum((e["y"] - e["t"]) ** 2) / 2,
        },
        numbers={"n": 3, "m": 4, "k": 2},
    ),
    ("logistic_regression", "Logistic regression and its Hessian"): Setting(
        {"x": (3,), "y": (), "w": (3,)},
        {
            "a": lambda e: np.dot(e["w"], e["x"]),
            "s": lambda e: sigmoid(e["a"]),
            "ell": lambda e: -e["y"] * np.log(e["s"]) - (1 - e["y"]) * np.log(1 - e["s"]),
        },
        numbers={"d": 3},
        positive=("y",),
    ),
    ("logistic_regression", "All samples at once"): Setting(
        {"X": (4, 3), "y": (4,), "w": (3,), "lambda": ()},
        {
            "x": lambda e: e["X"],
            "p": lambda e: sigmoid(np.dot(e["X"], e["w"])),
            "J": lambda e: -np.sum(e["y"] * np.log(e["p"]) + (1 - e["y"]) * np.log(1 - e["p"])) + e["lambda"] / 2 * np.dot(e["w"], e["w"]),
        },
        numbers={"N": 4, "d": 3},
        positive=("y", "lambda"),
    ),
    ("layer_norm", "Layer normalisation"): Setting(
        {"x": (3,), "gamma": (3,), "beta": (3,), "epsilon": ()},
        {
            "mu": lambda e: np.mean(e["x"]),
            "v": lambda e: np.mean((e["x"] - e["mu"]) ** 2),
            "s": lambda e: np.sqrt(e["v"] + e["epsilon"]),
            "x.hat": lambda e: (e["x"] - e["mu"]) / e["s"],
            "y": lambda e: e["gamma"] * e["x.hat"] + e["beta"],
            "L": lambda e: some_loss(e["y"]),
        },
        numbers={"n": 3},
        positive=("epsilon",),
    ),
    ("batch_norm", "Batch normalisation in training"): Setting(
        {"X": (4, 3), "gamma": (3,), "beta": (3,), "epsilon": ()},
        {
            "mu": lambda e: np.mean(e["X"], axis=0),
            "v": lambda e: np.mean((e["X"] - e["mu"]) ** 2, axis=0),
            "X.hat": standardised,
            "Y": lambda e: e["gamma"] * e["X.hat"] + e["beta"],
            "L": lambda e: some_loss(e["Y"]),
        },
        numbers={"N": 4, "d": 3},
        positive=("epsilon",),
    ),
    ("attention", "Scaled dot-product attention"): Setting(
        {"Q": (3, 2), "K": (4, 2), "V": (4, 5)},
        {
            "S": lambda e: np.dot(e["Q"], e["K"].T) / np.sqrt(2.0),
            "P": lambda e: np.exp(e["S"]) / np.sum(np.exp(e["S"]), axis=1, keepdims=True),
            "O": lambda e: np.dot(e["P"], e["V"]),
            "L": lambda e: some_loss(e["O"]),
        },
        numbers={"n": 3, "m": 4, "d": 2, "k": 5},
    ),
    ("elman", "Backpropagation through time in an Elman network"): Setting(
        {"x": (4, 3), "d": (4, 2), "W": (5, 3), "U": (5, 5), "b": (5,), "V": (2, 5), "c": (2,)},
        {
            "a": lambda e: unrolled(e)[0],
            "h": lambda e: unrolled(e)[1],
            "y": lambda e: np.dot(e["h"], e["V"].T) + e["c"],
            "L": lambda e: np.sum((e["y"] - e["d"]) ** 2) / 2,
        },
        numbers={"T": 4, "n": 3, "m": 5, "k": 2},
        steps=("a", "h"),
    ),
}  # fmt: skip
"""By note and top heading."""
