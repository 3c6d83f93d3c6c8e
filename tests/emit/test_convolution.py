"""Emitted convolutions and pooling: against PyTorch, at several strides, paddings and dilations, and at extremes."""

from __future__ import annotations

import numpy as np
import pytest

from symnn.declare import registry
from symnn.emit import emit
from symnn.network.arrays import tensor, total
from symnn.network.build import Draft

SIZES = ({"N": 2, "C": 2, "O": 3, "H": 7, "V": 6, "K": 3, "M": 2}, {"N": 1, "C": 1, "O": 1, "H": 5, "V": 5, "K": 1, "M": 1},
         {"N": 3, "C": 3, "O": 2, "H": 9, "V": 8, "K": 2, "M": 3})  # fmt: skip
SETTINGS = ({}, {"stride": 2}, {"padding": 1}, {"stride": 2, "padding": 1}, {"stride": 3, "padding": 2, "dilation": 2})


def conv2d(**settings):
    """The sum of squares of a convolution of an image; every leaf is a parameter, so that all gradients are there."""
    draft = Draft()
    x, w, b = tensor("x", "c h v"), tensor("w", "o c k l"), tensor("b", "o")
    y = draft.define("y", registry.find("conv2d")(x, w, b, **settings))
    draft.define("L", total(y**2))
    return draft.network(wrt=["x", "w", "b"])


def conv1d(**settings):
    draft = Draft()
    x, w, b = tensor("x", "c n"), tensor("w", "o c k"), tensor("b", "o")
    y = draft.define("y", registry.find("conv1d")(x, w, b, **settings))
    draft.define("L", total(y**2))
    return draft.network(wrt=["x", "w", "b"])


def pooled(name, rank, **settings):
    draft = Draft()
    x = tensor("x", "h v" if rank == 2 else "n")
    y = draft.define("y", registry.find(name)(x, **settings))
    draft.define("L", total(y**3))
    return draft.network(wrt=["x"])


def close(found, wanted):
    wanted = np.asarray(wanted)
    assert found.shape == wanted.shape
    assert np.max(np.abs(found - wanted), initial=0) <= 1e-8 * max(1.0, np.abs(wanted).max(initial=0))


@pytest.mark.parametrize("sizes", SIZES, ids=["first", "second", "third"])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_gradients_are_those_of_torch(settings, sizes, load):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    for network, function, shapes in (
        (conv2d, "conv2d", ((sizes["C"], sizes["H"], sizes["V"]), (sizes["O"], sizes["C"], sizes["K"], sizes["M"]))),
        (conv1d, "conv1d", ((sizes["C"], sizes["H"]), (sizes["O"], sizes["C"], sizes["K"]))),
    ):
        module = load(emit(network(**settings)))
        params = {name: rng.normal(size=shape) for name, shape in zip("xwb", (*shapes, (sizes["O"],)), strict=True)}
        loss, grads = module.value_and_grad(params)
        leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
        y = getattr(torch.nn.functional, function)(leaves["x"][None], leaves["w"], leaves["b"], **settings)
        (y**2).sum().backward()
        assert loss == pytest.approx(float((y**2).sum().detach()), rel=1e-12)
        for name, leaf in leaves.items():
            close(grads[name], leaf.grad.numpy())


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize(("width", "stride"), [(2, 2), (3, 1), (3, 2)])
@pytest.mark.parametrize("shape", [(6, 7), (3, 3), (8, 5), (9,), (4,)], ids=str)
def test_pooling_is_that_of_torch(kind, width, stride, shape, load):
    torch = pytest.importorskip("torch")
    module = load(emit(pooled(f"{kind}_pool{len(shape)}d", len(shape))))
    short = {"max": "max", "average": "avg"}[kind]
    function = getattr(torch.nn.functional, f"{short}_pool{len(shape)}d")
    rng = np.random.default_rng(1)
    for x in (rng.normal(size=shape), rng.integers(0, 2, shape).astype(float)):  # the second has ties
        loss, grads = module.value_and_grad({"x": x}, width=width, stride=stride)
        leaf = torch.tensor(x, requires_grad=True)
        whole = (function(leaf[None, None], width, stride) ** 3).sum()
        whole.backward()
        assert loss == pytest.approx(float(whole.detach()), rel=1e-12, abs=1e-12)
        close(grads["x"], leaf.grad.numpy())


def test_extreme_entries_stay_finite(load):
    module = load(emit(conv2d(stride=2, padding=1)))
    points = np.array([1e4, -1e4, 1e-300, -1e-300, 0.0, 1.0])
    rng = np.random.default_rng(2)
    params = {
        name: rng.choice(points, shape) for name, shape in zip("xwb", ((2, 5, 6), (3, 2, 3, 3), (3,)), strict=True)
    }
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad(params)
        pool = load(emit(pooled("max_pool2d", 2)))
        low, slopes = pool.value_and_grad({"x": rng.choice(points, (5, 6))}, width=2, stride=1)
    assert np.isfinite(loss)
    assert np.isfinite(low)
    assert all(np.all(np.isfinite(grad)) for grad in (*grads.values(), *slopes.values()))


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_single_precision_is_kept(settings, load):
    module = load(emit(conv2d(**settings)))
    rng = np.random.default_rng(3)
    shapes = zip("xwb", ((2, 7, 6), (3, 2, 3, 2), (3,)), strict=True)
    loss, cache = module.forward({name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes})
    assert all(array.dtype == np.float32 for array in (np.asarray(loss), *module.backward(cache).values()))


@pytest.mark.parametrize(("stride", "width"), [(0, 2), (2.0, 2), (1, -1)])
def test_only_whole_numbers_are_strides_and_widths(stride, width, load):
    module = load(emit(pooled("average_pool1d", 1)))
    with pytest.raises(ValueError, match="must be a whole number from 1"):
        module.forward({"x": np.ones(4)}, stride=stride, width=width)


def test_strides_that_are_symbols_are_the_same_as_their_numbers(load):
    import sympy

    names = {name: sympy.Symbol(name, integer=True, positive=True) for name in ("stride", "dilation")}
    names["padding"] = sympy.Symbol("padding", integer=True, nonnegative=True)
    module = load(emit(conv2d(**names)))
    assert module.check()
    rng = np.random.default_rng(4)
    shapes = zip("xwb", ((2, 9, 8), (3, 2, 3, 2), (3,)), strict=True)
    params = {name: rng.normal(size=shape) for name, shape in shapes}
    settings = {"stride": 2, "padding": 1, "dilation": 2}
    loss, grads = module.value_and_grad(params, **settings)
    other, wanted = load(emit(conv2d(**settings))).value_and_grad(params)
    assert loss == pytest.approx(other, rel=1e-13)
    for name in params:
        close(grads[name], wanted[name])


@pytest.mark.parametrize("height", [7, 8, 11])
def test_windows_of_what_strides_have_left(height, load):
    """A pooling after a convolution with a stride: the sizes are whole parts of whole parts."""
    torch = pytest.importorskip("torch")
    draft = Draft()
    x, w, b = tensor("x", "c h v"), tensor("w", "o c k l"), tensor("b", "o")
    y = draft.define("y", registry.find("conv2d")(x, w, b, stride=2, padding=1, dilation=2))
    z = draft.define("z", registry.find("max_pool2d")(y, width=2, stride=2))
    draft.define("L", total(z**2))
    module = load(emit(draft.network(wrt=["x", "w", "b"])))
    rng = np.random.default_rng(3)
    shapes = {"x": (2, height, 9), "w": (3, 2, 2, 3), "b": (3,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    loss, grads = module.value_and_grad(params)
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    made = torch.nn.functional.conv2d(leaves["x"][None], leaves["w"], leaves["b"], stride=2, padding=1, dilation=2)
    wanted = (torch.nn.functional.max_pool2d(made, 2, 2) ** 2).sum()
    wanted.backward()
    assert loss == pytest.approx(float(wanted.detach()), rel=1e-12)
    for name, leaf in leaves.items():
        close(grads[name], leaf.grad.numpy())
