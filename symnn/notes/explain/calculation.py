"""Arithmetic one stage after the other: what stands deepest is worked out first."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.errors import NotationError
from symnn.notation.plain import parse_plain
from symnn.notation.traverse import children, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.write.document import AlignedChain, Block, ChainLink, inlines

MOST_STAGES = 12
MAX_EXPONENT = 64
MAX_BITS = 2000


def calculation_block(claim: Claim) -> Block | None:
    """The left side of a claim about plain numbers, worked out; None for any other claim."""
    try:
        node = parse_plain(claim.reading)
    except NotationError:
        return None
    if not isinstance(node, t.Relation) or node.first is None:
        return None
    side = node.first
    stages = calculation(side)
    if len(stages) < 2:
        return None
    links = tuple(
        ChainLink("=", stage, inlines("worked out from the inside") if n == 0 else ())
        for n, stage in enumerate(stages[1:])
    )
    return AlignedChain(side, links)


def calculation(node: Node) -> list[Node]:
    """The stages from a calculation with numbers to its result; only the calculation where it cannot be worked out.

    >>> from symnn.notation import to_text
    >>> [to_text(stage) for stage in calculation(parse_plain("2 × 3 + 4 × (5 - 1)"))]
    ['2 × 3 + 4 × (5 - 1)', '6 + 4 × 4', '6 + 16', '22']
    """
    stages = [node]
    while len(stages) <= MOST_STAGES and _value(stages[-1]) is None:
        following = _stage(stages[-1])
        if following == stages[-1]:
            return stages[:1]
        stages.append(following)
    return stages if _value(stages[-1]) is not None else stages[:1]


def _stage(node: Node) -> Node:
    """Every operation whose operands are numbers replaced by its result."""
    result = None if _value(node) is not None else _result(node)
    if result is not None:
        return _number(result)
    below = tuple(map(_stage, children(node)))
    if isinstance(node, t.Group) and node.left == "(" and (_value(below[0]) or -1) > 0:
        return below[0]
    return with_children(node, below) if below else node


def _number(value: Fraction) -> Node:
    """A number as a decimal where that is exact, else as a quotient."""
    if value < 0:
        return t.Negative(_number(-value))
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return t.Quotient(t.Number(str(value.numerator)), t.Number(str(value.denominator)))
    with localcontext() as context:
        context.prec = MAX_BITS
        return t.Number(f"{Decimal(value.numerator) / Decimal(value.denominator):f}")


def _value(node: Node) -> Fraction | None:
    """The number that a node is; None for anything else."""
    if isinstance(node, t.Number):
        try:
            return Fraction(node.text)
        except ValueError:
            return None
    if isinstance(node, t.Group) and isinstance(node.body, t.Negative):
        return _value(node.body)
    if isinstance(node, t.Negative) and not isinstance(node.body, t.Negative):
        inner = _value(node.body)
        return None if inner is None else -inner
    if isinstance(node, t.Quotient) and isinstance(node.numerator, t.Number) and isinstance(node.denominator, t.Number):
        below = Fraction(node.denominator.text)
        value = Fraction(node.numerator.text) / below if below else None
        return value if value is not None and _number(value) == node else None
    return None


def _result(node: Node) -> Fraction | None:
    """The result of one operation on numbers."""
    match node:
        case t.Group(body=body):
            return _value(body)
        case t.Negative(body=body):
            inner = _value(body)
            return None if inner is None else -inner
        case t.Sum(terms=terms):
            values = [_value(term.term) for term in terms]
            if any(value is None for value in values):
                return None
            return sum(
                (-v if term.sign == "-" else v for term, v in zip(terms, values, strict=True) if v is not None),
                Fraction(0),
            )
        case t.Product(factors=factors):
            product = Fraction(1)
            for factor in factors:
                value = _value(factor)
                if value is None or product.numerator.bit_length() > MAX_BITS:
                    return None
                product *= value
            return product
        case t.Quotient(numerator=above, denominator=below):
            top, bottom = _value(above), _value(below)
            return None if top is None or not bottom else top / bottom
        case t.Script(base=base, sub=None, sup=sup) if sup is not None:
            value, exponent = _value(base), _value(sup)
            if value is None or exponent is None or exponent.denominator != 1 or not 0 <= exponent <= MAX_EXPONENT:
                return None
            return value ** int(exponent)
    return None
