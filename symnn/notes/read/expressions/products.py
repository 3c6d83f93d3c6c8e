"""Products: what a sign between two factors can mean, and the array that each meaning gives.

A product without a sign, a dot, a cross or an asterisk is loose: it may be a matrix product, a dot product, an outer
product, an elementwise product or a product with a number. The meanings are listed as patterns in the order of
preference; a transpose on the right factor asks for the outer product first.
"""

from __future__ import annotations

from symnn.formula.application import Array
from symnn.formula.index import Index, fresh_index
from symnn.formula.nodes import total
from symnn.network.arrays import Expression
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.constraints import Choice, Pattern
from symnn.notes.read.shapes.shapes import Solver
from symnn.notes.read.shapes.terms import Term

Row = tuple[str, Pattern]


def _pattern(text: str) -> Pattern:
    """``"m k, k -> m"`` as letters of both factors and of the result."""
    left, rest = text.split(",")
    right, result = rest.split("->")
    return tuple(tuple(part.split()) for part in (left, right, result))


_MATRIX: tuple[Row, ...] = tuple(
    (name, _pattern(text))
    for name, text in (
        ("matrix times vector", "m k, k -> m"),
        ("vector times matrix", "k, k n -> n"),
        ("matrix product", "m k, k n -> m n"),
    )
)
_BATCHED: tuple[Row, ...] = tuple(
    (name, _pattern(text))
    for name, text in (
        ("matrix product", "b m k, b k n -> b m n"),
        ("matrix product", "b m k, k n -> b m n"),
        ("matrix product", "m k, b k n -> b m n"),
        ("matrix times vector", "b m k, k -> b m"),
        ("matrix product", "b c m k, b c k n -> b c m n"),
        ("matrix product", "b c m k, k n -> b c m n"),
    )
)
DOT = "dot product"
_DOT: Row = (DOT, _pattern("k, k ->"))
_ROW: tuple[Row, ...] = (
    ("row times vector", _pattern("1 k, k ->")),
    ("vector times column", _pattern("k, k 1 ->")),
)
_OUTER: Row = ("outer product", _pattern("m, n -> m n"))
_SCALED: tuple[Row, ...] = tuple(
    ("product with a number", _pattern(text))
    for text in (
        ", ->", ", n -> n", "n, -> n", ", m n -> m n", "m n, -> m n", ", b m n -> b m n", "b m n, -> b m n",
        ", a b m n -> a b m n", "a b m n, -> a b m n",
    )
)  # fmt: skip
_ENTRYWISE: tuple[Row, ...] = tuple(
    ("elementwise product", _pattern(text))
    for text in ("n, n -> n", "m n, m n -> m n", "b m n, b m n -> b m n", "a b m n, a b m n -> a b m n")
)
_SPREAD: tuple[Row, ...] = tuple(
    ("product with every row", _pattern(text))
    for text in ("n, m n -> m n", "m n, n -> m n", "n, b m n -> b m n", "b m n, n -> b m n")
)


_LOOSE = (*_MATRIX, _DOT, *_ROW, *_SCALED, *_BATCHED, *_ENTRYWISE, _OUTER, *_SPREAD)
_ROWS: dict[str, tuple[Row, ...]] = {
    "matmul": (*_MATRIX, _DOT, *_ROW, *_BATCHED),
    "otimes": (_OUTER, *_SCALED),
}


def product(solver: Solver, operator: str, left: Term, right: Term, spot: Spot) -> Term:
    """The product of two terms under a sign that is loose, ``@`` or the outer product."""
    rows = _ROWS.get(operator, _LOOSE)
    if left.turned and not right.turned:
        # A transposed vector on the left asks for a dot product: sizes that differ are a clash, not an outer product.
        rows = tuple(row for row in rows if row is not _OUTER)
    result = solver.shape(origin=spot)

    def order(solver: Solver, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """A column times a row is an outer product first of all, a row times a column a dot product.

        An asterisk between two computed vectors, such as the gates of a cell, is an elementwise product.
        """
        left_row, right_row = left.is_row(solver), right.is_row(solver)
        wanted = [_OUTER[0]] if right_row and not left_row else [_DOT[0]] if left_row else []
        if solver.rank(left.shape) == 2 and solver.value(solver.dims(left.shape)[0]) == 1:
            wanted.append(_ROW[0][0])  # a matrix of one row times a vector is a number
        columns = not left_row and not right_row and solver.rank(left.shape) == solver.rank(right.shape) == 1
        if operator == "ast" and columns and not _is_leaf(left) and not _is_leaf(right):
            wanted.append(_ENTRYWISE[0][0])
        return tuple(sorted(numbers, key=lambda number: rows[number][0] not in wanted))

    choice = Choice(
        (left.shape, right.shape, result), tuple(row[1] for row in rows), tuple(row[0] for row in rows), spot,
        order=order, signal=operator == "matmul" or left.turned or right.turned,
    )  # fmt: skip
    solver.add(choice, choice.shapes)

    def build() -> Expression:
        assert choice.chosen is not None
        return contracted(left.build(), right.build(), choice.patterns[choice.chosen])

    def is_row(solver: Solver) -> bool:
        name = "" if choice.chosen is None else choice.names[choice.chosen]
        if name == "vector times matrix":
            return True
        if name in ("product with a number", "elementwise product"):
            return left.is_row(solver) or right.is_row(solver)
        return False

    number = left.number * right.number if left.number is not None and right.number is not None else None
    return Term(result, build, spot, number=number, is_row=is_row, free=left.free | right.free)


def _is_leaf(term: Term) -> bool:
    """Whether a factor is data or learned, by its name alone."""
    return term.variable is not None and term.variable.definition is None


def contracted(left: Expression, right: Expression, pattern: Pattern) -> Expression:
    """The product of two arrays by a pattern: letters that the result does not have are summed over."""
    first, second, result = pattern
    taken = {index.name for array in (left.array, right.array) for index in array.body.atoms(Index)}
    letters = iter([*(name for name in "klpqrs" if name not in taken), *["k"] * 4])
    indices: dict[str, Index] = {}
    places: list[list[Index | int]] = []
    for array, own_letters in ((left, first), (right, second)):
        own: list[Index | int] = []
        for letter, size in zip(own_letters, array.shape, strict=True):
            if letter == "1":
                own.append(0)
                continue
            if letter not in indices:
                name = next(letters) if letter not in result else "ijlpqr"[result.index(letter)]
                indices[letter] = fresh_index(name, size)
            own.append(indices[letter])
        places.append(own)
    body = left.array.at(*_integers(places[0])) * right.array.at(*_integers(places[1]))
    summed = [index for letter, index in indices.items() if letter not in result]
    return Expression(Array(tuple(indices[letter] for letter in result), total(body, *summed)))


def _integers(places: list[Index | int]) -> list[object]:
    import sympy

    return [sympy.Integer(place) if isinstance(place, int) else place for place in places]
