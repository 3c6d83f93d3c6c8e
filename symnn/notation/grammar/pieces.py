"""Pieces: a definition by cases that is written as rows, each with its condition, and without a brace."""

from __future__ import annotations

from collections.abc import Sequence as Several
from dataclasses import replace
from typing import Final

from symnn.notation.tree import Branch, Cases, Link, Name, Node, Phrase, Product, Relation, Text

IF_WORDS: Final = ("if", "for", "when", "where", "falls", "si", "wenn", "as")
OTHERWISE: Final = ("otherwise", "else")


def rows_as_cases(rows: Several[Node]) -> list[Node]:
    r"""The rows, where ``f(x) = a`` with a condition and rows ``= b`` with conditions below it are one definition by cases.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(parse_latex(r"\begin{aligned} f(x) &= x & \text{if } x > 0 \\ &= 0 & \text{otherwise} \end{aligned}"))
    'f(x) = x if x > 0 else 0'
    """
    groups: list[list[Node]] = []
    for row in rows:
        goes_on = isinstance(row, Phrase) and isinstance(row.parts[0], Relation) and row.parts[0].first is None
        if groups and goes_on and _piece(row) is not None and _piece(groups[-1][-1]) is not None:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [group[0] if len(group) == 1 else _whole(group) for group in groups]


def _whole(rows: Several[Node]) -> Node:
    """One relation of the rows of a definition by cases."""
    pieces = [piece for row in rows if (piece := _piece(row)) is not None]
    first = pieces[0][0]
    start, end = rows[0].span, rows[-1].span
    span = None if start is None or end is None else (start[0], end[1])
    return replace(first, links=(*first.links[:-1], Link("=", Cases(tuple(branch for _, branch in pieces)))), span=span)


def _piece(row: Node) -> tuple[Relation, Branch] | None:
    """The equation of a row and its case; None for a row without a condition."""
    if not isinstance(row, Phrase) or len(row.parts) < 2:
        return None
    equation, words, *rest = row.parts
    if not isinstance(equation, Relation) or equation.links[-1].operator != "=" or equation.links[-1].right is None:
        return None
    if not isinstance(words, Text):
        return None
    word = words.content.strip(" :,.").lower()
    value = equation.links[-1].right
    if word in OTHERWISE and not rest:
        return equation, Branch(value, Text("otherwise", span=words.span), span=row.span)
    if word not in IF_WORDS or len(rest) != 1 or not isinstance(rest[0], Relation):
        return None
    return equation, Branch(value, rest[0], span=row.span)


def spelled(node: Node) -> Node:
    """The condition ``else`` or ``otherwise``, though it is written in letters of mathematics."""
    if isinstance(node, Product) and node.operator == "juxtaposed":
        word = "".join(factor.base if isinstance(factor, Name) else " " for factor in node.factors)
        if word.lower() in OTHERWISE:
            return Text("otherwise", span=node.span)
    return node
