"""Emitted gradients of recurrent cells, deep perceptrons, attention and transformer blocks against PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symnn.emit import emit
from symnn.notes.read import network_from_note

torch = pytest.importorskip("torch")
NOTES = Path(__file__).parents[2] / "derivations" / "notes"
SIZES = (
    {"B": 3, "T": 5, "d": 4, "n": 3, "o": 2, "L": 4, "m": 6, "d_k": 3, "d_v": 2, "H": 2, "e": 3},
    {"B": 1, "T": 1, "d": 1, "n": 1, "o": 1, "L": 1, "m": 1, "d_k": 1, "d_v": 1, "H": 1, "e": 1},
    {"B": 2, "T": 17, "d": 7, "n": 9, "o": 5, "L": 9, "m": 5, "d_k": 8, "d_v": 4, "H": 3, "e": 4},
)


def elman(p: Any, x: Any, y: Any) -> Any:
    h = torch.zeros(len(x), len(p["b"]), dtype=x.dtype)
    loss = 0.0
    for t in range(x.shape[1]):
        h = torch.tanh(x[:, t] @ p["W"].T + h @ p["U"].T + p["b"])
        loss = loss + ((h @ p["V"].T + p["c"] - y[:, t]) ** 2).sum() / 2
    return loss


def lstm(p: Any, x: Any, y: Any) -> Any:
    h = c = torch.zeros_like(y[:, 0])
    loss = 0.0
    for t in range(x.shape[1]):
        f, i, o, g = (x[:, t] @ p[f"W_{k}"].T + h @ p[f"U_{k}"].T + p[f"b_{k}"] for k in "fiog")
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        loss = loss + ((h - y[:, t]) ** 2).sum() / 2
    return loss


def gru(p: Any, x: Any, y: Any) -> Any:
    h = torch.zeros_like(y[:, 0])
    loss = 0.0
    for t in range(x.shape[1]):
        z, r = (torch.sigmoid(x[:, t] @ p[f"W_{k}"].T + h @ p[f"U_{k}"].T + p[f"b_{k}"]) for k in "zr")
        g = torch.tanh(x[:, t] @ p["W_h"].T + (r * h) @ p["U_h"].T + p["b_h"])
        h = (1 - z) * h + z * g
        loss = loss + ((h - y[:, t]) ** 2).sum() / 2
    return loss


def deep_perceptron(p: Any, x: Any, y: Any) -> Any:
    a = x
    for w, b in zip(p["W"], p["b"], strict=True):
        a = torch.sigmoid(a @ w.T + b)
    return ((a - y) ** 2).sum() / 2


def attention(p: Any, m: Any, y: Any) -> Any:
    q, k, v = (p[name].expand(len(m), -1, -1) for name in "QKV")
    out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=m)
    return ((out - y) ** 2).sum() / 2


def transformer_block(p: Any, x: Any, m: Any, t: Any) -> Any:
    functional = torch.nn.functional
    d = x.shape[-1]
    a = functional.layer_norm(x, (d,), p["gamma_1"], p["beta_1"], eps=EPSILON)[:, None]
    q, k, v = a @ p["W_Q"], a @ p["W_K"], a @ p["W_V"]
    heads = functional.scaled_dot_product_attention(q, k, v, attn_mask=m[:, None])
    y = x + (heads @ p["W_O"]).sum(dim=1)
    b = functional.layer_norm(y, (d,), p["gamma_2"], p["beta_2"], eps=EPSILON)
    z = y + functional.gelu(b @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return ((z - t) ** 2).sum() / 2


NETWORKS = {f.__name__: f for f in (elman, lstm, gru, deep_perceptron, attention, transformer_block)}
EPSILON = 1e-5


@pytest.fixture(scope="module")
def modules() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in NETWORKS:
        made[name] = {"__name__": name}
        exec(compile(emit(network_from_note(NOTES / f"{name}.md")), name, "exec"), made[name])  # noqa: S102
    return made


def draw(module: dict[str, Any], sizes: dict[str, int], seed: int) -> tuple[dict[str, Any], list[Any]]:
    rng = np.random.default_rng(seed)
    params = {n: rng.normal(0, 0.7, [sizes[s] for s in shape]) for n, shape in module["PARAMETERS"].items()}
    data = [rng.normal(0, 1, [sizes["B"], *(sizes[s] for s in shape)]) for shape in module["DATA"].values()]
    return params, data


def by_torch(name: str, params: dict[str, Any], data: list[Any]) -> tuple[float, dict[str, Any]]:
    leaves = {n: torch.tensor(v, requires_grad=True) for n, v in params.items()}
    loss = NETWORKS[name](leaves, *map(torch.tensor, data)) / len(data[0])
    loss.backward()
    return loss.item(), {n: v.grad.numpy() for n, v in leaves.items()}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("sizes", SIZES, ids=["first", "ones", "third"])
def test_gradients_agree_to_eight_digits(name: str, sizes: dict[str, int], modules: dict[str, Any]) -> None:
    module = modules[name]
    params, data = draw(module, sizes, seed=4)
    extra = {"eps": EPSILON} if name == "transformer_block" else {}
    loss, grads = module["value_and_grad"](params, *data, **extra)
    wanted, wanted_grads = by_torch(name, params, data)
    assert loss == pytest.approx(wanted, rel=1e-10)
    assert set(grads) == set(wanted_grads)
    for key, grad in grads.items():
        scale = max(1e-3, np.abs(wanted_grads[key]).max())
        assert np.abs(grad - wanted_grads[key]).max() <= 1e-8 * scale, key


@pytest.mark.parametrize("hidden", [-np.inf, -1e9, -1e300])
@pytest.mark.parametrize("name", ["attention", "transformer_block"])
def test_masks_hide_keys(name: str, hidden: float, modules: dict[str, Any]) -> None:
    module, sizes = modules[name], SIZES[0]
    params, data = draw(module, sizes, seed=5)
    place = list(module["DATA"]).index("M")
    seen = np.tri(*data[place].shape[1:]) > 0
    data[place] = np.broadcast_to(np.where(seen, 0.0, hidden), data[place].shape).copy()
    extra = {"eps": EPSILON} if name == "transformer_block" else {}
    loss, grads = module["value_and_grad"](params, *data, **extra)
    if name == "transformer_block":
        assert np.isfinite(loss)
        assert all(np.isfinite(g).all() for g in grads.values())
        return
    wanted, wanted_grads = by_torch(name, params, data)
    assert loss == pytest.approx(wanted, rel=1e-10)
    for key, grad in grads.items():
        np.testing.assert_allclose(grad, wanted_grads[key], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [1e4, 1e-300])
def test_extreme_parameters_stay_finite(name: str, size: float, modules: dict[str, Any]) -> None:
    module = modules[name]
    params, data = draw(module, SIZES[0], seed=6)
    extra = {"eps": EPSILON} if name == "transformer_block" else {}
    with np.errstate(over="ignore", under="ignore"):
        loss, grads = module["value_and_grad"]({n: np.sign(v) * size for n, v in params.items()}, *data, **extra)
    assert np.isfinite(loss)
    assert all(np.isfinite(g).all() for g in grads.values())
