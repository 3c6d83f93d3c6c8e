"""Every definition and every adjoint of real networks, printed and read back."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from symnn.declare import registry
from symnn.derive import derive
from symnn.derive.lemmas import operator_lemma
from symnn.formula.facts import Fact
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Call, Inside, Tensor, Total, subformulas, tensors, total
from symnn.formula.substitute import unfold
from symnn.network.arrays import log, mean, sqrt, tensor
from symnn.network.arrays import total as summed
from symnn.network.batch import batched
from symnn.network.build import Draft, network_of
from symnn.network.equations import Equation, Network
from symnn.notation.latex import parse_latex
from symnn.notation.to_latex import to_latex
from symnn.write.notate import Names, equation_form, matrix_form
from symnn.write.notate.equations import entry_form
from symnn.write.notate.printer import label_indices, letters_of

HALF = Fraction(1, 2)


def find(name: str) -> Any:
    operator = registry.find(name)
    assert operator is not None
    return operator


def mlp() -> Network:
    x, y = tensor("x", "n"), tensor("y")
    draft = Draft()
    a1 = draft.define("a_1", tensor("W_1", "m n") @ x + tensor("b_1", "m"))
    h1 = draft.define("h_1", find("relu")(a1))
    a2 = draft.define("a_2", tensor("W_2", "m") @ h1 + tensor("b_2"))
    yhat = draft.define("yhat", find("sigmoid")(a2))
    draft.define("L", HALF * (yhat - y) ** 2)
    return draft.network(inputs=["x"], targets=["y"])


def logistic() -> Network:
    y = tensor("y", "N")
    draft = Draft()
    z = draft.define("z", tensor("X", "N d") @ tensor("w", "d"))
    s = draft.define("s", find("sigmoid")(z))
    draft.define("L", -mean(y * log(s) + (1 - y) * log(1 - s)))
    return draft.network(inputs=["X"], targets=["y"])


def softmax_regression(with_fact: bool = True) -> Network:
    t = tensor("t", "K")
    draft = Draft()
    z = draft.define("z", tensor("W", "K d") @ tensor("x", "d") + tensor("b", "K"))
    p = draft.define("p", find("softmax")(z))
    draft.define("L", find("cross_entropy")(p, t))
    fact = Fact("sum", Tensor("t", (dimension("K"),)), 0, sympy.Integer(1))
    return draft.network(inputs=["x"], targets=["t"], facts=[fact] if with_fact else [])


def custom_neurons() -> Network:
    x1, x2, w1, w2, w3, w4, w5, y = [tensor(n) for n in ("x1", "x2", "w1", "w2", "w3", "w4", "w5", "y_true")]
    draft = Draft()
    h1 = draft.define("h1", (x1 + w1 * x2) ** 2)
    h2 = draft.define("h2", w2 * x1 * x2)
    predicted = draft.define("y_pred", w3 * h1 + w4 * h2 + w5)
    draft.define("Error", (y - predicted) ** 2)
    return draft.network(inputs=["x1", "x2"], targets=["y_true"])


def deep(layers: int = 3) -> Network:
    draft = Draft()
    h = tensor("x", "n_0")
    for layer in range(1, layers + 1):
        W, b = tensor(f"W_{layer}", f"n_{layer} n_{layer - 1}"), tensor(f"b_{layer}", f"n_{layer}")
        h = draft.define(f"h_{layer}", find("tanh")(draft.define(f"a_{layer}", W @ h + b)))
    draft.define("L", HALF * summed((h - tensor("y", f"n_{layers}")) ** 2))
    return draft.network(inputs=["x"], targets=["y"])


def two_weights() -> Network:
    draft = Draft()
    y = draft.define("y", find("sigmoid")(draft.define("p_1", tensor("w_1") * tensor("x"))))
    z = draft.define("z", find("sigmoid")(draft.define("p_2", tensor("w_2") * y)))
    draft.define("P", -HALF * (tensor("d") - z) ** 2)
    return draft.network(inputs=["x"], targets=["d"])


def nested() -> Network:
    draft = Draft()
    x1, x2 = tensor("x_1"), tensor("x_2")
    u = draft.define("u", 2 * x1 + x2)
    v = draft.define("v", u**2 + 3 * x2**2)
    draft.define("f", v**3)
    return draft.network()


def attention(heads: str = "") -> Network:
    q, k, v, t = (tensor(name, heads + shape) for name, shape in zip("QKVT", ["N d", "M d", "M e", "N e"], strict=True))
    draft = Draft()
    scores = draft.define("S", q @ k.T / sympy.sqrt(dimension("d")))
    weights = draft.define("P", find("softmax")(scores))
    out = draft.define("Y", weights @ v)
    draft.define("L", summed(out * t))
    return draft.network(targets=["T"])


def elman() -> Network:
    steps, m, n = dimension("T"), dimension("m"), dimension("n")
    t, i, k, j = Index("t", steps), Index("i", m), Index("k", n), Index("j", m)
    h, x, W, U = Tensor("h", (steps, m)), Tensor("x", (steps, n)), Tensor("W", (m, n)), Tensor("U", (m, m))
    b, y, a = Tensor("b", (m,)), Tensor("y", (steps, m)), Tensor("a", (steps, m))
    before = Total(U[i, j] * h[t - 1, j] * Inside(t - 1, steps), j)
    pre = Equation(a, (t, i), Total(W[i, k] * x[t, k], k) + before + b[i])
    out = Equation(h, (t, i), Call(find("tanh").function, a[t, i]))
    loss = Equation(Tensor("L"), (), total((h[t, i] - y[t, i]) ** 2, t, i) / 2)
    return network_of([pre, out, loss], inputs=["x"], targets=["y"])


def convolution() -> Network:
    c, o, i, j, p, q = (Index(a, dimension(b)) for a, b in zip("coijpq", "COHWPP", strict=True))
    height, width, size = dimension("H"), dimension("W"), dimension("P")
    w, b = Tensor("w", (o.dimension, c.dimension, size, size)), Tensor("b", (o.dimension,))
    x = Tensor("x", (c.dimension, height + size - 1, width + size - 1))
    y = Tensor("y", (o.dimension, height, width))
    out = Equation(y, (o, i, j), total(w[o, c, p, q] * x[c, i + p, j + q], c, p, q) + b[o])
    loss = Equation(Tensor("L"), (), total(y[o, i, j] ** 2, o, i, j))
    return network_of([out, loss], inputs=[], wrt=["w", "x", "b"])


def layer_norm() -> Network:
    x, t = tensor("x", "n"), tensor("t", "n")
    draft = Draft()
    mu = draft.define("mu", mean(x))
    sigma = draft.define("sigma", sqrt(mean((x - mu) ** 2) + sympy.Symbol("epsilon", positive=True)))
    xhat = draft.define("xhat", (x - mu) / sigma)
    y = draft.define("y", tensor("gamma", "n") * xhat + tensor("beta", "n"))
    draft.define("L", summed((y - t) ** 2))
    return draft.network(targets=["t"], wrt=["x", "gamma", "beta"])


NETWORKS: dict[str, Callable[[], Network]] = {
    "mlp": mlp,
    "logistic regression": logistic,
    "softmax regression": softmax_regression,
    "softmax regression without the fact": lambda: softmax_regression(False),
    "custom neurons": custom_neurons,
    "deep": deep,
    "two weights": two_weights,
    "nested": nested,
    "attention": attention,
    "several heads": lambda: attention("H "),
    "Elman": elman,
    "convolution": convolution,
    "layer norm": layer_norm,
    "mlp, batched": lambda: batched(mlp()),
    "softmax regression, batched": lambda: batched(softmax_regression()),
    "custom neurons, batched": lambda: batched(custom_neurons()),
    "deep, batched, summed": lambda: batched(deep(2), "sum"),
}


class Check:
    """Prints equations of one network and compares their values with the formulas."""

    def __init__(self, names: Names, dimensions: Any, point: Any, reader: Any) -> None:
        self.names = names
        sizes = {symbol: 2 + place for place, symbol in enumerate(sorted(dimensions, key=str))}
        self.point = point(sizes, 11, positive=True)
        self.reader = reader

    def functions(self, formula: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for call in {n.function for n in subformulas(formula) if isinstance(n, Call)}:
            body = unfold(Call(call, *[Tensor(p).entry() for p in call.parameters]))
            found[self.names.function(call)] = _numeric(body, call.parameters)
        return found

    def equation(self, of: Tensor, indices: Any, formula: Any) -> None:
        self.point.need(formula)
        for symbol in formula.free_symbols:
            if isinstance(symbol, sympy.Symbol) and not isinstance(symbol, Index):
                self.point.scalars.setdefault(symbol, self.point.dimensions.get(symbol, Fraction(1, 7)))
        expected = self.point.exact(formula, indices)
        arrays = {self.names.tensor(t): self.point.array(t) for t in tensors(formula)}
        arrays |= {self.names.symbol(s): np.float64(v) for s, v in self.point.scalars.items()}
        arrays |= {self.names.symbol(s): np.float64(v) for s, v in self.point.dimensions.items()}
        read = self.reader(arrays, self.functions(formula))
        for written in (equation_form(of, indices, formula, self.names), entry_form(of, indices, formula, self.names)):
            lead = len(indices) if not written.is_matrix else _labels(formula, indices)
            shape = expected.shape[lead:]
            padded = (shape[0], 1) if len(shape) == 1 else shape
            shown = letters_of(self.names, formula, indices)
            letters = [shown[i].base for i in indices[:lead]]
            for place in np.ndindex(expected.shape[:lead]):
                for tree in (written.right, parse_latex(to_latex(written.right))):
                    got = np.asarray(read.value(tree, padded, dict(zip(letters, place, strict=True))))
                    assert got.shape == padded, to_latex(tree)
                    np.testing.assert_allclose(got.reshape(shape), expected[place], 1e-9, 1e-12, err_msg=to_latex(tree))


def _labels(formula: Any, indices: Any) -> int:
    labels = label_indices(formula, indices)
    return len([i for i in indices if i in labels])


def _numeric(body: Any, parameters: tuple[str, ...]) -> Any:
    symbols = [sympy.Symbol(p) for p in parameters]
    plain = body.xreplace({Tensor(p).entry(): s for p, s in zip(parameters, symbols, strict=True)})
    return sympy.lambdify(symbols, _to_sympy(plain), "numpy")


def _to_sympy(formula: Any) -> Any:
    """The formula with SymPy's own maximum, for NumPy."""
    from symnn.formula.nodes import Maximum

    if isinstance(formula, Maximum):
        return sympy.Max(*[_to_sympy(a) for a in formula.args])
    return formula.func(*[_to_sympy(a) for a in formula.args]) if formula.args else formula


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_read_back(name: str, point: Any, reader: Any) -> None:
    network = NETWORKS[name]()
    check = Check(Names.of_network(network), network.dimensions, point, reader)
    for equation in network.equations:
        check.equation(equation.tensor, equation.indices, equation.formula)
    for adjoint in derive(network).adjoints:
        check.equation(adjoint.tensor, adjoint.indices, adjoint.formula)


@pytest.mark.parametrize("operator", registry.all(), ids=lambda o: o.name)
def test_operators_read_back(operator: Any, point: Any, reader: Any) -> None:
    names = Names.of_operator(operator)
    definition = operator.definition
    shapes = [d for t in definition.parameters for d in t.shape]
    check = Check(names, {s for d in shapes for s in d.free_symbols}, point, reader)
    for step in definition.steps:
        check.equation(step.tensor, step.indices, step.formula)
    if not operator.is_elementwise:
        for place in range(len(definition.parameters)):
            lemma = operator_lemma(definition, place)
            check.equation(lemma.parameter, lemma.indices, lemma.formula)


def adjoints_of(network: Network) -> dict[str, str]:
    names = Names.of_network(network)
    found = {}
    for adjoint in derive(network).adjoints:
        written = equation_form(adjoint.tensor, adjoint.indices, adjoint.formula, names)
        found[to_latex(written.left)] = to_latex(written.right)
    return found


def by(name: str, loss: str = "L") -> str:
    return rf"\frac{{\partial {loss}}}{{\partial {name}}}"


def test_the_six_results_of_the_worked_example() -> None:
    assert adjoints_of(mlp()) == {
        by(r"\hat{y}"): r"\hat{y} - y",
        by("a_{2}"): by(r"\hat{y}") + r" \cdot \hat{y}(1 - \hat{y})",
        by("W_{2}"): by("a_{2}") + r" \cdot h_{1}",
        by("b_{2}"): by("a_{2}"),
        by("h_{1}"): by("a_{2}") + r" \cdot W_{2}",
        by("a_{1}"): by("h_{1}") + r" \odot [a_{1} > 0]",
        by("W_{1}"): by("a_{1}") + r" x^{\top}",
        by("b_{1}"): by("a_{1}"),
    }


def test_common_numbers_are_taken_out() -> None:
    error = by(r"y_{\mathrm{pred}}", r"\mathrm{Error}")
    assert adjoints_of(custom_neurons())[error] == r"2 (y_{\mathrm{pred}} - y_{\mathrm{true}})"


def test_batches_are_matrices_with_samples_as_rows() -> None:
    found = adjoints_of(batched(mlp()))
    assert found[by("W_{1}", r"\bar{L}")] == r"\left( " + by("a_{1}", r"\bar{L}") + r" \right)^{\top} x"
    assert adjoints_of(logistic())[by("w")] == r"X^{\top} " + by("z")


def test_attention_in_matrix_form() -> None:
    found = adjoints_of(attention())
    assert found[by("V")] == r"P^{\top} " + by("Y")
    assert found[by("K")] == r"\frac{1}{\sqrt{d}} \left( " + by("S") + r" \right)^{\top} Q"


def test_softmax_lemma() -> None:
    lemma = operator_lemma(find("softmax").definition, 0)
    node = matrix_form(lemma.formula, lemma.indices, Names.of_operator(find("softmax")))
    assert to_latex(node) == r"y \odot (g - (g^{\top} y) \mathbf{1})"
