"""From a part of a claim to its admissible values.

Names mean what the world says. Where a notation may mean several things, all of them are kept, the likeliest first;
where it means nothing that is certain, `NotUnderstood` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Add, S

from symnn.formula.application import Array
from symnn.formula.index import Index
from symnn.formula.nodes import AllOf, Compare, Delta, Extreme, Total
from symnn.formula.nodes import Cases as CasesNode
from symnn.formula.powers import power
from symnn.network.arrays import Expression, inverse
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.blocks import behind_each_other, family
from symnn.notes.judge.reading.products import ENTRYWISE, product
from symnn.notes.judge.reading.values import Value, best, combined, contract, fresh, scalar, shown, transposed
from symnn.notes.judge.worlds.world import World
from symnn.notes.read.names import Key
from symnn.notes.read.symbols import is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.decision.pairs import Pair
    from symnn.notes.judge.worlds.conventions import Conventions

MAX_DEPTH = 60
MATRIX_POWERS = (2, 3, 4)
COMPARISONS = {"<": "<", ">": ">", "le": "<=", "ge": ">=", "=": "==", "ne": "!="}


@dataclass(frozen=True)
class Scope:
    """Index letters in use, and the values of parameters where the body of a function is read."""

    letters: dict[str, Index] = field(default_factory=dict)
    parameters: dict[Key, Value] = field(default_factory=dict)
    firsts: dict[str, int] = field(default_factory=dict)
    depth: int = 0

    def deeper(self) -> Scope:
        """The same scope one level further down. Raises NotUnderstood when that is too deep."""
        if self.depth > MAX_DEPTH:
            raise NotUnderstood("it is nested too deeply")
        return replace(self, depth=self.depth + 1)


class ClaimReader:
    """Reads the parts of one statement in one world."""

    def __init__(self, world: World, conventions: Conventions, differentials: Differentials) -> None:
        self.world = world
        self.conventions = conventions
        self.differentials = differentials
        self.free: dict[str, Index] = {}
        self.touched: set[Any] = set()
        self.claim: tuple[Node, ...] = ()
        self.exists: set[tuple[Any, Any]] = set()
        self.direct: list[t.Derivative] = []
        self.narrow: Callable[[Pair], Pair] | None = None
        """What narrows a claim down to where it is said to hold, when the slip in it is looked for."""
        self.remembered: dict[object, list[Value]] | None = None

    def apart(self) -> ClaimReader:
        """A reader of the same claim in a copy of its world, for trying what may mention other names.

        It remembers what it has read: most parts of what is tried are the same.
        """
        other = ClaimReader(self.world.copied(), self.conventions, self.differentials)
        other.remembered = None if self.direct else {}
        other.free, other.claim, other.exists = dict(self.free), self.claim, set(self.exists)
        other.direct, other.narrow = self.direct, self.narrow
        return other

    # -- dispatch -----------------------------------------------------------------------------------------------------

    def read(self, node: Node, scope: Scope) -> list[Value]:
        """The admissible values of a tree, the likeliest first. Raises NotUnderstood when there is none."""
        spend()
        scope = scope.deeper()
        known = None if scope.parameters else self.remembered
        mark = (node, *scope.letters.items(), *scope.firsts.items()) if known is not None else ()
        if known is not None and mark in known:
            return known[mark]
        try:
            found = best(self._read(node, scope))
            if known is not None:
                known[mark] = found
            return found
        except NotUnderstood as error:
            if error.span is None and node.span is not None:
                error.span = node.span
            raise

    def _read(self, node: Node, scope: Scope) -> list[Value]:
        from symnn.notes.judge.gradients import derivatives
        from symnn.notes.judge.reading import calls, naming

        match node:
            case t.Number():
                return [scalar(exact(node.text))]
            case t.Sum():
                return self.sum(node, scope)
            case t.Negative():
                return [_negated(value) for value in self.read(node.body, scope)]
            case t.Product():
                return calls.product_of(self, node, scope)
            case t.Quotient():
                return self.quotient(node, scope)
            case t.Root():
                return self.root(node, scope)
            case t.Group():
                return self.group(node, scope)
            case t.BigOperator():
                return self.big(node, scope)
            case t.Call():
                return calls.call(self, node, scope)
            case t.Cases():
                return self.cases(node, scope)
            case t.Matrix():
                return self.matrix([list(row) for row in node.rows], scope)
            case t.Sequence() if node.left in ("(", "[") and node.separator in (",", ";"):
                return family(self, node.items, scope) or self.matrix([[item] for item in node.items], scope)
            case t.Derivative():
                return derivatives.derivative(self, node, scope)
            case t.Nabla():
                return derivatives.nabla(self, node, scope)
            case t.EvaluatedAt():
                return derivatives.evaluated(self, node, scope)
            case t.Name() | t.Script() | t.Prime() | t.Accent() | t.Text():
                return naming.named(self, node, scope)
            case t.Ellipsis():
                raise NotUnderstood("dots stand for something that is not written")
            case _:
                raise NotUnderstood(f"{type(node).__name__.lower()} is not understood in a claim")

    # -- arithmetic ---------------------------------------------------------------------------------------------------

    def entrywise(self, function: Callable[..., Any], parts: Sequence[Sequence[Value]]) -> list[Value]:
        """A function of scalars applied entry by entry to every admissible combination that fits."""
        rows: list[Value] = [*parts[0]] if len(parts) > 1 else [_mapped(function, value) for value in parts[0]]
        if len(parts) == 1:
            return rows
        if len(parts) > 2:
            raise ValueError("at most two parts at a time")
        found: list[Value] = []
        problem: DoesNotFit | None = None
        for left in parts[0]:
            for right in parts[1]:
                try:
                    found.append(combined(function, left, right))
                except DoesNotFit as error:
                    problem = problem or error
        if not found:
            assert problem is not None
            raise problem
        return best(found)

    def sum(self, node: t.Sum, scope: Scope) -> list[Value]:
        """``a + b - c``. A number is added to an array only as a number to each entry, which costs."""
        if any(term.sign not in ("+", "-") for term in node.terms):
            raise NotUnderstood("± has two values")
        result: list[Value] | None = None
        for term in node.terms:
            values = self.read(term.term, scope)
            if term.sign == "-":
                values = [_negated(value) for value in values]
            result = values if result is None else self.added(result, values)
        assert result is not None
        return result

    def added(self, lefts: Sequence[Value], rights: Sequence[Value]) -> list[Value]:
        """The sums of two parts: arrays of the same shape, or one whose axis has length one."""
        found: list[Value] = []
        problem: DoesNotFit | None = None
        for left in lefts:
            for right in rights:
                try:
                    value = combined(lambda a, b: a + b, left, right)
                except DoesNotFit as error:
                    problem = problem or error
                    continue
                mixed = (left.rank == 0) != (right.rank == 0)
                found.append(value.costing(2) if mixed else value)
        if not found:
            assert problem is not None
            raise problem
        return best(found)

    def quotient(self, node: t.Quotient, scope: Scope) -> list[Value]:
        """A fraction, entry by entry where the denominator is an array."""
        tops, bottoms = self.read(node.numerator, scope), self.read(node.denominator, scope)
        if all(value.rank == 0 and value.array.body.is_zero for value in bottoms):
            raise NotUnderstood("division by zero")
        return self.entrywise(lambda a, b: a / b, [tops, bottoms])

    def root(self, node: t.Root, scope: Scope) -> list[Value]:
        """A root, entry by entry."""
        values = self.read(node.radicand, scope)
        if node.degree is None:
            return self.entrywise(sympy.sqrt, [values])
        return self.entrywise(lambda a, n: power(a, 1 / n), [values, self.read(node.degree, scope)])

    def power(self, bases: Sequence[Value], exponents: Sequence[Value]) -> list[Value]:
        """A power: entry by entry, or the squared length of a vector, or a power of a square matrix."""
        found: list[Value] = []
        for base in bases:
            for exponent in exponents:
                if exponent.rank:
                    continue
                said: tuple[str, ...] = () if base.rank == 0 else ("the power is taken entry by entry",)
                found.append(combined(power, base, exponent).costing(1 if base.rank else 0, *said))
                if base.rank == 2 and base.shape[0] == base.shape[1] and exponent.array.body in MATRIX_POWERS:
                    found.append(_matrix_power(base, int(exponent.array.body)))
                if base.rank == 1 and exponent.array.body == 2:
                    index = base.array.indices[0]
                    found.append(replace(scalar(Total(base.array.body**2, index)), cost=base.cost + 2, said=base.said))
        if not found:
            raise NotUnderstood("an exponent that is no number")
        return best(found)

    # -- brackets -----------------------------------------------------------------------------------------------------

    def group(self, node: t.Group, scope: Scope) -> list[Value]:
        """Brackets; bars are an absolute value or a norm."""
        if node.left in ("(", "[", "{"):
            if isinstance(node.body, t.Relation | t.Phrase):
                raise NotUnderstood("a relation where a value is expected")
            if node.left == "[" and not isinstance(node.body, t.Sequence):
                return self.read(node.body, scope)
            return self.read(node.body, scope)
        if node.left == "‖":
            return self.norm(node, None, None, scope)
        if node.left == "|":
            return self.entrywise(sympy.Abs, [self.read(node.body, scope)])
        raise NotUnderstood(f"the brackets {node.left} {node.right} are not understood")

    def norm(self, node: t.Group, sub: Node | None, sup: Node | None, scope: Scope) -> list[Value]:
        r"""``\|v\|^2``, ``\|W\|_F``, ``\|w\|_1``: over all entries."""
        kind = "2"
        if sub is not None:
            kind = sub.text if isinstance(sub, t.Number) else sub.base if isinstance(sub, t.Name) else "?"
            if isinstance(sub, t.Text):
                kind = sub.content
        squared = isinstance(sup, t.Number) and sup.text == "2"
        found = []
        for value in self.read(node.body, scope):
            body, indices = value.array.body, value.array.indices
            inner = sympy.Abs(body) if kind in ("1", "infty") else body**2
            for index in reversed(indices):
                inner = Extreme(inner, index) if kind == "infty" else Total(inner, index)
            if kind not in ("1", "2", "F", "infty"):
                raise NotUnderstood("a norm that is not understood")
            result = inner if squared or kind in ("1", "infty") else sympy.sqrt(inner)
            if kind in ("1", "infty") and squared:
                result = inner**2
            found.append(replace(scalar(result), cost=value.cost, said=value.said))
        if sup is not None and not squared:
            return self.power(found, self.read(sup, scope))
        return found

    def matrix(self, rows: list[list[Node]], scope: Scope) -> list[Value]:
        """A literal: a column, a row or a matrix of numbers, as entries picked by position."""
        if any(isinstance(cell, t.Ellipsis) for row in rows for cell in row):
            raise NotUnderstood("dots in a matrix stand for entries that are not written")
        if len({len(row) for row in rows}) != 1:
            raise NotUnderstood("the rows of a matrix differ in length")
        cells = [[self.read(cell, scope)[0] for cell in row] for row in rows]
        if any(cell.rank for row in cells for cell in row):
            return [behind_each_other(cells)]
        height, width = len(cells), len(cells[0])
        i, j = Index("i", sympy.Integer(height)).fresh(), Index("j", sympy.Integer(width)).fresh()
        if height == 1 and width == 1:
            return [cells[0][0], replace(_picked([i], [row[0] for row in cells]), cost=1)]
        if width == 1:
            return [replace(_picked([i], [row[0] for row in cells]), turn="column")]
        if height == 1:
            return [replace(_picked([j], cells[0]), turn="row", cost=0)]
        body = Add(*[
            cell.array.body * _at(i, place) * _at(j, other)
            for place, row in enumerate(cells) for other, cell in enumerate(row)
        ])  # fmt: skip
        return [Value(Array((i, j), body))]

    # -- cases --------------------------------------------------------------------------------------------------------

    def cases(self, node: t.Cases, scope: Scope) -> list[Value]:
        """A piecewise value. A branch that leaves its value open (``?``) or unwritten is left out."""
        same = self._same_places(node, scope)
        if same is not None:
            return same
        branches: list[tuple[Any, Value]] = []
        default: Value | None = None
        for branch in node.branches:
            condition = relation_in(branch.condition)
            if condition is None and branch.condition is not None and not _is_otherwise(branch.condition):
                raise NotUnderstood("a condition that is not understood")
            if _is_open(branch.value):
                if condition is None or not _is_equality(condition):
                    raise NotUnderstood("a branch without a value")
                continue
            value = self.read(branch.value, scope)[0]
            if condition is None:
                default = value
                break
            branches.append((condition, value))
        if default is None:
            if not branches:
                raise NotUnderstood("cases without a value")
            default = branches.pop()[1]
        wide = max([default, *(value for _, value in branches)], key=lambda v: v.rank)
        compared = [self.comparisons(condition, scope) for condition, _ in branches]
        for parts in compared:
            for _, left, right in parts:
                wide = max([wide, left, right], key=lambda v: v.rank)
        places = fresh(wide.array.indices)

        def at(value: Value) -> Any:
            if value.rank == 0:
                return value.array.body
            if value.shape != wide.shape:
                raise DoesNotFit(f"shapes {shown(value.shape)} and {shown(wide.shape)} in one case distinction")
            return value.array.at(*places)

        pairs = []
        for (_, value), parts in zip(branches, compared, strict=True):
            held = [Compare(operator, at(left), at(right)) for operator, left, right in parts]
            pairs.append((held[0] if len(held) == 1 else AllOf(*held), at(value)))
        body = CasesNode(pairs, at(default)) if pairs else at(default)
        return [Value(Array(places, body), None, wide.turn)]

    def _same_places(self, node: t.Cases, scope: Scope) -> list[Value] | None:
        """``a if i = j, else b`` for index letters i and j, as ``a δ_ij + b (1 - δ_ij)``; None for other cases."""
        if len(node.branches) != 2 or any(_is_open(branch.value) for branch in node.branches):
            return None
        conditions = [relation_in(branch.condition) for branch in node.branches]
        values = [self.read(branch.value, scope)[0] for branch in node.branches]
        first, other = (None if c is None else self._letters(c, scope) for c in conditions)
        if first is None or any(value.rank for value in values):
            return None
        operator, ends = first
        last = node.branches[1].condition
        if other is None:
            if conditions[1] is not None or not (last is None or _is_otherwise(last)):
                return None
        elif set(other[1]) != set(ends) or other[0] == operator:
            return None
        equal, apart = values if operator == "=" else reversed(values)
        delta = Delta(*ends)
        return [scalar(equal.array.body * delta + apart.array.body * (1 - delta))]

    def _letters(self, relation: t.Relation, scope: Scope) -> tuple[str, tuple[Index, Index]] | None:
        """The operator and the indices of ``i = j`` or ``i ≠ j``, where both are index letters here."""
        if relation.first is None or len(relation.links) != 1 or relation.links[0].operator not in ("=", "ne"):
            return None
        ends = []
        for end in (relation.first, relation.links[0].right):
            index = scope.letters.get(end.base) or self.free.get(end.base) if isinstance(end, t.Name) else None
            if index is None:
                return None
            ends.append(index)
        return (relation.links[0].operator, (ends[0], ends[1])) if ends[0].dimension == ends[1].dimension else None

    def comparisons(self, relation: t.Relation, scope: Scope) -> list[tuple[str, Value, Value]]:
        """The comparisons of a chain such as ``0 < x < 1``."""
        if relation.first is None:
            raise NotUnderstood("a comparison without a left side")
        found = []
        left = self.read(relation.first, scope)[0]
        for link in relation.links:
            if link.operator not in COMPARISONS or link.right is None:
                raise NotUnderstood("a condition that is not understood")
            right = self.read(link.right, scope)[0]
            found.append((COMPARISONS[link.operator], left, right))
            left = right
        return found

    # -- sums over indices --------------------------------------------------------------------------------------------

    def big(self, node: t.BigOperator, scope: Scope) -> list[Value]:
        """A sum or a maximum over letters, or over all entries."""
        from symnn.notes.judge.analysis import limits
        from symnn.notes.judge.reading import bounds

        if node.kind == "lim":
            return limits.value_of(self, node, scope)
        if node.kind not in ("sum", "prod", "max", "min"):
            raise NotUnderstood(f"{node.kind} is not understood in a claim")
        return bounds.big(self, node, scope)

    # -- raised parts ---------------------------------------------------------------------------------------------------

    def raised(self, values: list[Value], sup: Node, scope: Scope) -> list[Value]:
        """A transpose or a power of values."""
        if is_transpose(sup):
            return [transposed(value) for value in values]
        if isinstance(sup, t.Group) and isinstance(sup.body, t.Name) and sup.body.base in scope.letters:
            raise NotUnderstood("a raised index below which nothing has an axis")
        if isinstance(sup, t.Negative) and is_transpose(sup.body):
            return [transposed(_inverse(value)) for value in values]
        if isinstance(sup, t.Negative) and any(value.rank == 2 for value in values):
            if sup.body != t.Number("1"):
                raise NotUnderstood("a negative power of a matrix other than its inverse")
            return [_inverse(value) for value in values]
        if isinstance(sup, t.Name) and sup.base in ("*", "dagger", "star"):
            raise NotUnderstood("a raised sign that is not understood")
        return self.power(values, self.read(sup, scope))


# -- small helpers ------------------------------------------------------------------------------------------------------


def exact(text: str) -> Any:
    """The exact number of a decimal."""
    value = Fraction(text.replace(",", ""))
    return sympy.Rational(value.numerator, value.denominator)


def _mapped(function: Callable[..., Any], value: Value) -> Value:
    array = Array(value.array.indices, function(value.array.body))
    return Value(array, value.out if value.out == 0 else None, value.turn, value.cost, value.said, value.orient)


def _inverse(value: Value) -> Value:
    """The inverse of a square matrix; a scalar stands for its reciprocal."""
    if value.rank == 0:
        return replace(value, array=Array((), 1 / value.array.body))
    if value.rank != 2 or value.array.shape[0] != value.array.shape[1]:
        raise NotUnderstood("the inverse of what is no square matrix")
    return replace(value, array=inverse(Expression(value.array)).array)


def _matrix_power(value: Value, exponent: int) -> Value:
    """A square matrix times itself."""
    result = value
    for _ in range(exponent - 1):
        array = contract(result, value, [(1, 0)], [("left", 0), ("right", 1)])
        result = Value(array, None, "", value.cost, value.said)
    return result


def _negated(value: Value) -> Value:
    return replace(value, array=Array(value.array.indices, -value.array.body))


def _at(index: Index, place: int) -> Any:
    from symnn.formula.nodes import Delta

    return Delta(index, sympy.Integer(place))


def _picked(indices: list[Index], cells: list[Value]) -> Value:
    (index,) = indices
    return Value(Array((index,), Add(*[cell.array.body * _at(index, place) for place, cell in enumerate(cells)])))


def relation_in(condition: Node | None) -> t.Relation | None:
    """The relation that a condition of a case is, with or without words around it."""
    if isinstance(condition, t.Relation):
        return condition
    if isinstance(condition, t.Phrase):
        found = [part for part in condition.parts if not isinstance(part, t.Text)]
        if len(found) == 1 and isinstance(found[0], t.Relation):
            return found[0]
    return None


def _is_otherwise(condition: Node) -> bool:
    return isinstance(condition, t.Text)


def _is_open(value: Node) -> bool:
    return isinstance(value, t.Text | t.Blank) or (isinstance(value, t.Name) and not value.base.isalpha())


def _is_equality(relation: t.Relation) -> bool:
    return len(relation.links) == 1 and relation.links[0].operator == "="


__all__ = ["ENTRYWISE", "ClaimReader", "S", "Scope", "exact", "product"]
