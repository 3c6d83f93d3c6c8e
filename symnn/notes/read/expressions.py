r"""From trees to terms: what each notation means, given what the document says about its names.

Nothing is guessed. Whatever has no certain meaning raises a ReadingError at its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from symnn.formula.application import Array
from symnn.formula.index import Index, fresh_index
from symnn.formula.nodes import Delta, Extreme, Inside, Total
from symnn.network import arrays
from symnn.network.arrays import Expression, expression
from symnn.notation.tree import (
    Accent,
    BigOperator,
    Call,
    Cases,
    Derivative,
    EvaluatedAt,
    Group,
    Matrix,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Sum,
    Text,
)
from symnn.notes.read.constraints import Affine, Broadcast, Choice, Leading, Same, Transposed, Within
from symnn.notes.read.errors import ReadingError
from symnn.notes.read.indexed import Place, Resolved, bound_by, position_of, resolve
from symnn.notes.read.model import Model
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.passages import Passage, Spot
from symnn.notes.read.products import product
from symnn.notes.read.shapes import Dim, Shape, Solver
from symnn.notes.read.statements import Piece
from symnn.notes.read.symbols import is_transpose
from symnn.notes.read.terms import Letter, Term, Variable, constant_term

_COMPARE = {"<": "<", ">": ">", "le": "<=", "ge": ">=", "=": "==", "ne": "!="}
_LOOSE_SIGNS = ("juxtaposed", "cdot", "times", "ast", "matmul", "otimes")


@dataclass(frozen=True)
class Scope:
    """Where a tree is read: its passage and section, the index letters in use, and the parameters of a function."""

    passage: Passage
    section: tuple[str, ...]
    letters: Mapping[str, Letter]
    parameters: Mapping[Key, Term]

    def with_letters(self, letters: Mapping[str, Letter]) -> Scope:
        """The same scope with further letters."""
        return Scope(self.passage, self.section, {**self.letters, **letters}, self.parameters)


class Reader:
    """Reads trees to terms in one model."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.solver: Solver = model.solver

    # -- entry

    def read(self, node: Node, scope: Scope) -> Term:
        """The term of a tree. Raises ReadingError where it has no certain meaning."""
        spot = scope.passage.spot(node)
        match node:
            case Number():
                return constant_term(self.solver, _number(node), spot)
            case Sum():
                return self.sum(node, scope)
            case Negative():
                return self.entrywise(lambda body: -body, [self.read(node.body, scope)], spot)
            case Product():
                return self.product(node, scope)
            case Quotient():
                return self.quotient(node, scope)
            case Root():
                return self.root(node, scope)
            case Group():
                return self.group(node, scope)
            case BigOperator():
                return self.big(node, scope)
            case Call():
                return self.call(node, scope)
            case Cases():
                return self.cases(node, scope)
            case Matrix():
                return self.matrix([list(row) for row in node.rows], scope, spot)
            case Sequence() if node.left in ("(", "[") and node.separator in (",", ";"):
                return self.matrix([[item] for item in node.items], scope, spot)
            case Name() | Script() | Prime() | Accent() | Text():
                return self.scripted(node, scope)
            case Derivative() | Nabla() | EvaluatedAt():
                raise spot.error("a derivative has no place in a definition", hint="define values; symnn derives them")
            case Relation() | Phrase():
                raise spot.error("a relation where a value is expected")
            case _:
                raise spot.error(f"{type(node).__name__.lower()} is not understood here")

    # -- arithmetic

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
            value = function(*numbers)
            number = value if isinstance(value, Expr) and value.is_number else None
        return Term(
            shape, lambda: arrays.combine(function, *[term.build() for term in terms]), spot, number=number, free=free,
            is_row=lambda solver: any(term.is_row(solver) for term in terms),
        )  # fmt: skip

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
        terms = self.units(node.factors, scope) if node.operator == "juxtaposed" else [
            self.read(factor, scope) for factor in node.factors
        ]  # fmt: skip
        if node.operator in ("odot", "circ"):
            return self.entrywise(lambda *values: sympy.Mul(*values), terms, spot)
        if node.operator not in _LOOSE_SIGNS:
            raise spot.error(f"the product sign {node.operator} is not understood")
        result = terms[0]
        for factor in terms[1:]:
            result = self.times(node.operator, result, factor, spot)
        return result

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
        from symnn.notes.read.functions import is_function

        return parts if is_function(self, parts, following, scope) else None

    def applied(self, head: Parts, arguments: Items[Node], scope: Scope, spot: Spot) -> Term:
        """A function with its arguments."""
        from symnn.notes.read.functions import apply

        return apply(self, head, arguments, scope, spot)

    def call(self, node: Call, scope: Scope) -> Term:
        """A head that can only be a function."""
        spot = scope.passage.spot(node)
        if node.loose:
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
        return self.entrywise(lambda a, n: a ** (1 / n), [term, degree], scope.passage.spot(node))

    def power(self, base: Term, exponent: Term, spot: Spot) -> Term:
        """A power. The square of a vector may be its squared length, where nothing else fits."""
        free = base.free | exponent.free
        rank = self.solver.rank(base.shape)
        if exponent.number != 2 or rank == 0:
            if self.solver.rank(exponent.shape) != 0:
                raise exponent.spot.error("an exponent that is no number")
            return self.entrywise(lambda a, n: a**n, [base, exponent], spot)
        result = self.solver.shape(origin=spot)
        patterns = (
            ((), ()),
            (("n",), ("n",)),
            (("m", "n"), ("m", "n")),
            (("b", "m", "n"), ("b", "m", "n")),
            (("n",), ()),
        )
        names = ("square", *["square of every entry"] * 3, "squared length")
        choice = Choice((base.shape, result), patterns, names, spot)
        self.solver.add(choice, choice.shapes)

        def build() -> Expression:
            squared = base.build() ** exponent.build()
            return arrays.total(squared) if choice.chosen == 4 else squared

        return Term(result, build, spot, free=free)

    # -- brackets

    def group(self, node: Group, scope: Scope) -> Term:
        """Brackets; bars are an absolute value or a norm."""
        spot = scope.passage.spot(node)
        if node.left in ("(", "[", "{"):
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

    def matrix(self, rows: list[list[Node]], scope: Scope, spot: Spot) -> Term:
        """A matrix written out. One column is a vector first of all, and so is a list."""
        width = len(rows[0]) if rows else 0
        if not width or any(len(row) != width for row in rows):
            raise spot.error("a matrix whose rows differ in length")
        cells = [[self.read(cell, scope) for cell in row] for row in rows]
        for row in cells:
            for cell in row:
                self._demand_scalar(cell)
        result = self.solver.shape(origin=spot)
        height = len(rows)
        high, wide = sympy.Integer(height), sympy.Integer(width)
        flat = height == 1 or width == 1
        if flat:
            length = self.solver.dim(wide if height == 1 else high, spot)
            whole = (("1", "n"), ("n",)) if height == 1 else (("n",), ("n", "1"))
            probe = self.solver.shape([length], spot)
            choice = Choice((probe, result), tuple((("n",), letters) for letters in whole), ("matrix", "vector"), spot)
            self.solver.add(choice, choice.shapes)
        else:
            self.solver.set_dims(result, (self.solver.dim(high, spot), self.solver.dim(wide, spot)), spot)

        def build() -> Expression:
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

        free = frozenset().union(*(cell.free for row in cells for cell in row))
        return Term(result, build, spot, free=free)

    def _demand_scalar(self, term: Term) -> None:
        self.solver.add(Same(term.shape, self.solver.shape([], term.spot), term.spot), [term.shape])

    def cases(self, node: Cases, scope: Scope) -> Term:
        """A piecewise definition, entry by entry. The last branch is the default."""
        spot = scope.passage.spot(node)
        if not node.branches:
            raise spot.error("no branches")
        values = [self.read(branch.value, scope) for branch in node.branches]
        conditions: list[list[tuple[str, Term, Term]]] = []
        for number, branch in enumerate(node.branches):
            last = number == len(node.branches) - 1
            relation = _relation(branch.condition)
            if relation is None:
                if not last or isinstance(branch.condition, Phrase):
                    where = spot if branch.condition is None else scope.passage.spot(branch.condition)
                    raise where.error("a condition that is not understood", hint="compare two values, such as x > 0")
                conditions.append([])
            else:
                conditions.append(self.comparisons(relation, scope))
        if conditions[-1]:
            if len(conditions) == 1 or not _covers([_relation(b.condition) for b in node.branches]):
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

    def comparisons(self, relation: Relation, scope: Scope) -> list[tuple[str, Term, Term]]:
        """The comparisons of a chain such as ``0 < x < 1``."""
        if relation.first is None:
            raise scope.passage.spot(relation).error("a comparison without a left side")
        found = []
        left = self.read(relation.first, scope)
        for link in relation.links:
            if link.operator not in _COMPARE or link.right is None:
                raise scope.passage.spot(relation).error("a condition that is not understood")
            right = self.read(link.right, scope)
            found.append((_COMPARE[link.operator], left, right))
            left = right
        return found

    # -- names and scripts

    def scripted(self, node: Node, scope: Scope) -> Term:
        """A name with its scripts, or scripts on something composite."""
        spot = scope.passage.spot(node)
        parts = parts_of(node)
        if parts is None:
            if not isinstance(node, Script):
                raise spot.error("this is not understood")
            base = node.base
            ones = isinstance(base, Number) and base.text in ("0", "1")
            if isinstance(base, Number) and ones and (node.sub is not None or is_transpose(node.sup)):
                return self.filled(_number(base), node, scope, spot)
            if isinstance(base, Group) and base.left == "‖":
                return self.norm(base, node.sub, node.sup, scope, spot)
            if isinstance(base, Product) and base.operator == "juxtaposed" and len(base.factors) == 2:
                units = self.units(base.factors, scope)
                if len(units) == 1:
                    return self.raised(units[0], node.sub, node.sup, scope, spot)
            return self.raised(self.read(base, scope), node.sub, node.sup, scope, spot)
        special = self.special(parts, scope, spot)
        if special is not None:
            return special
        resolved = resolve(self, parts, scope)
        if resolved.key.primes and not self.is_used(resolved.key) and self.is_used(replace(resolved.key, primes=0)):
            raise spot.error(
                f"is {spot.text} a transpose, a derivative or another name?", hint="define it, or write it another way"
            )
        shifted = any(place.parts and place.shift for place in resolved.places)
        term = self.named(resolved.key, parts, node, scope, spot)
        if term.variable is not None:
            self.model.layered[term.variable] = max(resolved.above, self.model.layered.get(term.variable, 0))
            if not shifted:
                self.model.use(term.variable)
        return self.placed(term, resolved, scope, spot)

    def special(self, parts: Parts, scope: Scope, spot: Spot) -> Term | None:
        r"""Names with a meaning of their own unless the document gives one: ``e``, ``\pi``, ``I``, ``\mathbf 1``."""
        key = parts.key
        plain = not parts.accents and not parts.primes
        if not plain or key in scope.parameters or self.is_used(key) or parts.base.base in scope.letters:
            return None
        if key == Key("e") and not parts.subs and len(parts.sups) <= 1:
            if not parts.sups:
                return constant_term(self.solver, sympy.E, spot)
            return self.entrywise(sympy.exp, [self.read(parts.sups[0], scope)], spot)
        if key == Key("pi") and not parts.subs:
            term = constant_term(self.solver, sympy.pi, spot)
            for sup in parts.sups:
                term = self.raised(term, None, sup, scope, spot)
            return term
        if key == Key("infty"):
            raise spot.error("infinity is no value")
        if key.base == "1" and parts.base.font in ("mathbf", "mathbb", "boldsymbol", "bm", "mathbbm", "bf"):
            return self.filled(sympy.S.One, _scripts(parts), scope, spot)
        if key.base == "0" and parts.base.font in ("mathbf", "boldsymbol", "bm", "bf"):
            return self.filled(sympy.S.Zero, _scripts(parts), scope, spot)
        if key in (Key("I"), Key("I", "bb")) and not parts.sups:
            return self.identity(parts, scope, spot)
        return None

    def is_used(self, key: Key) -> bool:
        """Whether the document itself says something about a name."""
        table = self.model.table
        return table.knows(key) or key in table.sizes or key in table.functions

    def filled(self, value: Expr, node: Script, scope: Scope, spot: Spot) -> Term:
        r"""The vector ``\mathbf{1}`` or ``\mathbf{0}``, ``\mathbf{1}_n`` with its length."""
        dim = self.solver.dim(None, spot)
        if node.sub is not None:
            dim = self.model.dim(node.sub, Piece(node.sub, scope.passage), scope.section)
        shape = self.solver.shape([dim], spot)
        self.model.unnamed.append((shape, spot))

        def build() -> Expression:
            return Expression(Array((fresh_index("i", self.solver.values(shape)[0]),), value))

        term = Term(shape, build, spot)
        return term if node.sup is None else self.raised(term, None, node.sup, scope, spot)

    def identity(self, parts: Parts, scope: Scope, spot: Spot) -> Term:
        """The identity matrix ``I``, ``I_n``."""
        dim = self.solver.dim(None, spot)
        if parts.subs:
            dim = self.model.dim(parts.subs[0], Piece(parts.subs[0], scope.passage), scope.section)
        shape = self.solver.shape([dim, dim], spot)
        self.model.unnamed.append((shape, spot))

        def build() -> Expression:
            size = self.solver.values(shape)[0]
            i, j = fresh_index("i", size), fresh_index("j", size)
            return Expression(Array((i, j), Delta(i, j)))

        return Term(shape, build, spot)

    def named(self, key: Key, parts: Parts, node: Node, scope: Scope, spot: Spot) -> Term:
        """The term of a name."""
        given = scope.parameters.get(key)
        if given is not None:
            return Term(
                given.shape,
                given.build,
                spot,
                given.variable,
                given.turned,
                given.is_row,
                given.number,
                given.free,
            )
        if not key.labels and key.base in scope.letters and not key.accents and not key.primes:
            return self.letter(scope.letters[key.base], spot)
        from symnn.notes.read.functions import names_function

        if names_function(self, key, scope):
            raise spot.error(f"{spot.text} is a function; its argument is missing")
        variable = self.model.variable(key, _bare(node, key), spot, scope.section)
        if variable.constant is not None:
            return constant_term(self.solver, variable.constant, spot)
        return self.value_of(variable, spot, use=False)

    def value_of(self, variable: Variable, spot: Spot, *, use: bool = True) -> Term:
        """The term of a variable; `use` notes that the definition which is being read needs it."""
        if use:
            self.model.use(variable)
        return Term(variable.shape, lambda: expression(variable.tensor(self.solver)), spot, variable)

    def letter(self, letter: Letter, spot: Spot) -> Term:
        """An index letter as a number: its place plus its first value."""
        if letter.first is None:
            raise spot.error(
                f"the index {letter.name} is used as a number, but its first value is not said",
                hint=f"write the limits, such as {letter.name} = 1",
            )
        first = letter.first
        return Term(
            self.solver.shape([], spot),
            lambda: Expression(Array((), letter.index(self.solver) + first)),
            spot,
            free=frozenset([letter]),
        )

    def placed(self, term: Term, resolved: Resolved, scope: Scope, spot: Spot) -> Term:
        """Indices and raised parts of a name, applied to its term."""
        if resolved.turned_first:
            term = self.transpose(term, spot)
        shifted = [n for n, place in enumerate(resolved.places) if place.parts and place.step is not None]
        if shifted and term.variable is not None and is_recurrent(term.variable):
            term = self.earlier(term, term.variable, resolved, shifted, scope, spot)
        elif resolved.places:
            term = self.indexed(term, resolved.places, spot)
        for sup in resolved.raised:
            term = self.raised(term, None, sup, scope, spot)
        return term

    def earlier(
        self, term: Term, variable: Variable, resolved: Resolved, shifted: list[int], scope: Scope, spot: Spot
    ) -> Term:
        """``h_{t-1}``: the entry before, and at the first place the value that the recurrence starts from.

        Raises ReadingError when the document does not say where it starts.
        """
        axis = shifted[0]
        place = resolved.places[axis]
        step = place.step
        if len(shifted) > 1 or step not in (-1, 1):
            raise spot.error("a recurrence that goes back more than one step is not understood")
        others = [p for n, p in enumerate(resolved.places) if n != axis]
        letters = [p.only for p in resolved.places]
        if any(letter is None for letter in letters):
            raise spot.error("a recurrence with an index that is not understood")
        rest = self.solver.shape(origin=spot)
        lead = tuple(letter.dim for letter in letters if letter is not None)
        self.solver.add(Leading(term.shape, lead, rest, spot), [term.shape, rest])
        start = self.start(variable, step, resolved, scope, spot)
        if start is not None:
            start = self.indexed(start, others, spot) if others else start
            self.solver.add(Same(start.shape, rest, spot), [start.shape, rest])
        letter = place.parts[0][1]

        def build() -> Expression:
            array = term.build().array
            index = letter.index(self.solver)
            kept = tuple(i.fresh() for i in array.indices[len(resolved.places) :])
            at = [p.value(self.solver) for p in resolved.places]
            body = Inside(index + step, index.dimension) * array.at(*at, *kept)
            if start is not None:
                first = 0 if step == -1 else index.dimension - 1
                body += Delta(index, first) * start.build().array.at(*kept)
            return Expression(Array(kept, body))

        free = term.free | frozenset(letter for p in resolved.places for _, letter in p.parts)
        return Term(rest, build, spot, free=free | (start.free if start is not None else frozenset()))

    def start(self, variable: Variable, step: int, resolved: Resolved, scope: Scope, spot: Spot) -> Term | None:
        """The value that a recurrence starts from: a name such as ``h_0``; None when that is zero."""
        table = self.model.table
        last = resolved.places[0].parts[0][1] if resolved.places else None
        names = ["0"] if step == -1 else self.ends_of(last, scope)
        for name in names:
            for mark in ("_", "^"):
                key = variable.key.labelled(mark + name)
                given = table.nearest(table.given, key, scope.section)
                if given and key not in table.declarations and _is_zero(given[0].value.node):
                    return None
                if table.knows(key) or key in table.mentions:
                    node = self.model.node_of(key)
                    return self.value_of(self.model.variable(key, node, spot, scope.section), spot)
        shown = names[0] if names else "its end"
        raise spot.error(
            f"where does {variable.name} start?",
            hint=f"say so, such as {variable.name}_{shown} = 0, or declare {variable.name}_{shown}",
        )

    def ends_of(self, letter: Letter | None, scope: Scope) -> list[str]:
        """The labels of the place after the last one: ``T+1``."""
        size = None if letter is None else self.solver.value(letter.dim)
        return [] if size is None else [f"{size}plus1"]

    def raised(self, term: Term, sub: Node | None, sup: Node | None, scope: Scope, spot: Spot) -> Term:
        """Scripts on something composite: indices below, a transpose or a power above."""
        if sub is not None:
            from symnn.notes.read.symbols import components

            places = [position_of(self, component, scope, one_based=True) for component in components(sub)]
            term = self.indexed(term, places, spot)
        if sup is None:
            return term
        if is_transpose(sup):
            return self.transpose(term, spot)
        if isinstance(sup, Negative) and is_transpose(sup.body):
            raise spot.error("the inverse of a matrix is not supported here")
        if isinstance(sup, Name) and sup.base in ("*", "dagger", "star"):
            raise spot.error("a raised sign that is not understood")
        exponent = self.read(sup, scope)
        if (
            exponent.number is not None
            and exponent.number.is_negative
            and self.solver.rank(term.shape) not in (0, None)
        ):
            raise spot.error("the inverse of an array is not supported here", hint="write a quotient for entries")
        return self.power(term, exponent, spot)

    def transpose(self, term: Term, spot: Spot) -> Term:
        """The transpose; a vector turns into a row, which is the same array."""
        result = self.solver.shape(origin=spot)
        self.solver.add(Transposed(term.shape, result, spot), [term.shape, result])
        if self.solver.rank(term.shape) is None and term.variable is not None:
            self.model.turned.add(term.variable)

        def is_row(solver: Solver) -> bool:
            return solver.rank(result) in (1, None) and not term.is_row(solver)

        return Term(result, lambda: term.build().T, spot, None, True, is_row, term.number, term.free)

    def indexed(self, term: Term, places: Items[Place], spot: Spot) -> Term:
        """The part of an array at index expressions, for its first axes."""
        dims: list[Dim] = []
        for place in places:
            dims.append(place.plain or self.walked(place, spot))
        rest = self.solver.shape(origin=spot)
        self.solver.add(Leading(term.shape, tuple(dims), rest, spot), [term.shape, rest])

        def build() -> Expression:
            array = term.build().array
            kept = tuple(index.fresh() for index in array.indices[len(places) :])
            return Expression(Array(kept, array.at(*[place.value(self.solver) for place in places], *kept)))

        letters = frozenset(letter for place in places for _, letter in place.parts)
        return Term(rest, build, spot, free=term.free | letters)

    def walked(self, place: Place, spot: Spot) -> Dim:
        """The dimension of an axis that is walked by an index expression."""
        dim = self.solver.dim(None, spot)
        if not place.parts:
            return dim
        if place.shift < 0:
            raise spot.error("the index reaches before the first entry", hint="change the limits")
        dims = tuple(letter.dim for _, letter in place.parts)
        constraint: Within | Affine
        if place.only is not None and place.only.first is not None:
            constraint = Within(dim, dims[0], place.shift, spot)
        else:
            parts = tuple((coefficient, letter.dim) for coefficient, letter in place.parts)
            constraint = Affine(dim, parts, place.shift, spot)
        self.solver.constraints.append(constraint)
        for watched in (dim, *dims):
            self.solver.root(watched).watchers.append(constraint)
        return dim

    # -- sums and maxima

    def big(self, node: BigOperator, scope: Scope) -> Term:
        """A sum or a maximum over letters, or over all entries."""
        spot = scope.passage.spot(node)
        if node.kind not in ("sum", "max", "min"):
            raise spot.error(f"{node.kind} is not understood in a definition")
        letters = bound_by(self, node, scope)
        if not letters:
            return self.over_all(node, scope, spot)
        inner = scope.with_letters({letter.name: letter for letter in letters})
        body = self.read(node.body, inner)
        idle = [letter for letter in letters if letter not in body.free]
        if idle:
            if len(letters) == 1 and node.kind == "sum" and not body.free:
                return self.over_entries(body, letters[0], spot)
            raise spot.error(f"the index {idle[0].name} does not occur in what is summed")

        def build() -> Expression:
            array = body.build().array
            formula = array.body if node.kind != "min" else -array.body
            for letter in reversed(letters):
                index = letter.index(self.solver)
                formula = Total(formula, index) if node.kind == "sum" else Extreme(formula, index)
            return Expression(Array(array.indices, formula if node.kind != "min" else -formula))

        return Term(body.shape, build, spot, free=body.free - frozenset(letters))

    def over_all(self, node: BigOperator, scope: Scope, spot: Spot) -> Term:
        """A sum without an index: over every entry of an array."""
        body = self.read(node.body, scope)
        self.solver.at_least(body.shape, 1)
        reduce = {"sum": arrays.total, "max": arrays.largest}.get(node.kind)
        if reduce is None:
            raise spot.error(f"{node.kind} needs an index")
        return Term(self.solver.shape([], spot), lambda: reduce(body.build()), spot, free=body.free)

    def over_entries(self, body: Term, letter: Letter, spot: Spot) -> Term:
        """A sum whose index does not occur in its body: over the entries of a vector, as many as the limits say."""
        try:
            self.solver.unify(body.shape, self.solver.shape([letter.dim], spot))
        except Exception as error:
            raise spot.error(
                f"the index {letter.name} does not occur in what is summed, and that is no vector"
            ) from error
        return Term(self.solver.shape([], spot), lambda: arrays.total(body.build()), spot, free=body.free)


# -- small helpers


def _number(node: Number) -> Expr:
    value = Fraction(node.text)
    return sympy.Rational(value.numerator, value.denominator)


def _unwrapped(node: Node) -> tuple[Node, list[tuple[Node | None, Node | None]]]:
    """A bracket and the scripts on it, inner ones first."""
    scripts: list[tuple[Node | None, Node | None]] = []
    while isinstance(node, Script):
        scripts.append((node.sub, node.sup))
        node = node.base
    return node, list(reversed(scripts))


def _joined(first: Spot, last: Spot) -> Spot:
    return Spot(first.passage, first.start, max(first.end, last.end))


def _relation(condition: Node | None) -> Relation | None:
    """The comparison in a condition, with or without words around it."""
    if isinstance(condition, Relation):
        return condition
    if isinstance(condition, Phrase):
        found = [part for part in condition.parts if not isinstance(part, Text)]
        if len(found) == 1 and isinstance(found[0], Relation):
            return found[0]
    return None


def is_recurrent(variable: Variable) -> bool:
    """Whether a name is defined entry by entry, so that it may be defined through other entries of its own."""
    return variable.definition is not None and bool(variable.definition.indices)


def _scripts(parts: Parts) -> Script:
    """A name with at most one script below and above as one node."""
    sub = parts.subs[0] if parts.subs else None
    return Script(parts.base, sub, parts.sups[0] if parts.sups else None)


def _is_zero(node: Node) -> bool:
    return isinstance(node, Number) and Fraction(node.text) == 0


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


def _bare(node: Node, key: Key) -> Node:
    """The name as the author wrote it, without the scripts that do not belong to it."""
    from symnn.notes.read.indexed import bare_name

    return bare_name(node, key)


__all__ = ["Index", "Reader", "ReadingError", "Scope", "Shape"]
