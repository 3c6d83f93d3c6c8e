"""Every declared operator, taken through the emitter: nothing here is about one of them."""

from __future__ import annotations

import numpy as np
import pytest

from symnn.declare import registry
from symnn.emit import emit
from symnn.formula.index import dimension
from symnn.formula.nodes import Tensor
from symnn.network.arrays import expression, total
from symnn.network.build import Draft

OPERATORS = [operator.name for operator in registry.all()]
FUNCTIONS = [o.name for o in registry.all() if o.is_elementwise and len(o.parameters) == 1]


def network_of(name):
    """The operator on a weighted first argument; the other arguments are parameters too. A linear loss."""
    operator = registry.find(name)
    draft = Draft()
    arguments = []
    for place, parameter in enumerate(operator.parameters):
        shape = (dimension("n"),) if operator.is_elementwise else parameter.shape
        argument = expression(Tensor(f"in_{parameter.name}", shape))
        weight = expression(Tensor("weight", shape))
        arguments.append(draft.define("first", weight * argument) if place == 0 else argument)
    result = draft.define("result", operator(*arguments))
    slope = expression(Tensor("slope", result.shape))
    draft.define("L", total(result * slope) if result.rank else result * slope)
    return draft.network(inputs=["slope", f"in_{operator.parameters[0].name}"])


@pytest.mark.parametrize("name", OPERATORS)
def test_gradients_agree_with_differences(name, load):
    assert load(emit(network_of(name))).check()


@pytest.mark.parametrize("name", OPERATORS)
def test_single_precision_is_kept(name, load):
    module = load(emit(network_of(name)))
    rng = np.random.default_rng(0)
    params, data = module._example(rng, module.SIZES[0], lambda shape: rng.uniform(0.2, 0.8, shape))
    params = {key: np.asarray(value, np.float32) for key, value in params.items()}
    loss, cache = module.forward(params, *(np.asarray(d, np.float32) for d in data), **constants_of(module))
    arrays = {**cache, **module.backward(cache), "loss": loss}
    for key, value in arrays.items():
        assert isinstance(value, float | int) or value.dtype == np.float32, key


def constants_of(module):
    return getattr(module, "CONSTANTS", {})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_one_number_stay_finite(name, load):
    module = load(emit(network_of(name)))
    points = np.array([1e4, -1e4, 1e-300, -1e-300, 0.0, 1.0, -1.0, 30.0, -30.0, 710.0, -710.0])
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad(
            {"weight": np.ones_like(points)}, np.ones_like(points), points, **constants_of(module)
        )
    assert np.isfinite(loss)
    assert np.all(np.isfinite(grads["weight"]))
