r"""Means without limits: ``\frac{1}{m} \sum_i x_i`` sums m terms, though it does not say up to where.

The letter below the bar is taken for the upper limit, where the document does not use it for anything else, does not
say another limit for the index, and declares nothing under the sum whose shape lacks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import BigOperator, Link, Name, Node, Number, Product, Quotient, Relation, Script
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.statements import Statement

COUNTING = frozenset("nmNMdDkKCBTp")
EQUALS = ("=", ":=", "equiv")


def with_counts(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements, in which means have their upper limits."""
    known = _Known(statements)
    return tuple(statement.mapped(lambda node: _counted(node, known)) for statement in statements)


class _Known:
    """What a document says of letters: those with a meaning of their own, limits of indices, sizes of arrays."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.values: set[str] = set()
        self.limits: dict[str, set[str]] = {}
        self.sizes: dict[Key, set[str]] = {}
        for statement in statements:
            operator = statement.steps[0].operator if statement.steps else ""
            left = parts_of(statement.first.node)
            if left is not None and operator == "in":
                self.sizes.setdefault(left.key, set()).update(_names(statement.steps[0].right.node))
            elif left is not None and operator in EQUALS and not isinstance(statement.steps[0].right.node, Number):
                self.values.add(left.base.base)
            for stated in statement.ranges:
                self.limits.setdefault(stated.letter.base, set()).update(_names(stated.last))
            for piece in (statement.first, *(step.right for step in statement.steps)):
                for part in walk(piece.node):
                    letter = _letter(part) if isinstance(part, BigOperator) else None
                    if isinstance(part, BigOperator) and letter is not None and part.sup is not None:
                        self.limits.setdefault(letter.base, set()).update(_names(part.sup))

    def count(self, below: Node, sum_: BigOperator) -> Name | None:
        """The letter below the bar that says how many terms a sum has; None where that is not certain."""
        letter = _letter(sum_)
        factors = below.factors if isinstance(below, Product) else (below,)
        found = [f for f in factors if isinstance(f, Name) and f.base in COUNTING and not f.font and not f.accents]
        if letter is None or len(found) != 1 or found[0].base in self.values or sum_.sup is not None:
            return None
        count = found[0]
        if self.limits.get(letter.base, {count.base}) != {count.base}:
            return None
        for part in walk(sum_.body):
            parts = parts_of(part) if isinstance(part, Name | Script) else None
            sizes = None if parts is None else self.sizes.get(parts.key)
            if sizes and count.base not in sizes:
                return None
        return count


def _letter(node: BigOperator) -> Name | None:
    r"""The one index of ``\sum_i`` or ``\sum_{i=1}``."""
    sub = node.sub
    if node.kind != "sum":
        return None
    if isinstance(sub, Relation) and len(sub.links) == 1 and sub.links[0].operator == "=":
        sub = sub.first
    return sub if isinstance(sub, Name) and len(sub.base) == 1 else None


def _names(node: Node) -> set[str]:
    return {part.base for part in walk(node) if isinstance(part, Name)}


def _counted(node: Node, known: _Known) -> Node:
    below = children(node)
    after = tuple(_counted(child, known) for child in below)
    found = node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)
    if isinstance(found, Product) and len(found.factors) == 2:
        bar, sum_ = found.factors
        if isinstance(bar, Quotient) and isinstance(sum_, BigOperator):
            count = known.count(bar.denominator, sum_)
            return found if count is None else replace(found, factors=(bar, _up_to(sum_, count)))
    if isinstance(found, Quotient) and isinstance(found.numerator, BigOperator):
        count = known.count(found.denominator, found.numerator)
        return found if count is None else replace(found, numerator=_up_to(found.numerator, count))
    return found


def _up_to(sum_: BigOperator, count: Name) -> BigOperator:
    sub = sum_.sub
    limited = sub if isinstance(sub, Relation) or sub is None else Relation(sub, (Link("=", Number("1")),))
    return replace(sum_, sub=limited, sup=Name(count.base))
