"""Laws are proven, accurate, and recognised whoever wrote the formula."""

from __future__ import annotations

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from sympy import Abs, erf, exp, log, sqrt

from symnn.declare import DeclarationError, Stable, operator, registry
from symnn.emit import emit
from symnn.emit.errors import EmitError
from symnn.emit.helpers import helper_functions
from symnn.emit.laws import LAWS, WEIGHTED, Law, X, holds, proven
from symnn.emit.recognise import Recogniser
from symnn.formula.evaluate import Assignment, evaluate
from symnn.formula.nodes import Bracket, Call, Cases, Compare, Maximum, Minimum, Tensor
from symnn.network.arrays import exp as exp_of
from symnn.network.arrays import maximum, tensor, total
from symnn.network.build import Draft

A, B = Tensor("a").entry(), Tensor("b").entry()
LAW = {law.name: law for law in LAWS}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_every_law_is_proven(law):
    assert proven(law) is law


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1 / (1 + exp(-X)), 1 / (1 + exp(X))),
        (1 / (1 + exp(-X)), exp(-Abs(X)) / (1 + exp(-Abs(X)))),
        (1 / (1 + exp(-X)), Maximum(exp(-Abs(X)), Bracket(Compare("<=", X, 0))) / (1 + exp(-Abs(X)))),
        (log(1 + exp(X)), Maximum(X, 0) + log(1 + exp(-X))),
        (log(1 + exp(X)), Minimum(X, 0) + log(1 + exp(-Abs(X)))),
        (exp(X) - 1, exp(X)),
        (exp(X), Cases([(Compare("<", X, 1), exp(X))], exp(Minimum(X, 1)))),
        (exp(X), Cases([(Compare("<", X, 1), exp(X) + Minimum(X, 1) - 1)], exp(X))),
    ],
)
def test_a_wrong_law_is_refused(left, right):
    assert not holds(left, right)
    with pytest.raises(EmitError, match="does not follow"):
        proven(Law("wrong", left, right, ""))


# -- accuracy -------------------------------------------------------------------------------------------------

EXACT = {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "log_cosh": lambda x: mpmath.log(mpmath.cosh(x)),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "normal_tail": lambda x: mpmath.erfc(x / mpmath.sqrt(2)),
    "sigmoid_slope": lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2,
}
POINTS = (
    *np.linspace(-745, 745, 373), *np.linspace(-40, 40, 201), *np.linspace(-2, 2, 101), 0.0, 1e4, -1e4, 1e-300, -1e-300,
    1e-9, -1e-9, 708.0, -708.0, 88.7, -103.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def functions(tmp_path_factory, tools):
    text = "import numpy as np\n\n\n" + "\n\n\n".join("\n".join(lines) for lines in helper_functions(LAWS))
    return tools.import_text(text + "\n", tmp_path_factory.mktemp("laws") / "laws.py")


@pytest.mark.parametrize("name", list(EXACT))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_within_eight_units_in_the_last_place(functions, name, dtype):
    x = np.array(POINTS, dtype)
    with np.errstate(all="raise", under="ignore"):
        got = getattr(functions, f"_{name}")(x)
    assert got.dtype == dtype
    with mpmath.workdps(50):
        for value, result in zip(x, got, strict=True):
            exact = EXACT[name](mpmath.mpf(float(value)))
            unit = mpmath.mpf(float(np.spacing(dtype(abs(float(exact))))))
            assert abs(mpmath.mpf(float(result)) - exact) <= 8 * unit, float(value)


def test_helpers_do_not_change_their_argument(functions):
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    before = x.copy()
    for law in LAWS:
        getattr(functions, f"_{law.name}")(x)
    assert np.array_equal(x, before)


def test_a_product_keeps_the_digits_that_a_tiny_factor_has_not(tools, tmp_path):
    lines = ["import numpy as np", ""]
    for name in helper_functions(tuple(WEIGHTED.values())):
        lines += ["", *name, ""]
    module = tools.import_text("\n".join(lines), tmp_path / "weighted.py")
    x, y = np.array([-708.9, -712.3, -3.0, 0.0, 5.0]), np.array([37.6, 12.0, -2.0])
    with mpmath.workdps(50):
        logistic = [float(v / (1 + mpmath.exp(-mpmath.mpf(v)))) for v in x]
        tail = [float(v * mpmath.erfc(v / mpmath.sqrt(2))) for v in y]
    assert module._weighted_sigmoid(x, x).tolist() == pytest.approx(logistic, rel=1e-15, abs=0)
    assert module._normal_tail(y, y).tolist() == pytest.approx(tail, rel=1e-15, abs=0)


@pytest.mark.parametrize("law", WEIGHTED.values(), ids=lambda law: law.name)
def test_functions_with_a_weight_are_proven(law):
    assert proven(law) is law


# -- recognition ----------------------------------------------------------------------------------------------


def law(name, argument):
    return LAW[name].at(argument)


@pytest.mark.parametrize(
    ("formula", "safe"),
    [
        (1 / (1 + exp(-A)), law("sigmoid", A)),
        (exp(A) / (1 + exp(A)), law("sigmoid", A)),
        (1 / (1 + exp(A)), law("sigmoid", -A)),
        (1 - 1 / (1 + exp(-A)), law("sigmoid", -A)),
        (B / (1 + exp(-2 * A)), B * law("sigmoid", 2 * A)),
        (1 / (1 + exp(-A - B)), law("sigmoid", A + B)),
        (B * exp(A) / (1 + exp(A)) ** 2, B * law("sigmoid_slope", A)),
        ((1 - exp(-2 * A)) / (1 + exp(-2 * A)), law("tanh", A)),
        (2 / (1 + exp(-2 * A)) - 1, law("tanh", A)),
        (log(1 + exp(A)), law("softplus", A)),
        (-log(1 / (1 + exp(-A))), -law("log_sigmoid", A)),
        (log(1 - 1 / (1 + exp(-A))), law("log_sigmoid", -A)),
        (B + exp(A) - 1, B + law("expm1", A)),
        (3 * exp(A) - 3, 3 * law("expm1", A)),
        (1 + erf(A / sqrt(2)), law("normal_tail", -A)),
        (1 - erf(A), law("erfc", A)),
        (2 + 2 * erf(A), 2 * law("erfc", -A)),
        (erf(A) + 3, law("erf", A) + 3),
        (1 + (exp(A) - exp(-A)) / (exp(A) + exp(-A)), law("one_plus_tanh", A)),
        (exp(A), exp(A)),
        (exp(A) + 2, exp(A) + 2),
        (log(2 + exp(A)), log(2 + exp(A))),
    ],
)
def test_recognises_formulas_and_nothing_else(formula, safe):
    assert Recogniser().safe(formula) == safe


def test_recognises_operators_by_their_formula():
    for name in ("sigmoid", "tanh"):
        found = registry.find(name)
        assert Recogniser().safe(Call(found.function, A + B)) == law(name, A + B)


def test_log1p_where_a_number_is_added_to_one():
    safe = Recogniser().safe(log(1 + A * B))
    assert safe.function.name == "numpy.log1p"


def test_the_branch_that_is_not_taken_is_bounded():
    formula = Cases([(Compare(">", A, 0), A)], 2 * (exp(A) - 1))
    assert Recogniser().safe(formula) == Cases([(Compare(">", A, 0), A)], 2 * law("expm1", Minimum(A, 0)))


@pytest.mark.parametrize(
    "formula",
    [
        1 / (exp(A) + exp(-A)),
        (exp(A) + A) / (exp(2 * A) + 3),
        B * (exp(A) - exp(-2 * A)) / (exp(A) + exp(-A) + 1) ** 2,
    ],
)
def test_other_quotients_of_exponentials_do_not_overflow(formula):
    safe = Recogniser().safe(formula)
    assert safe != formula
    for value in (-3, -1, 0, 1, 2):
        known = Assignment({}, {A.tensor: {(): Fraction(value, 2)}, B.tensor: {(): 5}})
        assert evaluate(safe, known).overlaps(evaluate(formula, known))
    assert all(node.args[0].could_extract_minus_sign() for node in safe.atoms(exp))


# -- declared laws --------------------------------------------------------------------------------------------


@pytest.fixture
def declare():
    names = []

    def declared(*arguments, **settings):
        def add(body):
            made = operator(*arguments, **settings)(body)
            names.append(made.name)
            return made

        return add

    yield declared
    for name in names:
        registry.remove(name)


def network(made, shape):
    draft = Draft()
    h = draft.define("h", made(tensor("w", shape) * tensor("x", shape)))
    draft.define("L", total(h))
    return draft.network(inputs=["x"])


def test_a_declared_shift_that_does_not_hold_is_refused(declare):
    @declare(stable=Stable(shift="x"))
    def almost_softmax(x: "n") -> "n":  # noqa: F821, UP037
        """Not invariant."""
        return exp_of(x) / (1 + total(exp_of(x)))

    with pytest.raises(DeclarationError, match="almost_softmax is declared to be stable under a shift of x"):
        emit(network(almost_softmax, "n"))


def test_a_declared_equal_formula_is_used_once_proven(declare):
    @declare(stable=Stable(equal=lambda x: maximum(x, 0) - maximum(-x, 0)))
    def odd_identity(x: "") -> "":  # noqa: F722
        """The identity, in a roundabout way."""
        return exp_of(x) * x / exp_of(x)

    assert "np.maximum" in emit(network(odd_identity, "n"))


def test_a_declared_equal_formula_that_is_wrong_is_refused(declare):
    @declare(stable=Stable(equal=lambda x: maximum(x, 0)))
    def wrong_identity(x: "") -> "":  # noqa: F722
        """The identity."""
        return x + 0

    with pytest.raises(DeclarationError, match="wrong_identity is declared to be equal"):
        emit(network(wrong_identity, "n"))


def test_laws_have_different_left_sides():
    for one, other in itertools.combinations(LAWS, 2):
        assert not holds(one.left, other.left)
