"""Bounds of the slopes of elementwise functions, proved from their formulas."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy

from symnn.declare import registry
from symnn.derive.bounds import slope_bound
from symnn.derive.elementwise import elementwise_lemma
from symnn.formula.evaluate import Assignment, evaluate, precision
from symnn.formula.nodes import Elementwise, Tensor
from symnn.formula.normal import Normalizer

UNARY = [o for o in registry.all() if o.is_elementwise and len(o.function.parameters) == 1]
BOUNDED = [o for o in UNARY if slope_bound(o.function) is not None]


def bound_of(name: str) -> sympy.Expr | None:
    operator = registry.find(name)
    assert operator is not None
    found = slope_bound(operator.function)
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("name", "value"), [("sigmoid", sympy.Rational(1, 4)), ("tanh", 1), ("relu", 1), ("softplus", 1), ("identity", 1)]
)
def test_known_bounds(name: str, value: object) -> None:
    assert bound_of(name) == value


@pytest.mark.parametrize("name", ["square", "gelu"])
def test_nothing_is_claimed_without_a_proof(name: str) -> None:
    assert bound_of(name) is None


@pytest.mark.parametrize("operator", BOUNDED, ids=lambda o: o.name)
def test_no_slope_is_larger_in_ball_arithmetic(operator: object) -> None:
    function = operator.function  # type: ignore[attr-defined]
    bound = slope_bound(function)
    assert bound is not None
    plain = elementwise_lemma(function, 0).plain
    with precision(120):
        for step in range(-40, 41):
            at = Assignment({}, {Tensor(function.parameters[0]): {(): Fraction(step, 4) + Fraction(1, 1000)}})
            slope = abs(evaluate(plain, at))
            assert not slope > evaluate(bound.value, Assignment({})), step


def test_the_square_is_the_difference() -> None:
    function = registry.find("sigmoid").function  # type: ignore[union-attr]
    bound = slope_bound(function)
    assert bound is not None
    assert bound.square is not None
    assert Normalizer().equal(bound.value - bound.slope, bound.square)
    assert bound.attained == 0


def test_a_function_that_nobody_declared() -> None:
    x = Tensor("x").entry()
    steep = Elementwise("steep", ("x",), 3 / (1 + sympy.exp(-2 * x)) - 1)
    bound = slope_bound(steep)
    assert bound is not None
    assert bound.value == sympy.Rational(3, 2)
    assert bound.attained == 0


def test_a_slope_that_changes_its_sign_is_not_bounded_by_its_top() -> None:
    x = Tensor("x").entry()
    falling = Elementwise("falling", ("x",), -x - x**3 / 3)  # f' = -(1 + x²): at most -1, but not bounded below
    assert slope_bound(falling) is None
    assert slope_bound(Elementwise("unknown", ("x",))) is None
