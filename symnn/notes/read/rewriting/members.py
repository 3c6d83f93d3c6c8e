r"""Rows and columns by a small letter: ``x^{(i)}`` is sample i of X, ``u_i`` is row i of U.

Whether a sample is a row or a column shows in the shapes that are declared: with ``X \in \mathbb{R}^{n \times m}`` and a
sum of i up to m it is a column. For a letter with an index below the words beside it must say ``row`` or ``column``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import BigOperator, Group, Name, Node, Number, Product, Relation, Script
from symnn.notation.tree import Sequence as Listing
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Parts, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.survey import EQUALS

_SAID = re.compile(
    r"\s*(?:,?\s*(?:which|that)\s+)?(?:is|are|denotes|be|being|as|,)?\s*(?:the\s+)?(?:\$?\w\$?-?(?:st|nd|rd|th)\s+)?"
    r"(row|column)s?\b",
    re.IGNORECASE,
)
TOP = Name("top")


@dataclass(frozen=True, slots=True)
class Member(Node):
    """A row, or a column, of a matrix; a number where the matrix has but one entry there."""

    matrix: Node
    place: Node
    column: bool

    def selected(self) -> Node:
        """The matrix with the place below it."""
        if self.column:
            turned = Group(Script(self.matrix, sup=TOP, span=self.span), span=self.span)
            return Script(turned, sub=self.place, span=self.span)
        if isinstance(self.matrix, Script):
            return Script(self.matrix.base, sub=self.place, sup=self.matrix.sup, span=self.span)
        return Script(self.matrix, sub=self.place, span=self.span)


def with_members(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements in which small letters for rows and columns are such; their declarations are left out."""
    known = _Stacks(statements)
    if not known.samples and not known.told:
        return tuple(statements)
    changed = (statement.mapped(known.within) for statement in statements)
    return tuple(
        s for s in changed if not (isinstance(s.first.node, Member) and s.steps and s.steps[0].operator == "in")
    )


class _Stacks:
    """The matrices of a document, how long the sums over samples are, and which letters the words tell of."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.sizes: dict[str, tuple[Node, ...]] = {}
        self.known: set[tuple[str, Node | None]] = set()
        self.own: set[str] = set()
        self.limits: dict[str, set[Node]] = {}
        self.told: dict[str, bool] = {}
        for statement in statements:
            self._survey(statement)
        self.samples = {letter: column for letter in self.limits if (column := self._are_columns(letter)) is not None}

    def _survey(self, statement: Statement) -> None:
        parts = parts_of(statement.first.node)
        operator = statement.steps[0].operator if statement.steps else ""
        if parts is not None and operator in ("in", *EQUALS):
            capital = parts.base.base.isupper() and len(parts.base.base) == 1
            if capital and not parts.subs and all(_layer(sup) for sup in parts.sups):
                self.known.add((parts.base.base, next(iter(parts.sups), None)))
                if operator == "in" and not parts.sups:
                    self.sizes[parts.base.base] = _axes(statement.steps[0].right.node)
            elif operator in EQUALS and (parts.subs or parts.sups):
                self.own.add(parts.base.base)
        for piece in (statement.first, *(step.right for step in statement.steps)):
            for part in walk(piece.node):
                sub = part.sub if isinstance(part, BigOperator) and part.sup is not None else None
                if isinstance(part, BigOperator) and isinstance(sub, Relation) and isinstance(sub.first, Name):
                    self.limits.setdefault(sub.first.base, set()).update([part.sup] if part.sup is not None else [])
        self._hear(statement, parts)

    def _hear(self, statement: Statement, parts: Parts | None) -> None:
        """Note that the words behind a name say what it is."""
        if parts is None or statement.span is None or len(parts.subs) != 1 or not isinstance(parts.subs[0], Name):
            return
        said = _SAID.match(statement.span.context.after)
        if said is not None and len(statement.steps) < 2 and parts.base.base.islower():
            self.told[parts.base.base] = said[1].lower() == "column"

    def _are_columns(self, letter: str) -> bool | None:
        """Whether samples with this letter are columns; None where the declared shapes do not tell."""
        limits = self.limits[letter]
        if len(limits) != 1:
            return None
        (limit,) = limits
        found = {axes.index(limit) == 1 for axes in self.sizes.values() if len(axes) == 2 and axes.count(limit) == 1}
        return found.pop() if len(found) == 1 else None

    def within(self, node: Node) -> Node:
        """A formula with such letters replaced."""
        parts = parts_of(node) if isinstance(node, Script) else None
        made = None if parts is None else self._member(node, parts)
        if made is not None:
            return made
        below = children(node)
        after = tuple(map(self.within, below))
        return node if all(a is b for a, b in zip(after, below, strict=True)) else with_children(node, after)

    def _member(self, node: Node, parts: Parts) -> Node | None:
        name = parts.base.base
        if not (len(name) == 1 and name.islower()) or name in self.own or parts.accents or parts.primes:
            return None
        sups = list(_scripts(parts.sups))
        layers = [sup for sup in sups if _layer(sup)]
        samples = [s for s in sups if isinstance(s, Group) and s.left == "(" and isinstance(s.body, Name)]
        subs = list(parts.subs)
        if len(samples) == 1 and len(layers) <= 1 and samples[0].body.base in self.samples:  # type: ignore[attr-defined]
            place: Node = samples[0].body
            column = self.samples[place.base]  # type: ignore[attr-defined]
            rest = [sup for sup in sups if sup not in (*layers, *samples)]
        elif name in self.told and not layers and len(subs) == 1 and isinstance(subs[0], Name | Number):
            place, column, rest, subs = subs[0], self.told[name], sups, []
        else:
            return None
        if (name.upper(), layers[0] if layers else None) not in self.known:
            return None
        if not all(is_transpose(sup) or isinstance(sup, Number) for sup in rest):
            return None
        capital = Name(name.upper(), parts.base.font, span=node.span)
        matrix: Node = Script(capital, sup=layers[0], span=node.span) if layers else capital
        made: Node = Member(matrix, place, column, span=node.span)
        for sub in subs:
            made = Script(made, sub=sub, span=node.span)
        for sup in rest:
            made = Script(made, sup=sup, span=node.span)
        return made


def _layer(node: Node) -> bool:
    """``[2]``: the number of a layer above a name."""
    return isinstance(node, Group) and node.left == "[" and isinstance(node.body, Number | Name)


def _scripts(sups: Iterable[Node]) -> Iterator[Node]:
    """The scripts above a name, those that stand side by side one by one."""
    for sup in sups:
        if isinstance(sup, Product) and sup.operator == "juxtaposed":
            yield from sup.factors
        elif isinstance(sup, Listing) and not sup.left:
            yield from sup.items
        else:
            yield sup


def _axes(set_: Node) -> tuple[Node, ...]:
    r"""The axes of ``\mathbb{R}^{a \times b}``; () for another set."""
    above = set_.sup if isinstance(set_, Script) else None
    return above.factors if isinstance(above, Product) and above.operator == "times" else ()


__all__ = ["Member", "with_members"]
