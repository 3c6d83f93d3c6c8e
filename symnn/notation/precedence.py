r"""Which parts of a formula need brackets when it is written down. Shared by all printers.

The rules mirror the grammar (``symnn.notation.grammar``): a printed formula, read again, gives the same
tree up to round brackets that only group. ``flat`` printers write every quotient and derivative on one line
with a slash.
"""

from __future__ import annotations

from enum import IntEnum

from symnn.notation.traverse import children
from symnn.notation.tree import (
    BigOperator,
    Call,
    Cases,
    Derivative,
    EvaluatedAt,
    Given,
    Group,
    Labelled,
    Lines,
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
    Slice,
    Sum,
)


class Level(IntEnum):
    """How tightly a formula holds together, from loose to tight."""

    STATEMENT = 0
    RELATION = 1
    CONDITION = 2
    SUM = 3
    TERM = 4
    RUN = 5
    FACTOR = 6


def level(node: Node, *, flat: bool = False) -> Level:
    """Return how tightly the outermost construct holds together.

    >>> level(Negative(Name("x"))).name
    'SUM'
    """
    if isinstance(node, Phrase | Labelled | Given | Slice):
        return Level.STATEMENT
    if isinstance(node, Sequence):
        return Level.FACTOR if node.left else Level.STATEMENT
    if isinstance(node, Relation):
        return Level.RELATION
    if isinstance(node, Cases):
        return Level.CONDITION if flat else Level.FACTOR
    if isinstance(node, Lines):
        return Level.STATEMENT if flat else Level.FACTOR
    if isinstance(node, Sum | Negative):
        return Level.SUM
    if isinstance(node, Product):
        return Level.RUN if node.operator == "juxtaposed" else Level.TERM
    if isinstance(node, Quotient):
        return Level.TERM if flat or node.style == "slash" else Level.FACTOR
    if isinstance(node, Number):
        return Level.FACTOR if node.text.replace(".", "").isdigit() or flat else Level.TERM
    return Level.FACTOR


def is_bracketed(node: Node) -> bool:
    """Say whether the node brings its own brackets."""
    return isinstance(node, Group) or (isinstance(node, Sequence) and bool(node.left))


def base_of(node: Node) -> Node:
    """Return what carries the scripts and primes."""
    while isinstance(node, Script | Prime):
        node = node.base
    return node


def is_call_like(node: Node, *, flat: bool = False) -> bool:
    """Say whether the node is a name with a bracket right after it: ``f(x)``; if flat, a round one."""
    if not isinstance(node, Product) or node.operator != "juxtaposed" or len(node.factors) != 2:
        return False
    head, arguments = base_of(node.factors[0]), base_of(node.factors[1])
    round_or_any = not flat or (isinstance(arguments, Group | Sequence) and arguments.left == "(")
    return isinstance(head, Name) and is_bracketed(arguments) and round_or_any


def absorbs_factor(node: Node) -> bool:
    r"""Say whether a factor written right after the node would be taken for a part of it, or be refused."""
    if isinstance(node, BigOperator):
        return node.kind != "expectation"
    if isinstance(node, Call):
        return node.loose
    if isinstance(node, Derivative):
        return node.operand is not None or node.numerator is None
    if isinstance(node, Nabla):
        return node.operand is None or not (is_bracketed(node.operand) or is_call_like(node.operand))
    if isinstance(node, Product):
        return absorbs_factor(node.factors[-1])
    return isinstance(node, Negative) and absorbs_factor(node.body)


def absorbs_product(node: Node) -> bool:
    r"""Say whether a product sign or slash after the node would be taken for a part of it, or be refused."""
    if isinstance(node, BigOperator):
        return node.kind != "expectation"
    if isinstance(node, Derivative):
        return node.operand is not None and not is_bracketed(base_of(node.operand))
    if isinstance(node, Nabla):
        return node.operand is not None and absorbs_product(node.operand)
    if isinstance(node, Call):
        return node.loose and absorbs_product(node.arguments[-1])
    if isinstance(node, Product):
        return absorbs_product(node.factors[-1])
    return isinstance(node, Negative) and absorbs_product(node.body)


def factor_brackets(product: Product, *, flat: bool = False) -> list[bool]:
    """Say for each factor of a product whether it needs brackets."""
    found: list[bool] = []
    last = len(product.factors) - 1
    for index, factor in enumerate(product.factors):
        tight = level(factor, flat=flat)
        if product.operator == "juxtaposed":
            needs = tight < Level.FACTOR or (index < last and absorbs_factor(factor))
            after = index > 0 and (flat or is_number(product.factors[index - 1]))
            needs = needs or (after and is_number(factor))
        else:
            least = Level.TERM if index == 0 else Level.RUN
            same = isinstance(factor, Product) and factor.operator == product.operator
            needs = tight < least or same or (index < last and absorbs_product(factor))
        found.append(needs)
    return found


def is_number(node: Node) -> bool:
    """Say whether a node is a number, perhaps with scripts."""
    return isinstance(base_of(node), Number)


def numerator_needs_brackets(node: Node, *, flat: bool = False) -> bool:
    """Say whether the left side of a slash needs brackets."""
    return level(node, flat=flat) < Level.TERM or absorbs_product(node) or (isinstance(node, Call) and node.loose)


def denominator_needs_brackets(node: Node, *, flat: bool = False) -> bool:
    """Say whether the right side of a slash needs brackets."""
    if is_call_like(node, flat=flat):
        assert isinstance(node, Product)
        return not isinstance(node.factors[1], Group | Sequence)
    if isinstance(node, Derivative):
        return flat or node.style != "frac" or absorbs_factor(node)
    return level(node, flat=flat) < Level.FACTOR or absorbs_factor(node)


def base_needs_brackets(node: Node, *, flat: bool = False) -> bool:
    """Say whether a base needs brackets before it can carry a script or a prime."""
    if isinstance(node, Quotient | Derivative | BigOperator | Nabla | EvaluatedAt):
        return True
    if isinstance(node, Root):
        return flat
    if isinstance(node, Call):
        return node.loose or flat
    return level(node, flat=flat) < Level.FACTOR


def operand_needs_brackets(node: Node, *, flat: bool = False) -> bool:
    r"""Say whether the operand of ``\frac{d}{dx}`` needs brackets."""
    if isinstance(node, Script) and node.sup is not None and isinstance(node.base, Group) and node.base.left == "[":
        return True
    if isinstance(node, Product) and node.operator == "juxtaposed":
        simple_first = isinstance(base_of(node.factors[0]), Name) or isinstance(node.factors[0], Number)
        return not simple_first or any(isinstance(factor, Derivative) for factor in node.factors[1:])
    return level(node, flat=flat) < Level.RUN


def body_needs_brackets(node: Node, *, flat: bool = False) -> bool:
    """Say whether the body of a big operator needs brackets."""
    return level(node, flat=flat) < Level.TERM


def is_tall(node: Node) -> bool:
    """Say whether the node is higher than a line, so that brackets around it should grow."""
    if isinstance(node, Quotient | Derivative):
        return node.style not in ("slash", "index")
    if isinstance(node, BigOperator):
        return node.sub is not None or node.sup is not None or is_tall(node.body)
    if isinstance(node, Matrix | Cases | Lines | EvaluatedAt):
        return True
    return any(is_tall(child) for child in children(node) if not isinstance(node, Script) or child is node.base)
