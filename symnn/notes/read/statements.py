"""Statements: the formulas of a document, parsed and put in order.

A display may hold several statements, and a chain of equalities may run over several displays. Both are undone here:
one `Statement` is one relation with all its links, or one expression that stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from symnn.errors import NoteError
from symnn.notation.errors import NotationError
from symnn.notation.latex import parse_latex
from symnn.notation.latex.macros import Macro
from symnn.notation.plain import parse_plain
from symnn.notation.tree import (
    Ellipsis,
    Labelled,
    Lines,
    Link,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Product,
    Relation,
    Sequence,
    Text,
)
from symnn.notes.find.document import Document, Fence, Span
from symnn.notes.read.expressions.words import words_in
from symnn.notes.read.names import label_text, parts_of
from symnn.notes.read.passages import Passage, Spot
from symnn.notes.read.rows import rows_of

PRIMARY_FENCES = ("math", "symnn")
_NEUTRAL = frozenset([
    "where", "with", "and", "so", "then", "hence", "thus", "therefore", "let", "given", "i.e.", "that", "is", "since",
    "because",
])  # fmt: skip
_FOR = frozenset(["for", "for all", "forall", "∀"])


@dataclass(frozen=True, slots=True)
class Piece:
    """A node and the passage in which it stands."""

    node: Node
    passage: Passage

    @property
    def spot(self) -> Spot:
        """Where it stands."""
        return self.passage.spot(self.node)

    def of(self, node: Node) -> Piece:
        """Another node of the same passage."""
        return Piece(node, self.passage)


@dataclass(frozen=True, slots=True)
class Step:
    """A link of a chain: the operator and what stands on its right."""

    operator: str
    right: Piece


@dataclass(frozen=True, slots=True)
class Range:
    """``i = 1, …, m``: a letter and its first and last value."""

    letter: Name
    first: Node
    last: Node
    piece: Piece


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A relation with its links, or an expression without.

    `primary` tells formulas that were written as such (displays, LaTeX, fences for mathematics) from plain formulas in
    running text. `doubt` says why a statement holds only under a condition that is not understood.
    """

    first: Piece
    steps: tuple[Step, ...]
    section: tuple[str, ...]
    order: int
    primary: bool
    span: Span | None = field(repr=False)
    ranges: tuple[Range, ...] = ()
    doubt: str = ""

    @property
    def displayed(self) -> bool:
        """Whether it stands in a display or a fence of its own, and not in running text."""
        return self.span is None or self.span.kind in ("display", "fence")

    @property
    def spot(self) -> Spot:
        """From the first piece to the last one of the same passage."""
        spot = self.first.spot
        for step in self.steps:
            last = step.right.spot
            if last.passage is spot.passage:
                spot = Spot(spot.passage, min(spot.start, last.start), max(spot.end, last.end))
        return spot

    def mapped(self, change: Callable[[Node], Node]) -> Statement:
        """The statement with every one of its formulas changed; itself when nothing changes."""
        first = self.first.of(change(self.first.node))
        steps = tuple(Step(step.operator, step.right.of(change(step.right.node))) for step in self.steps)
        same = first.node is self.first.node and all(
            a.right.node is b.right.node for a, b in zip(steps, self.steps, strict=True)
        )
        return self if same else replace(self, first=first, steps=steps)


@dataclass(frozen=True, slots=True)
class Failure:
    """A passage that the parser refused."""

    passage: Passage
    error: NoteError
    primary: bool
    display: bool

    def left(self) -> Node | None:
        """What stands on the left of its first sign of equality; None without one. Raises NotationError."""
        left = re.split(r"(?<![<>!:\\])(?:&\s*)?:?=", self.passage.text, maxsplit=1)
        if len(left) == 1:
            return None
        return parse_latex(left[0]) if self.passage.syntax == "latex" else parse_plain(left[0])

    def may_define(self, names: Container[str], section: tuple[str, ...]) -> bool:
        """Whether this could have been the definition of one of these names, near a section.

        The left side tells, where it can be parsed on its own.
        """
        if not self.primary or (section and self.passage.section and not nearness(self.passage.section, section)):
            return False
        try:
            node = self.left()
        except NoteError:
            return self.display
        if node is None:
            return False
        parts = parts_of(node)
        if parts is None:
            return False
        texts = [label_text(script) for script in (*parts.subs, *parts.sups)]
        labels = tuple("_" + text for text in texts if text is not None)
        return parts.key.labelled(*labels).identifier in names or parts.key.identifier in names


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that a document states, in order, and what could not be parsed."""

    statements: tuple[Statement, ...]
    failures: tuple[Failure, ...]


def parse(passage: Passage, macros: dict[str, Macro] | None = None, names: Container[str] = ()) -> Node:
    """The tree of a passage. Raises NotationError, told at its place in the document."""
    try:
        if passage.syntax == "latex":
            return parse_latex(passage.text, macros=macros, names=names)
        return parse_plain(passage.text)
    except NotationError as error:
        start, end = error.span
        length = len(passage.text)
        spot = Spot(passage, min(start, length), min(max(end, start), length))
        raise spot.relocate(error) from None


def collect(document: Document) -> Collected:
    """Parse every span of a document and take it apart into statements."""
    macros, words = macros_of(document), words_of(document)
    collector = _Collector()
    for block in document.blocks:
        for span in block.spans:
            primary = _is_primary(span, block.language if isinstance(block, Fence) else "")
            passage = Passage.of(span)
            try:
                node = parse(passage, macros, words)
            except NoteError as error:
                _collect_rows(collector, span, passage, primary, error, macros, words)
                continue
            collector.span(span, node, passage, primary)
    return Collected(tuple(collector.statements), tuple(collector.failures))


def macros_of(document: Document) -> dict[str, Macro]:
    """The macros that a document defines, for the parser."""
    return {
        name: Macro(rf"\operatorname{{{macro.body}}}" if macro.operator else macro.body, macro.n_args, macro.default)
        for name, macro in document.macros.items()
    }


def words_of(document: Document) -> Container[str]:
    """The names of several letters that the formulas of a document use."""
    return words_in(span.text for block in document.blocks for span in block.spans if span.syntax == "latex")


def _collect_rows(
    collector: _Collector,
    span: Span,
    passage: Passage,
    primary: bool,
    error: NoteError,
    macros: dict[str, Macro],
    words: Container[str],
) -> None:
    """Add the rows of a display that can be parsed, where the whole of it cannot."""
    collector.close()
    rows = rows_of(passage.text) if passage.syntax == "latex" and span.display else ()
    for text in rows or (passage.text,):
        row = replace(passage, text=text) if rows else passage
        try:
            if not rows:
                raise error
            node = parse(row, macros, words)
        except NoteError as refused:
            collector.failures.append(Failure(row, refused, primary, span.display))
            collector.close()
            continue
        collector.span(span, node, row, primary)


def _is_primary(span: Span, language: str) -> bool:
    if span.kind in ("display", "inline"):
        return True
    return span.kind == "fence" and (span.syntax == "latex" or language in PRIMARY_FENCES)


REMARKS = 4
"""How many equations may stand in the words between two displays that are one chain."""


class _Collector:
    """Takes trees apart; remembers the last statement, which the next display may continue."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.failures: list[Failure] = []
        self.last: int | None = None
        self.last_block = -1
        self.current: tuple[Span | None, Passage, bool] | None = None

    def span(self, span: Span | None, node: Node, passage: Passage, primary: bool) -> None:
        """Add what a span states."""
        block = span.block if span is not None else -1
        if block > self.last_block + 1 or span is None:
            self.last = None
        self.current = (span, passage, primary)
        self.node(node)
        self.last_block = block

    def close(self) -> None:
        """Forget the last statement: what follows does not go on with it."""
        self.last = None
        self._waiting = None

    def node(self, node: Node, doubt: str = "") -> None:
        """Add what a node states."""
        if isinstance(node, Lines):
            for row in node.rows:
                self.node(row, doubt)
        elif isinstance(node, Sequence) and not node.left:
            self.listing(node, doubt)
        elif isinstance(node, Phrase):
            self.phrase(node, doubt)
        elif isinstance(node, Labelled):
            if isinstance(node.body, Relation) and node.body.links[0].operator in ("to", "mapsto"):
                self.relation(
                    Relation(node.label, (replace(node.body.links[0], operator="mapsto"),), span=node.span),
                    doubt,
                )
            else:
                self.node(node.body, doubt)
        elif isinstance(node, Relation):
            if self.last is not None and range_of(node) is not None:
                self.range(node)
            else:
                self.relation(node, doubt)
        elif not isinstance(node, Text | Ellipsis):
            self.expression(node, doubt)

    def listing(self, node: Sequence, doubt: str) -> None:
        """A list: statements side by side; names before a declaration share it; ranges belong to what stands before."""
        pending: list[Node] = []
        for item in node.items:
            if isinstance(item, Relation) and range_of(item) is not None:
                self.range(item)
                continue
            if isinstance(item, Relation) and item.links[0].operator in ("in", "subset") and item.first is not None:
                for name in pending:
                    self.relation(Relation(name, item.links, span=name.span), doubt)
                pending = []
                self.relation(item, doubt)
                continue
            if isinstance(item, Relation | Sequence | Phrase | Labelled | Lines):
                for name in pending:
                    self.expression(name, doubt)
                pending = []
                self.node(item, doubt)
            else:
                pending.append(item)
        for name in pending:
            self.expression(name, doubt)

    def phrase(self, node: Phrase, doubt: str) -> None:
        """Formulas and words: what follows a word of condition is no statement of its own."""
        before: list[Node] = []
        word = ""
        count = len(self.statements)
        for part in node.parts:
            if isinstance(part, Text):
                word = part.content.strip().rstrip(":,.").lower()
                continue
            if isinstance(part, Relation) and range_of(part) is not None:
                self.range(part)
            elif before and is_case(part):
                self.node(part, doubt)
            elif before and word in _FOR:
                if not (isinstance(part, Relation) and part.links[0].operator == "in"):
                    self.doubt(count, f"it is said to hold for {word!r} something that is not understood")
            elif before and word not in _NEUTRAL:
                self.doubt(count, f"it is said to hold only under a condition ({word!r})")
            else:
                self.node(part, doubt)
                before.append(part)

    def doubt(self, since: int, reason: str) -> None:
        """Mark the statements of this phrase as conditional."""
        for number in range(since, len(self.statements)):
            self.statements[number] = replace(self.statements[number], doubt=reason)

    def range(self, node: Relation) -> None:
        """Attach a range to the statement before it."""
        found = range_of(node)
        assert self.current is not None
        assert found is not None
        if self.last is not None:
            letter, first, last = found
            made = Range(letter, first, last, Piece(node, self.current[1]))
            before = self.statements[self.last]
            self.statements[self.last] = replace(before, ranges=(*before.ranges, made))

    def relation(self, node: Relation, doubt: str) -> None:
        """A chain; one without a left side continues the statement before it."""
        assert self.current is not None
        span, passage, primary = self.current
        parted = settings_in(node, passage.text)
        if parted:
            for setting in parted:
                self.relation(setting, doubt)
            return
        steps = tuple(Step(link.operator, Piece(link.right, passage)) for link in node.links if link.right is not None)
        open_end = node.links[-1].right is None
        if self.last is not None and self.last >= 0:
            before = self.statements[self.last]
            if node.first is None:
                self.last = self._continued(span, self.last)
                before = self.statements[self.last]
                self.statements[self.last] = replace(before, steps=(*before.steps, *steps))
                self._open(node.links[-1].operator if open_end else None)
                return
            if self._waiting is not None:
                joined = (Step(self._waiting, Piece(node.first, passage)), *steps)
                self.statements[self.last] = replace(before, steps=(*before.steps, *joined))
                self._open(node.links[-1].operator if open_end else None)
                return
        if node.first is None:
            return
        self._add(
            Statement(
                Piece(node.first, passage),
                steps,
                passage.section,
                len(self.statements),
                primary,
                span,
                (),
                doubt,
            )
        )
        self._open(node.links[-1].operator if open_end else None)

    def _continued(self, span: Span | None, last: int) -> int:
        """The statement that a display without a left side goes on with.

        An equation in the words between two displays is a remark: the second display goes on with the first.
        """
        before = self.statements[last]
        if span is None or before.span is None or not span.display or before.span.display or not before.steps:
            return last
        for place in range(last - 1, max(-1, last - REMARKS), -1):
            other = self.statements[place].span
            if other is None or other.section != span.section or span.block - other.block > 2:
                break
            if other.display:
                return place
        return last

    def expression(self, node: Node, doubt: str) -> None:
        """An expression that stands alone, or the right side that a display left open."""
        assert self.current is not None
        span, passage, primary = self.current
        if self.last is not None and self._waiting is not None:
            before = self.statements[self.last]
            self.statements[self.last] = replace(
                before, steps=(*before.steps, Step(self._waiting, Piece(node, passage)))
            )
            self._open(None)
            return
        self._add(Statement(Piece(node, passage), (), passage.section, len(self.statements), primary, span, (), doubt))
        self._open(None)

    _waiting: str | None = None

    def _add(self, statement: Statement) -> None:
        self.statements.append(statement)
        self.last = len(self.statements) - 1

    def _open(self, operator: str | None) -> None:
        self._waiting = operator


def range_of(node: Relation) -> tuple[Name, Node, Node] | None:
    r"""The letter and the ends of a range such as ``i = 1, \dots, m``; None for another relation."""
    if not isinstance(node.first, Name) or len(node.links) != 1:
        return None
    link = node.links[0]
    right = link.right
    if isinstance(right, Sequence) and (link.operator, right.left) in (("in", "{"), ("=", "")):
        items = right.items
    else:
        return None
    if not any(isinstance(item, Ellipsis) for item in items):
        return None
    ends = [item for item in items if not isinstance(item, Ellipsis)]
    if len(ends) < 2 or not isinstance(ends[0], Number) or isinstance(items[-1], Ellipsis):
        return None
    return node.first, ends[0], ends[-1]


def settings_in(node: Relation, text: str) -> tuple[Relation, ...]:
    """``a = 1 b = 2 c = 3``, numbers for names with only space between them; () for any other chain.

    >>> from symnn.notation import parse_plain
    >>> found = settings_in(parse_plain("a = 1 b = 2"), "a = 1 b = 2")
    >>> [(s.first.base, s.links[0].right.text) for s in found]
    [('a', '1'), ('b', '2')]
    """
    if len(node.links) < 2 or any(link.operator != "=" or link.right is None for link in node.links):
        return ()
    name, made = node.first, []
    for link in node.links[:-1]:
        right = link.right
        sign = right if isinstance(right, Negative) else None
        product = sign.body if sign is not None else right
        if not isinstance(product, Product) or len(product.factors) != 2 or product.operator != "juxtaposed":
            return ()
        number, following = product.factors
        if not isinstance(number, Number) or number.span is None or following.span is None:
            return ()
        if parts_of(following) is None or not text[number.span[1] : following.span[0]].isspace():
            return ()
        value = number if sign is None else Negative(number, span=(sign.span or number.span)[:1] + number.span[1:])
        made.append(Relation(name, (Link("=", value),), span=node.span))
        name = following
    last = node.links[-1].right
    plain = last.body if isinstance(last, Negative) else last
    if not isinstance(plain, Number) or name is None or node.first is None or parts_of(node.first) is None:
        return ()
    return (*made, Relation(name, (Link("=", last),), span=node.span))


def is_case(node: Node) -> bool:
    """Whether a relation is a case of index letters, ``i = j`` or ``i ≠ j``, in which a claim beside it holds."""
    if not isinstance(node, Relation) or len(node.links) != 1 or node.links[0].operator not in ("=", "ne"):
        return False
    ends = (node.first, node.links[0].right)
    return all(isinstance(end, Name) and len(end.base) == 1 and end.base.islower() for end in ends)


def collect_text(text: str, syntax: str, passage: Passage) -> tuple[Statement, ...]:
    """The statements of one formula that stands outside the spans of a document (in its front matter)."""
    collector = _Collector()
    collector.span(None, parse(passage), passage, True)
    return tuple(collector.statements)


def visible(statements: Iterable[Statement], section: tuple[str, ...]) -> Iterator[Statement]:
    """The statements, those nearest to a section first."""
    return iter(sorted(statements, key=lambda s: -nearness(s.section, section)))


def is_around(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether one place of a document stands under the headings of another, or under the first few of them."""
    return inner[: len(outer)] == outer


def nearness(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many headings two places of a document share."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
