r"""The blocks of a LaTeX document.

Comments and verbatim text are skipped, ``\input`` and ``\include`` are followed (see ``tex_files``), and
commands that the document defines are gathered. Everything between the delimiters of mathematics is a span;
a ``\\[2pt]`` is a line break and opens nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from symnn.notes.find.build import Builder
from symnn.notes.find.environments import BARE, DISPLAY, Environments
from symnn.notes.find.groups import Groups
from symnn.notes.find.inline import Piece, moved
from symnn.notes.find.source import Joiner, Mapped, whole
from symnn.notes.find.tex_files import Files, Refused
from symnn.notes.find.words import word_set

_SECTIONS = {
    "title": 1, "part": 1, "chapter": 1, "section": 2, "subsection": 3, "frametitle": 3, "subsubsection": 4,
    "paragraph": 5, "subparagraph": 6,
}  # fmt: skip
_VERBATIM = word_set(
    """
    verbatim verbatim* Verbatim lstlisting minted comment filecontents filecontents* tikzpicture
    pgfpicture alltt algorithm algorithmic thebibliography
    """
)
_LISTS = frozenset({"itemize", "enumerate", "description", "compactitem", "compactenum"})
_TABLES = frozenset({"tabular", "tabular*", "tabularx", "longtable"})
_CLEAN = re.compile(
    r"""
      \\begin\s*\{ (?P<verbatim> [A-Za-z]+ \*? ) \}
    | \\(?:verb|lstinline) (?P<verb> \*? [^A-Za-z\s*] )
    | (?P<iffalse> \\iffalse\b )
    | \\[\s\S]
    | (?P<comment> % [^\n]* (?: \n [ \t]* )? )
    """,
    re.VERBOSE,
)
_MARK = re.compile(
    r"""
      \\ (?P<open> [(\[] )
    | \\begin\s*\{ (?P<begin> [A-Za-z]+ \*? ) \}
    | \\end\s*\{ (?P<end> [A-Za-z]+ \*? ) \}
    | \\ (?P<section> part | chapter | (?:sub){0,2}section | (?:sub)?paragraph | frametitle | title ) \*? \s*
        (?: \[ [^\]\n]{0,300} \] \s* )? (?=\{)
    | \\ (?P<include> input | include | subfile ) \s* \{ (?P<file> [^{}\n]{1,300} ) \}
    | (?P<item> \\item\b \s* (?: \[ [^\]\n]{0,300} \] )? )
    | \\ (?P<ensure> ensuremath ) \s* (?=\{)
    | (?P<definition> \\ (?: (?:re)?newcommand | providecommand | DeclareMathOperator | [ge]?def | let ) \b )
    | \\[\s\S]
    | (?P<dollars> \$\$? )
    | (?P<blank> \n [ \t]* \n \s* )
    """,
    re.VERBOSE,
)
_ROW = re.compile(
    r"""\\\\ (?: \s* \[ [^\]\n]{0,50} \] )? | (?P<rule> \\(?:hline|toprule|midrule|bottomrule)\b )
    | (?P<line> \\cline\{ [^}\n]{0,50} \} ) | (?P<tab> & ) | (?P<other> \\[\s\S] )""",
    re.VERBOSE,
)
_DELIMITER = re.compile(r"\\(?:begin|end)\s*\{[A-Za-z]+\*?\}|\\[\[\]]")
_DOCUMENT = re.compile(r"\\begin\s*\{document\}")


def scan_tex(text: Mapped, builder: Builder, files: Files) -> None:
    r"""Add the blocks of a LaTeX document to ``builder``.

    >>> from symnn.notes.find.source import Source
    >>> builder = Builder(plain=False)
    >>> note = whole(Source("a.tex", "See $x$. % $no$\n\\begin{align}a&=b\\end{align}"))
    >>> scan_tex(note, builder, Files(None, "a.tex"))
    >>> [span.text for block in builder.finish() for span in block.spans]
    ['x', '\\begin{align}a&=b\\end{align}']
    """
    text = _prepared(text, builder)
    body = _DOCUMENT.search(text.text)
    if body:
        _Tex(text.cut(0, body.start()), builder, files, preamble=True).run()
        end = text.text.find("\\end{document}", body.end())
        text = text.cut(body.end(), end if end >= 0 else len(text))
    scanner = _Tex(text, builder, files)
    scanner.run()


def _prepared(text: Mapped, builder: Builder) -> Mapped:
    r"""Return a text without comments, its macros gathered, its own forms of ``\begin`` written out."""
    text = _cleaned(text)
    builder.define(text)
    short = {name: macro.body for name, macro in builder.macros.items() if _DELIMITER.fullmatch(macro.body.strip())}
    if not short:
        return text
    joiner = Joiner(text.source, text.cell)
    done = 0
    for match in re.finditer(r"\\([A-Za-z]+)", text.text):
        if (body := short.get(match[1])) is not None:
            joiner.add(text, done, match.start())
            joiner.put(body.strip(), text.offset(match.start()), text.end_offset(match.end()))
            done = match.end()
    joiner.add(text, done)
    return joiner.build(text.offset(0))


def _cleaned(text: Mapped) -> Mapped:
    """Return a text without comments and without what is verbatim."""
    raw = text.text
    joiner = Joiner(text.source, text.cell)
    done = position = 0
    missing: set[str] = set()
    while match := _CLEAN.search(raw, position):
        position = match.end()
        closing = ""
        if match["verbatim"] in _VERBATIM:
            closing = f"\\end{{{match['verbatim']}}}"
        elif match["verb"]:
            closing = match["verb"][-1]
        elif match["iffalse"]:
            closing = "\\fi"
        if closing:
            end = -1 if closing in missing else raw.find(closing, position)
            if end < 0:
                missing.add(closing)
                continue
            position = end + len(closing)
        elif not match["comment"]:
            continue
        joiner.add(text, done, match.start())
        if match["comment"] and match.start() > 0 and raw[match.start() - 1] == "\n":
            pass  # a line that is all comment leaves nothing, not even an empty line
        elif match["comment"] and "\n" in match[0]:
            newline = match.start() + match[0].index("\n")
            joiner.add(text, newline, newline + 1)
        done = position
    joiner.add(text, done)
    return joiner.build(text.offset(0))


class _Tex:
    def __init__(self, text: Mapped, builder: Builder, files: Files, *, preamble: bool = False) -> None:
        self.text = text
        self.raw = text.text
        self.builder = builder
        self.files = files
        self.preamble = preamble
        self.environments = Environments(self.raw)
        self.groups = Groups(self.raw)
        self.dollars = [m.start() for m in re.finditer(r"\\[\s\S]|\$", self.raw) if m[0] == "$"]
        self.missing: set[str] = set()
        self.pieces: list[Piece] = []
        self.start = 0  # of the running text gathered so far
        self.depth = 0
        self.marker = ""

    def run(self) -> None:
        position = 0
        while match := _MARK.search(self.raw, position):
            position = self._at(match)
        self._flush(len(self.raw))

    def _at(self, match: re.Match[str]) -> int:
        """Deal with one mark; return where to go on."""
        start, end = match.start(), match.end()
        if match["include"]:
            self._flush(start)
            self._include(match)
            self.start = end
        elif match["definition"]:
            return self._after_definition(match)
        elif self.preamble:
            return end
        elif match["open"]:
            return self._brackets(start, match["open"])
        elif match["dollars"]:
            return self._dollars(start, len(match["dollars"]))
        elif match["begin"]:
            return self._begin(match)
        elif match["end"]:
            if match["end"] in _LISTS:
                self._flush(start)
                self.depth = max(0, self.depth - 1)
                self.marker = ""
            self._skip_mark(start, end)
        elif match["section"]:
            return self._section(match)
        elif match["ensure"]:
            closing = self.groups.end(end)
            if closing > 0:
                return self._inline(start, closing, end + 1, closing - 1, "$")
        elif match["item"]:
            self._flush(start)
            self.marker = "-"
            self.start = end
        elif match["blank"]:
            self._flush(start)
            self.start = end
        return end

    def _flush(self, end: int) -> None:
        """Hand over the running text from ``start`` to ``end`` as a paragraph."""
        pieces, self.pieces = self.pieces, []
        if self.preamble or not self.raw[self.start : end].strip():
            return
        shift = self.start
        part = self.text.cut(shift, end)
        shifted = [moved(piece, -shift) for piece in pieces]
        self.builder.text(part, depth=self.depth, marker=self.marker, pieces=shifted)
        self.marker = ""

    def _skip_mark(self, start: int, end: int) -> None:
        r"""Take a ``\\begin`` or ``\\end`` out of the running text, if it stands at its edge."""
        if not self.raw[self.start : start].strip():
            self.start = end

    def _find(self, closing: str, start: int) -> int:
        if closing in self.missing:
            return -1
        found = self.raw.find(closing, start)
        if found < 0:
            self.missing.add(closing)
        return found

    def _inline(self, start: int, end: int, body_start: int, body_end: int, delimiter: str) -> int:
        self.pieces.append(Piece("math", start, end, body_start, body_end, delimiter, False))
        return end

    def _display(self, piece: Piece) -> int:
        self._flush(piece.start)
        self.builder.display(self.text, piece, depth=self.depth)
        self.start = piece.end
        return piece.end

    def _brackets(self, start: int, opening: str) -> int:
        closing = "\\)" if opening == "(" else "\\]"
        end = self._find(closing, start + 2)
        if end < 0:
            return start + 2
        if opening == "(":
            return self._inline(start, end + 2, start + 2, end, "\\(")
        return self._display(Piece("math", start, end + 2, start + 2, end, "\\[", True))

    def _dollars(self, start: int, length: int) -> int:
        body = start + length
        at = bisect_left(self.dollars, body)
        if length == 2:
            while at + 1 < len(self.dollars) and self.dollars[at + 1] != self.dollars[at] + 1:
                at += 1
            if at + 1 >= len(self.dollars):
                return len(self.raw) if "$$" in self.missing else self._stray(body, "$$")
            end = self.dollars[at]
            return self._display(Piece("math", start, end + 2, body, end, "$$", True))
        if at == len(self.dollars):
            return body
        end = self.dollars[at]
        if "\n\n" in self.raw[body:end]:
            return body  # TeX would stop here: a paragraph ended inside mathematics
        return self._inline(start, end + 1, body, end, "$")

    def _stray(self, position: int, closing: str) -> int:
        self.missing.add(closing)
        return position

    def _begin(self, match: re.Match[str]) -> int:
        start, end, name = match.start(), match.end(), match["begin"]
        found = self.environments.at(start)
        if found is not None and name in DISPLAY:
            body = (found.body_start, found.body_end) if name in BARE else (found.start, found.end)
            if name == "math":
                return self._inline(start, found.end, *body, name)
            return self._display(Piece("math", start, found.end, *body, name, True))
        if found is not None and name in _TABLES:
            self._flush(start)
            self._table(found.body_start, found.body_end, found.start, found.end)
            self.start = found.end
            return found.end
        if name in _LISTS:
            self._flush(start)
            self.start = end
            self.depth += 1
        else:
            self._skip_mark(start, end)
        return end

    def _section(self, match: re.Match[str]) -> int:
        end = self.groups.end(match.end())
        if end < 0:
            return match.end()
        self._flush(match.start())
        level = _SECTIONS[match["section"]]
        self.builder.heading(level, self.text.cut(match.end() + 1, end - 1))
        self.start = end
        return end

    def _after_definition(self, match: re.Match[str]) -> int:
        """Pass over the groups of a definition, so that mathematics in its body is no formula of the text."""
        position = match.end()
        self._flush(match.start())
        for _ in range(4):
            while position < len(self.raw) and self.raw[position] in " \t*=":
                position += 1
            following = self.raw[position : position + 1]
            if following == "{" or following == "[":
                end = self.groups.end(position)
            elif following in ("\\", "#"):
                word = re.compile(r"\\(?:[A-Za-z@]+|.)|(?:#\d\s*)+").match(self.raw, position)
                end = word.end() if word else -1
            else:
                break
            if end < 0:
                break
            position = end
        self.start = position
        return position

    def _table(self, start: int, end: int, outer_start: int, outer_end: int) -> None:
        r"""Add a table: cells between ``&``, rows between ``\\\\``. Its column specification comes first."""
        while self.raw.startswith(("{", "["), start):
            closing = self.groups.end(start)
            if closing < 0:
                break
            start = closing
        rows: list[list[Mapped]] = [[]]
        cell_start = start
        for match in _ROW.finditer(self.raw, start, end):
            if match["other"]:
                continue
            cell = self.text.cut(cell_start, match.start())
            cell_start = match.end()
            if match["tab"]:
                rows[-1].append(cell)
            elif not match["rule"] and not match["line"]:
                rows[-1].append(cell)
                rows.append([])
        last = self.text.cut(cell_start, end)
        if rows[-1] or last.text.strip():
            rows[-1].append(last)
        rows = [row for row in rows if any(cell.text.strip() for cell in row)]
        if rows:
            header = rows.pop(0) if len(rows) > 1 else []
            self.builder.table(header, rows, "latex", self.text.place(outer_start, outer_end))

    def _include(self, match: re.Match[str]) -> None:
        try:
            path, source = self.files.open(match["file"])
        except Refused as reason:
            self.builder.skip(self.text.place(match.start(), match.end()), str(reason))
            return
        self.files.stack.append(path)
        try:
            inner = _prepared(whole(source), self.builder)
            _Tex(inner, self.builder, self.files, preamble=self.preamble).run()
        finally:
            self.files.stack.pop()
