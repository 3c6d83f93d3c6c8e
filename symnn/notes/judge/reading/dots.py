"""Dots between terms: ``w_1 x_1 + w_2 x_2 + ⋯ + w_n x_n`` is a sum over an index, ``a_1 a_2 ⋯ a_n`` a product over one."""

from __future__ import annotations

from collections.abc import Sequence

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node

LETTERS = "ijklmpqrsuv"


def without_dots(node: Node) -> Node:
    r"""The same sum or product with an index in the place of dots; itself where it is not certain what they stand for.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(without_dots(parse_latex(r"b + w_1 x_1 + w_2 x_2 + \cdots + w_n x_n")))
    'b + Σ_(i=1)^n w_i x_i'
    """
    if isinstance(node, t.Sum):
        if not any(isinstance(term.term, t.Ellipsis) for term in node.terms):
            return node
        signs = [term.sign for term in node.terms]
        found = _run([term.term for term in node.terms], [sign == "+" for sign in signs], node)
        if found is None:
            return node
        first, last, lower, upper, letter, body = found
        big = t.BigOperator("sum", _from(letter, lower), upper, body)
        terms = (*node.terms[:first], t.Signed("+", big), *node.terms[last + 1 :])
        return big if len(terms) == 1 else t.Sum(terms, span=node.span)
    if isinstance(node, t.Product) and any(isinstance(factor, t.Ellipsis) for factor in node.factors):
        found = _run(list(node.factors), [True] * len(node.factors), node)
        if found is None:
            return node
        first, last, lower, upper, letter, body = found
        big = t.BigOperator("prod", _from(letter, lower), upper, body)
        factors = (*node.factors[:first], t.Group(big), *node.factors[last + 1 :])
        return big if len(factors) == 1 else t.Product(node.operator, factors, span=node.span)
    return node


def _from(letter: str, lower: int) -> Node:
    return t.Relation(t.Name(letter), (t.Link("=", t.Number(str(lower))),))


def _run(parts: Sequence[Node], plain: Sequence[bool], whole: Node) -> tuple[int, int, int, Node, str, Node] | None:
    """First and last place of the parts that the dots continue, the limits, a letter, and a part with that letter."""
    places = [place for place, part in enumerate(parts) if isinstance(part, t.Ellipsis)]
    if len(places) != 1 or not 0 < places[0] < len(parts) - 1:
        return None
    dots = places[0]
    before, after = parts[dots - 1], parts[dots + 1]
    if not all(plain[dots - 1 : dots + 2]):
        return None
    pairs: list[tuple[Node, Node]] = []
    _differences(before, after, pairs)
    if not pairs or len(set(pairs)) != 1:
        return None
    number, upper = pairs[0]
    if not (isinstance(number, t.Number) and number.text.isdigit() and isinstance(upper, t.Name | t.Number)):
        return None
    used = {part.base for part in walk(whole) if isinstance(part, t.Name)}
    letter = next((letter for letter in LETTERS if letter not in used), None)
    if letter is None:
        return None
    body = _with_letter(before, after, t.Name(letter))
    last = int(number.text)
    first = dots - 1
    while first > 0 and plain[first - 1] and parts[first - 1] == _at(body, letter, last - (dots - first)):
        first -= 1
    lower = last - (dots - 1 - first)
    if isinstance(upper, t.Number) and not (upper.text.isdigit() and int(upper.text) > last):
        return None
    return first, dots + 1, lower, upper, letter, body


def _differences(one: Node, other: Node, found: list[tuple[Node, Node]]) -> None:
    """The smallest parts in which two trees differ."""
    if one == other:
        return
    if not _is_alike(one, other):
        found.append((one, other))
        return
    for a, b in zip(children(one), children(other), strict=True):
        _differences(a, b, found)


def _is_alike(one: Node, other: Node) -> bool:
    """Whether two trees differ below their tops only."""
    below, beside = children(one), children(other)
    return type(one) is type(other) and len(below) == len(beside) > 0 and with_children(one, beside) == other


def _with_letter(one: Node, other: Node, letter: Node) -> Node:
    if one == other:
        return one
    if not _is_alike(one, other):
        return letter
    pairs = zip(children(one), children(other), strict=True)
    return with_children(one, tuple(_with_letter(a, b, letter) for a, b in pairs))


def _at(body: Node, letter: str, value: int) -> Node | None:
    """The part for a value of the letter; None below zero."""
    from symnn.notation.traverse import replace

    if value < 0:
        return None
    return replace(body, lambda part: t.Number(str(value)) if part == t.Name(letter) else part)
