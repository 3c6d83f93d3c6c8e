"""Other readings of a calculation under which it holds, so that it is not called wrong.

People write and mean a missing bracket, logarithms to another base, degrees, sums of binary digits, ranges with a
hyphen, sizes of matrices, and powers whose raised digits came down when the text was copied (``3 × 108`` for 3 × 10⁸).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import sympy

from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.worked.digits import printed
from symnn.notes.worked.functions import Function
from symnn.notes.worked.names import plain

MOST_NUMBERS = 12
LONGEST_POWER = 6

Reading = tuple[Node, Mapping[str, Function], str]

_OTHER_BASES: tuple[Mapping[str, Function], ...] = (
    {"log": lambda x: sympy.log(x) / sympy.log(10)},
    {"log": lambda x: sympy.log(x) / sympy.log(2)},
)
_DEGREES: Mapping[str, Function] = {
    "sin": lambda x: sympy.sin(x * sympy.pi / 180),
    "cos": lambda x: sympy.cos(x * sympy.pi / 180),
    "tan": lambda x: sympy.sin(x * sympy.pi / 180) / sympy.cos(x * sympy.pi / 180),
}


def other_readings(node: Node) -> Iterator[Reading]:
    """Variants of a calculation with other functions, and what to say when one of them holds."""
    heads = {_head_name(part.head) for part in walk(node) if isinstance(part, t.Call)}
    heads |= {_head_name(part.factors[0]) for part in walk(node) if isinstance(part, t.Product) and part.factors}
    if "log" in heads:
        yield from ((node, other, "it holds for logarithms to another base") for other in _OTHER_BASES)
    if heads & _DEGREES.keys():
        yield node, _DEGREES, "it holds in degrees"
    yield from ((variant, {}, "it holds with a bracket that is not written") for variant in bracketed(node))
    yield from ((variant, {}, "it holds where digits are raised") for variant in raised_again(node))
    exclusive = replace(node, _exclusive_or)
    if exclusive != node:
        yield exclusive, {}, "it holds where ^ is the exclusive or of bits"


def _head_name(head: Node) -> str:
    name = head.base if isinstance(head, t.Script) else head
    return name.base if isinstance(name, t.Name) else ""


def _exclusive_or(node: Node) -> Node:
    """``2 ^ 3`` as programming languages read it."""
    if isinstance(node, t.Script) and isinstance(node.base, t.Number) and isinstance(node.sup, t.Number):
        one, other = node.base.text, node.sup.text
        if node.sub is None and one.isdigit() and other.isdigit() and len(one) + len(other) < MOST_NUMBERS:
            return t.Number(str(int(one) ^ int(other)))
    return node


def bracketed(node: Node) -> Iterator[Node]:
    """The same calculation with a bracket around what a slash may be meant to divide.

    >>> from symnn.notation import parse_plain
    >>> from symnn.notation.to_text import to_text
    >>> [to_text(variant) for variant in bracketed(parse_plain("90 + 5 / 100"))]
    ['(90 + 5)/100']
    """
    node = plain(node)
    if isinstance(node, t.Negative) and isinstance(node.body, t.Script) and node.body.sub is None:
        yield t.Script(t.Group(t.Negative(node.body.base)), sup=node.body.sup)
    if not isinstance(node, t.Sum):
        return
    for place, term in enumerate(node.terms):
        quotient = term.term
        if not (isinstance(quotient, t.Quotient) and quotient.style == "slash"):
            continue
        before, after = node.terms[:place], node.terms[place + 1 :]
        top = t.Group(t.Sum((*before, t.Signed(term.sign, quotient.numerator))))
        bottom = t.Group(t.Sum((t.Signed("+", quotient.denominator), *after)))
        if before:
            divided = t.Quotient(top, quotient.denominator, "slash")
            yield t.Sum((t.Signed("+", divided), *after)) if after else divided
        if after:
            divided = t.Quotient(quotient.numerator, bottom, "slash")
            yield t.Sum((*before, t.Signed(term.sign, divided))) if before else divided
        if before and after:
            yield t.Quotient(top, bottom, "slash")


def raised_again(node: Node) -> Iterator[Node]:
    """The same calculation with the last digits of one number as an exponent: ``108`` and ``10-3`` for 10⁸ and 10⁻³.

    >>> from symnn.notation import parse_plain
    >>> from symnn.notation.to_text import to_text
    >>> [to_text(variant) for variant in raised_again(parse_plain("3 × 28"))]
    ['3 × 2⁸']
    """
    numbers = [part for part in walk(node) if isinstance(part, t.Number) and part.text.isdigit()]
    for number in numbers[:MOST_NUMBERS]:
        for cut in range(1, min(len(number.text), LONGEST_POWER)):
            base, exponent = number.text[:cut], number.text[cut:]
            if base not in ("0", "1") and exponent[0] != "0":
                power = t.Script(t.Number(base), sup=t.Number(exponent))
                yield _with(node, number, power)
    for difference in [part for part in walk(node) if isinstance(part, t.Sum | t.Product)]:
        power_ = _power_with_minus(difference)
        if power_ is not None:
            yield _with(node, difference, power_)


def _with(node: Node, old: Node, new: Node) -> Node:
    """The tree with one part put in place of another."""
    return replace(node, lambda part: new if part is old else part)


def _power_with_minus(node: t.Sum | t.Product) -> Node | None:
    """``5 × 10-3`` as 5 × 10⁻³: what stands before the hyphen ends with the base."""
    if not isinstance(node, t.Sum) or len(node.terms) != 2 or node.terms[1].sign != "-" or not touches(node.terms):
        return None
    first, exponent = node.terms[0].term, node.terms[1].term
    if printed(exponent) is None:
        return None
    if isinstance(first, t.Product) and isinstance(first.factors[-1], t.Number):
        power = t.Script(first.factors[-1], sup=t.Negative(exponent))
        return t.Product(first.operator, (*first.factors[:-1], power))
    return t.Script(first, sup=t.Negative(exponent)) if isinstance(first, t.Number) else None


def touches(terms: Sequence[t.Signed]) -> bool:
    """Whether nothing stands between the sign of a second term and its neighbours: ``32-512``."""
    first, second = terms
    if first.span is None or second.span is None or second.term.span is None:
        return False
    return first.span[1] == second.span[0] and second.term.span[0] - second.span[0] == 1


# -- equations that are not about values ----------------------------------------------------------------------


def not_about_values(left: Node, right: Node) -> str:
    """Why an equation may not be about the values of its sides at all; empty when nothing suggests that."""
    checks: tuple[tuple[Callable[[Node, Node], bool], str], ...] = (
        (_is_binary, "with digits 0 and 1 alone it may be meant for truth values or binary numbers"),
        (_is_range, "two numbers with a hyphen may be a range"),
        (_is_about_sizes, "it holds for the sizes of matrices"),
    )
    return next((why for check, why in checks if check(left, right)), "")


def _is_binary(left: Node, right: Node) -> bool:
    numbers = [part.text for side in (left, right) for part in walk(side) if isinstance(part, t.Number)]
    minus = any(
        isinstance(part, t.Negative) or (isinstance(part, t.Sum) and any(x.sign == "-" for x in part.terms))
        for part in walk(left)
    )
    return all(set(text) <= {"0", "1"} for text in numbers) and not minus


def _is_range(left: Node, right: Node) -> bool:
    for node in (left, right):
        terms = node.terms if isinstance(node, t.Sum) else ()
        two = len(terms) == 2 and terms[1].sign == "-" and touches(terms)
        if two and all(printed(x.term) is not None for x in terms):
            return True
    return False


def _is_about_sizes(left: Node, right: Node) -> bool:
    """``(2 × 3) · (3 × 4) = (2 × 4)``, from either side: neighbours agree, and what is left are the outer ones."""
    for one, other in ((left, right), (right, left)):
        long, short = _numbers_of_product(one), _numbers_of_product(other)
        if long is None or short is None or len(short) != 2 or len(long) < 4 or len(long) % 2:
            continue
        inner = all(long[place] == long[place + 1] for place in range(1, len(long) - 1, 2))
        if inner and [long[0], long[-1]] == short:
            return True
    return False


def _numbers_of_product(node: Node) -> list[str] | None:
    """The numbers of a product of products, in order; None for anything else."""
    node = plain(node)
    if isinstance(node, t.Number):
        return [node.text]
    if not isinstance(node, t.Product):
        return None
    found: list[str] = []
    for factor in node.factors:
        inner = _numbers_of_product(factor)
        if inner is None:
            return None
        found += inner
    return found
