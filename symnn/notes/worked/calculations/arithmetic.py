"""Worked arithmetic: ``26 × 1 × 20 = 520``, ``(3 + 0.9076×2)² = 24.52``.

Whole numbers are exact. A decimal stands for every number that rounds to it. A result is right when it is the value of
the operands as printed, to its own digits, and wrong only when no numbers that round to the operands give it, with one
more unit in its last place where operands are rounded, and no other reading of the calculation gives it either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.slips.told import shown
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.other_readings import not_about_values, other_readings
from symnn.notes.worked.digits import TINY, Printed, printed, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate, operand_numbers
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import Function
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import plain
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.symbol_table import NEARLY, SymbolTable, exactly, has_names

FLOAT_DIGITS = 7
FLOAT_NOISE = Fraction(1, 10**6)
NEAR = Fraction(1, 10)
NARROW = Fraction(1, 200)
TELLING_DIGITS = 4
CARRIED = Fraction(2, 10**4)
"""Below this relative difference decimals may come from digits that were carried but not printed."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equation in numbers: its operands, its value as printed, and all values that rounding allows."""

    operands: tuple[Printed, ...]
    value: Interval
    range: Interval

    @property
    def half(self) -> Fraction:
        """Half a unit of the coarsest decimal in it; 0 when all numbers are whole."""
        return max((number.half for number in self.operands), default=Fraction(0))


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation between numbers: its sides, and where one of them is a single number, that and the computed side."""

    sides: tuple[Side, Side]
    result: Printed | None
    computed: Side
    loose: bool


def side_of(
    node: Node,
    symbols: SymbolTable,
    at: Statement,
    exact: Collection[Fraction] = (),
    functions: Mapping[str, Function] | None = None,
) -> Side:
    """Compute one side. `exact` are decimals that are not rounded. Raises Unclear."""
    operands: list[Printed] = []
    formula = FormulaReader(symbols, at, functions or {}, operands).read(node)
    value = evaluate(formula, Numbers(operand_numbers(operands, rounded=False)))
    if all(number.whole for number in operands):
        return Side(tuple(operands), value, value)
    wide = operand_numbers(operands, rounded=True)
    for place, number in enumerate(operands):
        if number.value in exact:
            wide[f"#{place}"] = point(number.value)
    try:
        ranged = evaluate(formula, Numbers(wide))
    except Unclear:
        ranged = Interval(value.lo - abs(value.lo) - 10**9, value.hi + abs(value.hi) + 10**9)
    return Side(tuple(operands), value, ranged)


def is_worked(left: Node, right: Node, *, goes_on: bool = False) -> bool:
    """Whether an equation is arithmetic: no names on either side, and something to compute.

    Where a chain `goes_on`, nothing has to be computed: ``3 × 4 = 12 = 13``.
    """
    if has_names(left) or has_names(right):
        return False
    if goes_on and printed(left) is not None and printed(right) is not None:
        return True
    return any(printed(side) is None and not isinstance(plain(side), t.Sequence) for side in (left, right))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where an equation between numbers stands.

    `exact` are decimals that are not rounded. `uncertain` says why the text around the equation may mean something else;
    then it is not called wrong. `goes_on` says that it is not the first link of its chain.
    """

    symbols: SymbolTable
    at: Statement
    operator: str = "="
    exact: Collection[Fraction] = ()
    uncertain: str = ""
    goes_on: bool = False

    def side(self, node: Node, functions: Mapping[str, Function] | None = None) -> Side:
        """Compute one side. Raises Unclear."""
        return side_of(node, self.symbols, self.at, self.exact, functions)


def judge_arithmetic(left: Node, right: Node, where: Circumstances) -> Outcome | None:
    """Judge ``left = right`` in numbers; None for another equation."""
    return outcome_of(left, right, where) if is_worked(left, right, goes_on=where.goes_on) else None


def outcome_of(left: Node, right: Node, where: Circumstances) -> Outcome:
    """What is said of ``left = right`` in numbers; undecided where one side is no calculation."""
    try:
        sides = where.side(left), where.side(right)
    except Unclear as error:
        return Outcome("undecided", error.message)
    result = printed(right) or printed(left)
    computed = sides[0] if printed(right) is not None else sides[1]
    found = Equation(sides, result, computed, where.operator in NEARLY)
    reading = f"{shown(left)} {'≈' if found.loose else '='} {shown(right)}"
    held = _held(found, reading)
    if held is not None:
        return held
    why = (
        rounding(found)
        or not_about_values(left, right)
        or _goes_on_from(sides[0].value, right, result)
        or _is_another_e(left, right, found)
        or _other_reading(left if computed is sides[0] else right, found, where)
        or where.uncertain
    )
    if why:
        return Outcome("undecided", why, reading)
    return _refuted(found, reading, shown(left if computed is sides[0] else right))


def _held(found: Equation, reading: str) -> Outcome | None:
    """What is said of an equation that holds; None for one that does not."""
    one, other = found.sides
    if one.value == other.value and one.value.is_point:
        exactly = all(number.whole for side in found.sides for number in side.operands)
        return Outcome("proved", "exact arithmetic" if exactly else "the arithmetic is exact as printed", reading)
    if found.result is None:
        if _lies_in(one.value, other.range) or _lies_in(other.value, one.range):
            return Outcome("agrees", "equal to the digits that are printed", reading)
        apart = abs(one.value.middle - other.value.middle)
        if not found.loose or apart > abs(one.value.middle) * NEAR / 2:
            return None
        if apart <= _finest(found):
            return Outcome("agrees", "equal to the digits that are printed", reading)
        if any(map(_is_power_of_ten, found.sides)):
            return Outcome("agrees", "the sides are near to each other", reading)
        return None
    value = found.computed.value
    if shows(found.result, value, loose=found.loose):
        told = f"{shown_value(value)} is {found.result} to the digits that are printed"
        return Outcome("agrees", told, reading)
    if _is_last_digit(found):
        return Outcome("agrees", "equal as far as the rounded numbers in it tell", reading)
    return None


def _finest(found: Equation) -> Fraction:
    """Half a unit of the finest decimal in an equation; one half where all numbers are whole."""
    halves = [number.half for side in found.sides for number in side.operands if not number.whole]
    return min(halves, default=Fraction(1, 2))


def _is_power_of_ten(side: Side) -> bool:
    """Whether a side is an order of magnitude: ``10^{-6}``, ``10^9``."""
    value = abs(side.value.lo)
    if not value or not side.value.is_point or any(not number.whole for number in side.operands):
        return False
    large = max(value, 1 / value)
    return large.denominator == 1 and str(large.numerator).strip("0") == "1"


def _lies_in(value: Interval, spread: Interval) -> bool:
    """Whether a value lies among those that rounding allows, and these are near to each other."""
    narrow = spread.radius <= abs(spread.middle) * NARROW
    return narrow and spread.lo - TINY <= value.lo and value.hi <= spread.hi + TINY


def _is_last_digit(found: Equation) -> bool:
    """Whether a long result is off by less than a unit in its last place, which rounded operands explain."""
    result, computed = found.result, found.computed
    if result is None or result.whole or abs(result.value / result.unit) < 10 ** (TELLING_DIGITS - 1):
        return False
    near = abs(computed.value.middle - result.value) <= result.unit * Fraction(3, 2)
    return near and computed.range.gap(result.range) == 0


def _refuted(found: Equation, reading: str, calculation: str) -> Outcome:
    value = shown_value(found.computed.value)
    if found.result is None:
        one, other = (shown_value(side.value) for side in found.sides)
        return Outcome(
            "refuted", f"the sides are {one} and {other}", reading, one, "arithmetic", f"left {one}, right {other}"
        )
    result = found.result
    slip = "sign" if shows(result, -found.computed.value) else "arithmetic"
    correct = to_digits(found.computed.value, result)
    witness = f"left {value}, right {result}" if calculation == value else f"{calculation} = {value}"
    return Outcome("refuted", f"it is {value}, not {result}", reading, correct, slip, witness)


def shows(result: Printed, value: Interval, *, loose: bool = False) -> bool:
    """Whether a value would be printed like this. Said to be near, a round number shows what is not far from it."""
    if result.shows(value) or (not value.is_point and value.radius < TINY and value.holds(result.value)):
        return True
    if not loose or not result.whole:
        return False
    reach = _coarse(result) / 2
    if reach > Fraction(1, 2):
        reach = min(reach, abs(result.value) / 20)
    return result.value - reach <= value.lo and value.hi <= result.value + reach


def _coarse(number: Printed) -> Fraction:
    """The unit of a whole number that is said to be near: 300 counts in hundreds."""
    unit, value = Fraction(1), int(number.value)
    while value and value % 10 == 0:
        unit, value = unit * 10, value // 10
    return unit


# -- what may explain a difference --------------------------------------------------------------------------


def rounding(found: Equation) -> str:
    """Why a difference may come from rounding; empty when that does not explain it."""
    result, computed, value = found.result, found.computed, found.computed.value
    if _spread(found) <= _room(found):
        return "the difference may come from rounding"
    one, other = (side.value.middle for side in found.sides)
    decimals = any(not number.whole for side in found.sides for number in side.operands)
    if decimals and abs(one - other) <= CARRIED * max(abs(one), abs(other)):
        return "the sides differ in their last digits only, as when more digits were carried than are printed"
    if result is None:
        return ""
    if result.whole:
        rounded = any(not number.whole for number in computed.operands)
        if not rounded and not value.is_point and abs(value.middle - result.value) <= Fraction(1, 2):
            return "the difference may come from rounding"
        if value.is_point and value.lo.denominator != 1 and abs(value.lo - result.value) < 1:
            return "it holds when the quotient is rounded to a whole number"
        near = _coarse(result) > 1 and abs(value.middle - result.value) <= _coarse(result) / 2
        return "it holds to its leading digits" if near and len(str(abs(int(result.value)))) > 2 else ""
    if _cut_off(value.middle, result):
        return "the result is cut off rather than rounded"
    digits = len(str(abs(int(result.value / result.unit))))
    if value.middle and digits >= FLOAT_DIGITS and abs(result.value / value.middle - 1) < FLOAT_NOISE:
        return "the difference is as small as the noise of floating-point numbers"
    return ""


def _spread(found: Equation) -> Fraction:
    """How far the sides stay apart with every decimal replaced by what rounds to it."""
    if found.result is None:
        return found.sides[0].range.gap(found.sides[1].range)
    return found.computed.range.gap(found.result.range)


def _room(found: Equation) -> Fraction:
    """How far apart the sides may be where they are rounded on the way."""
    result, computed = found.result, found.computed
    room = Fraction(0)
    if result is None:
        room = max(side.half for side in found.sides)
    elif any(not number.whole for number in computed.operands):
        room = Fraction(1) if result.whole else result.unit
    if found.loose:
        spread = computed.range if result is not None else found.sides[0].range
        unit = Fraction(0) if result is None else result.unit
        size = max(abs(spread.lo), abs(spread.hi))
        room = max(room, unit * Fraction(3, 2), size * NEAR)
        if any(_is_round(side.value) for side in found.sides):
            room = max(room, size / 2)  # an order of magnitude
    return room


def _is_round(value: Interval) -> bool:
    """Whether a whole number has one digit and noughts: an order of magnitude."""
    number = exactly(value.lo)
    whole = value.is_point and value.lo.denominator == 1
    return whole and abs(number.value) >= 10 and abs(number.value / _coarse(number)) < 10


def _cut_off(value: Fraction, result: Printed) -> bool:
    """Whether a result has the digits of a value without the rest of them."""
    return abs(result.value) <= abs(value) < abs(result.value) + result.unit and value * result.value >= 0


def _goes_on_from(left: Interval, right: Node, result: Printed | None) -> str:
    """``3 + 4 = 7 × 2 = 14``: the right side takes the result of the left one and goes on."""
    if result is not None:
        return ""
    right = plain(right)
    head = (
        right.terms[0].term if isinstance(right, t.Sum) else right.factors[0] if isinstance(right, t.Product) else None
    )
    if isinstance(right, t.Quotient):
        head = right.numerator
    first = printed(head)
    goes_on = first is not None and left.is_point and first.value == left.lo
    return "the right side goes on from the result of the left one" if goes_on else ""


def _is_another_e(left: Node, right: Node, found: Equation) -> str:
    """``e² = 0.09``: far from Euler's number, the letter may stand for an error."""
    named = any(isinstance(part, t.Name) and part.base == "e" for side in (left, right) for part in walk(side))
    one, other = (abs(side.value.middle) for side in found.sides)
    return "the letter e may stand for something else" if named and max(one, other) > 2 * min(one, other) else ""


def _other_reading(node: Node, found: Equation, where: Circumstances) -> str:
    """Another way to read the computed side under which the equation holds; empty when there is none."""
    result = found.result
    if result is None:
        return ""
    for variant, functions, why in other_readings(node):
        try:
            side = where.side(variant, functions)
        except Unclear:
            continue
        if shows(result, side.value, loose=found.loose) or (not result.whole and side.range.gap(result.range) == 0):
            return why
    return ""


def exact_decimals(symbols: SymbolTable) -> frozenset[Fraction]:
    """The decimals of one digit that the document gives for names, such as a learning rate of 0.1: those are not rounded.

    A longer one, such as a weight of 0.83, may well be.
    """
    given = [number for group in symbols.groups for number in group.values.values()]
    return frozenset(number.value for number in given if not number.whole and abs(number.value / number.unit) < 10)
