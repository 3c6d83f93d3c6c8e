r"""Mathematics, code and marks in running text: where each begins and ends.

The delimiters are those of Markdown renderers together: ``$…$``, ``$$…$$`` (also inside a sentence),
``\(…\)``, ``\[…\]``, the doubled ``\\(…\\)`` that kramdown wants, environments such as ``align``, and
GitLab's ``$`…`$``. A dollar sign is only a delimiter if what stands between two of them can be mathematics:
prices are not.

One pass, left to right, linear in the length of the text: every search for a closing delimiter either
consumes what it has passed or is remembered.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Literal

from symnn.notes.find.environments import BARE, DISPLAY, INLINE, INNER, Environments

PLACEHOLDER = "\ufffc"
"""Stands in a text for a piece of mathematics that was taken out of it."""

BORDER = "\ufffe"
"""Stands in a text for something that is neither prose nor mathematics."""

MAX_INLINE = 4_000
"""The longest formula between single dollar signs, in characters."""

_MARK = re.compile(
    r"""
      (?P<kram> \\\\ [(\[] )                                # kramdown: \\( and \\[
    | (?P<tex> \\ [(\[] )
    | (?P<begin> \\begin\s*\{ (?P<name> [A-Za-z]+ \*? ) \} )
    | (?P<escape> \\ [\s\S] )
    | (?P<code> `+ )
    | (?P<dollars> \$\$? )
    | (?P<comment> <!-- )
    | (?P<tag> </?[A-Za-z][A-Za-z0-9-]* (?: \s [^<>]{0,2000} )? /?> )
    | (?P<auto> < [A-Za-z][A-Za-z0-9+.-]{1,31} : [^<>\s]{0,2000} > )
    | (?P<link> \]\( [^()\s]{0,2000} (?: \( [^()\s]{0,200} \) [^()\s]{0,2000} )? (?: \s+"[^"]{0,500}" )? \) )
    | (?P<url> https?:// [^\s<>()"']{1,2000} )
    | (?P<role> :[a-z]+: (?=`) )
    """,
    re.VERBOSE,
)

_TEXLIKE = re.compile(r"\\[A-Za-z]|[\^_{}]")
_MATHLIKE = re.compile(r"\\[A-Za-z]|[\^_={}<>+*/|]|[^\W\d_]['’′]|[\u2200-\u22ff×·²³α-ωΑ-Ω]")
_PRICE = re.compile(r"\d[\d,.]*\s*(?:$|[,.;:)–—-]|[kKMB]\b|%|\w{2,}|\s)")
_PROSE = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_DEBRIS = re.compile(r"\\[\[\]]")
_OPENING = {")": re.compile(r"(?<!\\)\\\("), "]": re.compile(r"(?<!\\)\\\[")}
_LETTERS = re.compile(r"[^\W\d_]+")

PieceKind = Literal["math", "code", "mark", "debris"]


@dataclass(frozen=True, slots=True)
class Piece:
    r"""A stretch of running text that is not prose.

    ``math`` has a body between delimiters. ``code`` is a code span. ``mark`` is a tag, an address or a
    comment: nothing to read. ``debris`` is a ``$…$`` around ``\[`` or ``\]``, which LaTeX does not allow: a
    converter has escaped brackets of a plain formula, and what is left is to be read as plain text.
    """

    kind: PieceKind
    start: int
    end: int
    body_start: int
    body_end: int
    delimiter: str = ""
    display: bool = False


def moved(piece: Piece, by: int) -> Piece:
    """Return a piece as it stands in a text that begins ``by`` characters earlier."""
    return replace(
        piece,
        start=piece.start + by,
        end=piece.end + by,
        body_start=piece.body_start + by,
        body_end=piece.body_end + by,
    )


def scan(text: str) -> list[Piece]:
    r"""Return the pieces of a running text in order.

    >>> [(piece.kind, text[piece.body_start:piece.body_end])
    ...     for text in [r"$x$ for $5 or \\(y\\), `$z$`"] for piece in scan(text)]
    [('math', 'x'), ('math', 'y'), ('code', '$z$')]
    """
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.environments = Environments(text)
        self.dollars = _unescaped_dollars(text)
        self.ticks: dict[int, list[int]] = {}
        for match in re.finditer(r"`+", text):
            self.ticks.setdefault(len(match[0]), []).append(match.start())
        self.missing: set[str] = set()  # closing delimiters that do not occur any more
        self.found: dict[str, int] = {}  # where a closing delimiter was found last
        self.pieces: list[Piece] = []

    def run(self) -> list[Piece]:
        position = 0
        while match := _MARK.search(self.text, position):
            position = self._at(match)
        return self.pieces

    def _at(self, match: re.Match[str]) -> int:
        """Deal with one mark; return where to go on."""
        start, kind = match.start(), match.lastgroup
        if match["dollars"]:
            return self._dollars(start, len(match[0]))
        if match["code"]:
            return self._code(start, len(match[0]))
        if match["kram"] or match["tex"]:
            return self._brackets(start, match[0])
        if match["begin"]:
            return self._environment(start, match.end(), match["name"])
        if match["comment"]:
            end = self._find("-->", match.end())
            return match.end() if end < 0 else self._piece("mark", start, end + 3)
        if match["role"] or kind == "escape":
            return match.end()
        return self._piece("mark", start, match.end())

    def _piece(
        self, kind: PieceKind, start: int, end: int, body: tuple[int, int] | None = None, delimiter: str = ""
    ) -> int:
        body_start, body_end = body or (start, end)
        display = delimiter in ("$$", "\\[") or delimiter in DISPLAY - INLINE or delimiter in INNER
        self.pieces.append(Piece(kind, start, end, body_start, body_end, delimiter, display))
        return end

    def _find(self, closing: str, start: int) -> int:
        """Return where ``closing`` comes next, or -1. No part of the text is searched twice."""
        if closing in self.missing:
            return -1
        found = self.found.get(closing, -1)
        if found < start:
            found = self.text.find(closing, start)
            self.found[closing] = found
        if found < 0:
            self.missing.add(closing)
        return found

    def _code(self, start: int, length: int) -> int:
        body = start + length
        closing = self.ticks.get(length, [])
        at = bisect_left(closing, body)
        if at == len(closing):
            return body
        end = closing[at]
        role = re.search(r":[a-z]{1,20}:$", self.text[max(0, start - 24) : start])
        if role and length == 1 and role[0] == ":math:":
            self._piece("math", start - len(role[0]), end + 1, (body, end), ":math:")
        elif role and length == 1:
            self._piece("mark", start - len(role[0]), end + 1)
        else:
            self._piece("code", start, end + length, (body, end), "`")
        return end + length

    def _brackets(self, start: int, opening: str) -> int:
        closing = opening[:-1] + (")" if opening.endswith("(") else "]")
        body = start + len(opening)
        end = self._find(closing, body)
        nested = _OPENING[closing[-1]].search(self.text, body, max(body, end))
        if end < 0 or nested or not self.text[body:end].strip():
            return body
        inside = self.text[body:end]
        if "\n\n" in inside and opening.endswith("("):
            return body
        if opening == "\\[" and not _is_escaped_math(inside):
            return body  # a bracket that Markdown wants escaped: \[1\], \[x\]
        if opening == "\\(" and _PROSE.search(inside) and not _MATHLIKE.search(inside):
            return body
        return self._piece("math", start, end + len(closing), (body, end), "\\" + opening[-1])

    def _environment(self, start: int, end: int, name: str) -> int:
        found = self.environments.at(start)
        if found is None or (name not in DISPLAY and name not in INNER):
            return end
        body = (found.body_start, found.body_end) if name in BARE else (found.start, found.end)
        return self._piece("math", start, found.end, body, name)

    def _dollars(self, start: int, length: int) -> int:
        if length >= 2:
            return self._double(start)
        text = self.text
        if text.startswith("`", start + 1):
            end = self._find("`$", start + 2)
            if end > 0 and "\n\n" not in text[start:end]:
                return self._piece("math", start, end + 2, (start + 2, end), "$")
        at = bisect_left(self.dollars, start + 1)
        if at == len(self.dollars):
            return start + 1
        end = self.dollars[at]
        if end - start > MAX_INLINE or not text[start + 1 : end].strip():
            return start + 1
        if text.startswith("$$", end) and not self._adjacent_inline(at):
            return start + 1
        following = text[end + 1 : end + 2]
        body = text[start + 1 : end]
        if _DEBRIS.search(body):
            return self._piece("debris", start, end + 1, (start + 1, end), "$")
        if not _is_math(body, following):
            return start + 1
        return self._piece("math", start, end + 1, (start + 1, end), "$")

    def _adjacent_inline(self, at: int) -> bool:
        """Whether the two dollars at ``dollars[at]`` close one formula and open the next: ``$a$$b$``."""
        rest = self.dollars[at + 2 : at + 4]
        return bool(rest) and not (len(rest) == 2 and rest[1] == rest[0] + 1)

    def _double(self, start: int) -> int:
        """``$$``: closed by the next two dollars."""
        body = start + 2
        if "$$" in self.missing:
            return body
        at = bisect_left(self.dollars, body)
        while at + 1 < len(self.dollars) and self.dollars[at + 1] != self.dollars[at] + 1:
            at += 1
        if at + 1 >= len(self.dollars):
            self.missing.add("$$")
            return body
        end = self.dollars[at]
        if not self.text[body:end].strip():
            return end  # four dollars with nothing between: the last two may open
        if _DEBRIS.fullmatch(self.text[body:end].strip()):
            return self._piece("debris", start, end + 2, (body, end), "$$")
        return self._piece("math", start, end + 2, (body, end), "$$")


def _unescaped_dollars(text: str) -> list[int]:
    if "$" not in text:
        return []
    return [match.start() for match in re.finditer(r"\\[\s\S]|\$", text) if match[0] == "$"]


def _is_escaped_math(body: str) -> bool:
    r"""Whether what stands between ``\[`` and ``\]`` is a display rather than a bracket that was escaped."""
    if "\n" in body.strip(" \t") and not _PROSE.search(body):
        return True
    return bool(_TEXLIKE.search(body) or ("=" in body and not _PROSE.search(body)))


def _is_math(body: str, following: str) -> bool:
    """Whether what stands between two single dollars can be mathematics; ``following`` comes after it."""
    if _TEXLIKE.search(body):
        return True
    before, after = body[0].isspace(), body[-1].isspace()
    if before != after or following.isdigit():
        return False  # "$5 or $10", "$ 5 and"
    inside = body.strip()
    if _PRICE.match(inside) and not _MATHLIKE.search(inside):
        return inside.replace(".", "", 1).isdigit() and not before
    if before:
        return bool(_MATHLIKE.search(inside)) or len(_LETTERS.sub("x", inside)) <= 3
    return bool(_MATHLIKE.search(inside)) or not _PROSE.search(inside)
