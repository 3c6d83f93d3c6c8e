"""What must hold of a document before it is printed: the things that no renderer can repair."""

from __future__ import annotations

import re
from typing import Final

from symnn.notation.traverse import walk
from symnn.notation.tree import Accent, Name, Node, Number, Text
from symnn.write.document import (
    NOTE_KINDS,
    AlignedChain,
    Block,
    CodeBlock,
    Document,
    Listing,
    Note,
    Paragraph,
    Section,
    Steps,
    Table,
    linked_anchors,
    walk_blocks,
    walk_formulas,
    walk_steps,
)
from symnn.write.errors import DocumentError

MAX_STEP_DEPTH: Final = 48
"""How deep steps may nest. Templates recurse over them, so the depth needs a bound."""

MAX_SECTION_LEVEL: Final = 4
"""Levels 1 to 4 exist in every format."""

ANCHOR: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,79}")
"""What an anchor may look like. This alphabet needs no escaping in HTML, CSS, LaTeX and Markdown."""


_NUMBER: Final = re.compile(r"\d+(\.\d*)?([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?")
_FONT: Final = re.compile(r"[A-Za-z]*")


def anchors(document: Document) -> dict[str, Block]:
    """The blocks that a link can lead to, by anchor.

    Raises `DocumentError` for a malformed anchor and for one that is used twice.
    """
    found: dict[str, Block] = {}
    for block in walk_blocks(document):
        if isinstance(block, Paragraph | Listing | CodeBlock) or block.anchor is None:
            continue
        if not ANCHOR.fullmatch(block.anchor):
            raise DocumentError(
                f"the anchor {block.anchor!r} is not a letter followed by up to 79 letters, digits or hyphens"
            )
        if block.anchor in found:
            raise DocumentError(f"the anchor {block.anchor!r} is used by two blocks")
        found[block.anchor] = block
    return found


def check_document(document: Document) -> None:
    """Check what no renderer can repair: anchors, links, levels, the widths of tables, the depth of steps.

    Raises `DocumentError` with the reason.

    >>> check_document(Document("Empty", ()))
    """
    targets = anchors(document)
    for anchor in linked_anchors(document):
        if anchor not in targets:
            raise DocumentError(f"a link leads to {anchor!r}, and no block has that anchor")
    for block in walk_blocks(document):
        match block:
            case Section(level=level) if not 1 <= level <= MAX_SECTION_LEVEL:
                raise DocumentError(f"a section has level {level}; levels go from 1 to {MAX_SECTION_LEVEL}")
            case Table(header=header, rows=rows):
                for number, row in enumerate(rows, 1):
                    if len(row) != len(header):
                        raise DocumentError(
                            f"row {number} of a table has {len(row)} cells, its header has {len(header)}"
                        )
            case Steps(steps=steps):
                if any(depth >= MAX_STEP_DEPTH for depth, _ in walk_steps(steps)):
                    raise DocumentError(f"steps nest deeper than {MAX_STEP_DEPTH}")
            case Note(kind=kind) if kind not in NOTE_KINDS:
                raise DocumentError(f"a note has the unknown kind {kind!r}; kinds: {', '.join(NOTE_KINDS)}")
            case AlignedChain(links=()):
                raise DocumentError("an aligned chain has no links; a single formula is a display")
            case _:
                pass
    for formula in walk_formulas(document):
        _check_formula(formula)


def _check_formula(formula: Node) -> None:
    """Check the words in a formula: printers put them into LaTeX, where some characters are commands.

    The parsers of `symnn.notation` never give such names, but a tree may come from somewhere else.
    """
    for node in walk(formula):
        match node:
            case Name(base=base, font=font, accents=accents):
                _refuse(base, "\\{}$%#&~^", "name")
                if not base or not all(_FONT.fullmatch(word) for word in (font, *accents)):
                    raise DocumentError(f"the name {base!r} in a formula has the font {font!r}, {accents!r}")
            case Text(content=content):
                _refuse(content, "\\~^", "text")
            case Number(text=text) if not _NUMBER.fullmatch(text):
                raise DocumentError(f"a formula holds {text!r}, which is not a number")
            case Accent(kind=kind) if not _FONT.fullmatch(kind):
                raise DocumentError(f"a formula holds an accent {kind!r}")
            case _:
                pass


def _refuse(text: str, forbidden: str, what: str) -> None:
    for char in text:
        if char in forbidden or not char.isprintable():
            raise DocumentError(f"a {what} in a formula holds {char!r}: {text!r}")
