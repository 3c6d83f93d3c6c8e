"""A notation tree as a nested list in brackets, for tests, messages and debugging. Nothing is left out but spans."""

from __future__ import annotations

import json
from collections.abc import Iterable

from symnn.notation.tree import (
    Accent,
    BigOperator,
    Blank,
    Call,
    Cases,
    Derivative,
    Ellipsis,
    EvaluatedAt,
    Given,
    Group,
    Labelled,
    Lines,
    Matrix,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Slice,
    Sum,
    Text,
)


def outline(node: Node | None) -> str:
    """Write the structure of a tree.

    Names carry their font after a colon and their accents after a tilde. ``_`` stands for an absent part.

    >>> outline(Product("cdot", (Script(Name("W"), Number("1"), Name("T")), Name("y", accents=("hat",)))))
    '(cdot (script W 1 T) y~hat)'
    """
    if node is None:
        return "_"
    if isinstance(node, Number):
        return node.text
    if isinstance(node, Name):
        return node.base + (f":{node.font}" if node.font else "") + "".join(f"~{accent}" for accent in node.accents)
    if isinstance(node, Text):
        return json.dumps(node.content, ensure_ascii=False)
    if isinstance(node, Ellipsis):
        return node.kind
    if isinstance(node, Blank):
        return "blank"
    head, parts = _parts(node)
    return f"({' '.join([head, *parts])})"


def _all(nodes: Iterable[Node | None]) -> list[str]:
    return [outline(node) for node in nodes]


def _parts(node: Node) -> tuple[str, list[str]]:
    """Return the head word of a composite node and its written parts."""
    if isinstance(node, Script):
        return "script", _all((node.base, node.sub, node.sup))
    if isinstance(node, Prime):
        return "prime" + str(node.count) * (node.count > 1), [outline(node.base)]
    if isinstance(node, Accent):
        return node.kind, [outline(node.body)]
    if isinstance(node, Product):
        return {"juxtaposed": "mul"}.get(node.operator, node.operator), _all(node.factors)
    if isinstance(node, Quotient):
        return node.style, _all((node.numerator, node.denominator))
    if isinstance(node, Sum):
        return "sum", [f"{term.sign}{outline(term.term)}" for term in node.terms]
    if isinstance(node, Negative):
        return "neg", [outline(node.body)]
    if isinstance(node, Root):
        return "root", _all((node.radicand,) if node.degree is None else (node.radicand, node.degree))
    if isinstance(node, Group):
        return f"group{node.left}{node.right}", [outline(node.body)]
    if isinstance(node, Sequence):
        mark = {",": "", ";": ";", "quad": " "}[node.separator].replace(" ", "quad")
        return f"list{mark}{node.left}{node.right}", _all(node.items)
    if isinstance(node, Given):
        return f"given{node.bar}", _all((node.left, node.right))
    if isinstance(node, Slice):
        return "slice", _all((node.start, node.stop))
    return _applications(node)


def _applications(node: Node) -> tuple[str, list[str]]:
    if isinstance(node, Call):
        return "loose-call" if node.loose else "call", _all((node.head, *node.arguments))
    if isinstance(node, BigOperator):
        return node.kind, _all((node.sub, node.sup, node.body))
    if isinstance(node, Derivative):
        below = f"[{' '.join(_all(node.denominators))}]"
        return f"{node.symbol}-{node.style}", [outline(node.numerator), below, outline(node.operand)]
    if isinstance(node, Nabla):
        return "nabla", _all((node.wrt, node.power, node.operand))
    if isinstance(node, EvaluatedAt):
        return "at", _all((node.body, node.sub, node.sup))
    if isinstance(node, Matrix):
        return f"matrix{node.left}{node.right}", [f"[{' '.join(_all(row))}]" for row in node.rows]
    if isinstance(node, Cases):
        return "cases", [f"[{outline(branch.value)} {outline(branch.condition)}]" for branch in node.branches]
    if isinstance(node, Lines):
        return "lines", _all(node.rows)
    if isinstance(node, Relation):
        return "rel", [
            outline(node.first),
            *(f"{link.operator} {outline(link.right)}" for link in node.links),
        ]
    if isinstance(node, Phrase):
        return "phrase", _all(node.parts)
    if isinstance(node, Labelled):
        return "label", _all((node.label, node.body))
    raise TypeError(f"not a notation node: {type(node).__name__}")
