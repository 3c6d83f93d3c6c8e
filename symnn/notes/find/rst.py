"""The blocks of a reStructuredText document: mathematics, literal blocks, running text."""

from __future__ import annotations

import re

from symnn.notes.find.build import Builder
from symnn.notes.find.fences import is_code
from symnn.notes.find.source import Joiner, Mapped
from symnn.notes.find.words import word_set

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*")
_DIRECTIVE = re.compile(r"\.\. (?:\|[^|\n]{1,100}\| )?([\w:-]+)::[ \t]*")
_COMMENT = re.compile(r"\.\.(?:[ \t]|$)")
_ITEM = re.compile(r"([-*+•]|(?:\d{1,3}|#)[.)]|\(\d{1,3}\))[ \t]+")
_OPTION = re.compile(r"[ \t]*:[\w-]+:(?:[ \t]|$)")
_CODE = frozenset({"code", "code-block", "sourcecode", "parsed-literal", "doctest", "testcode", "prompt", "ipython"})
_RUNNING = word_set(
    """
    note warning tip hint important admonition seealso topic sidebar theorem proof definition
    example exercise container compound epigraph rubric versionadded versionchanged attention
    caution danger error only
    """
)
"""Directives whose content is running text again."""


def scan_rst(text: Mapped, builder: Builder) -> None:
    r"""Add the blocks of a reStructuredText document to ``builder``.

    >>> from symnn.notes.find.source import Source, whole
    >>> builder = Builder()
    >>> scan_rst(whole(Source("", "A\n=\n\nIt is :math:`x`:\n\n.. math::\n\n   y = x^2\n")), builder)
    >>> [span.text for block in builder.finish() for span in block.spans]
    ['x', 'y = x^2']
    """
    _Rst(text, builder).run()


class _Rst:
    def __init__(self, text: Mapped, builder: Builder) -> None:
        self.text = text
        self.raw = text.text
        self.builder = builder
        self.lines: list[tuple[int, int]] = []
        start = 0
        while start <= len(self.raw):
            end = self.raw.find("\n", start)
            end = len(self.raw) if end < 0 else end
            self.lines.append((start, end))
            start = end + 1
        self.levels: list[str] = []  # the adornments of headings, by level
        self.items: list[int] = []  # the columns of the open list items

    def run(self) -> None:
        index = 0
        while index < len(self.lines):
            index = self._block(index)

    def _line(self, index: int) -> str:
        start, end = self.lines[index]
        return self.raw[start:end]

    def _blank(self, index: int) -> bool:
        return index >= len(self.lines) or not self._line(index).strip()

    def _block(self, index: int) -> int:
        line = self._line(index)
        stripped = line.lstrip(" \t")
        if not stripped:
            return index + 1
        indent = len(line) - len(stripped)
        if indent == 0 and (level := self._title(index)):
            return level
        if directive := _DIRECTIVE.match(stripped):
            return self._directive(index, indent, directive[1].lower(), indent + directive.end())
        if _COMMENT.match(stripped):
            return self._indented_end(index + 1, indent)
        return self._paragraph(index, indent)

    def _title(self, index: int) -> int:
        """Read a heading with its line of punctuation below, and perhaps one above; return the next line."""
        overline = _ADORNMENT.fullmatch(self._line(index))
        title = index + 1 if overline and not self._blank(index + 1) else index
        if title + 1 >= len(self.lines):
            return 0
        underline = _ADORNMENT.fullmatch(self._line(title + 1)) or re.fullmatch(
            r"([=\-~^#*\"'`.:_+])\1*", self._line(title + 1)
        )
        if underline is None or (overline and title == index):
            return index + 1 if overline and self._blank(index + 1) else 0
        text = self._line(title)
        if len(self._line(title + 1).rstrip()) < min(len(text.strip()), 3):
            return 0
        style = ("over" if overline else "") + underline[1]
        if style not in self.levels:
            self.levels.append(style)
        self.items = []
        self.builder.heading(min(6, self.levels.index(style) + 1), self.text.cut(*self.lines[title]))
        return title + 2

    def _indented_end(self, index: int, indent: int) -> int:
        """Return the line after the block that is indented deeper than ``indent``."""
        last = index
        while index < len(self.lines):
            line = self._line(index)
            if line.strip():
                if len(line) - len(line.lstrip(" \t")) <= indent:
                    break
                last = index + 1
            index += 1
        return last

    def _directive(self, index: int, indent: int, name: str, column: int) -> int:
        end = self._indented_end(index + 1, indent)
        if name == "math":
            self._math(index, column, end)
        elif name in _CODE:
            body = [number for number in range(index + 1, end) if not _OPTION.match(self._line(number))]
            language = self._line(index)[column:].strip().lower()
            self._fence(language, body, index, end)
        elif name in _RUNNING:
            start, stop = self.lines[index]
            if self.raw[start + column : stop].strip():
                self.builder.text(self.text.cut(start + column, stop))
            return index + 1
        elif name in ("list-table", "csv-table", "table", "figure", "image", "include", "toctree", "raw"):
            return index + 1 if name in ("table", "figure", "list-table") else end
        return max(end, index + 1)

    def _math(self, index: int, column: int, end: int) -> None:
        """Add the displays of a directive: its argument, and the parts of its content between blank lines."""
        start, stop = self.lines[index]
        parts: list[list[tuple[int, int]]] = [[(start + column, stop)]]
        for number in range(index + 1, end):
            if self._blank(number) or (not parts[-1] and _OPTION.match(self._line(number))):
                parts.append([])
            elif not _OPTION.match(self._line(number)):
                if not parts[-1] and len(parts) > 1 and self._continues(parts):
                    parts.pop()
                parts[-1].append(self.lines[number])
        for part in parts:
            ranges = [r for r in part if self.raw[r[0] : r[1]].strip()]
            if not ranges:
                continue
            joiner = Joiner(self.text.source, self.text.cell)
            for number, (first, last) in enumerate(ranges):
                if number:
                    joiner.add(self.text, ranges[number - 1][1], ranges[number - 1][1] + 1)
                joiner.add(self.text, first, last)
            body = joiner.build().strip()
            self.builder.tex_display(body, body.place(), depth=len(self.items))

    def _continues(self, parts: list[list[tuple[int, int]]]) -> bool:
        r"""Whether the part before a blank line is not finished: a ``\begin`` without its ``\end``."""
        before = "".join(self.raw[first:last] for part in parts[-2:] for first, last in part)
        return before.count("\\begin{") > before.count("\\end{") and len(parts) > 1 and bool(parts[-2])

    def _fence(self, language: str, body: list[int], first: int, end: int) -> None:
        filled = [number for number in body if not self._blank(number)]
        if not filled:
            return
        body = [number for number in body if filled[0] <= number <= filled[-1]]
        indent = min(len(self._line(n)) - len(self._line(n).lstrip(" \t")) for n in filled)
        lines = []
        for number in body:
            start, stop = self.lines[number]
            lines.append(self.text.cut(min(start + indent, stop), stop))
        place = self.text.place(self.lines[first][0], self.lines[max(first, end - 1)][1])
        if language in ("math", "latex", "tex", "symnn"):
            self.builder.math_fence(language, lines, lines, place)
        else:
            self.builder.fence(language, lines, place, is_code=is_code(language, [line.text for line in lines]))

    def _paragraph(self, index: int, indent: int) -> int:
        while self.items and indent < self.items[-1]:
            self.items.pop()
        start, _ = self.lines[index]
        item = _ITEM.match(self.raw, start + indent, self.lines[index][1])
        marker = ""
        position = start + indent
        if item:
            marker = item[1]
            position = item.end()
            self.items.append(position - start)
        last = index
        while not self._blank(last + 1):
            following = self._line(last + 1)
            column = len(following) - len(following.lstrip(" \t"))
            if (item or self.items) and _ITEM.match(following, column):
                break
            last += 1
        text = self.text.cut(position, self.lines[last][1])
        literal = text.text.rstrip().endswith("::")
        self.builder.text(text, depth=len(self.items), marker=marker)
        if not literal:
            return last + 1
        end = self._indented_end(last + 1, indent)
        self._fence("", list(range(last + 1, end)), last + 1, end)
        return max(end, last + 1)
