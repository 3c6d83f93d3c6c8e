"""The blocks of an HTML page, and formulas in the HTML that stands inside Markdown."""

from __future__ import annotations

from symnn.notes.find.build import Builder, Taken
from symnn.notes.find.elements import VOID, Element, Text, parse, put_decoded
from symnn.notes.find.fences import MATH, is_code
from symnn.notes.find.html_maths import formula_of, has_formulas
from symnn.notes.find.inline import PLACEHOLDER
from symnn.notes.find.source import Joiner, Mapped
from symnn.notes.find.words import word_set

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_UNREAD = word_set(
    """
    script style head template svg noscript button select option textarea iframe canvas video audio
    object
    """
)
_INLINE = word_set(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rb rp rt ruby
    s samp small span strike strong sub sup time tt u var wbr nobr math-renderer
    """
)
_KEPT = frozenset({"b", "strong", "sup", "sub", "br"})
"""Tags that mean something for a formula; they stay in the text for whoever looks for formulas."""


def scan_html(page: Mapped, builder: Builder, *, quote: int = 0) -> None:
    """Add the blocks of a page, or of a piece of one, to ``builder``.

    >>> from symnn.notes.find.source import Source, whole
    >>> builder = Builder()
    >>> scan_html(whole(Source("", "<h1>A</h1><p>so <script type='math/tex'>x^2</script> is")), builder)
    >>> [span.text for block in builder.finish() for span in block.spans]
    ['x^2']
    """
    walker = _Walker(page, builder, quote)
    walker.children(parse(page.text), [])
    walker.flush()


def lift(text: Mapped, builder: Builder) -> tuple[Mapped, dict[int, Taken]]:
    """Lift formulas in HTML out of running text; they leave a placeholder.

    Return the text and the formulas by the offsets of their placeholders in the source.
    """
    if "<" not in text.text or not has_formulas(text.text):
        return text, {}
    walker = _Walker(text, builder, 0, rich=False)
    walker.children(parse(text.text), [])
    return walker.joiner.build(text.offset(0)), walker.taken


class _Walker:
    """Walks over a tree; inline content gathers in a text until a block ends it.

    ``rich`` is false inside Markdown: there only formulas are lifted out, everything else stays as written.
    """

    def __init__(self, page: Mapped, builder: Builder, quote: int, *, rich: bool = True) -> None:
        self.page = page
        self.builder = builder
        self.quote = quote
        self.rich = rich
        self.joiner = Joiner(page.source, page.cell)
        self.taken: dict[int, Taken] = {}
        self.depth = 0
        self.marker = ""

    def children(self, element: Element, parents: list[Element]) -> None:
        inside = [*parents, element]
        for child in element.children:
            if isinstance(child, Text):
                self._words(child)
            else:
                self._element(child, inside)

    def flush(self) -> None:
        """End the running text gathered so far."""
        text, taken = self._gathered()
        if text.text.strip():
            self.builder.text(text, depth=self.depth, quote=self.quote, marker=self.marker, taken=taken)
            self.marker = ""

    def _gathered(self) -> tuple[Mapped, dict[int, Taken]]:
        text, taken = self.joiner.build(), self.taken
        self.joiner, self.taken = Joiner(self.page.source, self.page.cell), {}
        return text, taken

    def _words(self, text: Text) -> None:
        if self.rich:
            put_decoded(self.joiner, self.page, text.start, text.end)
        else:
            self.joiner.add(self.page, text.start, text.end)

    def _element(self, element: Element, parents: list[Element]) -> None:
        formula = formula_of(element, self.page, parents)
        if formula is not None:
            start, end = self.page.offset(element.start), self.page.end_offset(element.end)
            outer = self.page.place(element.start, element.end)
            if formula.tex is not None:
                self.joiner.put(PLACEHOLDER, start, end)
                self.taken[start] = Taken(formula.tex, outer, formula.display)
            elif formula.reason:
                self.joiner.put(PLACEHOLDER, start, end)
                self.builder.skip(outer, formula.reason)
            return
        if not self.rich:
            self._as_written(element, parents)
        elif element.tag not in _UNREAD:
            self._block(element, parents)

    def _as_written(self, element: Element, parents: list[Element]) -> None:
        """Keep the tags of an element inside Markdown, and go on inside it."""
        if not element.children:
            self.joiner.add(self.page, element.start, element.end)
            return
        first, last = element.children[0], element.children[-1]
        self.joiner.add(self.page, element.start, first.start)
        self.children(element, parents)
        self.joiner.add(self.page, last.end, element.end)

    def _block(self, element: Element, parents: list[Element]) -> None:
        tag = element.tag
        if tag in _HEADINGS:
            self.flush()
            self.children(element, parents)
            text, taken = self._gathered()
            if text.text.strip():
                self.builder.heading(_HEADINGS[tag], text, taken)
        elif tag == "table":
            self.flush()
            self._table(element, parents)
        elif tag == "pre":
            self.flush()
            self._fence(element)
        elif tag in ("li", "dd", "dt"):
            self.flush()
            self.depth += 1
            self.marker = "-"
            self.children(element, parents)
            self.flush()
            self.marker = ""
            self.depth -= 1
        elif tag == "blockquote":
            self.flush()
            self.quote += 1
            self.children(element, parents)
            self.flush()
            self.quote -= 1
        elif tag in _INLINE or tag in VOID:
            self._inline(element, parents)
        else:
            self.flush()
            self.children(element, parents)
            self.flush()

    def _inline(self, element: Element, parents: list[Element]) -> None:
        kept = element.tag in _KEPT
        if element.tag == "hr":
            self.flush()
            return
        if element.tag in VOID or not element.children:
            if kept:
                self.joiner.add(self.page, element.start, element.end)
            return
        code = element.tag in ("code", "tt", "kbd", "samp")
        first, last = element.children[0], element.children[-1]
        before = self.page.offset(element.start), self.page.end_offset(first.start)
        after = self.page.offset(last.end), self.page.end_offset(element.end)
        if kept:
            self.joiner.add(self.page, element.start, first.start)
        elif code:
            self.joiner.put("`", *before)
        self.children(element, parents)
        if kept:
            self.joiner.add(self.page, last.end, element.end)
        elif code:
            self.joiner.put("`", *after)

    def _table(self, table: Element, parents: list[Element]) -> None:
        header: list[Mapped] = []
        rows: list[list[Mapped]] = []
        taken: dict[int, Taken] = {}
        for row in _rows(table):
            cells: list[Mapped] = []
            heads = 0
            for cell in row.children:
                if not isinstance(cell, Element) or cell.tag not in ("td", "th"):
                    continue
                inner = _Walker(self.page, self.builder, self.quote)
                inner.cell(cell, [*parents, table, row])
                text, lifted = inner._gathered()
                cells.append(text if text.text else self.page.cut(cell.end, cell.end))
                taken |= lifted
                heads += cell.tag == "th"
            if cells and heads == len(cells) and not header and not rows:
                header = cells
            elif cells:
                rows.append(cells)
        if header or rows:
            self.builder.table(header, rows, "html", self.page.place(table.start, table.end), taken)

    def cell(self, element: Element, parents: list[Element]) -> None:
        """Gather everything in a cell as one running text; blocks in it only break lines."""
        inside = [*parents, element]
        for child in element.children:
            if isinstance(child, Text):
                self._words(child)
                continue
            if child.tag in _INLINE or child.tag in VOID or formula_of(child, self.page, inside) is not None:
                self._element(child, inside)
            elif child.tag not in _UNREAD:
                self.joiner.put("\n", self.page.offset(child.start), self.page.offset(child.start) + 1)
                self.cell(child, inside)

    def _fence(self, element: Element) -> None:
        joiner = Joiner(self.page.source, self.page.cell)
        for text in element.texts():
            put_decoded(joiner, self.page, text.start, text.end)
        body = joiner.build(self.page.offset(element.start))
        name = ""
        for inner in element.elements():
            span = inner.attributes.get("class")
            for word in self.page.text[span[0] : span[1]].split() if span else ():
                if word.startswith(("language-", "lang-", "highlight-", "brush:")):
                    name = name or word.split("-", 1)[-1].removeprefix("brush:").lower()
        lines: list[Mapped] = []
        start = 0
        raw = body.text.rstrip()
        while raw and start <= len(raw):
            end = raw.find("\n", start)
            end = len(raw) if end < 0 else end
            lines.append(body.cut(start, end))
            start = end + 1
        place = self.page.place(element.start, element.end)
        if name in MATH or name == "symnn":
            self.builder.math_fence(name, lines, lines, place)
        else:
            self.builder.fence(name, lines, place, is_code=is_code(name, [line.text for line in lines]))


def _rows(table: Element) -> list[Element]:
    """Return the rows of a table, without those of tables inside it."""
    rows: list[Element] = []
    for child in table.children:
        if isinstance(child, Element):
            if child.tag == "tr":
                rows.append(child)
            elif child.tag in ("thead", "tbody", "tfoot"):
                rows += [row for row in child.children if isinstance(row, Element) and row.tag == "tr"]
    return rows
