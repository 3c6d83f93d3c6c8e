"""How many digits emitted code keeps, against ball arithmetic: functions in units in the last place, others in their terms.

Functions of one number are to be within 8 units in the last place of the exact value. Everything else, gradients
included, is to be finite wherever the exact value is, and within 1e-13 of the largest term that is added up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from operator_modules import rounded, value_and_grad
from operator_points import extreme_points, in_domain, sure_value, weighed
from sympy import Add, Mul, Pow

from symnn.declare import Operator, registry
from symnn.emit import emit
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.evaluate import Assignment, EvaluationError, positions
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor, Total
from symnn.formula.substitute import unfold_all
from symnn.network.arrays import expression
from symnn.network.build import Draft

FUNCTIONS = [o for o in registry.all() if o.is_elementwise and len(o.parameters) == 1]
OTHERS = [o for o in registry.all() if o not in FUNCTIONS]
ULPS = 8
BESIDE = Fraction(1, 2**3000)
"""A distance at which balls tell the sides of a kink apart; the values of a function there are those at the kink."""
CHOICES = {
    "positive": ("0.3", "1.702", "10", "1/3"),
    "real": ("0.3", "1.702", "10", "-2.5"),
}
"""Values of constants: those that are no binary numbers make the arguments of functions be rounded."""
DENSE = 50
TERMS = 1e-13
POINTS = 8
MANY = 6
"""Operators with so many parameters get two points: thousands of digits of a gated cell take a while."""
TINY = Fraction(1, 10**290)
by_name = {"ids": lambda operator: operator.name}


def magnitudes() -> np.ndarray[Any, Any]:
    """Numbers of every size on both sides of zero, those where exponentials overflow or round off among them."""
    source = np.random.default_rng(0)
    sizes = [1e-300, 1e-160, 1e-20, 1e-9, 1e-4, 0.5, 1.0, 2.5, 3.0, 6.0, 17.0, 30.0, 37.0, 709.0, 710.0, 745.0, 1e4]
    found = np.concatenate([sizes, source.uniform(0, 8, 12), 10 ** source.uniform(-5, 3, 8)])
    return np.concatenate([-found, [0.0], found])


def constants_of(operator: Operator) -> dict[str, Fraction]:
    return {c.name: Fraction(c.default) if c.default is not None else Fraction(3, 4) for c in operator.constants}


def at(x: float | Fraction) -> Assignment:
    return Assignment({}, {Tensor("x"): {(): Fraction(x)}})


def exact(formula: Any, x: float) -> list[arb]:
    """The value; at a kink, where balls do not tell the branches apart, the values on both sides."""
    value = sure_value(formula, at(x))
    if value is not None:
        return [value]
    sides = [sure_value(formula, at(Fraction(x) + sign * BESIDE)) for sign in (1, -1)]
    return [side for side in sides if side is not None]


def error_in_ulps(found: float, value: arb) -> float:
    spacing = max(float(np.spacing(abs(float(value.mid())))), float(np.finfo(float).tiny))
    return abs(float((value - found).mid())) / spacing


@pytest.mark.parametrize("operator", FUNCTIONS, **by_name)
def test_functions_are_within_eight_units_in_the_last_place(operator, load):
    constants = constants_of(operator)
    formula, module = written(operator, constants, load)
    slope = differentiate(formula, Tensor("x").entry())
    points = magnitudes()
    with np.errstate(all="raise", under="ignore"):
        values, gradients = module.value_and_grad({}, points)
    for x, found, gradient in zip(points, values, gradients["x"], strict=True):
        slopes = exact(slope, x)
        assert min(error_in_ulps(found, value) for value in exact(formula, x)) <= ULPS, (x, found)
        assert math.isfinite(gradient), x
        assert any(abs(gradient - w) <= TERMS * max(1.0, abs(w)) for w in (float(s.mid()) for s in slopes)), (x, slopes)


def written(operator: Operator, constants: Mapping[str, Fraction], load: Any) -> tuple[Any, Any]:
    """The formula of a function of x, and its module."""
    formula = unfold_all(operator(Tensor("x").entry(), **constants).array.body)
    draft = Draft()
    draft.define("y", operator(expression(Tensor("x")), **constants))
    return formula, load(emit(draft.network(inputs=["x"], wrt=["x"]), reduction="none"))


def choices(operator: Operator) -> list[dict[str, Fraction]]:
    """Values of the constants of an operator, among them those that are usual."""
    usual = constants_of(operator)
    rows = [[Fraction(text) for text in CHOICES[c.kind]] for c in operator.constants]
    return [usual, *(dict(zip(usual, row, strict=True)) for row in zip(*rows, strict=True))]


def dense(constants: Iterable[Fraction], dtype: Any) -> np.ndarray[Any, Any]:
    """Numbers all over the range in which functions of exponentials are neither 0 nor infinite."""
    source = np.random.default_rng(1)
    scale = max([Fraction(1), *map(abs, constants)])
    found = [source.uniform(-5, 5, DENSE), source.uniform(-40, 40, DENSE), source.uniform(-760, 760, DENSE)]
    found[-1] /= float(scale)
    return np.concatenate([*found, -(10 ** source.uniform(-3, 3, DENSE))]).astype(dtype)


VARIANTS = [(operator, constants) for operator in FUNCTIONS for constants in choices(operator)]


@pytest.mark.parametrize(
    ("operator", "constants"), VARIANTS, ids=[" ".join([o.name, *map(str, c.values())])[:30] for o, c in VARIANTS]
)
def test_functions_are_as_exact_for_any_constants(operator, constants, load):
    formula, module = written(operator, constants, load)
    for dtype in (np.float64, np.float32):
        points = dense(constants.values(), dtype)
        with np.errstate(all="raise", under="ignore"):
            values, _ = module.forward({}, points)
        assert values.dtype == dtype
        for x, found in zip(points, values, strict=True):
            [*_, value] = exact(formula, float(x))
            size = abs(float(value.mid()))
            if size >= np.finfo(dtype).tiny:
                assert abs(float((value - float(found)).mid())) <= ULPS * np.spacing(dtype(size)), (x, found)


# -- operators on arrays, and of several numbers --------------------------------------------------------------


def largest_term(formula: Any, numbers: Assignment, place: Mapping[Index, int]) -> arb:
    """The size of the largest term that is added up on the way to the value; NaN where a part has no value."""
    if isinstance(formula, Total):
        size = numbers.size(formula.index.dimension)
        terms = [largest_term(formula.body, numbers, {**place, formula.index: k}) for k in range(size)]
        return max(terms, key=lambda t: float(t.log()) if t > 0 else -math.inf, default=arb(0))
    if isinstance(formula, Add):
        terms = [largest_term(term, numbers, place) for term in formula.args]
        return max(terms, key=lambda t: float(t.log()) if t > 0 else -math.inf)
    if isinstance(formula, Mul):
        return math.prod((largest_term(factor, numbers, place) for factor in formula.args), start=arb(1))
    if isinstance(formula, Pow) and formula.exp.is_Integer and formula.exp > 0:
        return largest_term(formula.base, numbers, place) ** int(formula.exp)
    value = sure_value(formula, numbers, place)
    return arb("nan") if value is None else abs(value)


def usable(operator: Operator) -> Iterable[Assignment]:
    found = 0
    for numbers in extreme_points(operator):
        floats = rounded(numbers)
        try:
            inside = in_domain(operator, floats)
        except EvaluationError:
            continue
        if inside:
            found += 1
            yield floats
        if found == (POINTS if len(operator.parameters) < MANY else 2):
            return


def check(found: float, formula: Any, numbers: Assignment, place: Mapping[Index, int]) -> bool:
    """Whether there is an exact value; it must have been found."""
    value = sure_value(formula, numbers, place)
    if value is None:
        return False
    wanted = float(value.mid())
    if math.isinf(wanted):
        return False
    assert math.isfinite(found), (found, wanted)
    scale = float(largest_term(formula, numbers, place))
    scale = max(scale, abs(wanted)) if math.isfinite(scale) else abs(wanted)
    if abs(found - wanted) > TERMS * scale + np.finfo(float).tiny:
        # 1 + 1e-300 is 1, where a derivative may jump: the value there will do.
        other = sure_value(formula, without_tiny(numbers), place)
        assert other is not None, (found, wanted, scale)
        assert abs(found - float(other.mid())) <= TERMS * scale, (found, wanted, scale)
    return True


def without_tiny(numbers: Assignment) -> Assignment:
    """The same with 0 for what is lost in a sum with 1."""
    values = {
        tensor: {place: value if abs(value) > TINY else Fraction(0) for place, value in entries.items()}
        for tensor, entries in numbers.values.items()
    }
    return Assignment(numbers.dimensions, values, numbers.scalars)


@pytest.mark.parametrize("operator", OTHERS, **by_name)
def test_operators_keep_their_digits_at_extreme_points(operator):
    formula = weighed(operator)
    decided = 0
    for numbers in usable(operator):
        with np.errstate(all="ignore"):
            loss, gradients = value_and_grad(operator, numbers)
        decided += check(float(loss), formula, numbers, {})
        for parameter in operator.parameters:
            indices = tuple(Index(letter, size) for letter, size in zip("ijklpq", parameter.shape, strict=False))
            slope = eliminate_deltas(differentiate(unfold_all(formula), parameter.entry(*indices)))
            for place in list(positions(numbers.shape(parameter)))[:2]:
                where = dict(zip(indices, place, strict=True))
                decided += check(float(gradients[parameter.name][place]), slope, numbers, where)
    assert decided > 0
