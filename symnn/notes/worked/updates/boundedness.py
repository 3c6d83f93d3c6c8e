"""Boundedness: whether a function has a lower bound and no upper one, or the other way round, by its formula.

Bounded below are squares, absolute values, norms, ``-log`` of a probability, ``log(1 + e^…)``, the hinge; their sums,
means, powers and positive multiples; polynomials in one number whose highest power is even with a positive coefficient.
Bounded above is what has a minus before it. Of everything else nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import sympy

from symnn.formula.nodes import Entry
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.names import parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.formulas import FormulaReader
from symnn.notes.worked.functions import names_in
from symnn.notes.worked.names import call_of, name_of, plain
from symnn.notes.worked.symbol_table import Definition, SymbolTable

Bounded = Literal["below", "above"]
MAX_DEPTH = 24
MAX_DEGREE = 40
_POSITIVE = frozenset(
    ["lambda", "alpha", "beta", "gamma", "eta", "mu", "N", "n", "m", "M", "C", "c", "T", "K", "k", "B"]
)
_MEANS = frozenset(["mean", "E", "average"])
_NORMS = frozenset(["norm", "abs"])


@dataclass
class BoundFinder:
    """Looks for bounds of formulas at one statement of a document."""

    symbols: SymbolTable
    at: Statement
    open: list[str] = field(default_factory=list)

    def of(self, node: Node, depth: int = 0) -> Bounded | None:
        """On which side a formula is bounded, and on that alone; None where that is not certain."""
        if depth > MAX_DEPTH:
            return None
        found = self._of(plain(node), depth + 1)
        return found if found is not None else self._polynomial(plain(node))

    def _of(self, node: Node, depth: int) -> Bounded | None:
        match node:
            case t.Negative():
                return _turned(self.of(node.body, depth))
            case t.Sum():
                return self._sum(node, depth)
            case t.Product():
                return self._product(node, depth)
            case t.Quotient():
                inner = self.of(node.numerator, depth)
                if inner is None:
                    return None
                if self.is_positive(node.denominator):
                    return inner
                return _turned(inner) if _is_negative_number(node.denominator) else None
            case t.BigOperator() if node.kind in ("sum", "expectation"):
                return self.of(node.body, depth)
            case t.Group() if node.left in ("‖", "|"):
                return "below" if _has_name(node.body) else None
            case t.Script():
                return self._script(node, depth)
            case t.Call():
                return self._call(node, depth)
            case t.Name():
                return self._named(node, depth)
        return None

    def _sum(self, node: t.Sum, depth: int) -> Bounded | None:
        kinds: set[Bounded] = set()
        for term in node.terms:
            if printed(term.term) is not None:
                continue
            inner = self.of(term.term, depth)
            if inner is None or term.sign not in ("+", "-"):
                return None
            kinds.add(inner if term.sign == "+" else ("above" if inner == "below" else "below"))
        return kinds.pop() if len(kinds) == 1 else None

    def _product(self, node: t.Product, depth: int) -> Bounded | None:
        called = call_of(node)
        if called is not None and not called[0].primes:
            known = self._function(called[0].name, depth)
            if known is not None:
                return known
            if called[0].name in _MEANS and len(called[1]) == 1:
                return self.of(called[1][0], depth)
            if called[0].name in _NORMS and len(called[1]) == 1:
                return "below" if _has_name(called[1][0]) else None
        sign = 1
        found: Bounded | None = None
        logarithm = any(self._is_log(factor) for factor in node.factors)
        for factor in node.factors:
            inner = self.of(factor, depth)
            if inner is not None and found is None:
                found = inner
            elif _is_negative_number(factor):
                sign = -sign
            elif not (self.is_positive(factor) or (logarithm and self._is_label(factor))):
                return None
        return _turned(found) if sign < 0 else found

    def _script(self, node: t.Script, depth: int) -> Bounded | None:
        exponent = None if node.sup is None else printed(node.sup)
        base = plain(node.base)
        if exponent is not None and exponent.whole and exponent.value > 0 and node.sub is None:
            inner = self._of(base, depth)
            if int(exponent.value) % 2 == 0:
                return "below" if _has_name(base) else None
            return inner if inner == "below" else None
        if isinstance(base, t.Group) and base.left in ("‖", "|"):
            return "below" if (exponent is None or exponent.value > 0) and _has_name(base.body) else None
        return self._named(node, depth)

    def _call(self, node: t.Call, depth: int) -> Bounded | None:
        head = node.head.base if isinstance(node.head, t.Script) else node.head
        name = head.base if isinstance(head, t.Name) else ""
        if name in ("log", "ln") and len(node.arguments) == 1:
            argument = plain(node.arguments[0])
            return "below" if _is_one_plus_exp(argument) else ("above" if _may_be_probability(argument) else None)
        if (
            name == "max"
            and len(node.arguments) == 2
            and any((number := printed(argument)) is not None and number.value == 0 for argument in node.arguments)
        ):
            return "below" if any(_has_name(argument) for argument in node.arguments) else None
        if name in _MEANS and len(node.arguments) == 1:
            return self.of(node.arguments[0], depth)
        return None

    def _named(self, node: Node, depth: int) -> Bounded | None:
        name = name_of(node)
        if name is None or name in self.open:
            return None
        return self._function(name, depth)

    def _function(self, name: str, depth: int) -> Bounded | None:
        """A name by its definition in force, as a value or as a function."""
        found: list[Definition] = [
            d for d in (self.symbols.definition(name, self.at), self.symbols.function(name, self.at)) if d is not None
        ]
        if not found or name in self.open:
            return None
        definition = max(found, key=lambda d: (d.order <= self.at.order, d.order))
        self.open.append(name)
        try:
            return self.of(definition.node, depth)
        finally:
            self.open.pop()

    # -- parts

    def is_positive(self, node: Node) -> bool:
        """Whether a factor is positive: a positive number, a size, a rate, a product or a quotient of such."""
        node = plain(node)
        number = printed(node)
        if number is not None:
            return number.value > 0
        if isinstance(node, t.Quotient):
            return self.is_positive(node.numerator) and self.is_positive(node.denominator)
        if isinstance(node, t.Product):
            return all(self.is_positive(factor) for factor in node.factors)
        parts = parts_of(node)
        return parts is not None and parts.key.base in _POSITIVE and not parts.accents and not parts.primes

    def _is_log(self, node: Node) -> bool:
        node = plain(node)
        return isinstance(node, t.Call) and self._call(node, 0) == "above"

    @staticmethod
    def _is_label(node: Node) -> bool:
        """Whether a factor beside a logarithm is a label or what a label leaves: ``t_i``, ``1 - y``."""
        node = plain(node)
        return parts_of(_subtracted_from_one(node) or node) is not None

    def is_polynomial(self, node: Node) -> bool:
        """Whether a formula is bounded as a polynomial in one number."""
        return self._polynomial(plain(node)) is not None

    def _polynomial(self, node: Node) -> Bounded | None:
        """A polynomial in one number, by its highest power."""
        try:
            formula = FormulaReader(self.symbols, self.at).read(node)
            names = names_in(formula)
        except Unclear:
            return None
        if len(names) != 1 or not all(isinstance(a, Entry) or a.is_number for a in formula.atoms(Entry)):
            return None
        variable = sympy.Dummy("x", real=True)
        entry = next(iter(formula.atoms(Entry)), None)
        if entry is None:
            return None
        replaced = formula.xreplace({entry: variable})
        if not replaced.is_polynomial(variable):
            return None
        polynomial = sympy.Poly(replaced, variable)
        degree, leading = polynomial.degree(), polynomial.LC()
        if not 0 < degree <= MAX_DEGREE or degree % 2 or not leading.is_number:
            return None
        return "below" if leading > 0 else "above"


def _turned(found: Bounded | None) -> Bounded | None:
    return None if found is None else ("above" if found == "below" else "below")


def _is_negative_number(node: Node) -> bool:
    number = printed(node)
    if number is None and isinstance(plain(node), t.Negative):
        inner = plain(node)
        assert isinstance(inner, t.Negative)
        body = plain(inner.body)
        if isinstance(body, t.Quotient):
            top, bottom = printed(body.numerator), printed(body.denominator)
            return top is not None and bottom is not None and top.value * bottom.value > 0
    return number is not None and number.value < 0


def _has_name(node: Node) -> bool:
    return any(parts_of(part) is not None for part in walk(node) if isinstance(part, t.Name))


def _is_one_plus_exp(node: Node) -> bool:
    """``1 + e^…``"""
    if not isinstance(node, t.Sum) or len(node.terms) != 2 or any(term.sign != "+" for term in node.terms):
        return False
    one, other = plain(node.terms[0].term), plain(node.terms[1].term)
    number = printed(one)
    if number is None or number.value != 1:
        return False
    if isinstance(other, t.Script):
        return isinstance(other.base, t.Name) and other.base.base == "e" and other.sub is None
    return isinstance(other, t.Call) and isinstance(other.head, t.Name) and other.head.base == "exp"


def _may_be_probability(node: Node) -> bool:
    """Whether the argument of a logarithm looks like a probability: a name, a call, or one minus such."""
    node = plain(_subtracted_from_one(node) or node)
    return isinstance(node, t.Given) or parts_of(node) is not None or call_of(node) is not None


def _subtracted_from_one(node: Node) -> Node | None:
    """``y`` of ``1 - y``; None for anything else."""
    if not isinstance(node, t.Sum) or len(node.terms) != 2 or node.terms[1].sign != "-":
        return None
    first = printed(node.terms[0].term)
    return node.terms[1].term if first is not None and first.value == 1 else None
