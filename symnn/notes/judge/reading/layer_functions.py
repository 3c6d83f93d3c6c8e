r"""Functions with a layer: ``g^{[1]}(Z^{[1]})`` and ``σ^{(l)\prime}(z^{(l)})`` are calls of a function that belongs to a layer.

A number in square brackets, or the place in a recurrence that is written out, is part of the name of the function and
no power of its value. In round brackets a number is the order of a derivative instead, and stays what it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Node
from symnn.notes.read.names import parts_of
from symnn.notes.read.statements import Statement, Step

ANY_FUNCTION = frozenset(["f", "g", "F", "G", "phi", "psi", "Phi", "Psi", "varphi"])
"""Letters that stand for any function where they are called and the document says nothing of them."""
MARK = "^"


def is_any_function(base: str) -> bool:
    """Whether a letter, with a layer or without, stands for any function."""
    letter, mark, _ = base.partition(MARK)
    return letter in ANY_FUNCTION or (bool(mark) and letter in ("sigma", "h", "a"))


def with_layers(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with the layers of functions in their names; themselves where there are none."""
    return tuple(map(_in_statement, statements))


def _in_statement(statement: Statement) -> Statement:
    first = statement.first.of(with_layer(statement.first.node))
    steps = tuple(Step(step.operator, step.right.of(with_layer(step.right.node))) for step in statement.steps)
    same = first.node is statement.first.node and all(
        a.right.node is b.right.node for a, b in zip(steps, statement.steps, strict=True)
    )
    return statement if same else changed(statement, first=first, steps=steps)


def with_layer(node: Node) -> Node:
    r"""The formula with the layers of functions in their names.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(with_layer(parse_latex(r"A^{[1]} \odot g'^{[1]}(Z^{[1]})")))
    "A^([1]) ⊙ g^1'(Z^([1]))"
    """
    return replace(node, _one)


def _one(node: Node) -> Node:
    if not (isinstance(node, t.Product) and node.operator == "juxtaposed"):
        return node
    factors = list(node.factors)
    for place, (head, argument) in enumerate(itertools.pairwise(factors)):
        if isinstance(argument, t.Group) and argument.left == "(":
            factors[place] = _named(head)
    same = all(a is b for a, b in zip(factors, node.factors, strict=True))
    return node if same else changed(node, factors=tuple(factors))


def _named(head: Node) -> Node:
    """A head with its layer in its name; itself where it has none."""
    parts = parts_of(head) if isinstance(head, t.Script | t.Prime) else None
    if parts is None or parts.subs or parts.accents or len(parts.sups) != 1:
        return head
    (raised,) = parts.sups
    if not isinstance(raised, t.Group) or not is_any_function(parts.base.base + MARK):
        return head
    body = raised.body
    if isinstance(body, t.Text):
        label = body.content
    elif isinstance(body, t.Number) and raised.left == "[":
        label = body.text
    else:
        return head
    name = t.Name(parts.base.base + MARK + label, span=head.span)
    return t.Prime(name, parts.primes, span=head.span) if parts.primes else name
