"""Marks of arrays in a formula: transposes, norms, traces, determinants, inverses of capital letters."""

from __future__ import annotations

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import is_transpose

NUMBERS_OF_MATRICES = frozenset(["tr", "Tr", "trace", "det", "logdet", "diag", "vec", "rank"])


def shows_arrays(node: Node) -> bool:
    """Whether a formula has a transpose, a norm, a trace or the inverse of a capital letter."""
    return any(_is_mark(part) for part in walk(node))


def _is_mark(part: Node) -> bool:
    match part:
        case t.Script() if part.sup is not None:
            if is_transpose(part.sup) and not _is_function(part.base):
                return True
            negative = isinstance(part.sup, t.Negative) and part.sup.body == t.Number("1")
            return negative and isinstance(part.base, t.Name) and part.base.base.isupper() and len(part.base.base) == 1
        case t.Group() | t.Sequence():
            return part.left == "‖"
        case t.Call() | t.Product():
            head = part.head if isinstance(part, t.Call) else part.factors[0]
            return isinstance(head, t.Name | t.Text) and _word(head) in NUMBERS_OF_MATRICES
    return False


def _is_function(node: Node) -> bool:
    return isinstance(node, t.Name) and len(node.base) > 1 and node.base.islower() and node.font in ("text", "mathrm")


def _word(node: t.Name | t.Text) -> str:
    return node.base if isinstance(node, t.Name) else node.content
