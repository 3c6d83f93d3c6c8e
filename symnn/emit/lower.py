"""From formulas to a program: one rule for each kind of node, none for any operator.

Entries become arrays with named axes, sums of products become matrix products (`symnn.emit.contract`), conditions
become masks, and everything that does not depend on data stays a Python number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, S

from symnn.emit.axes import Axed, align, common_order, elementwise, product, union
from symnn.emit.contract import contract
from symnn.emit.errors import EmitError
from symnn.emit.laws import Law, X
from symnn.emit.places import entry_view, padded
from symnn.emit.program import Loop, Looped, Positions, Program, Slice, Value
from symnn.emit.recurrences import Recurrence
from symnn.emit.shifts import Spread, opened, turned
from symnn.emit.vocabulary import CLASSES, FUNCTIONS
from symnn.formula.contraction import solve_for
from symnn.formula.index import Index
from symnn.formula.nodes import (
    AllOf,
    Binder,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
    bounds_of,
    subformulas,
)
from symnn.formula.substitute import substitute_entries, substitute_indices, unfold

MASKS = (Bracket, Delta, Inside)
COMPARISON = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MAX_POWER = 16
ANYTHING = "anything"


@dataclass(frozen=True)
class Stored:
    """The array that holds a tensor; `axes` are the tensor's axes that the array has, in the array's order."""

    value: Value
    axes: tuple[int, ...]


@dataclass(frozen=True)
class Requirement:
    """A tensor is read from position `lowest` to `highest` of an axis of this size, and nothing guards it."""

    name: str
    lowest: Expr
    highest: Expr
    size: Expr


@dataclass
class Lowering:
    """Lowers formulas over tensors whose arrays are known.

    `helpers` names the functions that the module defines itself.
    """

    program: Program
    arrays: dict[Tensor, Stored]
    helpers: Mapping[Elementwise, Law] = field(default_factory=dict)
    prefer: tuple[Index, ...] = ()
    counters: dict[Any, Expr] = field(default_factory=dict)
    carried: dict[Tensor, int] = field(default_factory=dict)
    steps: dict[Tensor, tuple[Any, Stored]] = field(default_factory=dict)
    guards: list[Any] = field(default_factory=list)
    requirements: dict[Requirement, None] = field(default_factory=dict)

    def equation(self, tensor: Tensor, indices: Sequence[Index], formula: Any) -> Stored:
        """Lower ``tensor[indices] = formula`` and remember the array.

        Raises EmitError for what has no NumPy form.
        """
        self.prefer = tuple(indices)
        result = self.value(formula)
        stray = [index for index in result.axes if index not in indices]
        if stray:
            raise EmitError(
                f"the formula of {tensor.name} has the free index {stray[0]}, which its left side has not"
            )
        kept = tuple(index for index in indices if index in result.axes)
        value = self.program.cast(align(self.program, result, kept))
        stored = Stored(value, tuple(tuple(indices).index(index) for index in kept))
        self.arrays[tensor] = stored
        return stored

    def recurrence(self, group: Recurrence, names: Mapping[Tensor, str]) -> dict[Tensor, Stored]:
        """Lower assignments that are computed step by step, and remember the arrays.

        `names` are the variables of the arrays in the code.
        """
        first = group.assignments[0]
        counter = sympy.Dummy(first.indices[group.axes[first.tensor]].name, integer=True, nonnegative=True)
        self.counters[counter] = group.size
        carried: list[Value] = []
        for assignment in group.assignments:
            axis = group.axes[assignment.tensor]
            rest = [size for place, size in enumerate(assignment.tensor.shape) if place != axis]
            others = [place for place in range(assignment.tensor.rank) if place != axis]
            rows = sympy.expand(group.size + group.reach)
            leaf = self.program.leaf(f"{assignment.tensor.name} {counter.dummy_index}", (rows, *rest))
            self.arrays[assignment.tensor] = Stored(leaf, (axis, *others))
            carried.append(leaf)
        self.carried |= {assignment.tensor: group.axes[assignment.tensor] for assignment in group.assignments}
        steps: list[Value] = []
        for assignment in group.assignments:
            axis = group.axes[assignment.tensor]
            formula = substitute_indices(assignment.formula, {assignment.indices[axis]: counter})
            indices = tuple(i for place, i in enumerate(assignment.indices) if place != axis)
            self.prefer = indices
            result = self.value(formula)
            kept = tuple(index for index in indices if index in result.axes)
            value = self.program.cast(align(self.program, result, kept))
            axes = tuple(assignment.indices.index(index) for index in kept)
            self.steps[assignment.tensor] = (counter, Stored(value, axes))
            steps.append(value)
        loop = Loop(
            counter, group.size, group.backward, group.reach, tuple(names[a.tensor] for a in group.assignments),
            tuple(carried), tuple(steps),
        )  # fmt: skip
        made = self.program.looped(loop)
        for assignment, value in zip(group.assignments, made, strict=True):
            del self.carried[assignment.tensor], self.steps[assignment.tensor]
            self.arrays[assignment.tensor] = Stored(value, self.arrays[assignment.tensor].axes)
        return {a.tensor: self.arrays[a.tensor] for a in group.assignments}

    def value(self, formula: Any) -> Axed:
        """The array of a formula."""
        if is_number(formula):
            return Axed(self.program.number(formula), ())
        match formula:
            case Entry():
                return self._entry(formula)
            case Add():
                return self._sum(formula)
            case Mul():
                return self._product(formula.args, [])
            case Pow():
                return self._power(formula.base, formula.exp)
            case Total():
                return self._total(formula)
            case Extreme():
                body = self.value(formula.body)
                if formula.index not in body.axes:
                    return body
                axes = tuple(index for index in body.axes if index != formula.index)
                return Axed(self.program.reduce("max", body.value, (body.axes.index(formula.index),)), axes)
            case Call():
                return self._call(formula)
            case Maximum() | Minimum():
                name = "maximum" if isinstance(formula, Maximum) else "minimum"
                return self._apply(name, *sorted(formula.args, key=is_number))
            case Bracket():
                return self._condition(formula.condition)
            case Delta():
                return self._condition(Compare("==", *_sides(formula.difference)))
            case Inside():
                return self._inside(formula)
            case Cases():
                return self._cases(formula.branches, formula.default)
            case Index():
                return Axed(
                    self.program.make(Positions(formula.dimension), (), (formula.dimension,), "int"),
                    (formula,),
                )
        name = CLASSES.get(type(formula), "")
        if not name:
            raise EmitError(f"NumPy has no function for {type(formula).__name__}, which occurs in {formula}")
        return self._apply(name, *formula.args)

    # -- elementwise ------------------------------------------------------------------------------------------

    def _apply(self, name: str, *arguments: Any) -> Axed:
        return elementwise(self.program, name, [self.value(a) for a in arguments], self.prefer)

    def _call(self, call: Call) -> Axed:
        function = call.function
        if function in FUNCTIONS:
            return self._apply(FUNCTIONS[function], *call.arguments)
        if function in self.helpers:
            law = self.helpers[function]
            operand = self.value(call.arguments[0])
            if operand.value.rank:
                return Axed(self.program.helper(f"_{law.name}", operand.value), operand.axes)
            return self.value(
                substitute_entries(law.right, lambda entry: call.arguments[0] if entry == X else None)
            )
        if function.body is None:
            raise EmitError(f"{function.name} has no definition, so there is nothing to compute")
        return self.value(unfold(call))

    def _sum(self, formula: Add) -> Axed:
        added: list[Axed] = []
        taken: list[Axed] = []
        for term in formula.args:
            coefficient, _ = term.as_coeff_Mul()
            (taken if coefficient.is_negative else added).append(
                self.value(-term if coefficient.is_negative else term)
            )
        # Arrays with many axes come first, so that the others are added to them in place.
        added.sort(key=lambda operand: -len(operand.axes))
        taken.sort(key=lambda operand: -len(operand.axes))
        if not added:
            result = elementwise(self.program, "negative", [taken.pop(0)], self.prefer)
        else:
            result = added.pop(0)
        for name, rest in (("add", added), ("subtract", taken)):
            for operand in rest:
                result = elementwise(self.program, name, (result, operand), self.prefer)
        return result

    def _product(self, factors: Sequence[Expr], tops: list[Axed]) -> Axed:
        """A product of formulas and of arrays that are there already (`tops`).

        Numbers, masks, numerators and denominators are put together with few passes over large arrays.
        """
        with self._guarded(factors):
            return self._guarded_product(factors, tops)

    def _guarded_product(self, factors: Sequence[Expr], tops: list[Axed]) -> Axed:
        factors = self._without_guards(factors)
        numbers: list[Expr] = []
        masks: list[Axed] = []
        bottoms: list[Axed] = []
        unbounded = False
        for factor in factors:
            if is_number(factor):
                numbers.append(factor)
            elif isinstance(factor, MASKS):
                masks.append(self.value(factor))
            elif isinstance(factor, Pow) and factor.exp.is_negative:
                bottoms.append(self._power(factor.base, -factor.exp))
                unbounded = True
            else:
                operand = self.value(factor)
                if operand.value.is_number:
                    numbers.append(self.program.formula(operand.value))
                else:
                    tops.append(operand)
                unbounded = unbounded or may_overflow(factor)
        scale = Mul(*numbers)
        negative = bool(scale.as_coeff_Mul()[0].is_negative)
        if negative:
            scale = -scale
        if tops or bottoms:
            result = self._fraction(scale, tops, bottoms)
            if masks:
                mask = product(self.program, masks, self.prefer)
                result = self._masked(mask, result, unbounded)
        elif not masks:
            return Axed(self.program.number(Mul(*numbers)), ())
        else:
            result = product(self.program, masks, self.prefer)
            if scale is not S.One or negative:
                result = Axed(self.program.cast(result.value), result.axes)
                result = self._fraction(scale, [result], [])
        return elementwise(self.program, "negative", [result], self.prefer) if negative else result

    def _without_guards(self, factors: Sequence[Expr]) -> list[Expr]:
        """The factors without range conditions that an entry among them brings along: outside, it reads as zero."""
        read = {
            (sympy.expand(entry.indices[axis]), sympy.expand(entry.tensor.shape[axis]))
            for entry in _factors_read(factors)
            if entry.tensor in self.arrays
            for axis in self.arrays[entry.tensor].axes
        }
        return [
            factor
            for factor in factors
            if not isinstance(factor, Inside)
            or (factor.position, sympy.expand(factor.length)) not in read
            or _divides_at(factors, factor.position)
        ]

    def _fraction(self, scale: Expr, tops: list[Axed], bottoms: list[Axed]) -> Axed:
        above, below = scale.as_numer_denom()
        if tops and above is S.One and below is not S.One and not bottoms:
            result = product(self.program, tops, self.prefer)
            return elementwise(self.program, "divide", (result, self.value(below)), self.prefer)
        if scale is not S.One or not tops:
            tops = [self.value(scale), *tops]
        result = product(self.program, tops, self.prefer)
        if bottoms:
            bottom = product(self.program, bottoms, self.prefer)
            result = elementwise(self.program, "divide", (result, bottom), self.prefer)
        return result

    def _masked(self, mask: Axed, operand: Axed, unbounded: bool) -> Axed:
        """The operand where the mask holds, else 0. A product with the mask is faster, but 0 times infinity is nan."""
        if operand.value.is_number:
            return elementwise(
                self.program,
                "multiply",
                (operand, Axed(self.program.cast(mask.value), mask.axes)),
                self.prefer,
            )
        if not unbounded:
            return elementwise(self.program, "multiply", (operand, mask), self.prefer)
        return self._choose(mask, operand, Axed(self.program.number(S.Zero), ()))

    def _choose(self, mask: Axed, value: Axed, otherwise: Axed) -> Axed:
        if all(o.value.is_number for o in (mask, value, otherwise)):
            holds, one, other = (self.program.formula(o.value) for o in (mask, value, otherwise))
            return Axed(self.program.number(Cases([(Compare(">", holds, 0), one)], other)), ())
        order = common_order((mask, value, otherwise), self.prefer)
        aligned = [align(self.program, operand, order) for operand in (mask, value, otherwise)]
        if value.value.is_number and otherwise.value.is_number:
            # np.where of two Python numbers would be float64, whatever the data type of the call is.
            aligned[1] = self.program.fill(aligned[1], aligned[0].shape)
        return Axed(self.program.select(*aligned), order)

    def _power(self, base: Expr, exponent: Expr) -> Axed:
        if exponent.is_negative:
            return self._fraction(S.One, [], [self._power(base, -exponent)])
        if exponent is S.One:
            return self.value(base)
        if exponent is S.Half:
            return self._apply("sqrt", base)
        if isinstance(exponent, sympy.Rational) and exponent.q <= 2 and exponent.p <= 2 * MAX_POWER:
            whole = self._whole_power(self.value(base), exponent.p // exponent.q)
            if exponent.q == 1:
                return whole
            return elementwise(self.program, "multiply", (whole, self._apply("sqrt", base)), self.prefer)
        return self._apply("power", base, exponent)

    def _whole_power(self, base: Axed, exponent: int) -> Axed:
        """A power by products: NumPy's own power is two orders of magnitude slower from the third on."""
        if exponent == 1:
            return base
        half = self._whole_power(base, exponent // 2)
        result = elementwise(self.program, "square", [half], self.prefer)
        return elementwise(self.program, "multiply", (result, base), self.prefer) if exponent % 2 else result

    # -- conditions -------------------------------------------------------------------------------------------

    def _condition(self, condition: Any) -> Axed:
        if isinstance(condition, AllOf):
            return product(self.program, [self._condition(c) for c in condition.args], self.prefer)
        if not isinstance(condition, Compare):
            raise EmitError(f"not a condition: {condition}")
        operands = [self.value(condition.left), self.value(condition.right)]
        if all(o.value.is_number for o in operands):
            sides = [self.program.formula(o.value) for o in operands]
            return Axed(self.program.number(Bracket(Compare(condition.operator, *sides))), ())
        return elementwise(self.program, COMPARISON[condition.operator], operands, self.prefer)

    def _inside(self, formula: Inside) -> Axed:
        conditions = [Compare(">=", formula.position, 0), Compare("<", formula.position, formula.length)]
        return self._condition(AllOf(*conditions))

    def _cases(self, branches: Any, default: Any) -> Axed:
        with self._guarded([Bracket(condition) for condition, _ in branches]):
            return self._guarded_cases(branches, default)

    def _guarded_cases(self, branches: Any, default: Any) -> Axed:
        condition, value = branches[0]
        rest = Cases(branches[1:], default) if len(branches) > 1 else default
        if value is S.One and rest is S.Zero:
            return self._condition(condition)
        if value is S.Zero and rest is S.One and isinstance(condition, Compare):
            return self._condition(opposite(condition))
        if rest is S.Zero:
            return self._masked(self._condition(condition), self.value(value), may_overflow(value))
        if value is S.Zero and isinstance(condition, Compare):
            return self._masked(self._condition(opposite(condition)), self.value(rest), may_overflow(rest))
        return self._choose(self._condition(condition), self.value(value), self.value(rest))

    # -- sums -------------------------------------------------------------------------------------------------

    def _total(self, formula: Total) -> Axed:
        return self._sum_of(formula, [])

    def _sum_of(self, body: Any, summed: list[Index]) -> Axed:
        while isinstance(body, Total):
            index = body.index.fresh()
            body, summed = substitute_indices(body.body, {body.index: index}), [*summed, index]
        if isinstance(body, Add) and _multiplies_out(body):
            parts = [self._sum_of(term, summed) for term in body.args]
            result = parts[0]
            for part in parts[1:]:
                result = elementwise(self.program, "add", (result, part), self.prefer)
            return result
        solved = _without_delta(body, summed)
        if solved is not None:
            return self._sum_of(*solved) if solved[1] else self.value(solved[0])
        factors: Sequence[Expr] = Mul.make_args(body)
        opening, more = opened(factors, summed)
        while more:
            factors, summed = opening, [*summed, *more]
            opening, more = opened(factors, summed)
        read: list[Axed] = []
        exchanged = turned(factors, summed)
        while exchanged is not None:
            factors, summed = exchanged.factors, list(exchanged.summed)
            if exchanged.spread is not None:
                read.append(self._spread(exchanged.spread))
            exchanged = turned(factors, summed)
        kept: list[Expr] = []
        inside: list[Expr] = []
        for factor in self._without_guards(factors):
            (inside if factor.free_symbols & set(summed) else kept).append(factor)
        with self._guarded(factors):
            operands = [*read, *(self.value(factor) for factor in inside)]
        # An array may not change along an index that its formula has: an adjoint that is the same for every sample.
        there = set(union(operands))
        kept += [index.dimension for index in summed if index not in there]
        left = [index for index in summed if index in there]
        if not left:
            return self._product(kept, operands)
        result = contract(self.program, operands, left, self.prefer)
        outside = Mul(*kept)
        return result if outside is S.One else self._product(Mul.make_args(outside), [result])

    def _spread(self, spread: Spread) -> Axed:
        """An entry read from its array with zeros put in."""
        entry = spread.entry
        stored = self.arrays[entry.tensor]
        axis = stored.axes.index(spread.axis)
        value = self.program.dilate(stored.value, axis, spread.step)
        return entry_view(self.program, value, [entry.indices[a] for a in stored.axes])

    # -- entries ----------------------------------------------------------------------------------------------

    def _entry(self, entry: Entry) -> Axed:
        stored = self.arrays.get(entry.tensor)
        if stored is None:
            raise EmitError(f"internal: {entry.tensor.name} is used before it is computed")
        self._check_places(entry, stored)
        if entry.tensor in self.steps:
            counter, step = self.steps[entry.tensor]
            if entry.indices[self.carried[entry.tensor]] == counter:
                return entry_view(self.program, step.value, [entry.indices[axis] for axis in step.axes])
        value, places = stored.value, [entry.indices[axis] for axis in stored.axes]
        if entry.tensor not in self.carried:
            value, places = self._at_step(value, places)
        return entry_view(self.program, value, places)

    def _check_places(self, entry: Entry, stored: Stored) -> None:
        """Note what is read without a range condition around it, and may lie outside of the array.

        Raises EmitError when it certainly does.
        """
        for axis in stored.axes:
            place, size = sympy.expand(entry.indices[axis]), sympy.expand(entry.tensor.shape[axis])
            if isinstance(place, Index) or place in self.counters or ANYTHING in self.guards:
                continue
            if (place, size) in self.guards:
                continue
            bounds = bounds_of(place)
            if bounds is None:
                continue  # not affine, which is refused where it is read
            lowest, highest = bounds
            for counter in place.free_symbols & self.counters.keys():
                ends = (S.Zero, self.counters[counter] - 1)
                lowest = lowest.xreplace({counter: ends[int(place.coeff(counter).is_negative)]})
                highest = highest.xreplace({counter: ends[int(not place.coeff(counter).is_negative)]})
            lowest, highest = sympy.expand(lowest), sympy.expand(highest)
            if lowest.is_negative or (highest - size).is_nonnegative:
                raise EmitError(f"{entry} is read outside of {entry.tensor.name}, and nothing says what it is there")
            if not (lowest.is_nonnegative and (size - 1 - highest).is_nonnegative):
                self.requirements[Requirement(entry.tensor.name, lowest, highest, size)] = None

    @contextmanager
    def _guarded(self, factors: Sequence[Expr]) -> Iterator[None]:
        """What is read inside may lie outside of its array where one of the factors is zero there."""
        before = list(self.guards)
        for factor in factors:
            if isinstance(factor, Inside):
                self.guards.append((factor.position, sympy.expand(factor.length)))
            elif isinstance(factor, Bracket | Delta):
                self.guards.append(ANYTHING)
        try:
            yield
        finally:
            self.guards = before

    def _at_step(self, value: Value, places: list[Expr]) -> tuple[Value, list[Expr]]:
        """Places some steps away from the current one, with zeros where they leave the array."""
        for axis, place in enumerate(places):
            for counter in place.free_symbols & self.counters.keys():
                size = self.counters[counter]
                last = place.xreplace({counter: size - 1})
                first = place.xreplace({counter: S.Zero})
                if place != counter and not place.atoms(Index):
                    rows = value.arguments[0] if isinstance(value.operation, Slice) and axis == 0 else value
                    if isinstance(rows.operation, Looped) and abs(place - counter) <= rows.operation.loop.spare:
                        # Rows before the first and behind the last are there, and zero.
                        value = rows
                        continue
                    lowest, highest = (first, last) if sympy.expand(last - first).is_nonnegative else (last, first)
                    value, moved = padded(program=self.program, value=value, axis=axis, lowest=lowest, highest=highest)
                    places[axis] = sympy.expand(place + moved)
        return value, places


def is_number(formula: Any) -> bool:
    """Whether a formula is made of numbers, sizes and hyperparameters only."""
    return not any(isinstance(node, Entry | Index | Binder) for node in subformulas(formula))


def may_overflow(formula: Any) -> bool:
    """Whether finite entries can make the formula infinite: it exponentiates, divides or takes a logarithm."""
    return any(
        isinstance(node, sympy.exp | sympy.log | Call) or (isinstance(node, Pow) and not node.exp.is_positive)
        for node in subformulas(formula)
    )


def opposite(condition: Compare) -> Compare:
    """The condition that holds where this one does not."""
    return Compare(OPPOSITE[condition.operator], condition.left, condition.right)


def _sides(difference: Expr) -> tuple[Expr, Expr]:
    """A difference that is compared with zero, as two sides without minus signs."""
    left: list[Expr] = []
    right: list[Expr] = []
    for term in Add.make_args(difference):
        negative = bool(term.as_coeff_Mul()[0].is_negative)
        (right if negative else left).append(-term if negative else term)
    return Add(*left), Add(*right)


def _factors_read(factors: Iterable[Expr]) -> Iterator[Entry]:
    """The entries that a product is zero with: its factors, and those of sums among them."""
    for factor in factors:
        if isinstance(factor, Entry):
            yield factor
        elif isinstance(factor, Total):
            yield from _factors_read(Mul.make_args(factor.body))


def _divides_at(factors: Iterable[Expr], position: Expr) -> bool:
    """Whether a factor may be infinite where something is read at this position and there is nothing but zero."""
    return any(
        may_overflow(factor)
        and any(isinstance(n, Entry) and position in map(sympy.expand, n.indices) for n in subformulas(factor))
        for factor in factors
    )


def _axes(formula: Any) -> set[Index]:
    return {symbol for symbol in formula.free_symbols if isinstance(symbol, Index)}


def _multiplies_out(body: Add) -> bool:
    """Whether a term is an outer product: its factors have fewer axes each than the term has."""
    for term in body.args:
        axes = _axes(term)
        if axes and not any(_axes(factor) == axes for factor in Mul.make_args(term)):
            return True
    return False


def _without_delta(body: Any, summed: list[Index]) -> tuple[Any, list[Index]] | None:
    """Use a delta that determines a summed index; None when there is none."""
    factors = list(Mul.make_args(body))
    for place, factor in enumerate(factors):
        if not isinstance(factor, Delta):
            continue
        for index in reversed(summed):
            solution = solve_for(factor.difference, index)
            if solution is not None:
                rest = Mul(*factors[:place], *factors[place + 1 :])
                replaced = substitute_indices(rest, {index: solution}) * Inside(solution, index.dimension)
                return replaced, [other for other in summed if other != index]
    return None
