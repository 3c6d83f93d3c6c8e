r"""Building notation trees, with brackets wherever the meaning needs them.

The neutral tree keeps brackets as they are written, so whoever builds a tree must put them. Every function here takes
finished trees and returns one that reads back as what it was built from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from symnn.notation.symbols import COMMAND_FUNCTIONS
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Derivative,
    Group,
    Link,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    ProductOperator,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Signed,
    Sum,
)

ONE = Number("1")
TOP = Name("top")
ONES = Name("1", font="mathbf")
IDENTITY = Name("I")


def grouped(node: Node) -> Node:
    """The node in round brackets."""
    return Group(node)


def _is_bare(node: Node) -> bool:
    """Whether nothing that stands beside the node can be taken for a part of it."""
    return not isinstance(node, Sum | Negative | Relation | BigOperator | Cases | Phrase) and not (
        isinstance(node, Quotient) and node.style != "frac"
    )


def as_factor(node: Node, last: bool = True) -> Node:
    """The node as a factor of a product without a sign. A big operator needs brackets unless it is the last one."""
    if isinstance(node, BigOperator) and last:
        return node
    if isinstance(node, Product) and node.operator != "juxtaposed":
        return Group(node)
    return node if _is_bare(node) else Group(node)


def starts_with_digit(node: Node) -> bool:
    """Whether a digit would be the first thing on the page."""
    while True:
        if isinstance(node, Script | Prime):
            node = node.base
        elif isinstance(node, Product):
            node = node.factors[0]
        else:
            return isinstance(node, Number)


def juxtaposed(nodes: Iterable[Node]) -> Node:
    """A product without a sign; a dot where a digit would follow.

    >>> juxtaposed([Number("2"), Name("x")])
    Product(operator='juxtaposed', factors=(Number(text='2'), Name(base='x', font='', accents=())))
    """
    flat: list[Node] = []
    for node in nodes:
        if isinstance(node, Product) and node.operator == "juxtaposed":
            flat.extend(node.factors)
        else:
            flat.append(node)
    if not flat:
        return ONE
    if len(flat) == 1:
        return flat[0]
    shown = tuple(as_factor(node, place == len(flat) - 1) for place, node in enumerate(flat))
    if any(starts_with_digit(node) for node in shown[1:]):
        return Product("cdot", shown)
    return Product("juxtaposed", shown)


def signed_product(operator: ProductOperator, nodes: Iterable[Node]) -> Node:
    """A product with a sign between its factors; products without a sign stay together inside it."""
    shown: list[Node] = []
    for node in nodes:
        if isinstance(node, Product) and node.operator == operator:
            shown.extend(node.factors)
        elif isinstance(node, Product) and node.operator != "juxtaposed":
            shown.append(Group(node))
        else:
            shown.append(node)
    last = len(shown) - 1
    shown = [
        node if _is_bare(node) or (place == last and isinstance(node, BigOperator)) else Group(node)
        for place, node in enumerate(shown)
    ]
    return shown[0] if len(shown) == 1 else Product(operator, tuple(shown))


def hadamard(nodes: Iterable[Node]) -> Node:
    """A product entry by entry. Matrix products inside it are bracketed: readers differ on which binds tighter."""
    given = list(nodes)
    if len(given) == 1:
        return given[0]
    shown: list[Node] = []
    for node in given:
        if isinstance(node, Product) and node.operator == "odot":
            shown.extend(node.factors)
        elif (isinstance(node, Product) and not is_call(node)) or not _is_bare(node):
            shown.append(Group(node))
        else:
            shown.append(node)
    return Product("odot", tuple(shown))


def fraction(numerator: Node, denominator: Node) -> Node:
    """A fraction, or the numerator alone over 1."""
    if denominator == ONE:
        return numerator
    return Quotient(numerator, denominator)


def number(value: Fraction) -> Node:
    """A number that is not negative: a decimal where the denominator is a larger one of ten, else a fraction.

    >>> number(Fraction(1, 2)), number(Fraction(1, 100))
    (Quotient(numerator=Number(text='1'), denominator=Number(text='2'), style='frac'), Number(text='0.01'))
    """
    if value.denominator == 1:
        return Number(str(value.numerator))
    decimal = decimal_text(value)
    if decimal is not None:
        return Number(decimal)
    return Quotient(Number(str(value.numerator)), Number(str(value.denominator)))


def decimal_text(value: Fraction) -> str | None:
    """The exact decimal form of a fraction with a denominator of 10 or more that has one, else None."""
    rest, places = value.denominator, 0
    if rest < 10:
        return None
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > 24:
        return None
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    if places > 6 and len(digits.lstrip("0")) <= 4:
        return f"{int(digits)}e-{places}"
    return f"{digits[:-places]}.{digits[-places:]}"


def powered(base: Node, exponent: Node) -> Node:
    """A power. What is not a plain name or number gets brackets; a label above a name keeps its place."""
    if is_squared_norm(base) and isinstance(exponent, Number) and exponent.text.isdigit():
        return norm_to_the(base, 2 * int(exponent.text))
    if isinstance(base, Name | Number):
        return Script(base, None, exponent)
    if isinstance(base, Script) and base.sup is None and isinstance(base.base, Name | Group):
        return Script(base.base, base.sub, exponent)
    if isinstance(base, Group) and base.left in "([‖|":
        return Script(base, None, exponent)
    return Script(Group(base), None, exponent)


def transposed(node: Node) -> Node:
    """The transpose, with brackets around whatever is more than a name."""
    if isinstance(node, Script) and node.sup == Negative(ONE):
        return Script(node.base, node.sub, Negative(TOP))
    if isinstance(node, Script) and node.sup is not None and isinstance(node.base, Name):
        return Script(node, None, TOP)
    return powered(node, TOP)


def negative(node: Node) -> Node:
    """Minus the node."""
    return Negative(Group(node) if isinstance(node, Sum | Negative | Relation) else node)


def added(terms: Iterable[tuple[bool, Node]]) -> Node:
    """A sum of terms, each with whether it is subtracted."""
    shown: list[Signed] = []
    for minus, node in terms:
        term = Group(node) if isinstance(node, Sum | Negative | Relation | Cases) else node
        shown.append(Signed("-" if minus else "+", term))
    if len(shown) == 1:
        (only,) = shown
        return Negative(only.term) if only.sign == "-" else only.term
    return Sum(tuple(shown))


def summed(kind: Literal["sum", "max"], index: Node, body: Node, limits: tuple[Node, Node] | None = None) -> Node:
    """A big operator over an index, from limit to limit where they are given; a body that is a sum gets brackets."""
    inner = body if _is_bare(body) or isinstance(body, BigOperator) else Group(body)
    if limits is None:
        return BigOperator(kind, index, None, inner)
    first, last = limits
    if kind == "max":
        return BigOperator(kind, Relation(first, (Link("le", index), Link("le", last))), None, inner)
    return BigOperator(kind, Relation(index, (Link("=", first),)), last, inner)


def applied(head: Node, arguments: Iterable[Node]) -> Node:
    """A function applied to arguments.

    A head that could be a variable (σ, f') gives a juxtaposed product with a bracket, as the parsers do.
    """
    given = tuple(arguments)
    if isinstance(head, Name) and (head.font == "operatorname" or head.base in COMMAND_FUNCTIONS | {"max", "min"}):
        return Call(head, given)
    return Product("juxtaposed", (head, Group(given[0]) if len(given) == 1 else Sequence(given, "(", ")")))


def is_matrix_product(node: Node) -> bool:
    """Whether a scalar is a row times a column, whose parts must not be taken for factors of something else."""
    return isinstance(node, Product) and any(
        isinstance(factor, Script) and factor.sup == TOP for factor in node.factors[:-1]
    )


def is_call(node: Node) -> bool:
    """Whether the node is a name with its arguments in brackets, as `applied` makes it."""
    if not isinstance(node, Product) or node.operator != "juxtaposed" or len(node.factors) != 2:
        return False
    head, arguments = node.factors
    return isinstance(head, Name | Prime | Script) and isinstance(arguments, Group | Sequence) and arguments.left == "("


def rooted(node: Node) -> Node:
    """A square root; that of a squared norm is the norm."""
    if is_squared_norm(node):
        return norm_to_the(node, 1)
    return Root(node)


def is_squared_norm(node: Node) -> bool:
    """Whether a node is ``‖v‖²``."""
    is_norm = isinstance(node, Script) and isinstance(node.base, Group) and node.base.left == "‖"
    return is_norm and isinstance(node, Script) and node.sup == Number("2")


def norm_to_the(square: Node, power: int) -> Node:
    """A power of the norm whose square is given: ``‖v‖³``."""
    assert isinstance(square, Script)
    if power == 1:
        return square.base if square.sub is None else replace(square, sup=None)
    return replace(square, sup=Number(str(power)))


def subscripted(base: Node, places: tuple[Node, ...]) -> Node:
    """An entry or a row: indices below the name, after a label that the name has already.

    Single letters stand side by side, as in W_{ij}; anything longer is separated by commas. A name with a label of
    its own is bracketed, so that the label and the indices stay apart; one with a label above it has room below.
    """
    if not places:
        return base
    single = all(isinstance(p, Name) and len(p.base) == 1 and not p.accents for p in places)
    below: Node = Product("juxtaposed", places) if single else Sequence(places)
    if len(places) == 1:
        below = places[0]
    if (
        isinstance(base, Script)
        and base.sub is None
        and isinstance(base.sup, Group | Name)
        and isinstance(base.base, Name)
    ):
        return Script(base.base, below, base.sup)
    return Script(base if isinstance(base, Name | Group) else Group(base), below)


def derivative(of: Node, by: Node) -> Node:
    """The fraction ∂of/∂by."""
    return Derivative("partial", of, (by,))


def scalar_product(nodes: Iterable[Node]) -> Node:
    """Scalars side by side, with a dot after a derivative so that its end is seen."""
    runs: list[list[Node]] = [[]]
    for node in nodes:
        runs[-1].append(node)
        if isinstance(node, Derivative):
            runs.append([])
    shown = [juxtaposed(run) for run in runs if run]
    if not shown:
        return ONE
    return shown[0] if len(shown) == 1 else signed_product("cdot", shown)
