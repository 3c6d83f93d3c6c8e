"""From bytes to text: decoding, bounds, and what kind of document it is."""

from __future__ import annotations

import re

from symnn.notes.find.document import Kind
from symnn.notes.find.errors import FindError
from symnn.notes.find.limits import MAX_BYTES, MAX_LINE, MAX_LINES

_LINE_END = re.compile(r"\r\n|\n|\r")
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HINT = "Save it as UTF-8 text."

_NOTEBOOK = re.compile(r"\s*\{")
_HTML_HEAD = re.compile(
    r"\s*(?:<!--.{0,5000}?-->\s*)?<(?:!doctype\s+html|html[\s>]|\?xml[^>]{0,200}\?>\s*<(?:!doctype\s+)?html)",
    re.I | re.S,
)
_TEX_HEAD = re.compile(r"^[^\S\n]*\\(?:documentclass|documentstyle)\b", re.MULTILINE)
_TEX_BODY = re.compile(
    r"^[^\S\n]*\\(?:begin\{document\}|usepackage\b|(?:chapter|(?:sub)*section)\*?\{|maketitle\b|input\{)",
    re.MULTILINE,
)
_MARKDOWN = re.compile(r"^(?:#{1,6} |```|~~~|[-*] |>|\|.*\|\s*$|---\s*$)", re.MULTILINE)
_RST_MATH = re.compile(r"^\.\. (?:math|code-block|note|image|contents|toctree|_[\w-]+):|:math:`", re.MULTILINE)
_RST_TITLE = re.compile(r"^(?=(\S.{0,200}))\1\n([=\-~^\"'#*+])\2{2,}[ \t]*$", re.MULTILINE)
_TAG_LINE = re.compile(r"^\s*</?[A-Za-z!]", re.MULTILINE)
_FILLED = re.compile(r"^\s*\S", re.MULTILINE)
_ENDINGS: dict[str, Kind] = {
    "md": "markdown", "markdown": "markdown", "mdown": "markdown", "mkd": "markdown", "qmd": "markdown",
    "rmd": "markdown", "mdx": "markdown", "tex": "latex", "ltx": "latex", "latex": "latex", "rst": "rst",
    "rest": "rst", "ipynb": "notebook", "html": "html", "htm": "html", "xhtml": "html",
}  # fmt: skip


def decode(data: bytes, name: str) -> str:
    """Return the text of a document, without its byte order mark.

    Raises :class:`FindError` if it is empty, too large, binary, or in an encoding that is not known.
    """
    if len(data) > MAX_BYTES:
        raise FindError(f"the file has {len(data)} bytes; at most {MAX_BYTES} are read", path=name)
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8-sig")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        line, column = _position(before)
        kind = "is binary" if b"\x00" in data[:8192] else f"is not text in {encoding.removesuffix('-sig').upper()}"
        raise FindError(
            f"the file {kind}: byte {error.start} does not decode",
            path=name,
            line=line,
            column=column,
            hint=_HINT,
        ) from error
    checked(text, name)
    return text


def checked(text: str, name: str) -> str:
    """Return ``text`` if it is within the bounds; raise :class:`FindError` if not."""
    if not text.strip():
        raise FindError("the file is empty", path=name)
    if len(text) > MAX_BYTES:
        raise FindError(f"the text has {len(text)} characters; at most {MAX_BYTES} are read", path=name)
    at = text.find("\x00")
    if at >= 0:
        line, column = _position(text[:at])
        raise FindError("the file is binary: it has a NUL character", path=name, line=line, column=column, hint=_HINT)
    lines = sum(1 for _ in _LINE_END.finditer(text)) + 1
    if lines > MAX_LINES:
        raise FindError(f"the file has {lines} lines; at most {MAX_LINES} are read", path=name)
    return text


def check_lines(text: str, name: str) -> None:
    """Raise :class:`FindError` if a line is longer than a line of a note can be."""
    start = 0
    for number, match in enumerate([*_LINE_END.finditer(text), None], 1):
        end = match.start() if match else len(text)
        if end - start > MAX_LINE:
            raise FindError(
                f"line {number} has {end - start} characters; at most {MAX_LINE} are read",
                path=name,
                line=number,
                column=MAX_LINE + 1,
                hint="Is it a program's output or packed code rather than a note?",
            )
        start = match.end() if match else end


def kind_of(text: str, name: str) -> Kind:
    """Return what kind of document a text is: by its content where that tells, else by its ending."""
    ending = _ENDINGS.get(name.rsplit(".", 1)[-1].lower()) if "." in name else None
    head = text[:200_000]
    if _NOTEBOOK.match(text) and (ending == "notebook" or ('"cells"' in text and '"nbformat"' in text)):
        return "notebook"
    if _HTML_HEAD.match(head):
        return "html"
    if _TEX_HEAD.search(head) and ending in (None, "latex"):
        return "latex"
    if ending == "notebook":
        ending = None
    if ending:
        return ending
    if _TEX_BODY.search(head) and not _MARKDOWN.search(head):
        return "latex"
    if _RST_MATH.search(head) and not re.search(r"^#{1,6} ", head, re.MULTILINE):
        return "rst"
    filled = sum(1 for _ in _FILLED.finditer(head))
    if filled and sum(1 for _ in _TAG_LINE.finditer(head)) > filled * 0.6 and head.lstrip().startswith("<"):
        return "html"
    if _MARKDOWN.search(head) or _TAG_LINE.search(head) or "$" in head or "\\(" in head:
        return "markdown"
    if _RST_TITLE.search(head):
        return "rst"
    return "text"


def _position(before: str) -> tuple[int, int]:
    ends = [match.end() for match in _LINE_END.finditer(before)]
    return len(ends) + 1, len(before) - (ends[-1] if ends else 0) + 1
