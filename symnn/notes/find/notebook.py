"""The Markdown cells of a Jupyter notebook, with places in the notebook's own file.

Libraries that read notebooks give the text of a cell, and not where it stands. Here the JSON is read with its
places: every character of a cell knows the character, or the escape, of the file that it comes from. So an
error can be shown in the file that is kept under version control.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from symnn.notes.find.build import Builder
from symnn.notes.find.document import FrontMatter
from symnn.notes.find.errors import FindError
from symnn.notes.find.limits import MAX_DEPTH
from symnn.notes.find.load import check_lines
from symnn.notes.find.markdown import scan_markdown
from symnn.notes.find.source import Joiner, Mapped, Source

_TOKEN = re.compile(
    r'\s*(?:([{}\[\],:])|("(?:[^"\\\x00-\x1f]|\\.)*+")'
    r"|(true|false|null|NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\s\S]))")
_SHORT = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(slots=True)
class _String:
    """A JSON string as the range between its quotes."""

    start: int
    end: int


@dataclass(slots=True)
class _Container:
    """An object (``keys`` beside ``items``) or an array."""

    is_object: bool
    keys: list[_String] = field(default_factory=list)
    items: list[_Value] = field(default_factory=list)


_Value = _String | _Container | str


def scan_notebook(source: Source, builder: Builder) -> FrontMatter | None:
    """Add the blocks of the Markdown cells, and the code cells as fences; return the front matter of the
    first.

    Raises :class:`FindError` if the file is not JSON or not a notebook.
    """
    reader = _Json(source)
    root = reader.parse()
    cells = reader.get(root, "cells")
    if cells is None:
        worksheets = reader.get(root, "worksheets")  # notebooks before format 4
        first = worksheets.items[0] if isinstance(worksheets, _Container) and worksheets.items else None
        cells = reader.get(first, "cells")
    if not isinstance(cells, _Container) or cells.is_object:
        raise FindError("the file is no notebook: it has no list of cells", path=source.path)
    front: FrontMatter | None = None
    for number, cell in enumerate(cells.items, 1):
        kind = reader.get(cell, "cell_type")
        body = reader.get(cell, "source")
        if body is None:
            body = reader.get(cell, "input")
        text = reader.joined(body, number)
        if text is None or not text.text.strip() or not isinstance(kind, _String):
            continue
        name = reader.text(kind)
        if name == "markdown":
            check_lines(text.text, source.path)
            found = scan_markdown(text, builder)
            front = front or found
        elif name == "code":
            lines = _lines(text)
            builder.fence("python", lines, text.place(), is_code=True)
    return front


def _lines(text: Mapped) -> list[Mapped]:
    lines: list[Mapped] = []
    start = 0
    while start <= len(text):
        end = text.text.find("\n", start)
        end = len(text) if end < 0 else end
        lines.append(text.cut(start, end))
        start = end + 1
    return lines


class _Json:
    """Reads JSON with places, without recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.raw = source.text

    def parse(self) -> _Value:
        """Return the value of the file. The standard reader checks it first, and says what is wrong."""
        try:
            json.loads(self.raw, parse_int=str, parse_float=str, parse_constant=str)
        except json.JSONDecodeError as error:
            line, column = self.source.position(error.pos)
            raise FindError(
                f"the notebook is not valid JSON: {error.msg}",
                path=self.source.path,
                line=line,
                column=column,
                source_line=self.source.line_text(line)[:500],
            ) from error
        except RecursionError as error:
            raise FindError("the notebook nests too deep", path=self.source.path) from error
        return self._value()

    def _value(self) -> _Value:
        root: _Value | None = None
        stack: list[_Container] = []
        position = 0
        key: _String | None = None
        while match := _TOKEN.match(self.raw, position):
            position = match.end()
            value: _Value
            if match[2] is not None:
                value = _String(match.start(2) + 1, match.end(2) - 1)
            elif match[3] is not None:
                value = match[3]
            elif match[1] in "{[":
                if len(stack) > MAX_DEPTH:
                    raise FindError("the notebook nests too deep", path=self.source.path)
                value = _Container(match[1] == "{")
            else:
                if match[1] in "}]" and stack:
                    stack.pop()
                continue
            if not stack:
                root = value if root is None else root
            elif stack[-1].is_object and key is None:
                assert isinstance(value, _String)
                key = value
                continue
            else:
                if stack[-1].is_object and key is not None:
                    stack[-1].keys.append(key)
                    key = None
                stack[-1].items.append(value)
            if isinstance(value, _Container):
                stack.append(value)
        return "" if root is None else root

    def get(self, value: _Value | None, name: str) -> _Value | None:
        """Return the member of an object, or nothing."""
        if not isinstance(value, _Container) or not value.is_object:
            return None
        for key, item in zip(value.keys, value.items, strict=True):
            if self.raw[key.start : key.end] == name:
                return item
        return None

    def text(self, string: _String) -> str:
        """Return what a string says."""
        joiner = Joiner(self.source)
        self._put(joiner, string)
        return joiner.build().text

    def joined(self, value: _Value | None, cell: int) -> Mapped | None:
        """Return the text of a string, or of a list of strings, with its places."""
        strings = [value] if isinstance(value, _String) else []
        if isinstance(value, _Container) and not value.is_object:
            strings = [item for item in value.items if isinstance(item, _String)]
        if not strings:
            return None
        joiner = Joiner(self.source, cell)
        for string in strings:
            self._put(joiner, string)
        return joiner.build(strings[0].start)

    def _put(self, joiner: Joiner, string: _String) -> None:
        done = string.start
        for match in _ESCAPE.finditer(self.raw, string.start, string.end):
            joiner.put(self.raw[done : match.start()], done, match.start())
            if match[4] is not None:
                shown = _SHORT.get(match[4], match[4])
            elif match[3] is not None:
                code = int(match[3], 16)
                shown = "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)
            else:
                high, low = int(match[1], 16), int(match[2], 16)
                shown = chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
            if shown == "\r":
                shown = ""  # "\r\n" is one end of line
            joiner.put(shown, match.start(), match.end())
            done = match.end()
        joiner.put(self.raw[done : string.end], done, string.end)
