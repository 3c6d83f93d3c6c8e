"""Second derivatives: closed forms, symmetry, and agreement with differences of the gradient."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hard_networks import HARD_NETWORKS
from networks import NETWORKS, logistic_regression, softmax_regression, two_layer_perceptron

from symnn.derive import derive, hessian, second_order
from symnn.derive.derivation import tangent_tensor
from symnn.derive.hessian import symmetric_in_value
from symnn.formula.evaluate import ball, evaluate, positions, precision
from symnn.formula.nodes import Delta, Total
from symnn.formula.normal import Normalizer
from symnn.network.arrays import sqrt, tensor, total
from symnn.network.build import Draft
from symnn.network.equations import Network
from symnn.network.values import changed_leaf, random_leaves, with_definitions

STEP = Fraction(1, 10**20)


def test_hessian_of_logistic_regression() -> None:
    network = logistic_regression()
    block = hessian(derive(network), network.tensor("w"), network.tensor("w"))
    assert str(block.formula) == "total(k, (1 - s[k])*s[k]*X[k, i]*X[k, j])/N"
    assert symmetric_in_value(block, 1)


def test_hessian_of_softmax_with_cross_entropy_is_diag_p_minus_p_p() -> None:
    network = softmax_regression()
    network = network.with_(parameters=(network.tensor("z"),))
    block = hessian(derive(network), network.tensor("z"), network.tensor("z"))
    assert str(block.formula) == "(delta(i - j) - p[j])*p[i]"
    assert symmetric_in_value(block, 1)


def test_tangents_of_softmax_are_in_its_own_names() -> None:
    second = second_order(derive(softmax_regression()))
    found = {t.tensor.name: t.formula for t in second.tangents}
    assert str(found["˙p"]) == "(˙z[i] - total(j, p[j]*˙z[j]))*p[i]"
    assert found["˙p"].has(Total)


def gradient(network: Network, leaves: object, name: str) -> list[object]:
    derivation = derive(network)
    everything = with_definitions(leaves, (*network.equations, *derivation.adjoints))  # type: ignore[arg-type]
    adjoint = derivation.adjoint(name)
    shape = everything.shape(adjoint.of)
    return [
        evaluate(adjoint.formula, everything, dict(zip(adjoint.indices, position, strict=True)))
        for position in positions(shape)
    ]


SMALL = {"T": 3, "n": 2, "d": 2, "o": 1}


@pytest.mark.parametrize(
    "name",
    ["two-layer perceptron", "softmax regression", "custom neurons", "logistic regression", "Elman", "LSTM", "GRU"],
)
def test_hessian_vector_products_agree_with_differences_of_the_gradient(name: str) -> None:
    network = {**NETWORKS, **HARD_NETWORKS}[name]()
    derivation = derive(network)
    second = second_order(derivation)
    generator = random.Random(3)
    sizes = {d: SMALL[str(d)] if name in HARD_NETWORKS else 2 + n for n, d in enumerate(network.dimensions)}
    with precision(256):
        leaves = random_leaves(network, sizes, generator)
        direction = {
            p: {q: Fraction(generator.randint(-9, 9), 7) for q in positions(leaves.shape(p))}
            for p in network.parameters
        }
        everything = with_definitions(
            leaves.__class__(
                leaves.dimensions,
                {**leaves.values, **{tangent_tensor(p): direction[p] for p in network.parameters}},
                leaves.scalars,
            ),
            (*network.equations, *derivation.adjoints, *second.tangents),
        )
        above = below = leaves
        for parameter, moves in direction.items():
            for position, move in moves.items():
                above = changed_leaf(above, parameter, position, STEP * move)
                below = changed_leaf(below, parameter, position, -STEP * move)
        for parameter in network.parameters:
            product = second.product(parameter)
            derived = [
                evaluate(product.formula, everything, dict(zip(product.indices, position, strict=True)))
                for position in positions(leaves.shape(parameter))
            ]
            numeric = [
                (a - b) / (2 * ball(STEP))
                for a, b in zip(
                    gradient(network, above, parameter.name), gradient(network, below, parameter.name), strict=True
                )
            ]
            for left, right in zip(derived, numeric, strict=True):
                assert abs(float(left - right)) <= 1e-25 * (1 + abs(float(left)))


def test_hessian_of_a_two_layer_perceptron_is_symmetric_on_its_diagonal() -> None:
    network = two_layer_perceptron()
    block = hessian(derive(network), network.tensor("W_2"), network.tensor("W_2"))
    assert symmetric_in_value(block, 1)


def test_a_gradient_in_terms_of_the_loss_moves_with_the_loss() -> None:
    draft = Draft()
    draft.define("L", sqrt(total(tensor("x", "n") ** 2)))
    network = draft.network()
    x, length = network.tensor("x"), network.loss.entry()
    block = hessian(derive(network), x, x)
    i, j = block.indices
    assert Normalizer().equal(block.formula, Delta(i, j) / length - x[i] * x[j] / length**3)
