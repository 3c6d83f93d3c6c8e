"""Short conditions hold exactly where the long ones do, at boundaries too."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from symnn.formula.conditions import short_conditions
from symnn.formula.evaluate import Assignment, evaluate
from symnn.formula.nodes import AllOf, Bracket, Cases, Compare, Maximum, Minimum, Tensor

X = Tensor("x")
x = X.entry()
OPERATORS = ("<", "<=", ">", ">=")


def value(formula, at):
    return evaluate(formula, Assignment({}, {X: {(): at}}))


@pytest.mark.parametrize("kind", [Maximum, Minimum])
def test_bounds_are_left_out_only_where_they_decide_nothing(kind):
    points = [Fraction(k, 2) for k in range(-5, 6)]
    shortened = 0
    for operator, bound, limit in itertools.product(OPERATORS, (-1, 0, 1), (-1, 0, 1)):
        formula = Bracket(Compare(operator, kind(bound, x), limit))
        short = short_conditions(formula)
        shortened += not short.has(kind)
        assert [value(formula, at) for at in points] == [value(short, at) for at in points], formula
    assert shortened == 18


@pytest.mark.parametrize("operator", [*OPERATORS, "==", "!="])
def test_straight_lines_are_solved(operator):
    for formula in (Compare(operator, 1 - 2 * x, 3), Compare(operator, 3, 1 - 2 * x)):
        short = short_conditions(Bracket(formula))
        assert short.condition.left == x
        assert short.condition.right == -1
        for at in (-2, -1, 0):
            assert value(short, at) == value(Bracket(formula), at)


def test_one_condition_inside_another():
    low, high = Compare(">", x, -1), Compare("<", x, 1)
    nested = Cases([(high, Cases([(low, 5)], 2))], 2)
    assert short_conditions(nested) == Cases([(AllOf(low, high), 5)], 2)
    other = Cases([(high, Cases([(low, 5)], 3))], 2)
    assert short_conditions(other) == other


def test_products_and_complements_of_brackets():
    beyond, at = Bracket(Compare(">", x - 3, 0)), Bracket(Compare("==", x - 3, 0))
    assert short_conditions(1 - beyond - at) == Bracket(Compare("<", x, 3))
    assert short_conditions(2 * x - 2 * x * beyond - 2 * x * at) == 2 * x * Bracket(Compare("<", x, 3))
    assert short_conditions(2 - beyond - at) == 2 - Bracket(Compare(">", x, 3)) - Bracket(Compare("==", x, 3))
    both = short_conditions(x * Bracket(Compare("<", x, 3)) * Bracket(Compare(">", x, 0)))
    assert both == x * Bracket(AllOf(Compare(">", x, 0), Compare("<", x, 3)))
