"""Every definition and every adjoint of real networks, printed and read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sympy
from hard_networks import HARD_NETWORKS, attention
from networks import NETWORKS, custom_neurons, logistic_regression, softmax_regression, two_layer_perceptron
from readback import Check

from symnn.declare import registry
from symnn.derive import derive
from symnn.derive.lemmas import operator_lemma
from symnn.network.arrays import mean, sqrt, tensor, total
from symnn.network.batch import batched
from symnn.network.build import Draft
from symnn.network.equations import Network
from symnn.notation.to_latex import to_latex
from symnn.notes.read import network_from_note
from symnn.write.notate import Names, equation_form, matrix_form


def layer_norm() -> Network:
    x, t = tensor("x", "n"), tensor("t", "n")
    draft = Draft()
    mu = draft.define("mu", mean(x))
    sigma = draft.define("sigma", sqrt(mean((x - mu) ** 2) + sympy.Symbol("epsilon", positive=True)))
    xhat = draft.define("xhat", (x - mu) / sigma)
    y = draft.define("y", tensor("gamma", "n") * xhat + tensor("beta", "n"))
    draft.define("L", total((y - t) ** 2))
    return draft.network(targets=["t"], wrt=["x", "gamma", "beta"])


def _has_data(network: Network) -> bool:
    return bool(network.inputs) and bool(network.targets) and network.loss.rank == 0


def row_weights() -> Network:
    """The worked example with a weight matrix of one row, as notes write it."""
    draft = Draft()
    h = draft.define("h", find("relu")(tensor("W_1", "m n") @ tensor("x", "n")))
    a = draft.define("a", tensor("W_2", "1 m") @ h + tensor("b", "1"))
    draft.define("L", total((find("sigmoid")(a) - tensor("y", "1")) ** 2))
    return draft.network(inputs=["x"], targets=["y"])


def find(name: str) -> Any:
    operator = registry.find(name)
    assert operator is not None
    return operator


MADE: dict[str, Callable[[], Network]] = {
    **NETWORKS,
    **{f"hard: {name}": make for name, make in HARD_NETWORKS.items()},
    **{f"batched: {name}": lambda make=make: batched(make()) for name, make in NETWORKS.items() if _has_data(make())},
    "summed over a batch": lambda: batched(softmax_regression(), "sum"),
    "layer norm": layer_norm,
    "row of weights": row_weights,
}


NOTES = Path(__file__).parents[3] / "derivations" / "notes"
RECURRENT = ("elman", "lstm", "gru", "deep_perceptron", "attention", "transformer_block")


@pytest.mark.parametrize("name", [*MADE, *RECURRENT])
def test_networks_read_back(name: str) -> None:
    network = MADE[name]() if name in MADE else network_from_note(NOTES / f"{name}.md")
    check = Check(Names.of_network(network), network.dimensions, [t.shape for t in network.all_tensors])
    for equation in network.equations:
        check.equation(equation.tensor, equation.indices, equation.formula)
    for adjoint in derive(network).adjoints:
        check.equation(adjoint.tensor, adjoint.indices, adjoint.formula)


@pytest.mark.parametrize("operator", registry.all(), ids=lambda o: o.name)
def test_operators_read_back(operator: Any) -> None:
    names = Names.of_operator(operator)
    definition = operator.definition
    shapes = [t.shape for t in (*definition.parameters, *(step.tensor for step in definition.steps))]
    sizes = {s for shape in shapes for d in shape for s in d.free_symbols}
    check = Check(names, sizes | {c.symbol for c in operator.constants if c.whole}, shapes)
    for step in definition.steps:
        check.equation(step.tensor, step.indices, step.formula)
    if not operator.is_elementwise:
        for place in range(len(definition.parameters)):
            lemma = operator_lemma(definition, place)
            check.equation(lemma.parameter, lemma.indices, lemma.formula)


def adjoints_of(network: Network) -> dict[str, str]:
    names = Names.of_network(network)
    found = {}
    for adjoint in derive(network).adjoints:
        written = equation_form(adjoint.tensor, adjoint.indices, adjoint.formula, names)
        found[to_latex(written.left)] = to_latex(written.right)
    return found


def by(name: str, loss: str = "L") -> str:
    return rf"\frac{{\partial {loss}}}{{\partial {name}}}"


def test_the_six_results_of_the_worked_example() -> None:
    assert adjoints_of(two_layer_perceptron()) == {
        by(r"\hat{y}"): r"\hat{y} - y",
        by("a_{2}"): by(r"\hat{y}") + r" \cdot \hat{y}(1 - \hat{y})",
        by("W_{2}"): by("a_{2}") + r" \cdot h_{1}",
        by("b_{2}"): by("a_{2}"),
        by("h_{1}"): by("a_{2}") + r" \cdot W_{2}",
        by("a_{1}"): by("h_{1}") + r" \odot [a_{1} > 0]",
        by("W_{1}"): by("a_{1}") + r" x^{\top}",
        by("b_{1}"): by("a_{1}"),
    }


def test_common_numbers_are_taken_out() -> None:
    error = by(r"y_{\mathrm{pred}}", r"\mathrm{Error}")
    assert adjoints_of(custom_neurons())[error] == r"2 (y_{\mathrm{pred}} - y_{\mathrm{true}})"


def test_batches_are_matrices_with_samples_as_rows() -> None:
    found = adjoints_of(batched(two_layer_perceptron()))
    assert found[by("W_{1}", r"\bar{L}")] == r"\left( " + by("a_{1}", r"\bar{L}") + r" \right)^{\top} x"
    assert adjoints_of(logistic_regression())[by("w")] == r"X^{\top} " + by("z")


def test_attention_in_matrix_form() -> None:
    found = adjoints_of(attention())
    assert found[by("V")] == r"P^{\top} " + by("O")
    assert found[by("K")] == r"\frac{1}{\sqrt{d}} \left( " + by("S") + r" \right)^{\top} Q"


def test_softmax_lemma() -> None:
    lemma = operator_lemma(find("softmax").definition, 0)
    node = matrix_form(lemma.formula, lemma.indices, Names.of_operator(find("softmax")))
    assert to_latex(node) == r"y \odot (g - (g^{\top} y) \mathbf{1})"
