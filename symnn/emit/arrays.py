"""Steps of lowering that need the arrays only, and no formula."""

from __future__ import annotations

from collections.abc import Sequence

import sympy
from sympy import S

from symnn.emit import operations
from symnn.emit.axes import Axed, align, common_order, elementwise
from symnn.emit.laws import Law
from symnn.emit.operations import Value
from symnn.emit.program import Program
from symnn.emit.shifts import Fold
from symnn.formula.index import Index
from symnn.formula.nodes import Cases, Compare


def helped(program: Program, law: Law, arrays: Sequence[Value]) -> Value:
    """The function of the module, which may need an axis to choose places along."""
    constants = [program.number(symbol) for symbol in law.constants]
    if arrays[0].rank or not law.chooses:
        return program.helper(f"_{law.name}", *arrays, *constants)
    lifted = [program.expand(program.cast(array), [0]) for array in arrays]
    return program.pick(program.helper(f"_{law.name}", *lifted, *constants), [S.Zero])


def masked(program: Program, mask: Axed, operand: Axed, unbounded: bool, prefer: Sequence[Index]) -> Axed:
    """The operand where the mask holds, else 0. A product with the mask is faster, but 0 times infinity is nan."""
    if operand.value.is_number:
        return elementwise(
            program,
            "multiply",
            (operand, Axed(program.cast(mask.value), mask.axes)),
            prefer,
        )
    if not unbounded:
        return elementwise(program, "multiply", (operand, mask), prefer)
    return chosen(program, mask, operand, Axed(program.number(S.Zero), ()), prefer)


def chosen(program: Program, mask: Axed, value: Axed, otherwise: Axed, prefer: Sequence[Index]) -> Axed:
    """The value where the mask holds, else the other."""
    if all(o.value.is_number for o in (mask, value, otherwise)):
        holds, one, other = (program.formula(o.value) for o in (mask, value, otherwise))
        return Axed(program.number(Cases([(Compare(">", holds, 0), one)], other)), ())
    order = common_order((mask, value, otherwise), prefer)
    aligned = [align(program, operand, order) for operand in (mask, value, otherwise)]
    if value.value.is_number and otherwise.value.is_number:
        # np.where of two Python numbers would be float64, whatever the data type of the call is.
        aligned[1] = program.fill(aligned[1], aligned[0].shape)
    return Axed(program.select(*aligned), order)


def whole_power(program: Program, base: Axed, exponent: int, prefer: Sequence[Index]) -> Axed:
    """A power by products: NumPy's own power is two orders of magnitude slower from the third on."""
    if exponent == 1:
        return base
    half = whole_power(program, base, exponent // 2, prefer)
    result = elementwise(program, "square", [half], prefer)
    return elementwise(program, "multiply", (result, base), prefer) if exponent % 2 else result


def added_up(program: Program, operand: Axed, fold: Fold) -> Axed:
    """The operand with its entries added up at the places that a fold says."""
    missing = [index for index in fold.indices if index not in operand.axes]
    axes = (*operand.axes, *missing)
    value = operand.value
    if missing:
        sizes = dict(zip(operand.axes, value.shape, strict=True))
        expanded = program.expand(value, range(value.rank, value.rank + len(missing))) if value.rank else value
        value = program.fill(expanded, [sizes.get(index, index.dimension) for index in axes])
    start, steps = fold.start, {fold.place: fold.step}
    if fold.window is not None:
        steps[fold.window] = fold.dilation
    turned = [index for index in axes if index in steps and steps[index].is_negative]
    value = program.stride(value, [S.NegativeOne if i in turned else S.One for i in axes], value.shape)
    for index in turned:
        start = sympy.expand(start + steps[index] * (index.dimension - 1))
    size, place = fold.target.dimension, axes.index(fold.place)
    window = None if fold.window is None else axes.index(fold.window)
    dilation = S.One if fold.window is None else abs(steps[fold.window])
    made = program.fold(value, operations.Fold(place, window, size, start, abs(steps[fold.place]), dilation))
    left = tuple(fold.target if index == fold.place else index for index in axes if index != fold.window)
    return Axed(made, left)
