"""Networks, an exact oracle and a loader for the tests of the emitter."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sympy import Integer

from symnn.declare import registry
from symnn.emit import emit
from symnn.formula.evaluate import Assignment, evaluate, positions, precision
from symnn.formula.facts import Fact
from symnn.network.arrays import exp, log, maximum, mean, tensor, total, where
from symnn.network.build import Draft
from symnn.network.equations import Network

BITS = 300


def use(name: str) -> Any:
    found = registry.find(name)
    assert found is not None
    return found


# -- networks -------------------------------------------------------------------------------------------------


def perceptron() -> Network:
    """Linear, ReLU, linear, sigmoid, half the squared error."""
    draft = Draft()
    a_1 = draft.define("a_1", tensor("W_1", "m n") @ tensor("x", "n") + tensor("b_1", "m"))
    h_1 = draft.define("h_1", use("relu")(a_1))
    a_2 = draft.define("a_2", tensor("W_2", "m") @ h_1 + tensor("b_2"))
    yhat = draft.define("yhat", use("sigmoid")(a_2))
    draft.define("L", use("half_squared_error")(yhat, tensor("y")))
    return draft.network(inputs=["x"], targets=["y"], title="A perceptron")


def two_outputs() -> Network:
    """The same with a vector of outputs."""
    draft = Draft()
    a_1 = draft.define("a_1", tensor("W_1", "m n") @ tensor("x", "n") + tensor("b_1", "m"))
    h_1 = draft.define("h_1", use("relu")(a_1))
    a_2 = draft.define("a_2", tensor("W_2", "k m") @ h_1 + tensor("b_2", "k"))
    yhat = draft.define("yhat", use("sigmoid")(a_2))
    draft.define("L", Fraction(1, 2) * total((yhat - tensor("y", "k")) ** 2))
    return draft.network(inputs=["x"], targets=["y"])


def logistic_regression() -> Network:
    draft = Draft()
    s = draft.define("s", use("sigmoid")(tensor("w", "n") @ tensor("x", "n") + tensor("b")))
    draft.define("L", use("binary_cross_entropy")(s, tensor("y")))
    return draft.network(inputs=["x"], targets=["y"])


def softmax_regression(facts: bool = False) -> Network:
    draft = Draft()
    t = tensor("t", "k")
    z = draft.define("z", tensor("W", "k n") @ tensor("x", "n") + tensor("b", "k"))
    p = draft.define("p", use("softmax")(z))
    draft.define("L", use("categorical_cross_entropy")(p, t))
    known = [Fact("sum", t.array.plain_tensor(), value=Integer(1))] if facts else []
    return draft.network(inputs=["x"], targets=["t"], facts=known)


def spelled_softmax() -> Network:
    """Softmax and cross-entropy without any operator, every part named."""
    draft = Draft()
    z = draft.define("z", tensor("W", "k n") @ tensor("x", "n"))
    e = draft.define("e", exp(z))
    Z = draft.define("Z", total(e))
    p = draft.define("p", e / Z)
    draft.define("L", -total(tensor("t", "k") * log(p)))
    return draft.network(inputs=["x"], targets=["t"])


def one_line_softmax() -> Network:
    draft = Draft()
    z = draft.define("z", tensor("W", "k n") @ tensor("x", "n"))
    p = draft.define("p", exp(z) / total(exp(z)))
    draft.define("L", -total(tensor("t", "k") * log(p)))
    return draft.network(inputs=["x"], targets=["t"])


def log_sum_exp() -> Network:
    draft = Draft()
    z = draft.define("z", tensor("W", "k n") @ tensor("x", "n"))
    draft.define("L", log(total(exp(z))) - tensor("c", "k") @ z)
    return draft.network(inputs=["x"], targets=["c"])


def spelled_logistic() -> Network:
    """The logistic function in its other form, and its cross-entropy, without operators."""
    draft = Draft()
    a, y = draft.define("a", tensor("w", "n") @ tensor("x", "n")), tensor("y")
    s = draft.define("s", exp(a) / (exp(a) + 1))
    draft.define("L", -y * log(s) - (1 - y) * log(1 - s))
    return draft.network(inputs=["x"], targets=["y"])


def divergence() -> Network:
    draft = Draft()
    t = tensor("t", "k")
    p = draft.define("p", use("softmax")(tensor("W", "k n") @ tensor("x", "n")))
    draft.define("L", total(t * log(t / p)))
    return draft.network(inputs=["x"], targets=["t"])


def xor() -> Network:
    """Two hidden sigmoid units; weights as in textbooks, given as values."""
    draft = Draft()
    h = draft.define("h", use("sigmoid")(tensor("W", "2 2") @ tensor("x", "2") + tensor("b", "2")))
    y = draft.define("yhat", use("sigmoid")(tensor("v", "2") @ h + tensor("c")))
    draft.define("L", use("squared_error")(y, tensor("t")))
    return draft.network(inputs=["x"], targets=["t"])


def custom_neurons() -> Network:
    draft = Draft()
    x_1, x_2, y = tensor("x_1"), tensor("x_2"), tensor("y")
    w = [tensor(f"w_{k}") for k in range(1, 6)]
    h_1 = draft.define("h_1", (x_1 + w[0] * x_2) ** 2)
    h_2 = draft.define("h_2", w[1] * x_1 * x_2)
    yhat = draft.define("yhat", w[2] * h_1 + w[3] * h_2 + w[4])
    draft.define("E", use("squared_error")(yhat, y))
    values = {"w_1": 2, "w_2": Fraction(3), "w_3": 1, "w_4": 1, "w_5": 2}
    return draft.network(inputs=["x_1", "x_2"], targets=["y"], values=values)


def deep(layers: int = 32) -> Network:
    draft = Draft()
    h = tensor("x", "n")
    for layer in range(1, layers + 1):
        a = draft.define(f"a_{layer}", tensor(f"W_{layer}", "n n") @ h + tensor(f"b_{layer}", "n"))
        h = draft.define(f"h_{layer}", use("tanh")(a))
    draft.define("L", use("mean_squared_error")(h, tensor("y", "n")))
    return draft.network(inputs=["x"], targets=["y"])


def chain() -> Network:
    """Two weights in a row, and a performance that is maximised."""
    draft = Draft()
    p_1 = draft.define("p_1", tensor("w_1") * tensor("x"))
    y_1 = draft.define("y_1", use("sigmoid")(p_1))
    p_2 = draft.define("p_2", tensor("w_2") * y_1)
    z = draft.define("z", use("sigmoid")(p_2))
    draft.define("P", -Fraction(1, 2) * (tensor("d") - z) ** 2)
    return draft.network(inputs=["x"], targets=["d"])


def nested() -> Network:
    """A function of two numbers; nothing is data."""
    draft = Draft()
    x_1, x_2 = tensor("x_1"), tensor("x_2")
    u = draft.define("u", (2 * x_1 + x_2) ** 2)
    v = draft.define("v", u + 3 * x_2**2)
    draft.define("f", v**3)
    return draft.network()


def elu() -> Network:
    """A piecewise function whose other branch overflows."""
    draft = Draft()
    a = draft.define("a", tensor("W", "m n") @ tensor("x", "n"))
    h = draft.define("h", where(a > 0, a, Fraction(3, 2) * (exp(a) - 1)))
    draft.define("L", mean((h - tensor("y", "m")) ** 2))
    return draft.network(inputs=["x"], targets=["y"])


def log_softmax_named() -> Network:
    """The logarithm of a probability in an equation of its own, and a focal factor."""
    draft = Draft()
    z = draft.define("z", tensor("W", "k n") @ tensor("x", "n"))
    p = draft.define("p", use("softmax")(z))
    q = draft.define("q", log(p))
    draft.define("L", -total(tensor("t", "k") * (1 - p) ** 2 * q))
    return draft.network(inputs=["x"], targets=["t"])


def softplus_regression() -> Network:
    draft = Draft()
    a = draft.define("a", tensor("w", "n") @ tensor("x", "n"))
    draft.define("L", log(1 + exp(a)) - tensor("y") * a)
    return draft.network(inputs=["x"], targets=["y"])


def tanh_by_exponentials() -> Network:
    draft = Draft()
    a = draft.define("a", tensor("w", "n") @ tensor("x", "n"))
    h = draft.define("h", (exp(2 * a) - 1) / (exp(2 * a) + 1))
    draft.define("L", (h - tensor("y")) ** 2)
    return draft.network(inputs=["x"], targets=["y"])


def rational_of_exponentials() -> Network:
    """A quotient of exponentials that no law knows."""
    draft = Draft()
    a = draft.define("a", tensor("w", "n") @ tensor("x", "n"))
    h = draft.define("h", (exp(a) + a) / (exp(2 * a) + exp(a) + 3))
    draft.define("L", (h - tensor("y")) ** 2)
    return draft.network(inputs=["x"], targets=["y"])


def hinge() -> Network:
    draft = Draft()
    s = draft.define("s", tensor("w", "n") @ tensor("x", "n"))
    draft.define("L", maximum(0, 1 - tensor("y") * s) + Fraction(1, 10) * total(tensor("w", "n") ** 2))
    return draft.network(inputs=["x"], targets=["y"])


def attention() -> Network:
    """Scaled dot products over a sequence, with a square root of a size."""
    import sympy

    from symnn.network.arrays import expression

    draft = Draft()
    x = tensor("x", "s n")
    q = draft.define("Q", x @ tensor("W_q", "n d"))
    k = draft.define("K", x @ tensor("W_k", "n d"))
    v = draft.define("V", x @ tensor("W_v", "n d"))
    scale = expression(1 / sympy.sqrt(sympy.Symbol("d", integer=True, positive=True)))
    p = draft.define("P", use("softmax")(q @ k.T * scale))
    o = draft.define("O", p @ v)
    draft.define("L", mean((o - tensor("y", "s d")) ** 2))
    return draft.network(inputs=["x"], targets=["y"])


NETWORKS: dict[str, Callable[[], Network]] = {
    f.__name__: f
    for f in (
        perceptron, two_outputs, logistic_regression, softmax_regression, spelled_softmax, one_line_softmax,
        log_sum_exp, spelled_logistic, divergence, xor, custom_neurons, chain, elu, hinge, attention,
        log_softmax_named, softplus_regression, tanh_by_exponentials, rational_of_exponentials,
    )
}  # fmt: skip


# -- loading --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ModuleType]:
    """Emit a network and import the module; the same network is emitted once."""
    folder = tmp_path_factory.mktemp("emitted")
    counter = itertools.count()
    known: dict[Any, ModuleType] = {}

    def loaded(source: str | Callable[[], Network], reduction: str = "mean") -> ModuleType:
        key = (source, reduction)
        if key not in known:
            text = source if isinstance(source, str) else emit(source(), reduction=reduction)
            known[key] = import_text(text, folder / f"module_{next(counter)}.py")
        return known[key]

    return loaded


def import_text(text: str, path: Path) -> ModuleType:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- data -----------------------------------------------------------------------------------------------------

SIZES = (
    {"n": 3, "m": 4, "k": 3, "s": 3, "d": 2},
    {"n": 1, "m": 2, "k": 2, "s": 2, "d": 3},
    {"n": 5, "m": 3, "k": 4, "s": 1, "d": 1},
)


def shape_of(tensor_: Any, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(int(d) if d.is_number else sizes[str(d)] for d in tensor_.shape)


def random_case(
    network: Network, sizes: Mapping[str, int], batch: int | None, seed: int = 0, dtype: Any = np.float64
) -> tuple[dict[str, Any], list[Any]]:
    """Parameters and data; targets are probabilities where they are vectors, so that every loss is defined."""
    rng = np.random.default_rng(seed)
    lead = () if batch is None else (batch,)
    params = {p.name: rng.normal(0, 0.7, shape_of(p, sizes)).astype(dtype) for p in network.parameters}
    data = []
    for item in network.inputs:
        data.append(rng.normal(0, 1, (*lead, *shape_of(item, sizes))).astype(dtype))
    for item in network.targets:
        drawn = rng.uniform(0.1, 0.9, (*lead, *shape_of(item, sizes)))
        if drawn.ndim > len(lead):
            drawn = drawn / drawn.sum(axis=-1, keepdims=True)
        data.append(drawn.astype(dtype))
    return params, data


# -- the oracle -----------------------------------------------------------------------------------------------


def exact_loss(network: Network, values: Mapping[str, Any], sizes: Mapping[str, int], bits: int = BITS) -> Any:
    """The loss of one sample as a ball, from the formulas alone; `values` are arrays of exact numbers."""
    with precision(bits):
        dimensions = {d: sizes[str(d)] for d in network.dimensions}
        known: dict[Any, Any] = {}
        for leaf in (*network.inputs, *network.targets, *network.parameters):
            array = values[leaf.name]
            known[leaf] = {place: array[place] for place in positions(shape_of(leaf, sizes))}
        for equation in network.equations:
            assignment = Assignment(dimensions, known)
            known[equation.tensor] = {
                place: evaluate(equation.formula, assignment, dict(zip(equation.indices, place, strict=True)))
                for place in positions(shape_of(equation.tensor, sizes))
            }
        return known[network.loss][()]


def exact_numbers(array: Any) -> np.ndarray[Any, Any]:
    """An array of fractions, exactly what the floats are."""
    given = np.asarray(array)
    result = np.empty(given.shape, dtype=object)
    for place in np.ndindex(given.shape):
        result[place] = Fraction(float(given[place]))
    return result


def exact_gradient(
    network: Network, values: Mapping[str, Any], sizes: Mapping[str, int], name: str, bits: int = BITS
) -> Any:
    """The gradient of one sample by central differences in ball arithmetic with a step of 2^-80."""
    step = Fraction(1, 2**80)
    array = values[name]
    result = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        sides = []
        for sign in (1, -1):
            moved = array.copy()
            moved[place] = moved[place] + sign * step
            sides.append(exact_loss(network, {**values, name: moved}, sizes, bits))
        with precision(bits):
            result[place] = (sides[0] - sides[1]) / (2 * _ball(step))
    return result


def _ball(value: Fraction) -> Any:
    from symnn.formula.evaluate import ball

    return ball(value)


def middle(value: Any) -> float:
    """A ball as a float; it must be tight."""
    with precision(BITS):
        assert value.rad() <= 1e-40 * max(1, abs(value.mid())), value
        return float(value.mid())


# -- fixtures -------------------------------------------------------------------------------------------------


@pytest.fixture(params=list(NETWORKS))
def build(request: pytest.FixtureRequest) -> Callable[[], Network]:
    """Each network in turn."""
    return NETWORKS[request.param]


@pytest.fixture(params=SIZES, ids=["sizes1", "sizes2", "sizes3"])
def sizes(request: pytest.FixtureRequest) -> dict[str, int]:
    """Three choices of sizes in turn."""
    return dict(request.param)


@pytest.fixture(scope="session")
def tools() -> SimpleNamespace:
    """The functions and networks of this file, for tests that take one of them."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})
