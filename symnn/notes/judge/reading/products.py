"""Products of two values under every sign that notes use.

What a product may be follows from the shapes: a matrix product, a dot product, an outer product, a product entry by
entry, a product with a number; between derivatives, the contraction that the chain rule asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symnn.formula.application import Array
from symnn.notes.judge.errors import DoesNotFit
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.values import Value, best, combined, contract, diagonal, fresh, shown

ENTRYWISE = ("odot", "circ")
DIAGONAL = "the vector stands for the diagonal matrix of its entries"
OUT_OF_ORDER = "the vector scales an axis of the matrix that it does not stand beside"
SIDE_BY_SIDE = "two vectors side by side stand for every product of two entries"
DOUBTFUL = (OUT_OF_ORDER, f"{SIDE_BY_SIDE}, though they have the same length")
"""Said of products that keep a claim from being wrong but prove nothing."""


def product(
    operator: str, lefts: Iterable[Value], rights: Iterable[Value], *, strict: bool = False, rows: bool = False
) -> list[Value]:
    """Every admissible product of two parts, the likeliest first. Raises DoesNotFit when there is none.

    `strict` says that the document writes transposes, so that two columns side by side are no outer product; `rows` that its
    vectors are rows, so that ``x^T g`` is one.
    """
    found: list[Value] = []
    rights = list(rights)
    tried: list[tuple[Value, Value]] = []
    for left in lefts:
        for right in rights:
            spend()
            tried.append((left, right))
            found += of_two(operator, left, right, strict, rows)
    if not found:
        left, right = tried[0]
        raise DoesNotFit(f"factors of shapes {shown(left.shape)} and {shown(right.shape)} do not fit together")
    return best(found)


def of_two(operator: str, left: Value, right: Value, strict: bool, rows: bool = False) -> list[Value]:
    """The admissible products of two values."""
    if left.rank == 0 or right.rank == 0:
        return [_scaled(left, right)]
    if operator == "otimes":
        return [_outer(left, right)]
    if operator in ENTRYWISE:
        return list(_entrywise(left, right))
    chained = list(_chained(left, right))
    if left.is_jacobian or right.is_jacobian:
        if chained:
            return chained
        return [*_plain(operator, left, right, strict, rows), *(v.costing(2) for v in _entrywise(left, right))]
    return [*chained, *_plain(operator, left, right, strict, rows)]


def _scaled(left: Value, right: Value) -> Value:
    wide = right if left.rank == 0 else left
    result = combined(lambda a, b: a * b, left, right)
    return Value(result.array, wide.out, wide.turn, result.cost, result.said, wide.orient)


def _joined(
    left: Value, right: Value, array: Array, turn: str = "", out: int | None = None, cost: int = 0, *said: str
) -> Value:
    return Value(array, out, turn, left.cost + right.cost + cost, (*left.said, *right.said, *said))


def _outer(left: Value, right: Value) -> Value:
    order = [*(("left", a) for a in range(left.rank)), *(("right", a) for a in range(right.rank))]
    return _joined(left, right, contract(left, right, [], order))


def _entrywise(left: Value, right: Value) -> Iterator[Value]:
    """Entry by entry; a derivative that is diagonal counts as the vector on its diagonal."""
    if left.shape == right.shape:
        yield combined(lambda a, b: a * b, left, right)
        return
    for one, other in ((left, right), (right, left)):
        on = diagonal(one)
        if on is not None and on.shape == other.shape:
            found = combined(lambda a, b: a * b, on, other)
            yield Value(found.array, other.out, other.turn, found.cost + 1, found.said)
            return
    wide, narrow = (left, right) if left.rank > right.rank else (right, left)
    if (wide.rank, narrow.rank) == (2, 1):
        if narrow.turn != "row" and wide.shape[:1] == narrow.shape:
            yield _joined(left, right, _on_diagonal(narrow, wide, 0), "", None, 2, "the column goes with each column")
        if narrow.turn != "column" and wide.shape[1:] == narrow.shape:
            yield _joined(left, right, _on_diagonal(narrow, wide, 1), "", None, 2, "the row goes with each row")


def _chained(left: Value, right: Value) -> Iterator[Value]:
    """Derivatives along a chain, in either order, and a derivative with what flows into it."""
    if left.out is not None and right.out is not None:
        if _meets(left.inner, right.outer) and (left.is_jacobian or right.is_jacobian):
            yield _through(left, right, False)
        elif _meets(right.inner, left.outer) and (left.is_jacobian or right.is_jacobian):
            yield _through(right, left, True)
        return
    jacobian, plain, first = (left, right, True) if left.is_jacobian else (right, left, False)
    if not jacobian.is_jacobian or plain.is_jacobian:
        return
    if plain.shape == jacobian.outer:
        pairs = [(axis, axis) for axis in range(plain.rank)]
        array = contract(plain, jacobian, pairs, [("right", a) for a in range(plain.rank, jacobian.rank)])
        yield _joined(left, right, array, out=0, cost=1 if first else 0)
    elif plain.shape == jacobian.inner:
        own = len(jacobian.outer)
        pairs = [(own + axis, axis) for axis in range(plain.rank)]
        yield _joined(left, right, contract(jacobian, plain, pairs, [("left", a) for a in range(own)]), cost=2)


def _meets(inner: tuple[object, ...], outer: tuple[object, ...]) -> bool:
    return bool(inner) and inner == outer


def _through(outer: Value, inner: Value, turned: bool) -> Value:
    """``dy/dx dx/dw``: contracted over the axes of x."""
    own, shared = len(outer.outer), len(outer.inner)
    pairs = [(own + axis, axis) for axis in range(shared)]
    order = [*(("left", a) for a in range(own)), *(("right", a) for a in range(shared, inner.rank))]
    return _joined(outer, inner, contract(outer, inner, pairs, order), out=own)


def _plain(operator: str, left: Value, right: Value, strict: bool, rows: bool) -> Iterator[Value]:
    """Products of arrays whose axes have no further meaning."""
    ranks = (left.rank, right.rank)
    if ranks == (1, 1):
        yield from _of_vectors(left, right, strict, rows)
    elif ranks == (2, 1):
        if left.shape[1] == right.shape[0]:
            yield _joined(
                left, right, contract(left, right, [(1, 0)], [("left", 0)]), "column", _plain_out(left, right)
            )
        elif left.shape[1] == 1 and right.turn == "row":
            array = contract(left, right, [], [("left", 0), ("right", 0)])
            yield _joined(left, right, _without(array, left, right))
        yield from _scaling(left, right, right, left, (1, 0))
    elif ranks == (1, 2):
        if left.shape[0] == right.shape[0]:
            yield _joined(left, right, contract(left, right, [(0, 0)], [("right", 1)]), "row", _plain_out(left, right))
        elif right.shape[0] == 1 and left.turn != "row":
            array = contract(left, right, [], [("left", 0), ("right", 1)])
            yield _joined(left, right, _without(array, left, right))
        yield from _scaling(left, right, left, right, (0, 1))
    elif ranks == (2, 2):
        if left.shape[1] == right.shape[0]:
            array = contract(left, right, [(1, 0)], [("left", 0), ("right", 1)])
            yield _joined(left, right, array, "", _plain_out(left, right))
        if left.shape == right.shape and operator in ("cdot", "times", "ast"):
            yield combined(lambda a, b: a * b, left, right).costing(2, "the product is taken entry by entry")
    elif left.shape == right.shape and operator in ("cdot", "times", "ast"):
        yield combined(lambda a, b: a * b, left, right).costing(2, "the product is taken entry by entry")


def _scaling(left: Value, right: Value, vector: Value, matrix: Value, axes: tuple[int, int]) -> Iterator[Value]:
    """A vector such as ``f'(z)`` beside a matrix that stands for a diagonal matrix, in its place or out of it."""
    for axis, cost, said in ((axes[0], 3, DIAGONAL), (axes[1], 4, OUT_OF_ORDER)):
        if matrix.shape[axis] == vector.shape[0]:
            yield _joined(left, right, _on_diagonal(vector, matrix, axis), "", None, cost, said)


def _on_diagonal(vector: Value, matrix: Value, axis: int) -> Array:
    """The product of a matrix with the diagonal matrix of a vector, which meets the given axis of it."""
    places = fresh(matrix.array.indices)
    return Array(places, vector.array.at(places[axis]) * matrix.array.at(*places))


def _plain_out(left: Value, right: Value) -> int | None:
    return 0 if (left.out == 0 or right.out == 0) else None


def _without(array: Array, left: Value, right: Value) -> Array:
    """The same array with an axis of length one of a factor put at 0."""
    from sympy import S

    from symnn.formula.substitute import substitute_indices

    ones = {i: S.Zero for i in array.body.free_symbols if getattr(i, "dimension", None) == 1 and i not in array.indices}
    return Array(array.indices, substitute_indices(array.body, ones))


def _of_vectors(left: Value, right: Value, strict: bool, rows: bool) -> Iterator[Value]:
    same = left.shape == right.shape
    if rows and (left.turn == "column") != (right.turn == "column"):
        yield from _of_rows(left, right)
        return
    if right.turn == "row" and left.turn != "row":
        array = contract(left, right, [], [("left", 0), ("right", 0)])
        yield _joined(left, right, array, out=_plain_out(left, right))
        if same and not right.orient:
            yield combined(lambda a, b: a * b, left, right).costing(2)
        return
    if left.turn == "row" and right.turn != "row":
        if same:
            yield _joined(left, right, contract(left, right, [(0, 0)], []))
        return
    if same:
        entries = combined(lambda a, b: a * b, left, right)
        dot = _joined(left, right, contract(left, right, [(0, 0)], []))
        yield entries.costing(1, "the product is taken entry by entry")
        yield dot.costing(1)
    if not strict:
        rows = left.turn == "row" and right.turn == "row"
        array = contract(left, right, [], [("left", 0), ("right", 0)])
        if not rows:
            yield _joined(
                left,
                right,
                array,
                "",
                _plain_out(left, right),
                3,
                DOUBTFUL[1] if same else SIDE_BY_SIDE,
            )


def _of_rows(left: Value, right: Value) -> Iterator[Value]:
    """Products of a row with one that is transposed, and so a column: ``x^T g`` is a matrix, ``g x^T`` a number."""
    if left.turn == "column":
        array = contract(left, right, [], [("left", 0), ("right", 0)])
        yield _joined(left, right, array, out=_plain_out(left, right))
    elif left.shape == right.shape:
        yield _joined(left, right, contract(left, right, [(0, 0)], []))


__all__ = ["ENTRYWISE", "fresh", "of_two", "product"]
