"""Reading brackets: groups, norms, matrices, piecewise definitions."""

from __future__ import annotations

from typing import Any

import sympy

from symnn.formula.application import Array
from symnn.formula.index import fresh_index
from symnn.formula.nodes import Delta
from symnn.network import arrays
from symnn.network.arrays import Expression
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    Cases,
    Group,
    Name,
    Node,
    Number,
    Phrase,
    Relation,
)
from symnn.notes.read.expressions.arithmetic import Arithmetic
from symnn.notes.read.expressions.indexed import position_of
from symnn.notes.read.expressions.lists import ARRAYS, Listed, joined, may_join
from symnn.notes.read.expressions.ranges import bracketed, condition_of, guard_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.rewriting.members import Member
from symnn.notes.read.scope import Scope
from symnn.notes.read.shapes.constraints import Choice, Same
from symnn.notes.read.shapes.shapes import Shape, Solver
from symnn.notes.read.shapes.terms import Term

_COMPARE = {"<": "<", ">": ">", "le": "<=", "ge": ">=", "=": "==", "ne": "!="}


class Brackets(Arithmetic):
    """Reads groups, norms, matrices and cases."""

    def group(self, node: Group, scope: Scope) -> Term:
        """Brackets; bars are an absolute value or a norm."""
        spot = scope.passage.spot(node)
        if node.left in ("(", "[", "{"):
            relation = bracketed(node)
            guard = None if relation is None else guard_of(self, relation, scope)
            if guard is not None:
                return guard.term(self, node, scope)
            if isinstance(node.body, Relation | Phrase):
                raise spot.error("a relation where a value is expected")
            term = self.read(node.body, scope)
            return term
        if node.left == "‖":
            return self.norm(node, None, None, scope, spot)
        if node.left == "|":
            return self.entrywise(sympy.Abs, [self.read(node.body, scope)], spot)
        raise spot.error(f"the brackets {node.left} {node.right} are not understood")

    def norm(self, node: Group, sub: Node | None, sup: Node | None, scope: Scope, spot: Spot) -> Term:
        r"""``\|v\|^2``, ``\|W\|_F``, ``\|w\|_1``: over all entries."""
        body = self.read(node.body, scope)
        if self.solver.rank(body.shape) is None and body.variable is not None:
            self.solver.at_least(body.shape, 1)
        elif self.solver.rank(body.shape) is None:
            self.model.lengths.append(body.shape)
        kind = "2"
        if sub is not None:
            kind = sub.text if isinstance(sub, Number) else sub.base if isinstance(sub, Name) else "?"
        result = self.solver.shape([], spot)
        if kind == "1":
            term = Term(result, lambda: arrays.total(arrays.absolute(body.build())), spot, free=body.free)
        elif kind == "infty":
            term = Term(result, lambda: arrays.largest(arrays.absolute(body.build())), spot, free=body.free)
        elif kind in ("2", "F"):
            if kind == "2" and sub is not None:
                self.model.vectors.append((body.shape, spot))
            if isinstance(sup, Number) and sup.text == "2":
                return Term(result, lambda: arrays.total(body.build() ** 2), spot, free=body.free)
            term = Term(result, lambda: arrays.sqrt(arrays.total(body.build() ** 2)), spot, free=body.free)
        else:
            raise spot.error("a norm that is not understood", hint="1, 2, F and ∞ are")
        return term if sup is None else self.power(term, self.read(sup, scope), spot)

    def matrix(self, rows: list[list[Node]], scope: Scope, spot: Spot, *, stacked: bool = True) -> Term:
        """A matrix written out. One column is a vector first of all, and so is a list."""
        width = len(rows[0]) if rows else 0
        if not width or any(len(row) != width for row in rows):
            raise spot.error("a matrix whose rows differ in length")
        cells = [[self.read(cell, scope) for cell in row] for row in rows]
        if width == 1 and len(rows) > 1 and may_join([row[0] for row in rows], stacked=stacked):
            return self.listed([row[0] for row in cells], spot)
        for row in cells:
            for cell in row:
                self._demand_scalar(cell)
        result = self.solver.shape(origin=spot)
        high, wide = sympy.Integer(len(rows)), sympy.Integer(width)
        if len(rows) == 1 or width == 1:
            length = self.solver.dim(wide if len(rows) == 1 else high, spot)
            whole = (("1", "n"), ("n",)) if len(rows) == 1 else (("n",), ("n", "1"))
            probe = self.solver.shape([length], spot)
            choice = Choice((probe, result), tuple((("n",), letters) for letters in whole), ("matrix", "vector"), spot)
            self.solver.add(choice, choice.shapes)
        else:
            self.solver.set_dims(result, (self.solver.dim(high, spot), self.solver.dim(wide, spot)), spot)
        return Term(result, lambda: self._written_out(cells, result), spot, free=_free(cells))

    def member(self, node: Member, scope: Scope) -> Term:
        """A row or a column of a matrix; where it has one entry only, that number may be meant."""
        spot = scope.passage.spot(node)
        term = self.read(node.selected(), scope)
        result = self.solver.shape(origin=spot)

        def order(solver: Solver, numbers: tuple[int, ...]) -> tuple[int, ...]:
            """A vector first, unless it is known to have one entry."""
            alone = solver.rank(term.shape) == 1 and solver.value(solver.dims(term.shape)[0]) == 1
            return tuple(sorted(numbers, reverse=not alone))

        patterns = ((("1",), ()), (("n",), ("n",)))
        choice = Choice((term.shape, result), patterns, ("a number", "a vector"), spot, order=order)
        self.solver.add(choice, choice.shapes)

        def build() -> Expression:
            array = term.build().array
            return Expression(Array((), array.at(0)) if choice.chosen == 0 else array)

        return Term(result, build, spot, free=term.free)

    def listed(self, cells: list[Term], spot: Spot) -> Term:
        """A list in brackets: of numbers, or of arrays that stand one behind the other."""
        parts = tuple(cell.shape for cell in cells)
        result = self.solver.shape(origin=spot)
        probe = self.solver.shape([self.solver.dim(sympy.Integer(len(cells)), spot)], spot)
        patterns = ((("n",), ("n",)), (("n",), ("n", "1")))
        choice = Listed((probe, result), patterns, ("a vector", "a matrix of one column"), spot, parts=parts)
        self.solver.add(choice, (*parts, result))
        rows = [[cell] for cell in cells]

        def build() -> Expression:
            return (
                joined([cell.build() for cell in cells]) if choice.kind == ARRAYS else self._written_out(rows, result)
            )

        return Term(result, build, spot, free=_free(rows))

    def _written_out(self, cells: list[list[Term]], result: Shape) -> Expression:
        sizes = self.solver.values(result)
        indices = tuple(fresh_index("ij"[axis], size) for axis, size in enumerate(sizes))
        entries = []
        for i, row in enumerate(cells):
            for j, cell in enumerate(row):
                body = cell.build().array.body
                if len(indices) == 2:
                    entries.append(body * Delta(indices[0], i) * Delta(indices[1], j))
                else:
                    entries.append(body * Delta(indices[0], max(i, j)))
        return Expression(Array(indices, sympy.Add(*entries)))

    def _demand_scalar(self, term: Term) -> None:
        self.solver.add(Same(term.shape, self.solver.shape([], term.spot), term.spot), [term.shape])

    def cases(self, node: Cases, scope: Scope) -> Term:
        """A piecewise definition, entry by entry. The last branch is the default."""
        spot = scope.passage.spot(node)
        if not node.branches:
            raise spot.error("no branches")
        padded = self.padded(node, scope, spot)
        if padded is not None:
            return padded
        values = [self.read(branch.value, scope) for branch in node.branches]
        conditions: list[list[tuple[str, Term, Term]]] = []
        for number, branch in enumerate(node.branches):
            last = number == len(node.branches) - 1
            relation = condition_of(branch.condition)
            if relation is None:
                if not last or isinstance(branch.condition, Phrase):
                    where = spot if branch.condition is None else scope.passage.spot(branch.condition)
                    raise where.error("a condition that is not understood", hint="compare two values, such as x > 0")
                conditions.append([])
            else:
                conditions.append(self.comparisons(relation, scope))
        if conditions[-1]:
            if len(conditions) == 1 or not _covers([condition_of(b.condition) for b in node.branches]):
                raise spot.error("the conditions do not cover every case", hint=r"end with \text{otherwise}")
            conditions[-1] = []
        operands = [
            *values,
            *(side for row in conditions for _, left, right in row for side in (left, right)),
        ]
        count = len(values)
        layout = [[operator for operator, _, _ in row] for row in conditions]

        def build(*bodies: Any) -> Any:
            from symnn.formula.nodes import AllOf, Compare
            from symnn.formula.nodes import Cases as CasesNode

            sides = iter(bodies[count:])
            branches = []
            for row, value in zip(layout[:-1], bodies[: count - 1], strict=True):
                held = [Compare(operator, next(sides), next(sides)) for operator in row]
                branches.append((held[0] if len(held) == 1 else AllOf(*held), value))
            return CasesNode(branches, bodies[count - 1]) if branches else bodies[count - 1]

        term = self.entrywise(build, operands, spot)
        term.number = None
        return term

    def padded(self, node: Cases, scope: Scope, spot: Spot) -> Term | None:
        """A value inside a range of its index, and zero outside; None for another piecewise definition."""
        if len(node.branches) != 2 or node.branches[1].value != Number("0"):
            return None
        inside, outside = node.branches
        relation = condition_of(inside.condition)
        if relation is None or condition_of(outside.condition) is not None:
            return None
        guard = guard_of(self, relation, scope)
        if guard is None:
            return None
        value = self.read(inside.value, scope.with_guards([guard]))
        return self.entrywise(lambda a, b: a * b, [guard.term(self, relation, scope), value], spot)

    def comparisons(self, relation: Relation, scope: Scope) -> list[tuple[str, Term, Term]]:
        """The comparisons of a chain such as ``0 < x < 1``."""
        if relation.first is None:
            raise scope.passage.spot(relation).error("a comparison without a left side")
        if any(link.operator not in _COMPARE or link.right is None for link in relation.links):
            raise scope.passage.spot(relation).error("a condition that is not understood")
        nodes = [relation.first, *(link.right for link in relation.links if link.right is not None)]
        sides = [self.place_alone(node, scope) for node in nodes]
        if any(side is None for side in sides):
            sides = [self.read(node, scope) for node in nodes]
        terms = [side for side in sides if side is not None]
        operators = [_COMPARE[link.operator] for link in relation.links]
        return list(zip(operators, terms, terms[1:], strict=False))

    def place_alone(self, node: Node, scope: Scope) -> Term | None:
        """One index letter, perhaps with a number added, whose first value is not said.

        Compared with another such place it does not matter where both count from.
        """
        spot = scope.passage.spot(node)
        letters = [scope.letters.get(n.base) for n in walk(node) if isinstance(n, Name)]
        if len(letters) != 1 or letters[0] is None or letters[0].first is not None:
            return None
        place = position_of(self, node, scope)
        if place.only is None:
            return None
        return Term(
            self.solver.shape([], spot),
            lambda: Expression(Array((), place.value(self.solver))),
            spot,
            free=frozenset([letters[0]]),
        )


def _free(cells: list[list[Term]]) -> frozenset[Any]:
    return frozenset().union(*(cell.free for row in cells for cell in row))


_OPPOSITE = {"<": "ge", "ge": "<", ">": "le", "le": ">", "=": "ne", "ne": "="}


def _covers(relations: list[Relation | None]) -> bool:
    """Whether the last condition is the opposite of the one before it."""
    if len(relations) != 2:
        return False
    first, second = relations
    if first is None or second is None or len(first.links) != 1 or len(second.links) != 1:
        return False
    one, other = first.links[0], second.links[0]
    if first.first == second.first and one.right == other.right:
        return _OPPOSITE.get(one.operator) == other.operator
    return False
