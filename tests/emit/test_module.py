"""The emitted module as a whole: what it imports, how it is written, what it says when something is wrong."""

from __future__ import annotations

import ast
import inspect
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from symnn.emit import EmitError, emit
from symnn.network.arrays import exp, expression, tensor, total
from symnn.network.build import Draft


@pytest.fixture(scope="module")
def module(load, tools):
    return load(tools.perceptron)


def params():
    return {"W_1": np.ones((4, 3)), "b_1": np.zeros(4), "W_2": np.ones(4), "b_2": np.zeros(())}


# -- the text -------------------------------------------------------------------------------------------------


def test_imports_numpy_only(build):
    tree = ast.parse(emit(build()))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [alias.name for node in imports for alias in node.names] == ["numpy"]
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"eval", "exec", "__import__", "open", "compile"}


def test_has_no_python_loop_over_data(build):
    """Loops are for names and for the self-check, never in forward or backward."""
    tree = ast.parse(emit(build()))
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name in ("forward", "backward"):
            assert not any(isinstance(node, ast.For | ast.While) for node in ast.walk(function))


def test_passes_the_linter_and_the_formatter(build, tmp_path, root):
    ruff = shutil.which("ruff") or str(Path(sys.executable).with_name("ruff"))
    if not Path(ruff).exists():
        pytest.skip("ruff is not installed")
    path = tmp_path / "emitted.py"
    path.write_text(emit(build()), encoding="utf-8")
    select = ["--isolated", "--line-length", "110", "--target-version", "py311"]
    rules = "E,W,F,I,B,C4,D1,D2,D3,D4,PIE,PT,SIM,UP,RUF"
    # E741: the note decides what things are called, also O and l.
    quiet = "E741,RUF001,RUF002,RUF003,D103,D203,D213,D401,D407,D413"
    lint = [ruff, "check", *select, "--select", rules, "--ignore", quiet, str(path)]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    done = subprocess.run([ruff, "format", "--diff", *select, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_is_the_same_every_time(build):
    assert emit(build()) == emit(build())


def test_says_what_wrote_it_and_which_formulas(module):
    import symnn

    assert f"Written by symnn {symnn.__version__}" in module.__doc__
    assert "yhat = sigmoid(a_2)" in module.__doc__
    assert "A perceptron" in module.__doc__
    assert "W_1 (m, n)" in module.forward.__doc__
    assert "(n,) or (B, n)" in module.forward.__doc__
    assert "∂W_1[i, j] = Σ_b" in module.backward.__doc__


def test_the_cache_holds_what_backward_needs_and_says_why(module):
    _, cache = module.forward(params(), np.ones((2, 3)), np.ones(2))
    assert set(cache) == {"x", "y", "W_2", "a_1", "h_1", "yhat"}
    source = inspect.getsource(module.forward)
    assert '"h_1": h_1,  # (B, m), for d_W_2' in source


def test_several_inputs_and_targets_are_arguments_in_order(load, tools):
    signature = inspect.signature(load(tools.custom_neurons).forward)
    assert list(signature.parameters) == ["params", "x_1", "x_2", "y"]


# -- as a script ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["perceptron", "softmax_regression", "attention", "nested", "divergence", "elu"])
def test_checks_itself(tools, tmp_path, name):
    path = tmp_path / "emitted.py"
    build = tools.nested if name == "nested" else tools.NETWORKS[name]
    path.write_text(emit(build()), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all gradients agree" in done.stdout
    assert "relative error" in done.stdout
    assert done.stderr == ""


def test_checks_itself_with_data_that_obey_the_facts(load, tools):
    text = emit(tools.softmax_regression(facts=True))
    assert "_summing_to(1, rng.uniform(0.1, 0.9, (B, k)), -1)" in text
    assert load(text).check()


def test_the_check_finds_a_wrong_gradient(tools, tmp_path):
    text = emit(tools.perceptron())
    right = "d_W_2 = h_1.T @ d_a_2"
    assert right in text
    path = tmp_path / "emitted.py"
    path.write_text(text.replace(right, "d_W_2 = -h_1.T @ d_a_2"), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert "W_2" in done.stdout
    assert "WRONG" in done.stdout


# -- messages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"W_1": np.ones((4, 5))}, r"W_1 must have shape \(m, n\) = \(4, 3\), but it has shape \(4, 5\); n = 3 in x"),
        ({"b_1": np.zeros(2)}, r"b_1 must have shape \(m,\) = \(4,\), but it has shape \(2,\); m = 4 in W_1"),
        ({"b_2": np.zeros(1)}, r"b_2 must have shape \(\) = \(\), but it has shape \(1,\)"),
        ({"W_1": None}, r"params must hold W_1, b_1, W_2, b_2; missing: W_1"),
        ({"w_1": np.ones(3)}, r"unknown: w_1"),
        ({"W_2": np.array(["a"] * 4)}, r"W_2 must hold real numbers, but its data type is <U1"),
        ({"W_2": np.ones(4, complex)}, r"W_2 must hold real numbers, but its data type is complex128"),
    ],
)
def test_wrong_parameters(module, change, says):
    given = {name: value for name, value in {**params(), **change}.items() if value is not None}
    with pytest.raises(ValueError, match=says):
        module.forward(given, np.ones((2, 3)), np.ones(2))


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (np.ones((2, 3)), np.ones(3), r"y must have shape \(B,\) = \(2,\), but it has shape \(3,\); B = 2 in x"),
        (np.ones((2, 3)), np.ones(()), r"y must have shape \(B,\) = \(2,\), but it has shape \(\)"),
        (np.ones(3), np.ones(1), r"x must have shape \(B, n\)"),
        (np.ones((1, 2, 3)), np.ones(1), r"x must have shape \(B, n\) = \(1, 2\), but it has shape \(1, 2, 3\)"),
        (np.ones(4), np.ones(()), r"W_1 must have shape \(m, n\) = \(4, 4\), but it has shape \(4, 3\); n = 4 in x"),
    ],
)
def test_wrong_data(module, x, y, says):
    with pytest.raises(ValueError, match=says):
        module.forward(params(), x, y)


def test_integers_and_lists_are_converted(module):
    given = {"W_1": np.ones((4, 3), int), "b_1": [0] * 4, "W_2": [1, 1, 1, 1], "b_2": 0}
    loss, grads = module.value_and_grad(given, [[1, 2, 3]], [1])
    assert loss.dtype == np.float64
    wanted, _ = module.value_and_grad(
        {n: np.asarray(v, float) for n, v in given.items()}, np.array([[1.0, 2, 3]]), np.ones(1)
    )
    assert loss == wanted
    assert {g.dtype for g in grads.values()} == {np.dtype(float)}


def test_integer_data_do_not_widen_single_precision(module):
    given = {n: v.astype(np.float32) for n, v in params().items()}
    loss, grads = module.value_and_grad(given, np.ones((2, 3), int), np.array([True, False]))
    assert loss.dtype == np.float32
    assert {g.dtype for g in grads.values()} == {np.dtype(np.float32)}


# -- names and constants --------------------------------------------------------------------------------------


def with_constant(values=None):
    import sympy

    draft = Draft()
    eps, alpha = (expression(sympy.Symbol(name, positive=True)) for name in ("eps", "alpha"))
    s = draft.define("s", tensor("w", "n") @ tensor("x", "n"))
    draft.define("L", (s**2 + eps) ** sympy.Rational(1, 2) * alpha)
    return draft.network(inputs=["x"], values=values)


def test_hyperparameters_are_keyword_arguments(load):
    module = load(emit(with_constant()))
    assert str(inspect.signature(module.forward)) == "(params, x, *, alpha, eps)"
    given, x = {"w": np.array([1.0, 2.0])}, np.array([2.0, 1.0])
    loss, grads = module.value_and_grad(given, x, alpha=2.0, eps=9.0)
    assert loss == 10.0
    assert grads["w"] == pytest.approx(2 * 4 / 5 * x)
    with pytest.raises(TypeError, match="eps"):
        module.forward(given, x, alpha=2.0)


def test_hyperparameters_keep_single_precision(load):
    module = load(emit(with_constant()))
    given, x = {"w": np.ones(2, np.float32)}, np.ones((3, 2), np.float32)
    loss, grads = module.value_and_grad(given, x, alpha=2.0, eps=9.0)
    assert loss.dtype == np.float32
    assert grads["w"].dtype == np.float32


def test_hyperparameters_take_their_values_from_the_network(load):
    module = load(emit(with_constant({"eps": 0.25, "alpha": 3})))
    assert str(inspect.signature(module.forward)) == "(params, x, *, alpha=3, eps=0.25)"


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("w'", "w_prime"), "both become the Python identifier w_prime"),
        (("np", "v"), "the module needs itself"),
        (("1w", "v"), "starts with a digit"),
        (("→", "v"), "no letters"),
    ],
)
def test_names_that_are_no_identifiers(names, says):
    draft = Draft()
    one, other = names
    draft.define("L", (tensor(one) * tensor("x") - tensor(other)) ** 2)
    with pytest.raises(EmitError, match=says):
        emit(draft.network(inputs=["x"]))


def test_greek_names_and_keywords(load):
    draft = Draft()
    draft.define("ŷ", tensor("λ") * tensor("x") + tensor("\\gamma"))
    draft.define("L", (tensor("ŷ") - tensor("y")) ** 2)
    module = load(emit(draft.network(inputs=["x"], targets=["y"])))
    _, grads = module.value_and_grad({"lambda_": 2.0, "gamma": 1.0}, 3.0, 4.0)
    assert {n: float(g) for n, g in grads.items()} == {"lambda_": 18.0, "gamma": 6.0}


def test_names_of_sizes_and_temporaries_give_way(load, tools):
    """A network may call its tensors B, n, t or loss."""
    draft = Draft()
    h = draft.define("t", exp(-((tensor("n", "k") * tensor("B", "k")) ** 2)) + tensor("x", "k"))
    draft.define("loss", total((h - tensor("y", "k")) ** 2) / expression(tensor("n", "k").shape[0]))
    network = draft.network(inputs=["x"], targets=["y"])
    module = load(emit(network))
    assert module.check()


def squares(wrt):
    draft = Draft()
    a = draft.define("a", tensor("w", "n") @ tensor("x", "n"))
    draft.define("L", (a - tensor("y")) ** 2)
    return draft.network(inputs=["x"], targets=["y"], wrt=wrt)


def test_gradients_of_data_have_the_shape_of_the_data(load):
    module = load(emit(squares(["w", "x"]), reduction="sum"))
    w, x = np.array([1.0, 2.0]), np.array([[3.0, 4.0], [1.0, 1.0]])
    _, grads = module.value_and_grad({"w": w}, x, np.zeros(2))
    assert np.array_equal(grads["x"], np.outer([22.0, 6.0], w))
    _, grads = module.value_and_grad({"w": w}, x[0], 0.0)
    assert np.array_equal(grads["x"], 22.0 * w)
    assert module.check()


def test_gradients_of_intermediate_values(load, capsys):
    module = load(emit(squares(["a"]), reduction="sum"))
    assert not module.PARAMETERS
    _, grads = module.value_and_grad({}, np.eye(2), np.zeros((2, 2)), np.ones(2))
    assert np.array_equal(grads["a"], [-2.0, -2.0])
    assert module.check()
    assert "not checked" in capsys.readouterr().out


def test_a_parameter_without_axes_in_a_sum_of_ones(load):
    """The gradient of a sum of entries is an array of ones, not a number."""
    draft = Draft()
    draft.define("L", total(tensor("w", "m n")) * tensor("x"))
    module = load(emit(draft.network(inputs=["x"])))
    _, grads = module.value_and_grad({"w": np.zeros((2, 3))}, np.array([1.0, 3.0]))
    assert np.array_equal(grads["w"], np.full((2, 3), 2.0))
