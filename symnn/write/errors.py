"""What can go wrong when a document is written."""

from __future__ import annotations

from pathlib import Path

from symnn.errors import SymnnError


class DocumentError(SymnnError):
    """A document that no renderer can print: a link into nothing, an anchor used twice, a table with a short
    row.
    """


class UnknownFormatError(SymnnError):
    """Neither the ending of the file nor the name of a format says how to write the document."""


class PdfError(SymnnError):
    """No PDF was made. `tex` is the LaTeX file that was written all the same, if there is one."""

    def __init__(self, message: str, tex: Path | None = None) -> None:
        super().__init__(message)
        self.tex = tex


class NoTexEngineError(PdfError):
    """There is no TeX engine on this machine that can set the document."""


class TexRunError(PdfError):
    """A TeX engine was found and failed, ran too long, or wrote too much."""
