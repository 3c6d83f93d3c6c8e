"""Networks with shifts, recurrences, heads and windows: emitted gradients, and what the code looks like."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest
import sympy
from hard_networks import HARD_NETWORKS, call

from symnn.check.gradients import check_network_gradients
from symnn.emit import EmitError, emit
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Entry, Extreme, Inside, Tensor, Total, total
from symnn.network.build import network_of
from symnn.network.equations import Equation

LETTERS = ("T", "n", "d", "o", "C", "O", "H", "W", "P", "Q", "M", "h", "m", "e", "f")
SIZES = tuple(
    dict(zip(LETTERS, numbers, strict=True))
    for numbers in (
        (4, 3, 2, 2, 2, 3, 5, 4, 2, 3, 3, 2, 4, 2, 5),
        (1, 1, 3, 1, 1, 1, 3, 3, 3, 1, 2, 1, 2, 1, 2),
        (6, 2, 1, 3, 3, 2, 6, 5, 1, 2, 4, 3, 1, 3, 3),
    )
)
READY = [name for name in HARD_NETWORKS if name != "transformer block"]


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("sizes", SIZES, ids=["first", "second", "third"])
def test_gradients(name, sizes):
    network = HARD_NETWORKS[name]()
    known = {str(d) for d in network.dimensions}
    report = check_network_gradients(network, sizes={n: s for n, s in sizes.items() if n in known}, seed=3)
    assert report.passed, str(report)
    assert all(row.code is not None and row.code < 1e-9 for row in report.rows), str(report)


@pytest.mark.parametrize("name", READY)
def test_batches_and_data_types(name, load, tools):
    network = HARD_NETWORKS[name]()
    module = load(HARD_NETWORKS[name])
    params, data = module._example(np.random.default_rng(1), module.SIZES[0], np.random.default_rng(2).standard_normal)
    loss, grads = module.value_and_grad(params, *data)
    singles = [module.value_and_grad(params, *(d[b] for d in data)) for b in range(len(data[0]))]
    assert loss == pytest.approx(np.mean([s[0] for s in singles]), rel=1e-12)
    for key, grad in grads.items():
        wanted = np.mean([s[1][key] for s in singles], axis=0)
        assert np.shape(grad) == np.shape(params[key])
        assert np.max(np.abs(grad - wanted)) <= 1e-12 * max(1, np.abs(wanted).max())
    narrow = {n: v.astype(np.float32) for n, v in params.items()}
    loss, cache = module.forward(narrow, *(d.astype(np.float32) for d in data))
    for key, value in {**cache, **module.backward(cache), "loss": loss}.items():
        assert value.dtype == np.float32, key
    assert network.loss.name == "L"


@pytest.mark.parametrize("name", READY)
def test_loops_are_over_steps_only(name):
    tree = ast.parse(emit(HARD_NETWORKS[name]()))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in ("forward", "backward"):
            loops = [node for node in ast.walk(function) if isinstance(node, ast.For | ast.While)]
            assert len(loops) == (1 if name in ("Elman", "LSTM", "GRU") else 0)
            for loop in loops:
                assert isinstance(loop, ast.For)
                assert not any(isinstance(node, ast.For) for node in ast.walk(loop) if node is not loop)


def test_products_with_the_input_are_taken_out_of_the_loop():
    text = emit(HARD_NETWORKS["Elman"]())
    before, loop = text.split("def forward")[1].split("for t in")[:2]
    assert "x, W" in before
    assert "W" not in loop.split("yhat")[0].replace("W_", "")


def test_a_convolution_is_a_matrix_product():
    text = emit(HARD_NETWORKS["convolution"]())
    assert text.count("np.tensordot") == 3
    assert "einsum" not in text


# -- other recurrences ----------------------------------------------------------------------------------------


def layers():
    """A perceptron with L equal layers, one weight for each: ``a[l] = tanh(W[l] a[l-1] + b[l])``."""
    depth, n = dimension("D"), dimension("n")
    k, i, j = Index("k", depth), Index("i", n), Index("j", n)
    w, b, x, y = Tensor("W", (depth, n, n)), Tensor("b", (depth, n)), Tensor("x", (n,)), Tensor("y", (n,))
    a = Tensor("a", (depth, n))
    previous = Inside(k - 1, depth) * a[k - 1, j] + sympy.Integer(1) * (1 - Inside(k - 1, depth)) * x[j]
    equations = [
        Equation(a, (k, i), call("tanh", Total(w[k, i, j] * previous, j) + b[k, i])),
        Equation(Tensor("L"), (), Total((a[depth - 1, i] - y[i]) ** 2, i)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


def second_order():
    """A recurrence that looks two steps back."""
    steps = dimension("T")
    t = Index("t", steps)
    x, y, c, d = Tensor("x", (steps,)), Tensor("y", (steps,)), Tensor("c"), Tensor("d")
    h = Tensor("h", (steps,))
    before = c.entry() * Inside(t - 1, steps) * h[t - 1] + d.entry() * Inside(t - 2, steps) * h[t - 2]
    equations = [
        Equation(h, (t,), call("tanh", x[t] + before)),
        Equation(Tensor("L"), (), Total((h[t] - y[t]) ** 2, t)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


def backwards():
    """A recurrence that runs from the last step to the first."""
    steps = dimension("T")
    t = Index("t", steps)
    x, y, c = Tensor("x", (steps,)), Tensor("y", (steps,)), Tensor("c")
    h = Tensor("h", (steps,))
    equations = [
        Equation(h, (t,), call("sigmoid", x[t] + c.entry() * Inside(t + 1, steps) * h[t + 1])),
        Equation(Tensor("L"), (), Total((h[t] - y[t]) ** 2, t)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


def pooling():
    """The largest of two neighbours, without overlap, after a weight."""
    half = dimension("M")
    i, p = Index("i", half), Index("p", dimension(2))
    x, w, y = Tensor("x", (2 * half,)), Tensor("w", (2 * half,)), Tensor("y", (half,))
    a, h = Tensor("a", (2 * half,)), Tensor("h", (half,))
    k = Index("k", 2 * half)
    equations = [
        Equation(a, (k,), w[k] * x[k]),
        Equation(h, (i,), Extreme(a[2 * i + p], p)),
        Equation(Tensor("L"), (), Total((h[i] - y[i]) ** 2, i)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


@pytest.mark.parametrize("build", [layers, second_order, backwards, pooling])
def test_other_networks(build, load):
    assert load(build).check()


def test_a_circle_within_one_step_is_an_error():
    from symnn.emit.plan import Assignment
    from symnn.emit.recurrences import sequenced

    steps = dimension("T")
    t = Index("t", steps)
    a, b = Tensor("a", (steps,)), Tensor("b", (steps,))
    with pytest.raises(EmitError, match="need each other within one step"):
        sequenced([Assignment(a, (t,), b[t] + a[t - 1]), Assignment(b, (t,), a[t])], str)


def test_looking_back_and_ahead_is_an_error():
    from symnn.emit.plan import Assignment
    from symnn.emit.recurrences import sequenced

    steps = dimension("T")
    t = Index("t", steps)
    a = Tensor("a", (steps,))
    with pytest.raises(EmitError, match="back and ahead"):
        sequenced([Assignment(a, (t,), a[t - 1] + a[t + 1])], str)


def test_an_index_that_is_not_affine_is_an_error():
    n = dimension("n")
    i = Index("i", n)
    x = Tensor("x", (n,))
    network = network_of(
        [Equation(Tensor("L"), (), total(Tensor("w").entry() * Entry(x, i**2), i))], inputs=["x"], loss="L"
    )
    with pytest.raises(EmitError, match="whole coefficients"):
        emit(network)


def test_sizes_that_follow_from_others_are_checked(load):
    module = load(HARD_NETWORKS["convolution"])
    params = {"x": np.ones((1, 4, 4)), "w": np.ones((1, 1, 2, 2)), "b": np.ones(1)}
    module.forward(params, np.ones((1, 3, 3)))
    with pytest.raises(ValueError, match=r"t must have H \+ 1 - P = 3 entries along one axis, but it has 2"):
        module.forward(params, np.ones((1, 2, 3)))
    assert "lambda" in inspect.getsource(module)


def valid_convolution():
    """A convolution whose output size is a size of its own: nothing ensures that the kernel stays inside."""
    n, p_, r = dimension("n"), dimension("p"), dimension("r")
    i, p = Index("i", r), Index("p", p_)
    x, w, y = Tensor("x", (n,)), Tensor("w", (p_,)), Tensor("y", (r,))
    equations = [
        Equation(Tensor("h", (r,)), (i,), Total(w[p] * x[i + p], p)),
        Equation(Tensor("L"), (), Total((Tensor("h", (r,))[i] - y[i]) ** 2, i)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


def test_reading_outside_of_an_array_is_refused(load):
    module = load(valid_convolution)
    assert module.check()
    loss, _ = module.forward({"w": np.ones(2)}, np.arange(4.0), np.zeros(3))
    assert loss == 1 + 9 + 25
    with pytest.raises(ValueError, match="x is read from 0 to p \\+ r - 2, but it has n entries"):
        module.forward({"w": np.ones(2)}, np.arange(4.0), np.zeros(4))


def test_reading_before_the_first_step_is_an_error():
    steps = dimension("T")
    t = Index("t", steps)
    x, h = Tensor("x", (steps,)), Tensor("h", (steps,))
    equations = [
        Equation(h, (t,), Tensor("c").entry() * h[t - 1] + x[t]),
        Equation(Tensor("L"), (), Total(h[t] ** 2, t)),
    ]
    with pytest.raises(EmitError, match="nothing says what it is there"):
        emit(network_of(equations, inputs=["x"], loss="L"))


def symbolic_stride():
    """Means of windows whose width and stride are constants that no shape tells."""
    n, width, stride = dimension("n"), dimension("width"), dimension("stride")
    count = sympy.floor((n - width) / stride) + 1
    i, p, k = Index("i", count), Index("p", width), Index("k", n)
    x, w, y = Tensor("x", (n,)), Tensor("w", (n,)), Tensor("y", (count,))
    a, h = Tensor("a", (n,)), Tensor("h", (count,))
    equations = [
        Equation(a, (k,), w[k] * x[k]),
        Equation(h, (i,), Total(a[stride * i + p], p) / width),
        Equation(Tensor("L"), (), Total((h[i] - y[i]) ** 2, i)),
    ]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


def test_sizes_that_no_shape_tells_are_keyword_arguments(load):
    module = load(symbolic_stride)
    assert module.check()
    assert str(inspect.signature(module.forward)) == "(params, x, y, *, stride, width)"
    x = np.arange(7.0)
    loss, _ = module.forward({"w": np.ones(7)}, x, np.zeros(2), stride=3, width=2)
    assert loss == 0.5**2 + 3.5**2
