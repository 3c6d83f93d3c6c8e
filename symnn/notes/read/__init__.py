"""Reading: from the formulas of a document to networks and readings of claims."""

from __future__ import annotations

from symnn.notes.read.errors import ReadingError
from symnn.notes.read.network import network_from_document, network_from_note

__all__ = ["ReadingError", "network_from_document", "network_from_note"]
