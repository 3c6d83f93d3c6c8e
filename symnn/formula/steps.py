"""What compiled formulas are made of: what was worked out so far, and the steps that need no compiler."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, arb_mat, fmpq
from sympy import Add, Mul, Pow

from symnn.formula.assignment import Assignment, EvaluationError, Undetermined, ball
from symnn.formula.index import Index, LayerSize
from symnn.formula.nodes import Tensor

EXACT = 2**50
"""Whole numbers below this have all their digits at any precision."""

Places = list[Any]
"""The place of each index: a whole number, or None where it has none."""
Scope = Mapping[Index, int]
Step = Callable[["Run", Places], arb]
Whole = Callable[["Run", Places], Any]
Condition = Callable[["Run", Places], bool]
Source = Callable[["Run", Places], Any]


class Run:
    """What was worked out so far at one assignment."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self.entries: dict[Tensor, dict[tuple[Any, ...], arb]] = {}
        self.found: dict[tuple[Any, ...], arb] = {}
        self.matrices: dict[tuple[Any, ...], arb_mat] = {}

    def look_up(self, tensor: Tensor, position: tuple[Any, ...], indices: tuple[Any, ...]) -> arb:
        """The entry at a place for the first time."""
        values = self.assignment.values.get(tensor)
        if values is None:
            raise EvaluationError(f"{tensor} has no value")
        if None in position:
            raise EvaluationError(f"an index of {tensor}[{', '.join(map(str, indices))}] has no value")
        if position not in values:
            raise EvaluationError(f"{tensor}{list(position)} is out of range")
        found = self.entries.setdefault(tensor, {})[position] = ball(values[position])
        return found


def remembered(step: Step, slots: tuple[int, ...], number: int) -> Step:
    """The step, which works its value out once for the places in these slots."""

    def remembered(run: Run, places: Places) -> arb:
        mark = (number, *[places[slot] for slot in slots])
        value = run.found.get(mark)
        if value is None:
            value = run.found[mark] = step(run, places)
        return value

    return remembered


def refused(reason: str) -> Callable[[Run, Places], Any]:
    """A step that cannot be done, and says so when it is to be done."""

    def step(run: Run, places: Places) -> Any:
        raise EvaluationError(reason)

    return step


def constant(value: Any) -> Step:
    """An exact number at the precision in force."""
    if value.is_Integer and abs(value) < EXACT:
        exact = arb(int(value))
        return lambda run, places: exact
    fraction = fmpq(int(value.p), int(value.q))
    return lambda run, places: arb(fraction)


def symbol_value(run: Run, symbol: Any) -> arb:
    """The number of a symbol or a dimension."""
    assignment = run.assignment
    if symbol in assignment.scalars:
        return ball(assignment.scalars[symbol])
    if symbol in assignment.dimensions:
        return arb(assignment.dimensions[symbol])
    raise EvaluationError(f"{symbol} has no value")


def nonzero(value: arb, formula: Any) -> arb:
    """A value to divide by."""
    if value.contains(0):
        raise Undetermined(f"division by a value near zero in {formula}")
    return value


def whole_power(base: arb, exponent: int) -> arb:
    """A whole power by repeated multiplication; arb's own power is not a number for a ball around zero."""
    result, square, left = arb(1), base, abs(exponent)
    while left:
        if left % 2:
            result = result * square
        square, left = square * square, left // 2
    return result if exponent >= 0 else 1 / result


def unknown_function(name: str, order: int, at: arb) -> arb:
    """A fixed smooth function that stands for an unknown one of this name: ``sin(c u + d) + u^2 / 3``."""
    seed = sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 97
    frequency, shift = arb(fmpq(70 + seed, 97)), arb(fmpq(seed, 53))
    quarter_turns = arb.pi() * order / 2
    oscillation = frequency**order * (frequency * at + shift + quarter_turns).sin()
    square = (at * at, 2 * at, arb(2))[order] / 3 if order < 3 else arb(0)
    return oscillation + square


# -- index expressions ----------------------------------------------------------------------------------------------------


def integer(expression: Any, scope: Scope) -> Whole:
    """What computes an index expression as an integer."""
    value = whole(expression, scope)

    def step(run: Run, places: Places) -> int:
        found = value(run, places)
        if isinstance(found, int):
            return found
        if found.denominator != 1:
            raise EvaluationError(f"{expression} is not a whole number here")
        return int(found)

    return step


def whole(expression: Any, scope: Scope) -> Whole:
    """What computes an index expression, whose parts may be fractions."""
    if isinstance(expression, Index):
        slot = scope.get(expression)

        def place(run: Run, places: Places) -> Any:
            found = None if slot is None else places[slot]
            if found is None:
                raise EvaluationError(f"the index {expression} has no value")
            return found

        return place
    if isinstance(expression, sympy.Rational):
        number = int(expression) if expression.is_Integer else Fraction(int(expression.p), int(expression.q))
        return lambda run, places: number
    if isinstance(expression, sympy.Symbol):

        def size(run: Run, places: Places) -> Any:
            found = run.assignment.dimensions.get(expression)
            if found is None:
                raise EvaluationError(f"the dimension {expression} has no value")
            return found

        return size
    if isinstance(expression, LayerSize):
        layer = whole(expression.layer, scope)

        def size_of_layer(run: Run, places: Places) -> Any:
            known = LayerSize(expression.name, layer(run, places))
            found = run.assignment.dimensions.get(known)
            if found is None:
                raise EvaluationError(f"the size {known} has no value")
            return found

        return size_of_layer
    if isinstance(expression, Add | Mul):
        parts = [whole(part, scope) for part in expression.args]
        join = sum if isinstance(expression, Add) else math.prod
        return lambda run, places: join([part(run, places) for part in parts])
    if isinstance(expression, sympy.floor):
        inside = whole(expression.args[0], scope)
        return lambda run, places: math.floor(inside(run, places))
    if isinstance(expression, Pow) and isinstance(expression.exp, sympy.Integer):
        base, exponent = whole(expression.base, scope), int(expression.exp)
        return lambda run, places: Fraction(base(run, places)) ** exponent
    return refused(f"{expression} is not an index expression")
