"""Links with a number on one side: which of them are equations to decide, and which are worked examples.

``∂y/∂b = 1`` holds for all numbers or for none. ``∂E/∂w = 26`` and ``σ(2) = 0.88`` are about the numbers that a document
works with, or about rounded ones; `symnn.notes.worked` judges those.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from symnn.formula.application import unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import tensors
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.links import EQUAL, Link
from symnn.notes.judge.reading.values import Value
from symnn.notes.read.names import parts_of
from symnn.notes.read.symbols import is_numeric

WITHOUT_NUMBERS = "it is no identity, and nothing says at which numbers it is meant"
"""Why a link with a number on one side is not decided: what a judge of worked examples says of it tells more."""


def is_plain(values: Sequence[Value]) -> bool:
    """Whether a side is a number, or an array of numbers, without any name."""
    return all(not tensors(unfold_applications(value.array.body)) and not _symbols(value) for value in values)


def _symbols(value: Value) -> set[Any]:
    return {s for s in value.array.free_symbols if isinstance(s, sympy.Symbol) and not isinstance(s, Index)}


def is_exact(link: Link, sides: Sequence[Sequence[Value]]) -> bool:
    """Whether both sides of a link are exact numbers or matrices: fractions, written without decimals.

    A list in brackets may be a vector, but also an interval or a size.
    """
    if link.operator == "approx" or any(_is_inexact(part) for node in link.nodes for part in walk(node)):
        return False
    bodies = [(values[0].rank, unfold_applications(values[0].array.body)) for values in sides if is_plain(values)]
    return len(bodies) == len(sides) and all(rank or body.is_Rational for rank, body in bodies)


def _is_inexact(node: Node) -> bool:
    return isinstance(node, t.Sequence) or (isinstance(node, t.Number) and "." in node.text)


def is_given(link: Link) -> bool:
    """Whether a link gives a number for a name: ``x = 3``, ``x ≈ -1``, also for several at once: ``a = b = 1``."""
    statement = link.statement
    *names, last = (statement.first, *(step.right for step in statement.steps))
    if any(step.operator not in (*EQUAL, "approx") for step in statement.steps):
        return False
    return last is link.right and all(parts_of(piece.node) is not None for piece in names) and is_numeric(last.node)


__all__ = ["WITHOUT_NUMBERS", "is_exact", "is_given", "is_plain"]
