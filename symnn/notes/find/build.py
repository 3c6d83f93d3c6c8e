"""Putting a document together: blocks in order, their sections, the spans inside them and their context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from symnn.notes.find.document import (
    Block,
    Cell,
    Context,
    Display,
    Fence,
    FenceLine,
    Heading,
    ListItem,
    Macro,
    Paragraph,
    Skipped,
    Span,
    SpanKind,
    Syntax,
    Table,
)
from symnn.notes.find.fences import as_one, formulas_in
from symnn.notes.find.inline import PLACEHOLDER, Piece, moved, scan
from symnn.notes.find.limits import CONTEXT
from symnn.notes.find.macros import definitions, without
from symnn.notes.find.plain import Formula, formulas
from symnn.notes.find.source import Mapped, Place
from symnn.notes.find.view import View, view

MAX_INDENT = 400
"""White space and line breaks before a display that stands alone, in characters."""

_AFTER_DISPLAY = re.compile(r"[^\S\n]*+[.,;:]?[^\S\n]*+(?:\{[#:.][^}\n]{0,200}\}|\([\w:-]{1,200}\))?[^\S\n]*+(?:\n|$)")
_BREAK = re.compile(r"(?:[^\S\n]|<br\s*/?>|\\\\(?=[^\S\n]*$))*", re.IGNORECASE)
_ONLY_TEX = re.compile(r"\\[A-Za-z]|\\\\|[_^]\{|&")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_TEX_COMMAND = re.compile(
    r"\\(?:frac|dfrac|tfrac|partial|sum|prod|int|nabla|cdot|times|left|mathbf|mathrm|begin|sigma)\b"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Mathematics that was lifted out of a running text, which has a placeholder for it.

    Who lifts it keeps it under the offset in the source that the placeholder is mapped to.
    """

    tex: Mapped
    outer: Place
    display: bool


@dataclass(frozen=True, slots=True)
class _Where:
    """What the spans of one block have in common."""

    section: tuple[str, ...]
    block: int


class Builder:
    """Receives blocks in order and keeps the section path, the macros and what was skipped.

    ``plain`` says whether running text is searched for plain formulas; in LaTeX sources it is not.
    """

    def __init__(self, *, plain: bool = True) -> None:
        self.blocks: list[Block] = []
        self.macros: dict[str, Macro] = {}
        self.skipped: list[Skipped] = []
        self.plain = plain
        self._headings: list[tuple[int, str]] = []

    # -- blocks ------------------------------------------------------------------------------------

    def heading(self, level: int, text: Mapped, taken: dict[int, Taken] | None = None) -> None:
        """Add a heading; it closes the sections of its level and below."""
        text = text.strip()
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        title = _title(text.text)
        self._headings.append((level, title))
        where = self._where()
        spans = self._running(text, where, taken or {}, scan(text.text))
        self.blocks.append(Heading(level, title, text.place(), where.section, where.block, spans))

    def text(
        self,
        text: Mapped,
        *,
        depth: int = 0,
        quote: int = 0,
        marker: str = "",
        taken: dict[int, Taken] | None = None,
        pieces: list[Piece] | None = None,
    ) -> None:
        """Add running text: a paragraph, or a list item if it has a marker.

        Displays that stand alone on their lines become blocks of their own and split the text. ``pieces`` is
        what :func:`scan` would return, for a format that tells mathematics in its own way.
        """
        taken = taken or {}
        inside: list[Piece] = []
        done = 0
        for piece in scan(text.text) if pieces is None else pieces:
            before, after = _alone(text.text, piece) if piece.display and piece.kind == "math" else (-1, -1)
            if before < done:
                inside.append(piece)
                continue
            if self._part(text, done, before, inside, depth, quote, marker, taken):
                marker = ""
            self.display(text, piece, depth=depth, quote=quote)
            done, inside = after, []
        self._part(text, done, len(text), inside, depth, quote, marker, taken)

    def display(self, text: Mapped, piece: Piece, *, depth: int = 0, quote: int = 0) -> None:
        """Add a display that stands alone."""
        where = self._where()
        span = self._latex(text, piece, where, "display")
        if span is not None:
            place = text.place(piece.start, piece.end)
            raw = text.text[piece.start : piece.end]
            self.blocks.append(Display(raw, place, where.section, where.block, (span,), depth, quote))

    def tex_display(self, body: Mapped, outer: Place, *, depth: int = 0, quote: int = 0, display: bool = True) -> None:
        """Add a display whose LaTeX is known and whose delimiters are not in the text."""
        where = self._where()
        span = self._tex_span(body, outer, where, "display", display=display)
        if span is not None:
            self.blocks.append(Display(span.text, outer, where.section, where.block, (span,), depth, quote))

    def fence(self, language: str, lines: Sequence[Mapped], place: Place, *, is_code: bool = False) -> None:
        """Add a fence. Its lines are searched for plain formulas unless it is code."""
        where = self._where()
        spans: list[Span] = []
        if not is_code:
            for line in lines:
                spans += self._fence_line(line, where)
        kept = tuple(FenceLine(line.text, line.place()) for line in lines)
        self.blocks.append(Fence(language, kept, place, where.section, where.block, tuple(spans), is_code))

    def math_fence(self, language: str, lines: Sequence[Mapped], body: Sequence[Mapped], place: Place) -> None:
        """Add a fence that says it is mathematics; ``body`` is its lines without options.

        It is LaTeX if something in it can only be LaTeX, and then one formula for each part between blank
        lines, or for each line where every line is an equation. Otherwise every line is a plain formula.
        """
        where = self._where()
        is_tex = any(_ONLY_TEX.search(line.text) for line in body)
        spans: list[Span] = []
        for part in formulas_in(body) if is_tex else [[line] for line in body]:
            joined = as_one(part)
            if not is_tex and (comment := _COMMENT.search(joined.text)):
                joined = joined.cut(0, comment.start())
            joined = joined.strip()
            if not joined.text:
                continue
            if is_tex:
                span = self._tex_span(joined, joined.place(), where, "fence", display=True)
            else:
                span = _plain(
                    View(joined, ()),
                    Formula(0, len(joined), "", True),
                    where,
                    "fence",
                    "fence",
                    None,
                    Context(),
                )
            if span is not None:
                spans.append(replace(span, display=True))
        kept = tuple(FenceLine(line.text, line.place()) for line in lines)
        self.blocks.append(Fence(language, kept, place, where.section, where.block, tuple(spans)))

    def table(
        self,
        header: Sequence[Mapped],
        rows: Sequence[Sequence[Mapped]],
        syntax: Literal["pipe", "tab", "html", "latex"],
        place: Place,
        taken: dict[int, Taken] | None = None,
    ) -> None:
        """Add a table; every cell is searched, and plain expressions count there without a relation."""
        where = self._where()
        head = tuple(self._cell(cell, where, (-1, column), taken) for column, cell in enumerate(header))
        body = tuple(
            tuple(self._cell(cell, where, (number, column), taken) for column, cell in enumerate(row))
            for number, row in enumerate(rows)
        )
        self.blocks.append(Table(head, body, syntax, place, where.section, where.block))

    def skip(self, place: Place, reason: str) -> None:
        """Record something that is not read."""
        self.skipped.append(Skipped(place, reason))

    def define(self, text: Mapped) -> None:
        """Gather the macros that a text defines."""
        for found in definitions(text):
            self.macros[found.macro.name] = found.macro

    def finish(self) -> tuple[Block, ...]:
        """Return the blocks; displays and fences now know the prose around them."""
        out: list[Block] = []
        for index, block in enumerate(self.blocks):
            if isinstance(block, Display | Fence):
                before = self.blocks[index - 1].text[-CONTEXT:] if index else ""
                after = self.blocks[index + 1].text[:CONTEXT] if index + 1 < len(self.blocks) else ""
                context = Context(before, after)
                block = replace(block, spans=tuple(replace(span, context=context) for span in block.spans))
            out.append(block)
        return tuple(out)

    # -- parts -------------------------------------------------------------------------------------

    def _where(self) -> _Where:
        return _Where(tuple(title for _, title in self._headings), len(self.blocks))

    def _part(
        self,
        text: Mapped,
        start: int,
        end: int,
        pieces: list[Piece],
        depth: int,
        quote: int,
        marker: str,
        taken: dict[int, Taken],
    ) -> bool:
        """Add the running text between two displays as one block; return whether there was any."""
        raw = text.text
        while start < end and raw[start].isspace():
            start += 1
        while end > start and raw[end - 1].isspace():
            end -= 1
        if start == end:
            return False
        part = text.cut(start, end)
        only = taken.get(part.offset(0)) if part.text == PLACEHOLDER else None
        if only is not None:
            self.tex_display(only.tex, only.outer, depth=depth, quote=quote, display=only.display)
            return True
        where = self._where()
        spans = self._running(part, where, taken, [moved(piece, -start) for piece in pieces])
        place = part.place()
        if marker:
            item = ListItem(part.text, place, where.section, where.block, spans, depth, quote, marker)
            self.blocks.append(item)
        else:
            self.blocks.append(Paragraph(part.text, place, where.section, where.block, spans, depth, quote))
        return True

    def _running(self, text: Mapped, where: _Where, taken: dict[int, Taken], pieces: list[Piece]) -> tuple[Span, ...]:
        """Return the spans of a running text in order."""
        spans: list[tuple[int, Span]] = []
        for piece in pieces:
            if piece.kind == "math":
                span = self._latex(text, piece, where, "inline")
                if span is not None:
                    spans.append((piece.start, replace(span, context=_around(text.text, piece.start, piece.end))))
            elif piece.kind == "code" and self.plain:
                body = text.cut(piece.body_start, piece.body_end)
                context = _around(text.text, piece.start, piece.end)
                for formula in formulas(body.text):
                    span = _plain(View(body, ()), formula, where, "code", "code", None, context)
                    spans.append((piece.body_start + formula.start, span))
        for at, one in _lifted(text, taken):
            span = self._tex_span(one.tex, one.outer, where, "inline", display=one.display)
            if span is not None:
                spans.append((at, replace(span, context=_around(text.text, at, at + 1))))
        if self.plain:
            seen = view(text, pieces)
            for formula in formulas(seen.mapped.text):
                context = _around(seen.mapped.text, formula.start, formula.end)
                span = _plain(seen, formula, where, "prose", "bold", None, context)
                spans.append((_index_of(text, span), span))
        return tuple(span for _, span in sorted(spans, key=lambda pair: pair[0]))

    def _cell(self, text: Mapped, where: _Where, cell: tuple[int, int], taken: dict[int, Taken] | None) -> Cell:
        text = text.strip()
        kind: SpanKind = "table-header" if cell[0] < 0 else "table-cell"
        pieces = scan(text.text)
        spans: list[tuple[int, Span]] = []
        for piece in pieces:
            if piece.kind == "math":
                span = self._latex(text, piece, where, kind)
                if span is not None:
                    context = _around(text.text, piece.start, piece.end)
                    spans.append((piece.start, replace(span, cell=cell, context=context)))
        for at, one in _lifted(text, taken or {}):
            span = self._tex_span(one.tex, one.outer, where, kind, display=one.display)
            if span is not None:
                spans.append((at, replace(span, cell=cell, context=_around(text.text, at, at + 1))))
        if self.plain:
            seen = view(text, _uncoded(pieces))
            for formula in formulas(seen.mapped.text, loose=True):
                context = _around(seen.mapped.text, formula.start, formula.end)
                span = _plain(seen, formula, where, kind, kind, cell, context)
                spans.append((_index_of(text, span), span))
        ordered = tuple(span for _, span in sorted(spans, key=lambda pair: pair[0]))
        return Cell(text.text, text.place(), ordered)

    def _fence_line(self, line: Mapped, where: _Where) -> list[Span]:
        if _TEX_COMMAND.search(line.text):
            body = line.strip()
            span = self._tex_span(body, body.place(), where, "fence", display=True)
            return [] if span is None else [span]
        seen = view(line, [])
        return [
            replace(_plain(seen, formula, where, "fence", "fence", None, Context()), display=True)
            for formula in formulas(seen.mapped.text, by_line=True)
        ]

    def _latex(self, text: Mapped, piece: Piece, where: _Where, kind: SpanKind) -> Span | None:
        body = text.cut(piece.body_start, piece.body_end)
        outer = text.place(piece.start, piece.end)
        return self._tex_span(body, outer, where, kind, display=piece.display)

    def _tex_span(self, body: Mapped, outer: Place, where: _Where, kind: SpanKind, *, display: bool) -> Span | None:
        """Return the span of a LaTeX body. One that only defines macros is no formula."""
        found = definitions(body) if "\\" in body.text else []
        if found:
            for definition in found:
                self.macros[definition.macro.name] = definition.macro
            body = without(body, found)
        body = body.strip()
        if not body.text:
            return None
        return Span(
            text=body.text,
            syntax="latex",
            kind=kind,
            display=display,
            place=body.place(),
            outer=outer,
            section=where.section,
            block=where.block,
            mapped=body,
        )


def _lifted(text: Mapped, taken: dict[int, Taken]) -> list[tuple[int, Taken]]:
    """Return what was lifted out of a text, with the index of its placeholder."""
    if not taken:
        return []
    places = (match.start() for match in re.finditer(PLACEHOLDER, text.text))
    return [(at, one) for at in places if (one := taken.get(text.offset(at))) is not None]


def _plain(
    seen: View,
    formula: Formula,
    where: _Where,
    kind: SpanKind,
    bold: SpanKind,
    cell: tuple[int, int] | None,
    context: Context,
) -> Span:
    mapped = seen.mapped.cut(formula.start, formula.end)
    place = mapped.place()
    syntax: Syntax = "plain"
    return Span(
        text=mapped.text,
        syntax=syntax,
        kind=bold if seen.is_bold(formula.start, formula.end) else kind,
        display=False,
        place=place,
        outer=place,
        section=where.section,
        block=where.block,
        context=context,
        label=formula.label,
        line_starts=formula.line_starts,
        cell=cell,
        mapped=mapped,
    )


def _index_of(text: Mapped, span: Span) -> int:
    """Return a sort key for a plain span among the pieces of a text: where its origin stands in the text."""
    return text.index_of(span.mapped.offset(0))


def _uncoded(pieces: list[Piece]) -> list[Piece]:
    """Read code spans of a table cell as text: there the backticks only set the type."""
    out: list[Piece] = []
    for piece in pieces:
        if piece.kind == "code":
            out.append(replace(piece, kind="debris"))
        else:
            out.append(piece)
    return out


def _around(text: str, start: int, end: int) -> Context:
    return Context(text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def _alone(text: str, piece: Piece) -> tuple[int, int]:
    """Return the end of the text before and the start of the text after a display, or (-1, -1).

    It stands alone if its lines hold nothing else than a punctuation mark or a label after it.
    """
    line = text.rfind("\n", max(0, piece.start - MAX_INDENT), piece.start) + 1
    if piece.start - line > MAX_INDENT or not _BREAK.fullmatch(text, line, piece.start):
        return -1, -1
    after = _AFTER_DISPLAY.match(text, piece.end)
    return (line, after.end()) if after else (-1, -1)


def _title(text: str) -> str:
    """Return a heading without the marks of emphasis."""
    return re.sub(r"\*\*|__|`", "", " ".join(text.split()))
