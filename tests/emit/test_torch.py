"""Every operator against PyTorch, at three sizes in double precision: its formula, and PyTorch's own function."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from operator_modules import array_of, constants_of, module_of, rounded, value_and_grad
from operator_points import point, weighed, weight

from symnn.declare import Operator, registry
from symnn.formula.evaluate import Assignment

torch = pytest.importorskip("torch")
torch_formulas = pytest.importorskip("torch_formulas")
F = torch.nn.functional

STEPS = (0, 1, 2)
TOLERANCE = 1e-8

LIBRARY: dict[str, Any] = {
    "sigmoid": torch.sigmoid,
    "log_sigmoid": F.logsigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": lambda x, *, slope: F.leaky_relu(x, slope),
    "prelu": lambda x, slope: F.prelu(x, slope),
    "elu": lambda x, *, alpha: F.elu(x, alpha),
    "gelu": F.gelu,
    "gelu_tanh": functools.partial(F.gelu, approximate="tanh"),
    "softplus": F.softplus,
    "softsign": F.softsign,
    "hard_tanh": F.hardtanh,
    "hard_swish": F.hardswish,
    "softmax": functools.partial(torch.softmax, dim=-1),
    "log_softmax": functools.partial(torch.log_softmax, dim=-1),
    "log_sum_exp": functools.partial(torch.logsumexp, dim=-1),
    "layer_norm": lambda x, gamma, beta, *, eps: F.layer_norm(x, x.shape, gamma, beta, eps),
    "rms_norm": lambda x, gamma, *, eps: F.rms_norm(x, x.shape, gamma, eps),
    "l2_normalization": functools.partial(F.normalize, dim=-1),
    "scaled_dot_product_attention": F.scaled_dot_product_attention,
    "squared_error": F.mse_loss,
    "mean_squared_error": F.mse_loss,
    "mean_absolute_error": F.l1_loss,
    "sum_of_absolute_errors": functools.partial(F.l1_loss, reduction="sum"),
    "mean_huber": lambda p, t, *, delta: F.huber_loss(p, t, delta=delta),
    "mean_poisson": functools.partial(F.poisson_nll_loss, log_input=False, eps=0.0),
    "mean_binary_cross_entropy_with_logits": F.binary_cross_entropy_with_logits,
    "mean_categorical_cross_entropy_with_logits": F.cross_entropy,
    "kl_divergence": lambda target, prediction: F.kl_div(prediction.log(), target, reduction="sum"),
    "cosine_similarity": functools.partial(F.cosine_similarity, dim=-1),
    "frobenius_norm": torch.linalg.matrix_norm,
    "euclidean_norm": torch.linalg.vector_norm,
    "inverse": torch.linalg.inv,
    "log_det": lambda a: torch.linalg.slogdet(a)[1],
    "trace_of_product": lambda a, x, b: torch.trace(a @ x @ b),
}
"""PyTorch's own functions, where it has one; of the parameters and constants as they are declared."""

every_operator = pytest.mark.parametrize("operator", registry.all(), ids=lambda operator: operator.name)


def leaf(array: Any) -> Any:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def leaves_at(operator: Operator, numbers: Assignment) -> dict[Any, Any]:
    return {parameter: leaf(array_of(numbers, parameter)) for parameter in operator.parameters}


def is_near(found: Any, wanted: Any) -> bool:
    scale = max(1.0, float(np.max(np.abs(wanted), initial=0)))
    return float(np.max(np.abs(np.asarray(found) - wanted), initial=0)) <= TOLERANCE * scale


@every_operator
@pytest.mark.parametrize("step", STEPS)
def test_values_and_gradients_are_those_of_automatic_differentiation(operator, step):
    numbers = rounded(point(operator, step, step))
    loss, gradients = value_and_grad(operator, numbers)
    leaves = leaves_at(operator, numbers)
    values = {**leaves, weight(operator): torch.tensor(array_of(numbers, weight(operator)))}
    wanted = torch_formulas.torch_value(weighed(operator), numbers.dimensions, values, numbers.scalars)
    # A step does not depend on its argument: PyTorch does not differentiate what has no leaf.
    (wanted + 0 * sum(array.sum() for array in leaves.values())).backward()
    assert is_near(loss, float(wanted.detach()))
    assert set(gradients) == {parameter.name for parameter in leaves}
    for parameter, array in leaves.items():
        assert is_near(gradients[parameter.name], array.grad.numpy()), parameter


@every_operator
@pytest.mark.parametrize("step", STEPS[1:])
def test_products_with_the_hessian_are_those_of_automatic_differentiation(operator, step):
    numbers = rounded(point(operator, step, step))
    leaves = leaves_at(operator, numbers)
    weights = array_of(numbers, weight(operator))
    source = np.random.default_rng(step)
    direction = {p.name: source.normal(size=array.shape) for p, array in leaves.items()}
    params = {p.name: array_of(numbers, p) for p in leaves}
    found = module_of(operator.name).hvp(params, direction, weights, **constants_of(operator, numbers))
    values = {**leaves, weight(operator): torch.tensor(weights)}
    value = torch_formulas.torch_value(weighed(operator), numbers.dimensions, values, numbers.scalars)
    nothing = 0 * sum((array**2).sum() for array in leaves.values())
    slopes = torch.autograd.grad(value + nothing, list(leaves.values()), create_graph=True)
    change = sum((s * torch.tensor(direction[p.name])).sum() for p, s in zip(leaves, slopes, strict=True))
    wanted = torch.autograd.grad(change, list(leaves.values()))
    for parameter, array in zip(leaves, wanted, strict=True):
        assert is_near(found[parameter.name], array.numpy()), parameter


@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.parametrize("step", STEPS)
def test_operators_are_what_pytorch_calls_so(name, step):
    operator = registry.find(name)
    assert operator is not None
    numbers = rounded(point(operator, step, step))
    loss, gradients = value_and_grad(operator, numbers)
    leaves = leaves_at(operator, numbers)
    constants = {c.name: float(numbers.scalars[c.symbol]) for c in operator.constants}
    result = LIBRARY[name](*leaves.values(), **constants)
    wanted = (result * torch.tensor(array_of(numbers, weight(operator)))).sum()
    wanted.backward()
    assert is_near(loss, float(wanted.detach()))
    for parameter, array in leaves.items():
        assert is_near(gradients[parameter.name], array.grad.numpy()), parameter
