r"""Running text as a reader sees it: without marks, with what the marks stood for.

Plain formulas are looked for in this view. Bold and italic marks, tags and addresses are gone; escapes and
entities are decoded; brackets that a converter turned into ``$\\[$`` are brackets again; mathematics and code
are each one placeholder. The map back to the file stays exact.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass

from symnn.notes.find.inline import BORDER, PLACEHOLDER, Piece
from symnn.notes.find.source import Joiner, Mapped

_MARK = re.compile(
    r"""
      (?P<escape> \\ (?: \n | [!-/:-@\[-`{-~\\] ) )
    | (?P<entity> & (?: \#[0-9]{1,7} | \#[xX][0-9A-Fa-f]{1,6} | [A-Za-z][A-Za-z0-9]{1,31} ) ; )
    | (?P<stars> \*+ )
    | (?P<bars> _{2,} )
    | (?P<strike> ~~ )
    """,
    re.VERBOSE,
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")


@dataclass(frozen=True, slots=True)
class View:
    """The text as seen, and the ranges of it that are bold."""

    mapped: Mapped
    bold: tuple[tuple[int, int], ...]

    def is_bold(self, start: int, end: int) -> bool:
        """Whether all of ``start`` to ``end`` is bold."""
        at = bisect_right(self.bold, (start, len(self.mapped.text) + 1)) - 1
        return at >= 0 and self.bold[at][0] <= start and end <= self.bold[at][1]


def view(text: Mapped, pieces: list[Piece]) -> View:
    """Return the view of a running text whose pieces are known."""
    return _Viewer(text).run(pieces)


class _Viewer:
    def __init__(self, text: Mapped) -> None:
        self.text = text
        self.joiner = Joiner(text.source, text.cell)
        self.bold: list[tuple[int, int]] = []
        self.bold_since: int | None = None
        self.raised: list[str] = []  # closing marks for the <sup> and <sub> that are open

    def run(self, pieces: list[Piece]) -> View:
        done = 0
        for piece in pieces:
            self._prose(done, piece.start)
            self._piece(piece)
            done = piece.end
        self._prose(done, len(self.text))
        return View(self.joiner.build(self.text.offset(0)), tuple(self.bold))

    def _piece(self, piece: Piece) -> None:
        text, start, end = self.text, piece.start, piece.end
        raw = text.text[start:end]
        if piece.kind in ("math", "code"):
            self._put(PLACEHOLDER, start, end)
        elif piece.kind == "debris":
            self._prose(piece.body_start, piece.body_end)
        elif tag := _TAG.match(raw):
            self._tag(tag[2].lower(), bool(tag[1]), start, end)
        elif not raw.startswith("<!--"):
            self._put(BORDER, start, end)  # an address: nothing on either side of it belongs together

    def _tag(self, name: str, closing: bool, start: int, end: int) -> None:
        if name == "br":
            self._put("\n", start, end)
        elif name in ("b", "strong"):
            self._toggle_bold(not closing)
        elif name in ("sup", "sub"):
            if closing:
                if self.raised:
                    self._put(self.raised.pop(), start, end)
                return
            body = self.text.text[end : self.text.text.find("<", end)]
            simple = body.isalnum()
            self._put(("^" if name == "sup" else "_") + ("" if simple else "("), start, end)
            self.raised.append("" if simple else ")")

    def _put(self, text: str, start: int, end: int) -> None:
        self.joiner.put(text, self.text.offset(start), self.text.end_offset(end))

    def _toggle_bold(self, opens: bool) -> None:
        if opens and self.bold_since is None:
            self.bold_since = len(self.joiner)
        elif not opens and self.bold_since is not None:
            if len(self.joiner) > self.bold_since:
                self.bold.append((self.bold_since, len(self.joiner)))
            self.bold_since = None

    def _prose(self, start: int, end: int) -> None:
        source = self.text.text
        position = start
        while position < end and (match := _MARK.search(source, position, end)):
            self._plain(position, match.start())
            position = match.end()
            if match["escape"]:
                self._put("\n" if match[0] in ("\\\n", "\\\\") else match[0][1], match.start(), match.end())
            elif match["entity"]:
                decoded = html.unescape(match[0])
                self._put(decoded, match.start(), match.end())
            elif match["stars"]:
                self._stars(match)
            elif match["bars"] and not self._is_mark(match):
                self._plain(match.start(), match.end())
        self._plain(position, end)

    def _plain(self, start: int, end: int) -> None:
        """Append prose as it is, without the characters that nobody sees."""
        source = self.text.text
        done = start
        if not _INVISIBLE.isdisjoint(source[start:end]):
            for position in range(start, end):
                if source[position] in _INVISIBLE:
                    self.joiner.add(self.text, done, position)
                    done = position + 1
        self.joiner.add(self.text, done, end)

    def _is_mark(self, match: re.Match[str]) -> bool:
        """Whether a run of ``_`` opens or closes emphasis: it is not inside a word."""
        source = self.text.text
        before, after = source[match.start() - 1 : match.start()], source[match.end() : match.end() + 1]
        return not (_is_word(before) and _is_word(after))

    def _stars(self, match: re.Match[str]) -> None:
        """Stars mark emphasis, multiply, or raise to a power; the characters beside them tell which."""
        source, start, end = self.text.text, match.start(), match.end()
        before, after = source[start - 1 : start], source[end : end + 1]
        count = end - start
        glued_left = bool(before) and (_is_word(before) or before in ")]}'’′²³")
        glued_right = bool(after) and (_is_word(after) or after in "([{-−√∂")
        if count == 1:
            if (glued_left and glued_right) or not (before.strip() or after.strip()) or _spaced(before, after):
                self._plain(start, end)
            return
        if count in (2, 3) and self.bold_since is not None and before.strip():
            self._toggle_bold(False)
            return
        if count == 2 and glued_left and glued_right:
            self._plain(start, end)  # a power, as in x**2
            return
        if count in (2, 3) and after.strip():
            self._toggle_bold(True)


def _is_word(char: str) -> bool:
    return bool(char) and char.isascii() and (char.isalnum() or char == "_")


def _spaced(before: str, after: str) -> bool:
    return before.isspace() and after.isspace()
