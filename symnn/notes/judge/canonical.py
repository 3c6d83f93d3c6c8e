"""Trees in one form: spellings that mean the same are written the same way before they are read."""

from __future__ import annotations

from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Node
from symnn.notes.read.names import is_word
from symnn.notes.read.statements import Statement, Step


def canonical(node: Node) -> Node:
    r"""The tree without empty matrix columns, with ``\sum_{n \in N}`` as ``\sum_n`` and ``\sum_{i=1}^{n}`` kept.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(canonical(parse_latex(r"\sum_{n \in N} x_n")))
    'Σ_n x_n'
    """
    return replace(node, _one)


def _one(node: Node) -> Node:
    match node:
        case t.Matrix():
            return _without_blank_columns(node)
        case t.BigOperator() if node.sup is None and _is_membership(node.sub):
            assert isinstance(node.sub, t.Relation)
            return changed(node, sub=node.sub.first)
        case t.Product() if node.operator == "juxtaposed":
            return _lowered(node)
        case _:
            return node


def _lowered(node: t.Product) -> Node:
    r"""``\delta2`` is ``\delta_2``: nobody writes a number behind the letter that it multiplies."""
    factors: list[Node] = []
    for factor in node.factors:
        before = factors[-1] if factors else None
        if isinstance(factor, t.Number) and factor.text.isdigit() and isinstance(before, t.Name):
            span = None if before.span is None or factor.span is None else (before.span[0], factor.span[1])
            factors[-1] = t.Script(before, sub=factor, span=span)
        else:
            factors.append(factor)
    if len(factors) == len(node.factors):
        return node
    return factors[0] if len(factors) == 1 else changed(node, factors=tuple(factors))


def tidied(statement: Statement) -> Statement:
    """The statement with all its trees in canonical form; itself when nothing changes."""
    first = statement.first.of(canonical(statement.first.node))
    steps = tuple(Step(step.operator, step.right.of(canonical(step.right.node))) for step in statement.steps)
    same = first.node is statement.first.node and all(
        a.right.node is b.right.node for a, b in zip(steps, statement.steps, strict=True)
    )
    return statement if same else changed(statement, first=first, steps=steps)


def _is_membership(sub: Node | None) -> bool:
    return (
        isinstance(sub, t.Relation)
        and len(sub.links) == 1
        and sub.links[0].operator == "in"
        and isinstance(sub.first, t.Name)
        and not is_word(sub.first)
    )


def _without_blank_columns(node: t.Matrix) -> Node:
    if len({len(row) for row in node.rows}) != 1:
        return node
    width = len(node.rows[0])
    kept = [place for place in range(width) if not all(isinstance(row[place], t.Blank) for row in node.rows)]
    if len(kept) == width or not kept:
        return node
    return changed(node, rows=tuple(tuple(row[place] for place in kept) for row in node.rows))


def folded(node: Node, known: Node, name: Node) -> Node:
    """The tree with every subtree that reads like `known` replaced by a name; brackets around the name are dropped.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(folded(parse_latex("f(W x + b)"), parse_latex("W x + b"), parse_latex("z")))
    'f(z)'
    """
    return replace(node, lambda part: changed_span(name, part) if part == known else part)


def changed_span(node: Node, like: Node) -> Node:
    """The node at the place of another."""
    return changed(node, span=like.span)
