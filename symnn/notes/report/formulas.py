"""The formulas of a document as MathML, each piece with the range of its line that it stands for.

A relation is taken apart into its sides, so that a single link of a chain can be marked. What is not LaTeX, or cannot
be parsed, stays as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from symnn.errors import NoteError
from symnn.notation import to_mathml, to_text
from symnn.notation.errors import NotationError
from symnn.notation.plain import parse_plain
from symnn.notation.to_text import RELATIONS
from symnn.notation.traverse import replace as rewritten
from symnn.notation.tree import Derivative, Lines, Node, Phrase, Quotient, Relation, Sequence

if TYPE_CHECKING:
    from symnn.notes.find.document import Document, Span

MOST_SPANS = 5_000
MOST_MARKUP = 20_000
"""Characters of MathML for one formula; a larger one is shown as it is written."""


@dataclass(frozen=True, slots=True)
class Shown:
    """MathML that is shown for the characters of a line from one column up to another; empty for what lays out only."""

    start: int
    end: int
    markup: str


Page = dict[int, list[Shown]]
"""The pieces of each line, in order."""


def formulas_of(document: Document) -> dict[str, Page]:
    r"""The formulas of every file of a document.

    >>> from symnn.notes.find import find
    >>> [(p.start, p.end) for p in formulas_of(find("So $a = b$.", name="n.md"))["n.md"][1]]
    [(4, 5), (5, 6), (6, 9), (9, 10), (10, 11)]
    """
    from symnn.notes.read.passages import Passage  # only where documents are read: it takes SymPy with it
    from symnn.notes.read.statements import macros_of, parse, words_of

    macros, words = macros_of(document), words_of(document)
    pages: dict[str, Page] = {}
    spans = [span for block in document.blocks for span in block.spans if span.syntax == "latex"]
    for span in spans[:MOST_SPANS]:
        try:
            node = parse(Passage.of(span), macros, words)
        except NoteError:
            continue
        pieces = _pieces(span, node)
        if pieces is not None:
            page = pages.setdefault(span.place.path, {})
            for line, shown in pieces:
                page.setdefault(line, []).append(shown)
    for page in pages.values():
        for row in page.values():
            row.sort(key=lambda piece: piece.start)
    return pages


def formula_markup(text: str) -> str:
    """MathML of a formula in plain notation; empty where that would not say the same.

    >>> formula_markup("a = 2")
    "<math displaystyle='true'><mrow><mi>a</mi><mo form='infix' stretchy='false'>=</mo><mn>2</mn></mrow></math>"
    """
    try:
        node = parse_plain(text)
        if to_text(node) != text:
            return ""
    except NotationError:
        return ""
    markup = _markup(rewritten(node, _with_bar), display=True)
    return markup if len(markup) <= MOST_MARKUP else ""


def _markup(node: Node, *, display: bool = False) -> str:
    """MathML of a node, with its invisible characters as entities."""
    markup = to_mathml(node).replace("\u2061", "&#x2061;").replace("\u2062", "&#x2062;")
    return markup.replace("<math>", "<math displaystyle='true'>", 1) if display else markup


def _with_bar(node: Node) -> Node:
    """A quotient with a bar, which shows where it ends: ``∂L/∂z x`` is a product."""
    if isinstance(node, Derivative | Quotient) and node.style == "slash":
        return replace(node, style="frac")
    return node


def _pieces(span: Span, node: Node) -> list[tuple[int, Shown]] | None:
    """What is shown in place of a span with its delimiters; None where its sides do not stand one after the other."""
    found: list[tuple[int, Shown]] = []
    at = 0
    sign = ""
    for part, before in _sides(node):
        if part.span is None:
            return None
        start, end = part.span
        if not at <= start < end <= len(span.text):
            return None
        found += _laid_out(span, at, start, before or sign)
        markup = _markup(part, display=span.display)
        if len(markup) > MOST_MARKUP:
            return None
        found += _on_lines(span, start, end, markup)
        at = end
    found += _laid_out(span, at, len(span.text), "")
    return _without_holes([*_delimiters(span), *found])


def _without_holes(found: list[tuple[int, Shown]]) -> list[tuple[int, Shown]]:
    """The pieces of a formula, and nothing for what stands between them: the tags of MathML, the marks of bold type."""
    found.sort(key=lambda entry: (entry[0], entry[1].start))
    holes = [
        (line, Shown(one.end, other.start, ""))
        for (line, one), (after, other) in pairwise(found)
        if line == after and one.end < other.start
    ]
    return [*found, *holes]


def _delimiters(span: Span) -> Iterator[tuple[int, Shown]]:
    """The marks around a formula, which are not shown: dollar signs, brackets, the names of environments."""
    outer, inner, source = span.outer, span.place, span.mapped.source
    for line in range(outer.line, inner.line + 1):
        first = outer.column if line == outer.line else 1
        last = inner.column if line == inner.line else len(source.line_text(line)) + 1
        if first < last:
            yield line, Shown(first, last, "")
    for line in range(inner.end_line, outer.end_line + 1):
        first = inner.end_column if line == inner.end_line else 1
        last = outer.end_column if line == outer.end_line else len(source.line_text(line)) + 1
        if first < last:
            yield line, Shown(first, last, "")


def _sides(node: Node) -> Iterator[tuple[Node, str]]:
    """The sides of the relations of a formula in order, each with the sign that stands before it."""
    if isinstance(node, Relation):
        if node.first is not None:
            yield node.first, ""
        for link in node.links:
            if link.right is not None:
                yield link.right, RELATIONS[link.operator]
    elif isinstance(node, Lines):
        for row in node.rows:
            yield from _sides(row)
    elif isinstance(node, Sequence) and not node.left:
        for place, item in enumerate(node.items):
            comma = "" if place == 0 else ", " if node.separator == "," else ",   "
            for number, (part, sign) in enumerate(_sides(item)):
                yield part, sign or (comma if number == 0 else "")
    elif isinstance(node, Phrase):
        for part in node.parts:
            yield from ((side, sign or " ") for side, sign in _sides(part))
    else:
        yield node, ""


def _laid_out(span: Span, start: int, end: int, sign: str) -> Iterator[tuple[int, Shown]]:
    """What stands between two sides: the sign of the relation, or a comma; marks of alignment are left out."""
    if start >= end:
        return
    markup = sign if not sign.strip(", ") else f" <math><mo>{_escaped(sign)}</mo></math> "
    written = span.text[start:end]
    yield from _on_lines(span, start, end, markup, at=start + max(len(written.rstrip("&, \n\t{}")) - 1, 0))


def _escaped(sign: str) -> str:
    return sign.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _on_lines(span: Span, start: int, end: int, markup: str, at: int | None = None) -> Iterator[tuple[int, Shown]]:
    """A piece on each line that a range of a span has characters on; the markup is on that of the character `at`."""
    place = span.place_of(start, end)
    chosen = span.place_of(start if at is None else at).line
    source = span.mapped.source
    for line in range(place.line, place.end_line + 1):
        first = place.column if line == place.line else 1
        last = place.end_column if line == place.end_line else len(source.line_text(line)) + 1
        if first < last:
            yield line, Shown(first, last, markup if line == chosen else "")
