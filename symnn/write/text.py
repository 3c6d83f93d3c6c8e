"""Documents for a terminal: wrapped text, formulas in Unicode, steps indented down to a chosen depth.

Nothing but plain text is printed unless colour is asked for; then headings, rules and reasons get the few
escape codes that every terminal knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from symnn.errors import display_width, printable
from symnn.write.breaking import Operator
from symnn.write.chains import ChainLayout, Measure, layout_chain, layout_display
from symnn.write.check import check_document
from symnn.write.document import (
    AlignedChain,
    Block,
    ChainLink,
    CodeBlock,
    Display,
    Document,
    Figure,
    Inlines,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Table,
    walk_steps,
)
from symnn.write.environment import render_template
from symnn.write.escape import Safe, escape_text, one_line
from symnn.write.formulas import Printers, notation_printers, text_measure, text_pieces
from symnn.write.graph_text import graph_to_text
from symnn.write.measure import shrink
from symnn.write.words import plain_words

HARD_SPACE: Final = "\u00a0"
INDENT: Final = 4


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How a document is printed in a terminal.

    `width` is in cells. `step_depth` is how deep steps are opened: 0 shows only their titles.
    """

    width: int = 88
    step_depth: int = 2
    colour: bool = False


def render_text(document: Document, options: TextOptions | None = None, printers: Printers | None = None) -> str:
    """Render a document as text for a terminal.

    Raises `DocumentError` for a document that cannot be printed.

    >>> print(render_text(Document("A title", (Paragraph(()),))))
    A title
    =======
    <BLANKLINE>
    """
    check_document(document)
    return _TextRenderer(document, options or TextOptions(), printers or notation_printers()).render()


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` cells, at spaces where possible. Hard spaces do not break.

    >>> wrap("one two three", 8)
    ['one two', 'three']
    >>> wrap("가나다라", 5)
    ['가나', '다라']
    """
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        if not word:
            continue
        candidate = f"{current} {word}" if current else word
        if display_width(candidate) <= width:
            current = candidate
            continue
        if current:
            lines.append(current)
        *full, current = _split_word(word, width)
        lines += full
    if current:
        lines.append(current)
    return [line.replace(HARD_SPACE, " ") for line in lines]


def _split_word(word: str, width: int) -> list[str]:
    """Break one word that is longer than a line: at its hard spaces if it has some, else anywhere."""
    parts: list[str] = []
    current, cells, space = "", 0, -1
    for char in word:
        cells_of_char = display_width(char)
        if cells + cells_of_char > max(width, 2) and current:
            cut = space if space > 0 else len(current)
            parts.append(current[:cut])
            current = current[cut:].lstrip(HARD_SPACE)
            cells, space = display_width(current), current.rfind(HARD_SPACE)
        if char == HARD_SPACE:
            space = len(current)
        current += char
        cells += cells_of_char
    return [*parts, current]


class _TextRenderer:
    def __init__(self, document: Document, options: TextOptions, printers: Printers) -> None:
        self.document = document
        self.options = options
        self.printers = printers
        self.pieces = text_measure(printers)
        self.colour = options.colour

    def render(self) -> str:
        document = self.document
        return render_template(
            "text",
            "document",
            title=self.paint("1", escape_text(document.title)),
            rule=Safe("=" * min(display_width(one_line(document.title)), self.options.width)),
            subtitle=document.subtitle,
            abstract=self.wrapped(document.abstract, 0),
            body=self.blocks(document.blocks),
            metadata=document.metadata,
        )

    def paint(self, code: str, text: str) -> Safe:
        """Text in a colour or weight, if colour is on."""
        return Safe(f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text)

    # --- inlines ---

    def words(self, parts: Inlines) -> str:
        """Inlines as one line; formulas are kept together by hard spaces."""
        return one_line_soft(plain_words(parts, lambda node: self.printers.text(node).replace(" ", HARD_SPACE)))

    def wrapped(self, parts: Inlines, indent: int, hanging: str = "") -> Safe:
        """Inlines as indented lines; `hanging` stands before the first, the others start below its end."""
        start = display_width(hanging)
        lines = wrap(self.words(parts), max(20, self.options.width - indent - start))
        pad = " " * indent
        first = pad + hanging
        return Safe("\n".join((first if k == 0 else pad + " " * start) + line for k, line in enumerate(lines)))

    # --- blocks ---

    def blocks(self, blocks: Sequence[Block]) -> Safe:
        return Safe("\n\n".join(filter(None, (self.block(block).rstrip("\n") for block in blocks))))

    def block(self, block: Block) -> Safe:
        match block:
            case Section(title=title, level=level, blocks=inner):
                words = self.words(title).replace(HARD_SPACE, " ")
                mark = {1: "-", 2: "·"}.get(level, "")
                return render_template(
                    "text",
                    "section",
                    title=self.paint("1", words),
                    rule=Safe(mark * display_width(words)),
                    body=self.blocks(inner),
                )
            case Paragraph(inlines=parts):
                return self.wrapped(parts, 0)
            case Listing(items=items, ordered=ordered):
                marks = [f"{number}. " if ordered else "• " for number in range(1, len(items) + 1)]
                return Safe("\n".join(self.wrapped(item, 2, mark) for mark, item in zip(marks, items, strict=True)))
            case Display():
                return self.chain(layout_display(block, self.measure(INDENT)), INDENT, block.name)
            case AlignedChain():
                return self.chain(layout_chain(block, self.measure(INDENT)), INDENT, block.name)
            case Steps():
                return self.steps(block)
            case Table():
                return self.table(block)
            case Figure(picture=picture, caption=caption):
                lines = graph_to_text(picture, self.printers).split("\n")
                text = "\n".join(" " * INDENT + line for line in lines)
                return Safe(f"{text}\n\n{self.wrapped(caption, INDENT)}" if caption else text)
            case Note(kind=kind, inlines=parts):
                return Safe(self.wrapped(parts, 2, f"{kind.capitalize()}: "))
            case CodeBlock(text=text):
                lines = [printable(line.expandtabs(4)) for line in text.rstrip("\n").split("\n")]
                return Safe("\n".join(" " * INDENT + line for line in lines))

    # --- formulas ---

    def measure(self, indent: int) -> Measure:
        return Measure(
            self.pieces,
            lambda parts: float(display_width(self.words(parts))),
            float(self.options.width - indent),
            indent=4.0,
            gap=3.0,
            flat=True,
        )

    def chain(self, chain: ChainLayout, indent: int, name: Inlines = ()) -> Safe:
        """The rows of a chain, aligned at their relations, with the reasons in a column at the right."""
        pad = " " * indent
        left = max((display_width(self.left(row.left)) for row in chain.rows), default=0)
        texts: list[tuple[str, str]] = []
        for row in chain.rows:
            relation = text_pieces((row.row.relation,), self.printers) + " " if row.row.relation else ""
            shown = self.left(row.left)
            middle = " " if left else ""
            body = " " * (4 * row.row.indent) + relation + text_pieces(row.row.pieces, self.printers)
            text = " " * (left - display_width(shown)) + shown + middle + body
            texts.append((text.rstrip(), self.words(row.reason).replace(HARD_SPACE, " ")))
        column = max(display_width(text) for text, _ in texts) + 3
        lines: list[str] = []
        for text, reason in texts:
            if not reason:
                lines.append(pad + text)
            elif chain.reasons_below:
                lines.append(pad + text)
                lines += [
                    pad + " " * (left + 4) + self.paint("2", part)
                    for part in wrap(f"({reason})", max(20, self.options.width - indent - left - 4))
                ]
            else:
                lines.append(pad + text + " " * (column - display_width(text)) + self.paint("2", reason))
        if name:
            words = self.words(name).replace(HARD_SPACE, " ")
            if len(lines) == 1 and column + indent + display_width(words) + 2 <= self.options.width:
                lines[0] += " " * 3 + self.paint("2", f"({words})")
            else:
                lines.append(pad + self.paint("2", f"({words})"))
        return Safe("\n".join(lines))

    def left(self, node: object) -> str:
        return "" if node is None else self.printers.text(node)  # type: ignore[arg-type]

    # --- steps ---

    def steps(self, block: Steps) -> Safe:
        total = sum(1 for _ in walk_steps(block.steps))
        title = self.words(block.title).replace(HARD_SPACE, " ")
        count = f"({total} step{'s' if total != 1 else ''})"
        lines = [f"{self.paint('1', title)} {self.paint('2', count)}"]
        for depth, step in walk_steps(block.steps):
            if depth >= self.options.step_depth:
                continue
            lines += self.step(step, 2 + 2 * depth)
            if step.substeps and depth + 1 == self.options.step_depth:
                hidden = sum(1 for _ in walk_steps(step.substeps))
                rest = f"… {hidden} step{'s' if hidden != 1 else ''} inside"
                lines.append(" " * (4 + 2 * depth) + self.paint("2", rest))
        return Safe("\n".join(lines))

    def step(self, step: Step, indent: int) -> list[str]:
        rule = one_line(step.rule)
        sentence = self.words(step.sentence)
        if step.cites is not None:
            sentence += f" (see {self.words(step.cites.inlines)})"
        room = max(20, self.options.width - indent)
        lines = wrap(f"{rule.replace(' ', HARD_SPACE)}: {sentence}" if sentence else rule, room)
        if lines and lines[0].startswith(rule):
            lines[0] = self.paint("36", rule) + lines[0][len(rule) :]
        lines = [" " * indent + line for line in lines]
        formula = self.step_formula(step, indent + 4)
        return [*lines, formula] if formula else lines

    def step_formula(self, step: Step, indent: int) -> str:
        """`before = after`, or the one of them that is known."""
        measure = self.measure(indent)
        if step.before is not None and step.after is not None:
            pieces = (step.before, Operator("relation", "="), step.after)
            if self.pieces(pieces) <= measure.limit:
                return " " * indent + text_pieces(pieces, self.printers)
            return self.chain(layout_chain(AlignedChain(step.before, (ChainLink("=", step.after),)), measure), indent)
        known = step.before if step.before is not None else step.after
        return "" if known is None else self.chain(layout_display(Display(known), measure), indent)

    # --- tables ---

    def table(self, table: Table) -> Safe:
        """Columns that fit the width; cells that do not are wrapped."""
        cells = [[self.words(cell) for cell in row] for row in (table.header, *table.rows)]
        natural = [max((display_width(row[k]) for row in cells), default=0) for k in range(len(table.header))]
        room = max(len(natural) * 4, self.options.width - 3 * (len(natural) - 1))
        widths = [max(3, int(width)) for width in shrink([float(width) for width in natural], float(room))]
        lines: list[str] = []
        for number, row in enumerate(cells):
            wrapped = [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
            for k in range(max(map(len, wrapped), default=0)):
                parts = [
                    _padded(column[k] if k < len(column) else "", width)
                    for column, width in zip(wrapped, widths, strict=True)
                ]
                lines.append(self.paint("1" if number == 0 else "0", " │ ".join(parts).rstrip()))
            if number == 0:
                lines.append("─┼─".join("─" * width for width in widths))
        caption = self.wrapped(table.caption, 0)
        return Safe("\n".join([caption, "", *lines] if caption else lines))


def one_line_soft(text: str) -> str:
    """Like `one_line`, but hard spaces stay."""
    return HARD_SPACE.join(one_line(part) for part in text.split(HARD_SPACE))


def _padded(text: str, width: int) -> str:
    return text + " " * max(0, width - display_width(text))
