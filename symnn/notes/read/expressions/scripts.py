"""Reading names with their scripts: labels, indices, transposes, powers, and names with a meaning of their own."""

from __future__ import annotations

from collections.abc import Sequence as Items
from dataclasses import replace

import sympy
from sympy import Expr

from symnn.formula.application import Array
from symnn.formula.index import dimension, fresh_index
from symnn.formula.nodes import Delta, Inside
from symnn.network.arrays import Expression, expression
from symnn.notation.tree import (
    Group,
    Name,
    Negative,
    Node,
    Number,
    Product,
    Script,
)
from symnn.notes.read.expressions.indexed import Place, Resolved, position_of, resolve
from symnn.notes.read.expressions.matrices import inverse_of
from symnn.notes.read.expressions.ranges import Guard
from symnn.notes.read.expressions.trees import components, is_transpose
from symnn.notes.read.layer_sizes import counted_from_zero
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.recurrences import Recurrences, is_recurrent
from symnn.notes.read.scope import Scope
from symnn.notes.read.shapes.constraints import Affine, Leading, Transposed, Within
from symnn.notes.read.shapes.shapes import Dim, Solver
from symnn.notes.read.shapes.terms import Letter, Term, Variable, constant_term, number_of
from symnn.notes.read.statements import Piece


class Scripts(Recurrences):
    """Reads names and scripts."""

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
                return self.filled(number_of(base), node, scope, spot)
            if isinstance(base, Group) and base.left == "‖":
                return self.norm(base, node.sub, node.sup, scope, spot)
            if isinstance(base, Product) and base.operator == "juxtaposed" and len(base.factors) == 2:
                units = self.units(base.factors, scope)
                if len(units) == 1:
                    return self.raised(units[0], node.sub, node.sup, scope, spot)
            return self.raised(self.read(base, scope), node.sub, node.sup, scope, spot)
        if parts.key in self.model.layer_sizes and (parts.subs or parts.sups):
            return self.size_of_layer(node, scope, spot)
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
            layers = resolved.above
            if layers:
                self.model.raised.add(term.variable)
            if not layers and len(resolved.places) == 1 and self.model.table.labels_above(resolved.key.bare):
                layers = 1  # W^Q_h is one matrix of several
            self.model.layered[term.variable] = max(layers, self.model.layered.get(term.variable, 0))
            if not shifted:
                self.model.use(term.variable)
        return self.placed(term, resolved, scope, spot)

    def size_of_layer(self, node: Node, scope: Scope, spot: Spot) -> Term:
        r"""The number ``n_\ell`` of entries of a layer."""
        size = self.model.size(node, Piece(node, scope.passage), scope.section)
        letters = {name: letter for name, letter in scope.letters.items() if dimension(name) in size.free_symbols}

        def build() -> Expression:
            places = {name: letter.index(self.solver) for name, letter in letters.items()}
            return Expression(Array((), counted_from_zero(size, self.model.table, places)))

        return Term(self.solver.shape([], spot), build, spot, free=frozenset(letters.values()))

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
        from symnn.notes.read.expressions.functions import names_function

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
            term = self.indexed(term, resolved.places, spot, scope.guards)
        for sup in resolved.raised:
            term = self.raised(term, None, sup, scope, spot)
        return term

    def raised(self, term: Term, sub: Node | None, sup: Node | None, scope: Scope, spot: Spot) -> Term:
        """Scripts on something composite: indices below, a transpose or a power above."""
        if sub is not None:
            places = [position_of(self, component, scope, one_based=True) for component in components(sub)]
            term = self.indexed(term, places, spot, scope.guards)
        if sup is None:
            return term
        if is_transpose(sup):
            return self.transpose(term, spot)
        if isinstance(sup, Negative) and is_transpose(sup.body):
            return self.transpose(inverse_of(self, term, spot, matrix=True), spot)
        if isinstance(sup, Name) and sup.base in ("*", "dagger", "star"):
            raise spot.error("a raised sign that is not understood")
        if isinstance(sup, Product) and any(isinstance(part, Group) and part.left == "[" for part in sup.factors):
            raise spot.error(
                "a layer and a sample above a name: of which matrix is it a row or a column?",
                hint=r"declare the matrix with its shape, such as A^{[1]} \in \mathbb{R}^{n \times m}",
            )
        exponent = self.read(sup, scope)
        if exponent.number == -1 and self.solver.rank(term.shape) != 0:
            return inverse_of(self, term, spot)
        negative = exponent.number is not None and exponent.number.is_negative
        if negative:
            self.model.inverted.append((term.shape, spot))
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

    def indexed(self, term: Term, places: Items[Place], spot: Spot, guards: Items[Guard] = ()) -> Term:
        """The part of an array at index expressions, for its first axes; guarded places may lie outside of it."""
        dims: list[Dim] = []
        padded: list[tuple[Place, Dim]] = []
        for place in places:
            guard = next((guard for guard in guards if guard.place.is_at(place)), None)
            if guard is not None:
                dims.append(self.solver.dim(guard.length, spot))
            elif place.parts and place.plain is None and self.model.table.is_zero_outside:
                if any(letter.first is None for _, letter in place.parts):
                    raise spot.error(
                        "whether this counts from 0 or from 1 is not said", hint="write the range of every index"
                    )
                dims.append(self.solver.dim(None, spot))
                padded.append((place, dims[-1]))
            else:
                dims.append(place.plain or self.walked(place, spot))
        rest = self.solver.shape(origin=spot)
        self.solver.add(Leading(term.shape, tuple(dims), rest, spot), [term.shape, rest])

        def build() -> Expression:
            array = term.build().array
            kept = tuple(index.fresh() for index in array.indices[len(places) :])
            body = array.at(*[place.value(self.solver) for place in places], *kept)
            within = [Inside(place.value(self.solver), self.solver.value(dim)) for place, dim in padded]
            return Expression(Array(kept, sympy.Mul(*within, body)))

        letters = frozenset(letter for place in places for _, letter in place.parts)
        return Term(rest, build, spot, free=term.free | letters)

    def walked(self, place: Place, spot: Spot) -> Dim:
        """The dimension of an axis that is walked by an index expression."""
        dim = self.solver.dim(None, spot)
        if not place.parts:
            if place.last is not None:
                self.model.wishes.append((dim, place.last, spot))
            return dim
        if place.offset.could_extract_minus_sign():
            hint = "change the limits, or say where it is inside: [0 <= i - 1 < n] x_{i-1}"
            raise spot.error("the index reaches before the first entry", hint=hint)
        dims = tuple(letter.dim for _, letter in place.parts)
        constraint: Within | Affine
        if place.only is not None and place.only.first is not None and place.size == 0:
            constraint = Within(dim, dims[0], place.shift, spot)
        else:
            parts = tuple((coefficient, letter.dim) for coefficient, letter in place.parts)
            constraint = Affine(dim, parts, place.offset, spot)
        self.solver.constraints.append(constraint)
        for watched in (dim, *dims):
            self.solver.root(watched).watchers.append(constraint)
        return dim


def _scripts(parts: Parts) -> Script:
    """A name with at most one script below and above as one node."""
    sub = parts.subs[0] if parts.subs else None
    return Script(parts.base, sub, parts.sups[0] if parts.sups else None)


def _bare(node: Node, key: Key) -> Node:
    """The name as the author wrote it, without the scripts that do not belong to it."""
    from symnn.notes.read.expressions.indexed import bare_name

    return bare_name(node, key)
