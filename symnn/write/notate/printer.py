r"""Printing formulas: matrix notation where there is one, else entry by entry.

One printer serves both. An index is either an *axis*, which matrix notation hides (``Σ_k W[i,k] x[k]`` is ``W x``), or
a *label*, which is printed (``h[t, i]`` with the label t is the vector ``h_t``). When every index is a label, every
value is a scalar and the result is index notation. Vectors are columns; functions, powers and quotients of arrays are
taken entry by entry; the rows of a matrix stand for its first index.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import sympy
from sympy import Add, Expr, Mul, Pow, S

from symnn.formula.application import Application, Array
from symnn.formula.index import Index, as_formula
from symnn.formula.matrices import Inverse
from symnn.formula.nodes import Bracket, Delta, Entry, Total, total
from symnn.formula.polish import readable_indices
from symnn.notation.tree import Group, Node, Number
from symnn.write.notate.arrange import Factor, Term, ordered_terms, split_content, term_of
from symnn.write.notate.build import added, applied, juxtaposed, negative, number, powered, rooted, subscripted, summed
from symnn.write.notate.chains import IDENTITY_LINK, Chain, Contraction, Link, NoMatrixForm, Weight, turned
from symnn.write.notate.guards import without_guards
from symnn.write.notate.labels import label_indices, multiplied_out, only_place, told, without_unit_sums, without_units
from symnn.write.notate.letters import NotateError
from symnn.write.notate.names import Names, function_head, operator_head
from symnn.write.notate.products import HALF, MINUS_ONE, ProductPrinter

MAX_DEPTH: Final = 120


def index_form(formula: Any, names: Names, indices: Sequence[Index] = ()) -> Node:
    """A formula entry by entry, in index notation. `indices` are the free ones, whose letters are kept.

    Raises NotateError for a node that is not part of a formula.
    """
    formula = without_guards(without_unit_sums(as_formula(formula)), names.families)
    formula = readable_indices(formula, indices)
    return Printer(names, formula, None, indices).whole(formula, ())


def condition_form(condition: Any, names: Names, indices: Sequence[Index] = ()) -> Node:
    """A condition between formulas entry by entry, such as ``t_i ≠ 0``."""
    return Printer(names, Bracket(condition), None, indices).condition(condition, ())


def matrix_form(formula: Any, indices: Sequence[Index], names: Names, own: int = 0) -> Node:
    """The array with this formula at these indices, in matrix notation; the first `own` indices are always printed.

    Raises NoMatrixForm when there is none, NotateError for a node that is not part of a formula.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Tensor
    >>> m, n = dimension("m"), dimension("n"); i, k = Index("i", m), Index("k", n)
    >>> W, g = Tensor("W", (m, n)), Tensor("g", (m,))
    >>> from symnn.notation.tree import Name
    >>> names = Names({}, Name("L"))
    >>> matrix_form(Total(W[i, k] * g[i], i), (k,), names).factors[0].sup
    Name(base='top', font='', accents=())
    """
    formula = without_guards(without_units(as_formula(formula)), names.families)
    formula = readable_indices(formula, indices)
    labels = label_indices(formula, indices, names.families.count, own)
    axes = tuple(index for index in indices if index not in labels)
    if any(index in labels for index in indices[len(indices) - len(axes) :]) or len(axes) > 2:
        raise NoMatrixForm("an axis that is written as a label stands behind one that is not")
    return Printer(names, formula, labels, indices).whole(formula, axes)


class Printer(ProductPrinter):
    """Prints sums and products, and finds the matrix notation of contractions."""

    def whole(self, formula: Any, axes: tuple[Index, ...]) -> Node:
        """The array over exactly these axes, also where the formula is constant along some of them."""
        minus, node = self.signed(formula, axes, exact=True)
        return negative(node) if minus else node

    def part(self, formula: Any, axes: tuple[Index, ...]) -> Node:
        """The array over these axes as an argument or operand, where a plain number may stand for all entries."""
        minus, node = self.signed(formula, axes, exact=False)
        return negative(node) if minus else node

    def scalar(self, formula: Any) -> Node:
        """A value without axes: with vectors inside it where that reads well, else in index notation."""
        try:
            return self.part(formula, ())
        except NoMatrixForm:
            return self.entry_wise().part(formula, ())

    def signed(self, formula: Any, axes: tuple[Index, ...], exact: bool) -> tuple[bool, Node]:
        """Whether a minus sign stands in front, and what follows it."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotateError("the formula is nested too deeply to be printed")
        try:
            if isinstance(formula, Add):
                content, formula = split_content(formula)
                if content != 1:
                    return self._scaled(content, formula, axes)
                return False, self.sum(formula, axes)
            if len(axes) == 2 and formula.is_Mul:
                formula = multiplied_out(formula)
                if isinstance(formula, Add):
                    return False, self.sum(formula, axes)
            return self.term(formula, axes, exact)
        finally:
            self.depth -= 1

    def _scaled(self, content: Fraction, formula: Any, axes: tuple[Index, ...]) -> tuple[bool, Node]:
        inside = self.sum(formula, axes)
        if abs(content) == 1:
            return content < 0, inside
        return content < 0, juxtaposed([number(abs(content)), inside])

    def sum(self, formula: Add, axes: tuple[Index, ...]) -> Node:
        shown = []
        for part in ordered_terms(formula):
            minus, node = self.term(part, axes, exact=not part.is_number)
            shown.append((minus, node))
        return added(shown)

    def term(self, formula: Expr, axes: tuple[Index, ...], exact: bool) -> tuple[bool, Node]:
        """A product, summed over its bound indices."""
        term = term_of(formula, merge=self.labels is not None)
        if term.coefficient == 0:
            return False, Number("0")
        try:
            return self._contracted(term, axes, exact)
        except NoMatrixForm:
            if axes or self.labels is None:
                raise
            # A scalar is always there, entry by entry.
            return self.entry_wise().term(formula, (), exact)

    def _contracted(self, term: Term, axes: tuple[Index, ...], exact: bool) -> tuple[bool, Node]:
        labels = [index for index in term.bound if not self.is_axis(index)]
        outer = [f for f in term.factors if not set(labels) & f.formula.free_symbols] if labels else []
        inner = [f for f in term.factors if f not in outer]
        if labels and any(self.axes_in(f.formula) for f in outer):
            outer, inner = [], list(term.factors)
        contraction = Contraction([i for i in term.bound if self.is_axis(i)], self._total)
        scalars = []
        for factor in inner:
            if not self.axes_in(factor.formula):
                scalars.append(factor)
            else:
                self.place(factor, contraction)
        contraction.run()
        chain = self.result(contraction, axes)
        products = [(node, _whole(raw)) for node, raw in contraction.scalars]
        if not labels:
            return self.scaled(term.coefficient, scalars, products, chain, axes, exact)
        _, body = self.scaled(Fraction(1), scalars, products, chain, axes, True)
        for index in reversed(labels):
            body = summed("sum", self.index(index), body, self.limits(index, *(f.formula for f in term.factors)))
        if not axes:
            return self.scaled(term.coefficient, outer, [(body, _whole(Total(S.One, labels[0])))], None, (), exact)
        return self.scaled(term.coefficient, outer, [], (Link(body, len(axes)),), axes, exact)

    def result(self, contraction: Contraction, axes: tuple[Index, ...]) -> Chain | None:
        """What is left over the free axes."""
        if len(axes) == 1:
            return contraction.vector(axes[0])
        if len(axes) == 2:
            found = contraction.matrix(*axes)
            if found is not None and IDENTITY_LINK in found and "I" in self.names.letters:
                raise NoMatrixForm("the letter of the identity matrix is taken")
            return found
        return None

    def place(self, factor: Factor, contraction: Contraction) -> None:
        """Put a factor with one or two axes where it belongs."""
        axes = self.axes_in(factor.formula)
        base = factor.base
        key = self.key(factor)
        if len(axes) > 2:
            raise NoMatrixForm("a factor with more than two axes")
        if isinstance(base, Delta):
            contraction.add_matrix(axes[0], axes[1], Weight((IDENTITY_LINK,), 1, base, key))
            return
        power = factor.power
        if not power.is_Integer:
            chain = self.with_power(base, power, axes)
            base, count = factor.formula, 1
            if power.is_negative:
                chain, count = self.with_power(factor.base, -power, axes), -1
        else:
            chain, count = self.chain(base, axes), int(power)
        weight = Weight(chain, count, factor.formula, key)
        if len(axes) == 1:
            contraction.add_vector(axes[0], weight)
            return
        contraction.add_matrix(axes[0], axes[1], weight)

    def with_power(self, base: Any, power: Any, axes: tuple[Index, ...]) -> Chain:
        """A root or another power of the entries of a vector."""
        if len(axes) > 1:
            raise NoMatrixForm("a power of the entries of a matrix")
        if self.axes_in(power):
            raise NoMatrixForm("a power with an exponent that is an array")
        inside = self.part(base, axes)
        if power == HALF:
            return (Link(rooted(inside), 1),)
        return (Link(powered(inside, self.scalar(power)), 1),)

    def chain(self, base: Any, axes: tuple[Index, ...]) -> Chain:
        """A factor as a chain with its rows at the first axis."""
        rank = len(axes)
        if isinstance(base, Entry):
            return self.entry_chain(base, axes)
        if isinstance(base, Application):
            return self.application_chain(base, axes)
        if isinstance(base, Inverse):
            return self.inverse_chain(base, axes)
        if isinstance(base, Add | Mul | Pow | Total):
            return (Link(self.part(base, axes), rank),)
        return (Link(self.function(base, axes), rank),)

    def entry_chain(self, entry: Entry, axes: tuple[Index, ...]) -> Chain:
        if len(entry.indices) == 2 and len(told(entry)) == 1 and axes == told(entry):
            # A matrix of one row is the transpose of a vector, a matrix of one column is one.
            return (Link(self.names.named(entry.tensor.name), 2, only_place(entry, 0)),)
        plain = [i for i in entry.indices if isinstance(i, Index) and self.is_axis(i)]
        if len(plain) != len(axes):
            raise NoMatrixForm("the diagonal of a matrix")
        sizes = entry.tensor.shape[len(entry.indices) - len(plain) :]
        if any(sympy.expand(place.dimension - size) != 0 for place, size in zip(plain, sizes, strict=True)):
            raise NoMatrixForm("an index that walks another range than the axis")
        lead = entry.indices[: len(entry.indices) - len(plain)]
        if any(self.axes_in(place) for place in lead):
            raise NoMatrixForm("a label behind an axis")
        node = self.names.entry(entry.tensor.name, tuple(self.position(place) for place in lead))
        chain = (Link(node, len(axes)),)
        return turned(chain) if len(plain) == 2 and tuple(plain) != axes else chain

    def application_chain(self, application: Application, axes: tuple[Index, ...]) -> Chain:
        places = application.places
        if len(places) != len(axes) or set(places) != set(axes):
            raise NoMatrixForm("an entry of an operator")
        chain = (Link(self.application(application, as_array=True), len(axes)),)
        return turned(chain) if tuple(places) != axes else chain

    def inverse_chain(self, inverse: Inverse, axes: tuple[Index, ...]) -> Chain:
        places = inverse.places
        if len(places) != len(axes) or set(places) != set(axes):
            raise NoMatrixForm("an entry of an inverse")
        chain = (Link(powered(self.whole_array(inverse.matrix), MINUS_ONE), 2),)
        return turned(chain) if tuple(places) != axes else chain

    def whole_array(self, array: Array) -> Node:
        """An array that is the argument of an operator, with axes of its own."""
        return Printer(self.names, array.body, frozenset(), array.indices).whole(array.body, array.indices)

    def application(self, application: Application, as_array: bool) -> Node:
        from symnn.declare import registry

        declared = registry.find(application.definition.name)
        head = operator_head(declared) if declared is not None else function_head(application.definition.name)
        shown = [self.whole_array(argument) for argument in application.arguments]
        shown += [self.scalar(constant) for constant in application.constants]
        whole = applied(head, shown)
        if as_array or not application.places:
            return whole
        return subscripted(Group(whole), tuple(self.position(place) for place in application.places))

    def _total(self, raw: Expr, bound: list[Index]) -> Node:
        """A scalar sum, entry by entry."""
        return self.entry_wise().part(total(raw, *bound), ())


def _whole(formula: Any) -> Factor:
    return Factor(formula, S.One)
