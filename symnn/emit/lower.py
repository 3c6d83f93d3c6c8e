"""From formulas to a program: one rule for each kind of node, none for any operator.

Entries become arrays with named axes, sums of products become matrix products (`symnn.emit.contract`), conditions
become masks, and everything that does not depend on data stays a Python number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, S

from symnn.emit.arrays import added_up, chosen, helped, masked, whole_power
from symnn.emit.axes import Axed, align, common_order, elementwise, product, union
from symnn.emit.contract import contract
from symnn.emit.errors import EmitError
from symnn.emit.laws import Law, X
from symnn.emit.layers import lower_layers
from symnn.emit.operations import Loop, Positions, Value
from symnn.emit.places import entry_view
from symnn.emit.program import Program
from symnn.emit.queries import is_number, may_overflow, multiplies_out, opposite, sides, with_exact_root, without_delta
from symnn.emit.reader import Reader, Stored
from symnn.emit.recurrences import Recurrence
from symnn.emit.shifts import Fold, folded, opened
from symnn.emit.vocabulary import CLASSES, FUNCTIONS
from symnn.formula.index import Index
from symnn.formula.matrices import Inverse, LogDeterminant
from symnn.formula.nodes import (
    AllOf,
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
)
from symnn.formula.substitute import substitute_entries, substitute_indices, unfold
from symnn.network.widths import Widths

MASKS = (Bracket, Delta, Inside)
COMPARISON = {
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
MAX_POWER = 16


@dataclass
class Lowering:
    """Lowers formulas over tensors whose arrays are known.

    `helpers` names the functions that the module defines itself; `widths` are sizes that differ from layer to layer.
    """

    program: Program
    helpers: Mapping[Elementwise, Law] = field(default_factory=dict)
    prefer: tuple[Index, ...] = ()
    widths: Widths | None = None
    reader: Reader = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader(self.program)

    @property
    def arrays(self) -> dict[Tensor, Stored]:
        """The arrays that hold the tensors."""
        return self.reader.arrays

    def equation(self, tensor: Tensor, indices: Sequence[Index], formula: Any) -> Stored:
        """Lower ``tensor[indices] = formula`` and remember the array.

        Raises EmitError for what has no NumPy form.
        """
        self.prefer = tuple(indices)
        result = self.value(formula)
        stray = [index for index in result.axes if index not in indices]
        if stray:
            raise EmitError(f"the formula of {tensor.name} has the free index {stray[0]}, which its left side has not")
        kept = tuple(index for index in indices if index in result.axes)
        value = self.program.cast(align(self.program, result, kept))
        stored = Stored(value, tuple(tuple(indices).index(index) for index in kept))
        self.arrays[tensor] = stored
        return stored

    def recurrence(self, group: Recurrence, names: Mapping[Tensor, str]) -> dict[Tensor, Stored]:
        """Lower assignments that are computed step by step, and remember the arrays.

        `names` are the variables of the arrays in the code.
        """
        if group.by_layer:
            return lower_layers(self, group, names)
        first = group.assignments[0]
        counter = sympy.Dummy(first.indices[group.axes[first.tensor]].name, integer=True, nonnegative=True)
        self.reader.counters[counter] = group.size
        carried: list[Value] = []
        for assignment in group.assignments:
            axis = group.axes[assignment.tensor]
            rest = [size for place, size in enumerate(assignment.tensor.shape) if place != axis]
            others = [place for place in range(assignment.tensor.rank) if place != axis]
            rows = sympy.expand(group.size + group.reach)
            leaf = self.program.leaf(f"{assignment.tensor.name} {counter.dummy_index}", (rows, *rest))
            self.arrays[assignment.tensor] = Stored(leaf, (axis, *others))
            carried.append(leaf)
        self.reader.carried |= {assignment.tensor: group.axes[assignment.tensor] for assignment in group.assignments}
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
            self.reader.steps[assignment.tensor] = (counter, Stored(value, axes))
            steps.append(value)
        loop = Loop(
            counter, group.size, group.backward, group.reach, tuple(names[a.tensor] for a in group.assignments),
            tuple(carried), tuple(steps),
        )  # fmt: skip
        made = self.program.looped(loop)
        for assignment, value in zip(group.assignments, made, strict=True):
            del self.reader.carried[assignment.tensor], self.reader.steps[assignment.tensor]
            self.arrays[assignment.tensor] = Stored(value, self.arrays[assignment.tensor].axes)
        return {a.tensor: self.arrays[a.tensor] for a in group.assignments}

    def value(self, formula: Any) -> Axed:
        """The array of a formula."""
        if is_number(formula):
            return Axed(self.program.number(formula), ())
        match formula:
            case Entry():
                return self.reader.entry(formula)
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
                return self._condition(Compare("==", *sides(formula.difference)))
            case Inside():
                return self._inside(formula)
            case Cases():
                return self._cases(formula.branches, formula.default)
            case Inverse() | LogDeterminant():
                return self._of_matrix(formula)
            case Index():
                return Axed(
                    self.program.make(Positions(formula.dimension), (), (formula.dimension,), "int"),
                    (formula,),
                )
        name = CLASSES.get(type(formula), "")
        if not name:
            raise EmitError(f"NumPy has no function for {type(formula).__name__}, which occurs in {formula}")
        return self._apply(name, *formula.args)

    def _of_matrix(self, formula: Inverse | LogDeterminant) -> Axed:
        """The inverse, or the logarithm of the determinant, of the matrices that an array holds."""
        renamed = {index: index.fresh() for index in formula.matrix.indices}
        rows = tuple(renamed.values())
        body = self.value(substitute_indices(formula.matrix.body, renamed))
        lead = tuple(index for index in body.axes if index not in rows)
        order = (*lead, *rows)
        value = self.program.fill(align(self.program, body, order), [index.dimension for index in order])
        if isinstance(formula, LogDeterminant):
            return Axed(self.program.linalg("slogdet", value), lead)
        return entry_view(self.program, self.program.linalg("inv", value), [*lead, *formula.places])

    # -- elementwise ------------------------------------------------------------------------------------------

    def _apply(self, name: str, *arguments: Any) -> Axed:
        return elementwise(self.program, name, [self.value(a) for a in arguments], self.prefer)

    def _call(self, call: Call) -> Axed:
        function = call.function
        if function in FUNCTIONS:
            return self._apply(FUNCTIONS[function], *call.arguments)
        if function in self.helpers:
            law = self.helpers[function]
            operands = [self.value(argument) for argument in call.arguments]
            order = common_order(operands, self.prefer)
            if order or law.code is not None:
                arrays = [align(self.program, operand, order) for operand in operands]
                return Axed(helped(self.program, law, arrays), order)
            return self.value(substitute_entries(law.right, lambda e: call.arguments[0] if e == X else None))
        if function.body is None:
            raise EmitError(f"{function.name} has no definition, so there is nothing to compute")
        return self.value(unfold(call))

    def _sum(self, formula: Add) -> Axed:
        scaled = with_exact_root(formula)
        if scaled is not None:
            return self._product(scaled, [])
        added: list[Axed] = []
        taken: list[Axed] = []
        for term in formula.args:
            coefficient, _ = term.as_coeff_Mul()
            (taken if coefficient.is_negative else added).append(self.value(-term if coefficient.is_negative else term))
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
        with self.reader.guarded(factors):
            return self._guarded_product(factors, tops)

    def _guarded_product(self, factors: Sequence[Expr], tops: list[Axed]) -> Axed:
        factors = self.reader.without_guards(factors)
        numbers: list[Expr] = []
        masks: list[Axed] = []
        bottoms: list[Axed] = []
        twice: list[Axed] = []
        unbounded = False
        for factor in factors:
            if is_number(factor):
                numbers.append(factor)
            elif isinstance(factor, MASKS):
                masks.append(self.value(factor))
            elif isinstance(factor, Pow) and factor.exp == -2 and isinstance(factor.base, Entry):
                # The square of a tiny number is 0, and 0 / 0 is nan.
                bottoms.append(self.value(factor.base))
                twice.append(bottoms[-1])
                unbounded = True
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
            for bottom in twice:
                result = elementwise(self.program, "divide", (result, bottom), self.prefer)
            if masks:
                mask = product(self.program, masks, self.prefer)
                result = masked(self.program, mask, result, unbounded, self.prefer)
        elif not masks:
            return Axed(self.program.number(Mul(*numbers)), ())
        else:
            result = product(self.program, masks, self.prefer)
            if scale is not S.One or negative:
                result = Axed(self.program.cast(result.value), result.axes)
                result = self._fraction(scale, [result], [])
        return elementwise(self.program, "negative", [result], self.prefer) if negative else result

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

    def _power(self, base: Expr, exponent: Expr) -> Axed:
        if exponent.is_negative:
            return self._fraction(S.One, [], [self._power(base, -exponent)])
        if exponent is S.One:
            return self.value(base)
        if exponent is S.Half:
            return self._apply("sqrt", base)
        if isinstance(exponent, sympy.Rational) and exponent.q <= 2 and exponent.p <= 2 * MAX_POWER:
            whole = whole_power(self.program, self.value(base), exponent.p // exponent.q, self.prefer)
            if exponent.q == 1:
                return whole
            return elementwise(self.program, "multiply", (whole, self._apply("sqrt", base)), self.prefer)
        return self._apply("power", base, exponent)

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
        with self.reader.guarded([Bracket(condition) for condition, _ in branches]):
            return self._guarded_cases(branches, default)

    def _guarded_cases(self, branches: Any, default: Any) -> Axed:
        condition, value = branches[0]
        rest = Cases(branches[1:], default) if len(branches) > 1 else default
        if value is S.One and rest is S.Zero:
            return self._condition(condition)
        if value is S.Zero and rest is S.One and isinstance(condition, Compare):
            return self._condition(opposite(condition))
        if rest is S.Zero:
            return masked(self.program, self._condition(condition), self.value(value), may_overflow(value), self.prefer)
        if value is S.Zero and isinstance(condition, Compare):
            return masked(
                self.program, self._condition(opposite(condition)), self.value(rest), may_overflow(rest), self.prefer
            )
        return chosen(self.program, self._condition(condition), self.value(value), self.value(rest), self.prefer)

    # -- sums -------------------------------------------------------------------------------------------------

    def _total(self, formula: Total) -> Axed:
        return self._sum_of(formula, [])

    def _sum_of(self, body: Any, summed: list[Index]) -> Axed:
        while isinstance(body, Total):
            index = body.index.fresh()
            body, summed = substitute_indices(body.body, {body.index: index}), [*summed, index]
        if isinstance(body, Add) and multiplies_out(body):
            parts = [self._sum_of(term, summed) for term in body.args]
            result = parts[0]
            for part in parts[1:]:
                result = elementwise(self.program, "add", (result, part), self.prefer)
            return result
        solved = without_delta(body, summed)
        if solved is not None:
            return self._sum_of(*solved) if solved[1] else self.value(solved[0])
        factors: Sequence[Expr] = Mul.make_args(body)
        opening, more = opened(factors, summed)
        while more:
            factors, summed = opening, [*summed, *more]
            opening, more = opened(factors, summed)
        factors, summed, folds = folded(factors, summed)
        if folds:
            return self._folded(factors, summed, folds)
        kept: list[Expr] = []
        inside: list[Expr] = []
        for factor in self.reader.without_guards(factors):
            (inside if factor.free_symbols & set(summed) else kept).append(factor)
        with self.reader.guarded(factors):
            operands = [self.value(factor) for factor in inside]
        kept += [self.program.formula(o.value) for o in operands if o.value.is_number]
        operands = [operand for operand in operands if not operand.value.is_number]
        # An array may not change along an index that its formula has: an adjoint that is the same for every sample.
        there = set(union(operands))
        kept += [index.dimension for index in summed if index not in there]
        left = [index for index in summed if index in there]
        if not left:
            return self._product(kept, operands)
        result = contract(self.program, operands, left, self.prefer)
        outside = Mul(*kept)
        return result if outside is S.One else self._product(Mul.make_args(outside), [result])

    def _folded(self, factors: Sequence[Expr], summed: Sequence[Index], folds: Sequence[Fold]) -> Axed:
        """A sum whose terms are added up at places that depend on the indices of the sum."""
        within = {index for fold in folds for index in fold.indices} | set(summed)
        kept = [factor for factor in factors if not factor.free_symbols & within]
        inside = [factor for factor in factors if factor.free_symbols & within]
        targets = [fold.target for fold in folds]
        before = self.prefer
        windows = [fold.window for fold in folds if fold.window is not None]
        # Windows come before places: whole rows of places are added up at once.
        others = [index for index in before if index not in targets]
        near = [i for i in others if any(i in f.free_symbols and f.free_symbols & set(windows) for f in inside)]
        far = [index for index in others if index not in near]
        self.prefer = (*near, *windows, *far, *(fold.place for fold in folds))
        with self.reader.guarded([fold.guard for fold in folds]):
            result = self._sum_of(Mul(*inside), list(summed)) if summed else self.value(Mul(*inside))
        self.prefer = before
        for fold in reversed(folds):
            result = added_up(self.program, result, fold)
        return self._product(kept, [result]) if kept else result
