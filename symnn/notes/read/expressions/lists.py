"""Lists in brackets: ``[a, b, c]`` of numbers is a vector, ``[h, x]`` of vectors is one vector behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy

from symnn.formula.application import Array
from symnn.formula.index import fresh_index
from symnn.network.arrays import Expression
from symnn.notation.tree import Ellipsis, Name, Node, Number, Script
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.shapes.constraints import Choice, Operated
from symnn.notes.read.shapes.shapes import Clash, Dim, Shape, Solver
from symnn.notes.read.shapes.terms import Letter, Term
from symnn.notes.read.statements import Piece

if TYPE_CHECKING:
    from symnn.notes.read.expressions.arithmetic import Arithmetic
    from symnn.notes.read.passages import Spot
    from symnn.notes.read.scope import Scope

NUMBERS, ARRAYS = "numbers", "arrays"


@dataclass(eq=False)
class Listed(Choice):
    """The parts of a list: all numbers, or arrays that stand one behind the other along the last axis.

    A number beside vectors is one more entry. While neither is known, nothing is concluded; `kind` tells which it is.
    """

    parts: tuple[Shape, ...] = ()
    kind: str = ""
    sizes: tuple[Dim, ...] = ()
    whole: Dim | None = None

    @property
    def done(self) -> bool:
        """Whether there is no choice to make, now: a list of numbers may be a vector or a matrix of one column."""
        return self.kind != NUMBERS or self.chosen is not None

    def propagate(self, solver: Solver) -> None:
        """Find out what the parts are, and what follows from it."""
        if not self.kind:
            ranks = [solver.rank(part) for part in self.parts]
            if any(solver.top(part).least for part in self.parts):
                solver.set(self, "kind", ARRAYS)
            elif all(rank == 0 for rank in ranks):
                solver.set(self, "kind", NUMBERS)
        if self.kind == NUMBERS:
            self.demand_numbers(solver)
            super().propagate(solver)
        elif self.kind == ARRAYS:
            self.join(solver)

    def decide_numbers(self, solver: Solver) -> None:
        """Settle on a list of numbers."""
        solver.set(self, "kind", NUMBERS)
        self.propagate(solver)

    def demand_numbers(self, solver: Solver) -> None:
        """No part has an axis."""
        for part in self.parts:
            solver.set_dims(part, (), self.spot)

    def join(self, solver: Solver) -> None:
        """All arrays have the same number of axes and share all but the last, whose lengths add up."""
        result = self.shapes[-1]
        known = {rank for part in self.parts if (rank := solver.rank(part))}
        solver.at_least(result, 1)
        if not known and solver.rank(result) is not None:
            known = {len(solver.dims(result))}
        if not known:
            return
        if len(known) > 1:
            shown = " and ".join(solver.shown(part) for part in self.parts)
            raise Clash(f"parts of shapes {shown} cannot stand one behind the other")
        if not self.sizes:
            self.bind(solver, known.pop())
        self.add_up(solver)

    def bind(self, solver: Solver, rank: int) -> None:
        """Give every part and the result their axes; a number is an array of one entry."""
        shared = tuple(solver.dim() for _ in range(rank - 1))
        sizes = tuple(solver.dim() for _ in self.parts)
        for part, size in zip(self.parts, sizes, strict=True):
            if solver.rank(part) == 0:
                if shared:
                    raise Clash("a number cannot stand behind the rows of a matrix")
                solver.set_dim(size, sympy.S.One, self.spot)
            else:
                solver.set_dims(part, (*shared, size), self.spot)
        whole = solver.dim()
        solver.set_dims(self.shapes[-1], (*shared, whole), self.spot)
        solver.set(self, "sizes", sizes)
        solver.set(self, "whole", whole)
        for dim in (*sizes, whole):
            solver.root(dim).watchers.append(self)

    def add_up(self, solver: Solver) -> None:
        """The length of the whole is the sum of the others; the one that is not known follows."""
        assert self.whole is not None
        values = [solver.value(size) for size in self.sizes]
        whole = solver.value(self.whole)
        missing = [size for size, value in zip(self.sizes, values, strict=True) if value is None]
        told = sympy.Add(*[value for value in values if value is not None])
        if not missing:
            solver.set_dim(self.whole, told, self.spot)
        elif len(missing) == 1 and whole is not None:
            rest = sympy.expand(whole - told)
            if not rest.is_positive and not rest.free_symbols:
                raise Clash(f"{told} entries and more do not fit into {whole}")
            solver.set_dim(missing[0], rest, self.spot)


def may_join(nodes: Sequence[Node], *, stacked: bool) -> bool:
    """Whether the parts of a list may be arrays that stand one behind the other.

    Rows that are `stacked` on top of each other would be a matrix.
    """
    turned = [isinstance(node, Script) and is_transpose(node.sup) for node in nodes]
    return not any(turned) if stacked else all(turned) or not any(turned)


def joined(parts: Sequence[Expression]) -> Expression:
    """Arrays one behind the other along the last axis; a number is an array of one entry."""
    from symnn.operators.linear_algebra import concat

    result, *others = map(_with_axis, parts)
    for other in others:
        result = concat(result, other)
    return result


def family_of(nodes: Sequence[Node]) -> tuple[Script, int] | None:
    r"""The last member and the first label of ``O_1, \dots, O_H``; None for other lists.

    >>> from symnn.notation.latex import parse_latex
    >>> family_of(parse_latex(r"(O_1, O_2, \ldots, O_H)").items)[1]
    1
    """
    *members, dots, last = nodes if len(nodes) > 2 else (None, None, None)
    if not isinstance(dots, Ellipsis) or not isinstance(last, Script) or last.sub is None:
        return None
    first: int | None = None
    for place, node in enumerate(members):
        if not isinstance(node, Script) or not isinstance(node.sub, Number) or not node.sub.text.isdigit():
            return None
        if replace(node, sub=last.sub) != last:
            return None
        first = int(node.sub.text) if first is None else first
        if int(node.sub.text) != first + place:
            return None
    return None if first is None else (last, first)


def concatenated(reader: Arithmetic, nodes: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    """The members of a family of arrays, one behind the other along the last axis."""
    found = family_of(nodes)
    assert found is not None
    last, first = found
    assert last.sub is not None
    count = reader.model.size(last.sub, Piece(last.sub, scope.passage), scope.section) - first + 1
    name = next(letter for letter in "hgrsuv" if letter not in scope.letters)
    letter = Letter(name, reader.solver.dim(sympy.expand(count), spot), first, spot)
    member = replace(last, sub=Name(name, span=last.sub.span))
    term = reader.read(member, scope.with_letters({name: letter}))
    own = sympy.Symbol("_entries", integer=True, positive=True)
    whole = sympy.expand(own * count)
    result = reader.solver.shape(origin=spot)
    pattern = ((str(own),), (str(whole),))
    reader.solver.add(Operated((term.shape,), result, pattern, spot, computed=(whole,)), (term.shape, result))

    def build() -> Expression:
        array = term.build().array
        if array.rank > 2:
            raise spot.error("vectors or matrices can stand one behind the other, nothing with more axes")
        return side_by_side(Array((letter.index(reader.solver), *array.indices), array.body))

    return Term(result, build, spot, free=term.free - {letter})


def side_by_side(members: Array) -> Expression:
    """Vectors, or matrices, one behind the other along the last axis; the first axis counts them."""
    from symnn.operators.linear_algebra import concat_heads, flatten

    return (flatten if members.rank == 2 else concat_heads)(Expression(members))


def _with_axis(value: Expression) -> Expression:
    if value.rank:
        return value
    return Expression(Array((fresh_index("i", sympy.S.One),), value.array.body))
