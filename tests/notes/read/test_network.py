"""Whole notes: the networks that they define, their roles and shapes, and their values against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from timing import grows_linearly

from symnn.network.equations import Network
from symnn.notation.tree import Name, Number, Script
from symnn.notes.read import network_from_note

Arrays = dict[str, np.ndarray[Any, Any]]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def softmax(z: Any) -> Any:
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def perceptron(v: Arrays) -> Any:
    h = np.maximum(0, v["W_1"] @ v["x"] + v["b_1"])
    return (sigmoid((v["W_2"] @ h)[0] + v["b_2"]) - v["y"]) ** 2 / 2


def logistic_batch(v: Arrays) -> Any:
    s = sigmoid(v["X"] @ v["w"] + v["b"])
    return -np.mean(v["y"] * np.log(s) + (1 - v["y"]) * np.log(1 - s))


def logistic_sample(v: Arrays) -> Any:
    p = sigmoid(v["w"] @ v["x"] + v["b"])
    return -v["y"] * np.log(p) - (1 - v["y"]) * np.log(1 - p)


def softmax_regression(v: Arrays) -> Any:
    return -v["t"] @ np.log(softmax(v["W"] @ v["x"] + v["b"]))


def xor(v: Arrays) -> Any:
    n_1 = sigmoid(v["x_1"] * v["w_11"] + v["x_2"] * v["w_21"] + v["b_1"])
    n_2 = sigmoid(v["x_1"] * v["w_12"] + v["x_2"] * v["w_22"] + v["b_2"])
    return (sigmoid(n_1 * v["w_31"] + n_2 * v["w_32"] + v["b_3"]) - v["y"]) ** 2


def neurons(v: Arrays) -> Any:
    h1, h2 = (v["x1"] + v["w1"] * v["x2"]) ** 2, v["w2"] * v["x1"] * v["x2"]
    return (v["y_true"] - (v["w3"] * h1 + v["w4"] * h2 + v["w5"])) ** 2


def chain(v: Arrays) -> Any:
    return -((v["d"] - sigmoid(v["w_2"] * sigmoid(v["w_1"] * v["x"]))) ** 2) / 2


def nested(v: Arrays) -> Any:
    return ((2 * v["x_1"] + v["x_2"]) ** 2 + 3 * v["x_2"] ** 2) ** 3


def index_notation(v: Arrays) -> Any:
    return np.sum((np.tanh(v["W"] @ v["x"] + v["b"]) - v["t"]) ** 2) / 2


def convolution(v: Arrays) -> Any:
    x, w, t = v["x"], v["w"], v["t"]
    y = np.zeros_like(t)
    for o in range(y.shape[0]):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                y[o, i, j] = np.sum(w[o] * x[:, i : i + w.shape[2], j : j + w.shape[3]]) + v["b"][o]
    return np.sum((y - t) ** 2) / 2


def elman(v: Arrays) -> Any:
    h, loss = v["h_0"], 0.0
    for x, y in zip(v["x"], v["y"], strict=True):
        h = np.tanh(v["W"] @ x + v["U"] @ h + v["b"])
        loss += np.sum((v["V"] @ h - y) ** 2) / 2
    return loss


def lstm(v: Arrays) -> Any:
    h = c = np.zeros(v["b_f"].shape)
    loss = 0.0
    for x, y in zip(v["x"], v["y"], strict=True):
        a = {g: v[f"W_{g}"] @ x + v[f"U_{g}"] @ h + v[f"b_{g}"] for g in "fiog"}
        c = sigmoid(a["f"]) * c + sigmoid(a["i"]) * np.tanh(a["g"])
        h = sigmoid(a["o"]) * np.tanh(c)
        loss += np.sum((h - y) ** 2) / 2
    return loss


def layers(v: Arrays) -> Any:
    a = v["x"]
    for w, b in zip(v["W"], v["b"], strict=True):
        a = sigmoid(w @ a + b)
    return np.sum((a - v["y"]) ** 2) / 2


def attention(v: Arrays) -> Any:
    return np.sum(softmax(v["Q"] @ v["K"].T / np.sqrt(v["Q"].shape[1])) @ v["V"] * v["G"])


def layer_norm(v: Arrays) -> Any:
    x = v["x"]
    xhat = (x - x.mean()) / np.sqrt(x.var() + v["epsilon"])
    return np.sum((v["gamma"] * xhat + v["beta"] - v["t"]) ** 2) / 2


def softmax_batch(v: Arrays) -> Any:
    return -np.sum(v["Y"] * np.log(softmax(v["X"] @ v["W"] + v["b"]))) / len(v["X"])


def matrix_of_names(v: Arrays) -> Any:
    y = np.array([[v["w_11"], v["w_12"]], [v["w_21"], v["w_22"]]]) @ v["x"]
    return y[0] ** 2 + 3 * y[1]


def numbered(v: Arrays) -> Any:
    return np.sum((sigmoid(v["W_1"].T @ v["x"] + v["B_1"]) - v["t"]) ** 2)


def own_functions(v: Arrays) -> Any:
    yhat = (v["w_1"] * v["x"]) ** 2 + 1 - 3 * (v["w_2"] * v["x"] + v["w_3"])
    return (v["y"] - yhat) ** 2


@dataclass(frozen=True)
class Case:
    """What a note must become; shapes are written as in ``"m n"``."""

    loss: Callable[[Arrays], Any]
    name: str
    inputs: dict[str, str]
    targets: dict[str, str]
    parameters: dict[str, str]
    defined: tuple[str, ...]
    sizes: tuple[dict[str, int], ...] = ({},)
    facts: tuple[str, ...] = ()
    values: dict[str, str] = field(default_factory=dict)


def scalars(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "")


CASES: dict[str, Case] = {
    "perceptron_ko": Case(
        perceptron, "L", {"x": "n"}, {"y": ""}, {"W_1": "m n", "b_1": "m", "W_2": "1 m", "b_2": ""},
        ("a_1", "h_1", "a_2", "yhat", "L"), ({"n": 2, "m": 3}, {"n": 4, "m": 1}),
    ),
    "logistic_batch": Case(
        logistic_batch, "L", {"X": "N d"}, {"y": "N"}, {"w": "d", "b": ""}, ("z", "s", "L"),
        ({"N": 4, "d": 2}, {"N": 1, "d": 3}), ("y is 0 or 1",),
    ),
    "logistic_sample": Case(
        logistic_sample, "L", {"x": "n"}, {"y": ""}, {"w": "n", "b": ""}, ("z", "p", "L"), ({"n": 3},),
    ),
    "softmax_regression": Case(
        softmax_regression, "L", {"x": "n"}, {"t": "K"}, {"W": "K n", "b": "K"}, ("z", "p", "L"),
        ({"K": 4, "n": 2}, {"K": 1, "n": 3}), ("sum of t over axis 0 = 1", "t is 0 or 1"),
    ),
    "xor": Case(
        xor, "E", scalars("x_1 x_2"), {"y": ""}, scalars("w_11 w_21 b_1 w_12 w_22 b_2 w_31 w_32 b_3"),
        ("n_1", "n_2", "y_out", "E"),
        values={"w_11": "-2", "w_21": "-2", "b_1": "3", "w_12": "2", "w_22": "2", "b_2": "-1",
                "w_31": "1", "w_32": "1", "b_3": "-1"},
    ),
    "neurons_plain": Case(
        neurons, "Error", scalars("x1 x2"), {"y_true": ""}, scalars("w1 w2 w3 w4 w5"), ("h1", "h2", "y_pred", "Error"),
        values={"w1": "1", "w2": "2", "w3": "1", "w4": "1", "w5": "0"},
    ),
    "chain": Case(chain, "P", {"x": ""}, {"d": ""}, scalars("w_1 w_2"), ("p_1", "y", "p_2", "z", "P")),
    "nested": Case(nested, "f", {}, {}, scalars("x_1 x_2"), ("u", "v", "f")),
    "index_notation": Case(
        index_notation, "L", {"x": "n"}, {"t": "m"}, {"W": "m n", "b": "m"}, ("a", "h", "L"), ({"n": 2, "m": 3},),
    ),
    "convolution": Case(
        convolution, "L", {"x": "C n_1 n_2"}, {"t": "O -P+n_1+1 -Q+n_2+1"}, {"w": "O C P Q", "b": "O"}, ("y", "L"),
        ({"O": 2, "C": 2, "P": 2, "Q": 3, "n_1": 4, "n_2": 3},),
    ),
    "elman": Case(
        elman, "L", {"x": "T d"}, {"y": "T m"}, {"h_0": "n", "W": "n d", "U": "n n", "b": "n", "V": "m n"},
        ("h", "yhat", "L"), ({"T": 3, "d": 2, "n": 2, "m": 1}, {"T": 1, "d": 1, "n": 2, "m": 2}),
    ),
    "lstm": Case(
        lstm, "L", {"x": "T d"}, {"y": "T n"},
        {f"{a}_{g}": s for g in "fiog" for a, s in (("W", "n d"), ("U", "n n"), ("b", "n"))},
        ("f", "i", "o", "g", "c", "h", "L"), ({"T": 3, "d": 1, "n": 2},),
    ),
    "layers": Case(
        layers, "E", {"x": "n"}, {"y": "n"}, {"W": "D n n", "b": "D n"}, ("a_0", "a", "E"), ({"D": 3, "n": 2},),
    ),
    "attention": Case(
        attention, "L", {}, {}, {"Q": "n d", "K": "m d", "V": "m e", "G": "n e"}, ("P", "O", "L"),
        ({"n": 2, "m": 3, "d": 2, "e": 1},),
    ),
    "layer_norm": Case(
        layer_norm, "L", {"x": "n"}, {"t": "n"}, {"gamma": "n", "beta": "n"}, ("mu", "sigma_2", "xhat", "y", "L"),
        ({"n": 3},), values={"epsilon": "1/100000"},
    ),
    "softmax_batch": Case(
        softmax_batch, "L", {"X": "N d"}, {"Y": "N K"}, {"W": "d K", "b": "K"}, ("P", "L"), ({"N": 2, "d": 2, "K": 3},),
    ),
    "matrices_of_names": Case(
        matrix_of_names, "L", {"x": "2"}, {}, scalars("w_11 w_12 w_21 w_22"), ("W", "y", "L"),
    ),
    "numbered": Case(
        numbered, "L", {"x": "2"}, {"t": "2"}, {"W_1": "2 2", "B_1": "2"}, ("h", "L"),
    ),
    "own_functions": Case(own_functions, "J", {"x": ""}, {"y": ""}, scalars("w_1 w_2 w_3"), ("yhat", "J")),
}  # fmt: skip


def shapes(tensors: Any) -> dict[str, str]:
    return {t.name: " ".join(str(d).replace(" ", "") for d in t.shape) for t in tensors}


@pytest.fixture(scope="module", params=sorted(CASES))
def case(request: pytest.FixtureRequest, notes: Path) -> tuple[Case, Network]:
    return CASES[request.param], network_from_note(notes / f"{request.param}.md")


def test_roles_and_shapes(case: tuple[Case, Network]) -> None:
    wanted, network = case
    assert network.loss.name == wanted.name
    assert shapes(network.inputs) == wanted.inputs
    assert shapes(network.targets) == wanted.targets
    assert shapes(network.parameters) == wanted.parameters


def test_equations_are_those_of_the_note(case: tuple[Case, Network]) -> None:
    wanted, network = case
    assert {e.name for e in network.equations if not e.hidden} == set(wanted.defined)
    assert all(e.place is None or e.place.path.endswith(".md") for e in network.equations)


def test_facts_and_numbers(case: tuple[Case, Network]) -> None:
    wanted, network = case
    assert tuple(map(str, network.facts)) == wanted.facts
    given = {name: str(value) for name, value in network.values.items() if not isinstance(value, tuple)}
    assert given == wanted.values


@pytest.mark.parametrize("seed", [1, 2])
def test_values_agree_with_numpy(case: tuple[Case, Network], seed: int, values_at: Callable[..., Any]) -> None:
    wanted, network = case
    for sizes in wanted.sizes:
        loss, values = values_at(network, sizes, seed)
        assert loss == pytest.approx(float(wanted.loss(values)), rel=1e-10)


def test_names_are_kept_as_the_author_wrote_them(notes: Path) -> None:
    names = network_from_note(notes / "perceptron_ko.md").names
    assert names["W_1"] == Script(Name("W"), Number("1"))
    assert names["yhat"] == Name("y", accents=("hat",))
    assert network_from_note(notes / "layers.md").names["W"] == Name("W")


def test_given_matrices_are_nested_tuples(notes: Path) -> None:
    network = network_from_note(notes / "numbered.md")
    assert network.values["W_1"] == ((-2, 2), (-2, 2))
    assert network.values["B_1"] == (3, -1)


def test_sections_with_their_own_symbols(notes: Path) -> None:
    first = network_from_note(notes / "sections.md", of="L")
    second = network_from_note(notes / "sections.md", of="E")
    assert "tanh" in str(first.equation(first.tensor("h")))
    assert "sigmoid" in str(second.equation(second.tensor("h")))


def test_command_line_roles_come_first(notes: Path) -> None:
    network = network_from_note(notes / "chain.md", wrt=["w_2"], inputs=["x"], targets=["d"])
    assert [t.name for t in network.parameters] == ["w_2"]
    assert [t.name for t in network.inputs] == ["x", "w_1"]
    network = network_from_note(notes / "softmax_regression.md", inputs=["x", "b"], of="L")
    assert [t.name for t in network.inputs] == ["x", "b"]
    assert [t.name for t in network.parameters] == ["W"]


def generated(layers: int) -> str:
    """A note with a perceptron of so many tanh layers, each written out."""
    lines = [r"# Deep", r"$x \in \mathbb{R}^n$, $y \in \mathbb{R}^m$"]
    before = "x"
    for n in range(1, layers + 1):
        lines.append(f"$$ a_{{{n}}} = W_{{{n}}} {before} + b_{{{n}}}, \\qquad h_{{{n}}} = \\tanh(a_{{{n}}}) $$")
        before = f"h_{{{n}}}"
    lines.append(rf"$$ L = \frac12 \| {before} - y \|^2 $$")
    return "\n\n".join(lines)


def test_thirty_two_layers(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(generated(32))
    assert len(network.equations) == 65
    assert len(network.parameters) == 64
    assert shapes(network.parameters)["W_1"].endswith(" n")
    assert shapes(network.parameters)["W_32"].startswith("m ")
    assert len({str(d) for d in network.dimensions}) == 33
    loss, v = values_at(network, {str(d): 1 for d in network.dimensions})
    h = v["x"]
    for n in range(1, 33):
        h = np.tanh(v[f"W_{n}"] @ h + v[f"b_{n}"])
    assert loss == pytest.approx(float(np.sum((h - v["y"]) ** 2) / 2), rel=1e-9)


def test_reading_is_linear_in_the_number_of_equations(read: Callable[..., Network]) -> None:
    assert grows_linearly(read, generated(32), generated(96), factor=3)


def test_seed_note(root: Path) -> None:
    seeds = sorted(root.parent.glob("shared/notes/seeds/000*"))
    if not seeds:
        pytest.skip("the shared notes are not here")
    network = network_from_note(seeds[0], of="L")
    assert [e.name for e in network.equations if not e.hidden] == ["a_1", "h_1", "a_2", "yhat", "L"]
    assert shapes(network.parameters) == {"W_1": "m n", "b_1": "m", "W_2": "1 m", "b_2": ""}
    assert not network.facts
    network = network_from_note(seeds[0], of="P")
    assert [t.name for t in network.targets] == ["d"]


@pytest.mark.parametrize("name", ["softmax_regression", "convolution", "elman", "layers", "perceptron_ko"])
def test_gradients_of_what_was_read(name: str, notes: Path) -> None:
    from symnn.check.gradients import check_network_gradients

    report = check_network_gradients(network_from_note(notes / f"{name}.md"))
    assert report.passed, str(report)
