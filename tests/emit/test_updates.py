"""What a network keeps between steps of training: running averages in the emitted module."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from symnn.declare import let, operator, registry, state, update
from symnn.emit import EmitError, emit
from symnn.network.arrays import expression, largest, mean, minimum, tensor
from symnn.network.build import Draft
from symnn.network.equations import NetworkError

# ruff: noqa: F722


def centred(**updates):
    """Values less their mean over the batch; `updates` are functions of the mean and the rate."""
    draft = Draft()
    x, rate = tensor("X", "N d"), expression(sympy.Symbol("rate", positive=True))
    mu = draft.define("mu", mean(x, axis=0))
    y = draft.define("Y", tensor("gamma", "d") * (x - mu))
    draft.define("L", mean((y - tensor("T", "N d")) ** 2))
    for name, value in updates.items():
        draft.update(name, value(mu, rate))
    return draft.network(inputs=["X"], targets=["T"])


def running(mu, rate):
    return (1 - rate) * tensor("m", "d") + rate * mu


def test_a_running_mean_goes_on_with_every_step(load):
    module = load(emit(centred(m=running)))
    rng = np.random.default_rng(0)
    params, x, t = {"gamma": np.ones(3, np.float32)}, *rng.normal(size=(2, 8, 3)).astype(np.float32)
    state = {"m": np.zeros(3, np.float32)}
    for _ in range(2):
        _, cache = module.forward(params, x, t)
        state = module.next_state(state, cache, rate=0.1)
    assert state["m"].dtype == np.float32
    assert np.allclose(state["m"], (1 - 0.9**2) * x.mean(axis=0), rtol=1e-6)
    assert module.check()


def test_several_batches_at_once_are_averaged_and_the_given_state_stays(load):
    module = load(emit(centred(m=running)))
    rng = np.random.default_rng(1)
    x, t = rng.normal(size=(2, 5, 8, 3))
    before = {"m": np.ones(3)}
    after = module.next_state(before, module.forward({"gamma": np.ones(3)}, x, t)[1], rate=0.5)
    assert np.allclose(after["m"], 0.5 + 0.5 * x.mean(axis=(0, 1)))
    assert np.array_equal(before["m"], np.ones(3))


@pytest.mark.parametrize("state", [{}, {"m": np.ones(3), "n": np.ones(3)}, {"m": np.ones(2)}, {"m": 0.0}], ids=str)
def test_a_state_that_does_not_fit_is_refused(state, load):
    module = load(emit(centred(m=running)))
    x, t = np.random.default_rng(2).normal(size=(2, 8, 3))
    with pytest.raises(ValueError, match=r"state|broadcast"):
        module.next_state(state, module.forward({"gamma": np.ones(3)}, x, t)[1], rate=0.1)


def test_without_a_state_there_is_no_such_function():
    assert "next_state" not in emit(centred())


def test_what_the_network_uses_is_no_state():
    with pytest.raises(NetworkError, match="gamma is used by the network"):
        centred(gamma=lambda mu, rate: tensor("gamma", "d") + rate * mu)


def test_a_state_may_not_be_called_state():
    with pytest.raises(EmitError, match="the name 'state' is needed"):
        emit(centred(state=lambda mu, rate: tensor("state", "d") + rate * mu))


def test_an_update_of_values_that_are_not_there():
    with pytest.raises(NetworkError, match="needs u, which the network does not have"):
        centred(m=lambda mu, rate: tensor("m", "d") + tensor("u", "d"))


# -- states that operators declare ----------------------------------------------------------------------------

EPS = 1e-3


def normalised(layers=1, state=None):
    """Dense layers with batch normalisation; `state` is an update that the network states itself."""
    draft = Draft()
    h, eps = tensor("X", "N d"), sympy.Symbol("eps", positive=True)
    for layer in range(1, layers + 1):
        a = draft.define(f"A_{layer}", h @ tensor(f"W_{layer}", "d d"))
        gamma, beta = tensor(f"gamma_{layer}", "d"), tensor(f"beta_{layer}", "d")
        h = draft.define(f"H_{layer}", registry.find("batch_norm")(a, gamma, beta, eps=eps))
        if state is not None:
            draft.update(*state(a))
    draft.define("L", mean((h - tensor("T", "N d")) ** 2))
    return draft.network(inputs=["X"], targets=["T"])


def drawn(layers, samples=8, size=3, dtype=float):
    rng = np.random.default_rng(layers)
    params = {f"W_{k}": rng.normal(size=(size, size)).astype(dtype) for k in range(1, layers + 1)}
    params |= {f"gamma_{k}": rng.normal(1, 0.1, size).astype(dtype) for k in range(1, layers + 1)}
    params |= {f"beta_{k}": rng.normal(0, 0.1, size).astype(dtype) for k in range(1, layers + 1)}
    return params, rng.normal(2, 3, (4, samples, size)).astype(dtype)


def by_loop(params, batches, layers, momentum):
    """Running statistics of every layer, one batch after the other, and what the layers then give for a batch."""
    averages = {k: [np.zeros(3), np.ones(3)] for k in range(1, layers + 1)}

    def layer(k, h, statistics):
        a = h @ params[f"W_{k}"]
        m, v = statistics(k, a)
        return (a - m) / np.sqrt(v + EPS) * params[f"gamma_{k}"] + params[f"beta_{k}"]

    def of_batch(k, a):
        kept = averages[k]
        for column in range(a.shape[1]):
            m = sum(a[:, column]) / len(a)
            v = sum((a[:, column] - m) ** 2) / (len(a) - 1)
            kept[0][column] += momentum * (m - kept[0][column])
            kept[1][column] += momentum * (v - kept[1][column])
        return a.mean(axis=0), a.var(axis=0)

    for h in batches:
        for k in averages:
            h = layer(k, h, of_batch)
    result = batches[0]
    for k in averages:
        result = layer(k, result, lambda k, a: averages[k])
    return averages, result


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("momentum", [0.1, 0.3])
def test_batch_normalisation_keeps_running_averages(layers, momentum, load):
    module = load(emit(normalised(layers)))
    params, batches = drawn(layers)
    state = module.initial_state(params)
    settings = {} if momentum == 0.1 else {"momentum": momentum}
    for x in batches:
        _, cache = module.forward(params, x, x, eps=EPS)
        state = module.next_state(state, cache, **settings)
    wanted, output = by_loop(params, batches, layers, momentum)
    for k, (m, v) in wanted.items():
        assert np.allclose(state[f"running_mean_H_{k}"], m, rtol=1e-12)
        assert np.allclose(state[f"running_variance_H_{k}"], v, rtol=1e-12)
    found = module.predict(params, state, batches[0], eps=EPS)
    assert list(found) == [f"H_{layers}"]
    assert np.allclose(found[f"H_{layers}"], output, rtol=1e-11)
    # In use every row is on its own, and a single one will do.
    alone = module.predict(params, state, batches[0][:1], eps=EPS)
    assert np.allclose(alone[f"H_{layers}"], output[:1], rtol=1e-11)
    assert np.allclose(module.predict(params, state, batches, eps=EPS)[f"H_{layers}"][0], output, rtol=1e-11)


def test_batch_normalisation_agrees_with_torch(load):
    torch = pytest.importorskip("torch")
    module = load(emit(normalised()))
    params, batches = drawn(1)
    state = module.initial_state(params)
    mean_of, variance_of = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    gamma, beta = (torch.tensor(params[f"{name}_1"]) for name in ("gamma", "beta"))
    for x in batches:
        state = module.next_state(state, module.forward(params, x, x, eps=EPS)[1])
        a = torch.tensor(x @ params["W_1"])
        torch.nn.functional.batch_norm(a, mean_of, variance_of, gamma, beta, training=True, eps=EPS)
    assert np.allclose(state["running_mean_H_1"], mean_of.numpy(), rtol=1e-12)
    assert np.allclose(state["running_variance_H_1"], variance_of.numpy(), rtol=1e-12)
    wanted = torch.nn.functional.batch_norm(a, mean_of, variance_of, gamma, beta, eps=EPS)
    found = module.predict(params, state, batches[-1], eps=EPS)["H_1"]
    assert np.allclose(found, wanted.numpy(), rtol=1e-12)


def test_single_precision_stays_and_the_state_must_fit(load):
    module = load(emit(normalised()))
    params, batches = drawn(1, dtype=np.float32)
    state = module.initial_state(params)
    assert {array.dtype for array in state.values()} == {np.dtype(np.float32)}
    state = module.next_state(state, module.forward(params, batches[0], batches[0], eps=EPS)[1])
    assert {array.dtype for array in state.values()} == {np.dtype(np.float32)}
    assert module.predict(params, state, batches[0], eps=EPS)["H_1"].dtype == np.float32
    with pytest.raises(ValueError, match=r"state running_mean_H_1 must have shape \(d,\) = \(3,\)"):
        module.predict(params, {**state, "running_mean_H_1": np.zeros(1)}, batches[0], eps=EPS)
    with pytest.raises(ValueError, match="state must hold"):
        module.predict(params, {}, batches[0], eps=EPS)


def test_an_update_that_is_stated_replaces_what_the_operator_keeps():
    stated = normalised(state=lambda a: ("m", mean(a, axis=0) + 0 * tensor("m", "d")))
    assert [update.name for update in stated.updates] == ["m"]
    assert not stated.in_use
    assert "def predict" not in emit(stated)


def test_the_name_of_a_rate_may_be_taken(load):
    draft = Draft()
    eps = sympy.Symbol("eps", positive=True)
    scaled = tensor("X", "N d") * tensor("momentum", "d")
    h = draft.define("H", registry.find("batch_norm")(scaled, tensor("g", "d"), tensor("b", "d"), eps=eps))
    draft.define("L", mean(h**2))
    network = draft.network(inputs=["X"])
    assert [str(rate) for rate in network.rates] == ["momentum_2"]
    module = load(emit(network))
    x, ones = np.random.default_rng(0).normal(size=(8, 3)), np.ones(3)
    params = {"momentum": ones, "g": ones, "b": ones}
    state = module.next_state(module.initial_state(params), module.forward(params, x, eps=EPS)[1], momentum_2=1.0)
    assert np.allclose(state["running_mean_H"], x.mean(axis=0))


def test_what_an_operator_keeps_has_no_gradient():
    network = normalised()
    assert not {update.tensor for update in network.updates} & set(network.all_tensors)
    assert {p.name for p in network.parameters} == {"W_1", "gamma_1", "beta_1"}


def test_any_operator_may_keep_something(load):
    """The smallest of all values so far, which is no average, with targets inside of the network."""

    @operator(kind="test")
    def above_floor(x: "N d") -> "N d":
        """A number over the smallest one of its column."""
        floor = state("floor", "d", start=100)
        low = let("low", -largest(-x, axis=0), in_use=floor)
        update(floor, minimum(floor, low))
        return x - low

    try:
        draft = Draft()
        y = draft.define("Y", above_floor(tensor("X", "N d")))
        draft.define("L", mean((y * tensor("w", "d") - tensor("T", "N d")) ** 2))
        module = load(emit(draft.network(inputs=["X"], targets=["T"])))
    finally:
        registry.remove("above_floor")
    x = np.random.default_rng(0).normal(size=(5, 8, 3))
    params, state_ = {"w": np.ones(3)}, {"floor_Y": np.full(3, 100.0)}
    for batch in x:
        state_ = module.next_state(state_, module.forward(params, batch, batch)[1])
    assert np.array_equal(state_["floor_Y"], x.min(axis=(0, 1)))
    assert np.array_equal(module.predict(params, state_, x[0])["Y"], x[0] - state_["floor_Y"])
    assert module.initial_state(params)["floor_Y"].tolist() == [100.0] * 3
