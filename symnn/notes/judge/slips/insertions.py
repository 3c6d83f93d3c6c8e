"""What may be missing in a formula: a factor, a denominator or a term, put in at one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.slips.edits import TOP, Edit
from symnn.notes.read.names import parts_of

PRODUCTS = ("juxtaposed", "cdot", "times", "ast", "odot", "matmul")
Wrap = Callable[[Node], Node]


def insertions(node: Node, names: Sequence[Node], writes_transposes: bool) -> Iterator[Edit]:
    """Every formula with one name more, as a factor, as a denominator or as a term; the outermost places first."""
    factors = [*names, *(t.Script(name, sup=TOP) for name in names if writes_transposes and _is_plain(name))]
    places = sorted(_places(node, 0), key=lambda place: place[0])
    for _, kind, part, wrap in places:
        if kind == "term":
            for name in (*names, t.Number("1")):
                yield from (Edit(wrap(new), "missing term") for new in _with_term(part, name))
        else:
            for name in factors:
                yield from (Edit(wrap(new), "missing factor") for new in _with_factor(part, name))
            for name in names:
                yield Edit(wrap(t.Quotient(part, name)), "missing factor")


def multiplied(node: Node, factors: Sequence[Node], writes_transposes: bool) -> Iterator[Edit]:
    """Every formula with one more factor, which may be a longer formula: in front, behind, or entry by entry."""
    turned = [t.Script(t.Group(factor), sup=TOP) for factor in factors if writes_transposes]
    parts = (part for whole in (node, *factors) for part in walk(whole))
    hadamard = any(isinstance(part, t.Product) and part.operator == "odot" for part in parts)
    places = sorted(_places(node, 0), key=lambda place: place[0])
    for _, kind, part, wrap in places:
        for factor in (*factors, *turned) if kind == "factor" else ():
            plain = list(_with_factor(part, factor))
            inside = part.factors if isinstance(part, t.Product) and part.operator == "odot" else (_bracketed(part),)
            ends = (factor, *inside) if isinstance(factor, t.Derivative) else (*inside, factor)
            entrywise = t.Product("odot", ends)
            yield from (
                Edit(wrap(new), "missing factor") for new in ([entrywise, *plain] if hadamard else [*plain, entrywise])
            )


def exchanged(node: Node, others: Sequence[Node]) -> Iterator[Edit]:
    """Every formula with another derivative in the place of one."""
    if isinstance(node, t.Derivative):
        yield from (
            Edit(other, "wrong variable") for other in others if isinstance(other, t.Derivative) and other != node
        )
        return
    below = children(node)
    for place, child in enumerate(below):
        for edit in exchanged(child, others):
            yield Edit(with_children(node, (*below[:place], edit.node, *below[place + 1 :])), edit.slip)


def _bracketed(node: Node) -> Node:
    return t.Group(node) if isinstance(node, t.Product | t.Sum | t.Negative | t.BigOperator) else node


def _is_plain(name: Node) -> bool:
    return not isinstance(name, t.Script) or name.sup is None


def _places(node: Node, depth: int) -> Iterator[tuple[int, str, Node, Wrap]]:
    """The places where something may be put in: how deep they are, what fits, what stands there, and how to replace it."""
    yield depth, "term", node, lambda new: new
    yield from _inner(node, depth, lambda new: new, in_product=False)


def _inner(node: Node, depth: int, wrap: Wrap, in_product: bool) -> Iterator[tuple[int, str, Node, Wrap]]:
    if not isinstance(node, t.Sum | t.Negative | t.Number) and not in_product:
        yield depth, "factor", node, wrap
    if isinstance(node, t.Derivative | t.Nabla | t.Name) or parts_of(node) is not None:
        return
    below = children(node)
    for place, child in enumerate(below):
        if isinstance(node, t.BigOperator) and child is not node.body:
            continue
        if isinstance(node, t.Script) and child is not node.base:
            continue

        def within(new: Node, place: int = place) -> Node:
            return wrap(with_children(node, (*below[:place], new, *below[place + 1 :])))

        if isinstance(node, t.Group | t.Quotient | t.Call | t.Root) and child is not getattr(node, "head", None):
            yield depth + 1, "term", child, within
        inside = isinstance(node, t.Product) or (isinstance(node, t.Call) and child is node.head)
        yield from _inner(child, depth + 1, within, in_product=inside or isinstance(node, t.Script))


def _with_term(node: Node, name: Node) -> Iterator[Node]:
    terms = node.terms if isinstance(node, t.Sum) else (t.Signed("+", node),)
    if isinstance(node, t.Negative):
        terms = (t.Signed("-", node.body),)
    yield t.Sum((*terms, t.Signed("-", name)))
    yield t.Sum((*terms, t.Signed("+", name)))


def _with_factor(node: Node, name: Node) -> Iterator[Node]:
    if isinstance(node, t.Product) and node.operator in PRODUCTS:
        yield changed(node, factors=(*node.factors, name))
        yield changed(node, factors=(name, *node.factors))
    else:
        yield t.Product("juxtaposed", (node, name))
        yield t.Product("juxtaposed", (name, node))
