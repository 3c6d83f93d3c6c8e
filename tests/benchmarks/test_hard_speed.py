"""Attention, an LSTM and a transformer block: the time to derive, and emitted code against products and PyTorch.

Ratios of processor time within one run only; the bounds leave room for machines and neighbours.
"""

from __future__ import annotations

import numpy as np
import pytest
from hard_networks import HARD_NETWORKS
from timing import algebra, imported, is_bounded, keeps_within

from symnn.derive import derive
from symnn.derive.lemmas import operator_lemma
from symnn.emit import emit

WORKLOADS = {"attention": 2, "multi-head attention": 2, "LSTM": 4, "transformer block": 8, "convolution": 2}
"""At most so many times a fixed piece of algebra, which takes about a quarter of a second."""


@pytest.mark.benchmark
@pytest.mark.parametrize("name", WORKLOADS)
def test_deriving_takes_no_longer_than_is_promised(name):
    network = HARD_NETWORKS[name]()

    def run():
        operator_lemma.cache_clear()
        derive(network)

    assert is_bounded(run, algebra, WORKLOADS[name])


@pytest.fixture
def torch():
    """PyTorch on one thread."""
    module = pytest.importorskip("torch")
    threads = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(threads)


def drawn(**shapes):
    rng = np.random.default_rng(0)
    return {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def emitted(name, tmp_path):
    return imported(emit(HARD_NETWORKS[name]()), tmp_path / "module.py")


def backpropagated(torch, params, loss):
    """A step of PyTorch: the loss of the parameters as tensors, and its gradients."""
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in params.items()}

    def step():
        for leaf in leaves.values():
            leaf.grad = None
        loss(leaves).backward()
        return {name: leaf.grad.numpy() for name, leaf in leaves.items()}

    return step


def agree(found, wanted):
    for name, gradient in wanted.items():
        assert np.allclose(found[name], gradient, rtol=1e-3, atol=1e-3 * np.abs(gradient).max()), name


HEADS, TOKENS, WIDTH = 8, 256, 64


def attention_case():
    params = drawn(Q=(HEADS, TOKENS, WIDTH), K=(HEADS, TOKENS, WIDTH), V=(HEADS, TOKENS, WIDTH))
    return params, drawn(G=(4, HEADS, TOKENS, WIDTH))["G"]


@pytest.mark.benchmark
def test_attention_is_bound_by_its_matrix_products(tmp_path):
    module = emitted("multi-head attention", tmp_path)
    params, g = attention_case()
    square = drawn(P=(HEADS, TOKENS, TOKENS))["P"]

    def products():
        q, k, v, upstream = params["Q"], params["K"], params["V"], g.sum(axis=0)
        q @ k.swapaxes(1, 2)
        square @ v
        upstream @ v.swapaxes(1, 2)
        square.swapaxes(1, 2) @ upstream
        square @ k
        square.swapaxes(1, 2) @ q

    assert keeps_within(lambda: module.value_and_grad(params, g), {"its matrix products": (products, 3.0)})


@pytest.mark.benchmark
def test_attention_keeps_up_with_torch(tmp_path, torch):
    module = emitted("multi-head attention", tmp_path)
    params, g = attention_case()
    upstream = torch.tensor(g)

    def loss(p):
        weights = torch.softmax(p["Q"] @ p["K"].transpose(1, 2) / WIDTH**0.5, dim=-1)
        return (weights @ p["V"] * upstream).sum(dim=(1, 2, 3)).mean()

    step = backpropagated(torch, params, loss)
    agree(module.value_and_grad(params, g)[1], step())
    assert keeps_within(lambda: module.value_and_grad(params, g), {"the processor time of torch": (step, 2.5)})


STEPS, BATCH, HIDDEN = 32, 32, 128


def lstm_case():
    shapes = {}
    for gate in "figo":
        shapes |= {f"W_{gate}": (HIDDEN, HIDDEN), f"U_{gate}": (HIDDEN, HIDDEN), f"b_{gate}": (HIDDEN,)}
    data = drawn(x=(BATCH, STEPS, HIDDEN), y=(BATCH, STEPS, HIDDEN))
    return drawn(**shapes), data["x"], data["y"]


@pytest.mark.benchmark
def test_an_lstm_is_bound_by_its_matrix_products(tmp_path):
    module = emitted("LSTM", tmp_path)
    params, x, y = lstm_case()
    flat, rows = x.reshape(-1, HIDDEN), x[:, 0].copy()

    def products():
        for gate in "figo":
            flat @ params[f"W_{gate}"].T
            for _ in range(2 * STEPS):
                rows @ params[f"U_{gate}"]
            flat.T @ flat
            flat.T @ flat

    assert keeps_within(lambda: module.value_and_grad(params, x, y), {"its matrix products": (products, 3.5)})


@pytest.mark.benchmark
def test_an_lstm_keeps_up_with_torch(tmp_path, torch):
    module = emitted("LSTM", tmp_path)
    params, x, y = lstm_case()
    inputs, targets = torch.tensor(x), torch.tensor(y)

    def loss(p):
        h = c = torch.zeros(BATCH, HIDDEN)
        found = []
        for t in range(STEPS):
            f, i, g, o = (inputs[:, t] @ p[f"W_{n}"].T + h @ p[f"U_{n}"].T + p[f"b_{n}"] for n in "figo")
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            found.append(h)
        return ((torch.stack(found, 1) - targets) ** 2).sum(dim=(1, 2)).mean() / 2

    step = backpropagated(torch, params, loss)
    agree(module.value_and_grad(params, x, y)[1], step())
    assert keeps_within(lambda: module.value_and_grad(params, x, y), {"the processor time of torch": (step, 1.5)})


SAMPLES, LENGTH, MODEL = 8, 64, 128


def block_case():
    wide = 4 * MODEL
    params = drawn(
        W_q=(MODEL, MODEL), W_k=(MODEL, MODEL), W_v=(MODEL, MODEL), W_o=(MODEL, MODEL), W_1=(MODEL, wide),
        W_2=(wide, MODEL), b_1=(wide,), b_2=(MODEL,), beta_1=(MODEL,), beta_2=(MODEL,),
        gamma_1=(MODEL,), gamma_2=(MODEL,),
    )  # fmt: skip
    data = drawn(X=(SAMPLES, LENGTH, MODEL), T=(SAMPLES, LENGTH, MODEL))
    return params, 10 * data["X"], data["T"]


EPS = 1e-5


@pytest.mark.benchmark
def test_a_transformer_block_is_bound_by_its_matrix_products(tmp_path):
    module = emitted("transformer block", tmp_path)
    params, x, t = block_case()
    flat, hidden = x.reshape(-1, MODEL), drawn(F=(SAMPLES * LENGTH, 4 * MODEL))["F"]
    square = drawn(P=(SAMPLES, LENGTH, LENGTH))["P"]

    def products():
        for name in ("W_q", "W_k", "W_v", "W_o"):
            flat @ params[name]
            flat @ params[name].T
            flat.T @ flat
        for _ in range(3):
            x @ x.swapaxes(1, 2)
            square @ x
        flat @ params["W_1"], hidden @ params["W_1"].T, flat.T @ hidden
        hidden @ params["W_2"], flat @ params["W_2"].T, hidden.T @ flat

    assert keeps_within(lambda: module.value_and_grad(params, x, t, eps=EPS), {"its matrix products": (products, 4.5)})


@pytest.mark.benchmark
def test_a_transformer_block_keeps_up_with_torch(tmp_path, torch):
    module = emitted("transformer block", tmp_path)
    params, x, t = block_case()
    inputs, targets, functional = torch.tensor(x), torch.tensor(t), torch.nn.functional

    def loss(p):
        a = functional.layer_norm(inputs, (MODEL,), p["gamma_1"], p["beta_1"], EPS)
        q, k, v = (a @ p[name] for name in ("W_q", "W_k", "W_v"))
        y = inputs + torch.softmax(q @ k.transpose(1, 2) / MODEL**0.5, dim=-1) @ v @ p["W_o"]
        z = functional.layer_norm(y, (MODEL,), p["gamma_2"], p["beta_2"], EPS)
        out = y + functional.gelu(z @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
        return ((out - targets) ** 2).sum(dim=(1, 2)).mean()

    step = backpropagated(torch, params, loss)
    agree(module.value_and_grad(params, x, t, eps=EPS)[1], step())
    assert keeps_within(
        lambda: module.value_and_grad(params, x, t, eps=EPS), {"the processor time of torch": (step, 3.5)}
    )
