r"""The blocks of a Markdown document, with mathematics first.

Displays decide before anything else: a ``-`` that begins a line inside ``$$`` is a sign, not a list, and a
blank line there ends nothing. Otherwise the rules are those of CommonMark with the tables of GitHub, a little
wider where notes are sloppy: a table may be indented in its first line only, rows with tabs are tables, and a
list marker counts at any depth. Plain text without any markup passes through as paragraphs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from symnn.notes.find.build import Builder
from symnn.notes.find.document import FrontMatter
from symnn.notes.find.environments import DISPLAY, INNER, Environments
from symnn.notes.find.fences import MATH, is_code, language
from symnn.notes.find.frontmatter import front_matter
from symnn.notes.find.html import lift, scan_html
from symnn.notes.find.limits import MAX_DISPLAY_LINES
from symnn.notes.find.lines import Line, line_of
from symnn.notes.find.source import Joiner, Mapped, Place
from symnn.notes.find.tables import has_header, is_delimiter_row, is_tab_row, split_row, split_tabs

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*([^\n]*)")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)(.*)")
_HEADING_TAIL = re.compile(r"(?:^|[ \t]+)#+[ \t]*$")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_UNDERLINE = re.compile(r"(=+|-{2,})[ \t]*$")
_ITEM = re.compile(r"([-*+•▪]|\d{1,9}[.)])(?:([ \t]+)|$)")
_REFERENCE = re.compile(r"\[[^\]\n^][^\]\n]{0,200}\]:[ \t]*\S")
_DIRECTIVE = re.compile(r":{3,}")
_HIGHLIGHT = re.compile(r"\{%-?\s*highlight\s+(\w+)")
_END_HIGHLIGHT = re.compile(r"\{%-?\s*endhighlight")
_MARK = re.compile(r"(`+)|\\\\\[|\\\[|\$\$|\\begin\s*\{([A-Za-z]+\*?)\}|\\[\s\S]")
_HTML = re.compile(
    r"<(?:!--|[/]?(address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|fieldset|figcaption"
    r"|figure|footer|form|h[1-6]|head|header|hr|html|iframe|li|main|math|menu|nav|ol|p|pre|script|section|style|summary"
    r"|svg|table|tbody|td|textarea|tfoot|th|thead|tr|ul)(?=[\s/>]))",
    re.IGNORECASE,
)
MAX_LISTS = 40
"""How deep lists may nest; markers beyond are text."""

_UNTIL_CLOSED = frozenset({"script", "pre", "style", "svg", "textarea", "math", "table"})
_OPTION = re.compile(r"\s*:[\w-]+:")


@dataclass(slots=True)
class _Open:
    """The running text that is being gathered."""

    ranges: list[tuple[int, int]] = field(default_factory=list)
    depth: int = 0
    quote: int = 0
    marker: str = ""


def scan_markdown(text: Mapped, builder: Builder) -> FrontMatter | None:
    r"""Add the blocks of a Markdown text to ``builder``; return the front matter.

    >>> from symnn.notes.find.source import Source, whole
    >>> builder = Builder()
    >>> scan_markdown(whole(Source("", "# A\n\n$$\nx\n\n- y\n$$\nwith $x$\n")), builder)
    >>> [(type(block).__name__, block.text) for block in builder.finish()]
    [('Heading', 'A'), ('Display', '$$\nx\n\n- y\n$$'), ('Paragraph', 'with $x$')]
    """
    front, start = front_matter(text)
    _Markdown(text, builder, start).run()
    return front


class _Markdown:
    def __init__(self, text: Mapped, builder: Builder, start: int) -> None:
        self.text = text
        self.raw = text.text
        self.builder = builder
        self.lines = self._split(start)
        self.starts = [line.start for line in self.lines]
        self.environments = Environments(self.raw)
        self.closers = {
            "$$": [m.start() for m in re.finditer(r"\\[\s\S]|\$\$", self.raw) if m[0] == "$$"],
            "\\[": [m.start() for m in re.finditer(r"\\\]", self.raw)],
            "\\\\[": [m.start() for m in re.finditer(r"\\\\\]", self.raw)],
        }
        self.blanks = [i for i, line in enumerate(self.lines) if line.blank]
        self.barriers = [i for i, line in enumerate(self.lines) if self._is_barrier(line)]
        self.open = _Open()
        self.lists: list[int] = []  # the columns where the text of the open list items begins
        self.quote = 0
        self.after_blank = True
        self.unclosed: set[str] = set()  # elements whose closing tag does not come any more

    def _split(self, start: int) -> list[Line]:
        lines: list[Line] = []
        raw = self.raw
        while start <= len(raw):
            end = raw.find("\n", start)
            end = len(raw) if end < 0 else end
            lines.append(line_of(raw, start, end))
            start = end + 1
        return lines

    def _is_barrier(self, line: Line) -> bool:
        """Whether no display goes on over this line."""
        return bool(_FENCE.match(self.raw, line.text, line.end) or _HEADING.match(self.raw, line.text, line.end))

    # -- the walk over the lines -------------------------------------------------------------------

    def run(self) -> None:
        index = 0
        while index < len(self.lines):
            index = self._line(index)
        self._close()

    def _line(self, index: int) -> int:
        """Deal with the block that begins at a line, or one line of a paragraph; return the next line."""
        line = self.lines[index]
        if line.quote != self.quote:
            self._close()
            self.quote, self.lists, self.after_blank = line.quote, [], True
        if line.blank or _DIRECTIVE.match(self.raw, line.text, line.end):
            self._close()
            self.after_blank = True
            return index + 1
        if self.after_blank:
            while self.lists and line.indent < self.lists[-1] and not self._is_item(line.text, line.end):
                self.lists.pop()
        following = self._block(index, line.text, line.indent)
        self.after_blank = False
        return following

    def _is_item(self, start: int, end: int) -> bool:
        return bool(_ITEM.match(self.raw, start, end))

    def _block(self, index: int, start: int, indent: int) -> int:
        line = self.lines[index]
        end, raw = line.end, self.raw
        if (fence := _FENCE.match(raw, start, end)) and not (fence[1][0] == "`" and "`" in fence[2]):
            return self._fence(index, fence, indent)
        if highlight := _HIGHLIGHT.match(raw, start, end):
            return self._highlight(index, highlight[1].lower())
        if self._is_tab_table(index):
            return self._tab_table(index)
        if self._is_pipe_table(index, start):
            return self._pipe_table(index, start)
        if self._is_indented_code(start, indent):
            return self._indented(index)
        if heading := _HEADING.match(raw, start, end):
            return self._heading(index, heading)
        may_underline = self.open.ranges and not self.open.marker and len(self.open.ranges) <= 3
        if may_underline and (underline := _UNDERLINE.match(raw, start, end)):
            return self._underlined(index, underline)
        if _RULE.match(raw, start, end):
            self._close()
            self.lists = []
            return index + 1
        if (item := _ITEM.match(raw, start, end)) and self._may_begin(item):
            return self._item(index, item, indent)
        if (tag := _HTML.match(raw, start, end)) and not self.open.marker:
            return self._html(index, start, tag)
        if self.after_blank and _REFERENCE.match(raw, start, end):
            return index + 1
        return self._text(index, start)

    def _close(self) -> None:
        """Hand over the running text gathered so far."""
        gathered, self.open = self.open, _Open()
        if not gathered.ranges:
            return
        text = self._joined(gathered.ranges)
        text, taken = lift(text, self.builder)
        self.builder.text(text, depth=gathered.depth, quote=gathered.quote, marker=gathered.marker, taken=taken)

    def _joined(self, ranges: list[tuple[int, int]]) -> Mapped:
        joiner = Joiner(self.text.source, self.text.cell)
        for number, (start, end) in enumerate(ranges):
            if number:
                before = ranges[number - 1][1]
                joiner.add(self.text, before, before + 1)
            joiner.add(self.text, start, end)
        return joiner.build(self.text.offset(ranges[0][0]))

    # -- running text ------------------------------------------------------------------------------

    def _text(self, index: int, start: int) -> int:
        """Add a line to the running text, and with it the lines of a display that it opens."""
        if not self.open.ranges:
            self.open.depth, self.open.quote = len(self.lists), self.quote
        position = start
        while True:
            line = self.lines[index]
            self.open.ranges.append((start, line.end))
            closing = self._open_display(index, position)
            if closing is None:
                return index + 1
            last = bisect_right(self.starts, closing) - 1
            for number in range(index + 1, last):
                self.open.ranges.append(self._inner(number))
            start, _ = self._inner(last)
            index, position = last, closing

    def _inner(self, index: int) -> tuple[int, int]:
        """Return the range of a line inside a display, without the quote marks of its block."""
        line = self.lines[index]
        return (line.text if line.quote else line.start), line.end

    def _open_display(self, index: int, position: int) -> int | None:
        """Return where the display ends that is open at the end of a line, or nothing."""
        line = self.lines[index]
        while match := _MARK.search(self.raw, position, line.end):
            position = match.end()
            mark = match[0]
            if match[1]:
                closing = self.raw.find(mark, position, line.end)
                position = position if closing < 0 else closing + len(mark)
                continue
            if mark.startswith("\\begin"):
                found = self.environments.at(match.start())
                if found is None or match[2] not in DISPLAY | INNER:
                    continue
                end = found.end
            elif mark in self.closers:
                closers = self.closers[mark]
                at = bisect_left(closers, position)
                if at == len(closers):
                    continue
                end = closers[at] + len(mark)
            else:
                continue
            if end <= line.end:
                position = end
            elif self._may_span(index, match.start(), end):
                return end
        return None

    def _may_span(self, index: int, start: int, end: int) -> bool:
        """Whether a display may reach from ``start`` in line ``index`` to ``end`` in a later one."""
        last = bisect_right(self.starts, end - 1) - 1
        if last - index > MAX_DISPLAY_LINES or _between(self.barriers, index, last):
            return False
        if self.lines[last].quote > self.quote:
            return False
        if not _between(self.blanks, index, last):
            return True
        # Over a blank line only if both delimiters stand at the edge of their lines: a stray one does not.
        before = self.raw[self.lines[index].text : start]
        after = self.raw[end : self.lines[last].end]
        return not _ITEM.sub("", before).strip() and not after.strip(" \t.,;")

    # -- blocks ------------------------------------------------------------------------------------

    def _fence(self, index: int, fence: re.Match[str], indent: int) -> int:
        self._close()
        closing = re.compile(rf"[ \t]*{re.escape(fence[1][0])}{{{len(fence[1])},}}[ \t]*$")
        following = index + 1
        while following < len(self.lines):
            line = self.lines[following]
            if line.quote < self.quote or closing.match(self.raw, line.text, line.end):
                break
            following += 1
        body = [self._unindented(number, indent) for number in range(index + 1, following)]
        closed = following < len(self.lines) and self.lines[following].quote >= self.quote
        last = following if closed else following - 1
        place = self.text.place(fence.start(), self.lines[last].end)
        self._emit_fence(language(fence[2]), body, place)
        return last + 1

    def _highlight(self, index: int, name: str) -> int:
        self._close()
        last = index + 1
        while last < len(self.lines) and not _END_HIGHLIGHT.match(self.raw, self.lines[last].text):
            last += 1
        body = [self._unindented(number, 0) for number in range(index + 1, min(last, len(self.lines)))]
        last = min(last, len(self.lines) - 1)
        self._emit_fence(name, body, self.text.place(self.lines[index].text, self.lines[last].end))
        return last + 1

    def _indented(self, index: int) -> int:
        self._close()
        base = (self.lists[-1] if self.lists else 0) + 4
        last = following = index
        while following < len(self.lines):
            line = self.lines[following]
            if line.quote != self.quote or (not line.blank and line.indent < base):
                break
            last = last if line.blank else following
            following += 1
        body = [self._unindented(number, base) for number in range(index, last + 1)]
        place = self.text.place(self.lines[index].text, self.lines[last].end)
        self._emit_fence("", body, place)
        self.after_blank = True
        return last + 1

    def _unindented(self, index: int, indent: int) -> Mapped:
        """Return a line of a fence without the quote marks and the indentation of the fence."""
        line = self.lines[index]
        if line.blank:
            return self.text.cut(line.end, line.end)
        start, width = line.text, line.indent
        while width > indent and start > line.start and self.raw[start - 1] in " \t":
            start -= 1
            width -= 1
        return self.text.cut(start, line.end)

    def _emit_fence(self, name: str, body: list[Mapped], place: Place) -> None:
        if name in MATH or name == "symnn":
            emit_math(self.builder, name, body, place)
            return
        self.builder.fence(name, body, place, is_code=is_code(name, [line.text for line in body]))

    def _heading(self, index: int, heading: re.Match[str]) -> int:
        self._close()
        self.lists = []
        start, end = heading.span(2)
        if tail := _HEADING_TAIL.search(self.raw, start, end):
            end = tail.start()
        text, taken = lift(self.text.cut(start, end), self.builder)
        self.builder.heading(len(heading[1]), text, taken)
        self.after_blank = True
        return index + 1

    def _underlined(self, index: int, underline: re.Match[str]) -> int:
        gathered, self.open = self.open, _Open()
        text, taken = lift(self._joined(gathered.ranges), self.builder)
        self.builder.heading(1 if underline[1][0] == "=" else 2, text, taken)
        return index + 1

    def _may_begin(self, item: re.Match[str]) -> bool:
        """Whether a marker begins a list item; inside a paragraph an empty one or a late number does not."""
        if len(self.lists) >= MAX_LISTS:
            return False
        if not self.open.ranges:
            return True
        if item.end() >= item.endpos or not self.raw[item.end() : item.endpos].strip():
            return False
        return not item[1][0].isdigit() or bool(self.lists) or item[1][:-1] in ("0", "1")

    def _item(self, index: int, item: re.Match[str], indent: int) -> int:
        self._close()
        while self.lists and indent < self.lists[-1]:
            self.lists.pop()
        space = len((item[2] or " ").replace("\t", "    "))
        self.lists.append(indent + len(item[1]) + (space if space <= 4 else 1))
        start = item.end()
        if not self.raw[start : self.lines[index].end].strip():
            return index + 1
        self.after_blank = True
        following = self._block(index, start, self.lists[-1])
        if self.open.ranges and not self.open.marker:
            self.open.marker = item[1]
        return following

    def _is_indented_code(self, start: int, indent: int) -> bool:
        if not self.after_blank or self.open.ranges:
            return False
        base = self.lists[-1] if self.lists else 0
        if indent - base < 4 or (self.lists and _ITEM.match(self.raw, start)):
            return False
        return not self.raw.startswith(("$$", "\\[", "\\\\[", "\\begin", "<", ">"), start)

    # -- tables and HTML ---------------------------------------------------------------------------

    def _is_pipe_table(self, index: int, start: int) -> bool:
        if index + 1 >= len(self.lines):
            return False
        line, rule = self.lines[index], self.lines[index + 1]
        if rule.blank or "|" not in self.raw[start : line.end]:
            return False
        return is_delimiter_row(self.raw[rule.text : rule.end])

    def _pipe_table(self, index: int, start: int) -> int:
        self._close()
        header = self._row(start, self.lines[index].end, None)
        last = index + 1
        rows: list[list[Mapped]] = []
        while last + 1 < len(self.lines):
            line = self.lines[last + 1]
            if line.blank or line.quote != self.quote or "|" not in self.raw[line.text : line.end]:
                break
            rows.append(self._row(line.text, line.end, len(header)))
            last += 1
        self.builder.table(header, rows, "pipe", self.text.place(start, self.lines[last].end))
        self.after_blank = True
        return last + 1

    def _row(self, start: int, end: int, columns: int | None) -> list[Mapped]:
        ranges = split_row(self.raw[start:end], columns)
        return [self.text.cut(start + first, start + last) for first, last in ranges]

    def _is_tab_table(self, index: int) -> bool:
        return self._is_tab_row(index) and index + 1 < len(self.lines) and self._is_tab_row(index + 1)

    def _is_tab_row(self, index: int) -> bool:
        line = self.lines[index]
        return not line.blank and line.quote == self.quote and is_tab_row(self._tab_text(line))

    def _tab_text(self, line: Line) -> str:
        return self.raw[line.text if line.quote else line.start : line.end]

    def _tab_table(self, index: int) -> int:
        self._close()
        rows: list[list[Mapped]] = []
        last = index
        while last < len(self.lines) and self._is_tab_row(last):
            line = self.lines[last]
            start = line.text if line.quote else line.start
            ranges = split_tabs(self.raw[start : line.end])
            rows.append([self.text.cut(start + first, start + end) for first, end in ranges])
            last += 1
        first, second = ([cell.text.strip() for cell in row] for row in rows[:2])
        header: list[Mapped] = rows.pop(0) if has_header(first, second) else []
        place = self.text.place(self.lines[index].start, self.lines[last - 1].end)
        self.builder.table(header, rows, "tab", place)
        self.after_blank = True
        return last

    def _html(self, index: int, start: int, tag: re.Match[str]) -> int:
        """Hand a block of HTML over: up to a blank line, or up to the closing tag where that matters."""
        self._close()
        name = (tag[1] or "!--").lower()
        last = index
        end = -1
        if name not in self.unclosed and (name == "!--" or name in _UNTIL_CLOSED) and self.raw[start + 1] != "/":
            pattern = "-->" if name == "!--" else rf"</{name}\s*>"
            closing = re.compile(pattern, re.IGNORECASE).search(self.raw, start)
            end = closing.end() - 1 if closing else -1
            if closing is None:
                self.unclosed.add(name)
        if end >= 0:
            last = bisect_right(self.starts, end) - 1
        while last + 1 < len(self.lines) and not self.lines[last + 1].blank:
            last += 1
        scan_html(self.text.cut(start, self.lines[last].end), self.builder, quote=self.quote)
        self.after_blank = True
        return last + 1


def emit_math(builder: Builder, name: str, body: list[Mapped], place: Place) -> None:
    """Add a fence that says it is mathematics; the options of a directive at its head are no formulas."""
    first = 0
    while first < len(body) and (_OPTION.match(body[first].text) or not body[first].text.strip()):
        first += 1
    builder.math_fence(name, body, body[first:], place)


def _between(sorted_lines: list[int], first: int, last: int) -> bool:
    """Whether one of the lines lies strictly between two others."""
    at = bisect_right(sorted_lines, first)
    return at < len(sorted_lines) and sorted_lines[at] < last
