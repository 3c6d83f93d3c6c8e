r"""Documents as LaTeX articles.

The source compiles with pdfLaTeX, and with XeLaTeX or LuaLaTeX where the words need the fonts of the system.
No line is overfull: formulas are broken by an estimate of their width (`chains`), and each display, wide cell
and picture stands in a box that shrinks to the line in the rare case that the estimate was too small.

Steps that a reader can open on screen are printed in an appendix, smaller and indented, linked in both
directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from symnn.notation.tree import Node
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
    walk_blocks,
    walk_steps,
)
from symnn.write.environment import render_template
from symnn.write.escape import (
    EAST_ASIAN,
    OTHER_SCRIPT,
    Safe,
    escape_bookmark,
    escape_latex,
    escape_latex_code,
    latex_formula,
)
from symnn.write.formulas import Printers, latex_measure, latex_pieces, notation_printers
from symnn.write.graph_tikz import graph_to_tikz
from symnn.write.measure import latex_width, shrink, words_width
from symnn.write.words import plain_words

LINE: Final = 39.0
"""The width of a line in em: 16 cm at 11 pt are 41.5 em, less a margin for the estimate."""

MAX_INDENT: Final = 8
"""Steps deeper than this are not indented further."""

STEP_INDENT: Final = 1.2  # em per level
LONG_CHAIN: Final = 18  # rows in one box; a box cannot be broken between pages
FONTS: Final = (
    (
        Safe(r"\symnneastasianfont"),
        ("Noto Serif CJK KR", "Source Han Serif K", "NanumMyeongjo", "NanumGothic", "UnBatang",
         "Noto Sans CJK KR", "Apple SD Gothic Neo", "Malgun Gothic"),
    ),
    (
        Safe(r"\symnnotherfont"),
        ("Noto Serif", "DejaVu Serif", "FreeSerif", "Times New Roman", "DejaVu Sans"),
    ),
)  # fmt: skip
"""Fonts for letters that Latin Modern lacks, by the command that chooses them; the first found is used."""

SECTIONS: Final = {1: "section", 2: "subsection", 3: "subsubsection", 4: "paragraph"}


def render_latex(document: Document, printers: Printers | None = None) -> str:
    """Render a document as the source of a LaTeX article.

    Raises `DocumentError` for a document that cannot be printed.

    >>> print(render_latex(Document("A title", ())).splitlines()[0])
    % !TeX program = pdflatex
    """
    check_document(document)
    return _LatexRenderer(document, printers or notation_printers()).render()


def needs_unicode_fonts(latex: str) -> bool:
    """Whether a source written by `render_latex` needs XeLaTeX or LuaLaTeX.

    >>> needs_unicode_fonts(render_latex(Document("가", ())))
    True
    """
    body = latex.split(r"\begin{document}", 1)[-1]
    return EAST_ASIAN in body or OTHER_SCRIPT in body


@dataclass(frozen=True, slots=True)
class _OpenedStep:
    """A step of the appendix, ready for its template."""

    indent: str
    rule: str
    sentence: Safe
    formula: Safe
    cites: Safe


class _LatexRenderer:
    def __init__(self, document: Document, printers: Printers) -> None:
        self.document = document
        # Words inside a formula need the fonts of their script, too.
        self.printers = replace(printers, latex=lambda node: latex_formula(printers.latex(node)))
        self.pieces = latex_measure(printers)
        self.numbers = {
            id(block): number
            for number, block in enumerate((b for b in walk_blocks(document) if isinstance(b, Steps)), 1)
        }

    def render(self) -> str:
        document = self.document
        body = self.blocks(document.blocks)
        appendix = [self.opened(block) for block in walk_blocks(document) if isinstance(block, Steps)]
        values = {
            "title": document.title,
            "subtitle": document.subtitle,
            "abstract": self.inlines(document.abstract),
            "body": body,
            "appendix": appendix,
            "metadata": document.metadata,
            "pdf_title": escape_bookmark(document.title),
        }
        text = render_template("latex", "document", **values, engine="pdflatex", fonts=[])
        if needs_unicode_fonts(text):
            text = render_template("latex", "document", **values, engine="xelatex", fonts=FONTS)
        return str(text)

    # --- inlines ---

    def inlines(self, parts: Inlines, limit: float = LINE) -> Safe:
        """Inlines as LaTeX; `limit` is the width of their line."""
        return Safe("".join(self.inline(part, limit) for part in parts))

    def inline(self, part: object, limit: float = LINE) -> str:
        match part:
            case Words(text=text):
                return escape_latex(text)
            case Formula(node=node):
                return self.formula(node, limit)
            case Strong(inlines=inner):
                return rf"\textbf{{{self.inlines(inner, limit)}}}"
            case Code(text=text):
                return rf"\texttt{{{self.code_line(text)}}}"
            case Link(anchor=anchor, inlines=inner):
                return rf"\hyperlink{{{anchor}}}{{{self.inlines(inner, limit)}}}"
            case _:
                raise TypeError(f"{type(part).__name__} is not an inline")

    def formula(self, node: Node, limit: float) -> str:
        """A formula in a line. TeX breaks it at its outermost signs; one that is longer is broken here."""
        latex = self.printers.latex(node)
        width = latex_width(latex)
        if width <= 0.5 * limit:
            return f"${latex}$"
        chain = layout_display(Display(node), self.measure(limit))
        return rf"\symnnwide{{{latex if chain.is_single else _aligned(self.rows(chain), '[t]')}}}"

    def width(self, parts: Inlines) -> float:
        """The natural width of inlines in em."""
        total = 0.0
        for part in parts:
            match part:
                case Formula(node=node):
                    total += latex_width(self.printers.latex(node))
                case Code(text=text):
                    total += 0.53 * len(text)
                case Strong(inlines=inner):
                    total += 1.15 * self.width(inner)
                case Link(inlines=inner):
                    total += self.width(inner)
                case Words(text=text):
                    total += words_width(text)
        return total

    # --- blocks ---

    def blocks(self, blocks: Sequence[Block]) -> Safe:
        parts: list[str] = []
        for block in blocks:
            # A display belongs to the paragraph before it: a blank line there would leave an empty one.
            if parts and not isinstance(block, Display | AlignedChain):
                parts.append("")
            parts.append(self.block(block).rstrip("\n"))
        return Safe("\n".join(parts))

    def block(self, block: Block) -> Safe:
        match block:
            case Section():
                return render_template(
                    "latex",
                    "section",
                    command=Safe(SECTIONS[block.level]),
                    title=self.heading(block.title),
                    plain=self.plain(block.title),
                    anchor=self.anchor(block.anchor),
                    body=self.blocks(block.blocks),
                )
            case Paragraph(inlines=parts):
                return render_template("latex", "paragraph", text=self.inlines(parts))
            case Listing(items=items, ordered=ordered):
                return render_template(
                    "latex",
                    "listing",
                    items=list(map(self.inlines, items)),
                    environment=Safe("enumerate" if ordered else "itemize"),
                )
            case Display():
                chain = layout_display(block, self.measure(LINE))
                return self.display(chain, block.anchor, block.name)
            case AlignedChain():
                return self.display(layout_chain(block, self.measure(LINE)), block.anchor, block.name)
            case Steps():
                return render_template(
                    "latex",
                    "steps",
                    title=self.inlines(block.title),
                    anchor=self.anchor(block.anchor),
                    number=self.numbers[id(block)],
                    count=sum(1 for _ in walk_steps(block.steps)),
                    outline=[self.outline(step) for step in block.steps],
                )
            case Table():
                return self.table(block)
            case Figure():
                return render_template(
                    "latex",
                    "figure",
                    pictures=graph_to_tikz(block.picture, self.printers),
                    caption=self.inlines(block.caption),
                    anchor=self.anchor(block.anchor),
                )
            case Note(kind=kind, inlines=parts, anchor=anchor):
                return render_template(
                    "latex",
                    "note",
                    kind=kind.capitalize(),
                    text=self.inlines(parts),
                    anchor=self.anchor(anchor),
                )
            case CodeBlock(text=text):
                lines = [self.code_line(line) for line in text.rstrip("\n").split("\n")]
                return render_template("latex", "code", lines=lines)

    def anchor(self, anchor: str | None) -> Safe:
        return Safe(rf"\symnnanchor{{{anchor}}}" if anchor else "")

    def heading(self, title: Inlines) -> Safe:
        """A heading. Its formulas are bold like its words."""
        return Safe(
            "".join(
                rf"{{\boldmath${self.printers.latex(part.node)}$}}" if isinstance(part, Formula) else self.inline(part)
                for part in title
            )
        )

    def plain(self, title: Inlines) -> Safe:
        """A heading for the bookmarks of the PDF, where formulas are not allowed."""
        return escape_bookmark(plain_words(title, self.printers.text))

    def code_line(self, line: str) -> Safe:
        """One line of code. Long lines may be broken after any space."""
        return Safe(escape_latex_code(line).replace("~", r"\symnnspace{}"))

    # --- formulas ---

    def measure(self, limit: float) -> Measure:
        return Measure(self.pieces, self.width, limit, indent=1.5, gap=2.5)

    def rows(self, chain: ChainLayout) -> list[Safe]:
        """The rows of a chain for `aligned`, without the line ends."""
        rows: list[Safe] = []
        for chain_row in chain.rows:
            left = self.printers.latex(chain_row.left) if chain_row.left is not None else ""
            indent = rf"\hspace{{{1.5 * chain_row.row.indent:.1f}em}}" if chain_row.row.indent else ""
            relation = latex_pieces((chain_row.row.relation,), self.printers) + " " if chain_row.row.relation else ""
            text = f"{left} & {indent}{relation}{latex_pieces(chain_row.row.pieces, self.printers)}"
            if chain_row.reason:
                reason = rf"\symnnreason{{{self.inlines(chain_row.reason)}}}"
                if chain.reasons_below:
                    rows += [Safe(text), Safe(rf" & \hspace{{3em}} {reason}")]
                    continue
                text += f" && {reason}"
            rows.append(Safe(text))
        return rows

    def display(self, chain: ChainLayout, anchor: str | None, name: Inlines) -> Safe:
        rows = [] if chain.is_single else self.rows(chain)
        if chain.is_single:
            formulas = [latex_pieces(chain.rows[0].row.pieces, self.printers)]
        else:
            formulas = [_aligned(rows[k : k + LONG_CHAIN]) for k in range(0, len(rows), LONG_CHAIN)]
        # The name stands at the right, if there is room for it on both sides of the centred formula.
        beside = max(map(latex_width, formulas)) + 2 * self.width(name) + 4 <= LINE
        return render_template(
            "latex",
            "display",
            formulas=formulas,
            anchor=self.anchor(anchor),
            name=self.inlines(name),
            above=bool(name) and not beside,
            beside=bool(name) and beside,
        )

    # --- steps ---

    def outline(self, step: Step) -> dict[str, Safe | str]:
        """One line about a step, where the derivation is mentioned."""
        return {"rule": step.rule, "sentence": self.inlines(step.sentence)}

    def opened(self, block: Steps) -> Safe:
        """The whole derivation, for the appendix."""
        steps = []
        for depth, step in walk_steps(block.steps):
            level = min(depth, MAX_INDENT)
            steps.append(
                _OpenedStep(
                    indent=f"{STEP_INDENT * level:.1f}em",
                    rule=step.rule,
                    sentence=self.inlines(step.sentence),
                    formula=self.step_formula(step, LINE / 0.91 - STEP_INDENT * level - 2),
                    cites=Safe(self.inline(step.cites)) if step.cites else Safe(""),
                )
            )
        return render_template(
            "latex",
            "opened",
            title=self.heading(block.title),
            plain=self.plain(block.title),
            number=self.numbers[id(block)],
            steps=steps,
        )

    def step_formula(self, step: Step, limit: float) -> Safe:
        """`before = after`, or the one of them that is known."""
        if step.before is not None and step.after is not None:
            chain = layout_chain(AlignedChain(step.before, (ChainLink("=", step.after),)), self.measure(limit))
            if len(chain.rows) == 1:
                pieces = (step.before, Operator("relation", "="), step.after)
                return latex_pieces(pieces, self.printers)
            return _aligned(self.rows(chain), "[t]")
        known = step.before if step.before is not None else step.after
        if known is None:
            return Safe("")
        layout = layout_display(Display(known), self.measure(limit))
        if layout.is_single:
            return latex_pieces(layout.rows[0].row.pieces, self.printers)
        return _aligned(self.rows(layout), "[t]")

    # --- tables ---

    def table(self, table: Table) -> Safe:
        columns = list(zip(table.header, *table.rows, strict=True))
        natural = [1.06 * max(map(self.width, column)) + 0.3 for column in columns]
        room = LINE - 1.1 * len(natural)
        widths = shrink(natural, room)
        spec = "".join(
            "l" if width >= wish else rf">{{\raggedright\arraybackslash}}p{{{width:.2f}em}}"
            for wish, width in zip(natural, widths, strict=True)
        )
        return render_template(
            "latex",
            "table",
            spec=Safe(spec),
            caption=self.inlines(table.caption),
            anchor=self.anchor(table.anchor),
            header=self.table_row(table.header, widths),
            rows=[self.table_row(row, widths) for row in table.rows],
        )

    def table_row(self, row: Sequence[Inlines], widths: Sequence[float]) -> Safe:
        return Safe(" & ".join(self.inlines(cell, width) for cell, width in zip(row, widths, strict=True)))


def _aligned(rows: Sequence[str], position: str = "") -> Safe:
    return Safe(f"\\begin{{aligned}}{position}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}")
