"""Networks with shifts, recurrences, heads and norms, built in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from networks import apply

from symnn.declare import registry
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Call, Delta, Inside, Tensor, Total
from symnn.network.arrays import Expression, tensor, total
from symnn.network.build import Draft, network_of
from symnn.network.equations import Equation, Network


def call(name: str, argument: Any) -> Any:
    operator = registry.find(name)
    assert operator is not None, name
    return Call(operator.function, argument)


def elman() -> Network:
    """An Elman network over T steps with shared weights and half the squared error."""
    steps, hidden, inputs, outputs = map(dimension, ("T", "n", "d", "o"))
    t, i, j, k, q = (
        Index("t", steps), Index("i", hidden), Index("j", hidden), Index("k", inputs), Index("q", outputs),
    )  # fmt: skip
    w, u, b = Tensor("W", (hidden, inputs)), Tensor("U", (hidden, hidden)), Tensor("b", (hidden,))
    v, x, y = Tensor("V", (outputs, hidden)), Tensor("x", (steps, inputs)), Tensor("y", (steps, outputs))
    h, start, out = Tensor("h", (steps, hidden)), Tensor("h_0", (hidden,)), Tensor("yhat", (steps, outputs))
    before = Inside(t - 1, steps) * h[t - 1, j] + Delta(t, 0) * start[j]
    equations = [
        Equation(h, (t, i), call("tanh", Total(w[i, k] * x[t, k], k) + Total(u[i, j] * before, j) + b[i])),
        Equation(out, (t, q), Total(v[q, i] * h[t, i], i)),
        Equation(Tensor("L"), (), Total(Total((out[t, q] - y[t, q]) ** 2, q), t) / 2),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L", title="Elman network")


def _gate(name: str, hidden: Any, inputs: Any, t: Any, i: Any, previous: Callable[[Any], Any], x: Any) -> Any:
    w, u, b = (
        Tensor(f"W_{name}", (hidden, inputs)),
        Tensor(f"U_{name}", (hidden, hidden)),
        Tensor(f"b_{name}", (hidden,)),
    )
    k, j = Index("k", inputs), Index("j", hidden)
    return Total(w[i, k] * x[t, k], k) + Total(u[i, j] * previous(j), j) + b[i]


def lstm() -> Network:
    """A long short-term memory over T steps (S. Hochreiter, J. Schmidhuber 1997, with forget gate)."""
    steps, hidden, inputs = map(dimension, ("T", "n", "d"))
    t, i = Index("t", steps), Index("i", hidden)
    x, y = Tensor("x", (steps, inputs)), Tensor("y", (steps, hidden))
    h, c = Tensor("h", (steps, hidden)), Tensor("c", (steps, hidden))

    def previous(j: Any) -> Any:
        return Inside(t - 1, steps) * h[t - 1, j]

    gates = {name: Tensor(name, (steps, hidden)) for name in "figo"}
    equations = []
    for name, gate in gates.items():
        a = Tensor(f"a_{name}", (steps, hidden))
        equations.append(Equation(a, (t, i), _gate(name, hidden, inputs, t, i, previous, x)))
        equations.append(Equation(gate, (t, i), call("tanh" if name == "g" else "sigmoid", a[t, i])))
    f, update, g, o = (gates[n] for n in "figo")
    equations.append(Equation(c, (t, i), f[t, i] * Inside(t - 1, steps) * c[t - 1, i] + update[t, i] * g[t, i]))
    equations.append(Equation(h, (t, i), o[t, i] * call("tanh", c[t, i])))
    equations.append(Equation(Tensor("L"), (), Total(Total((h[t, i] - y[t, i]) ** 2, i), t) / 2))
    return network_of(equations, inputs=["x"], targets=["y"], loss="L", title="LSTM")


def gru() -> Network:
    """A gated recurrent unit over T steps (K. Cho et al. 2014)."""
    steps, hidden, inputs = map(dimension, ("T", "n", "d"))
    t, i = Index("t", steps), Index("i", hidden)
    x, y, h = Tensor("x", (steps, inputs)), Tensor("y", (steps, hidden)), Tensor("h", (steps, hidden))
    z, r, g = (Tensor(name, (steps, hidden)) for name in "zrg")

    def previous(j: Any) -> Any:
        return Inside(t - 1, steps) * h[t - 1, j]

    equations = [
        Equation(z, (t, i), call("sigmoid", _gate("z", hidden, inputs, t, i, previous, x))),
        Equation(r, (t, i), call("sigmoid", _gate("r", hidden, inputs, t, i, previous, x))),
        Equation(g, (t, i), call("tanh", _gate("g", hidden, inputs, t, i, lambda j: r[t, j] * previous(j), x))),
        Equation(h, (t, i), (1 - z[t, i]) * previous(i) + z[t, i] * g[t, i]),
        Equation(Tensor("L"), (), Total(Total((h[t, i] - y[t, i]) ** 2, i), t) / 2),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L", title="GRU")


def attention() -> Network:
    """Scaled dot-product attention with a linear loss (A. Vaswani et al. 2017)."""
    q, k, v, g = tensor("Q", "n d"), tensor("K", "m d"), tensor("V", "m e"), tensor("G", "n e")
    draft = Draft()
    s = draft.define("S", q @ k.T / sympy.sqrt(dimension("d")))
    p = draft.define("P", apply("softmax", s))
    o = draft.define("O", p @ v)
    draft.define("L", total(o * g))
    return draft.network(inputs=["G"], title="attention")


def multi_head_attention() -> Network:
    """Attention over a batch of heads, the heads as a leading axis."""
    q, k, v, g = tensor("Q", "h n d"), tensor("K", "h m d"), tensor("V", "h m e"), tensor("G", "h n e")
    draft = Draft()
    s = draft.define("S", q @ k.T / sympy.sqrt(dimension("d")))
    p = draft.define("P", apply("softmax", s))
    o = draft.define("O", p @ v)
    draft.define("L", total(o * g))
    return draft.network(inputs=["G"], title="multi-head attention")


def convolution() -> Network:
    """A two-dimensional convolution with channels and bias."""
    o, c, height, width, p, q = map(dimension, ("O", "C", "H", "W", "P", "Q"))
    rows, columns = height - p + 1, width - q + 1
    oo, cc, i, j = Index("o", o), Index("c", c), Index("i", rows), Index("j", columns)
    pp, qq = Index("p", p), Index("q", q)
    x, w, b = Tensor("x", (c, height, width)), Tensor("w", (o, c, p, q)), Tensor("b", (o,))
    y, target = Tensor("y", (o, rows, columns)), Tensor("t", (o, rows, columns))
    inner = w[oo, cc, pp, qq] * x[cc, i + pp, j + qq]
    equations = [
        Equation(y, (oo, i, j), Total(Total(Total(inner, qq), pp), cc) + b[oo]),
        Equation(Tensor("L"), (), Total(Total(Total((y[oo, i, j] - target[oo, i, j]) ** 2, j), i), oo) / 2),
    ]
    return network_of(equations, inputs=[], targets=["t"], loss="L", wrt=["x", "w", "b"], title="convolution")


def strided_convolution() -> Network:
    """A convolution along one axis with stride 2 and zero padding 1."""
    c, o, p, rows = dimension("C"), dimension("O"), dimension(3), dimension("M")
    length = 2 * rows
    oo, cc, i, pp = Index("o", o), Index("c", c), Index("i", rows), Index("p", p)
    x, w = Tensor("x", (c, length)), Tensor("w", (o, c, p))
    y, target = Tensor("y", (o, rows)), Tensor("t", (o, rows))
    place = 2 * i + pp - 1
    equations = [
        Equation(y, (oo, i), Total(Total(w[oo, cc, pp] * Inside(place, length) * x[cc, place], pp), cc)),
        Equation(Tensor("L"), (), Total(Total((y[oo, i] - target[oo, i]) ** 2, i), oo) / 2),
    ]
    return network_of(equations, targets=["t"], loss="L", wrt=["x", "w"], title="strided convolution")


def transformer_block() -> Network:
    """A pre-norm transformer block with one head and a GELU perceptron."""
    x, target = tensor("X", "n d"), tensor("T", "n d")
    names = {"W_q": "d e", "W_k": "d e", "W_v": "d e", "W_o": "e d", "W_1": "d f", "W_2": "f d"}
    w = {name: tensor(name, shape) for name, shape in names.items()}
    vectors = {"gamma_1": "d", "beta_1": "d", "gamma_2": "d", "beta_2": "d", "b_1": "f", "b_2": "d"}
    v = {name: tensor(name, shape) for name, shape in vectors.items()}
    draft = Draft()
    a = draft.define("A", apply("layer_norm", x, v["gamma_1"], v["beta_1"]))
    q, k = draft.define("Q", a @ w["W_q"]), draft.define("K", a @ w["W_k"])
    values = draft.define("V", a @ w["W_v"])
    p = draft.define("P", apply("softmax", draft.define("S", q @ k.T / sympy.sqrt(dimension("e")))))
    y = draft.define("Y", x + (p @ values) @ w["W_o"])
    z = draft.define("Z", apply("layer_norm", y, v["gamma_2"], v["beta_2"]))
    u = draft.define("U", z @ w["W_1"] + v["b_1"])
    out = draft.define("O", y + draft.define("F", apply("gelu", u)) @ w["W_2"] + v["b_2"])
    draft.define("L", total((out - target) ** 2))
    return draft.network(inputs=["X"], targets=["T"], title="transformer block")


HARD_NETWORKS: dict[str, Callable[[], Network]] = {
    "Elman": elman,
    "LSTM": lstm,
    "GRU": gru,
    "attention": attention,
    "multi-head attention": multi_head_attention,
    "convolution": convolution,
    "strided convolution": strided_convolution,
    "transformer block": transformer_block,
}

__all__ = ["HARD_NETWORKS", "Expression"]
