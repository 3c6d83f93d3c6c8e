"""Other ways to write a formula, none of which changes its value where it is a number; matrices are for the caller to check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symnn.notation import tree as t
from symnn.notation.traverse import replace as rewrite
from symnn.notation.tree import Node


def rewritings(left: Node, right: Node) -> Iterator[tuple[str, Node, Node]]:
    """Variants of an equation with a word for each; those that are no variant at all are left out."""
    makers = {
        "sums commuted": commuted_sums, "products commuted": commuted_products, "expanded": expanded,
        "bound index renamed": renamed, "quotients as products": as_products, "quotients with a slash": slashed,
    }  # fmt: skip
    for name, made in makers.items():
        for one, other in ((left, made(right)), (made(left), right), (made(left), made(right))):
            if (one, other) != (left, right):
                yield name, one, other
    yield "sides swapped", right, left
    yield "both sides transposed", transposed(left), transposed(right)
    yield (
        "twice",
        t.Product("juxtaposed", (t.Number("2"), _grouped(left))),
        t.Product("juxtaposed", (t.Number("2"), _grouped(right))),
    )
    yield "on one side", t.Sum((t.Signed("+", left), t.Signed("-", _grouped(right)))), t.Number("0")


def _grouped(node: Node) -> Node:
    return node if isinstance(node, t.Name | t.Script | t.Derivative | t.Group | t.Number) else t.Group(node)


def commuted_sums(node: Node) -> Node:
    """Every sum in the other order."""

    def turn(part: Node) -> Node:
        return t.Sum(part.terms[::-1]) if isinstance(part, t.Sum) else part

    return rewrite(node, turn)


def commuted_products(node: Node) -> Node:
    """Every product in the other order, where no factor is a function or a call."""

    def turn(part: Node) -> Node:
        if not isinstance(part, t.Product) or any(isinstance(f, t.Prime) for f in part.factors):
            return part
        heads = zip(part.factors, part.factors[1:], strict=False)
        if part.operator == "juxtaposed" and any(
            isinstance(head, t.Name) and isinstance(_bare(after), t.Group) for head, after in heads
        ):
            return part
        factors = tuple(t.Group(f) if isinstance(f, t.BigOperator | t.Negative) else f for f in part.factors[::-1])
        return replace(part, factors=factors)

    return rewrite(node, turn)


def _bare(node: Node) -> Node:
    return node.base if isinstance(node, t.Script) else node


def expanded(node: Node) -> Node:
    """Products of a factor and a bracket with a sum multiplied out."""

    def spread(part: Node) -> Node:
        if isinstance(part, t.Product) and len(part.factors) == 2 and part.operator in ("juxtaposed", "cdot", "odot"):
            first, second = part.factors
            if (
                isinstance(second, t.Group)
                and isinstance(second.body, t.Sum)
                and isinstance(first, t.Script | t.Group | t.Quotient | t.Derivative)
            ):
                terms = [t.Signed(s.sign, replace(part, factors=(first, _grouped(s.term)))) for s in second.body.terms]
                return t.Group(t.Sum(tuple(terms)))
        return part

    return rewrite(node, spread)


def renamed(node: Node) -> Node:
    """Bound letters called r."""

    def rename(part: Node) -> Node:
        sub = part.sub if isinstance(part, t.BigOperator) else None
        name = sub.first if isinstance(sub, t.Relation) else sub
        if not isinstance(part, t.BigOperator) or not isinstance(name, t.Name):
            return part

        def change(inner: Node) -> Node:
            return t.Name("r") if isinstance(inner, t.Name) and inner.base == name.base else inner

        assert sub is not None
        return replace(part, sub=rewrite(sub, change), body=rewrite(part.body, change))

    return rewrite(node, rename)


def as_products(node: Node) -> Node:
    """``a / b`` as ``(1 / b) a``."""

    def turn(part: Node) -> Node:
        if isinstance(part, t.Quotient) and part.numerator != t.Number("1") and part.style == "frac":
            inverse = t.Quotient(t.Number("1"), part.denominator)
            return t.Group(t.Product("cdot", (inverse, _grouped(part.numerator))))
        return part

    return rewrite(node, turn)


def slashed(node: Node) -> Node:
    """Fractions in one line."""

    def turn(part: Node) -> Node:
        if isinstance(part, t.Quotient):
            return t.Group(t.Quotient(_grouped(part.numerator), _grouped(part.denominator), "slash"))
        return part

    return rewrite(node, turn)


def transposed(node: Node) -> Node:
    """The transposed side."""
    return t.Script(t.Group(node), sup=t.Name("top"))
