"""What the finder returns: a document as an ordered list of blocks, and the spans of mathematics in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from symnn.notes.find.errors import FindError
from symnn.notes.find.source import Mapped, Place, Source

Kind = Literal["markdown", "latex", "notebook", "rst", "html", "text"]
Syntax = Literal["latex", "plain"]
SpanKind = Literal["display", "inline", "fence", "table-cell", "table-header", "prose", "bold", "code"]


@dataclass(frozen=True, slots=True)
class Context:
    """The prose around a span: what stands before it and after it, as written, cut to a few hundred
    characters.

    Inside a paragraph this is the rest of the paragraph; for a display that stands alone, the block before
    and the block after.
    """

    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    r"""One piece of mathematics.

    ``text`` is what a parser should read: quote marks, bold marks and comments are gone, entities and escapes
    are decoded, white space at the ends is cut. ``place`` is where that text stands and ``outer`` is the same
    with its delimiters.

    ``kind`` says where it was found: ``display`` (alone on its lines), ``inline`` (LaTeX in running text,
    also with ``$$``), ``fence``, ``table-cell``, ``table-header``, ``prose`` and ``bold`` (plain formulas in
    running text) and ``code`` (a plain formula in a code span). ``display`` says whether the delimiters were
    those of a display. ``block`` is the ``id`` of the block that holds the span, and ``cell`` the (row,
    column) in a table, counted from 0, with row -1 for the header. ``label`` is a label cut off before a
    plain formula, such as ``w5`` in ``w5: ∂E/∂w5 = 26``. ``line_starts`` is set where a plain formula begins
    its line.
    """

    text: str
    syntax: Syntax
    kind: SpanKind
    display: bool
    place: Place
    outer: Place
    section: tuple[str, ...]
    block: int
    context: Context = Context()
    label: str = ""
    line_starts: bool = False
    cell: tuple[int, int] | None = None
    mapped: Mapped = field(repr=False, compare=False, kw_only=True)

    def place_of(self, start: int, end: int | None = None) -> Place:
        """Return the place of ``text[start:end]`` in the file; without ``end``, of one character.

        Raises ``ValueError`` if the range is not inside the text.
        """
        end = min(start + 1, len(self.text)) if end is None else end
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"no range {start}:{end} in a text of {len(self.text)} characters")
        return self.mapped.place(start, end)

    def error(self, message: str, start: int, end: int | None = None, *, hint: str | None = None) -> FindError:
        """Return an error at ``text[start:end]`` that shows the line of the file with a caret under it."""
        place = self.place_of(start, end)
        same_line = place.end_line == place.line
        return FindError(
            message,
            path=place.path or None,
            line=place.line,
            column=place.column,
            end_column=place.end_column if same_line else None,
            source_line=self.mapped.source.line_text(place.line),
            hint=hint,
        )

    def source_text(self) -> str:
        """Return what the file has at ``place``, with every mark that ``text`` leaves out."""
        return self.mapped.source.slice(self.place)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    text: str
    place: Place
    section: tuple[str, ...]
    id: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``depth`` counts the lists and ``quote`` the quotes that it stands in."""

    text: str
    place: Place
    section: tuple[str, ...]
    id: int
    spans: tuple[Span, ...] = ()
    depth: int = 0
    quote: int = 0


@dataclass(frozen=True, slots=True)
class ListItem:
    """The first paragraph of a list item. ``marker`` is its bullet or number as written."""

    text: str
    place: Place
    section: tuple[str, ...]
    id: int
    spans: tuple[Span, ...] = ()
    depth: int = 1
    quote: int = 0
    marker: str = "-"


@dataclass(frozen=True, slots=True)
class Display:
    """A display that stands alone on its lines; ``depth`` and ``quote`` as for :class:`Paragraph`."""

    text: str
    place: Place
    section: tuple[str, ...]
    id: int
    spans: tuple[Span, ...] = ()
    depth: int = 0
    quote: int = 0


@dataclass(frozen=True, slots=True)
class FenceLine:
    """One line of a fence, without the indentation of the fence."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code or of pre-formatted text; ``language`` is in lower case, empty if it is not stated.

    ``is_code`` is true for a programming language: such a fence has no spans.
    """

    language: str
    lines: tuple[FenceLine, ...]
    place: Place
    section: tuple[str, ...]
    id: int
    spans: tuple[Span, ...] = ()
    is_code: bool = False

    @property
    def text(self) -> str:
        """The lines, joined."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text as written, without white space at the ends."""

    text: str
    place: Place
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table. ``header`` is empty when the table has none. Rows may differ in length, as written."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    syntax: Literal["pipe", "tab", "html", "latex"]
    place: Place
    section: tuple[str, ...]
    id: int

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells, header first, row by row."""
        return (*self.header, *(cell for row in self.rows for cell in row))

    @property
    def spans(self) -> tuple[Span, ...]:
        """All spans of all cells."""
        return tuple(span for cell in self.cells for span in cell.spans)

    @property
    def text(self) -> str:
        """The cells, separated by bars and ends of lines."""
        rows = [self.header, *self.rows] if self.header else list(self.rows)
        return "\n".join(" | ".join(cell.text for cell in row) for row in rows)


Block = Heading | Paragraph | ListItem | Display | Fence | Table


@dataclass(frozen=True, slots=True)
class Macro:
    r"""A command that the document defines: ``\newcommand{\name}[n_args][default]{body}`` and its relatives.

    ``operator`` is true for ``\DeclareMathOperator``. ``name`` has no backslash.
    """

    name: str
    n_args: int
    default: str | None
    body: str
    operator: bool
    place: Place


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Settings at the head of a document; ``problem`` says why ``data`` is empty if they are not readable."""

    data: dict[str, Any]
    text: str
    place: Place
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Mathematics, or a file to include, that was seen but is not read, and why."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its blocks in order, its macros and front matter, and what was left out."""

    path: str
    kind: Kind
    text: str
    blocks: tuple[Block, ...]
    macros: dict[str, Macro]
    front_matter: FrontMatter | None
    skipped: tuple[Skipped, ...]
    sources: dict[str, Source] = field(repr=False, compare=False)

    def spans(self) -> Iterator[Span]:
        """Yield every span in the order of the document."""
        for block in self.blocks:
            yield from block.spans

    def tables(self) -> Iterator[Table]:
        """Yield every table in order."""
        return (block for block in self.blocks if isinstance(block, Table))

    def fences(self) -> Iterator[Fence]:
        """Yield every fence in order."""
        return (block for block in self.blocks if isinstance(block, Fence))

    def headings(self) -> Iterator[Heading]:
        """Yield every heading in order."""
        return (block for block in self.blocks if isinstance(block, Heading))

    def line_text(self, place: Place) -> str:
        """Return the line of the file that a place begins on."""
        return self.sources[place.path].line_text(place.line)

    def slice(self, place: Place) -> str:
        """Return what the file has at a place."""
        return self.sources[place.path].slice(place)
