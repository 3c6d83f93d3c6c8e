"""Documents as GitHub flavoured Markdown with `$…$` and `$$` formulas.

Steps are `details` elements, which GitHub opens and closes. The picture of the graph is text in a fence.
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
    walk_steps,
)
from symnn.write.environment import render_template
from symnn.write.escape import (
    Safe,
    escape_html,
    escape_markdown,
    escape_markdown_start,
    escape_math_text,
    markdown_code,
    markdown_fence,
    one_line,
)
from symnn.write.formulas import Printers, latex_measure, latex_pieces, notation_printers
from symnn.write.graph_text import graph_to_text
from symnn.write.measure import latex_width, words_width
from symnn.write.words import plain_words

LINE: Final = 46.0
"""The width of a line in em; Markdown is read in columns of about 50 em."""


def render_markdown(document: Document, printers: Printers | None = None) -> str:
    r"""Render a document as Markdown.

    Raises `DocumentError` for a document that cannot be printed.

    >>> print(render_markdown(Document("A *title*", ())))
    # A \*title\*
    <BLANKLINE>
    """
    check_document(document)
    return MarkdownRenderer(document, printers or notation_printers()).render()


class MarkdownRenderer:
    """Renders the parts of one document; the notebook puts them into cells."""

    def __init__(self, document: Document, printers: Printers) -> None:
        self.document = document
        self.printers = printers
        self.pieces = latex_measure(printers)

    def render(self) -> str:
        """The whole document."""
        parts: list[str] = [self.head(), self.blocks(self.document.blocks)]
        if self.document.metadata:
            parts += ["---", self.foot()]
        return "\n\n".join(filter(None, parts)) + "\n"

    def head(self) -> Safe:
        """The title and what stands below it."""
        document = self.document
        made = render_template(
            "markdown",
            "head",
            title=document.title,
            subtitle=document.subtitle,
            abstract=self.paragraph(document.abstract),
        )
        return Safe(made.strip("\n"))

    def foot(self) -> Safe:
        """The pairs of name and value at the end."""
        return Safe(render_template("markdown", "foot", metadata=self.document.metadata).strip("\n"))

    def section_head(self, section: Section) -> Safe:
        """The heading of a section with its anchor."""
        made = render_template(
            "markdown",
            "section",
            marks=Safe("#" * (section.level + 1)),
            title=self.inlines(section.title),
            anchor=section.anchor or "",
        )
        return Safe(made.strip("\n"))

    # --- inlines ---

    def inlines(self, parts: Inlines, *, cell: bool = False) -> Safe:
        return Safe("".join(self.inline(part, cell=cell) for part in parts))

    def inline(self, part: object, *, cell: bool = False) -> str:
        match part:
            case Words(text=text):
                return escape_markdown(text)
            case Formula(node=node):
                return f"${_in_line(self.printers.latex(node), cell=cell)}$"
            case Strong(inlines=inner):
                return f"**{self.inlines(inner, cell=cell).strip()}**"
            case Code(text=text):
                return markdown_code(text).replace("|", r"\|") if cell else markdown_code(text)
            case Link(anchor=anchor, inlines=inner):
                return f"[{self.inlines(inner, cell=cell)}](#{anchor})"
            case _:
                raise TypeError(f"{type(part).__name__} is not an inline")

    def paragraph(self, parts: Inlines) -> Safe:
        """Inlines that start a line: what would begin a list or a heading there is escaped."""
        return escape_markdown_start(self.inlines(parts).strip())

    def math_words(self, parts: Inlines) -> Safe:
        """Inlines inside a formula; a link is only its words there."""
        pieces: list[str] = []
        for part in parts:
            match part:
                case Words(text=text) | Code(text=text):
                    pieces.append(escape_math_text(text))
                case Formula(node=node):
                    pieces.append(f"{{{self.printers.latex(node)}}}")
                case Strong(inlines=inner) | Link(inlines=inner):
                    pieces.append(self.math_words(inner))
        return Safe("".join(pieces))

    def width(self, parts: Inlines) -> float:
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
        return Safe("\n\n".join(self.block(block).strip("\n") for block in blocks))

    def block(self, block: Block) -> Safe:
        """One block, without blank lines around it."""
        match block:
            case Section(blocks=inner):
                return Safe("\n\n".join(filter(None, (self.section_head(block), self.blocks(inner)))))
            case Paragraph(inlines=parts):
                return self.paragraph(parts)
            case Listing(items=items, ordered=ordered):
                marks = [f"{number}." if ordered else "-" for number in range(1, len(items) + 1)]
                return Safe(
                    "\n".join(f"{mark} {self.paragraph(item)}" for mark, item in zip(marks, items, strict=True))
                )
            case Display():
                return self.display(layout_display(block, self.measure()), block.anchor, block.name)
            case AlignedChain():
                return self.display(layout_chain(block, self.measure()), block.anchor, block.name)
            case Steps():
                return render_template(
                    "markdown",
                    "steps",
                    anchor=block.anchor or "",
                    summary=self.summary(block.title),
                    count=sum(1 for _ in walk_steps(block.steps)),
                    steps=list(map(self.step, block.steps)),
                )
            case Table():
                return render_template(
                    "markdown",
                    "table",
                    anchor=block.anchor or "",
                    caption=self.paragraph(block.caption),
                    header=self.table_row(block.header),
                    rule=Safe("|" + " --- |" * len(block.header)),
                    rows=list(map(self.table_row, block.rows)),
                )
            case Figure():
                text = graph_to_text(block.picture, self.printers)
                return render_template(
                    "markdown",
                    "figure",
                    anchor=block.anchor or "",
                    caption=self.paragraph(block.caption),
                    picture=Safe(text),
                    fence=Safe(markdown_fence(text)),
                )
            case Note(kind=kind, inlines=parts, anchor=anchor):
                return render_template(
                    "markdown", "note", kind=kind.capitalize(), text=self.inlines(parts), anchor=anchor or ""
                )
            case CodeBlock(text=text, language=language):
                safe_language = "".join(char for char in language if char.isalnum() or char in "+-")
                return render_template(
                    "markdown",
                    "code",
                    text=Safe(text.rstrip("\n")),
                    fence=Safe(markdown_fence(text)),
                    language=safe_language,
                )

    # --- formulas ---

    def measure(self) -> Measure:
        return Measure(self.pieces, self.width, LINE, indent=1.5, gap=2.0)

    def display(self, chain: ChainLayout, anchor: str | None, name: Inlines) -> Safe:
        return render_template(
            "markdown", "display", anchor=anchor or "", name=self.inlines(name), formula=self.formula(chain)
        )

    def formula(self, chain: ChainLayout) -> Safe:
        """The inside of a display."""
        if chain.is_single:
            return latex_pieces(chain.rows[0].row.pieces, self.printers)
        rows: list[str] = []
        for chain_row in chain.rows:
            left = self.printers.latex(chain_row.left) if chain_row.left is not None else ""
            indent = r"\quad " * chain_row.row.indent
            relation = latex_pieces((chain_row.row.relation,), self.printers) + " " if chain_row.row.relation else ""
            text = f"{left} & {indent}{relation}{latex_pieces(chain_row.row.pieces, self.printers)}"
            if chain_row.reason:
                reason = self.math_words(chain_row.reason)
                if chain.reasons_below:
                    rows += [text, rf" & \qquad {reason}"]
                    continue
                text += f" && {reason}"
            rows.append(text.strip())
        return Safe("\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}")

    # --- steps ---

    def summary(self, parts: Inlines) -> Safe:
        """Inlines for a `summary` element, where Markdown is not read: plain text, escaped for HTML."""
        return _html_words(plain_words(parts, self.printers.text))

    def step(self, step: Step) -> Safe:
        made = render_template(
            "markdown",
            "step",
            rule=step.rule,
            rule_html=_html_words(step.rule),
            sentence=self.inlines(step.sentence),
            sentence_html=self.summary(step.sentence),
            formula=self.step_formula(step),
            cites=Safe(self.inline(step.cites)) if step.cites else Safe(""),
            substeps=list(map(self.step, step.substeps)),
        )
        return Safe(made.strip("\n"))

    def step_formula(self, step: Step) -> Safe:
        """`before = after`, or the one of them that is known."""
        if step.before is not None and step.after is not None:
            pieces = (step.before, Operator("relation", "="), step.after)
            if self.pieces(pieces) <= LINE:
                return latex_pieces(pieces, self.printers)
            return self.formula(layout_chain(AlignedChain(step.before, (ChainLink("=", step.after),)), self.measure()))
        known = step.before if step.before is not None else step.after
        return Safe("") if known is None else self.formula(layout_display(Display(known), self.measure()))

    # --- tables ---

    def table_row(self, row: Sequence[Inlines]) -> Safe:
        return Safe("| " + " | ".join(self.inlines(cell, cell=True).strip() or " " for cell in row) + " |")


def _in_line(latex: str, *, cell: bool) -> str:
    """LaTeX between single dollar signs; in a table cell a bar would end the cell."""
    flat = " ".join(latex.split())
    return flat.replace(r"\|", r"\Vert ").replace("|", r"\vert ") if cell else flat


def _html_words(text: str) -> Safe:
    return Safe(escape_html(one_line(text)).replace("$", "&#36;"))
