r"""Products of matrices and vectors as chains of links, and their contraction.

A sum of products over indices is a graph: an index is a vertex, a factor with two indices an edge, a factor with one
index a weight on its vertex. Bound indices are eliminated one at a time: one that ends an edge gives a matrix times a
vector, one between two edges a matrix product, one on its own a scalar product. What needs a third edge at an index has
no matrix notation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Mul

from symnn.formula.index import Index
from symnn.formula.nodes import Total
from symnn.notation.tree import Group, Name, Node, Number, Script
from symnn.write.notate.build import (
    IDENTITY,
    ONE,
    ONES,
    applied,
    as_factor,
    fraction,
    hadamard,
    juxtaposed,
    powered,
    transposed,
)


class NoMatrixForm(Exception):
    """The formula has no matrix notation; it is written entry by entry instead."""


@dataclass(frozen=True)
class Link:
    """One factor of a chain: a printed vector (rank 1) or matrix (rank 2), as it stands or transposed."""

    node: Node
    rank: int
    transposed: bool = False
    symmetric: bool = False


Chain = tuple[Link, ...]
IDENTITY_LINK = Link(IDENTITY, 2, symmetric=True)


def turned(chain: Chain) -> Chain:
    """The transpose of a chain: backwards, each link transposed."""
    return tuple(
        link if link.symmetric else Link(link.node, link.rank, not link.transposed) for link in reversed(chain)
    )


def chain_node(chain: Chain) -> Node:
    """A chain as it is printed."""
    shown = [transposed(link.node) if link.transposed else link.node for link in chain]
    if len(shown) == 1:
        return shown[0]
    return juxtaposed(as_factor(node, place == len(shown) - 1) for place, node in enumerate(shown))


@dataclass(frozen=True)
class Weight:
    """A factor of a product entry by entry: a chain with a power, and the formula that it prints."""

    chain: Chain
    power: int
    raw: Expr
    key: tuple[Any, ...] = ()


def product_of(weights: Sequence[Weight], rank: int) -> Chain:
    """Weights on the same indices, multiplied entry by entry."""
    ordered = sorted(weights, key=lambda weight: weight.key)
    if len(ordered) == 1 and ordered[0].power == 1:
        return ordered[0].chain
    above = [node for w in ordered if w.power > 0 for node in _powers(w, rank)]
    below = [node for w in ordered if w.power < 0 for node in _powers(w, rank)]
    top = hadamard(above) if above else ONE
    return (Link(fraction(top, hadamard(below)) if below else top, rank),)


def _powers(weight: Weight, rank: int) -> list[Node]:
    node, count = chain_node(weight.chain), abs(weight.power)
    if count == 1:
        return [Group(node) if len(weight.chain) > 1 else node]
    if rank == 1:
        return [powered(node, Number(str(count)))]
    # The square of a matrix would be read as a matrix product.
    if count > 3:
        raise NoMatrixForm("a high power of the entries of a matrix")
    return [node] * count


@dataclass
class Contraction:
    """A product of factors with one or two indices each, summed over the bound ones.

    `fallback` prints a scalar sum entry by entry where no product of vectors says it better.
    """

    bound: list[Index]
    fallback: Callable[[Expr, list[Index]], Node]
    vertices: dict[Index, list[Weight]] = field(default_factory=dict)
    edges: dict[tuple[Index, Index], list[Weight]] = field(default_factory=dict)
    scalars: list[tuple[Node, Expr]] = field(default_factory=list)
    removed: dict[int, list[Index]] = field(default_factory=dict)

    def add_vector(self, index: Index, weight: Weight) -> None:
        self.vertices.setdefault(index, []).append(weight)

    def add_matrix(self, row: Index, column: Index, weight: Weight) -> None:
        """Add a factor whose chain has its rows at one index and its columns at another."""
        if (column, row) in self.edges:
            row, column = column, row
            weight = Weight(turned(weight.chain), weight.power, weight.raw, weight.key)
        self.edges.setdefault((row, column), []).append(weight)

    def run(self) -> None:
        """Eliminate every bound index. Raises `NoMatrixForm` when one of them joins three factors."""
        left = list(self.bound)
        while left:
            degrees = {index: len(self.touching(index)) for index in left}
            index = min(left, key=lambda i: degrees[i])
            left.remove(index)
            match degrees[index]:
                case 0:
                    self._scalar_product(index)
                case 1:
                    (pair,) = self.touching(index)
                    other = pair[0] if pair[1] == index else pair[1]
                    if other in left and degrees[other] == 1 and not self._weighted(index, other):
                        left.remove(other)
                        self._sum_of_matrix(pair)
                    else:
                        self._matrix_vector(pair, index, other)
                case 2:
                    self._matrix_product(index)
                case _:
                    raise NoMatrixForm(f"the index {index} joins three matrices")

    def touching(self, index: Index) -> list[tuple[Index, Index]]:
        return [pair for pair in self.edges if index in pair]

    def _weighted(self, *indices: Index) -> bool:
        return any(self.vertices.get(index) for index in indices)

    def edge(self, pair: tuple[Index, Index], row: Index) -> tuple[Chain, Expr]:
        """The factors of an edge as one chain with the given index for its rows, and their formula."""
        weights = self.edges.pop(pair)
        chain = product_of(weights, 2)
        raw = Mul(*[w.raw for w in weights])
        return (chain if pair[0] == row else turned(chain)), raw

    def _raw_sum(self, raw: Expr, index: Index) -> Expr:
        return Total(raw, index)

    def _scalar_product(self, index: Index) -> None:
        weights = sorted(self.vertices.pop(index, []), key=lambda weight: weight.key)
        raw = Mul(*[w.raw for w in weights])
        if not weights:
            raise NoMatrixForm("a sum of nothing")
        self.scalars.append((self._dot(weights, raw, index), self._raw_sum(raw, index)))

    def _dot(self, weights: list[Weight], raw: Expr, index: Index) -> Node:
        if any(w.power < 0 for w in weights):
            return self.fallback(raw, [index])
        if len(weights) == 1:
            (only,) = weights
            if only.power == 2:
                return Script(Group(chain_node(only.chain), "‖", "‖"), None, Number("2"))
            if only.power == 1 and len(only.chain) > 1:
                return chain_node((Link(ONES, 1, True), *only.chain))
            return self.fallback(raw, [index])
        if len(weights) == 2 and len(weights[0].chain) > 1 and len(weights[1].chain) == 1:
            weights.reverse()
        first, rest = weights[0], weights[1:]
        if first.power != 1:
            first = Weight(product_of([first], 1), 1, first.raw)
        return chain_node((*turned(first.chain), *product_of(rest, 1)))

    def _sum_of_matrix(self, pair: tuple[Index, Index]) -> None:
        """The sum of all entries: a trace, a norm, or what it is."""
        weights = sorted(self.edges.pop(pair), key=lambda weight: weight.key)
        raw = Mul(*[w.raw for w in weights])
        summed = self._raw_sum(self._raw_sum(raw, pair[1]), pair[0])
        powers = [w.power for w in weights]
        if powers == [2]:
            node: Node = Script(Group(chain_node(weights[0].chain), "‖", "‖"), Name("F"), Number("2"))
        elif powers == [1, 1]:
            inside = (*turned(weights[0].chain), *weights[1].chain)
            node = applied(Name("tr", font="operatorname"), [chain_node(inside)])
        elif powers == [1] and len(weights[0].chain) > 1:
            node = chain_node((Link(ONES, 1, True), *weights[0].chain, Link(ONES, 1)))
        else:
            node = self.fallback(raw, list(pair))
        self.scalars.append((node, summed))

    def _matrix_vector(self, pair: tuple[Index, Index], index: Index, other: Index) -> None:
        chain, raw = self.edge(pair, other)
        weights = self.vertices.pop(index, [])
        vector = product_of(weights, 1) if weights else (Link(ONES, 1),)
        raw = self._raw_sum(raw * Mul(*[w.raw for w in weights]), index)
        self.add_vector(other, Weight((*chain, *vector), 1, raw, (3.5, 0, ())))

    def _matrix_product(self, index: Index) -> None:
        first, second = self.touching(index)
        row = first[0] if first[1] == index else first[1]
        column = second[0] if second[1] == index else second[1]
        left, left_raw = self.edge(first, row)
        right, right_raw = self.edge(second, index)
        weights = self.vertices.pop(index, [])
        middle = (diagonal(weights),) if weights else ()
        raw = self._raw_sum(left_raw * right_raw * Mul(*[w.raw for w in weights]), index)
        self.add_matrix(row, column, Weight((*left, *middle, *right), 1, raw, (3.5, 0, ())))

    # -- results ----------------------------------------------------------------------------------------------

    def vector(self, index: Index) -> Chain | None:
        """The vector at a free index; None when nothing depends on it."""
        weights = self.vertices.get(index)
        return product_of(weights, 1) if weights else None

    def matrix(self, row: Index, column: Index) -> Chain | None:
        """The matrix over two free indices; None when nothing depends on either."""
        pair = (row, column) if (row, column) in self.edges else (column, row)
        left, right = self.vertices.get(row), self.vertices.get(column)
        if pair not in self.edges:
            if not left and not right:
                return None
            first = product_of(left, 1) if left else spread(row)
            second = product_of(right, 1) if right else spread(column)
            return (*first, *turned(second))
        weights = self.edges[pair]
        plain = [w for w in weights if w.chain != (IDENTITY_LINK,)]
        if not plain:
            both = [*(left or []), *(right or [])]
            return (diagonal(both),) if both else (IDENTITY_LINK,)
        if len(plain) < len(weights):
            raise NoMatrixForm("the diagonal of a matrix")
        chain = product_of(weights, 2)
        if pair[0] != row:
            chain = turned(chain)
        before = (diagonal(left),) if left else ()
        after = (diagonal(right),) if right else ()
        return (*before, *chain, *after)


def spread(index: Index) -> Chain:
    """The vector of ones over an axis; nothing over an axis of size 1."""
    return () if index.dimension == 1 else (Link(ONES, 1),)


def diagonal(weights: Sequence[Weight]) -> Link:
    """The diagonal matrix of a vector."""
    inside = chain_node(product_of(weights, 1))
    return Link(applied(Name("diag", font="operatorname"), [inside]), 2, symmetric=True)
