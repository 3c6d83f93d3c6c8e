r"""Printing formulas: matrix notation where there is one, else entry by entry.

One printer serves both. An index is either an *axis*, which matrix notation hides (``Σ_k W[i,k] x[k]`` is ``W x``), or
a *label*, which is printed (``h[t, i]`` with the label t is the vector ``h_t``). When every index is a label, every
value is a scalar and the result is index notation. Vectors are columns; functions, powers and quotients of arrays are
taken entry by entry; the rows of a matrix stand for its first index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final

import sympy
from sympy import Abs, Add, Expr, Mul, Pow, S, cos, erf, exp, log, sign, sin

from symnn.formula.application import Application, Array
from symnn.formula.index import Index, as_formula
from symnn.formula.matrices import Inverse, LogDeterminant, MatrixNode
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Partial,
    Total,
    entries,
    subformulas,
    tensors,
    total,
)
from symnn.formula.polish import readable_indices
from symnn.formula.substitute import substitute_indices, transform
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    BigOperator,
    Branch,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Product,
    Quotient,
    Relation,
    Script,
    Text,
)
from symnn.notation.tree import Cases as CasesNode
from symnn.notation.tree import (
    Link as RelationLink,
)
from symnn.write.notate.arrange import (
    Factor,
    Term,
    as_fraction,
    factor_key,
    ordered_terms,
    split_content,
    term_of,
)
from symnn.write.notate.build import (
    ONES,
    added,
    applied,
    as_factor,
    fraction,
    is_call,
    is_matrix_product,
    juxtaposed,
    negative,
    number,
    powered,
    rooted,
    scalar_product,
    signed_product,
    subscripted,
    summed,
    transposed,
)
from symnn.write.notate.chains import (
    IDENTITY_LINK,
    Chain,
    Contraction,
    Link,
    NoMatrixForm,
    Weight,
    chain_node,
    turned,
)
from symnn.write.notate.names import Names, function_head, operator_head

MAX_DEPTH: Final = 120
LETTERS: Final = "ijklmnpqrsuvabc"
_RELATIONS: Final = {"<": "<", "<=": "le", ">": ">", ">=": "ge", "==": "=", "!=": "ne"}
_HALF: Final = S.Half
MINUS_ONE: Final = Negative(Number("1"))


class NotateError(ValueError):
    """A formula cannot be printed: a node of an unknown kind, or nested too deeply."""


def index_form(formula: Any, names: Names, indices: Sequence[Index] = ()) -> Node:
    """A formula entry by entry, in index notation. `indices` are the free ones, whose letters are kept.

    Raises NotateError for a node that is not part of a formula.
    """
    formula = readable_indices(without_unit_sums(as_formula(formula)), indices)
    return _Printer(names, formula, None, indices).whole(formula, ())


def matrix_form(formula: Any, indices: Sequence[Index], names: Names) -> Node:
    """The array with this formula at these indices, in matrix notation.

    Raises NoMatrixForm when there is none, NotateError for a node that is not part of a formula.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Tensor
    >>> m, n = dimension("m"), dimension("n"); i, k = Index("i", m), Index("k", n)
    >>> W, g = Tensor("W", (m, n)), Tensor("g", (m,))
    >>> names = Names({}, Name("L"))
    >>> matrix_form(Total(W[i, k] * g[i], i), (k,), names).factors[0].sup
    Name(base='top', font='', accents=())
    """
    formula = readable_indices(without_units(as_formula(formula)), indices)
    labels = label_indices(formula, indices)
    axes = tuple(index for index in indices if index not in labels)
    if any(index in labels for index in indices[len(indices) - len(axes) :]) or len(axes) > 2:
        raise NoMatrixForm("an axis that is written as a label stands behind one that is not")
    return _Printer(names, formula, labels, indices).whole(formula, axes)


def without_units(formula: Any) -> Any:
    """A formula without the deltas that compare the one place of an axis of size 1 with a number."""

    def visit(node: Any) -> Any | None:
        if not isinstance(node, Delta):
            return None
        found = node.difference.atoms(Index)
        if any(index.dimension != 1 for index in found):
            return None
        return S.One if node.difference.xreplace(dict.fromkeys(found, S.Zero)) == 0 else S.Zero

    return transform(formula, visit) if formula.has(Delta) else formula


def without_unit_sums(formula: Any) -> Any:
    """A formula without sums over axes of size 1, and without the deltas that `without_units` drops."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Total) and node.index.dimension == 1:
            return without_unit_sums(substitute_indices(node.body, {node.index: S.Zero}))
        return None

    units = any(isinstance(node, Index) and node.dimension == 1 for node in subformulas(formula))
    return without_units(transform(formula, visit)) if units else formula


def multiplied_out(formula: Mul) -> Any:
    """A product with a sum that holds a delta, multiplied out: ``p_i (δ_ij - p_j)`` is ``diag(p) - p p^T``."""
    for place, factor in enumerate(formula.args):
        if isinstance(factor, Add) and any(isinstance(f, Delta) for t in factor.args for f in Mul.make_args(t)):
            rest = Mul(*formula.args[:place], *formula.args[place + 1 :])
            return Add(*[rest * term for term in factor.args])
    return formula


def spoken(entry: Entry) -> tuple[Any, ...]:
    """The indices of an entry without those on axes of size 1."""
    return tuple(at for at, size in zip(entry.indices, entry.tensor.shape, strict=True) if size != 1)


def only_place(entry: Entry, axis: int) -> bool:
    """Whether an index is the number 0 on an axis of size 1, so that it says nothing."""
    return bool(entry.indices[axis] == 0 and entry.tensor.shape[axis] == 1)


def _told(entry: Entry) -> tuple[Any, ...]:
    """The indices of an entry that say something, where the rest leaves a vector or a number."""
    kept = tuple(at for axis, at in enumerate(entry.indices) if not only_place(entry, axis))
    return kept if len(entry.indices) <= 2 else entry.indices


def label_indices(formula: Any, indices: Sequence[Index] = ()) -> frozenset[Index]:
    """The indices that matrix notation cannot hide: leading axes of arrays with more than two, and shifted ones."""
    found: set[Index] = set(indices[: max(0, len(indices) - 2)])
    formula = without_units(formula)
    places = [_told(entry) for entry in entries(formula)]
    places += [node.places for node in subformulas(formula) if isinstance(node, Application | MatrixNode)]
    for node in subformulas(formula):
        if (isinstance(node, Delta) and not _plain_delta(node)) or isinstance(node, Inside):
            found |= node.atoms(Index)
        if isinstance(node, Compare):
            bare = [side for side in (node.left, node.right) if not entries(side)]
            found |= set().union(*(side.atoms(Index) for side in bare))
    while True:
        before = len(found)
        for place in places:
            lead = max(0, len(place) - 2)
            for position, at in enumerate(place):
                if not isinstance(at, Index) or at in found or at in place[:position]:
                    lead = max(lead, position + 1)
            if len(place) == 2 and place[0] == place[1] and place[0] not in found:
                lead = 0  # the diagonal, handled where it is summed
            for at in place[:lead]:
                found |= at.atoms(Index)
        if len(found) == before:
            return frozenset(found)


def letters_of(names: Names, formula: Any, indices: Sequence[Index]) -> dict[Index, Node]:
    """What the free indices are called when the formula is printed."""
    formula = readable_indices(as_formula(formula), indices)
    letters = _letters(names, formula, indices)
    return {index: Name(letters[index]) for index in indices}


def _plain_delta(delta: Delta) -> bool:
    difference = delta.difference
    both = sorted(difference.atoms(Index), key=lambda index: index.sort_name)
    return (
        len(both) == 2
        and difference in (both[0] - both[1], both[1] - both[0])
        and (both[0].dimension == both[1].dimension)
    )


class _Printer:
    """Prints the parts of one formula. `labels` None: every index is a label."""

    def __init__(self, names: Names, formula: Any, labels: frozenset[Index] | None, free: Sequence[Index] = ()) -> None:
        self.names = names
        self.labels = labels
        self.depth = 0
        self.formula = formula
        self.free = tuple(free)
        self.avoided = _taken_letters(names, formula)
        self.letters = _letters(names, formula, free)

    def is_axis(self, index: Index) -> bool:
        return self.labels is not None and index not in self.labels

    def axes_in(self, formula: Any) -> tuple[Index, ...]:
        """The free axes of a formula, those that come first in its entries first."""
        found = {i for i in formula.free_symbols if isinstance(i, Index) and self.is_axis(i)}
        if len(found) < 2:
            return tuple(found)
        places: dict[Index, list[int]] = {index: [] for index in found}
        for entry in entries(formula):
            axes = [i for i in entry.indices if i in found]
            if len(axes) == 2:
                places[axes[0]].append(0)
                places[axes[1]].append(1)

        def key(index: Index) -> tuple[Any, ...]:
            spots = places[index]
            return (sum(spots) / len(spots) if spots else 0.5, index.sort_name)

        return tuple(sorted(found, key=key))

    def entry_wise(self) -> _Printer:
        """The same printer in index notation."""
        other = _Printer.__new__(_Printer)
        other.names, other.labels, other.depth = self.names, None, self.depth
        other.formula, other.letters, other.avoided = self.formula, self.letters, self.avoided
        other.free = self.free
        return other

    def key(self, factor: Factor) -> tuple[Any, ...]:
        """Where a factor stands in a product; of two entries, the one with the earlier free index comes first."""
        rank, words = factor_key(factor, self.names.parameters)
        places = [self.free.index(i) for i in factor.formula.free_symbols if i in self.free]
        return (rank, min(places, default=len(self.free)), words)

    def index(self, index: Index) -> Node:
        if index not in self.letters:
            taken = {*self.letters.values(), *self.avoided}
            wanted = self.names.index_letter(index)
            free = next((letter for letter in LETTERS if letter not in taken), None)
            if wanted in taken and free is None:
                raise NotateError("there are more indices than letters")
            self.letters[index] = wanted if wanted not in taken else str(free)
        return Name(self.letters[index])

    # -- arrays and scalars -----------------------------------------------------------------------------------

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

    # -- products ---------------------------------------------------------------------------------------------

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
            body = summed("sum", self.index(index), body)
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
        if power == _HALF:
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
        if len(entry.indices) == 2 and len(_told(entry)) == 1 and axes == _told(entry):
            # A matrix of one row is the transpose of a vector, a matrix of one column is one.
            return (Link(self.names.named(entry.tensor.name), 2, only_place(entry, 0)),)
        plain = [i for i in entry.indices if isinstance(i, Index) and self.is_axis(i)]
        if len(plain) != len(axes):
            raise NoMatrixForm("the diagonal of a matrix")
        lead = entry.indices[: len(entry.indices) - len(plain)]
        if any(self.axes_in(place) for place in lead):
            raise NoMatrixForm("a label behind an axis")
        node = self.names.entry(entry.tensor.name, tuple(self.affine(place) for place in lead))
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
        return _Printer(self.names, array.body, frozenset(), array.indices).whole(array.body, array.indices)

    def application(self, application: Application, as_array: bool) -> Node:
        from symnn.declare import registry

        declared = registry.find(application.definition.name)
        head = operator_head(declared) if declared is not None else function_head(application.definition.name)
        shown = [self.whole_array(argument) for argument in application.arguments]
        shown += [self.scalar(constant) for constant in application.constants]
        whole = applied(head, shown)
        if as_array or not application.places:
            return whole
        return subscripted(Group(whole), tuple(self.affine(place) for place in application.places))

    # -- a product with its number and its scalars -------------------------------------------------------------

    def scaled(
        self,
        coefficient: Fraction,
        scalars: Sequence[Factor],
        products: Sequence[tuple[Node, Factor]],
        chain: Chain | None,
        axes: tuple[Index, ...],
        exact: bool,
    ) -> tuple[bool, Node]:
        """A number, scalar factors and an array, put together."""
        above: list[tuple[Factor, Node]] = []
        below: list[tuple[Factor, Node]] = []
        items: list[tuple[Any, Factor, Node | None]] = []
        items += [(self.key(f), f, None) for f in scalars]
        items += [((6, 0, ()), f, node) for node, f in products]
        for _, factor, shown in sorted(items, key=lambda item: item[0]):
            if shown is not None:
                above.append((factor, shown))
            elif factor.power.could_extract_minus_sign():
                below.append((factor, self.power(factor.base, -factor.power)))
            else:
                above.append((factor, self.power(factor.base, factor.power)))
        minus, size = coefficient < 0, abs(coefficient)
        bare = not above and not below and chain is None
        if bare:
            node = number(size)
            if axes and exact:
                filled = [link.node for link in self.filled(axes)]
                node = juxtaposed([*([] if size == 1 and filled else [node]), *filled])
            return minus, node
        if chain is None and axes:
            chain = self.filled(axes) or None
        return minus, self.assembled(size, above, below, chain)

    def filled(self, axes: tuple[Index, ...]) -> Chain:
        """The ones that spread a scalar over the axes; an axis of size 1 needs none."""
        shown = []
        for place, index in enumerate(axes):
            if index.dimension != 1:
                shown.append(Link(transposed(ONES) if place else ONES, 1))
        return tuple(shown)

    def assembled(
        self,
        size: Fraction,
        above: list[tuple[Factor, Node]],
        below: list[tuple[Factor, Node]],
        chain: Chain | None,
    ) -> Node:
        whole = number(size) if size.denominator != 1 and isinstance(number(size), Number) else None
        top = whole if whole is not None else None if size.numerator == 1 else Number(str(size.numerator))
        bottom = None if whole is not None or size.denominator == 1 else Number(str(size.denominator))
        several = (
            len(above) > 1 or chain is not None or size.numerator != 1 or bool(size.denominator != 1 and not below)
        )
        shown = [Group(node) if several and is_matrix_product(node) else node for _, node in above]
        constant = [node for (factor, _), node in zip(above, shown, strict=True) if factor.base.is_number]
        upper = [node for (factor, _), node in zip(above, shown, strict=True) if not factor.base.is_number]
        if below and any(tensors(factor.formula) for factor, _ in below):
            numerator = scalar_product([*([top] if top else []), *constant, *upper])
            denominator = unlike_a_call(
                scalar_product([*([bottom] if bottom else []), *(node for _, node in below)]), below
            )
            front: list[Node] = [fraction(numerator, denominator)]
        elif below or bottom is not None:
            denominator = scalar_product([*([bottom] if bottom else []), *(node for _, node in below)])
            front = [fraction(scalar_product([*([top] if top else []), *constant]), denominator), *upper]
        else:
            front = [*([top] if top else []), *constant, *upper]
        if chain is None:
            return scalar_product(front)
        if not front:
            return chain_node(chain)
        return self.before_chain(front, chain)

    def before_chain(self, front: list[Node], chain: Chain) -> Node:
        """Scalars in front of an array."""
        array = chain_node(chain)
        scale = scalar_product([as_factor(node, False) for node in front])
        if isinstance(front[-1], Derivative):
            return signed_product("cdot", [scale, array])
        if isinstance(scale, Product) and scale.operator == "cdot":
            *before, last = scale.factors
            return signed_product("cdot", [*before, juxtaposed([last, array])])
        if isinstance(array, Product) and array.operator == "odot" and isinstance(scale, Number | Name):
            first, *rest = array.factors
            return Product("odot", (juxtaposed([scale, first]), *rest))
        return juxtaposed([scale, array])

    def power(self, base: Any, exponent: Any) -> Node:
        """A scalar power."""
        if exponent is S.One:
            return self.atom(base)
        if exponent == _HALF:
            return rooted(self.scalar(base))
        return powered(self.atom(base), self.scalar(exponent))

    def atom(self, base: Any) -> Node:
        """A scalar factor."""
        if isinstance(base, Entry):
            places = spoken(base)
            return self.names.entry(base.tensor.name, tuple(self.affine(place) for place in places))
        if isinstance(base, Application):
            return self.application(base, as_array=False)
        if isinstance(base, Inverse):
            inverse = Group(powered(self.whole_array(base.matrix), MINUS_ONE))
            return subscripted(inverse, tuple(self.affine(place) for place in base.places))
        if isinstance(base, Add | Mul | Total):
            return self.scalar(base)
        if isinstance(base, Pow):
            return self.power(base.base, base.exp)
        return self.function(base, ())

    # -- the other kinds of nodes -----------------------------------------------------------------------------

    def function(self, node: Any, axes: tuple[Index, ...]) -> Node:
        """Everything that is applied entry by entry."""
        if isinstance(node, exp):
            return self.exponential(node.args[0], axes)
        if isinstance(node, Call):
            return applied(self.names.function(node.function), [self.operand(a, axes) for a in node.arguments])
        if isinstance(node, log | sin | cos | erf | sign):
            font = "operatorname" if isinstance(node, erf | sign) else ""
            return applied(Name(type(node).__name__, font=font), [self.operand(node.args[0], axes)])
        if isinstance(node, Abs):
            if len(axes) > 1:
                raise NoMatrixForm("bars around a matrix are a determinant")
            return Group(self.operand(node.args[0], axes), "|", "|")
        if isinstance(node, Maximum | Minimum):
            head = Name("max" if isinstance(node, Maximum) else "min")
            return applied(head, [self.operand(a, axes) for a in node.args])
        if isinstance(node, Bracket):
            return Group(self.condition(node.condition, axes), "[", "]")
        if axes:
            raise NoMatrixForm(f"{type(node).__name__} has no matrix form")
        return self.leaf(node)

    def leaf(self, node: Any) -> Node:
        """The kinds that are scalars in themselves."""
        if isinstance(node, LogDeterminant):
            determinant = applied(Name("det"), [self.whole_array(node.matrix)])
            return applied(Name("log"), [Group(determinant, "|", "|")])
        if isinstance(node, Extreme):
            inner = self.entry_wise()
            return summed("max", inner.index(node.index), inner.part(node.body, ()))
        if isinstance(node, Cases):
            return self.cases(node)
        if isinstance(node, Delta):
            return self.delta(node)
        if isinstance(node, Inside):
            middle = (RelationLink("le", self.affine(node.position)), RelationLink("<", self.affine(node.length)))
            return Group(Relation(Number("0"), middle), "[", "]")
        if isinstance(node, Partial):
            return self.partial(node)
        if isinstance(node, Index):
            return self.index(node)
        if node is sympy.E:
            return Name("e")
        if node is sympy.pi:
            return Name("pi")
        if isinstance(node, sympy.Symbol):
            return self.names.symbol(node)
        if isinstance(node, sympy.Rational):
            shown = number(abs(as_fraction(node)))
            return negative(shown) if node.is_negative else shown
        raise NotateError(f"a {type(node).__name__} has no notation")

    def operand(self, formula: Any, axes: tuple[Index, ...]) -> Node:
        """An argument of a function: over all axes of the function, or a plain number."""
        return self.part(formula, axes) if axes else self.scalar(formula)

    def exponential(self, argument: Any, axes: tuple[Index, ...]) -> Node:
        inside = self.operand(argument, axes)
        if axes or "e" in self.names.letters or _tall(inside):
            return applied(Name("exp"), [inside])
        return Script(Name("e"), None, inside)

    def condition(self, condition: Any, axes: tuple[Index, ...]) -> Node:
        if isinstance(condition, AllOf):
            parts: list[Node] = []
            for place, part in enumerate(condition.args):
                parts += [Text("and")] if place else []
                parts.append(self.condition(part, axes))
            return Phrase(tuple(parts))
        if not isinstance(condition, Compare):
            raise NotateError(f"{type(condition).__name__} is no condition")
        left, right = self.operand(condition.left, axes), self.operand(condition.right, axes)
        return Relation(left, (RelationLink(_RELATIONS[condition.operator], right),))  # type: ignore[arg-type]

    def cases(self, node: Cases) -> Node:
        branches = [Branch(self.scalar(value), self.condition(c, ())) for c, value in node.branches]
        return CasesNode((*branches, Branch(self.scalar(node.default), Text("otherwise"))))

    def delta(self, node: Delta) -> Node:
        places = sorted(node.difference.atoms(Index), key=lambda index: index.sort_name)
        left = next((i for i in places if node.difference.coeff(i) == 1), None)
        if left is None:
            shown = Relation(self.affine(node.difference), (RelationLink("=", Number("0")),))
            return Group(shown, "[", "]")
        right = sympy.expand(left - node.difference)
        if "delta" in self.names.letters or not isinstance(right, Index):
            return Group(Relation(self.index(left), (RelationLink("=", self.affine(right)),)), "[", "]")
        return subscripted(Name("delta"), (self.index(left), self.index(right)))

    def partial(self, node: Partial) -> Node:
        by = self.names.entry(node.entry.tensor.name, tuple(self.affine(p) for p in spoken(node.entry)))
        body = self.entry_wise().part(node.body, ())
        symbol = self.names.derivative_symbol
        if isinstance(node.body, Entry):
            return Derivative(symbol, body, (by,))
        return Derivative(symbol, None, (by,), operand=Group(body))

    def affine(self, formula: Any) -> Node:
        """An index expression or a dimension."""
        formula = as_formula(formula)
        if isinstance(formula, Index):
            return self.index(formula)
        return self.entry_wise().part(formula, ())

    def _total(self, raw: Expr, bound: list[Index]) -> Node:
        """A scalar sum, entry by entry."""
        return self.entry_wise().part(total(raw, *bound), ())


def unlike_a_call(product: Node, factors: Sequence[Any]) -> Node:
    """A product with a dot where a name before a bracket, below a slash, would look like a function."""
    if len(factors) > 1 and isinstance(product, Product) and is_call(product):
        return Product("cdot", product.factors)
    return product


def _taken_letters(names: Names, formula: Any) -> frozenset[str]:
    """The letters that tensors, dimensions and constants of a formula use."""
    used = {word for tensor in tensors(formula) for word in _words(names, tensor.name)}
    used |= {s.name for s in formula.free_symbols if isinstance(s, sympy.Symbol) and not isinstance(s, Index)}
    return frozenset(used)


def _letters(names: Names, formula: Any, free: Iterable[Index]) -> dict[Index, str]:
    """A letter for every index that no tensor and no dimension of the formula uses."""
    used = _taken_letters(names, formula)
    indices = [*free, *sorted(formula.atoms(Index) - set(free), key=lambda index: index.sort_name)]
    letters: dict[Index, str] = {}
    for index in indices:
        wanted = names.index_letter(index)
        taken = used | set(letters.values())
        if wanted in taken:
            free_letter = next((letter for letter in LETTERS if letter not in taken), None)
            if free_letter is None:
                raise NotateError("there are more indices than letters")
            wanted = free_letter
        letters[index] = wanted
    return letters


def _words(names: Names, name: str) -> Iterable[str]:
    node = names.named(name)
    if isinstance(node, Derivative):
        node = node.denominators[0]
    base = node.base if isinstance(node, Script) else node
    if isinstance(base, Name):
        yield base.base


def _whole(formula: Any) -> Factor:
    return Factor(formula, S.One)


def _tall(node: Node) -> bool:
    return any(isinstance(part, Quotient | BigOperator | CasesNode) for part in walk(node))
