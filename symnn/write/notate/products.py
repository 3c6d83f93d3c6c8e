"""Putting a product together: its number, its scalars above and below a bar, and its array."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from sympy import Add, Mul, Pow, S

from symnn.formula.application import Application
from symnn.formula.index import Index
from symnn.formula.matrices import Inverse
from symnn.formula.nodes import Entry, Total, tensors
from symnn.notation.tree import Derivative, Group, Name, Negative, Node, Number, Product
from symnn.write.notate.arrange import Factor
from symnn.write.notate.build import (
    ONES,
    as_factor,
    fraction,
    is_call,
    is_matrix_product,
    is_squared_norm,
    juxtaposed,
    norm_to_the,
    number,
    powered,
    rooted,
    scalar_product,
    signed_product,
    subscripted,
    transposed,
)
from symnn.write.notate.chains import Chain, Link, chain_node
from symnn.write.notate.functions import FunctionPrinter
from symnn.write.notate.labels import spoken
from symnn.write.notate.roots import with_roots

HALF: Final = S.Half
MINUS_ONE: Final = Negative(Number("1"))


class ProductPrinter(FunctionPrinter):
    """Prints products of scalars, alone or in front of an array."""

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
        coefficient, scalars = with_roots(coefficient, scalars)
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
        elif upper and chain is None and not constant and size == 1 and all(f.base.is_number for f, _ in below):
            front = [fraction(scalar_product(upper), scalar_product([node for _, node in below]))] if below else upper
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
        if exponent == HALF:
            return rooted(self.scalar(base))
        if exponent.is_Rational and exponent.q == 2 and exponent > 0:
            inside = self.scalar(base)
            if is_squared_norm(inside):
                return norm_to_the(inside, int(exponent.p))
        return powered(self.atom(base), self.scalar(exponent))

    def atom(self, base: Any) -> Node:
        """A scalar factor."""
        if isinstance(base, Entry):
            places = spoken(base)
            return self.names.entry(base.tensor.name, tuple(self.position(place) for place in places))
        if isinstance(base, Application):
            return self.application(base, as_array=False)
        if isinstance(base, Inverse):
            inverse = Group(powered(self.whole_array(base.matrix), MINUS_ONE))
            return subscripted(inverse, tuple(self.position(place) for place in base.places))
        if isinstance(base, Add | Mul | Total):
            return self.scalar(base)
        if isinstance(base, Pow):
            return self.power(base.base, base.exp)
        return self.function(base, ())


def unlike_a_call(product: Node, factors: Sequence[Any]) -> Node:
    """A product with a dot where a name before a bracket, below a slash, would look like a function."""
    if len(factors) > 1 and isinstance(product, Product) and is_call(product):
        return Product("cdot", product.factors)
    return product
