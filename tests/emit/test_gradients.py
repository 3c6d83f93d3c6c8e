"""Emitted losses and gradients against ball arithmetic and autograd, at several sizes, batches and data types."""

from __future__ import annotations

import numpy as np
import pytest


def close(got, wanted, tolerance):
    scale = max(float(np.max(np.abs(wanted), initial=0.0)), 1e-30)
    return float(np.max(np.abs(np.asarray(got, float) - wanted), initial=0.0)) <= tolerance * scale


def test_single_samples_agree_with_ball_arithmetic(build, sizes, load, tools):
    network, module = build(), load(build)
    params, data = tools.random_case(network, sizes, None, seed=1)
    loss, grads = module.value_and_grad(params, *data)
    names = [t.name for t in (*network.inputs, *network.targets)]
    values = {n: tools.exact_numbers(v) for n, v in {**params, **dict(zip(names, data, strict=True))}.items()}
    assert loss == pytest.approx(tools.middle(tools.exact_loss(network, values, sizes)), rel=1e-12)
    assert sorted(grads) == sorted(params)
    for name, grad in grads.items():
        assert np.shape(grad) == np.shape(params[name])
        wanted = np.vectorize(float, otypes=[float])(tools.exact_gradient(network, values, sizes, name))
        assert close(grad, wanted, 1e-11), name


@pytest.mark.parametrize("batch", [1, 5, 17])
def test_a_batch_is_the_mean_of_its_samples(build, load, tools, batch):
    network, module, sizes = build(), load(build), tools.SIZES[0]
    params, data = tools.random_case(network, sizes, batch, seed=2)
    loss, grads = module.value_and_grad(params, *data)
    singles = [module.value_and_grad(params, *(d[b] for d in data)) for b in range(batch)]
    assert loss == pytest.approx(np.mean([s[0] for s in singles]), rel=1e-12)
    for name, grad in grads.items():
        assert np.shape(grad) == np.shape(params[name])
        assert close(grad, np.mean([s[1][name] for s in singles], axis=0), 1e-11), name


@pytest.mark.parametrize("batch", [None, 5])
def test_float32_stays_float32_and_is_close(build, sizes, load, tools, batch):
    network, module = build(), load(build)
    params, data = tools.random_case(network, sizes, batch, seed=3, dtype=np.float32)
    loss, cache = module.forward(params, *data)
    grads = module.backward(cache)
    assert loss.dtype == np.float32
    for name, array in {**cache, **grads}.items():
        if name != "single":
            assert array.dtype == np.float32, name
    wide = {n: v.astype(float) for n, v in params.items()}
    wanted_loss, wanted = module.value_and_grad(wide, *(d.astype(float) for d in data))
    assert close(loss, wanted_loss, 1e-4)
    for name, grad in grads.items():
        assert close(grad, wanted[name], 1e-4), name


def test_backward_does_not_change_the_cache_nor_the_arguments(build, load, tools):
    network, module, sizes = build(), load(build), tools.SIZES[0]
    params, data = tools.random_case(network, sizes, 4, seed=4)
    before = {n: v.copy() for n, v in params.items()}, [d.copy() for d in data]
    _, cache = module.forward(params, *data)
    first = module.backward(cache)
    kept = {n: np.copy(g) for n, g in first.items()}
    for grad in first.values():
        if np.ndim(grad):
            grad += 1.0
    second = module.backward(cache)
    for name in params:
        assert np.array_equal(kept[name], second[name])
        assert np.array_equal(before[0][name], params[name])
    assert all(np.array_equal(old, new) for old, new in zip(before[1], data, strict=True))


@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_other_reductions(load, tools, reduction):
    sizes = tools.SIZES[0]
    for build in (tools.perceptron, tools.softmax_regression, tools.hinge):
        mean, module = load(build), load(build, reduction)
        params, data = tools.random_case(build(), sizes, 6, seed=5)
        loss, grads = module.value_and_grad(params, *data)
        wanted, mean_grads = mean.value_and_grad(params, *data)
        if reduction == "none":
            assert loss.shape == (6,)
            single, _ = module.forward(params, *(d[2] for d in data))
            assert np.shape(single) == ()
            assert single == pytest.approx(loss[2])
        assert np.sum(loss) == pytest.approx(6 * wanted)
        for name, grad in grads.items():
            assert close(grad, 6 * np.asarray(mean_grads[name]), 1e-12)


def test_numbers_of_the_custom_neurons(load, tools):
    """X = (1, 2), weights (6, ...) chosen so that the gradients are whole numbers."""
    module = load(tools.custom_neurons)
    assert module.VALUES == {"w_1": 2, "w_2": 3, "w_3": 1, "w_4": 1, "w_5": 2}
    loss, grads = module.value_and_grad(module.VALUES, 1, 2, 20)
    # h_1 = 25, h_2 = 6, yhat = 33, so d E / d yhat = 26.
    assert loss == 169
    assert {n: float(g) for n, g in grads.items()} == {
        "w_5": 26, "w_4": 26 * 6, "w_3": 26 * 25, "w_2": 26 * 2, "w_1": 26 * 2 * 5 * 2,
    }  # fmt: skip


def test_a_function_without_data(load, tools):
    module = load(tools.nested)
    loss, grads = module.value_and_grad({"x_1": 1.0, "x_2": 2.0})
    v = 16 + 12
    assert loss == v**3
    assert grads["x_1"] == pytest.approx(3 * v**2 * 2 * 4 * 2)
    assert grads["x_2"] == pytest.approx(3 * v**2 * (2 * 4 + 6 * 2))


def test_thirty_two_layers(load, tools):
    module = load(tools.deep)
    network = tools.deep()
    params, data = tools.random_case(network, {"n": 4}, 5, seed=6)
    loss, grads = module.value_and_grad(params, *data)
    assert len(grads) == 64
    wanted_loss, wanted = by_autograd(deep_loss, params, *data)
    assert loss == pytest.approx(wanted_loss, rel=1e-12)
    for name, grad in grads.items():
        assert close(grad, wanted[name], 1e-9), name


# -- a second oracle ------------------------------------------------------------------------------------------


def by_autograd(function, params, *data):
    autograd = pytest.importorskip("autograd")
    value = autograd.value_and_grad(function)(params, *data)
    return value


def deep_loss(params, x, y):
    import autograd.numpy as anp

    h = x
    for layer in range(1, 33):
        h = anp.tanh(anp.dot(h, params[f"W_{layer}"].T) + params[f"b_{layer}"])
    return anp.mean((h - y) ** 2)


def perceptron_loss(params, x, y):
    import autograd.numpy as anp

    h = anp.maximum(anp.dot(x, params["W_1"].T) + params["b_1"], 0)
    s = 1 / (1 + anp.exp(-(anp.dot(h, params["W_2"]) + params["b_2"])))
    return anp.mean((s - y) ** 2) / 2


def softmax_loss(params, x, t):
    import autograd.numpy as anp

    z = anp.dot(x, params["W"].T) + params["b"]
    p = anp.exp(z) / anp.sum(anp.exp(z), axis=1, keepdims=True)
    return -anp.mean(anp.sum(t * anp.log(p), axis=1))


def logistic_loss(params, x, y):
    import autograd.numpy as anp

    s = 1 / (1 + anp.exp(-(anp.dot(x, params["w"]) + params["b"])))
    return -anp.mean(y * anp.log(s) + (1 - y) * anp.log(1 - s))


def chain_loss(params, x, d):
    import autograd.numpy as anp

    y = 1 / (1 + anp.exp(-params["w_1"] * x))
    return -anp.mean((d - 1 / (1 + anp.exp(-params["w_2"] * y))) ** 2) / 2


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("perceptron", perceptron_loss),
        ("softmax_regression", softmax_loss),
        ("logistic_regression", logistic_loss),
        ("chain", chain_loss),
    ],
)
@pytest.mark.parametrize("batch", [1, 5, 17])
def test_agrees_with_autograd(load, tools, sizes, name, function, batch):
    build = tools.NETWORKS[name]
    params, data = tools.random_case(build(), sizes, batch, seed=7)
    loss, grads = load(build).value_and_grad(params, *data)
    wanted_loss, wanted = by_autograd(function, params, *data)
    assert loss == pytest.approx(wanted_loss, rel=1e-12)
    for key, grad in grads.items():
        assert close(grad, wanted[key], 1e-9), key
