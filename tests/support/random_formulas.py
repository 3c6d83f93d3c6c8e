"""Random formulas and random numbers for them.

The formulas are meant to be nasty: few letters, so that nested sums share or shadow indices and even use the names
that the normal form gives; roots and logarithms of what may be negative; ties and zeros among the numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Protocol

import sympy
from flint import arb
from hypothesis import assume, settings
from hypothesis import strategies as st
from sympy import Abs, Pow, Rational, S, cos, erf, exp, log, sign, sin, sqrt

from symnn.formula.application import Array
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, positions, precision
from symnn.formula.index import Index, dimension
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
)

BITS = 180
n, m = dimension("n"), dimension("m")
SIZES = (n, m)
TENSORS = (
    Tensor("a"), Tensor("b"), Tensor("c"), Tensor("x", (n,)), Tensor("y", (n,)), Tensor("u", (m,)),
    Tensor("A", (n, n)), Tensor("B", (m, n)),
)  # fmt: skip
VECTORS = tuple(t for t in TENSORS if t.rank == 1)
EPS, R = sympy.Symbol("eps", positive=True), sympy.Symbol("r", real=True)
LETTERS = ("i", "j", "_1_0", "_1_1", "_2_0")
FREE = (Index("i", n), Index("j", n), Index("_1_0", n), Index("p", m))
NUMBERS = [S.Zero, S.One, -S.One, S(2), S(-2), S(3), S(4), Rational(1, 2), Rational(-3, 2)]
ROOTS = [Rational(1, 2), Rational(-1, 2), Rational(1, 3), Rational(3, 2), Rational(-2, 3)]

_t, _s = Tensor("t").entry(), Tensor("s").entry()
SIGMOID = Elementwise("sigmoid", ("t",), 1 / (1 + exp(-_t)))
RELU = Elementwise("relu", ("t",), Maximum(0, _t))
SCALED = Elementwise("scaled", ("t", "s"), _t**2 * _s)
UNKNOWN = Elementwise("f", ("t",))

Scope = tuple[Index, ...]
Draw = Callable[[Any], Any]


class Source(Protocol):
    """Where choices come from: hypothesis, or a seed."""

    def choice(self, options: Sequence[Any]) -> Any: ...
    def randint(self, low: int, high: int) -> int: ...


class Drawn:
    """Choices that hypothesis makes and shrinks."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def choice(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def randint(self, low: int, high: int) -> int:
        return int(self.draw(st.integers(low, high)))


class Maker:
    """Makes formulas over the indices in scope."""

    def __init__(self, source: Source, smooth: bool = False) -> None:
        self.source, self.smooth = source, smooth

    def one_of(self, options: Any) -> Any:
        return self.source.choice(list(options))

    def chance(self, one_in: int) -> bool:
        return self.source.randint(1, one_in) == one_in

    def formula(self, scope: Scope, depth: int) -> Any:
        if depth <= 0:
            return self.leaf(scope)
        kinds = [self.leaf_at, self.add, self.add, self.multiply, self.multiply, self.multiply, self.total, self.total]
        kinds += [self.matrix, self.power, self.root, self.function, self.function, self.call, self.guarded, self.delta]
        if not self.smooth:
            kinds += [self.kink, self.extreme, self.bracket, self.cases, self.inside]
        return self.one_of(kinds)(scope, depth - 1)

    def leaf(self, scope: Scope) -> Any:
        kind = self.one_of(["number", "scalar", "symbol", "entry", "entry", "entry", "entry"])
        if kind == "number":
            return self.one_of(NUMBERS)
        if kind == "symbol":
            return self.one_of([EPS, R, n, m])
        fitting = [t for t in TENSORS if all(any(i.dimension == d for i in scope) for d in t.shape)]
        tensor = self.one_of([t for t in fitting if (t.rank > 0) == (kind == "entry")] or TENSORS[:3])
        return tensor.entry(*[self.one_of([i for i in scope if i.dimension == d]) for d in tensor.shape])

    def leaf_at(self, scope: Scope, depth: int) -> Any:
        return self.leaf(scope)

    def add(self, scope: Scope, depth: int) -> Any:
        left, right = self.formula(scope, depth), self.formula(scope, depth)
        return left - right if self.chance(2) else left + right

    def multiply(self, scope: Scope, depth: int) -> Any:
        return self.formula(scope, depth) * self.formula(scope, depth)

    def power(self, scope: Scope, depth: int) -> Any:
        base = self.formula(scope, depth)
        if self.chance(5):
            return Pow(base, self.formula(scope, depth))
        return Pow(base, self.one_of([-2, -1, 2, 3]))

    def root(self, scope: Scope, depth: int) -> Any:
        base = self.formula(scope, depth)
        kind = self.one_of(["plain", "square", "product"])
        if kind == "plain":
            return Pow(base, self.one_of(ROOTS))
        return sqrt(base**2) if kind == "square" else sqrt(base**2 * self.formula(scope, depth))

    def function(self, scope: Scope, depth: int) -> Any:
        inner = self.formula(scope, depth)
        function = self.one_of([exp, exp, log, log, sin, cos, erf])
        return log(inner**2) if function is log and self.chance(2) else function(inner)

    def call(self, scope: Scope, depth: int) -> Any:
        function = self.one_of([SIGMOID, UNKNOWN, SCALED] + ([] if self.smooth else [RELU]))
        return Call(function, *[self.formula(scope, depth) for _ in function.parameters])

    def affine(self, scope: Scope) -> Any:
        """Shifts, strides, reversals."""
        if not scope:
            return self.one_of([S.Zero, n - 1])
        first, second = self.one_of(scope), self.one_of(scope)
        shift = self.source.randint(-2, 2)
        return self.one_of([first, first + shift, first + second, 2 * first - second, first.dimension - 1 - first])

    def guarded(self, scope: Scope, depth: int) -> Any:
        """An entry at an affine index, with the condition that keeps it in range."""
        tensor, place = self.one_of(VECTORS), self.affine(scope)
        return tensor.entry(place) * Inside(place, tensor.shape[0])

    def delta(self, scope: Scope, depth: int) -> Any:
        return Delta(self.affine(scope), self.affine(scope))

    def index(self) -> Index:
        return Index(self.one_of(LETTERS), self.one_of(SIZES))

    def total(self, scope: Scope, depth: int) -> Any:
        """A sum whose index may have the name of one that is free or bound outside."""
        index = self.index()
        return Total(self.formula((*(o for o in scope if o != index), index), depth), index)

    def extreme(self, scope: Scope, depth: int) -> Any:
        index = self.index()
        return Extreme(self.formula((*(o for o in scope if o != index), index), depth), index)

    def matrix(self, scope: Scope, depth: int) -> Any:
        """The inverse or the log-determinant of a matrix whose rows and columns may have names that are taken."""
        size = self.one_of(SIZES)
        rows, columns = Index(self.one_of(LETTERS), size), Index(self.one_of(["k", "_1_1", "_2_1"]), size)
        if rows == columns:
            rows = Index("i", size)
        inner = (*(o for o in scope if o not in (rows, columns)), rows, columns)
        array = Array((rows, columns), self.formula(inner, depth) + 3 * Delta(rows, columns))
        fitting = [i for i in scope if i.dimension == size]
        if not fitting or self.chance(3):
            return LogDeterminant(array)
        return Inverse(array, self.one_of(fitting), self.one_of(fitting))

    def kink(self, scope: Scope, depth: int) -> Any:
        left = self.formula(scope, depth)
        if self.chance(2):
            return self.one_of([Abs, sign])(left)
        return self.one_of([Maximum, Minimum])(left, self.formula(scope, depth))

    def compare(self, scope: Scope, depth: int) -> Any:
        operator = self.one_of(Compare.OPERATORS)
        kind = self.one_of(["zero", "both", "index"])
        if kind == "index":
            return Compare(operator, self.affine(scope), self.affine(scope))
        return Compare(operator, self.formula(scope, depth), self.formula(scope, depth) if kind == "both" else 0)

    def condition(self, scope: Scope, depth: int) -> Any:
        first = self.compare(scope, depth)
        return AllOf(first, self.compare(scope, depth)) if self.chance(4) else first

    def bracket(self, scope: Scope, depth: int) -> Any:
        return Bracket(self.condition(scope, depth))

    def cases(self, scope: Scope, depth: int) -> Any:
        count = self.source.randint(1, 2)
        branches = [(self.condition(scope, depth), self.formula(scope, depth)) for _ in range(count)]
        return Cases(branches, self.formula(scope, depth))

    def inside(self, scope: Scope, depth: int) -> Any:
        return Inside(self.affine(scope), self.one_of(SIZES))


def is_real(formula: Any) -> bool:
    """Whether SymPy has not already made something infinite or imaginary of it."""
    return not formula.has(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)


@st.composite
def formulas(draw: Draw, depth: int = 3, smooth: bool = False, scope: Scope = FREE) -> Any:
    """A formula over the indices in scope."""
    formula = Maker(Drawn(draw), smooth).formula(scope, depth)
    assume(is_real(formula))
    return formula


def formula_of(source: Source, depth: int = 3, smooth: bool = False, scope: Scope = FREE) -> Any:
    """A formula from a seeded source."""
    while True:
        formula = Maker(source, smooth).formula(scope, depth)
        if is_real(formula):
            return formula


NASTY = [Fraction(k, 4) for k in (-9, -4, -3, -2, -1, 0, 0, 1, 2, 4, 4, 5, 7, 12)]


def assignment_of(source: Source, tensors: Sequence[Tensor] = TENSORS, *, generic: bool = False) -> Assignment:
    """Small sizes and dyadic numbers, so that comparisons are exact.

    With zeros and ties; `generic` numbers have neither, nor any other relation among them to speak of.
    """

    def value() -> Fraction:
        return Fraction(source.randint(-(2**13), 2**13) * 2 + 1, 2**13) if generic else source.choice(NASTY)

    sizes = {n: source.randint(1, 3), m: source.randint(1, 3)}
    values = {t: {p: value() for p in positions([sizes[d] for d in t.shape])} for t in tensors}
    return Assignment(sizes, values, {EPS: abs(value()) + Fraction(1, 8), R: value()})


@st.composite
def assignments(draw: Draw, generic: bool = False) -> Assignment:
    """Numbers for everything that a formula may mention."""
    return assignment_of(Drawn(draw), generic=generic)


def places(assignment: Assignment, indices: Sequence[Index] = FREE) -> list[dict[Index, int]]:
    """Every value of the free indices."""
    ranges = positions([assignment.size(i.dimension) for i in indices])
    return [dict(zip(indices, place, strict=True)) for place in ranges]


def value_at(formula: Any, assignment: Assignment, at: dict[Index, int], bits: int = BITS) -> arb | None:
    """The value, or None where the formula is not defined or not decided."""
    try:
        with precision(bits):
            found = evaluate(formula, assignment, at)
    except EvaluationError:
        return None
    return found if found.is_finite() else None


def disagreement(left: Any, right: Any, assignment: Assignment) -> Any:
    """Where both formulas have a value and the values differ, with the values; None when there is no such place."""
    for at in places(assignment):
        one, other = value_at(left, assignment, at), value_at(right, assignment, at)
        if one is not None and other is not None and not one.overlaps(other):
            return at, one, other
    return None


def thorough(examples: int) -> settings:
    """Settings of a property. The same examples every time, or SYMNN_EXAMPLES times as many new ones."""
    factor = int(os.environ.get("SYMNN_EXAMPLES", "0"))
    return settings(max_examples=examples * max(factor, 1), deadline=None, derandomize=not factor, database=None)
