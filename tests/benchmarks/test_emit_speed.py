"""Emitted code against the matrix products that it cannot do without, and against careful NumPy by hand.

Ratios within one run only, of processor time; absolute times are printed, not asserted.
"""

from __future__ import annotations

import numpy as np
import pytest
from hard_networks import HARD_NETWORKS
from networks import apply
from timing import imported, keeps_within

from symnn.emit import emit
from symnn.network.arrays import tensor
from symnn.network.build import Draft

BATCH, INPUTS, HIDDEN, OUTPUTS = 256, 784, 512, 10


def classifier():
    draft = Draft()
    a_1 = draft.define("a_1", tensor("W_1", "m n") @ tensor("x", "n") + tensor("b_1", "m"))
    h_1 = draft.define("h_1", apply("relu", a_1))
    a_2 = draft.define("a_2", tensor("W_2", "l m") @ h_1 + tensor("b_2", "l"))
    h_2 = draft.define("h_2", apply("tanh", a_2))
    z = draft.define("z", tensor("W_3", "k l") @ h_2 + tensor("b_3", "k"))
    p = draft.define("p", apply("softmax", z))
    draft.define("L", apply("cross_entropy", p, tensor("t", "k")))
    return draft.network(inputs=["x"], targets=["t"])


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    return imported(emit(classifier()), tmp_path_factory.mktemp("emitted") / "classifier.py")


def case(dtype=np.float32):
    rng = np.random.default_rng(0)
    shapes = {
        "W_1": (HIDDEN, INPUTS), "b_1": (HIDDEN,), "W_2": (HIDDEN, HIDDEN), "b_2": (HIDDEN,),
        "W_3": (OUTPUTS, HIDDEN), "b_3": (OUTPUTS,),
    }  # fmt: skip
    params = {n: rng.normal(0, 0.05, s).astype(dtype) for n, s in shapes.items()}
    x = rng.normal(0, 1, (BATCH, INPUTS)).astype(dtype)
    return params, x, np.eye(OUTPUTS, dtype=dtype)[rng.integers(0, OUTPUTS, BATCH)]


def by_hand(params, x, t):
    """The same step as a careful person writes it."""
    a_1 = x @ params["W_1"].T
    a_1 += params["b_1"]
    h_1 = np.maximum(a_1, 0)
    a_2 = h_1 @ params["W_2"].T
    a_2 += params["b_2"]
    h_2 = np.tanh(a_2, out=a_2)
    z = h_2 @ params["W_3"].T
    z += params["b_3"]
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    loss = -np.einsum("ij,ij->", z - np.log(total), t) / len(x)
    p /= total
    p -= t
    p /= len(x)
    d_a_2 = p @ params["W_3"]
    d_a_2 *= 1 - h_2 * h_2
    d_a_1 = d_a_2 @ params["W_2"]
    d_a_1 *= a_1 > 0
    return loss, {
        "W_1": d_a_1.T @ x, "b_1": d_a_1.sum(axis=0), "W_2": d_a_2.T @ h_1, "b_2": d_a_2.sum(axis=0),
        "W_3": p.T @ h_2, "b_3": p.sum(axis=0),
    }  # fmt: skip


def products_only(params, x, t):
    """The matrix products of one step, on arrays that are there already."""
    h_1 = x @ params["W_1"].T
    h_2 = h_1 @ params["W_2"].T
    z = h_2 @ params["W_3"].T
    d_2 = z @ params["W_3"]
    d_1 = d_2 @ params["W_2"]
    return d_1.T @ x, d_2.T @ h_1, z.T @ h_2


@pytest.mark.benchmark
def test_a_training_step_is_bound_by_its_matrix_products(module):
    params, x, t = case()
    loss, grads = module.value_and_grad(params, x, t)
    wanted, wanted_grads = by_hand(params, x, t)
    assert loss == pytest.approx(wanted, rel=1e-4)
    for name, grad in grads.items():
        assert np.allclose(grad, wanted_grads[name], rtol=1e-3, atol=1e-5)
    assert keeps_within(
        lambda: module.value_and_grad(params, x, t),
        {
            "its matrix products": (lambda: products_only(params, x, t), 1.6),
            "NumPy by hand": (lambda: by_hand(params, x, t), 1.3),
        },
    )


@pytest.mark.benchmark
def test_a_loop_over_steps_is_bound_by_its_matrix_products(tmp_path):
    """An Elman network: products with the input are taken out of the loop."""
    made = imported(emit(HARD_NETWORKS["Elman"]()), tmp_path / "elman.py")
    rng = np.random.default_rng(0)
    steps, hidden, batch = 64, 256, 64
    shapes = {"U": (hidden, hidden), "W": (hidden, hidden), "b": (hidden,), "h_0": (hidden,), "V": (hidden, hidden)}
    params = {n: rng.normal(0, 0.05, s).astype(np.float32) for n, s in shapes.items()}
    x, y = (rng.normal(0, 1, (batch, steps, hidden)).astype(np.float32) for _ in range(2))
    flat, rows = x.reshape(-1, hidden), x[:, 0]

    def products():
        for matrix in ("W", "V", "W", "V", "U", "U"):
            if matrix != "U":
                flat @ params[matrix].T
        for _ in range(2 * steps):
            rows @ params["U"]
        for _ in range(3):
            flat.T @ flat

    assert keeps_within(lambda: made.value_and_grad(params, x, y), {"its matrix products": (products, 2.5)})
