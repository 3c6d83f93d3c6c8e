"""Fonts and accents on what is already parsed."""

from __future__ import annotations

from dataclasses import replace

from symnn.notation.traverse import replace as rewrite
from symnn.notation.tree import Accent, Name, Node


def in_font(node: Node, font: str) -> Node:
    """Put every name below the node that has no font of its own into this font.

    >>> in_font(Name("W"), "mathbf")
    Name(base='W', font='mathbf', accents=())
    """
    if not font:
        return node
    return rewrite(node, lambda n: replace(n, font=font) if isinstance(n, Name) and not n.font else n)


def accented(kind: str, body: Node) -> Node:
    """Put an accent on a node. A name carries its accents itself, innermost first.

    >>> accented("hat", Name("y"))
    Name(base='y', font='', accents=('hat',))
    """
    if isinstance(body, Name):
        return replace(body, accents=(*body.accents, kind))
    return Accent(kind, body)
