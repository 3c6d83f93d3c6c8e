"""A convolution against the copies of its windows and the matrix products that it cannot do without, and PyTorch.

Ratios of processor time within one run only; times are printed, not asserted.
"""

from __future__ import annotations

import numpy as np
import pytest
from timing import imported, keeps_within

from symnn.declare import registry
from symnn.emit import emit
from symnn.network.arrays import tensor, total
from symnn.network.build import Draft

BATCH, CHANNELS, OUTPUTS, SIZE, WIDTH = 16, 16, 32, 32, 3


def network(**settings):
    draft = Draft()
    x, w, b = tensor("x", "c h v"), tensor("w", "o c k l"), tensor("b", "o")
    y = draft.define("y", registry.find("conv2d")(x, w, b, **settings))
    draft.define("L", total(y**2))
    return draft.network(inputs=["x"], wrt=["w", "b", "x"])


def windows(padded):
    """Every window of an image as a column (im2col), a copy."""
    view = np.lib.stride_tricks.sliding_window_view(padded, (WIDTH, WIDTH), axis=(2, 3))
    return view.transpose(1, 4, 5, 0, 2, 3).reshape(CHANNELS * WIDTH**2, -1)


def floor(x, w):
    """The copies and the matrix products of one step: forward, the kernel's gradient, the input's."""
    kernel = w.reshape(OUTPUTS, -1)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    y = kernel @ windows(padded)
    return y @ windows(padded).T, kernel.T @ y


@pytest.mark.benchmark
def test_a_convolution_is_bound_by_its_copies_and_products(tmp_path):
    module = imported(emit(network(padding=1)), tmp_path / "convolution.py")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, CHANNELS, SIZE, SIZE)).astype(np.float32)
    params = {
        "w": rng.normal(size=(OUTPUTS, CHANNELS, WIDTH, WIDTH)).astype(np.float32),
        "b": np.zeros(OUTPUTS, np.float32),
    }
    assert keeps_within(
        lambda: module.value_and_grad(params, x),
        {"its copies and matrix products": (lambda: floor(x, params["w"]), 3.0)},
    )


@pytest.mark.benchmark
def test_a_convolution_keeps_up_with_torch(tmp_path):
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    module = imported(emit(network(padding=1)), tmp_path / "convolution.py")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(BATCH, CHANNELS, SIZE, SIZE)).astype(np.float32)
    w = rng.normal(size=(OUTPUTS, CHANNELS, WIDTH, WIDTH)).astype(np.float32)
    params = {"w": w, "b": np.zeros(OUTPUTS, np.float32)}
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, w, params["b"])]

    def step():
        for leaf in leaves:
            leaf.grad = None
        (torch.nn.functional.conv2d(*leaves, padding=1) ** 2).sum().backward()

    try:
        assert keeps_within(lambda: module.value_and_grad(params, x), {"the processor time of torch": (step, 6.0)})
    finally:
        torch.set_num_threads(threads)
