r"""The commands that a document defines for itself.

``\newcommand``, ``\renewcommand``, ``\providecommand``, ``\DeclareMathOperator``, ``\def`` and ``\let`` are
gathered, never carried out: whoever parses a formula decides what to expand. A ``\def`` with a delimited
parameter text (``\def\x#1.{…}``) is left out, because a table of commands cannot say what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from symnn.notes.find.document import Macro
from symnn.notes.find.groups import Groups
from symnn.notes.find.source import Joiner, Mapped

_START = re.compile(
    r"""\\(?:
        (?P<new> newcommand | renewcommand | providecommand | DeclareRobustCommand ) \*? \s*
      | (?P<operator> DeclareMathOperator ) \*? \s*
      | (?P<def> def | gdef | edef ) \s* (?=\\)
      | (?P<let> let | glet ) \s* (?=\\)
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"\s*(?:\{\s*\\([A-Za-z@]+|[^A-Za-z\s])\s*\}|\\([A-Za-z@]+|[^A-Za-z\s]))\s*")
_COUNT = re.compile(r"\[\s*([0-9])\s*\]\s*")
_PARAMETERS = re.compile(r"((?:\s*#[1-9])*)\s*(?=\{)")
_TARGET = re.compile(r"\s*=?\s*(\\(?:[A-Za-z@]+|[^A-Za-z\s])|[^\\\s])")


@dataclass(frozen=True, slots=True)
class Definition:
    """A macro and the range of the text that defines it."""

    macro: Macro
    start: int
    end: int


def definitions(text: Mapped) -> list[Definition]:
    r"""Return every definition of a command in ``text``, in order.

    >>> from symnn.notes.find.source import Source, whole
    >>> note = whole(Source("", r"$\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}$"))
    >>> [(d.macro.name, d.macro.n_args, d.macro.body) for d in definitions(note)]
    [('pd', 2, '\\frac{\\partial #1}{\\partial #2}')]
    """
    out: list[Definition] = []
    position = 0
    if not _START.search(text.text):
        return out
    groups = Groups(text.text)
    while match := _START.search(text.text, position):
        found = _definition(text, match, groups)
        if found is None:
            position = match.end()
        else:
            out.append(found)
            position = found.end
    return out


def without(text: Mapped, found: list[Definition]) -> Mapped:
    """Return ``text`` without its definitions."""
    joiner = Joiner(text.source, text.cell)
    done = 0
    for definition in found:
        joiner.add(text, done, definition.start)
        done = definition.end
    joiner.add(text, done)
    return joiner.build(text.offset(0))


def _definition(text: Mapped, match: re.Match[str], groups: Groups) -> Definition | None:
    source = text.text
    name_match = _NAME.match(source, match.end())
    if name_match is None:
        return None
    name = name_match[1] or name_match[2]
    position = name_match.end()
    n_args, default = 0, None
    if match["let"]:
        target = _TARGET.match(source, position)
        if target is None:
            return None
        return _made(text, match.start(), target.end(), name, 0, None, target[1], operator=False)
    if match["def"]:
        parameters = _PARAMETERS.match(source, position)
        if parameters is None:
            return None
        n_args = parameters[1].count("#")
        position = parameters.end()
    elif match["new"]:
        count = _COUNT.match(source, position)
        n_args = int(count[1]) if count else 0
        position = count.end() if count else position
        if count and source.startswith("[", position):
            end = groups.end(position)
            if end < 0:
                return None
            default = source[position + 1 : end - 1]
            position = end
    while source[position : position + 1].isspace():
        position += 1
    if not source.startswith("{", position):
        short = _TARGET.match(source, position) if match["new"] else None  # \newcommand\R\mathbb
        if short is None or not short[1].startswith("\\"):
            return None
        return _made(text, match.start(), short.end(), name, n_args, default, short[1], operator=False)
    end = groups.end(position)
    if end < 0:
        return None
    body = source[position + 1 : end - 1]
    return _made(text, match.start(), end, name, n_args, default, body, operator=bool(match["operator"]))


def _made(
    text: Mapped,
    start: int,
    end: int,
    name: str,
    n_args: int,
    default: str | None,
    body: str,
    *,
    operator: bool,
) -> Definition:
    return Definition(Macro(name, n_args, default, body, operator, text.place(start, end)), start, end)
