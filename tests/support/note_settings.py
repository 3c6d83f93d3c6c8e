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
    ("lstm_step", "One step of an LSTM"): Setting(
        {"a_f": (4,), "a_i": (4,), "a_o": (4,), "a_g": (4,), "r": (4,)},
        {
            "f": lambda e: sigmoid(e["a_f"]),
            "i": lambda e: sigmoid(e["a_i"]),
            "o": lambda e: sigmoid(e["a_o"]),
            "g": lambda e: np.tanh(e["a_g"]),
            "c": lambda e: e["f"] * e["r"] + e["i"] * e["g"],
            "h": lambda e: e["o"] * np.tanh(e["c"]),
            "L": lambda e: some_loss(e["h"]),
        },
        numbers={"m": 4},
    ),
    ("gru_step", "One step of a gated recurrent unit"): Setting(
        {"x": (3,), "s": (4,), **dict.fromkeys("WVA", (4, 3)), **dict.fromkeys("URB", (4, 4))},
        {
            "a": lambda e: np.dot(e["W"], e["x"]) + np.dot(e["U"], e["s"]),
            "z": lambda e: sigmoid(e["a"]),
            "b": lambda e: np.dot(e["V"], e["x"]) + np.dot(e["R"], e["s"]),
            "r": lambda e: sigmoid(e["b"]),
            "q": lambda e: np.dot(e["A"], e["x"]) + np.dot(e["B"], e["r"] * e["s"]),
            "n": lambda e: np.tanh(e["q"]),
            "h": lambda e: (1 - e["z"]) * e["n"] + e["z"] * e["s"],
            "L": lambda e: some_loss(e["h"]),
        },
        numbers={"m": 4, "k": 3},
    ),
    ("convolution", "A convolution by hand"): Setting(
        {"x": (6,), "w": (3,), "b": (), "t": (4,)},
        {
            "y": lambda e: sum(e["w"][p] * e["x"][p : p + 4] for p in range(3)) + e["b"],
            "L": lambda e: np.sum((e["y"] - e["t"]) ** 2) / 2,
        },
        numbers={"m": 4, "q": 3},
        letters={"p": 3},
    ),
    ("dropout", "Dropout and a residual block"): Setting(
        {"x": (3,), "m": (3,), "q": (), "W": (4, 3), "a": (4,), "V": (3, 4), "c": (3,)},
        {
            "u": lambda e: e["m"] * e["x"] / e["q"],
            "z": lambda e: np.dot(e["W"], e["u"]) + e["a"],
            "h": lambda e: np.tanh(e["z"]),
            "y": lambda e: e["x"] + np.dot(e["V"], e["h"]) + e["c"],
            "L": lambda e: some_loss(e["y"]),
        },
        numbers={"n": 3, "k": 4},
        positive=("q",),
    ),
    ("rms_norm", "Root mean square normalisation"): Setting(
        {"x": (3,), "gamma": (3,), "epsilon": ()},
        {
            "v": lambda e: np.mean(e["x"] ** 2),
            "s": lambda e: np.sqrt(e["v"] + e["epsilon"]),
            "x.hat": lambda e: e["x"] / e["s"],
            "y": lambda e: e["gamma"] * e["x.hat"],
            "L": lambda e: some_loss(e["y"]),
        },
        numbers={"n": 3},
        positive=("epsilon",),
    ),
    ("divergences", "Divergences and their Hessians"): Setting(
        {"z": (3,), "t": (3,)},
        {
            "p": lambda e: KNOWN["softmax"](e["z"]),
            "D": lambda e: np.sum(e["t"] * np.log(e["t"] / e["p"])),
            "H": lambda e: -np.sum(e["p"] * np.log(e["p"])),
        },
        numbers={"n": 3},
        simplex=("t",),
    ),
    ("momentum_and_adam", "Two steps of Adam"): Setting(
        {"g_1": (), "g_2": (), "beta": (), "rho": ()},
        {
            "m_1": lambda e: (1 - e["beta"]) * e["g_1"],
            "m_2": lambda e: e["beta"] * e["m_1"] + (1 - e["beta"]) * e["g_2"],
            "v_1": lambda e: (1 - e["rho"]) * e["g_1"] ** 2,
            "v_2": lambda e: e["rho"] * e["v_1"] + (1 - e["rho"]) * e["g_2"] ** 2,
        },
        positive=("beta", "rho"),
    ),
    ("robust_losses", "Losses that large errors do not rule"): Setting(
        {"r": (), "d": ()},
        {
            "u": lambda e: 1 + e["r"] ** 2 / e["d"] ** 2,
            "ell": lambda e: e["d"] ** 2 * (np.sqrt(e["u"]) - 1),
            "k": lambda e: np.log((np.exp(e["r"]) + np.exp(-e["r"])) / 2),
            "q": lambda e: e["d"] ** 2 / 2 * np.log(e["u"]),
        },
        positive=("d",),
    ),
    ("matrix_derivatives", "Derivatives of functions of matrices"): Setting(
        {"A": (4, 3), "X": (3, 2), "B": (2, 4), "u": (3,), "b": (4,), "M": (3, 3), "S": (3, 3), "C": (3, 3)},
        {
            "f": lambda e: np.trace(np.dot(np.dot(e["A"], e["X"]), e["B"])),
            "r": lambda e: np.dot(e["A"], e["u"]) - e["b"],
            "s": lambda e: np.sum(e["r"] ** 2),
            "q": lambda e: np.dot(e["u"], np.dot(e["M"], e["u"])),
            "k": lambda e: np.dot(e["u"], np.dot(e["C"], e["u"])),
            "g": lambda e: np.linalg.slogdet(e["S"])[1],
            "h": lambda e: np.dot(e["u"], np.dot(np.linalg.inv(e["S"]), e["u"])),
            "rho": lambda e: np.sqrt(np.sum(e["X"] ** 2)),
            "ell": lambda e: np.log(np.sum(np.exp(e["u"]))),
        },
        numbers={"m": 4, "n": 3, "p": 2},
        symmetric=("C",),
    ),
}  # fmt: skip
"""By note and top heading."""
