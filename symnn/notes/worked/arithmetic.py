"""Worked arithmetic: ``26 × 1 × 20 = 520``, ``(3 + 0.9076×2)² = 24.52``.

Whole numbers are exact. A decimal stands for every number that rounds to it. A result is right when it is the value of
the operands as printed, to its own digits, and wrong only when no numbers that round to the operands give it, with one
more unit in its last place where operands are rounded. What people write and mean otherwise is not called wrong: a
missing bracket, logarithms to another base, degrees, sums of binary digits, whole divisions, ranges with a hyphen,
floating-point noise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sympy

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.statements import Statement
from symnn.notes.worked.book import NEARLY, Book, has_names
from symnn.notes.worked.digits import Printed, printed, shown
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.formulas import FormulaReader, Function
from symnn.notes.worked.intervals import Interval, point
from symnn.notes.worked.names import plain
from symnn.notes.worked.numbers import Numbers, evaluate, operand_numbers
from symnn.notes.worked.outcome import Outcome

FLOAT_DIGITS = 7
FLOAT_NOISE = Fraction(1, 10**6)
NEAR = Fraction(1, 10)
CARRIED = Fraction(2, 10**4)
"""Below this relative difference decimals may come from digits that were carried but not printed."""
TINY = Fraction(1, 10**40)
_OTHER_BASES: tuple[Mapping[str, Function], ...] = (
    {"log": lambda x: sympy.log(x) / sympy.log(10)},
    {"log": lambda x: sympy.log(x) / sympy.log(2)},
)
_DEGREES: Mapping[str, Function] = {
    "sin": lambda x: sympy.sin(x * sympy.pi / 180),
    "cos": lambda x: sympy.cos(x * sympy.pi / 180),
    "tan": lambda x: sympy.sin(x * sympy.pi / 180) / sympy.cos(x * sympy.pi / 180),
}


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


def side_of(
    node: Node,
    book: Book,
    at: Statement,
    exact: Collection[Fraction] = (),
    functions: Mapping[str, Function] | None = None,
) -> Side:
    """Compute one side. `exact` are decimals that are not rounded. Raises Unclear."""
    operands: list[Printed] = []
    formula = FormulaReader(book, at, functions or {}, operands).read(node)
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


def is_worked(left: Node, right: Node) -> bool:
    """Whether an equation is arithmetic: no names on either side, and something to compute."""
    if has_names(left) or has_names(right):
        return False
    return any(printed(side) is None and not isinstance(plain(side), t.Sequence) for side in (left, right))


def judge_arithmetic(
    left: Node,
    right: Node,
    operator: str,
    book: Book,
    at: Statement,
    *,
    exact: Collection[Fraction] = (),
    whole: bool = True,
) -> Outcome | None:
    """Judge ``left = right`` in numbers; None for another equation.

    `whole` says that the text is known to hold the whole calculation; without it nothing is called wrong.
    """
    if not is_worked(left, right):
        return None
    try:
        sides = side_of(left, book, at, exact), side_of(right, book, at, exact)
    except Unclear as error:
        return Outcome("undecided", error.message)
    result = printed(right) or printed(left)
    computed = sides[0] if printed(right) is not None else sides[1]
    reading = f"{shown_value(sides[0].value)} and {shown_value(sides[1].value)}"
    loose = operator in NEARLY
    if sides[0].value == sides[1].value and sides[0].value.is_point:
        exactly = all(number.whole for side in sides for number in side.operands)
        return Outcome("proved", "exact arithmetic" if exactly else "the arithmetic is exact as printed", reading)
    if result is None:
        if _distance(sides[0].value, sides[1].value) <= max(sides[0].half, sides[1].half):
            return Outcome("agrees", "equal to the digits that are printed", reading)
    elif _shows(result, computed.value, loose):
        return Outcome("agrees", f"{shown_value(computed.value)} is {result} to the digits that are printed", reading)
    why = _explanation(left, right, sides, result, computed, loose)
    why = why or _other_reading(left, right, result, loose, book, at, exact)
    if why:
        return Outcome("undecided", why, reading)
    if not whole:
        return Outcome("undecided", "it does not hold as it stands, but words around it may belong to it", reading)
    return _refuted(sides, result, computed, reading)


def _refuted(sides: tuple[Side, Side], result: Printed | None, computed: Side, reading: str) -> Outcome:
    if result is None:
        shown_sides = tuple(shown_value(side.value) for side in sides)
        return Outcome(
            "refuted",
            f"the sides are {shown_sides[0]} and {shown_sides[1]}",
            reading,
            shown_sides[0],
            "arithmetic",
            f"{shown_sides[0]} ≠ {shown_sides[1]}",
        )
    correct = shown(computed.value.middle, None if result.whole else result.unit)
    slip = "sign" if _shows(result, -computed.value, False) else "arithmetic"
    return Outcome(
        "refuted",
        f"it is {shown_value(computed.value)}, not {result}",
        reading,
        correct,
        slip,
        f"{shown_value(computed.value)} ≠ {result}",
    )


def shown_value(value: Interval) -> str:
    """A computed value for a reader."""
    return shown(value.middle)


def _distance(one: Interval, other: Interval) -> Fraction:
    return max(abs(one.hi - other.lo), abs(other.hi - one.lo))


def _shows(result: Printed, value: Interval, loose: bool) -> bool:
    if result.shows(value) or (not value.is_point and value.radius < TINY and value.holds(result.value)):
        return True
    return (
        loose
        and result.whole
        and result.value - _coarse(result) / 2 <= value.lo
        and value.hi <= result.value + _coarse(result) / 2
    )


def _coarse(number: Printed) -> Fraction:
    """The unit of a whole number that is said to be near: 300 counts in hundreds."""
    unit, value = Fraction(1), int(number.value)
    while value and value % 10 == 0:
        unit, value = unit * 10, value // 10
    return unit


# -- what may explain a difference --------------------------------------------------------------------------


def _explanation(
    left: Node, right: Node, sides: tuple[Side, Side], result: Printed | None, computed: Side, loose: bool
) -> str:
    """Why a difference need not be an error; empty when nothing explains it."""
    rounded = any(not number.whole for side in sides for number in side.operands)
    spread = computed.range if result is not None else sides[0].range
    target = sides[1].range if result is None else result.range
    room = Fraction(0)
    if result is None:
        room = max(sides[0].half, sides[1].half)
    elif result.whole and rounded:
        room = Fraction(1)
    elif any(not number.whole for number in computed.operands):
        room = result.unit
    elif not result.whole:
        room = Fraction(0)
    if loose:
        reach = max(abs(spread.lo), abs(spread.hi))
        room = max(room, (result.unit if result is not None else Fraction(0)) * Fraction(3, 2), reach * NEAR)
    if spread.gap(target) <= room:
        return "the difference may come from rounding"
    if result is not None and result.whole and not rounded and not computed.value.is_point:
        return (
            "the difference may come from rounding"
            if abs(computed.value.middle - result.value) <= Fraction(1, 2)
            else ""
        )
    if result is not None and result.whole and computed.value.is_point and computed.value.lo.denominator != 1:
        near = abs(computed.value.lo - result.value) < 1
        return "it holds when the quotient is rounded to a whole number" if near else ""
    if result is not None and not result.whole and _cut_off(computed.value.middle, result):
        return "the result is cut off rather than rounded"
    if result is not None and not result.whole and computed.value.middle:
        digits = len(str(abs(int(result.value / result.unit))))
        if digits >= FLOAT_DIGITS and abs(result.value / computed.value.middle - 1) < FLOAT_NOISE:
            return "the difference is as small as the noise of floating-point numbers"
    one, other = sides[0].value.middle, sides[1].value.middle
    if rounded and abs(one - other) <= CARRIED * max(abs(one), abs(other)):
        return "the sides differ in their last digits only, as when more digits were carried than are printed"
    if result is None and _goes_on_from(sides[0].value, right):
        return "the right side goes on from the result of the left one"
    return _notation(left, right, sides)


def _cut_off(value: Fraction, result: Printed) -> bool:
    """Whether a result has the digits of a value without the rest of them."""
    return abs(result.value) <= abs(value) < abs(result.value) + result.unit and value * result.value >= 0


def _notation(left: Node, right: Node, sides: tuple[Side, Side]) -> str:
    numbers = [part.text for side in (left, right) for part in walk(side) if isinstance(part, t.Number)]
    if all(set(text) <= {"0", "1"} for text in numbers) and not _has_minus(left):
        return "with digits 0 and 1 alone it may be meant for truth values or binary numbers"
    for node in (left, right):
        terms = node.terms if isinstance(node, t.Sum) else ()
        if (
            len(terms) == 2
            and terms[1].sign == "-"
            and _touches(terms)
            and all(printed(x.term) is not None for x in terms)
        ):
            return "two numbers with a hyphen may be a range"
    return ""


def _goes_on_from(left: Interval, right: Node) -> bool:
    """``3 + 4 = 7 × 2 = 14``: the right side takes the result of the left one and goes on."""
    right = plain(right)
    head = (
        right.terms[0].term if isinstance(right, t.Sum) else right.factors[0] if isinstance(right, t.Product) else None
    )
    if isinstance(right, t.Quotient):
        head = right.numerator
    first = printed(head)
    return first is not None and left.is_point and first.value == left.lo


def _has_minus(node: Node) -> bool:
    return any(
        isinstance(part, t.Negative) or (isinstance(part, t.Sum) and any(x.sign == "-" for x in part.terms))
        for part in walk(node)
    )


def _touches(terms: tuple[t.Signed, ...]) -> bool:
    """Whether nothing stands between the hyphen and its neighbours: ``32-512``."""
    first, second = terms
    if first.span is None or second.span is None or second.term.span is None:
        return False
    return first.span[1] == second.span[0] and second.term.span[0] - second.span[0] == 1


def _other_reading(
    left: Node, right: Node, result: Printed | None, loose: bool, book: Book, at: Statement, exact: Collection[Fraction]
) -> str:
    """Another way to read a side under which the equation holds; empty when there is none."""
    if result is None:
        return ""
    node = left if printed(right) is not None else right
    heads = {_head_name(part.head) for part in walk(node) if isinstance(part, t.Call)}
    readings: list[tuple[Node, Mapping[str, Function], str]] = []
    if "log" in heads:
        readings += [(node, other, "it holds for logarithms to another base") for other in _OTHER_BASES]
    if heads & {"sin", "cos", "tan"}:
        readings.append((node, _DEGREES, "it holds in degrees"))
    readings += [(variant, {}, "it holds with a bracket that is not written") for variant in bracketed(node)]
    for variant, functions, why in readings:
        try:
            side = side_of(variant, book, at, exact, functions)
        except Unclear:
            continue
        if _shows(result, side.value, loose) or (not result.whole and side.range.gap(result.range) == 0):
            return why
    return ""


def _head_name(head: Node) -> str:
    name = head.base if isinstance(head, t.Script) else head
    return name.base if isinstance(name, t.Name) else ""


def bracketed(node: Node) -> Iterator[Node]:
    """The same calculation with a bracket around what a slash may be meant to divide.

    >>> from symnn.notation import parse_plain
    >>> from symnn.notation.to_text import to_text
    >>> [to_text(variant) for variant in bracketed(parse_plain("90 + 5 / 100"))]
    ['(90 + 5)/100']
    """
    node = plain(node)
    if isinstance(node, t.Negative) and isinstance(node.body, t.Script) and node.body.sub is None:
        yield t.Script(t.Group(t.Negative(node.body.base)), sup=node.body.sup)
    if not isinstance(node, t.Sum):
        return
    for place, term in enumerate(node.terms):
        quotient = term.term
        if not (isinstance(quotient, t.Quotient) and quotient.style == "slash"):
            continue
        before, after = node.terms[:place], node.terms[place + 1 :]
        if before:
            top = t.Group(t.Sum((*before, t.Signed(term.sign, quotient.numerator))))
            divided = t.Quotient(top, quotient.denominator, "slash")
            yield t.Sum((t.Signed("+", divided), *after)) if after else divided
        if after:
            bottom = t.Group(t.Sum((t.Signed("+", quotient.denominator), *after)))
            divided = t.Quotient(quotient.numerator, bottom, "slash")
            yield t.Sum((*before, t.Signed(term.sign, divided))) if before else divided
        if before and after:
            top = t.Group(t.Sum((*before, t.Signed(term.sign, quotient.numerator))))
            bottom = t.Group(t.Sum((t.Signed("+", quotient.denominator), *after)))
            yield t.Quotient(top, bottom, "slash")


def exact_decimals(book: Book) -> frozenset[Fraction]:
    """The decimals that the document gives for names: those are what they are."""
    return frozenset(number.value for group in book.groups for number in group.values.values() if not number.whole)


__all__ = ["bracketed", "exact_decimals", "is_worked", "judge_arithmetic", "side_of"]
