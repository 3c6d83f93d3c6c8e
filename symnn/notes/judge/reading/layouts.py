r"""Vectors that a claim takes for columns in one place and for rows in another: ``A x + x A``, ``x^T A x = A x^T x``.

Each of them can be read, since a vector has one axis either way, but a claim that only holds so is not right as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, pairwise

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.links import Link
from symnn.notes.judge.reading.reader import ClaimReader
from symnn.notes.judge.reading.sortings import raised_pieces, sortings
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement

MATRIX_PRODUCTS = ("juxtaposed", "cdot", "matmul")
MOST_PAIRS = 2000
TWICE = "it holds only if {} is a column in one place and a row in another"


def in_one_layout(context: Context, link: Link, reader: ClaimReader, found: Decision) -> Decision:
    """A claim that holds is undecided where it multiplies the same vector with matrices as a column and as a row.

    In a document that writes transposes it may neither take for a row what stands as a column in other formulas.
    """
    if found.verdict not in ("proved", "agrees"):
        return found
    columns: set[Key] = set()
    rows: set[Key] = set()
    for key, as_column in _uses(reader, _beside_each_other(link.nodes)):
        (columns if as_column else rows).add(key)
    if rows and context.strict:
        columns |= {key for key, as_column in _uses(reader, _in_all(tuple(context.statements))) if as_column}
    both = sorted(columns & rows, key=str)
    return Decision("undecided", TWICE.format(both[0]), found.pair) if both else found


@lru_cache(maxsize=4)
def _in_all(statements: tuple[Statement, ...]) -> tuple[tuple[Node, Node], ...]:
    """The factors that stand beside each other in the formulas of a document."""
    nodes = (piece.node for s in statements for piece in (s.first, *(step.right for step in s.steps)))
    return tuple(islice(_beside_each_other(nodes), MOST_PAIRS))


def _beside_each_other(nodes: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
    for node in nodes:
        for part in walk(node):
            if isinstance(part, t.Product) and part.operator in MATRIX_PRODUCTS:
                yield from pairwise(part.factors)


def _uses(reader: ClaimReader, pairs: Iterable[tuple[Node, Node]]) -> Iterator[tuple[Key, bool]]:
    """The vectors beside matrices, and whether each is a column there."""
    for one, other in pairs:
        left, right = _shape_of(reader, one), _shape_of(reader, other)
        if left is None or right is None:
            continue
        if (left[1], right[1]) == (2, 1):
            yield right[0], not right[2]
        elif (left[1], right[1]) == (1, 2):
            yield left[0], left[2]


def _shape_of(reader: ClaimReader, node: Node) -> tuple[Key, int, bool] | None:
    """The key of a name, its number of axes, and whether it is transposed."""
    parts = parts_of(node)
    if parts is None:
        return None
    turned = any(is_transpose(piece) for sup in parts.sups for piece in raised_pieces(sup))
    for sorted_ in sortings(parts):
        tensor = reader.world.tensors.get(sorted_.key)
        if tensor is not None:
            return sorted_.key, tensor.rank - len(sorted_.indices), turned
    return None
