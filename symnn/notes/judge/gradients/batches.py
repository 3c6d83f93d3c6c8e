r"""Gradients over a batch: ``dW = \frac1m dZ A^T`` beside ``dZ = dA \odot g'(Z)``.

In this way of writing, dZ and dA hold the derivatives of the loss of each sample, in columns, and dW and db are those of
the mean loss over all m samples. With L for the sum of the losses, dZ is ``∂L/∂Z`` and dW is ``\frac1m ∂L/∂W``. The
bias is one column, which is added to every column of W A.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import components
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement, Step
from symnn.notes.read.symbols import Table

CERTAIN = 3
"""So many gradients with the factor for each one without it show that the one is a slip."""
INPUTS = frozenset(["x", "X"])


@dataclass(frozen=True)
class Batch:
    """The parameters whose gradients are those of a mean, with the number of samples; those whose gradients are not certain."""

    means: frozenset[Key] = frozenset()
    count: t.Name | None = None
    doubtful: frozenset[Key] = frozenset()


def batch_of(equations: Iterable[tuple[Node, Node]], defined: set[Key]) -> Batch:
    """What the equations ``dX = …`` of a document say of its batch; `defined` are the names that it computes."""
    counts: set[t.Name] = set()
    with_, without = set[Key](), list[Key]()
    found = 0
    for name, right in equations:
        parts = parts_of(name)
        if parts is None:
            continue
        count = count_in(right)
        if parts.key in defined or parts.key.base in INPUTS:
            if count is not None:
                return Batch()
        elif count is not None:
            counts.add(changed(count, span=None))
            with_.add(parts.key)
            found += 1
        else:
            without.append(parts.key)
    if not with_:
        return Batch()
    if len(counts) > 1 or found < CERTAIN * len(without):
        return Batch(doubtful=frozenset([*with_, *without]))
    return Batch(frozenset([*with_, *without]), next(iter(counts)))


def count_in(node: Node) -> t.Name | None:
    r"""The m of a formula ``\frac1m …`` or ``… / m``."""
    if isinstance(node, t.Quotient) and isinstance(node.denominator, t.Name):
        return node.denominator
    if isinstance(node, t.Product):
        for factor in node.factors:
            if isinstance(factor, t.Quotient) and isinstance(factor.denominator, t.Name) and _is_one(factor.numerator):
                return factor.denominator
            if isinstance(factor, t.Product) and (found := count_in(factor)) is not None:
                return found
    return None


def _is_one(node: Node) -> bool:
    return isinstance(node, t.Number) and node.text == "1"


# -- columns ----------------------------------------------------------------------------------------------------------


def columns(statements: Sequence[Statement], table: Table) -> list[tuple[Statement, Node, Node]]:
    """The definitions ``Z = W A + b`` whose samples are columns, with Z and b: the parameter stands before the data."""
    computed = {key.bare for key in table.definitions}
    found = []
    for statement in statements:
        left = parts_of(statement.first.node)
        if left is None or len(statement.steps) != 1 or statement.steps[0].operator not in ("=", ":=", "equiv"):
            continue
        right = statement.steps[0].right.node
        if not (isinstance(right, t.Sum) and len(right.terms) == 2 and left.base.base.isupper()):
            continue
        product, bias = (term.term for term in right.terms)
        if not (isinstance(product, t.Product) and len(product.factors) == 2):
            continue
        first, second, last = (parts_of(node) for node in (*product.factors, bias))
        if first is None or second is None or last is None or not last.base.base.islower():
            continue
        data = second.key in computed or second.key.base in INPUTS
        parameter = first.key not in computed and first.key.base not in INPUTS
        known = any(key.bare == last.key for key in table.declarations)
        if data and parameter and second.base.base.isupper() and first.base.base.isupper() and not known:
            found.append((statement, statement.first.node, bias))
    return found


def declared_columns(found: Sequence[tuple[Statement, Node, Node]]) -> Iterator[Statement]:
    """The declarations of the biases as columns."""
    for number, (statement, _, bias) in enumerate(found):
        size = t.Script(t.Name("n"), sub=t.Text(f"bias{number}"))
        space = t.Script(t.Name("R", "mathbb"), sup=t.Product("times", (size, t.Number("1"))))
        passage = statement.first.passage
        steps = (Step("in", statement.first.of(space)),)
        yield changed(statement, first=type(statement.first)(bias, passage), steps=steps, order=-1, span=None)


def declared_count(count: Node, like: Statement) -> Statement:
    """The declaration of the number of samples."""
    steps = (Step("in", like.first.of(t.Name("R", "mathbb"))),)
    return changed(like, first=like.first.of(count), steps=steps, order=-1, span=None)


def over_columns(node: Node, values: set[Key]) -> Node:
    r"""``\sum_i Z_i`` and ``\sum_i Z^{(i)}`` of the columns of Z as the sums of its rows.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(over_columns(parse_latex(r"\sum_{i=1}^m Z^{[2](i)}"), {Key("Z")}))
    'rowsum(Z^([2]))'
    """

    def one(part: Node) -> Node:
        if not (isinstance(part, t.BigOperator) and part.kind == "sum"):
            return part
        sub = part.sub.first if isinstance(part.sub, t.Relation) else part.sub
        inner = part.body
        while isinstance(inner, t.Group):
            inner = inner.body
        head: tuple[Node, ...] = ()
        if isinstance(inner, t.Product) and len(inner.factors) == 2 and inner.factors[0] == t.Name("d"):
            head, inner = inner.factors[:1], inner.factors[1]
        parts = parts_of(inner)
        if not isinstance(sub, t.Name) or parts is None or parts.key not in values:
            return part
        bare = _without_letter(inner, sub.base)
        if bare is inner or any(isinstance(n, t.Name) and n.base == sub.base for n in walk(bare)):
            return part
        argument = t.Product("juxtaposed", (*head, bare)) if head else bare
        return t.Call(t.Name("rowsum", "operatorname"), (argument,), span=part.span)

    return replace(node, one)


def _without_letter(node: Node, letter: str) -> Node:
    """A name without the one script that is the letter of a column."""
    if not isinstance(node, t.Script):
        return node
    base = _without_letter(node.base, letter)
    sub = None if node.sub is not None and _is_letter(node.sub, letter) else node.sub
    sup = node.sup
    if isinstance(sup, t.Group) and _is_letter(sup, letter):
        sup = None
    elif isinstance(sup, t.Product) and len(sup.factors) == 2 and _is_letter(sup.factors[1], letter):
        sup = sup.factors[0]
    if base is node.base and sub is node.sub and sup is node.sup:
        return node
    return base if sub is None and sup is None else t.Script(base, sub, sup, span=node.span)


def _is_letter(node: Node, letter: str) -> bool:
    return components(node) == (t.Name(letter),)
