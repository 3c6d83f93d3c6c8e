"""What the tests of the finder share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from shared_notes import SHARED
from timing import grows_linearly

from symnn.notes.find import Document, Span


def check(document: Document) -> None:
    """Every span stands where it says: character by character, and in order."""
    for block in document.blocks:
        before = (-1, -1)
        for span in block.spans:
            check_span(document, span)
            if span.cell is None and span.place.path == block.place.path:
                assert (span.place.line, span.place.column) >= before, "spans of a block come in order"
                before = (span.place.line, span.place.column)
            assert span.block == block.id
            assert document.blocks[block.id] is block


def check_span(document: Document, span: Span) -> None:
    """The text of a span can be found in the file, character by character."""
    source = document.sources[span.place.path]
    assert span.text
    assert span.text == span.text.strip()
    start = source.offset(span.place.line, span.place.column)
    end = source.offset(span.place.end_line, span.place.end_column)
    assert 0 <= start < end <= len(source.text)
    assert (span.place.line, span.place.column) == source.position(start)
    for first, last, origin, stop in span.mapped.segments(0, len(span.text)):
        written = source.text[origin:stop]
        text = span.text[first:last]
        assert written, "every character comes from somewhere"
        if text != written.replace("\r", "\n"):
            assert written[0] in "&\\<\r\n*_ \t>$" or written.startswith(("\\begin", "\\end")), (
                text,
                written,
            )


@pytest.fixture
def checked() -> Callable[[Document], Document]:
    """Check all places of a document and hand it on."""

    def run(document: Document) -> Document:
        check(document)
        return document

    return run


def shared_note(folder: str, start: str) -> Path:
    """Return a note that was given to the project; skip the test where it is absent."""
    for path in sorted((SHARED / folder).glob(f"{start}*")) if (SHARED / folder).is_dir() else []:
        return path
    pytest.skip(f"no note {folder}/{start}* here")


@pytest.fixture
def note() -> Callable[[str, str], Path]:
    """Return the function that finds a shared note."""
    return shared_note


@pytest.fixture
def is_linear() -> Callable[[Callable[[int], object], int], bool]:
    """Return a test whether eight times the size takes about eight times the processor time, not 64."""

    def test(run: Callable[[int], object], size: int) -> bool:
        return grows_linearly(run, size // 8, size, factor=8)

    return test
