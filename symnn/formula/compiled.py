"""Formulas as nested functions that compute their values in ball arithmetic.

A formula is evaluated at many points and places. What each node does is looked up once, when it is compiled; after
that only numbers are handled. Every free and bound index of a formula has a slot in a list of places.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy
from flint import arb, arb_mat
from sympy import Abs, Add, Mul, Pow, cos, erf, exp, log, sign, sin

from symnn.formula.assignment import Undetermined, ball
from symnn.formula.cases import cases, guard, indicator
from symnn.formula.index import Index, LayerSize
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    Bracket,
    Call,
    Cases,
    Delta,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    Total,
)
from symnn.formula.steps import (
    Places,
    Run,
    Scope,
    Step,
    constant,
    integer,
    nonzero,
    refused,
    remembered,
    symbol_value,
    unknown_function,
    whole,
    whole_power,
)
from symnn.formula.substitute import unfold

GUARDS = (Delta, Inside, Bracket)


class Compiled:
    """A formula that is ready to be evaluated."""

    def __init__(self, formula: Any) -> None:
        self._compiler = Compiler()
        self._slots = {s: self._compiler.slot() for s in formula.free_symbols if isinstance(s, Index)}
        self._step = self._compiler.step(formula, self._slots)

    def value(self, run: Run, indices: Mapping[Index, int]) -> arb:
        """The value at these places."""
        places: Places = [None] * self._compiler.count
        for index, slot in self._slots.items():
            places[slot] = indices.get(index)
        return self._step(run, places)


class _Function:
    """The definition of an elementwise function, ready to be evaluated at arguments that are worked out when needed."""

    def __init__(self, function: Elementwise) -> None:
        self._compiler = Compiler(function.parameters)
        self._step = self._compiler.step(function.body, {})

    def value(self, arguments: tuple[Step, ...], run: Run, places: Places) -> arb:
        own: Places = [_Argument(argument, run, places) for argument in arguments]
        own += [None] * (self._compiler.count - len(own))
        return self._step(run, own)


class _Argument:
    """The value of an argument, worked out once, and only where it is needed."""

    __slots__ = ("_places", "_run", "_step", "_value")

    def __init__(self, step: Step, run: Run, places: Places) -> None:
        self._step = step
        self._run = run
        self._places = places
        self._value: arb | None = None

    @property
    def value(self) -> arb:
        if self._value is None:
            self._value = self._step(self._run, self._places)
        return self._value


@functools.lru_cache(maxsize=256)
def _function(function: Elementwise) -> _Function:
    return _Function(function)


class Compiler:
    """Makes the steps of one formula. A scope tells the slot of each index.

    In the definition of a function the first slots hold its arguments. What stands there has another value at each call,
    so that nothing is remembered.
    """

    _numbers = itertools.count()

    def __init__(self, parameters: tuple[str, ...] | None = None) -> None:
        self.count = 0
        self.parameters = {name: self.slot() for name in parameters or ()}
        self.remembers = parameters is None
        self._made: dict[Any, Step] = {}

    def slot(self) -> int:
        """A slot that no index has yet."""
        self.count += 1
        return self.count - 1

    def step(self, formula: Any, scope: Scope) -> Step:
        """What computes a formula. What has no value says so when it is computed: it may stand in a case that does not hold."""
        if isinstance(formula, sympy.Rational):
            return constant(formula)
        maker = MAKERS.get(type(formula))
        if maker is not None:
            return maker(self, formula, scope)
        if isinstance(formula, Index | LayerSize):
            place = whole(formula, scope)
            return lambda run, places: arb(place(run, places))
        if isinstance(formula, sympy.Symbol):
            return lambda run, places: symbol_value(run, formula)
        if formula is sympy.E:
            return lambda run, places: arb(1).exp()
        if formula is sympy.pi:
            return lambda run, places: arb.pi()
        if isinstance(formula, sympy.Float):
            value = Fraction(str(formula))
            return lambda run, places: ball(value)
        if isinstance(formula, Partial):
            return refused("a derivative that has not been carried out has no value")
        return refused(f"cannot evaluate {formula} ({type(formula).__name__})")

    def once(self, formula: Any, scope: Scope, make: Callable[[], Step]) -> Step:
        """A step whose value is remembered for all places at which those indices that it depends on are the same."""
        if not self.remembers:
            return make()
        slots = tuple(scope[s] for s in formula.free_symbols if isinstance(s, Index) and s in scope)
        mark = formula, slots
        if mark not in self._made:
            self._made[mark] = remembered(make(), slots, next(self._numbers))
        return self._made[mark]

    # -- arithmetic ---------------------------------------------------------------------------------------------------

    def add(self, formula: Any, scope: Scope) -> Step:
        first, *rest = [self.step(term, scope) for term in formula.args]

        def step(run: Run, places: Places) -> arb:
            total = first(run, places)
            for term in rest:
                total = total + term(run, places)
            return total

        return step

    def mul(self, formula: Any, scope: Scope) -> Step:
        # Range conditions first: where one is 0 the other factors need not be defined.
        guards = [guard(self, factor, scope) for factor in formula.args if isinstance(factor, GUARDS)]
        factors = [self.step(factor, scope) for factor in formula.args if not isinstance(factor, GUARDS)]
        first, rest = (factors[0], factors[1:]) if factors else (constant(sympy.S.One), [])

        def product(run: Run, places: Places) -> arb:
            value = first(run, places)
            for factor in rest:
                value = value * factor(run, places)
            return value

        def guarded(run: Run, places: Places) -> arb:
            return product(run, places) if all(guard(run, places) for guard in guards) else arb(0)

        return guarded if guards else product

    def power(self, formula: Any, scope: Scope) -> Step:
        base, exponent = self.step(formula.base, scope), formula.exp
        if isinstance(exponent, sympy.Integer):
            times = int(exponent)

            def whole_exponent(run: Run, places: Places) -> arb:
                value = base(run, places)
                if times < 0 and value.contains(0):
                    raise Undetermined(f"division by a value near zero in {formula}")
                return whole_power(value, times)

            return whole_exponent
        if exponent in (sympy.S.Half, -sympy.S.Half):

            def root(run: Run, places: Places) -> arb:
                value = base(run, places)
                if not value >= 0:
                    raise Undetermined(f"the root of a value that may be negative in {formula}")
                return value.sqrt() if exponent > 0 else 1 / nonzero(value.sqrt(), formula)

            return root
        by = self.step(exponent, scope)

        def any_exponent(run: Run, places: Places) -> arb:
            value = base(run, places)
            if not value > 0:
                raise Undetermined(f"a power of a value that may be negative in {formula}")
            return (value.log() * by(run, places)).exp()

        return any_exponent

    def sign(self, formula: Any, scope: Scope) -> Step:
        inside = self.step(formula.args[0], scope)

        def step(run: Run, places: Places) -> arb:
            value = inside(run, places)
            if value > 0:
                return arb(1)
            if value < 0:
                return arb(-1)
            if value == 0:
                return arb(0)
            raise Undetermined(f"the sign of {formula.args[0]} is not decided")

        return step

    def logarithm(self, formula: Any, scope: Scope) -> Step:
        inside = self.step(formula.args[0], scope)

        def step(run: Run, places: Places) -> arb:
            value = inside(run, places)
            if not value > 0:
                raise Undetermined(f"the logarithm of a value that may not be positive: {formula.args[0]}")
            return value.log()

        return step

    def elementary(self, formula: Any, scope: Scope) -> Step:
        inside, function = self.step(formula.args[0], scope), ELEMENTARY[type(formula)]
        return lambda run, places: function(inside(run, places))

    def larger(self, formula: Any, scope: Scope) -> Step:
        left, right = (self.step(argument, scope) for argument in formula.args)
        if isinstance(formula, Maximum):
            return lambda run, places: left(run, places).max(right(run, places))
        return lambda run, places: left(run, places).min(right(run, places))

    # -- entries and functions ----------------------------------------------------------------------------------------

    def entry(self, entry: Entry, scope: Scope) -> Step:
        tensor, indices = entry.tensor, entry.indices
        if not indices and tensor.name in self.parameters:
            slot = self.parameters[tensor.name]
            return lambda run, places: places[slot].value
        plain = all(isinstance(index, Index) and index in scope for index in indices)
        slots = [scope[index] for index in indices] if plain else []
        wholes = [] if plain else [integer(index, scope) for index in indices]

        def step(run: Run, places: Places) -> arb:
            position = tuple([places[slot] for slot in slots]) if plain else tuple([at(run, places) for at in wholes])
            known = run.entries.get(tensor)
            value = None if known is None else known.get(position)
            return run.look_up(tensor, position, indices) if value is None else value

        return step

    def call(self, call: Call, scope: Scope) -> Step:
        function = call.function
        if function.body is None:
            argument = self.step(call.arguments[0], scope)
            return self.once(
                call,
                scope,
                lambda: lambda run, places: unknown_function(function.name, function.order, argument(run, places)),
            )
        if call.has(Extreme):  # where a maximum is compared, it matters what the arguments look like
            return self.once(call, scope, lambda: self.step(unfold(call), scope))
        arguments = tuple(self.step(argument, scope) for argument in call.arguments)
        defined = _function(function)
        return self.once(call, scope, lambda: lambda run, places: defined.value(arguments, run, places))

    # -- binders ------------------------------------------------------------------------------------------------------

    def total(self, formula: Total, scope: Scope) -> Step:
        def make() -> Step:
            slot, size = self.slot(), integer(formula.index.dimension, scope)
            body = self.step(formula.body, {**scope, formula.index: slot})

            def step(run: Run, places: Places) -> arb:
                result = arb(0)
                for place in range(size(run, places)):
                    places[slot] = place
                    result = result + body(run, places)
                return result

            return step

        return self.once(formula, scope, make)

    def extreme(self, formula: Extreme, scope: Scope) -> Step:
        def make() -> Step:
            slot, size = self.slot(), integer(formula.index.dimension, scope)
            body = self.step(formula.body, {**scope, formula.index: slot})

            def step(run: Run, places: Places) -> arb:
                values = []
                for place in range(size(run, places)):
                    places[slot] = place
                    values.append(body(run, places))
                return functools.reduce(arb.max, values)

            return step

        return self.once(formula, scope, make)

    def matrix(self, array: Any, scope: Scope) -> Callable[[Run, Places], arb_mat]:
        """The whole matrix that an array stands for."""
        first, second = array.indices
        row, column, number = self.slot(), self.slot(), next(self._numbers)
        size = integer(first.dimension, scope)
        body = self.step(array.body, {**scope, first: row, second: column})
        slots = [scope[s] for s in array.free_symbols if s in scope]

        def entry(run: Run, places: Places, i: int, j: int) -> arb:
            places[row], places[column] = i, j
            return body(run, places)

        def step(run: Run, places: Places) -> arb_mat:
            mark = (number, *[places[slot] for slot in slots])
            found = run.matrices.get(mark)
            if found is None:
                side = range(size(run, places))
                found = arb_mat([[entry(run, places, i, j) for j in side] for i in side])
                run.matrices[mark] = found
            return found

        return step

    def inverse(self, formula: Inverse, scope: Scope) -> Step:
        matrix = self.matrix(formula.matrix, scope)
        row, column = (integer(place, scope) for place in formula.places)

        def step(run: Run, places: Places) -> arb:
            try:
                return matrix(run, places).inv()[row(run, places), column(run, places)]
            except ZeroDivisionError as error:
                raise Undetermined(f"a matrix that may be singular in {formula}") from error

        return step

    def log_determinant(self, formula: LogDeterminant, scope: Scope) -> Step:
        matrix = self.matrix(formula.matrix, scope)
        return lambda run, places: nonzero(abs(matrix(run, places).det()), formula).log()


MAKERS: dict[type, Callable[[Compiler, Any, Scope], Step]] = {
    Add: Compiler.add, Mul: Compiler.mul, Pow: Compiler.power, Entry: Compiler.entry, Call: Compiler.call,
    Total: Compiler.total, Extreme: Compiler.extreme, Cases: cases,
    Maximum: Compiler.larger, Minimum: Compiler.larger,
    Bracket: indicator, Delta: indicator, Inside: indicator,
    exp: Compiler.elementary, sin: Compiler.elementary, cos: Compiler.elementary, erf: Compiler.elementary,
    Abs: Compiler.elementary, log: Compiler.logarithm, sign: Compiler.sign,
    Inverse: Compiler.inverse, LogDeterminant: Compiler.log_determinant,
}  # fmt: skip
ELEMENTARY: dict[type, Callable[[arb], arb]] = {exp: arb.exp, sin: arb.sin, cos: arb.cos, erf: arb.erf, Abs: abs}
