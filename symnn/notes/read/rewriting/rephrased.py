r"""Definitions that are written in another way: ``f = \tanh`` says what f(x) is, ``\log \sigma^2 = W x`` what σ² is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from symnn.notation.traverse import replace as replaced
from symnn.notation.traverse import walk
from symnn.notation.tree import Call, Group, Name, Node, Number, Product, Quotient, Script
from symnn.notes.read.expressions.trees import call_parts, is_known_function
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement, Step
from symnn.notes.read.survey import EQUALS

LOGARITHMS = ("log", "ln")


def rephrased(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements, with such definitions in the usual form."""
    known = _Known(statements)
    return tuple(_with_argument(_without_logarithm(statement, known), known) for statement in statements)


@dataclass(frozen=True, slots=True)
class CircleConstant(Node):
    """The number π, where the document uses the letter for an array too."""


def with_circle_constant(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    r"""The statements, in which ``2 \pi`` is a number although ``\pi_k`` is an array of the document."""
    nodes = [
        node for s in statements for piece in (s.first, *(step.right for step in s.steps)) for node in walk(piece.node)
    ]
    if not any(isinstance(node, Script) and node.base == Name("pi") and node.sub is not None for node in nodes):
        return tuple(statements)

    def change(node: Node) -> Node:
        if not (isinstance(node, Product) and node.operator == "juxtaposed"):
            return node
        pairs = zip((None, *node.factors), node.factors, strict=False)
        made = tuple(
            CircleConstant(span=factor.span) if before == Number("2") and factor == Name("pi") else factor
            for before, factor in pairs
        )
        return node if made == node.factors else replace(node, factors=made)

    return tuple(statement.mapped(lambda whole: replaced(whole, change)) for statement in statements)


class _Known:
    """What a document defines, and what it calls."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.defined: set[Key] = set()
        self.called: set[Key] = set()
        for statement in statements:
            left = parts_of(statement.first.node)
            if left is not None and statement.steps and statement.steps[0].operator in EQUALS:
                self.defined.add(left.key)
            for piece in (statement.first, *(step.right for step in statement.steps)):
                for part in walk(piece.node):
                    called = call_parts(part) if isinstance(part, Product | Call) else None
                    if called is not None:
                        self.called.add(called[0].key)


def _is_definition(statement: Statement) -> bool:
    return len(statement.steps) == 1 and statement.steps[0].operator in EQUALS and not statement.doubt


def _with_argument(statement: Statement, known: _Known) -> Statement:
    r"""``f = \tanh`` as ``f(x) = \tanh(x)``, where f is called somewhere."""
    if not _is_definition(statement):
        return statement
    left, right = statement.first.node, statement.steps[0].right
    head = parts_of(right.node) if isinstance(right.node, Name) else None
    if not isinstance(left, Name) or head is None or Key(left.base, left.font) not in known.called:
        return statement
    if head.key in known.defined or not is_known_function(head):
        return statement
    argument = Name("x", span=left.span)
    first = Product("juxtaposed", (left, Group(argument, span=left.span)), span=left.span)
    value = Call(right.node, (replace(argument, span=right.node.span),), span=right.node.span)
    return replace(statement, first=statement.first.of(first), steps=(Step("=", right.of(value)),))


def _without_logarithm(statement: Statement, known: _Known) -> Statement:
    r"""``\log \sigma^2 = s`` as ``\sigma = e^{s / 2}``, and ``\log \sigma = s`` as ``\sigma = e^s``."""
    if not _is_definition(statement):
        return statement
    left, right = statement.first.node, statement.steps[0].right
    called = call_parts(left)
    if called is None or called[0].key.base not in LOGARITHMS or called[0].subs or len(called[1]) != 1:
        return statement
    inner = called[1][0]
    squared = isinstance(inner, Script) and inner.sup == Number("2")
    name = _without_power(inner) if squared else inner
    parts = parts_of(name)
    if parts is None or parts.sups or parts.key in known.called | known.defined:
        return statement
    span = right.node.span
    exponent: Node = Quotient(Group(right.node, span=span), Number("2"), span=span) if squared else right.node
    value = Call(Name("exp", span=span), (exponent,), span=span)
    return replace(statement, first=statement.first.of(name), steps=(Step("=", right.of(value)),))


def _without_power(node: Node) -> Node:
    assert isinstance(node, Script)
    return node.base if node.sub is None else replace(node, sup=None)


__all__ = ["CircleConstant", "rephrased", "with_circle_constant"]
