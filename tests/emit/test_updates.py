"""What a network keeps between steps of training: running averages in the emitted module."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from symnn.emit import emit
from symnn.network.arrays import expression, mean, tensor
from symnn.network.build import Draft
from symnn.network.equations import NetworkError


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


def test_an_update_of_values_that_are_not_there():
    with pytest.raises(NetworkError, match="needs u, which the network does not have"):
        centred(m=lambda mu, rate: tensor("m", "d") + tensor("u", "d"))
