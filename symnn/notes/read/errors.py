"""The error of reading: a formula that was parsed but is not understood, with its place in the document."""

from __future__ import annotations

from symnn.errors import NoteError


class ReadingError(NoteError):
    """A formula has no meaning that is certain: an unknown function, shapes that clash, a name with two meanings."""
