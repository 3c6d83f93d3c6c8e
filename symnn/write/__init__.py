"""Writing documents: one model, printed as LaTeX, PDF, HTML, Markdown, notebook, text and JSON.

`render` gives the text of a format, `write` writes a file and chooses the format by its ending. The renderers
are loaded when they are used.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from symnn.files import write_atomically
from symnn.write.document import Document
from symnn.write.errors import (
    DocumentError,
    NoTexEngineError,
    PdfError,
    TexRunError,
    UnknownFormatError,
)

__all__ = [
    "ENDINGS",
    "FORMATS",
    "DocumentError",
    "Format",
    "NoTexEngineError",
    "PdfError",
    "TexRunError",
    "UnknownFormatError",
    "format_of",
    "render",
    "write",
]

Format: TypeAlias = Literal["text", "latex", "markdown", "html", "json", "notebook", "pdf"]
FORMATS: Final[tuple[Format, ...]] = ("text", "latex", "markdown", "html", "json", "notebook", "pdf")
ENDINGS: Final[dict[str, Format]] = {
    ".txt": "text",
    ".tex": "latex",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".ipynb": "notebook",
    ".pdf": "pdf",
}


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that the ending of a file asks for.

    Raises `UnknownFormatError` for an ending without a format.

    >>> format_of("mlp.tex")
    'latex'
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise UnknownFormatError(
            f"{os.fspath(path)!r} does not say which format to write; endings: {', '.join(ENDINGS)}"
        )
    return ENDINGS[ending]


def render(document: Document, format: str, *, width: int = 88, steps: int = 2, colour: bool = False) -> str:
    r"""The text of a document in a format. `width`, `steps` (how deep to open them) and `colour` are for
    terminals.

    Raises `DocumentError` for a document that cannot be printed, and `UnknownFormatError` for a name that is
    no format of text.

    >>> render(Document("A title", ()), "markdown")
    '# A title\n'
    """
    match format:
        case "text":
            from symnn.write.text import TextOptions, render_text

            return render_text(document, TextOptions(width, steps, colour))
        case "latex":
            from symnn.write.latex import render_latex

            return render_latex(document)
        case "markdown":
            from symnn.write.markdown import render_markdown

            return render_markdown(document)
        case "html":
            from symnn.write.html import render_html

            return render_html(document)
        case "json":
            from symnn.write.json import render_json

            return render_json(document)
        case "notebook":
            from symnn.write.notebook import render_notebook

            return render_notebook(document)
        case "pdf":
            raise UnknownFormatError("a PDF is not text: write it to a file")
        case _:
            raise UnknownFormatError(f"{format!r} is not a format; formats: {', '.join(FORMATS)}")


def write(
    document: Document,
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    width: int = 88,
    steps: int = 99,
    remark: Callable[[str], None] | None = None,
) -> tuple[Path, ...]:
    """Write a document to a file and return what was written. Without `format`, its ending decides.

    `remark` is called with each thing that is amiss in a PDF all the same, such as a letter without a font.

    When a PDF cannot be made, the LaTeX source is written beside it (`mlp.tex` for `mlp.pdf`) and the error,
    a `PdfError`, carries its path. Raises `DocumentError`, `UnknownFormatError` and `FileError`.
    """
    target = Path(path)
    chosen = format or format_of(target)
    if chosen != "pdf":
        write_atomically(target, render(document, chosen, width=width, steps=steps))
        return (target,)
    from symnn.write.pdf import latex_to_pdf

    source = render(document, "latex")
    try:
        pdf = latex_to_pdf(source)
    except PdfError as error:
        error.tex = target.with_suffix(".tex")
        write_atomically(error.tex, source)
        error.args = (f"{error}; the LaTeX source was written to {error.tex}",)
        raise
    if remark is not None:
        for line in (*pdf.report.missing_glyphs, *pdf.report.undefined, *pdf.report.overfull):
            remark(line)
    write_atomically(target, pdf.data)
    return (target,)
