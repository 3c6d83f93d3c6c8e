"""The error of the finder: a document that cannot be read, and where that shows."""

from __future__ import annotations

from symnn.errors import NoteError


class FindError(NoteError):
    """A document cannot be read as a note: empty, binary, not text, or beyond the bounds of the finder.

    What looks odd *inside* a readable document is never an error: it is left out and listed in
    ``Document.skipped``.
    """
