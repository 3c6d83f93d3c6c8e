"""Small changes of a formula: the slips that people make when they derive by hand, undone one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, with_children
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Slip
from symnn.notes.read.names import parts_of
from symnn.notes.read.symbols import is_transpose

TOP = t.Name("top")


@dataclass(frozen=True)
class Edit:
    """A changed formula and the slip that it undoes."""

    node: Node
    slip: Slip


def edits(node: Node, names: Sequence[Node], letters: Sequence[str], writes_transposes: bool) -> Iterator[Edit]:
    """Every formula that is one small change away, the commonest slips first.

    `names` are names that may stand in the place of another, `letters` index letters.
    """
    makers: list[Callable[[Node], Iterator[Edit]]] = [
        _signs,
        *([_transposes] if writes_transposes else []),
        _primes,
        lambda part: _indices(part, letters),
        lambda part: _names(part, names),
        _numbers,
        _doubled,
        _exponents,
        _terms,
        _orders,
        _brackets,
        *([] if writes_transposes else [_transposes]),
    ]
    for maker in makers:
        yield from _everywhere(node, maker)
    if isinstance(node, t.Number):
        yield Edit(t.Number("0"), "factor")
    for factor in (t.Number("2"), t.Quotient(t.Number("1"), t.Number("2"))):
        yield Edit(t.Product("juxtaposed", (factor, _group(node))), "factor")


def renamings(node: Node, names: Sequence[Node]) -> Iterator[Edit]:
    """Every formula with another name in the place of one."""
    yield from _everywhere(node, lambda part: _names(part, names))


def _everywhere(node: Node, maker: Callable[[Node], Iterator[Edit]]) -> Iterator[Edit]:
    """An edit at any place of a tree. Derivatives are left as they are inside, and so is what stands below a name."""
    yield from maker(node)
    if isinstance(node, t.Derivative | t.Nabla):
        return
    below = children(node)
    for place, child in enumerate(below):
        if isinstance(node, t.Script) and child is node.sub:
            continue
        for edit in _everywhere(child, maker):
            new = (*below[:place], edit.node, *below[place + 1 :])
            yield Edit(with_children(node, new), edit.slip)


def _group(node: Node) -> Node:
    return t.Group(node) if isinstance(node, t.Sum | t.Negative) else node


def _signs(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Negative):
        yield Edit(node.body, "sign")
    elif isinstance(node, t.Sum):
        turned = tuple(changed(term, sign="-" if term.sign == "+" else "+") for term in node.terms)
        if all(term.sign in ("+", "-") for term in node.terms):
            for place, term in enumerate(node.terms):
                other: t.Sign = "-" if term.sign == "+" else "+"
                terms = (*node.terms[:place], changed(term, sign=other), *node.terms[place + 1 :])
                yield Edit(t.Sum(terms), "sign")
            yield Edit(t.Sum(turned), "sign")
    elif isinstance(node, t.Product | t.Quotient | t.BigOperator | t.Call) or (
        isinstance(node, t.Name | t.Script) and parts_of(node) is not None
    ):
        yield Edit(t.Negative(node), "sign")


def _transposes(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Script) and node.sup is not None and is_transpose(node.sup):
        yield Edit(node.base if node.sub is None else changed(node, sup=None), "transpose")
    elif isinstance(node, t.Name | t.Derivative) or (isinstance(node, t.Script) and node.sup is None):
        yield Edit(t.Script(node if not isinstance(node, t.Derivative) else t.Group(node), sup=TOP), "transpose")
    elif isinstance(node, t.Script) and node.sup is not None:
        yield Edit(t.Script(t.Group(node), sup=TOP), "transpose")


def _primes(node: Node) -> Iterator[Edit]:
    if not (isinstance(node, t.Product) and node.operator == "juxtaposed"):
        return
    for place, (head, argument) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
        if not (isinstance(argument, t.Group) and argument.left == "("):
            continue
        if isinstance(head, t.Prime):
            fewer = head.base if head.count == 1 else changed(head, count=head.count - 1)
            yield Edit(
                changed(node, factors=(*node.factors[:place], fewer, *node.factors[place + 1 :])), "missing derivative"
            )
        elif isinstance(head, t.Name | t.Script):
            more = primed(head)
            yield Edit(
                changed(node, factors=(*node.factors[:place], more, *node.factors[place + 1 :])), "missing derivative"
            )


def primed(head: Node) -> Node:
    """``f'`` for f; the prime of ``g^{[l]}`` stands before the layer."""
    if isinstance(head, t.Script) and head.sub is None and isinstance(head.sup, t.Group):
        return changed(head, base=primed(head.base))
    return t.Prime(head)


def _indices(node: Node, letters: Sequence[str]) -> Iterator[Edit]:
    if not isinstance(node, t.Script) or node.sub is None:
        return
    sub = node.sub
    if isinstance(sub, t.Product | t.Sequence):
        items = sub.factors if isinstance(sub, t.Product) else sub.items
        if len(items) == 2:
            swapped = (items[1], items[0])
            new: Node = changed(sub, factors=swapped) if isinstance(sub, t.Product) else changed(sub, items=swapped)
            yield Edit(changed(node, sub=new), "wrong index")
        for place, item in enumerate(items):
            for letter in letters:
                if isinstance(item, t.Name) and item.base != letter:
                    other = (*items[:place], t.Name(letter), *items[place + 1 :])
                    new = changed(sub, factors=other) if isinstance(sub, t.Product) else changed(sub, items=other)
                    yield Edit(changed(node, sub=new), "wrong index")
    elif isinstance(sub, t.Name):
        for letter in letters:
            if sub.base != letter:
                yield Edit(changed(node, sub=t.Name(letter)), "wrong index")
        for sign in ("-", "+"):
            yield Edit(changed(node, sub=t.Sum((t.Signed("+", sub), t.Signed(sign, t.Number("1"))))), "wrong index")
    elif isinstance(sub, t.Sum) and len(sub.terms) == 2 and isinstance(sub.terms[1].term, t.Number):
        yield Edit(changed(node, sub=sub.terms[0].term), "wrong index")
        other_sign: t.Sign = "-" if sub.terms[1].sign == "+" else "+"
        turned = (sub.terms[0], changed(sub.terms[1], sign=other_sign))
        yield Edit(changed(node, sub=t.Sum(turned)), "wrong index")
    elif isinstance(sub, t.Number) and sub.text.isdigit():
        for step in (1, -1):
            if int(sub.text) + step >= 0:
                yield Edit(changed(node, sub=t.Number(str(int(sub.text) + step))), "wrong index")
        if len(sub.text) == 2:
            first, second = int(sub.text[0]), int(sub.text[1])
            near = [
                (second, first),
                *((a, b) for a in range(1, 4) for b in range(1, 4) if (a == first) != (b == second)),
            ]
            for a, b in near:
                if f"{a}{b}" != sub.text:
                    yield Edit(changed(node, sub=t.Number(f"{a}{b}")), "wrong index")


def _names(node: Node, names: Sequence[Node]) -> Iterator[Edit]:
    if not isinstance(node, t.Name | t.Script) or parts_of(node) is None:
        return
    turn = isinstance(node, t.Script) and node.sup is not None and is_transpose(node.sup)
    core: Node = (
        (node.base if node.sub is None else changed(node, sup=None)) if turn and isinstance(node, t.Script) else node
    )
    for name in names:
        if name != core:
            yield Edit(t.Script(name, sup=TOP) if turn else name, "wrong variable")


def _numbers(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Number) and node.text.isdigit():
        for other in {int(node.text) + 1, int(node.text) - 1, 2 * int(node.text), int(node.text) ** 2} - {
            int(node.text)
        }:
            if 0 < other <= 100:
                yield Edit(t.Number(str(other)), "factor")
    elif isinstance(node, t.Product) and len(node.factors) > 1:
        for place, factor in enumerate(node.factors):
            if isinstance(factor, t.Number) or (
                isinstance(factor, t.Quotient) and isinstance(factor.numerator, t.Number)
            ):
                rest = (*node.factors[:place], *node.factors[place + 1 :])
                yield Edit(rest[0] if len(rest) == 1 else changed(node, factors=rest), "factor")


def _exponents(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Script) and isinstance(node.sup, t.Number) and node.sup.text.isdigit():
        power = int(node.sup.text)
        base = node.base if node.sub is None else changed(node, sup=None)
        for other in (power - 1, power + 1):
            if other == 1:
                yield Edit(base, "exponent")
            elif other > 1:
                yield Edit(changed(node, sup=t.Number(str(other))), "exponent")
    elif isinstance(node, t.Name) or (isinstance(node, t.Group) and node.left == "("):
        yield Edit(t.Script(node, sup=t.Number("2")), "exponent")


def _doubled(node: Node) -> Iterator[Edit]:
    """A term that lacks the factor 2 or ½ of the others."""
    if isinstance(node, t.Sum) and len(node.terms) > 1:
        for factor in (t.Number("2"), t.Quotient(t.Number("1"), t.Number("2"))):
            for place, term in enumerate(node.terms):
                more = changed(term, term=t.Product("juxtaposed", (factor, _group(term.term))))
                yield Edit(changed(node, terms=(*node.terms[:place], more, *node.terms[place + 1 :])), "factor")


def _terms(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Sum) and len(node.terms) > 1:
        for place in range(len(node.terms)):
            rest = (*node.terms[:place], *node.terms[place + 1 :])
            if len(rest) == 1:
                only = rest[0].term if rest[0].sign == "+" else t.Negative(rest[0].term)
                yield Edit(only, "extra term")
            else:
                yield Edit(t.Sum(rest), "extra term")
    elif isinstance(node, t.Product) and len(node.factors) > 2:
        for place in range(len(node.factors)):
            rest_ = (*node.factors[:place], *node.factors[place + 1 :])
            yield Edit(changed(node, factors=rest_), "factor")


def _orders(node: Node) -> Iterator[Edit]:
    if isinstance(node, t.Product) and node.operator in ("juxtaposed", "cdot", "matmul") and len(node.factors) == 2:
        yield Edit(changed(node, factors=(node.factors[1], node.factors[0])), "wrong variable")


def _brackets(node: Node) -> Iterator[Edit]:
    """``f(x) + 1`` for ``f(x + 1)``, ``-a + b`` for ``-(a + b)``."""
    if isinstance(node, t.Sum) and len(node.terms) == 2:
        first, second = node.terms
        inner = _into_call(first.term, second)
        if inner is not None:
            yield Edit(inner if first.sign == "+" else t.Negative(inner), "misplaced bracket")
    if isinstance(node, t.Sum) and len(node.terms) >= 2 and node.terms[0].sign == "-":
        yield Edit(t.Negative(t.Group(t.Sum((changed(node.terms[0], sign="+"), *node.terms[1:])))), "misplaced bracket")


def _into_call(node: Node, term: t.Signed) -> Node | None:
    if isinstance(node, t.Call) and len(node.arguments) == 1:
        return changed(node, arguments=(t.Sum((t.Signed("+", node.arguments[0]), term)),))
    if isinstance(node, t.Product) and node.operator == "juxtaposed" and len(node.factors) == 2:
        head, argument = node.factors
        if isinstance(argument, t.Group) and argument.left == "(" and parts_of(head) is not None:
            return changed(node, factors=(head, changed(argument, body=t.Sum((t.Signed("+", argument.body), term)))))
    return None
