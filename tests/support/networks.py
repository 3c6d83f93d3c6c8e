"""The networks that every part of symnn must work on, built in Python."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy

from symnn.declare import registry
from symnn.formula.facts import Fact
from symnn.network.arrays import Expression, log, mean, tensor, total
from symnn.network.build import Draft
from symnn.network.equations import Network


def apply(name: str, *arguments: Expression) -> Expression:
    operator = registry.find(name)
    assert operator is not None, name
    return operator(*arguments)


def two_layer_perceptron() -> Network:
    """Linear, ReLU, linear, sigmoid, half the squared error."""
    w1, x, b1 = tensor("W_1", "m n"), tensor("x", "n"), tensor("b_1", "m")
    w2, b2, y = tensor("W_2", "m"), tensor("b_2"), tensor("y")
    draft = Draft()
    a1 = draft.define("a_1", w1 @ x + b1)
    h1 = draft.define("h_1", apply("relu", a1))
    a2 = draft.define("a_2", w2 @ h1 + b2)
    yhat = draft.define("yhat", apply("sigmoid", a2))
    draft.define("L", Fraction(1, 2) * (yhat - y) ** 2)
    return draft.network(inputs=["x"], targets=["y"], title="two-layer perceptron")


def logistic_regression() -> Network:
    """A batch matrix, sigmoid, mean binary cross-entropy."""
    x, w, y = tensor("X", "N d"), tensor("w", "d"), tensor("y", "N")
    draft = Draft()
    z = draft.define("z", x @ w)
    s = draft.define("s", apply("sigmoid", z))
    draft.define("L", -mean(y * log(s) + (1 - y) * log(1 - s)))
    return draft.network(inputs=["X"], targets=["y"], title="logistic regression")


def softmax_regression(*, with_fact: bool = True) -> Network:
    """Softmax and cross-entropy; the target sums to one when `with_fact`."""
    w, x, b, t = tensor("W", "K d"), tensor("x", "d"), tensor("b", "K"), tensor("t", "K")
    draft = Draft()
    z = draft.define("z", w @ x + b)
    p = draft.define("p", apply("softmax", z))
    draft.define("L", apply("cross_entropy", p, t))
    target = t.array.plain_tensor()
    assert target is not None
    facts = [Fact("sum", target, 0, sympy.Integer(1))] if with_fact else []
    return draft.network(inputs=["x"], targets=["t"], facts=facts, title="softmax regression")


def custom_neurons() -> Network:
    """Two neurons with products and squares, and a squared error."""
    x1, x2, w1, w2, w3, w4, w5, y = (tensor(n) for n in ("x1", "x2", "w1", "w2", "w3", "w4", "w5", "y_true"))
    draft = Draft()
    h1 = draft.define("h1", (x1 + w1 * x2) ** 2)
    h2 = draft.define("h2", w2 * x1 * x2)
    predicted = draft.define("y_pred", w3 * h1 + w4 * h2 + w5)
    draft.define("Error", (y - predicted) ** 2)
    return draft.network(inputs=["x1", "x2"], targets=["y_true"], title="custom neurons")


def xor_perceptron() -> Network:
    """Two inputs, two hidden sigmoids, one output, squared error."""
    names = ("w_11", "w_21", "w_12", "w_22", "w_31", "w_32", "b_1", "b_2", "b_3", "x_1", "x_2", "y")
    w11, w21, w12, w22, w31, w32, b1, b2, b3, x1, x2, y = map(tensor, names)
    draft = Draft()
    n1 = draft.define("n_1", apply("sigmoid", x1 * w11 + x2 * w21 + b1))
    n2 = draft.define("n_2", apply("sigmoid", x1 * w12 + x2 * w22 + b2))
    out = draft.define("y_out", apply("sigmoid", n1 * w31 + n2 * w32 + b3))
    draft.define("E", (out - y) ** 2)
    return draft.network(inputs=["x_1", "x_2"], targets=["y"], title="XOR perceptron")


def tanh_perceptron(layers: int) -> Network:
    """A tanh perceptron of any depth with half the squared error."""
    draft = Draft()
    h = tensor("x", "n_0")
    for layer in range(1, layers + 1):
        w, b = tensor(f"W_{layer}", f"n_{layer} n_{layer - 1}"), tensor(f"b_{layer}", f"n_{layer}")
        a = draft.define(f"a_{layer}", w @ h + b)
        h = draft.define(f"h_{layer}", apply("tanh", a))
    y = tensor("y", f"n_{layers}")
    draft.define("L", Fraction(1, 2) * total((h - y) ** 2))
    return draft.network(inputs=["x"], targets=["y"], title=f"tanh perceptron of {layers} layers")


def two_weight_chain() -> Network:
    """Two sigmoid neurons in a row and the performance P that is to be maximised."""
    w1, w2, x, d = (tensor(n) for n in ("w_1", "w_2", "x", "d"))
    draft = Draft()
    p1 = draft.define("p_1", w1 * x)
    y = draft.define("y", apply("sigmoid", p1))
    p2 = draft.define("p_2", w2 * y)
    z = draft.define("z", apply("sigmoid", p2))
    draft.define("P", -Fraction(1, 2) * (d - z) ** 2)
    return draft.network(inputs=["x"], targets=["d"], title="two-weight chain")


def nested_function() -> Network:
    """A nested polynomial with two named stages."""
    x1, x2 = tensor("x_1"), tensor("x_2")
    draft = Draft()
    u = draft.define("u", 2 * x1 + x2)
    v = draft.define("v", u**2 + 3 * x2**2)
    draft.define("f", v**3)
    return draft.network(wrt=["x_1", "x_2"], title="nested function")


NETWORKS: dict[str, Callable[[], Network]] = {
    "two-layer perceptron": two_layer_perceptron,
    "logistic regression": logistic_regression,
    "softmax regression": softmax_regression,
    "XOR perceptron": xor_perceptron,
    "custom neurons": custom_neurons,
    "tanh perceptron": lambda: tanh_perceptron(4),
    "two-weight chain": two_weight_chain,
    "nested function": nested_function,
}
