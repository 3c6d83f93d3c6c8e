"""Modules for layers of different sizes: lists of arrays."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from layered import LAYERS, NOTE, SIZES, network_of_text

from symnn.check.code import load_module
from symnn.check.gradients import check_network_gradients
from symnn.emit import EmitError, emit

CROSS_ENTROPY = r"""
$$ p = \operatorname{softmax}(z^{(L)}) $$

$$ J = -\sum_k y_k \log p_k, \qquad \sum_k y_k = 1 $$
"""
TEXTS = {
    "squares": NOTE,
    "ReLU": NOTE.replace(r"\tanh", r"\operatorname{ReLU}"),
    "mean": NOTE.replace(r"\frac{1}{2}", r"\frac{1}{n_L}"),
    "cross-entropy": SIZES + LAYERS + CROSS_ENTROPY,
    "turned": NOTE.replace(r"{n_\ell \times n_{\ell-1}}", r"{n_{\ell-1} \times n_\ell}").replace(
        r"W^{(\ell)} a", r"(W^{(\ell)})^\top a"
    ),
}


@cache
def module() -> ModuleType:
    return load_module(emit(network_of_text()))


def example(widths: list[int], batch: tuple[int, ...] = (), dtype: Any = float) -> tuple[dict[str, Any], Any, Any]:
    rng = np.random.default_rng(3)
    pairs = list(zip(widths[1:], widths, strict=False))
    params = {
        "W": [rng.normal(size=pair).astype(dtype) for pair in pairs],
        "b": [rng.normal(size=rows).astype(dtype) for rows, _ in pairs],
    }
    return (
        params,
        rng.normal(size=(*batch, widths[0])).astype(dtype),
        rng.normal(size=(*batch, widths[-1])).astype(dtype),
    )


def by_hand(params: dict[str, Any], x: Any, y: Any) -> tuple[Any, list[Any], list[Any]]:
    """The loss of one sample and its gradients, layer by layer."""
    values = [x]
    for weight, bias in zip(params["W"], params["b"], strict=True):
        values.append(np.tanh(weight @ values[-1] + bias))
    error = values[-1] - y
    weights, biases = [], []
    for layer in reversed(range(len(params["W"]))):
        error = error * (1 - values[layer + 1] ** 2)
        weights.insert(0, np.outer(error, values[layer]))
        biases.insert(0, error)
        error = params["W"][layer].T @ error
    return 0.5 * np.sum((values[-1] - y) ** 2), weights, biases


@pytest.mark.parametrize("widths", [[5, 3, 7, 2], [4, 2], [1, 6, 1]])
def test_values_are_those_of_plain_numpy(widths: list[int]) -> None:
    params, x, y = example(widths)
    loss, grads = module().value_and_grad(params, x, y)
    expected, weights, biases = by_hand(params, x, y)
    assert loss == pytest.approx(expected, rel=1e-14)
    for found, wanted in zip((*grads["W"], *grads["b"]), (*weights, *biases), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)


def test_a_batch_is_the_mean_of_its_samples() -> None:
    params, x, y = example([5, 3, 7, 2], (4,))
    loss, grads = module().value_and_grad(params, x, y)
    samples = [by_hand(params, one, other) for one, other in zip(x, y, strict=True)]
    assert loss == pytest.approx(np.mean([sample[0] for sample in samples]), rel=1e-13)
    for layer, found in enumerate(grads["W"]):
        np.testing.assert_allclose(found, np.mean([sample[1][layer] for sample in samples], axis=0), rtol=1e-11)


def test_float32_stays_float32() -> None:
    params, x, y = example([3, 4, 2], (2,), np.float32)
    _, grads = module().value_and_grad(params, x, y)
    assert {part.dtype for parts in grads.values() for part in parts} == {np.dtype(np.float32)}


def test_parameters_and_cache_are_not_written_to() -> None:
    params, x, y = example([3, 4, 2], (2,))
    before = [part.copy() for parts in params.values() for part in parts]
    _, cache_ = module().forward(params, x, y)
    first = module().backward(cache_)
    second = module().backward(cache_)
    assert all(np.array_equal(a, b) for a, b in zip(first["W"], second["W"], strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(before, [p for v in params.values() for p in v], strict=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p["W"].__setitem__(1, np.zeros((7, 4))), r"W\[1\] must have shape \(n\[2\], n\[1\]\)"),
        (lambda p: p["b"].__setitem__(2, np.zeros(3)), r"b\[2\] must have shape \(n\[3\],\) = \(2,\)"),
        (lambda p: p["b"].pop(), "one array for each layer, but there are 3 in W and 2 in b"),
        (lambda p: p.__setitem__("b", np.zeros((3, 2))), "b must be a list with one array for each layer"),
        (lambda p: p.pop("b"), "missing: b"),
    ],
)
def test_wrong_shapes_are_refused(change: Any, message: str) -> None:
    params, x, y = example([5, 3, 7, 2])
    change(params)
    with pytest.raises(ValueError, match=message):
        module().forward(params, x, y)


@pytest.mark.parametrize("name", TEXTS)
def test_gradients(name: str) -> None:
    report = check_network_gradients(network_of_text(TEXTS[name]))
    assert report.passed, str(report)
    assert len({row.shape for row in report.rows}) == len(report.rows)


@pytest.mark.parametrize("name", ["squares", "cross-entropy", "mean"])
def test_modules_check_themselves(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert load_module(emit(network_of_text(TEXTS[name]))).check()
    assert "W[0]" in capsys.readouterr().out


def test_what_has_no_numpy_form_is_refused() -> None:
    penalty = NOTE.replace(r"\|a^{(L)} - y\|^2", r"\|a^{(L)} - y\|^2 + \sum_{\ell=1}^L \|W^{(\ell)}\|_F^2")
    with pytest.raises(EmitError, match="sum over layers"):
        emit(network_of_text(penalty))
