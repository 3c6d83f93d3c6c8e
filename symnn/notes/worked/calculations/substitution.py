"""Formulas at numbers: ``∂E/∂w1 = 26 × 1 × 20``, ``h1 = (3 + 1×2)²``, ``f(3, 2) = 17``.

A claim holds when the formula has the value of the calculation at the numbers in force, or when the calculation is the
formula with one set of the document's numbers put in. It is wrong only when no set of numbers gives its value, and
the calculation itself shows which set is meant: all its plain numbers fit one set, and a part that has to be computed
does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Verdict
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.alignment import Pair, align
from symnn.notes.worked.calculations.arithmetic import Side, side_of
from symnn.notes.worked.digits import TINY, Printed, printed, shown_value, to_digits
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.evaluation import Numbers, evaluate
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import Function
from symnn.notes.worked.intervals import Interval
from symnn.notes.worked.names import name_of, plain
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.surroundings import is_another_example
from symnn.notes.worked.symbol_table import NEARLY, SymbolTable, has_names
from symnn.notes.worked.valuations import ELSEWHERE, IN_FORCE, Valuation, Valuations

HALF = Fraction(1, 2)
CLOSE = Fraction(1, 50)
"""How far a calculation with rounded numbers may lie from a formula that it is said to be the value of."""


@dataclass
class Comparison:
    """A formula beside a calculation: what is needed to compare them at several valuations.

    `own` are the numbers of the same row of a table, `stated` those that the same paragraph states for names that
    have a definition, `functions` other readings of function names.
    """

    valuations: Valuations
    at: Statement
    formula: Node
    numbers: Node
    operator: str = "="
    own: Mapping[str, Printed] = field(default_factory=dict)
    stated: Mapping[str, Printed] = field(default_factory=dict)
    label: str = ""
    exact: Collection[Fraction] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.symbols: SymbolTable = self.valuations.symbols
        self.reader = FormulaReader(self.symbols, self.at, self.functions)
        self.read: Any = self.reader.read(self.formula)
        self.side: Side = side_of(self.numbers, self.symbols, self.at, self.exact, self.functions)
        self.literal = printed(self.numbers)
        self.loose = self.operator in NEARLY
        self.choices = self.valuations.of_leaves(
            self.valuations.leaves(self.read, self.reader), self.at, self.own, self.label
        )

    @property
    def reading(self) -> str:
        """What is understood: the formula and the calculation, with the sign between them."""
        return f"{to_text(self.formula)} {'≈' if self.loose else '='} {to_text(self.numbers)}"

    # -- one valuation

    def value(self, valuation: Valuation) -> Interval:
        """The formula at a valuation, computed without rounding."""
        return evaluate(self.read, valuation.exact(self.reader))

    def fits(self, valuation: Valuation, further: Mapping[str, Printed] | None = None) -> bool:
        """Whether the formula has the value of the calculation at a valuation."""
        try:
            value = evaluate(self.read, valuation.exact(self.reader, further))
        except Unclear:
            return False
        return _close(value, self.side, self.literal, self.loose)

    def apart(self, valuation: Valuation) -> bool:
        """Whether no rounding brings the formula and the calculation together at a valuation.

        A derivative may be meant along the direct path alone.
        """
        for formula in (self.read, *self._direct()):
            try:
                wide = evaluate(formula, valuation.rounded(self.reader, self.exact))
                value = wide.hull(evaluate(formula, valuation.exact(self.reader)))
            except Unclear:
                return False
            if not _apart(value, self.side, self.literal, self.loose):
                return False
        return True

    def _direct(self) -> list[Any]:
        """The formula with its derivatives along direct paths, where that is another one."""
        if not any(isinstance(part, t.Derivative) for part in walk(self.formula)):
            return []
        try:
            direct = FormulaReader(self.symbols, self.at, self.functions, direct=True).read(self.formula)
        except Unclear:
            return []
        return [] if direct == self.read else [direct]

    def alignments(self) -> Iterator[tuple[list[Pair], bool]]:
        """The ways to lay the calculation beside the formula, with whether that way is true by definition."""
        pairs = align(self.formula, self.numbers, self.symbols)
        if len(pairs) > 1:
            yield pairs, True
        name = name_of(self.formula)
        if name is not None:
            for definition in self.symbols.values.get(name, ()):
                pairs = align(definition.node, self.numbers, self.symbols)
                if len(pairs) > 1:
                    yield pairs, True
        if isinstance(plain(self.formula), t.Derivative):
            for expansion in self.symbols.expansions_of(plain(self.formula)):
                pairs = align(expansion, self.numbers, self.symbols)
                if len(pairs) > 1:
                    yield pairs, False

    def matched(
        self, pairs: list[Pair], valuation: Valuation, further: Mapping[str, Printed] | None = None
    ) -> list[bool | None]:
        """For each pair whether it fits at a valuation; None where it has no value."""
        numbers = valuation.exact(self.reader, further)
        return [self._pair(one, other, numbers) for one, other in pairs]

    def _pair(self, formula: Node, calculation: Node, numbers: Numbers) -> bool | None:
        try:
            value = evaluate(self.reader.read(formula), numbers)
            side = side_of(calculation, self.symbols, self.at, self.exact)
        except Unclear:
            return None
        return _close(value, side, printed(calculation), self.loose and len(self.choices) == 1)

    # -- the verdict

    def holding(self) -> tuple[Valuation, bool] | None:
        """A valuation at which the claim holds, and whether it holds exactly. None when there is none.

        A calculation with decimals has to fit the formula part by part where it can be laid beside it: its parts are
        printed more finely than what they come to.
        """
        aligned = list(self.alignments())
        if not self._is_fine(aligned):
            for valuation in self._meant():
                if self.fits(valuation):
                    value = self.value(valuation)
                    return valuation, value.is_point and value == self.side.value
        for pairs, defining in aligned:
            for valuation in self.choices:
                leaves = [pair for pair in pairs if self._is_leaf(pair[0])]
                enough = valuation.rank < ELSEWHERE or len(leaves) > 1
                if enough and all(self.matched(pairs, valuation)) and (defining or self.fits(valuation)):
                    value = self.value(valuation)
                    return valuation, value.is_point and value == self.side.value
        return None

    def _meant(self) -> list[Valuation]:
        """The valuations at which a claim may be meant. A bare number does not show which of several rows it is about."""
        likely = [valuation for valuation in self.choices if valuation.rank < ELSEWHERE]
        rows = [valuation for valuation in likely if valuation.row is not None]
        if self.literal is None or len(rows) < 2:
            return likely
        return [valuation for valuation in likely if valuation.row is None]

    def _is_fine(self, aligned: list[tuple[list[Pair], bool]]) -> bool:
        """Whether a calculation has decimals and can be laid beside the formula: then its parts tell more than it."""
        if self.literal is not None:
            return False
        return any(defining for _, defining in aligned) and any(not number.whole for number in self.side.operands)

    def carried(self) -> tuple[Valuation, str, bool] | None:
        """A valuation at which the claim holds with values that the same paragraph or row states for computed names.

        The last part says whether those values are right themselves, so that only their rounding is carried on.
        """
        names = {name for name in self.stated if name not in self.symbols.groups_names}
        if not names:
            return None
        aligned = list(self.alignments())
        fine = self._is_fine(aligned)
        for valuation in self.choices:
            fitting = (not fine and self.fits(valuation, self.stated)) or any(
                all(self.matched(pairs, valuation, self.stated)) for pairs, defining in aligned if defining
            )
            if fitting and (valuation.rank < ELSEWHERE or len(names) > 1):
                return (
                    valuation,
                    ", ".join(f"{n} = {self.stated[n]}" for n in sorted(names)),
                    self._right(names, valuation),
                )
        return None

    def _right(self, names: Collection[str], valuation: Valuation) -> bool:
        numbers = valuation.exact(self.reader)
        for name in names:
            try:
                if not self.stated[name].shows(numbers.look_up(name)):
                    return False
            except Unclear:
                return False
        return True

    def missing(self) -> tuple[Valuation, Pair, list[Pair]] | None:
        """The valuation that a wrong calculation shows it means, and the part of it that is wrong."""
        if not self.choices or not all(self.apart(valuation) for valuation in self.choices):
            return None
        for pairs, _ in self.alignments():
            best: tuple[int, Valuation, Pair] | None = None
            for valuation in self.choices:
                found = self._one_wrong(pairs, valuation)
                if found is not None and (best is None or valuation.rank < best[0]):
                    best = valuation.rank, valuation, found
            if best is not None:
                return best[1], best[2], pairs
        return None

    def refuted_alone(self) -> Outcome | None:
        """Wrong where the document has one set of numbers only, one definition of each name, and no doubt about either."""
        if len(self.choices) != 1 or self.choices[0].rank != IN_FORCE or self.loose or self.label:
            return None
        valuation = self.choices[0]
        names = self.reader.closure(self.read)
        if self.literal is not None and name_of(self.formula) is not None:
            return None  # ``L = 3`` may be about another L
        if any(self._is_said_again(name) for name in names) or not self.apart(valuation):
            return None
        if len(valuation.numbers) < 2 or any(self._is_given_again(name) for name in valuation.numbers):
            return None
        if any(self._is_past(name) for name in valuation.numbers) or self._is_worked_again():
            return None
        value, reading = self.value(valuation), to_text(self.formula)
        said = to_text(self.numbers)
        told = f"{reading} is {shown_value(value)} at {valuation.told}"
        correct = to_digits(value, self.literal)
        slip = slip_between(value, self.numbers, valuation, self)
        witness = f"{reading} = {shown_value(value)}"
        return Outcome("refuted", f"{told}, not {said}", self.reading, correct, slip, witness)

    def _is_given_again(self, name: str) -> bool:
        return sum(name in group.values for group in self.symbols.groups) > 1

    def _is_worked_again(self) -> bool:
        """Whether another chain works out another value for the name that this one is about: for a second sample."""
        name = name_of(self.at.first.node)
        others = [one for one in self.symbols.stated if one.name == name and one.statement is not self.at]
        chains = [one for one in others if len(one.statement.steps) > 1]
        return self.literal is not None and any(one.value.value != self.literal.value for one in chains)

    def _is_past(self, name: str) -> bool:
        """Whether a number belongs to another example than the claim, or the name has been updated since."""
        group = next((group for group in self.symbols.groups if name in group.values), None)
        if group is None:
            return False
        return is_another_example(group.section, self.at.section) or self.symbols.is_updated(name, group.order, self.at)

    def _is_said_again(self, name: str) -> bool:
        """Whether the document has several formulas for a name, also some that hold under a condition only."""
        formulas = [
            statement
            for statement in self.symbols.statements
            if statement.steps and name_of(statement.first.node) == name and has_names(statement.steps[0].right.node)
        ]
        return len(formulas) > 1

    def _one_wrong(self, pairs: list[Pair], valuation: Valuation) -> Pair | None:
        """The one computed part that does not fit, when everything else does and is more than noughts and ones."""
        matches = self.matched(pairs, valuation)
        wrong = [pair for pair, match in zip(pairs, matches, strict=True) if match is not True]
        if len(wrong) != 1 or None in matches or self._is_leaf(wrong[0][0]):
            return None
        right = [pair for pair, match in zip(pairs, matches, strict=True) if match]
        telling = [pair for pair in right if (number := printed(pair[1])) is None or abs(number.value) not in (0, 1)]
        return wrong[0] if telling else None

    def _is_leaf(self, node: Node) -> bool:
        name = name_of(node)
        return name is not None and self.symbols.is_leaf(name)


def _close(value: Interval, side: Side, literal: Printed | None, loose: bool) -> bool:
    """Whether a value is what a calculation comes to, to the digits that are printed."""
    if literal is not None:
        if literal.shows(value) or (not value.is_point and value.radius < TINY and value.holds(literal.value)):
            return True
        return loose and literal.whole and abs(value.middle - literal.value) <= HALF
    reach = min(side.half, side.range.radius, abs(side.value.middle) * CLOSE) + TINY
    return abs(value.hi - side.value.lo) <= reach and abs(side.value.hi - value.lo) <= reach


def _apart(value: Interval, side: Side, literal: Printed | None, loose: bool) -> bool:
    """Whether a value and a calculation differ by more than rounding explains."""
    room = Fraction(0)
    numbers = side.operands if literal is None else (literal,)
    decimals = [number for number in numbers if not number.whole]
    if decimals:
        room = max(number.unit for number in decimals)
    elif value.middle.denominator != 1 and literal is not None:
        room = Fraction(1)
    if loose:
        room = max(room, HALF, max(abs(value.lo), abs(value.hi)) / 10)
    return value.gap(side.range) > room


def judge_substitution(comparison: Comparison) -> Outcome | None:
    """Judge one claim; None where nothing is certain."""
    if not comparison.choices:
        return None
    held = comparison.holding()
    reading = to_text(comparison.formula)
    if held is not None:
        valuation, exactly = held
        told = f" at {valuation.told}" if valuation.numbers else ""
        verdict: Verdict = "proved" if exactly else "agrees"
        return Outcome(verdict, f"{reading} is {shown_value(comparison.value(valuation))}{told}", comparison.reading)
    carried = comparison.carried()
    if carried is not None:
        if carried[2]:
            return Outcome("agrees", f"it follows from {carried[1]}, at {carried[0].told}", comparison.reading)
        told = f"it follows from {carried[1]}, which the formulas do not give"
        return Outcome("undecided", told, comparison.reading)
    missed = comparison.missing()
    if missed is None:
        return comparison.refuted_alone()
    valuation, (formula, calculation), _ = missed
    right = evaluate(comparison.reader.read(formula), valuation.exact(comparison.reader))
    value = comparison.value(valuation)
    part, said = to_text(formula), to_text(calculation)
    literal = comparison.literal
    correct = to_digits(value, literal)
    return Outcome(
        "refuted",
        f"{part} is {shown_value(right)} at {valuation.told}, not {said}",
        comparison.reading,
        correct,
        slip_between(right, calculation, valuation, comparison),
        f"{valuation.told}: {reading} = {shown_value(value)}",
    )


def slip_between(right: Interval, calculation: Node, valuation: Valuation, comparison: Comparison) -> str:
    """What kind of slip leads from the right value of a part to the one that is printed."""
    number = printed(calculation)
    if number is None or not right.middle:
        return "arithmetic"
    if number.value == -right.middle:
        return "sign"
    known = {name: number_.value for name, number_ in valuation.numbers.items()}
    ratio = number.value / right.middle
    if any(value and ratio in (1 / value,) and abs(value) != 1 for value in known.values()):
        return "missing factor"
    every = Numbers(valuation.exact(comparison.reader).given, comparison.reader)
    for name in comparison.symbols.values:
        try:
            known[name] = evaluate(comparison.reader.read(t.Name(name)), every).middle
        except Unclear:
            continue
    if number.value in known.values():
        return "wrong variable"
    return "factor" if ratio.denominator == 1 or ratio.numerator == 1 else "arithmetic"
