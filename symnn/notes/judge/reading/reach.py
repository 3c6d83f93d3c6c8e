"""How far a derivative sign without brackets reaches: ``d/dx x² + 3x`` is meant as that of both terms, or of the first."""

from __future__ import annotations

from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.judge.links import Link


def reaching_further(link: Link) -> Link | None:
    """The link with its derivative signs reaching over all terms behind them; None where there is no such sign."""
    left, right = (replace(node, over_all_terms) for node in link.nodes)
    if (left, right) == link.nodes:
        return None
    return changed(link, left=link.left.of(left), right=link.right.of(right))


def over_all_terms(node: Node) -> Node:
    r"""A sum with a derivative sign that has no brackets as the derivative of all its terms, from the sign on.

    >>> from symnn.notation import parse_latex, to_text
    >>> to_text(over_all_terms(parse_latex(r"\frac{d}{dx} x^2 + 3x")))
    'd/dx (x² + 3x)'
    >>> to_text(over_all_terms(parse_latex(r"\frac{d}{dx} x^2 + \frac{d}{dx} 3x")))
    'd/dx x² + d/dx 3x'
    """
    if not isinstance(node, t.Sum):
        return node
    for place, term in enumerate(node.terms):
        inner = term.term
        if (
            not isinstance(inner, t.Derivative)
            or inner.operand is None
            or isinstance(inner.operand, t.Group | t.Sequence)
        ):
            continue
        behind = node.terms[place + 1 :]
        if not behind or any(isinstance(part, t.Derivative) for other in behind for part in walk(other.term)):
            return node
        body = t.Group(t.Sum((t.Signed("+", inner.operand), *behind)))
        if term.sign == "-":
            return node
        if not place:
            return changed(inner, operand=body, span=node.span)
        return changed(node, terms=(*node.terms[:place], t.Signed("+", changed(inner, operand=body))))
    return node
