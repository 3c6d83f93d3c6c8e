"""The document model: what a derivation says, before any format decides how it looks.

A document is a tree of frozen values. *Blocks* stand below each other (sections, displays, tables, steps, a
picture), *inlines* stand in a line of text (words, a formula, a link). Formulas are trees of the neutral
notation (`symnn.notation.tree`), never strings, so that each renderer prints them in its own way and nothing
has to be read back from LaTeX.

Text is data here: it may contain anything. Each renderer escapes it for its own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from symnn.notation.tree import Node, RelationOperator
    from symnn.write.graph import Graph

# --- inlines ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """Plain text. Runs of white space count as one space."""

    text: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in the line of the text."""

    node: Node


@dataclass(frozen=True, slots=True)
class Strong:
    """Inlines set in bold."""

    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Code:
    """A short piece of code, such as a variable of the emitted module."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a place of the same document."""

    anchor: str
    inlines: Inlines


Inline: TypeAlias = Words | Formula | Strong | Code | Link
Inlines: TypeAlias = tuple[Inline, ...]


def inlines(*parts: str | Inline | Node) -> Inlines:
    """Make a tuple of inlines: a string becomes `Words`, a formula tree becomes `Formula`.

    >>> inlines("by the ", Strong(inlines("chain rule")))
    (Words(text='by the '), Strong(inlines=(Words(text='chain rule'),)))
    """
    made: list[Inline] = []
    for part in parts:
        if isinstance(part, str):
            made.append(Words(part))
        elif isinstance(part, Words | Formula | Strong | Code | Link):
            made.append(part)
        else:
            made.append(Formula(part))
    return tuple(made)


# --- blocks -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what belongs to it. Level 1 is the highest below the title."""

    title: Inlines
    level: int
    blocks: tuple[Block, ...]
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with bullets, or with numbers when `ordered`."""

    items: tuple[Inlines, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """A formula on its own line. `name` is a short remark beside it, such as "definition of σ"."""

    node: Node
    name: Inlines = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One line of an aligned chain: a relation (named as in the tree), its right side, and why it holds."""

    relation: RelationOperator
    node: Node
    reason: Inlines = ()


@dataclass(frozen=True, slots=True)
class AlignedChain:
    """A chain `first = node = node = …`, aligned at its relations, one link to a line."""

    first: Node
    links: tuple[ChainLink, ...]
    name: Inlines = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule: `before` became `after`. A reader can open it to see its own steps.

    `rule` is the name of the rule, `sentence` says what it does here, and `cites` links to a lemma that is
    shown somewhere else instead of being repeated.
    """

    rule: str
    sentence: Inlines = ()
    before: Node | None = None
    after: Node | None = None
    substeps: tuple[Step, ...] = ()
    cites: Link | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """A derivation that a reader can open. `title` is what stands there while it is closed."""

    title: Inlines
    steps: tuple[Step, ...]
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Each cell is a tuple of inlines; each row has as many cells as the header."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    caption: Inlines = ()
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """The picture of a computation graph."""

    picture: Graph
    caption: Inlines = ()
    anchor: str | None = None


NoteKind: TypeAlias = Literal["convention", "fact", "gap", "warning"]
NOTE_KINDS: Final[tuple[NoteKind, ...]] = ("convention", "fact", "gap", "warning")


@dataclass(frozen=True, slots=True)
class Note:
    """A box: a convention that was chosen, a fact that was used, a gap that is open, or a warning."""

    kind: NoteKind
    inlines: Inlines
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code, kept as they are."""

    text: str
    language: str = ""


Block: TypeAlias = Section | Paragraph | Listing | Display | AlignedChain | Steps | Table | Figure | Note | CodeBlock


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    `language` is a BCP 47 tag for the reader's software ("en", "ko"). `metadata` are pairs of name and value
    that are printed at the end, such as the name of the note. There is no date: the same derivation gives the
    same bytes.
    """

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    language: str = "en"
    abstract: Inlines = ()
    metadata: tuple[tuple[str, str], ...] = ()


# --- walking and checking ---------------------------------------------------------------------------------


def walk_blocks(document: Document) -> Iterator[Block]:
    """Every block of a document, sections before their content, in reading order."""
    pending: list[Block] = list(reversed(document.blocks))
    while pending:
        block = pending.pop()
        yield block
        if isinstance(block, Section):
            pending.extend(reversed(block.blocks))


def walk_steps(steps: tuple[Step, ...]) -> Iterator[tuple[int, Step]]:
    """Every step with its depth (0 at the top), a step before its own steps."""
    pending = [(0, step) for step in reversed(steps)]
    while pending:
        depth, step = pending.pop()
        yield depth, step
        pending.extend((depth + 1, substep) for substep in reversed(step.substeps))


def _runs(block: Block) -> Iterator[Inlines]:
    """The tuples of inlines that stand directly in a block."""
    match block:
        case Section(title=title):
            yield title
        case Paragraph(inlines=parts) | Note(inlines=parts):
            yield parts
        case Listing(items=items):
            yield from items
        case Display(name=name):
            yield name
        case AlignedChain(name=name, links=links):
            yield name
            yield from (link.reason for link in links)
        case Steps(title=title, steps=steps):
            yield title
            for _, step in walk_steps(steps):
                yield step.sentence
                if step.cites is not None:
                    yield (step.cites,)
        case Table(header=header, rows=rows, caption=caption):
            yield caption
            yield from header
            for row in rows:
                yield from row
        case Figure(caption=caption):
            yield caption
        case CodeBlock():
            pass


def walk_inlines(document: Document) -> Iterator[Inline]:
    """Every inline of a document, an outer one before those inside it."""
    runs: list[Inlines] = [document.abstract]
    for block in walk_blocks(document):
        runs.extend(_runs(block))
    for run in runs:
        pending: list[Inline] = list(reversed(run))
        while pending:
            part = pending.pop()
            yield part
            if isinstance(part, Strong | Link):
                pending.extend(reversed(part.inlines))


def linked_anchors(document: Document) -> list[str]:
    """The anchors that a link or a picture leads to, each once, in the order of the alphabet."""
    found = {part.anchor for part in walk_inlines(document) if isinstance(part, Link)}
    for block in walk_blocks(document):
        if isinstance(block, Figure):
            found |= {node.anchor for node in block.picture.nodes if node.anchor is not None}
            found |= {edge.anchor for edge in block.picture.edges if edge.anchor is not None}
    return sorted(found)


def walk_formulas(document: Document) -> Iterator[Node]:
    """Every formula of a document: in lines, displays, chains, steps and pictures."""
    for part in walk_inlines(document):
        if isinstance(part, Formula):
            yield part.node
    for block in walk_blocks(document):
        match block:
            case Display(node=node):
                yield node
            case AlignedChain(first=first, links=links):
                yield first
                yield from (link.node for link in links)
            case Steps(steps=steps):
                for _, step in walk_steps(steps):
                    yield from (node for node in (step.before, step.after) if node is not None)
            case Figure(picture=picture):
                for vertex in picture.nodes:
                    yield from (node for node in (vertex.label, vertex.shape) if node is not None)
                for edge in picture.edges:
                    yield from (node for node in (edge.forward, edge.adjoint) if node is not None)
            case _:
                pass
