"""Reading arithmetic: sums, products, quotients, powers, and calls, which look like products."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Items
from typing import Any

import sympy
from sympy import Expr

from symnn.formula.application import Array
from symnn.formula.index import fresh_index
from symnn.formula.powers import NumberTooLarge, power
from symnn.network import arrays
from symnn.network.arrays import Expression
from symnn.notation.tree import (
    Call,
    Group,
    Node,
    Number,
    Product,
    Quotient,
    Root,
    Script,
    Sequence,
    Sum,
)
from symnn.notes.read.expressions.products import product
from symnn.notes.read.expressions.ranges import bracketed, guard_of
from symnn.notes.read.names import Parts, parts_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.scope import Base, Scope
from symnn.notes.read.shapes.constraints import Broadcast, Choice
from symnn.notes.read.shapes.shapes import Solver
from symnn.notes.read.shapes.terms import Term

_LOOSE_SIGNS = ("juxtaposed", "cdot", "times", "ast", "matmul", "otimes")


class Arithmetic(Base):
    """Reads sums, products, quotients, powers and calls."""

    def entrywise(self, function: Callable[..., Any], terms: Items[Term], spot: Spot) -> Term:
        """A function of scalars applied entry by entry, with the last axes aligned."""
        free = frozenset().union(*(term.free for term in terms))
        if len(terms) == 1:
            shape = terms[0].shape
        else:
            shape = self.solver.shape(origin=spot)
            operands = tuple(term.shape for term in terms)
            self.solver.add(Broadcast(operands, shape, spot), (*operands, shape))
        numbers = [term.number for term in terms]
        number = None
        if all(value is not None for value in numbers):
            try:
                value = function(*numbers)
            except NumberTooLarge as error:
                raise spot.error(str(error)) from None
            number = value if isinstance(value, Expr) and value.is_number else None

        def build() -> Expression:
            sizes = self.solver.values(shape)
            return arrays.combine(function, *[stretched(term.build(), sizes) for term in terms])

        def is_row(solver: Solver) -> bool:
            return any(term.is_row(solver) for term in terms)

        return Term(shape, build, spot, number=number, is_row=is_row, free=free)

    def sum(self, node: Sum, scope: Scope) -> Term:
        """``a + b - c``."""
        signs = [term.sign for term in node.terms]
        if any(sign not in ("+", "-") for sign in signs):
            raise scope.passage.spot(node).error("± has two values", hint="write one of them")
        terms = [self.read(term.term, scope) for term in node.terms]

        def add(*values: Any) -> Any:
            return sympy.Add(*[value if sign == "+" else -value for sign, value in zip(signs, values, strict=True)])

        return self.entrywise(add, terms, scope.passage.spot(node))

    def product(self, node: Product, scope: Scope) -> Term:
        """Factors under one sign; names with brackets after them may be calls."""
        spot = scope.passage.spot(node)
        conditions = [relation for factor in node.factors if (relation := bracketed(factor)) is not None]
        guards = [guard_of(self, relation, scope) for relation in conditions]
        scope = scope.with_guards([guard for guard in guards if guard is not None])
        terms = self.units(node.factors, scope) if node.operator == "juxtaposed" else [
            self.read(factor, scope) for factor in node.factors
        ]  # fmt: skip
        if node.operator in ("odot", "circ"):
            return self.entrywise(lambda *values: sympy.Mul(*values), terms, spot)
        if node.operator not in _LOOSE_SIGNS:
            raise spot.error(f"the product sign {node.operator} is not understood")
        terms = self.paired(node.operator, terms, spot)
        result = terms[0]
        for factor in terms[1:]:
            result = self.times(node.operator, result, factor, spot)
        return result

    def paired(self, operator: str, terms: list[Term], spot: Spot) -> list[Term]:
        """The factors with every transpose joined to what follows it: of ``y w^T x`` the dot product comes first.

        Matrix products are associative, so the value is the same; but ``w^T x`` alone tells that it is a number.
        """
        found: list[Term] = []
        for term in terms:
            before = found[-1] if len(found) > 1 else None
            if before is not None and before.turned and not term.turned and self.solver.rank(term.shape) != 0:
                found[-1] = self.times(operator, before, term, spot)
            else:
                found.append(term)
        return found

    def times(self, operator: str, left: Term, right: Term, spot: Spot) -> Term:
        """A loose product of two terms; where one is a number by its form there is nothing to choose."""
        if operator != "matmul" and (self.solver.rank(left.shape) == 0 or self.solver.rank(right.shape) == 0):
            other = right if self.solver.rank(left.shape) == 0 else left
            number = None
            if left.number is not None and right.number is not None:
                number = left.number * right.number
            return Term(
                other.shape, lambda: left.build() * right.build(), spot, number=number, turned=other.turned,
                is_row=other.is_row, free=left.free | right.free,
            )  # fmt: skip
        start = min(left.spot.start, right.spot.start)
        end = max(left.spot.end, right.spot.end)
        here = Spot(spot.passage, start, end) if left.spot.passage is right.spot.passage is spot.passage else spot
        self.model.products.append((left, right))
        return product(self.solver, operator, left, right, here)

    def units(self, factors: Items[Node], scope: Scope) -> list[Term]:
        """The factors of a juxtaposed product as terms, with calls put together."""
        terms: list[Term] = []
        position = 0
        while position < len(factors):
            node = factors[position]
            following = factors[position + 1] if position + 1 < len(factors) else None
            numbered = self.numbered(node, following, scope)
            if numbered is not None:
                terms.append(numbered)
                position += 2
                continue
            head = self.head(node, following, scope)
            if head is None:
                terms.append(self.read(node, scope))
                position += 1
                continue
            if following is None:
                raise scope.passage.spot(node).error(f"the argument of {scope.passage.spot(node).text} is missing")
            bracket, scripts = _unwrapped(following)
            if isinstance(bracket, Group) and bracket.left in ("(", "["):
                arguments: tuple[Node, ...] = (bracket.body,)
            elif isinstance(bracket, Sequence) and bracket.left in ("(", "["):
                arguments = bracket.items
            elif position + 2 == len(factors):
                arguments, scripts = (following,), []
            else:
                raise scope.passage.spot(node).error(
                    f"where the argument of {scope.passage.spot(node).text} ends is not certain",
                    hint="put brackets around it",
                )
            spot = _joined(scope.passage.spot(node), scope.passage.spot(following))
            term = self.applied(head, arguments, scope, spot)
            for sub, sup in scripts:
                term = self.raised(term, sub, sup, scope, spot)
            terms.append(term)
            position += 2
        return terms

    def numbered(self, node: Node, following: Node | None, scope: Scope) -> Term | None:
        """``W(1)``, where the document defines it as a name."""
        bracket, scripts = _unwrapped(following) if following is not None else (None, [])
        parts = parts_of(node)
        if parts is None or not isinstance(bracket, Group) or not isinstance(bracket.body, Number):
            return None
        labelled = self.model.table.labelled(parts)
        key = None if labelled is None else labelled.labelled("_" + bracket.body.text)
        if key is None or key not in self.model.table.numbered:
            return None
        assert following is not None
        spot = _joined(scope.passage.spot(node), scope.passage.spot(following))
        term = self.named(key, parts, self.model.node_of(key), scope, spot)
        if term.variable is not None:
            self.model.use(term.variable)
        for sub, sup in scripts:
            term = self.raised(term, sub, sup, scope, spot)
        return term

    def head(self, node: Node, following: Node | None, scope: Scope) -> Parts | None:
        """The function that a factor of a product stands for, or None when it is a value."""
        parts = parts_of(node)
        if parts is None:
            return None
        from symnn.notes.read.expressions.functions import is_function

        return parts if is_function(self, parts, following, scope) else None

    def applied(self, head: Parts, arguments: Items[Node], scope: Scope, spot: Spot) -> Term:
        """A function with its arguments."""
        from symnn.notes.read.expressions.functions import apply

        return apply(self, head, arguments, scope, spot)

    def call(self, node: Call, scope: Scope) -> Term:
        """A head that can only be a function."""
        spot = scope.passage.spot(node)
        argument = node.arguments[0] if node.arguments else None
        alone = isinstance(argument, Product) and len(argument.factors) == 2 and (
            self.head(argument.factors[0], argument.factors[1], scope) is not None
        )  # fmt: skip
        if node.loose and not alone:
            raise spot.error(
                f"where the argument of {scope.passage.spot(node.head).text} ends is not certain",
                hint="put brackets around it",
            )
        head = parts_of(node.head)
        if head is None:
            raise spot.error("a function that is not understood")
        return self.applied(head, node.arguments, scope, spot)

    def quotient(self, node: Quotient, scope: Scope) -> Term:
        """A fraction, entry by entry where the denominator is an array."""
        numerator, denominator = self.read(node.numerator, scope), self.read(node.denominator, scope)
        if denominator.number is not None and denominator.number == 0:
            raise denominator.spot.error("division by zero")
        if self.solver.rank(denominator.shape) is None:
            self.model.divisors.append(denominator.shape)
        return self.entrywise(lambda a, b: a / b, [numerator, denominator], scope.passage.spot(node))

    def root(self, node: Root, scope: Scope) -> Term:
        """A root, entry by entry."""
        term = self.read(node.radicand, scope)
        if node.degree is None:
            return self.entrywise(sympy.sqrt, [term], scope.passage.spot(node))
        degree = self.read(node.degree, scope)
        return self.entrywise(lambda a, n: power(a, 1 / n), [term, degree], scope.passage.spot(node))

    def power(self, base: Term, exponent: Term, spot: Spot) -> Term:
        """A power. The square of a vector may be its squared length, where nothing else fits."""
        free = base.free | exponent.free
        rank = self.solver.rank(base.shape)
        if rank != 0 and base.variable is not None:
            self.model.powers.append((base.shape, spot))  # of a square matrix two powers are possible
        if exponent.number != 2 or rank == 0:
            if self.solver.rank(exponent.shape) not in (0, None):
                raise exponent.spot.error("an exponent that is no number")
            self.solver.unify(exponent.shape, self.solver.shape([], exponent.spot))
            return self.entrywise(power, [base, exponent], spot)
        result = self.solver.shape(origin=spot)
        patterns = (
            ((), ()),
            (("n",), ("n",)),
            (("m", "n"), ("m", "n")),
            (("b", "m", "n"), ("b", "m", "n")),
            (("a", "b", "m", "n"), ("a", "b", "m", "n")),
            (("n",), ()),
        )
        names = ("square", *["square of every entry"] * 4, "squared length")
        choice = Choice((base.shape, result), patterns, names, spot)
        self.solver.add(choice, choice.shapes)

        def build() -> Expression:
            squared = base.build() ** exponent.build()
            return arrays.total(squared) if choice.names[choice.chosen or 0] == "squared length" else squared

        return Term(result, build, spot, free=free)


def stretched(value: Expression, shape: tuple[Expr, ...]) -> Expression:
    """The array with every axis of one repeated as often as the shape has places there."""
    wanted = shape[len(shape) - value.rank :]
    if value.shape == wanted:
        return value
    indices = tuple(
        i.fresh() if i.dimension == n else fresh_index(i.name, n)
        for i, n in zip(value.array.indices, wanted, strict=True)
    )
    places = [
        i if own.dimension == i.dimension else sympy.S.Zero for i, own in zip(indices, value.array.indices, strict=True)
    ]
    return Expression(Array(indices, value.array.at(*places)))


def _unwrapped(node: Node) -> tuple[Node, list[tuple[Node | None, Node | None]]]:
    """A bracket and the scripts on it, inner ones first."""
    scripts: list[tuple[Node | None, Node | None]] = []
    while isinstance(node, Script):
        scripts.append((node.sub, node.sup))
        node = node.base
    return node, list(reversed(scripts))


def _joined(first: Spot, last: Spot) -> Spot:
    return Spot(first.passage, first.start, max(first.end, last.end))
