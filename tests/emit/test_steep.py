"""Steep functions of rounded arguments: what the module does about them, and where it does nothing."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
from sympy import exp, sqrt

from symnn.declare import registry
from symnn.emit import emit
from symnn.emit.laws import X
from symnn.emit.steepness import steep_sides
from symnn.network.arrays import exp as exp_of
from symnn.network.arrays import expression, minimum, tensor
from symnn.network.build import Draft

ULPS = 4
BETA = expression(sympy.Symbol("beta", real=True))
TAU = expression(sympy.Symbol("tau", positive=True))
SIGMOID = registry.find("sigmoid")
x = tensor("x")


def text_of(value, **settings):
    draft = Draft()
    draft.define("y", value)
    return emit(draft.network(**(settings or {"inputs": ["x"], "wrt": ["x"]})), reduction="none")


def errors(found, exact, points, digits=40):
    """The errors of values in units in the last place, where these are normal numbers."""
    with mpmath.workdps(digits):
        wanted = [exact(mpmath.mpf(float(point))) for point in points]
        rows = [(w, mpmath.mpf(float(f))) for w, f in zip(wanted, found, strict=True)]
        tiny = np.finfo(found.dtype).tiny
        return [abs(w - f) / float(np.spacing(found.dtype.type(abs(w)))) for w, f in rows if abs(w) >= tiny]


CASES = {
    "a constant that is given": (
        x * SIGMOID(BETA * x), {"beta": 1.702}, lambda v: v / (1 + mpmath.exp(-mpmath.mpf(1.702) * v)),
    ),
    "a constant that is divided by": (
        exp_of(-x / TAU), {"tau": 0.3}, lambda v: mpmath.exp(-v / mpmath.mpf(0.3)),
    ),
    "a square, and a number that is no binary one": (
        exp_of(-(x**2) / (3 * TAU)), {"tau": 7.0}, lambda v: mpmath.exp(-(v**2) / 21),
    ),
    "the smaller of two": (
        exp_of(minimum(x / 3, 0)), {}, lambda v: mpmath.exp(min(v / 3, 0)),
    ),
    "a sum": (exp_of(x + 1 / expression(3)), {}, lambda v: mpmath.exp(v + mpmath.mpf(1) / 3)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", CASES)
def test_the_digits_that_rounding_takes_are_made_up_for(name, dtype, load):
    value, constants, exact = CASES[name]
    module = load(text_of(value))
    points = np.random.default_rng(0).uniform(-600, 600, 400).astype(dtype)
    with np.errstate(over="ignore", under="ignore"):
        found, _ = module.forward({}, points, **constants)
    assert found.dtype == dtype
    normal = np.isfinite(found)
    assert max(errors(found[normal], exact, points[normal])) < ULPS
    plain = load(text_of(value).replace("not steep.size", "True"))
    with np.errstate(over="ignore", under="ignore"):
        found, _ = plain.forward({}, points, **constants)
    assert max(errors(found[normal], exact, points[normal])) > 2 * ULPS


def test_a_single_number_and_arrays_in_any_order(load):
    gelu = registry.find("gelu_tanh")
    single = load(text_of(gelu(x), wrt=["x"]))
    rows = load(text_of(gelu(tensor("x", "n m"))[0, 0] + 0 * tensor("x", "n m")[0, 0], inputs=["x"], wrt=["x"]))
    wanted, _ = single.forward({"x": -19.9867})
    assert wanted == pytest.approx(-1.0752659921939778e-260, rel=1e-15)
    array = np.full((3, 4, 5), -19.9867).transpose(2, 0, 1)
    assert np.all(rows.forward({}, array)[0] == wanted)
    assert single.check()


def test_what_is_not_finite_stays_what_it_is(load):
    module = load(text_of(exp_of(x / TAU)))
    points = np.array([np.inf, -np.inf, 1e300, -1e300, 0.0, 5e-324])
    with np.errstate(over="ignore", invalid="raise"):
        found, _ = module.forward({}, points, tau=0.7)
    assert found.tolist() == [np.inf, 0.0, np.inf, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "value",
    [
        SIGMOID(2 * x),  # exact
        exp_of(-x / 4),
        registry.find("tanh")(x / 3),  # never steep
        registry.find("elu")(x, alpha=sympy.Rational(1, 3)),
        SIGMOID(tensor("w") * x),  # of two numbers
    ],
    ids=str,
)
def test_nothing_is_done_where_nothing_is_lost(value):
    assert "steep" not in text_of(value)


def test_equal_functions_are_written_once():
    draft = Draft()
    silu = registry.find("silu")
    h = draft.define("h", silu(x, beta=sympy.Rational(3, 10)))
    draft.define("y", silu(h, beta=sympy.Rational(3, 10)) * exp_of(h / 3) + exp_of(x / 7))  # with a weight, and without
    text = emit(draft.network(inputs=["x"], wrt=["x"]), reduction="none")
    assert [line for line in text.splitlines() if line.startswith("def _steep")] == [
        "def _steep_sigmoid(x):",
        "def _steep_exp(x):",
        "def _steep_exp_2(x):",
    ]


def test_where_a_function_is_steep_is_measured():
    left = steep_sides(1 / (1 + exp(-X)), X / 3)
    assert left.above is None
    assert -5 < left.below < -2
    assert left.vanishes
    assert not left.grows
    both = steep_sides(exp(X), X / 3)
    assert both.above == -both.below
    assert both.grows
    # The more roundings, the sooner.
    assert steep_sides(exp(X), sqrt(2) * X**3 / 3 + X / 7).above < both.above
    assert steep_sides((exp(X) - exp(-X)) / (exp(X) + exp(-X)), X / 3) is None
