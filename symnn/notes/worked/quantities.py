"""Quantities: names and derivatives that a worked example gives numbers for, and formulas with those numbers put in.

``out_{h1}`` and ``∂E/∂w_5`` are quantities. A derivative is one number here, whatever it is the derivative of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import children, with_children
from symnn.notation.tree import Node
from symnn.notes.read.symbols import is_transpose
from symnn.notes.worked.digits import Printed, printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.functions import known_function
from symnn.notes.worked.names import Named, arguments_of, named, plain
from symnn.notes.worked.symbol_table import SymbolTable

MAX_DEPTH = 60
MAX_EXPONENT = 60
SYMBOLS = {"partial": "∂", "d": "d"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A name or a derivative: how it is spelled, the letters that its name or its numerator begins with, and the kind."""

    spelling: str
    stem: str
    is_derivative: bool = False

    def __str__(self) -> str:
        return self.spelling


def quantity_of(node: Node | None) -> Quantity | None:
    r"""The quantity that a tree is; None for anything else.

    >>> from symnn.notation import parse_latex
    >>> [str(quantity_of(parse_latex(text))) for text in (r"w_5", r"\frac{\partial E}{\partial w_5}", r"2 w_5", "w'")]
    ['w5', '∂E/∂w5', 'None', 'None']
    """
    if node is None:
        return None
    node = plain(node)
    if isinstance(node, t.Derivative):
        return _derivative(node)
    found = named(node) if isinstance(node, t.Name | t.Script) else None
    return None if found is None or found.power is not None else _of_name(found)


def _of_name(found: Named) -> Quantity | None:
    if found.primes or found.name in ("e", "pi", "infty", "T", "top"):
        return None
    return Quantity(found.name, found.name.split("_")[0].split("^")[0].rstrip("0123456789"))


def _derivative(node: t.Derivative) -> Quantity | None:
    body = node.operand if node.numerator is None else node.numerator
    sign = SYMBOLS.get(node.symbol)
    if body is None or sign is None or node.order != 1:
        return None
    above, below = quantity_of(body), quantity_of(node.denominators[0])
    if above is None or below is None or above.is_derivative or below.is_derivative:
        return None
    return Quantity(f"{sign}{above}/{sign}{below}", f"{sign}{above.stem}", True)


def quantities_in(node: Node, symbols: SymbolTable) -> list[Quantity]:
    """The quantities of a formula, each once. Raises Unclear for a part that is no calculation with numbers."""
    found: dict[Quantity, None] = {}

    def note(quantity: Quantity) -> Node:
        found.setdefault(quantity)
        return t.Number("1")

    put_in(node, note, symbols)
    return list(found)


def put_in(node: Node, number_of: Callable[[Quantity], Node], symbols: SymbolTable, depth: int = 0) -> Node:
    """The formula with a number for every quantity. Raises Unclear for a part that is no calculation with numbers.

    >>> from symnn.notation import parse_plain
    >>> to_text(put_in(parse_plain("a (1 - a) + b²"), lambda quantity: t.Number("0.5"), SymbolTable(())))
    '(0.5)(1 - (0.5)) + (0.5)²'
    """
    if depth > MAX_DEPTH:
        raise Unclear("it is nested too deeply")
    match node:
        case t.Number():
            return node
        case t.Derivative():
            return _number(quantity_of(node), node, number_of)
        case t.Product() if node.operator == "juxtaposed":
            return with_children(node, tuple(_factors(node, number_of, symbols, depth)))
        case t.Product() if node.operator in ("otimes", "circ", "matmul"):
            raise Unclear("a product sign that is not for numbers")
        case t.Call():
            return with_children(node, (node.head, *(put_in(a, number_of, symbols, depth + 1) for a in node.arguments)))
        case t.Name() | t.Script():
            return _name(node, number_of, symbols, depth)
        case t.Group() if node.left in ("(", "[", "{"):
            pass
        case t.Negative() | t.Sum() | t.Product() | t.Quotient() | t.Root():
            pass
        case _:
            raise Unclear(f"{type(node).__name__.lower()} has no value that is understood")
    return with_children(node, tuple(put_in(part, number_of, symbols, depth + 1) for part in children(node)))


def _number(quantity: Quantity | None, node: Node, number_of: Callable[[Quantity], Node]) -> Node:
    if quantity is None:
        raise Unclear(f"{to_text(node)} is not understood as a number")
    return t.Group(number_of(quantity))


def _name(node: Node, number_of: Callable[[Quantity], Node], symbols: SymbolTable, depth: int) -> Node:
    if isinstance(node, t.Script) and node.sub is None and is_transpose(node.sup):
        return with_children(node, (put_in(node.base, number_of, symbols, depth + 1), *children(node)[1:]))
    if isinstance(node, t.Script) and node.sub is None and node.sup is not None and named(node) is None:
        return with_children(
            node, (put_in(node.base, number_of, symbols, depth + 1), put_in(node.sup, number_of, symbols, depth + 1))
        )
    found = named(node)
    if found is None:
        raise Unclear(f"{to_text(node)} is not understood as a number")
    if found.name in ("e", "pi") and not symbols.knows(found.name):
        power = found.power
        return (
            node if power is None else t.Script(t.Name(found.name), None, put_in(power, number_of, symbols, depth + 1))
        )
    base = _number(_of_name(found), node, number_of)
    return base if found.power is None else t.Script(base, None, put_in(found.power, number_of, symbols, depth + 1))


def _factors(
    node: t.Product, number_of: Callable[[Quantity], Node], symbols: SymbolTable, depth: int
) -> Iterator[Node]:
    """The factors of a product without signs, in which a name before a bracket may be a function."""
    for place, factor in enumerate(node.factors):
        following = node.factors[place + 1] if place + 1 < len(node.factors) else None
        if isinstance(following, t.Script) and following.sub is None:
            following = following.base
        arguments = None if following is None else arguments_of(following)
        head = None if arguments is None else named(factor)
        if head is None or arguments is None or isinstance(factor, t.Number):
            yield put_in(factor, number_of, symbols, depth + 1)
        elif head.primes or head.name in symbols.functions or known_function(head.name) is not None:
            yield factor
        elif len(arguments) > 1 or not isinstance(plain(arguments[0]), t.Sum):
            raise Unclear(f"what {head.name} means before a bracket is not certain")
        else:
            yield put_in(factor, number_of, symbols, depth + 1)


def as_node(number: Printed) -> Node:
    """A printed number as a tree."""
    digits = t.Number(str(number).removeprefix("-"))
    return t.Negative(digits) if number.value < 0 else digits


def number_in(node: Node | None) -> Printed | None:
    r"""The number that a tree is, also with a power of ten: ``3.2 × 10^{-6}``; None for anything else.

    >>> from symnn.notation import parse_latex
    >>> str(number_in(parse_latex(r"-5.7 \times 10^{-6}")))
    '-0.0000057'
    """
    found = printed(node)
    if found is not None or node is None:
        return found
    node = plain(node)
    if isinstance(node, t.Negative):
        inner = number_in(node.body)
        return None if inner is None else inner.negated()
    if not isinstance(node, t.Product) or len(node.factors) != 2:
        return None
    first, power = printed(node.factors[0]), node.factors[1]
    if first is None or not isinstance(power, t.Script) or power.sub is not None:
        return None
    base, exponent = printed(power.base), printed(power.sup)
    if base is None or base.value != 10 or exponent is None or not exponent.whole or abs(exponent.value) > MAX_EXPONENT:
        return None
    scale = Fraction(10) ** int(exponent.value)
    return Printed(first.value * scale, first.unit * scale, False) if first.unit * scale < 1 else None
