"""Formulas in plain text: ``∂Error/∂w5 = 26 × 1 = 26`` in the middle of a sentence.

The text is cut into tokens. Prose is then told from mathematics: a word that stands beside an operand with
only a space between them is prose, a word beside an operator or before a bracket is a name. What lies
between prose is a run; a run with a relation is a formula, and in tables so is one without.

The first duty is never to cut a formula short in a way that gives it another value. A run that touches a cut
formula (an operator without operand, a bracket that is not closed, mathematics in other delimiters) is given
up, or, if it is a chain, the links that are whole are kept.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from symnn.notes.find.glyphs import Glyph, Token, tokens
from symnn.notes.find.prose import BULLET, CUTS, OPERAND_END, PAIRS, settle, without_bullets
from symnn.notes.find.words import CONTINUES, FUNCTIONS, is_word

MAX_FORMULA = 2_000
"""The longest plain formula, in characters."""

_OPERAND_START = frozenset({Glyph.NUMBER, Glyph.NAME, Glyph.OPERAND, Glyph.OPEN, Glyph.PREFIX})
_SIGNS = frozenset("-−+±~∓")
_DASHES = frozenset("–—")
_ARROWS = frozenset({"←", "<-"})
_RELATION = re.compile(r"[=≈≃≅≠≤≥⩽⩾≦≧≡≔≜∝<>←∈＝]")


@dataclass(frozen=True, slots=True)
class Formula:
    """A plain formula: the range of the text, the label before it, whether it begins the line."""

    start: int
    end: int
    label: str = ""
    line_starts: bool = False


def formulas(text: str, *, loose: bool = False, by_line: bool = False) -> list[Formula]:
    """Return the plain formulas of a text in order.

    ``loose`` takes expressions without a relation as well, as tables need it. ``by_line`` reads every line
    for itself, drops its bullet, and lets it begin with a relation: so are fences written.

    >>> text = "Therefore: ∂Error/∂w5 = 26 × 1 = 26, and x is small"
    >>> [(text[f.start:f.end], f.label) for f in formulas(text)]
    [('∂Error/∂w5 = 26 × 1 = 26', 'Therefore')]
    """
    if not loose and not _RELATION.search(text):
        return []
    return _Reader(text, loose=loose, by_line=by_line).run()


class _Reader:
    def __init__(self, text: str, *, loose: bool, by_line: bool) -> None:
        self.text = text
        self.loose = loose
        self.by_line = by_line
        self.tokens = without_bullets(text, tokens(text)) if by_line else tokens(text)
        self.line_tokens = [t.start for t in self.tokens if t.glyph is Glyph.LINE]

    def run(self) -> list[Formula]:
        settle(self.text, self.tokens, over_lines=not self.by_line)
        out: list[Formula] = []
        start = 0
        depth = 0
        for index, token in enumerate([*self.tokens, Token(Glyph.STOP, "", len(self.text), len(self.text), False)]):
            if token.glyph is Glyph.OPEN:
                depth += 1
            elif token.glyph is Glyph.CLOSE:
                depth -= 1
            ends = token.glyph in CUTS or (token.glyph is Glyph.COMMA and depth == 0)
            if not ends and index > start and self._breaks(index):
                self._take(start, index, out)
                start = index
            if ends:
                self._take(start, index, out)
                start = index + 1
        return out

    def _breaks(self, index: int) -> bool:
        """Whether two operands side by side cannot belong to one formula: the second begins a new one."""
        left, right = self.tokens[index - 1], self.tokens[index]
        if right.glyph is Glyph.NUMBER and right.spaced and left.text not in FUNCTIONS:
            return left.glyph in OPERAND_END  # numbers stand before names, not after them
        return (
            right.glyph is Glyph.NAME
            and right.spaced
            and is_word(right.text)
            and left.glyph in OPERAND_END
            and not (index + 1 < len(self.tokens) and self.tokens[index + 1].glyph is Glyph.OPEN)
        )

    def _take(self, first: int, last: int, out: list[Formula]) -> None:
        """Add the formula of the tokens ``first`` to ``last`` if they hold one."""
        run = self.tokens[first:last]
        if not run or run[-1].end - run[0].start > MAX_FORMULA:
            return
        links = _whole_links(run, self._broken_left(first, run), self._broken_right(last, run), self.by_line)
        if links is None:
            return
        run = links
        relations = sum(token.glyph is Glyph.RELATION for token in run)
        if not relations and not (self.loose and _is_expression(run)):
            return
        if not any(t.glyph in (Glyph.NUMBER, Glyph.NAME, Glyph.OPERAND) for t in run):
            return
        if _is_path(self.tokens[first:last]):
            return
        start, end = run[0].start, run[-1].end
        out.append(Formula(start, end, self._label(start), self._line_starts(start)))

    def _broken_left(self, first: int, run: Sequence[Token]) -> bool:
        """Whether a formula that begins at token ``first`` has lost what stood before it."""
        if run[0].glyph in (Glyph.RAISED, Glyph.POSTFIX):
            return True
        if run[0].glyph is Glyph.OPERATOR and run[0].text not in _SIGNS | _DASHES:
            return True
        if first == 0:
            return run[0].glyph is Glyph.OPERATOR and run[0].text == "+"
        before = self.tokens[first - 1]
        if run[0].glyph is Glyph.OPERATOR and run[0].text not in _DASHES:
            spaced_out = run[0].spaced and len(run) > 1 and run[1].spaced
            return before.glyph is not Glyph.LINE and (spaced_out or not run[0].spaced)
        if before.glyph is Glyph.TAKEN:
            return True
        if before.text in CONTINUES:
            return True
        return before.glyph is Glyph.STOP and before.text in (")", "]", "}") and not run[0].spaced

    def _broken_right(self, last: int, run: Sequence[Token]) -> bool:
        """Whether a formula that ends before token ``last`` has lost what came after it."""
        final = run[-1]
        if last >= len(self.tokens):
            return final.glyph in (Glyph.OPERATOR, Glyph.PREFIX) and final.text not in _DASHES
        after = self.tokens[last]
        if final.glyph in (Glyph.OPERATOR, Glyph.PREFIX):
            return not (final.text in _DASHES and final.spaced)
        if after.glyph in (Glyph.TAKEN, Glyph.NUMBER) or after.text in CONTINUES:
            return True
        if after.glyph is Glyph.FOREIGN and any(after.text.startswith(word) for word in ("배", "제곱", "퍼센트")):
            return True
        if after.text in ("\\", "&", "?") and not after.spaced:
            return after.text != "?" and not self.text.startswith("\\\\", after.start)
        opens = after.glyph is Glyph.STOP and after.text in PAIRS
        return opens and not after.spaced and final.glyph is not Glyph.NUMBER

    def _label(self, start: int) -> str:
        """Return what stands before ``start`` up to a colon, on the same line."""
        line = bisect_right(self.line_tokens, start) - 1
        begin = self.line_tokens[line] + 1 if line >= 0 else 0
        before = self.text[max(begin, start - 120) : start].rstrip(" \t\"'*(")
        if not before.endswith((":", "：")):
            return ""
        return re.split(r"[.;,!?:]\s", before[:-1])[-1].strip(" \t-*•:#>")

    def _line_starts(self, start: int) -> bool:
        line = bisect_right(self.line_tokens, start) - 1
        begin = self.line_tokens[line] + 1 if line >= 0 else 0
        before = self.text[max(begin, start - 80) : start]
        return not before.strip() or bool(BULLET.fullmatch(before))


def _whole_links(run: list[Token], broken_left: bool, broken_right: bool, leading: bool) -> list[Token] | None:
    """Return the links of a chain that are whole: without broken ends, dangling signs and empty sides."""
    relations: list[int] = []
    depth = 0
    for index, token in enumerate(run):
        depth += (token.glyph is Glyph.OPEN) - (token.glyph is Glyph.CLOSE)
        if token.glyph is Glyph.RELATION and depth == 0:
            relations.append(index)
    first, last = 0, len(run)
    if broken_right:
        if not relations:
            return None
        last = relations[-1]
    if broken_left:
        if not relations or relations[0] >= last:
            return None
        first = relations[0] + 1
    while last > first and run[last - 1].glyph in (Glyph.COMMA, Glyph.RELATION, Glyph.OPERATOR, Glyph.PREFIX):
        last -= 1
    while first < last:
        token = run[first]
        dash = token.glyph is Glyph.OPERATOR and token.text in _DASHES
        if token.glyph is Glyph.COMMA or dash or (token.glyph is Glyph.RELATION and not leading):
            first += 1
        elif token.glyph is Glyph.OPERATOR and token.text in "-−" and first == 0 and _is_spaced_sign(run):
            first += 1  # a hyphen used as a dash
        else:
            break
    return run[first:last] or None


def _is_spaced_sign(run: Sequence[Token]) -> bool:
    return len(run) > 1 and run[1].spaced


def _is_path(run: Sequence[Token]) -> bool:
    """Whether arrows tell what depends on what (``L ← y ← w``), and not what is assigned."""
    arrows = [i for i, token in enumerate(run) if token.glyph is Glyph.RELATION and token.text in _ARROWS]
    return len(arrows) > 1 or arrows[:1] == [0] or arrows[-1:] == [len(run) - 1]


def _is_expression(run: Sequence[Token]) -> bool:
    """Whether tokens without a relation are an expression rather than a word or a bullet."""
    if len(run) == 1:
        token = run[0]
        if token.glyph is Glyph.NAME:
            return not is_word(token.text) and not token.text[0].isspace()
        return token.glyph is Glyph.NUMBER
    mathematical = (Glyph.NUMBER, Glyph.OPERATOR, Glyph.RAISED, Glyph.OPEN, Glyph.PREFIX)
    return any(token.glyph in mathematical for token in run)
