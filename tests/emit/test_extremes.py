"""Losses and gradients at logits of ±1e4, against ball arithmetic with some 6000 digits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

BITS = 20_000
SOFTMAX = (
    "softmax_regression",
    "spelled_softmax",
    "one_line_softmax",
    "log_sum_exp",
    "divergence",
    "log_softmax_named",
)
LOGISTIC = (
    "logistic_regression",
    "spelled_logistic",
    "softplus_regression",
    "tanh_by_exponentials",
    "rational_of_exponentials",
)


def check(tools, module, network, params, data, sizes, dtype=np.float64):
    """Finite, without a warning, and right: to 1e-13 of the largest number in sight (1e-6 in single precision)."""
    params = {n: np.asarray(v, dtype) for n, v in params.items()}
    data = [np.asarray(d, dtype) for d in data]
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad(params, *data)
    names = [t.name for t in (*network.inputs, *network.targets)]
    values = {n: tools.exact_numbers(v) for n, v in {**params, **dict(zip(names, data, strict=True))}.items()}
    for fact in network.facts:
        assert fact.kind == "sum"
    tolerance = 1e-13 if dtype == np.float64 else 1e-6
    exact = float(tools.exact_loss(network, values, sizes, BITS).mid())
    scale = max(abs(exact), max(float(np.max(np.abs(v))) for v in (*params.values(), *data)))
    assert np.isfinite(loss)
    assert abs(float(loss) - exact) <= tolerance * scale
    for name, grad in grads.items():
        wanted = np.vectorize(lambda b: float(b.mid()), otypes=[float])(
            tools.exact_gradient(network, values, sizes, name, BITS)
        )
        assert np.all(np.isfinite(grad)), name
        assert np.max(np.abs(np.asarray(grad, float) - wanted)) <= tolerance * max(1.0, np.abs(wanted).max()) * 10, name


LOGITS = (
    (1e4, -1e4, 0.0),
    (-1e4, -1e4, 1e4),
    (1e4, 1e4, 1e4),
    (-1e4, -1e4, -1e4),
    (0.0, 0.0, 0.0),
    (709.0, -745.0, 30.0),
)
TARGETS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.25, 0.25, 0.5))


@pytest.mark.parametrize("name", SOFTMAX)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_softmax_of_large_logits(load, tools, name, dtype):
    build = tools.NETWORKS[name]
    network, sizes = build(), {"k": 3, "n": 1}
    for logits, target in itertools.product(LOGITS, TARGETS):
        if name == "divergence" and 0.0 in target:
            continue  # 0 log 0 has no exact value to compare with; see below
        params = {"W": np.array(logits)[:, None], "b": np.zeros(3)}
        params = {p.name: params[p.name] for p in network.parameters}
        check(tools, load(build), network, params, [np.ones(1), np.array(target)], sizes, dtype)


@pytest.mark.parametrize("name", LOGISTIC)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logistic_of_large_logits(load, tools, name, dtype):
    build = tools.NETWORKS[name]
    network, sizes = build(), {"n": 1}
    for logit, target in itertools.product((1e4, -1e4, 0.0, 745.0, -745.0, 88.0, -104.0, 1e-30), (0.0, 1.0, 0.25)):
        params = {p.name: np.full((1,) if p.rank else (), logit if p.name == "w" else 0.0) for p in network.parameters}
        check(tools, load(build), network, params, [np.ones(1), np.array(target)], sizes, dtype)


@pytest.mark.parametrize("target", [(1.0, 0.0, 0.0), (0.0, 0.5, 0.5)])
def test_zero_times_the_logarithm_of_zero_is_zero(load, tools, target):
    module = load(tools.divergence)
    params, data = {"W": np.array([[1.0], [2.0], [3.0]])}, [np.ones(1), np.array(target)]
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad(params, *data)
    p = np.exp([1.0, 2.0, 3.0]) / np.exp([1.0, 2.0, 3.0]).sum()
    t = np.array(target)
    assert loss == pytest.approx(sum(a * np.log(a / b) for a, b in zip(t, p, strict=True) if a))
    assert grads["W"][:, 0] == pytest.approx(p - t)


def test_the_branch_not_taken_does_not_overflow(load, tools):
    module = load(tools.elu)
    params = {"W": np.array([[1e4], [-1e4], [0.0]])}
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad(params, np.ones(1), np.zeros(3))
    assert loss == pytest.approx((1e8 + 2.25) / 3)
    assert grads["W"][:, 0] == pytest.approx([2e4 / 3, 0.0, 0.0])


def test_large_batches_mix_extremes(load, tools):
    """One sample that overflows would spoil the gradient of all."""
    module = load(tools.softmax_regression)
    x = np.array([[1e4], [-1e4], [0.0], [1.0]])
    params = {"W": np.array([[1.0], [-1.0], [0.5]]), "b": np.zeros(3)}
    loss, grads = module.value_and_grad(params, x, np.eye(3)[[0, 0, 1, 2]])
    assert np.isfinite(loss)
    assert all(np.all(np.isfinite(g)) for g in grads.values())
