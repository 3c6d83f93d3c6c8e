"""Slips put into true claims: sign, factor, transpose, dropped term or factor, index, variable, prime, exponent, limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from symnn.notation import tree as t
from symnn.notation.traverse import children, with_children
from symnn.notation.tree import Node
from symnn.notes.read.names import parts_of
from symnn.notes.read.symbols import is_transpose

Mutant = tuple[str, Node]
Maker = Callable[[Node], Iterator[Node]]
TOP = t.Name("top")
FUNCTIONS = ("sigma", "tanh", "log", "exp", "diag", "softmax", "e")
LETTERS = "ijklst"


def mutants(node: Node, names: list[Node]) -> Iterator[Mutant]:
    """Every formula with one slip in it, with the word for it that a report uses."""
    makers: tuple[tuple[str, Maker], ...] = (
        ("sign", signs), ("factor", factors), ("transpose", transposes), ("missing term", terms_left_out),
        ("missing factor", factors_left_out), ("wrong index", indices), ("wrong variable", lambda n: variables(n, names)),
        ("missing derivative", primes), ("exponent", exponents), ("limits", limits),
    )  # fmt: skip
    seen = {node}
    for kind, maker in makers:
        for mutant in everywhere(node, maker):
            if mutant not in seen:
                seen.add(mutant)
                yield kind, mutant


def everywhere(node: Node, maker: Maker) -> Iterator[Node]:
    """A slip at any place; derivatives are taken as they are, and scripts of names are no places of their own."""
    yield from maker(node)
    if isinstance(node, t.Derivative | t.Nabla):
        return
    if isinstance(node, t.Script) and (parts_of(node) is not None or _is_transposed(node)):
        if not isinstance(node.base, t.Name):
            yield from (replace(node, base=changed) for changed in everywhere(node.base, maker))
        return
    if isinstance(node, t.BigOperator):
        yield from (replace(node, body=changed) for changed in everywhere(node.body, maker))
        return
    if isinstance(node, t.Call):
        for place, argument in enumerate(node.arguments):
            for changed in everywhere(argument, maker):
                yield replace(node, arguments=(*node.arguments[:place], changed, *node.arguments[place + 1 :]))
        return
    below = children(node)
    for place, child in enumerate(below):
        for changed in everywhere(child, maker):
            yield with_children(node, (*below[:place], changed, *below[place + 1 :]))


def signs(node: Node) -> Iterator[Node]:
    """Another sign of one term, or of a factor."""
    if isinstance(node, t.Sum):
        for place, term in enumerate(node.terms):
            other = replace(term, sign="-" if term.sign == "+" else "+")
            yield t.Sum((*node.terms[:place], other, *node.terms[place + 1 :]))
    elif isinstance(node, t.Negative):
        yield node.body
    elif isinstance(node, t.Product | t.Quotient):
        yield t.Negative(node)


def factors(node: Node) -> Iterator[Node]:
    """Twice as much, half as much, or a number left out."""
    if isinstance(node, t.Product | t.Quotient | t.Script | t.Name | t.Derivative) and not is_function(node):
        yield t.Product("juxtaposed", (t.Number("2"), t.Group(node)))
        yield t.Quotient(node, t.Number("2"))
    if isinstance(node, t.Product) and len(node.factors) > 1:
        for place, factor in enumerate(node.factors):
            if _is_number(factor):
                rest = (*node.factors[:place], *node.factors[place + 1 :])
                yield rest[0] if len(rest) == 1 else replace(node, factors=rest)


def _is_number(node: Node) -> bool:
    return isinstance(node, t.Number) or (
        isinstance(node, t.Quotient) and _is_number(node.numerator) and _is_number(node.denominator)
    )


def transposes(node: Node) -> Iterator[Node]:
    """A transpose left out, or one too many."""
    if isinstance(node, t.Script) and _is_transposed(node):
        yield node.base if node.sub is None else replace(node, sup=None)
    elif _is_matrix_name(node):
        yield t.Script(node, sup=TOP)


def _is_transposed(node: t.Script) -> bool:
    return node.sup is not None and is_transpose(node.sup)


def _is_matrix_name(node: Node) -> bool:
    """A capital letter, alone or with a number below it."""
    if isinstance(node, t.Script) and node.sup is None and isinstance(node.sub, t.Number):
        node = node.base
    return isinstance(node, t.Name) and len(node.base) == 1 and node.base.isupper()


def terms_left_out(node: Node) -> Iterator[Node]:
    """A term left out."""
    if isinstance(node, t.Sum):
        for place in range(len(node.terms)):
            rest = (*node.terms[:place], *node.terms[place + 1 :])
            if len(rest) > 1:
                yield t.Sum(rest)
            elif rest:
                yield rest[0].term if rest[0].sign == "+" else t.Negative(rest[0].term)


def factors_left_out(node: Node) -> Iterator[Node]:
    """A factor left out that is no number, or a denominator."""
    if isinstance(node, t.Quotient) and not _is_number(node.denominator):
        yield node.numerator
    if isinstance(node, t.Product) and len(node.factors) > 1:
        for place, factor in enumerate(node.factors):
            rest = (*node.factors[:place], *node.factors[place + 1 :])
            if not _is_number(factor) and not (node.operator == "juxtaposed" and _in_call(node.factors, place)):
                yield rest[0] if len(rest) == 1 else replace(node, factors=rest)


def _in_call(found: tuple[Node, ...], place: int) -> bool:
    """Whether a factor is a function with its bracket behind it, or such a bracket."""
    after = found[place + 1] if place + 1 < len(found) else None
    before = found[place - 1] if place else None
    head = isinstance(found[place], t.Name | t.Prime | t.Script) and isinstance(after, t.Group)
    return head or (isinstance(found[place], t.Group) and isinstance(before, t.Name | t.Prime | t.Script))


def indices(node: Node) -> Iterator[Node]:
    """Another index letter, swapped indices, one more or less, another number below a name."""
    if not isinstance(node, t.Script) or node.sub is None:
        return
    sub = node.sub
    if isinstance(sub, t.Product) and len(sub.factors) == 2:
        yield replace(node, sub=replace(sub, factors=(sub.factors[1], sub.factors[0])))
    elif isinstance(sub, t.Number) and sub.text in ("1", "2"):
        yield replace(node, sub=t.Number("2" if sub.text == "1" else "1"))
    elif isinstance(sub, t.Name) and sub.base in LETTERS:
        yield replace(node, sub=t.Name("i" if sub.base != "i" else "j"))
    elif isinstance(sub, t.Sum) and len(sub.terms) == 2:
        yield replace(node, sub=sub.terms[0].term)


def variables(node: Node, names: list[Node]) -> Iterator[Node]:
    """Another name of the claim."""
    if not isinstance(node, t.Name | t.Script) or parts_of(node) is None or is_function(node):
        return
    turned = isinstance(node, t.Script) and _is_transposed(node)
    core = (
        (node.base if node.sub is None else replace(node, sup=None)) if turned and isinstance(node, t.Script) else node
    )
    for name in names:
        if name != core:
            yield t.Script(name, sup=TOP) if turned else name


def is_function(node: Node) -> bool:
    """Whether a name is a function: it is no value that could stand elsewhere."""
    parts = parts_of(node)
    return parts is not None and (parts.base.base in FUNCTIONS or parts.primes > 0)


def values_in(nodes: tuple[Node, ...]) -> list[Node]:
    """The names of a claim that are values: no functions, no index letters, without transposes."""
    found: dict[Node, None] = {}

    def visit(node: Node) -> None:
        if isinstance(node, t.Script) and parts_of(node) is not None:
            if _is_transposed(node):
                visit(node.base if node.sub is None else replace(node, sup=None))
            elif node.sup is None and not is_function(node):
                found.setdefault(node)
            return
        if isinstance(node, t.Name):
            if not is_function(node) and node.base != "top":
                found.setdefault(node)
            return
        below = (node.body,) if isinstance(node, t.BigOperator) else children(node)
        for child in node.arguments if isinstance(node, t.Call) else below:
            visit(child)

    for node in nodes:
        visit(node)
    return list(found)


def primes(node: Node) -> Iterator[Node]:
    """A prime left out, or one too many."""
    if isinstance(node, t.Prime):
        yield node.base if node.count == 1 else replace(node, count=node.count - 1)
        yield replace(node, count=node.count + 1)
    elif isinstance(node, t.Product) and node.operator == "juxtaposed":
        for place, (head, argument) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
            named = isinstance(head, t.Name) and isinstance(argument, t.Group)
            if named and (head.base == "sigma" or (head.base in "sw" and not isinstance(argument.body, t.Sum))):
                yield replace(node, factors=(*node.factors[:place], t.Prime(head), *node.factors[place + 1 :]))


def exponents(node: Node) -> Iterator[Node]:
    """A power left out, or one too many."""
    if isinstance(node, t.Script) and isinstance(node.sup, t.Number):
        yield node.base if node.sub is None else replace(node, sup=None)
        yield replace(node, sup=t.Number(str(int(node.sup.text) + 1)))


def limits(node: Node) -> Iterator[Node]:
    """A sum that leaves out its first or its last term."""
    if isinstance(node, t.BigOperator) and isinstance(node.sub, t.Relation) and node.sup is not None:
        (link,) = node.sub.links
        if isinstance(link.right, t.Number):
            later = t.Number(str(int(link.right.text) + 1))
            yield replace(node, sub=replace(node.sub, links=(replace(link, right=later),)))
        yield replace(node, sup=t.Sum((t.Signed("+", node.sup), t.Signed("-", t.Number("1")))))
