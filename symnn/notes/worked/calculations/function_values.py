"""Functions at points: ``f(-1) = -3``, and ``x ≈ 1.5 … f(x) ≈ -2.8`` in one paragraph.

A value is wrong only when it is the value of no definition of the function in the document, at no number that rounds to
the point, and of no stationary point that the point may be short for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.notes.judge.links import Link
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.arithmetic import side_of
from symnn.notes.worked.digits import Printed, printed, shown, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in, put, symbol
from symnn.notes.worked.intervals import Interval
from symnn.notes.worked.names import call_of, name_of
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.surroundings import is_supposed
from symnn.notes.worked.symbol_table import EQUAL, NEARLY, Definition, SymbolTable, has_names

PIECES = 96
HALF = Fraction(1, 2)


def judge_function_value(link: Link, symbols: SymbolTable) -> Outcome | None:
    """A function at numbers, or at a name for which the same paragraph has one number; None for other links."""
    formula, numbers = link.nodes
    called = call_of(formula)
    if called is None or has_names(numbers) or called[0].power is not None or link.statement.doubt:
        return None
    definitions = [d for d in symbols.functions.get(called[0].name, ()) if len(d.parameters or ()) == len(called[1])]
    near = [d for d in definitions if d.order <= link.statement.order and _is_near(d.statement, link.statement)]
    if not near or (near[-1].statement.section != link.statement.section and not _is_used(near[-1], link, symbols)):
        return None
    if is_supposed(link.statement.span) and any(printed(argument) is None for argument in called[1]):
        return None
    places = [_place(argument, link, symbols) for argument in called[1]]
    if any(place is None for place in places):
        return None
    ranges = [place for place in places if place is not None]
    try:
        side = side_of(numbers, symbols, link.statement)
    except Unclear:
        return None
    literal = printed(numbers)
    target = side.range if literal is None else literal.range
    if link.operator in NEARLY and literal is not None:
        target = target.widened(max(literal.half, HALF if literal.whole else Fraction(0)))
    elif literal is not None and not literal.whole:
        target = target.widened(literal.unit)
    values: list[Interval] = []
    for definition in definitions:
        value = _values(definition, called[0].primes, ranges, symbols, target)
        if value is None:
            return None
        values.append(value)
    nominal = _values(near[-1], called[0].primes, [Printed(p.value, p.unit, True) for p in ranges], symbols, target)
    if nominal is None or any(value.gap(target) == 0 for value in values):
        return None
    spread = values[definitions.index(near[-1])]
    return _outcome(formula, numbers, literal, nominal, spread, near[-1], ranges)


def _outcome(
    formula: Node,
    numbers: Node,
    literal: Printed | None,
    value: Interval,
    spread: Interval,
    definition: Definition,
    ranges: Sequence[Printed],
) -> Outcome:
    points = ", ".join(shown(number.value) for number in ranges)
    correct = to_digits(value, literal)
    called = call_of(formula)
    marks = "'" * (called[0].primes if called is not None else 0)
    told = f"{definition.name}{marks}({points})"
    written = to_text(definition.node)
    around = "" if spread.is_point else f" (from {shown(spread.lo)} to {shown(spread.hi)} around it)"
    slip = "sign" if literal is not None and literal.value and value.middle == -literal.value else "arithmetic"
    return Outcome(
        "refuted",
        f"{told} is {shown_value(value)}{around}, not {to_text(numbers)}, where {definition.name} is {written}",
        to_text(formula),
        correct,
        slip,
        f"{told} = {shown_value(value)}",
    )


def _is_near(one: Statement, other: Statement) -> bool:
    """Whether a definition stands in the section of a claim, or in one around it."""
    return other.section[: len(one.section)] == one.section


def _is_used(definition: Definition, link: Link, symbols: SymbolTable) -> bool:
    """Whether a definition of an outer section is meant in the section of a claim: another value there fits it."""
    for statement in symbols.statements:
        called = call_of(statement.first.node)
        if called is None or called[0].name != definition.name or called[0].primes or statement is link.statement:
            continue
        places = [printed(argument) for argument in called[1]]
        number = printed(statement.steps[-1].right.node) if statement.steps else None
        if number is None or None in places or statement.section != link.statement.section:
            continue
        value = _values(definition, 0, [place for place in places if place is not None], symbols, number.range)
        if value is not None and value.gap(number.range) == 0:
            return True
    return False


def _place(argument: Node, link: Link, symbols: SymbolTable) -> Printed | None:
    """The number at which a function is taken."""
    number = printed(argument)
    if number is not None:
        return number
    name = name_of(argument)
    found = {given.value: given for given in _beside(name, link.statement, symbols)} if name is not None else {}
    return next(iter(found.values())) if len(found) == 1 else None


def _beside(name: str, statement: Statement, symbols: SymbolTable) -> Iterator[Printed]:
    """The numbers that the same paragraph has for a name; one said to be near counts with its rounding."""
    for other in symbols.statements:
        if (
            other.span is None
            or statement.span is None
            or other.span.block != statement.span.block
            or len(other.steps) != 1
        ):
            continue
        if name_of(other.first.node) == name and other.steps[0].operator in (*EQUAL, *NEARLY):
            number = printed(other.steps[0].right.node)
            if number is not None:
                nearly = other.steps[0].operator in NEARLY
                yield Printed(number.value, HALF, False) if number.whole and nearly else number


def _values(
    definition: Definition, primes: int, ranges: Sequence[Printed], symbols: SymbolTable, target: Interval
) -> Interval | None:
    """All values of a function at numbers that round to the point, and at stationary points near it."""
    reader = FormulaReader(symbols, definition.statement)
    try:
        formula: Any = reader.body(definition)
        assert definition.parameters is not None
        for _ in range(primes):
            if len(definition.parameters) != 1:
                return None
            formula = reader.by(formula, definition.parameters[0])
        if names_in(formula) - set(definition.parameters):
            return None
        arguments = [number.range for number in ranges]
        value = _over(formula, definition.parameters, arguments)
        if len(arguments) == 1 and not arguments[0].is_point:
            value = _with_stationary(formula, reader, definition.parameters[0], ranges[0], value, target)
        return value
    except Unclear:
        return None


def _over(formula: Any, parameters: Sequence[str], arguments: Sequence[Interval]) -> Interval:
    """The values of a formula over ranges, each cut into pieces when there is one."""
    if len(arguments) != 1 or arguments[0].is_point:
        return evaluate(formula, Numbers(dict(zip(parameters, arguments, strict=True))))
    found: Interval | None = None
    for piece in _cut(arguments[0]):
        value = evaluate(formula, Numbers({parameters[0]: piece}))
        found = value if found is None else found.hull(value)
    assert found is not None
    return found


def _cut(whole: Interval, pieces: int = PIECES) -> Iterator[Interval]:
    width = (whole.hi - whole.lo) / pieces
    for place in range(pieces):
        yield Interval(whole.lo + place * width, whole.lo + (place + 1) * width)


def _with_stationary(
    formula: Any, reader: FormulaReader, parameter: str, point: Printed, value: Interval, target: Interval
) -> Interval:
    """The values together with the target, when a stationary point within a unit has it."""
    try:
        slope = reader.by(put(formula, {parameter: symbol(parameter)}), parameter)
    except Unclear:
        return value
    unit = max(point.unit, 2 * point.half)
    for piece in _cut(Interval(point.value - unit, point.value + unit)):
        if evaluate(slope, Numbers({parameter: piece})).holds(Fraction(0)):
            near = evaluate(formula, Numbers({parameter: piece}))
            if near.gap(target) == 0:
                return value.hull(near)
    return value
