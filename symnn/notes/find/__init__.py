r"""The finder: a document goes in, an ordered list of its mathematics with exact places comes out.

It reads Markdown, LaTeX, HTML, notebooks, reStructuredText and plain text, and tells them apart by content.
It does not understand a formula: it says where one is, what prose stands around it, and where every
character of it stands in the file.

>>> document = find("# Loss\n\nThe loss $L = \\frac12 (y - t)^2$ falls, so ∂L/∂y = y - t.\n", name="note.md")
>>> [(span.text, span.syntax, span.place.line, span.place.column) for span in document.spans()]
[('L = \\frac12 (y - t)^2', 'latex', 3, 11), ('∂L/∂y = y - t', 'plain', 3, 44)]
"""

from __future__ import annotations

from pathlib import Path

from symnn.notes.find.build import Builder
from symnn.notes.find.document import (
    Block,
    Cell,
    Context,
    Display,
    Document,
    Fence,
    FenceLine,
    FrontMatter,
    Heading,
    Kind,
    ListItem,
    Macro,
    Paragraph,
    Skipped,
    Span,
    SpanKind,
    Syntax,
    Table,
)
from symnn.notes.find.errors import FindError
from symnn.notes.find.html import scan_html
from symnn.notes.find.limits import MAX_BYTES
from symnn.notes.find.load import check_lines, checked, decode, kind_of
from symnn.notes.find.markdown import scan_markdown
from symnn.notes.find.notebook import scan_notebook
from symnn.notes.find.rst import scan_rst
from symnn.notes.find.source import Joiner, Mapped, Place, Source, whole
from symnn.notes.find.tex import scan_tex
from symnn.notes.find.tex_files import Files

__all__ = [
    "Block",
    "Cell",
    "Context",
    "Display",
    "Document",
    "Fence",
    "FenceLine",
    "FindError",
    "FrontMatter",
    "Heading",
    "Joiner",
    "Kind",
    "ListItem",
    "Macro",
    "Mapped",
    "Paragraph",
    "Place",
    "Skipped",
    "Source",
    "Span",
    "SpanKind",
    "Syntax",
    "Table",
    "find",
]


def find(what: Path | str | bytes, *, name: str | None = None, kind: Kind | None = None) -> Document:
    r"""Return the document with its mathematics.

    ``what`` is the path of a file (a ``Path``), or the text (``str``) or the bytes of a document. ``name``
    stands in places and messages; its ending helps where the content does not tell the kind. ``kind``
    overrides both.

    Raises :class:`FindError` if the document cannot be read: no such file, empty, binary, not UTF-8, too
    large.

    >>> find(b"so \\(x\\) is", name="a.md").blocks[0].spans[0].place
    Place(line=1, column=6, end_line=1, end_column=7, path='a.md', cell=None)
    """
    root: Path | None = None
    if isinstance(what, Path):
        name = str(what) if name is None else name
        root = what.parent
        what = _read(what, name)
    name = name or ""
    text = decode(what, name) if isinstance(what, bytes) else checked(what.removeprefix("\ufeff"), name)
    kind = kind or kind_of(text, name)
    if kind != "notebook":
        check_lines(text, name)
    source = Source(name, text)
    builder = Builder(plain=kind != "latex")
    files = Files(root, name, bytes_left=MAX_BYTES - len(text), sources={name: source})
    front: FrontMatter | None = None
    if kind == "notebook":
        front = scan_notebook(source, builder)
    else:
        page = whole(source)
        if kind == "latex":
            if root is not None and isinstance(root, Path):
                files.stack.append((root / Path(name).name).resolve())
            scan_tex(page, builder, files)
        elif kind == "html":
            scan_html(page, builder)
        elif kind == "rst":
            scan_rst(page, builder)
        else:
            front = scan_markdown(page, builder)
    return Document(
        path=name,
        kind=kind,
        text=text,
        blocks=builder.finish(),
        macros=builder.macros,
        front_matter=front,
        skipped=tuple(builder.skipped),
        sources=files.sources,
    )


def _read(path: Path, name: str) -> bytes:
    try:
        if not path.is_file():
            raise FindError("there is no such file" if not path.exists() else "it is not a file", path=name)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FindError(f"the file cannot be read: {error.strerror or error}", path=name) from error
