"""Derived gradients: their textbook forms, their values, what is reused and what must be kept."""

from __future__ import annotations

import pytest
from networks import (
    NETWORKS,
    custom_neurons,
    logistic_regression,
    nested_function,
    softmax_regression,
    tanh_perceptron,
    two_layer_perceptron,
    two_weight_chain,
)

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import check_derivation
from symnn.derive import Derivation, DeriveError, derive
from symnn.formula.nodes import Total
from symnn.network.batch import batched
from symnn.network.equations import Network


def shown(derivation: Derivation) -> dict[str, str]:
    return {a.of.name: str(a.formula) for a in derivation.adjoints}


def test_two_layer_perceptron_has_the_six_results() -> None:
    assert shown(derive(two_layer_perceptron())) == {
        "yhat": "-y + yhat",
        "a_2": "(1 - yhat)*yhat*∂yhat",
        "h_1": "∂a_2*W_2[i]",
        "b_2": "∂a_2",
        "W_2": "∂a_2*h_1[i]",
        "a_1": "[a_1[i] > 0]*∂h_1[i]",
        "b_1": "∂a_1[i]",
        "W_1": "x[j]*∂a_1[i]",
    }


def test_softmax_and_cross_entropy_end_in_p_minus_t_only_with_the_fact() -> None:
    with_fact = derive(softmax_regression()).adjoint("z")
    assert str(with_fact.formula) == "p[i] - t[i]"
    assert with_fact.steps[-1].rule == "fact"
    assert with_fact.fused == ("p",)
    without = derive(softmax_regression(with_fact=False)).adjoint("z")
    assert without.formula.has(Total)
    assert str(without.formula) == "p[i]*total(j, t[j]) - t[i]"


def test_sigmoid_and_binary_cross_entropy_fuse() -> None:
    derivation = derive(logistic_regression())
    assert str(derivation.adjoint("z").formula) == "(s[i] - y[i])/N"
    assert derivation.adjoint("z").fused == ("s",)
    assert [a.of.name for a in derivation.live()] == ["z", "w"]


def test_forward_must_keep_what_the_gradients_mention() -> None:
    kept = derive(two_layer_perceptron()).kept()
    assert kept["x"] == ("W_1",)
    assert kept["h_1"] == ("W_2",)
    assert kept["a_1"] == ("a_1",)
    assert "b_1" not in kept


def test_reuse_is_known() -> None:
    derivation = derive(two_layer_perceptron())
    assert [a.of.name for a in derivation.readers(derivation.adjoint("a_2"))] == ["W_2", "b_2", "h_1"]


def test_chain_of_two_weights() -> None:
    assert shown(derive(two_weight_chain())) == {
        "z": "d - z",
        "p_2": "(1 - z)*z*∂z",
        "y": "w_2*∂p_2",
        "w_2": "y*∂p_2",
        "p_1": "(1 - y)*y*∂y",
        "w_1": "x*∂p_1",
    }


def test_both_paths_of_the_nested_function_are_summed() -> None:
    assert shown(derive(nested_function()))["x_2"] == "6*x_2*∂v + ∂u"


def test_custom_neurons_at_the_known_numbers() -> None:
    from symnn.formula.evaluate import Assignment, evaluate
    from symnn.network.values import with_definitions

    network = custom_neurons()
    derivation = derive(network)
    numbers = {"x1": 3, "x2": 2, "y_true": 24, "w1": 1, "w2": 2, "w3": 1, "w4": 1, "w5": 0}
    leaves = Assignment({}, {network.tensor(name): {(): value} for name, value in numbers.items()})
    everything = with_definitions(leaves, (*network.equations, *derivation.adjoints))
    found = {n: float(evaluate(a.formula, everything)) for n, a in derivation.gradients.items()}
    assert found == {"w5": 26, "w4": 312, "w3": 650, "w2": 156, "w1": 520}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_differences(name: str, batch: bool, seed: int) -> None:
    network: Network = NETWORKS[name]()
    if batch:
        if not network.inputs:
            pytest.skip("no data, so no batch")
        network = batched(network)
    report = check_network_gradients(network, seed=seed, code=False)
    assert report.passed, str(report)
    assert max(row.formula for row in report.rows) < 1e-30


def test_a_parameter_that_does_nothing_is_an_error() -> None:
    draft_network = two_layer_perceptron()
    other = draft_network.tensor("y").func("unused", ())
    with pytest.raises(DeriveError, match="does not depend on unused"):
        derive(draft_network, wrt=(other,))


@pytest.mark.parametrize("layers", [1, 5])
def test_deep_networks_replay(layers: int) -> None:
    assert check_derivation(derive(tanh_perceptron(layers))) == 2 * (4 * layers)
