"""Laying a calculation beside the formula that it works out, part by part.

``w3×h1 + w4×h2 + w5`` beside ``1×25 + 1×12 + 0`` pairs w3 with 1, h1 with 25 and so on. Where the two stop having the
same shape, what is left is one pair.
"""

from __future__ import annotations

from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.worked.names import arguments_of, call_of, named, plain
from symnn.notes.worked.symbol_table import SymbolTable, has_names

Pair = tuple[Node, Node]
MAX_DEPTH = 40


def align(formula: Node, numbers: Node, symbols: SymbolTable, depth: int = 0) -> list[Pair]:
    """The pairs of a formula and a calculation.

    >>> from symnn.notation import parse_plain
    >>> from symnn.notation.to_text import to_text
    >>> pairs = align(parse_plain("(a + b×c)²"), parse_plain("(3 + 1×2)²"), SymbolTable(()))
    >>> [(to_text(name), to_text(number)) for name, number in pairs]
    [('a', '3'), ('b', '1'), ('c', '2')]
    """
    formula, numbers = plain(formula), plain(numbers)
    whole = [(formula, numbers)]
    if depth > MAX_DEPTH or not has_names(formula):
        return whole
    parts = _parts(formula, numbers, symbols)
    if parts is None:
        return whole
    return [pair for one, other in parts for pair in align(one, other, symbols, depth + 1)]


def _parts(formula: Node, numbers: Node, symbols: SymbolTable) -> list[Pair] | None:
    one, other = call_of(formula), call_of(numbers)
    if one is not None and other is not None and one[0] == other[0] and len(one[1]) == len(other[1]):
        return list(zip(one[1], other[1], strict=True))
    match formula, numbers:
        case t.Sum(), t.Sum():
            return _terms(formula, numbers)
        case t.Product(), t.Product():
            left, right = factors(formula, symbols), factors(numbers, symbols)
            return list(zip(left, right, strict=True)) if len(left) == len(right) > 1 else None
        case t.Negative(), t.Negative():
            return [(formula.body, numbers.body)]
        case t.Quotient(), t.Quotient():
            return [(formula.numerator, numbers.numerator), (formula.denominator, numbers.denominator)]
        case t.Root(), t.Root() if formula.degree == numbers.degree:
            return [(formula.radicand, numbers.radicand)]
        case t.Script(), t.Script() if formula.sub is None and numbers.sub is None and formula.sup is not None:
            if formula.sup == numbers.sup:
                return [(formula.base, numbers.base)]
            if formula.base == numbers.base and numbers.sup is not None:
                return [(formula.sup, numbers.sup)]
        case t.Call(), t.Call() if formula.head == numbers.head and len(formula.arguments) == len(numbers.arguments):
            return list(zip(formula.arguments, numbers.arguments, strict=True))
    return None


def _terms(formula: t.Sum, numbers: t.Sum) -> list[Pair] | None:
    if len(formula.terms) != len(numbers.terms):
        return None
    pairs: list[Pair] = []
    for one, other in zip(formula.terms, numbers.terms, strict=True):
        if one.sign == other.sign:
            pairs.append((one.term, other.term))
        elif {one.sign, other.sign} == {"+", "-"}:
            pairs.append((one.term, t.Negative(other.term, span=other.span)))
        else:
            return None
    return pairs


def factors(node: t.Product, symbols: SymbolTable) -> list[Node]:
    """The factors of a product of products; a function and its argument are one factor."""
    found: list[Node] = []
    place = 0
    while place < len(node.factors):
        factor = node.factors[place]
        following = node.factors[place + 1] if place + 1 < len(node.factors) else None
        if node.operator == "juxtaposed" and following is not None and _is_call(factor, following, symbols):
            found.append(factor if len(node.factors) == 1 else t.Product("juxtaposed", (factor, following)))
            place += 2
            continue
        inner = plain(factor)
        if isinstance(inner, t.Product) and inner is not node and not _is_lone_call(inner, symbols):
            found += factors(inner, symbols)
        else:
            found.append(factor)
        place += 1
    return found


def _is_lone_call(node: t.Product, symbols: SymbolTable) -> bool:
    return (
        node.operator == "juxtaposed" and len(node.factors) == 2 and _is_call(node.factors[0], node.factors[1], symbols)
    )


def _is_call(factor: Node, following: Node, symbols: SymbolTable) -> bool:
    head = named(factor)
    if head is None or arguments_of(following) is None:
        return False
    return bool(head.primes) or head.name in symbols.functions
