"""Products of the Hessian with a direction, in emitted modules."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from hard_networks import HARD_NETWORKS

from symnn.declare import registry
from symnn.emit import EmitError, emit
from symnn.network.arrays import tensor, total
from symnn.network.build import Draft


def close(found, wanted, tolerance):
    return np.max(np.abs(np.asarray(found) - wanted), initial=0) <= tolerance * max(1.0, np.max(np.abs(wanted)))


def direction_for(params, seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 1, np.shape(array)) for name, array in params.items()}


@pytest.mark.parametrize("batch", [None, 4])
def test_products_agree_with_differences_of_the_gradient(build, sizes, load, tools, batch):
    network, module = build(), load(emit(build(), hvp=True))
    params, data = tools.random_case(network, sizes, batch, seed=11)
    direction = direction_for(params)
    products = module.hvp(params, direction, *data)
    step = 1e-5
    above, below = (
        module.value_and_grad({n: v + sign * step * direction[n] for n, v in params.items()}, *data)[1]
        for sign in (1, -1)
    )
    for name, product in products.items():
        assert np.shape(product) == np.shape(params[name])
        assert close(product, (above[name] - below[name]) / (2 * step), 1e-8), name


@pytest.mark.parametrize("name", HARD_NETWORKS)
def test_recurrences_heads_and_windows(name, load):
    assert load(emit(HARD_NETWORKS[name](), hvp=True)).check()


def test_the_check_of_the_module_refuses_a_wrong_product(load, tools, capsys):
    text = emit(tools.logistic_regression(), hvp=True)
    module = load(text)
    assert module.check()
    tree = ast.parse(text)
    (function,) = (f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == "hvp")
    (result,) = (node for node in ast.walk(function) if isinstance(node, ast.Return))
    result.value.values[0] = ast.BinOp(result.value.values[0], ast.Mult(), ast.Constant(1.01))
    assert not load(ast.unparse(ast.fix_missing_locations(tree))).check()
    assert "hvp w" in capsys.readouterr().out


def test_the_hessian_is_symmetric(load, tools):
    """Each of two products with the direction of the other is the same number."""
    module = load(emit(tools.two_outputs(), hvp=True))
    params, data = tools.random_case(tools.two_outputs(), tools.SIZES[0], 5)
    u, v = direction_for(params, 1), direction_for(params, 2)
    hu, hv = module.hvp(params, u, *data), module.hvp(params, v, *data)
    assert sum(np.sum(v[n] * hu[n]) for n in params) == pytest.approx(sum(np.sum(u[n] * hv[n]) for n in params))


def test_a_quadratic_form_has_its_matrix_as_hessian(load):
    draft = Draft()
    draft.define("f", total(tensor("x", "n") * (tensor("A", "n n") @ tensor("x", "n"))))
    module = load(emit(draft.network(wrt=["x"], inputs=["A"]), hvp=True))
    rng = np.random.default_rng(0)
    a, x, v = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    assert close(module.hvp({"x": x}, {"x": v}, a)["x"], (a + a.T) @ v, 1e-13)


def test_agrees_with_autograd(load, tools):
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    def loss(w, x, y):
        s = 1 / (1 + anp.exp(-(x @ w)))
        return -anp.mean(y * anp.log(s) + (1 - y) * anp.log(1 - s))

    draft = Draft()
    s = draft.define("s", registry.find("sigmoid")(tensor("w", "n") @ tensor("x", "n")))
    draft.define("L", registry.find("binary_cross_entropy")(s, tensor("y")))
    module = load(emit(draft.network(inputs=["x"], targets=["y"]), hvp=True))
    rng = np.random.default_rng(3)
    w, v, x, y = rng.normal(size=4), rng.normal(size=4), rng.normal(size=(7, 4)), rng.uniform(0, 1, 7)
    wanted = autograd.hessian_vector_product(loss)(w, x, y, v)
    assert close(module.hvp({"w": w}, {"w": v}, x, y)["w"], wanted, 1e-13)


def test_float32_stays_float32_and_nothing_is_changed(load, tools):
    network = tools.perceptron()
    module = load(emit(network, hvp=True))
    params, data = tools.random_case(network, tools.SIZES[0], 3, dtype=np.float32)
    direction = direction_for(params)
    before = {n: v.copy() for n, v in params.items()}
    products = module.hvp(params, direction, *data)
    for name, product in products.items():
        assert product.dtype == np.float32
        assert np.array_equal(before[name], params[name])
    wide = {n: v.astype(float) for n, v in params.items()}
    wanted = module.hvp(wide, direction, *(d.astype(float) for d in data))
    for name, product in products.items():
        assert close(product, wanted[name], 1e-4)


def test_a_direction_of_another_shape_is_refused(load, tools):
    module = load(emit(tools.logistic_regression(), hvp=True))
    params, data = tools.random_case(tools.logistic_regression(), tools.SIZES[0], 3)
    with pytest.raises(ValueError, match=r"direction w must have shape \(3,\)"):
        module.hvp(params, {"w": np.ones(4), "b": 1.0}, *data)
    with pytest.raises(ValueError, match="direction must hold b, w; it holds w"):
        module.hvp(params, {"w": np.ones(3)}, *data)


def test_logits_of_ten_thousand_give_finite_products(load, tools):
    module = load(emit(tools.softmax_regression(), hvp=True))
    params = {"W": np.array([[1e4], [-1e4], [0.0]]), "b": np.zeros(3)}
    direction = direction_for(params)
    with np.errstate(all="raise", under="ignore"):
        products = module.hvp(params, direction, np.ones(1), np.array([1.0, 0.0, 0.0]))
    assert all(np.all(np.isfinite(product)) for product in products.values())


def test_without_the_option_nothing_of_it_is_in_the_module(tools):
    text = emit(tools.perceptron())
    assert "hvp" not in text
    assert "_direction" not in text


def test_data_alone_has_no_hessian():
    draft = Draft()
    draft.define("L", tensor("x") ** 2)
    with pytest.raises(EmitError, match="no Hessian"):
        emit(draft.network(inputs=["x"], wrt=["x"]), hvp=True)
