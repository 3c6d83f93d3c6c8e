"""Sums of products as matrix products.

A sum over indices of a product of arrays is cut into products of two arrays. The axes of such a pair fall into four
classes: shared by both and kept (batch), only left, only right, and summed. With an axis on either side that is a
matrix product. ``np.einsum`` is left for two arrays of which neither has an axis of its own (dot products, row by
row); it never sees more than two arrays, whose order of summation it would have to find out at run time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Integer, Mul

from symnn.emit.axes import Axed, align, arranged, product, union
from symnn.emit.operations import Einsum, Matmul, Slice, Stride, Tensordot, Transpose, Value, Windows
from symnn.emit.program import Program
from symnn.formula.index import Index


def contract(program: Program, operands: Sequence[Axed], summed: Sequence[Index], prefer: Sequence[Index]) -> Axed:
    """The sum over `summed` of the product of the operands. Every index in `summed` occurs in an operand."""
    waiting = [Axed(program.cast(o.value), o.axes) if o.value.kind == "int" else o for o in operands]
    left = list(summed)
    while True:
        waiting = [_sum_own(program, waiting, place, left) for place in range(len(waiting))]
        alive = set(union(waiting))
        left = [index for index in left if index in alive]
        if len(waiting) == 1:
            return waiting[0]
        first, second = _best_pair(waiting, left)
        one, other = waiting[first], waiting[second]
        rest = [o for place, o in enumerate(waiting) if place not in (first, second)]
        gone = _private(one, other, rest, left)
        made = _pair(program, one, other, gone, prefer) if gone else product(program, (one, other), prefer)
        waiting = [*rest, made]


def _sum_own(program: Program, operands: Sequence[Axed], place: int, summed: Sequence[Index]) -> Axed:
    """Sum an operand over the indices that no other operand has."""
    operand = operands[place]
    others = set(union([o for number, o in enumerate(operands) if number != place]))
    axes = [a for a, index in enumerate(operand.axes) if index in summed and index not in others]
    kept = tuple(index for a, index in enumerate(operand.axes) if a not in axes)
    return Axed(program.reduce("sum", operand.value, axes), kept)


def _private(one: Axed, other: Axed, rest: Sequence[Axed], summed: Sequence[Index]) -> list[Index]:
    """The summed indices that occur in these two operands and in no other."""
    elsewhere = set(union(rest))
    return [i for i in one.axes if i in other.axes and i in summed and i not in elsewhere]


def _best_pair(operands: Sequence[Axed], summed: Sequence[Index]) -> tuple[int, int]:
    """The pair to multiply next: the one that leaves the fewest axes, then the one that visits the fewest."""
    best: tuple[tuple[int, int], tuple[int, int]] | None = None
    for first in range(len(operands)):
        for second in range(first + 1, len(operands)):
            rest = [o for place, o in enumerate(operands) if place not in (first, second)]
            everything = union((operands[first], operands[second]))
            gone = _private(operands[first], operands[second], rest, summed)
            cost = (len(everything) - len(gone), len(everything))
            if best is None or cost < best[0]:
                best = (cost, (first, second))
    assert best is not None
    return best[1]


def _pair(program: Program, one: Axed, other: Axed, summed: list[Index], prefer: Sequence[Index]) -> Axed:
    """The product of two operands summed over indices that both have."""
    shared = arranged([i for i in one.axes if i in other.axes and i not in summed], prefer)
    rows = tuple(i for i in one.axes if i not in other.axes)
    columns = tuple(i for i in other.axes if i not in one.axes)
    if not rows and not columns:
        return _dot(program, one, other, summed, shared)
    if _comes_first(columns, rows, prefer):
        one, other, rows, columns = other, one, columns, rows
    sliding = bool(_windows(one) or _windows(other))
    if not shared and sliding and _wants_turning(one, other, summed):
        one, other, rows, columns = other, one, columns, rows
    if not shared and (sliding or max(len(summed), len(rows), len(columns)) > 1):
        return _tensordot(program, one, other, summed, rows, columns)
    if sliding or max(len(summed), len(rows), len(columns)) > 1:
        return _flattened(program, one, other, summed, shared, rows, columns)
    left = _operand(program, one, (*shared, *rows, *summed), bool(shared) and not rows, -2)
    right = _operand(program, other, (*shared, *summed, *columns), bool(shared) and not columns, -1)
    shape = tuple(index.dimension for index in (*shared, *rows, *columns))
    if not shared:
        return Axed(program.make(Matmul(), (left, right), shape, "float"), (*rows, *columns))
    full = [index.dimension for index in shared]
    full += [rows[0].dimension if rows else Integer(1), columns[0].dimension if columns else Integer(1)]
    made = program.make(Matmul(), (left, right), full, "float")
    if not columns:
        made = program.pick(made, (*[None] * (made.rank - 1), Integer(0)))
    return Axed(made, (*shared, *rows, *columns))


def _windows(operand: Axed) -> set[Index]:
    """The indices of the windows of a sliding view. A product of such a view is slow; it wants a copy (im2col)."""
    return {operand.axes[axis] for axis in _window_axes(operand.value)}


def _window_axes(value: Value) -> set[int]:
    match value.operation:
        case Windows():
            inner = _window_axes(value.arguments[0])
            return inner | set(range(value.rank - len(value.operation.axes), value.rank))
        case Transpose():
            inner = _window_axes(value.arguments[0])
            return {place for place, axis in enumerate(value.operation.order) if axis in inner}
        case Slice() | Stride():
            return _window_axes(value.arguments[0])
    return set()


def _wants_turning(one: Axed, other: Axed, summed: Sequence[Index]) -> bool:
    """Whether the operands should change places, so that the copy of a sliding view has its windows in front.

    Whole rows of positions are then copied at once. A product copies its left operand with the axes that are summed
    last, and its right operand with these first.
    """
    if _windows(other):
        return not _windows(other) & set(summed)
    return bool(_windows(one) & set(summed))


def _operand(program: Program, operand: Axed, order: Sequence[Index], stretch: bool, at: int) -> Value:
    """An operand of a matrix product: a vector gets an axis of length 1 where leading axes are shared."""
    value = align(program, operand, order)
    return program.expand(value, (value.rank + 1 + at,)) if stretch else value


def _comes_first(columns: tuple[Index, ...], rows: tuple[Index, ...], prefer: Sequence[Index]) -> bool:
    """Whether the product is wanted with its columns before its rows."""
    if not columns:
        return False
    if not rows:
        # A matrix times a vector: the vector stands on the right, as in the formula.
        return True
    return arranged((*rows, *columns), prefer)[0] in columns and columns[0] in prefer


def _dot(program: Program, one: Axed, other: Axed, summed: list[Index], shared: tuple[Index, ...]) -> Axed:
    shape = tuple(index.dimension for index in shared)
    if len(one.axes) == 1:
        return Axed(program.make(Matmul(), (one.value, other.value), shape, "float"), ())
    letters = {index: "abcdefghijklmnop"[place] for place, index in enumerate((*shared, *summed))}
    left = "".join(letters[i] for i in one.axes)
    right = "".join(letters[i] for i in other.axes)
    kept = "".join(letters[i] for i in shared)
    made = program.make(Einsum(f"{left},{right}->{kept}"), (one.value, other.value), shape, "float")
    return Axed(made, shared)


def _tensordot(
    program: Program,
    one: Axed,
    other: Axed,
    summed: list[Index],
    rows: tuple[Index, ...],
    columns: tuple[Index, ...],
) -> Axed:
    shape = tuple(index.dimension for index in (*rows, *columns))
    # The product wants the rows first and the summed axes in one order on both sides. Of the left operand this is a
    # view if its summed axes keep their order; the right one is then copied whole rows at a time.
    rows_last = bool(rows) and one.axes.index(rows[0]) > min(one.axes.index(index) for index in summed)
    summed = sorted(summed, key=(one if rows_last else other).axes.index)
    operation = Tensordot(
        tuple(one.axes.index(index) for index in summed), tuple(other.axes.index(index) for index in summed)
    )
    return Axed(program.make(operation, (one.value, other.value), shape, "float"), (*rows, *columns))


def _flattened(
    program: Program,
    one: Axed,
    other: Axed,
    summed: list[Index],
    shared: tuple[Index, ...],
    rows: tuple[Index, ...],
    columns: tuple[Index, ...],
) -> Axed:
    """Several axes of one class become one, for a batched matrix product."""
    lead = [index.dimension for index in shared]
    n_rows, n_columns, n_summed = (Mul(*[i.dimension for i in group]) for group in (rows, columns, summed))
    left = program.reshape(align(program, one, (*shared, *rows, *summed)), (*lead, n_rows, n_summed))
    right = program.reshape(align(program, other, (*shared, *summed, *columns)), (*lead, n_summed, n_columns))
    made = program.make(Matmul(), (left, right), (*lead, n_rows, n_columns), "float")
    axes = (*shared, *rows, *columns)
    return Axed(program.reshape(made, [index.dimension for index in axes]), axes)
