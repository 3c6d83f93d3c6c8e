"""The straight-line programs in the fences of a document: what is assigned to which name, in order."""

from __future__ import annotations

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from symnn.notes.find.document import Document, Fence

LANGUAGES = ("python", "py", "python3", "ipython", "ipython3", "numpy", "")
MOST_LINES = 400
MOST_CHARACTERS = 40_000


@dataclass(frozen=True)
class Line:
    """A line of a program: its number in the document, the column at which its text begins, and the path of the file.

    `written` is the whole line of the document.
    """

    number: int
    column: int
    text: str
    path: str
    written: str

    @property
    def begin(self) -> int:
        """The column of the first character that is no space."""
        return self.column + len(self.text) - len(self.text.lstrip())

    @property
    def end(self) -> int:
        """The column after the last character."""
        return self.column + len(self.text.rstrip())


@dataclass(frozen=True)
class Assignment:
    """``name = value``, or ``name += value``; `value` is the parsed expression, `comment` what is said behind it."""

    name: str
    value: ast.expr
    adds: bool
    first: Line
    last: Line
    comment: str


@dataclass(frozen=True)
class Program:
    """The assignments of the fences of one section, or of the body of one function."""

    assignments: tuple[Assignment, ...]
    section: tuple[str, ...]


def programs(document: Document) -> Iterator[Program]:
    """The programs of a document. What cannot be parsed as Python is left out."""
    joined: dict[tuple[str, ...], list[Assignment]] = {}
    for block in document.blocks:
        if not isinstance(block, Fence) or block.language not in LANGUAGES or not block.is_code:
            continue
        if len(block.lines) > MOST_LINES or len(block.text) > MOST_CHARACTERS:
            continue
        lines = [
            Line(
                place.line, place.column, line.text, place.path,
                document.sources[place.path].line_text(place.line) if place.path in document.sources else line.text,
            )
            for line in block.lines
            for place in (line.place,)
        ]  # fmt: skip
        text = textwrap.dedent("\n".join(line.text for line in lines))
        try:
            module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        comments = _comments(text)
        joined.setdefault(block.section, []).extend(_assignments(module.body, lines, comments))
        for function in ast.walk(module):
            if isinstance(function, ast.FunctionDef):
                yield Program(tuple(_assignments(function.body, lines, comments)), block.section)
    for section, found in joined.items():
        yield Program(tuple(found), section)


def _comments(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("# ").strip()
    except (tokenize.TokenError, SyntaxError):
        return found
    return found


def _assignments(body: list[ast.stmt], lines: list[Line], comments: dict[int, str]) -> Iterator[Assignment]:
    for statement in body:
        made: tuple[ast.expr, ast.expr, bool] | None = None
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            made = statement.targets[0], statement.value, False
        elif isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
            made = statement.target, statement.value, True
        elif isinstance(statement, ast.With | ast.If | ast.For | ast.While | ast.Try):
            return  # what is assigned from here on depends on how the program runs
        if made is None:
            continue
        target, value, adds = made
        end = statement.end_lineno or statement.lineno
        if not isinstance(target, ast.Name) or end > len(lines):
            continue
        yield Assignment(target.id, value, adds, lines[statement.lineno - 1], lines[end - 1], comments.get(end, ""))
