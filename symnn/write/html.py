"""Documents as HTML: one file that needs nothing else and asks no network for anything.

Formulas are MathML, steps are `details` that a reader opens, the picture is inline SVG. The page follows the
light or dark theme of the reader, prints well, and shows with the pointer on a link what it leads to, and
with the pointer on a named formula where it is used again: by style rules alone, there is no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from symnn.write.breaking import Operator
from symnn.write.chains import ChainLayout, Measure, layout_chain, layout_display
from symnn.write.check import check_document
from symnn.write.document import (
    AlignedChain,
    Block,
    ChainLink,
    Code,
    CodeBlock,
    Display,
    Document,
    Figure,
    Formula,
    Inlines,
    Link,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Strong,
    Table,
    Words,
    linked_anchors,
    walk_steps,
)
from symnn.write.environment import render_template
from symnn.write.escape import Safe, escape_html, one_line
from symnn.write.formulas import Printers, latex_measure, math_element, mathml_pieces, notation_printers
from symnn.write.graph_svg import graph_to_svg
from symnn.write.measure import latex_width, words_width
from symnn.write.words import plain_words

LINE: Final = 42.0
"""The width of a line in em of the formulas."""

STEP_LINE: Final = 36.0
CONTENTS_FROM: Final = 4
"""A page with at least so many headings gets a list of contents."""


def render_html(document: Document, printers: Printers | None = None) -> str:
    """Render a document as one self-contained HTML page.

    Raises `DocumentError` for a document that cannot be printed.

    >>> "<h1>A &lt;b&gt; title</h1>" in render_html(Document("A <b> title", ()))
    True
    """
    check_document(document)
    return _HtmlRenderer(document, printers or notation_printers()).render()


class _HtmlRenderer:
    def __init__(self, document: Document, printers: Printers) -> None:
        self.document = document
        self.printers = printers
        self.pieces = latex_measure(printers)
        self.contents: list[dict[str, object]] = []

    def render(self) -> str:
        document = self.document
        body = self.blocks(document.blocks)
        return render_template(
            "html",
            "document",
            language=document.language,
            title=document.title,
            subtitle=document.subtitle,
            abstract=self.inlines(document.abstract),
            body=body,
            metadata=document.metadata,
            contents=self.contents if len(self.contents) >= CONTENTS_FROM else [],
            linked=list(map(Safe, linked_anchors(document))),
        )

    # --- inlines ---

    def inlines(self, parts: Inlines) -> Safe:
        return Safe("".join(map(self.inline, parts)))

    def inline(self, part: object) -> str:
        match part:
            case Words(text=text):
                return escape_html(one_line(text))
            case Formula(node=node):
                return math_element(self.printers.mathml(node))
            case Strong(inlines=inner):
                return f"<strong>{self.inlines(inner)}</strong>"
            case Code(text=text):
                return f"<code>{escape_html(text)}</code>"
            case Link(anchor=anchor, inlines=inner):
                return f'<a href="#{anchor}">{self.inlines(inner)}</a>'
            case _:
                raise TypeError(f"{type(part).__name__} is not an inline")

    def width(self, parts: Inlines) -> float:
        """The natural width of inlines in em."""
        return sum(
            latex_width(self.printers.latex(part.node))
            if isinstance(part, Formula)
            else self.width(part.inlines)
            if isinstance(part, Strong | Link)
            else words_width(part.text)
            for part in parts
        )

    # --- blocks ---

    def blocks(self, blocks: Sequence[Block]) -> Safe:
        return Safe("".join(map(self.block, blocks)))

    def block(self, block: Block) -> Safe:
        match block:
            case Section():
                anchor = block.anchor or f"section-{len(self.contents) + 1}"
                title = self.inlines(block.title)
                self.contents.append({"anchor": anchor, "title": title, "level": block.level})
                return render_template(
                    "html",
                    "section",
                    level=block.level + 1,
                    title=title,
                    anchor=anchor,
                    body=self.blocks(block.blocks),
                )
            case Paragraph(inlines=parts):
                return Safe(f"<p>{self.inlines(parts)}</p>\n")
            case Listing(items=items, ordered=ordered):
                return render_template(
                    "html",
                    "listing",
                    tag=Safe("ol" if ordered else "ul"),
                    items=list(map(self.inlines, items)),
                )
            case Display():
                return self.chain(layout_display(block, self.measure(LINE)), block.anchor, block.name)
            case AlignedChain():
                return self.chain(layout_chain(block, self.measure(LINE)), block.anchor, block.name)
            case Steps():
                return render_template(
                    "html",
                    "steps",
                    title=self.inlines(block.title),
                    anchor=block.anchor or "",
                    count=sum(1 for _ in walk_steps(block.steps)),
                    steps=list(map(self.step, block.steps)),
                )
            case Table():
                return render_template(
                    "html",
                    "table",
                    anchor=block.anchor or "",
                    caption=self.inlines(block.caption),
                    header=list(map(self.inlines, block.header)),
                    rows=[list(map(self.inlines, row)) for row in block.rows],
                )
            case Figure():
                spoken = plain_words(block.caption, self.printers.text) or "Computation graph"
                return render_template(
                    "html",
                    "figure",
                    anchor=block.anchor or "",
                    caption=self.inlines(block.caption),
                    picture=graph_to_svg(block.picture, self.printers, spoken),
                )
            case Note(kind=kind, inlines=parts, anchor=anchor):
                return render_template(
                    "html",
                    "note",
                    kind=kind,
                    name=kind.capitalize(),
                    text=self.inlines(parts),
                    anchor=anchor or "",
                )
            case CodeBlock(text=text, language=language):
                return render_template("html", "code", text=text.rstrip("\n"), language=language)

    # --- formulas ---

    def measure(self, limit: float) -> Measure:
        return Measure(self.pieces, self.width, limit, indent=1.5, gap=2.0)

    def chain(self, chain: ChainLayout, anchor: str | None, name: Inlines) -> Safe:
        return render_template(
            "html",
            "chain",
            rows=self.rows(chain),
            anchor=anchor or "",
            name=self.inlines(name),
            single=chain.is_single,
            reasons=any(row.reason for row in chain.rows),
            below=chain.reasons_below,
        )

    def rows(self, chain: ChainLayout) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = []
        for row in chain.rows:
            pieces = row.row.pieces if row.row.relation is None else (row.row.relation, *row.row.pieces)
            left = Safe("") if row.left is None else math_element(self.printers.mathml(row.left), display=True)
            rows.append(
                {
                    "left": left,
                    "right": math_element(mathml_pieces(pieces, self.printers), display=True),
                    "indent": f"{1.5 * row.row.indent:g}em" if row.row.indent else "",
                    "reason": self.inlines(row.reason),
                }
            )
        return rows

    # --- steps ---

    def step(self, step: Step) -> Safe:
        return render_template(
            "html",
            "step",
            rule=step.rule,
            sentence=self.inlines(step.sentence),
            formula=self.step_formula(step),
            cites=Safe(self.inline(step.cites)) if step.cites else Safe(""),
            substeps=list(map(self.step, step.substeps)),
        )

    def step_formula(self, step: Step) -> Safe:
        """`before = after`, or the one of them that is known."""
        measure = self.measure(STEP_LINE)
        if step.before is not None and step.after is not None:
            pieces = (step.before, Operator("relation", "="), step.after)
            if self.pieces(pieces) <= STEP_LINE:
                return math_element(mathml_pieces(pieces, self.printers), display=True)
            return self.chain(layout_chain(AlignedChain(step.before, (ChainLink("=", step.after),)), measure), None, ())
        known = step.before if step.before is not None else step.after
        if known is None:
            return Safe("")
        layout = layout_display(Display(known), measure)
        if layout.is_single:
            return math_element(mathml_pieces(layout.rows[0].row.pieces, self.printers), display=True)
        return self.chain(layout, None, ())
