"""Reading big operators: sums and maxima over letters, or over all entries."""

from __future__ import annotations

import sympy

from symnn.errors import SymnnError
from symnn.formula.application import Array
from symnn.formula.nodes import Extreme, Total
from symnn.network import arrays
from symnn.network.arrays import Expression
from symnn.notation.tree import (
    BigOperator,
)
from symnn.notes.read.expressions.indexed import bound_by
from symnn.notes.read.expressions.scripts import Scripts
from symnn.notes.read.layer_sizes import limit
from symnn.notes.read.passages import Spot
from symnn.notes.read.scope import Scope
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.shapes.terms import Letter, Term


class Sums(Scripts):
    """Reads sums and maxima."""

    def big(self, node: BigOperator, scope: Scope) -> Term:
        """A sum or a maximum over letters, or over all entries."""
        spot = scope.passage.spot(node)
        products = node.kind == "prod" and self.model.by_logarithms
        if node.kind not in ("sum", "max", "min") and not products:
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
            if node.kind == "prod":
                # The value where all factors are positive, and the analytic continuation of it elsewhere.
                formula = sympy.log(formula)
            for letter in reversed(letters):
                index = letter.index(self.solver)
                if letter.reach is not None:
                    formula *= limit(letter, letter.reach, scope.letters, self.model)
                formula = Total(formula, index) if node.kind in ("sum", "prod") else Extreme(formula, index)
            if node.kind == "prod":
                formula = sympy.exp(formula)
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
        except (Clash, SymnnError) as error:
            raise spot.error(
                f"the index {letter.name} does not occur in what is summed, and that is no vector"
            ) from error
        return Term(self.solver.shape([], spot), lambda: arrays.total(body.build()), spot, free=body.free)
