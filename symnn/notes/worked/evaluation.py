"""Formulas at numbers: exact where the arithmetic is, else enclosed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy
from sympy import Abs, Add, Mul, Pow, cos, erf, exp, log, sign, sin

from symnn.formula.nodes import AllOf, Bracket, Call, Cases, Compare, Entry, Maximum, Minimum
from symnn.formula.substitute import unfold
from symnn.notes.judge.process.budget import spend
from symnn.notes.worked import intervals
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.intervals import Interval, point

MAX_STEPS = 60_000


class Missing(Unclear):
    """A name has no number here."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no number is given for {name}")
        self.name = name


class Numbers:
    """Numbers for names, and the definitions that give further ones.

    `given` comes first. A name that is not in it is computed from its definition, by `reader`, and remembered.
    """

    def __init__(self, given: Mapping[str, Interval], reader: FormulaReader | None = None) -> None:
        self.given = dict(given)
        self.reader = reader
        self.known: dict[str, Interval] = {}
        self.open: set[str] = set()

    def look_up(self, name: str) -> Interval:
        """The number of a name. Raises Missing when there is none."""
        if name in self.given:
            return self.given[name]
        if name in self.known:
            return self.known[name]
        definition = None if self.reader is None else self.reader.symbols.definition(name, self.reader.at)
        if definition is None or self.reader is None:
            raise Missing(name)
        if name in self.open or len(self.open) > 60:
            raise Unclear(f"the definition of {name} goes round in a circle")
        self.open.add(name)
        try:
            value = evaluate(self.reader.body(definition), self)
        finally:
            self.open.discard(name)
        self.known[name] = value
        return value


def evaluate(formula: Any, numbers: Numbers) -> Interval:
    """The value of a formula. Raises Missing, Undefined or Unclear.

    >>> from symnn.notes.worked.formulas import symbol
    >>> evaluate(symbol("x") ** 2 + 1, Numbers({"x": point(3)})).lo
    Fraction(10, 1)
    """
    return _Evaluator(numbers).value(formula)


class _Evaluator:
    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.steps = 0
        self.kinds: dict[Any, Callable[[Any], Interval]] = {
            Add: self._add,
            Mul: self._mul,
            Pow: self._pow,
            Entry: self._entry,
            Call: lambda f: self.value(unfold(f)),
            exp: lambda f: intervals.exp(self.value(f.args[0])),
            log: lambda f: intervals.log(self.value(f.args[0])),
            sin: lambda f: _SIN(self.value(f.args[0])),
            cos: lambda f: _COS(self.value(f.args[0])),
            erf: lambda f: _ERF(self.value(f.args[0])),
            Abs: lambda f: self.value(f.args[0]).absolute(),
            sign: self._sign,
            Cases: self._cases,
            Bracket: lambda f: point(int(self.holds(f.condition))),
            Maximum: lambda f: self.value(f.args[0]).larger(self.value(f.args[1])),
            Minimum: lambda f: self.value(f.args[0]).smaller(self.value(f.args[1])),
        }

    def value(self, formula: Any) -> Interval:
        spend()
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Unclear("the formula is too large")
        if isinstance(formula, sympy.Rational):
            return point(Fraction(int(formula.p), int(formula.q)))
        kind = self.kinds.get(formula.func)
        if kind is not None:
            return kind(formula)
        if formula is sympy.E:
            return intervals.exp(point(1))
        if formula is sympy.pi:
            return _PI(point(1))
        raise Unclear(f"{type(formula).__name__} has no value that is understood")

    def _entry(self, formula: Entry) -> Interval:
        return self.numbers.look_up(formula.tensor.name)

    def _add(self, formula: Any) -> Interval:
        result = point(0)
        for term in formula.args:
            result = result + self.value(term)
        return result

    def _mul(self, formula: Any) -> Interval:
        result = point(1)
        for factor in formula.args:
            result = result * self.value(factor)
        return result

    def _pow(self, formula: Any) -> Interval:
        base, exponent = formula.base, formula.exp
        if base is sympy.E:
            return intervals.exp(self.value(exponent))
        if isinstance(exponent, sympy.Integer):
            return self.value(base).power(int(exponent))
        if exponent == -sympy.S.Half:
            return intervals.root(self.value(base)).inverse()
        return intervals.real_power(self.value(base), self.value(exponent))

    def _sign(self, formula: Any) -> Interval:
        value = self.value(formula.args[0])
        if value.lo > 0 or value.hi < 0 or value == point(0):
            return point((value.lo > 0) - (value.hi < 0))
        return Interval(Fraction(-1), Fraction(1))

    def _cases(self, formula: Cases) -> Interval:
        for condition, value in formula.branches:
            if self.holds(condition):
                return self.value(value)
        return self.value(formula.default)

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds. Raises Unclear where rounding leaves it open."""
        if isinstance(condition, AllOf):
            return all(self.holds(part) for part in condition.args)
        if not isinstance(condition, Compare):
            raise Unclear("a condition that is not understood")
        difference = self.value(condition.left) - self.value(condition.right)
        if not (difference.lo > 0 or difference.hi < 0 or difference == point(0)):
            raise Unclear("which case holds is not decided")
        above, below = difference.lo > 0, difference.hi < 0
        return {
            "<": below,
            "<=": not above,
            ">": above,
            ">=": not below,
            "==": not (above or below),
            "!=": above or below,
        }[condition.operator]


_SIN = intervals.enclosed(lambda x: x.sin())
_COS = intervals.enclosed(lambda x: x.cos())
_ERF = intervals.increasing(lambda x: x.erf())
_PI = intervals.enclosed(lambda x: x.pi() * x)


def operand_numbers(operands: Sequence[Printed], *, rounded: bool) -> dict[str, Interval]:
    """Numbers for printed operands: as printed, or with everything that rounds to them."""
    return {f"#{place}": number.range if rounded else point(number.value) for place, number in enumerate(operands)}
