"""Derivatives under the short names that a document has for them, when something is told of its claims."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.gradients.shorthand import MEAN, differentiated_by, is_d, is_loss, with_base
from symnn.notes.judge.links import Link
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, Parts, parts_of


def is_short_name(link: Link) -> bool:
    """Whether a link only says of which derivative its left side is the name: ``dW = ∂L/∂W``."""
    left, right = link.nodes
    if not (isinstance(left, t.Derivative) and left.alias):
        return False
    return left == right or differentiated_by(right) == left.denominators[0]


def counts_in(node: Node) -> Iterator[Node]:
    """The number of samples in a gradient that is one of a mean over them."""
    for part in walk(node):
        if isinstance(part, t.Quotient) and _is_mean(part.numerator):
            yield part.denominator


def _is_mean(node: Node) -> bool:
    return isinstance(node, t.Derivative) and node.alias.endswith(MEAN)


def carries(node: Node, others: Container[Key]) -> bool:
    """Whether every term of a formula has a derivative of a loss for a factor, or one of some other names."""
    match node:
        case t.Sum():
            return all(carries(term.term, others) for term in node.terms)
        case t.Product():
            return any(carries(factor, others) for factor in node.factors)
        case t.Quotient():
            return carries(node.numerator, others)
        case t.Call():
            return any(carries(argument, others) for argument in node.arguments)
        case t.Negative() | t.Group() | t.BigOperator():
            return carries(node.body, others)
        case t.Derivative() | t.Nabla():
            top = node.operand if isinstance(node, t.Nabla) else node.numerator
            parts = None if top is None else parts_of(top)
            return parts is not None and is_loss(parts)
    parts = parts_of(node)
    if parts is not None:
        return parts.key in others
    return isinstance(node, t.Script) and carries(node.base, others)


def in_short(node: Node) -> Node:
    r"""The formula with derivatives under the names that the document has for them.

    >>> from symnn.notation import to_text
    >>> to_text(in_short(t.Derivative("partial", t.Name("L"), (t.Name("W"),), alias="d ")))
    'dW'
    """
    if isinstance(node, t.Derivative) and node.alias:
        return _named(node)
    if isinstance(node, t.Quotient) and isinstance(node.numerator, t.Derivative) and _is_mean(node.numerator):
        return _named(node.numerator)
    if isinstance(node, t.Script) and isinstance(node.base, t.Group) and is_transpose(node.sup) and node.sub is None:
        inner = in_short(node.base.body)
        if inner is not node.base.body and parts_of(inner) is not None:
            return _raised(inner, node.sup)
        if (
            isinstance(inner, t.Product)
            and inner is not node.base.body
            and len(inner.factors) == 2
            and is_d(inner.factors[0])
        ):
            return changed(inner, factors=(inner.factors[0], _raised(inner.factors[1], node.sup)))
    below = children(node)
    after = tuple(in_short(child) for child in below)
    return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)


def _behind_d(value: Node, parts: Parts, font: str) -> Node:
    """``dW`` as one name, where its letter is one that can be glued to another."""
    if len(parts.base.base) == 1 and not parts.accents:
        return with_base(value, changed(parts.base, base="d" + parts.base.base))
    return t.Product("juxtaposed", (t.Name("d", font), value))


def _raised(node: Node, sup: Node | None) -> Node:
    if isinstance(node, t.Script) and node.sup is None:
        return changed(node, sup=sup)
    return t.Script(node, sup=sup)


def _named(node: t.Derivative) -> Node:
    """The short name of a derivative."""
    value = node.denominators[0]
    kind, *rest = node.alias.split(" ")
    parts = parts_of(value)
    if parts is None:
        return node
    make: dict[str, Callable[[], Node]] = {
        "d": lambda: _behind_d(value, parts, rest[0]),
        "nabla": lambda: t.Nabla(value),
        "glued": lambda: with_base(value, changed(parts.base, base="d" + parts.base.base)),
        "bar": lambda: with_base(value, changed(parts.base, accents=(*parts.accents, "bar"))),
        "exact": lambda: t.Name(rest[0], rest[1]),
        "letter": lambda: with_base(value, t.Name(rest[0], rest[1])),
    }
    return make[kind]() if kind in make else node
