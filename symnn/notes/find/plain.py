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
from symnn.notes.find.words import CONTINUES, FUNCTIONS, PROSE, is_word

MAX_FORMULA = 2_000
"""The longest plain formula, in characters."""

_OPERAND_END = frozenset({Glyph.NUMBER, Glyph.NAME, Glyph.RAISED, Glyph.POSTFIX, Glyph.OPERAND, Glyph.CLOSE})
_OPERAND_START = frozenset({Glyph.NUMBER, Glyph.NAME, Glyph.OPERAND, Glyph.OPEN, Glyph.PREFIX})
_CUTS = frozenset({Glyph.STOP, Glyph.FOREIGN, Glyph.TAKEN, Glyph.COLON, Glyph.LINE})
_SIGNS = frozenset("-−+±~∓")
_DASHES = frozenset("–—")
_EQUALITIES = frozenset({"=", "≈", "≃", "≅", ":=", "≔", "≜", "←", "<-", "≡", "＝", "∝"})
_PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "（": "）"}
_ARROWS = frozenset({"←", "<-"})
_RELATION = re.compile(r"[=≈≃≅≠≤≥⩽⩾≦≧≡≔≜∝<>←∈＝]")
_BULLET = re.compile(r"[^\S\n]*(?:[-*•+]|\(?\d{1,3}[.)])[^\S\n]+")


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
        self.tokens = _without_bullets(text, tokens(text)) if by_line else tokens(text)
        self.line_tokens = [t.start for t in self.tokens if t.glyph is Glyph.LINE]

    def run(self) -> list[Formula]:
        if not self.by_line:
            _join_lines(self.tokens)
        _name_foreign_words(self.tokens)
        prose = _prose(self.tokens)
        for index in prose:
            self.tokens[index].glyph = Glyph.STOP
        _mark_brackets(self.tokens)
        _join_numbers(self.text, self.tokens)
        out: list[Formula] = []
        start = 0
        depth = 0
        for index, token in enumerate([*self.tokens, Token(Glyph.STOP, "", len(self.text), len(self.text), False)]):
            if token.glyph is Glyph.OPEN:
                depth += 1
            elif token.glyph is Glyph.CLOSE:
                depth -= 1
            ends = token.glyph in _CUTS or (token.glyph is Glyph.COMMA and depth == 0)
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
            return left.glyph in _OPERAND_END  # numbers stand before names, not after them
        return (
            right.glyph is Glyph.NAME
            and right.spaced
            and is_word(right.text)
            and left.glyph in _OPERAND_END
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
        opens = after.glyph is Glyph.STOP and after.text in _PAIRS
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
        return not before.strip() or bool(_BULLET.fullmatch(before))


def _without_bullets(text: str, found: list[Token]) -> list[Token]:
    """Drop the bullet or number that begins a line, if the rest of the line has a relation."""
    out: list[Token] = []
    line: list[Token] = []
    begin = 0
    for token in [*found, Token(Glyph.LINE, "", len(text), len(text), False)]:
        if token.glyph is not Glyph.LINE:
            line.append(token)
            continue
        bullet = _BULLET.match(text, begin)
        if bullet and any(t.glyph is Glyph.RELATION for t in line):
            line = [t for t in line if t.start >= bullet.end()]
        out += line
        if token.text:
            out.append(token)
        begin, line = token.end, []
    return out


def _join_lines(found: list[Token]) -> None:
    """Let a formula go on over the end of a line where an operator stands at the end or at the beginning."""
    kept: list[Token] = []
    joiners = (Glyph.RELATION, Glyph.OPERATOR)
    for index, token in enumerate(found):
        if token.glyph is Glyph.LINE and 0 < index < len(found) - 1:
            before, after = found[index - 1], found[index + 1]
            filled = after.glyph is not Glyph.LINE and before.glyph is not Glyph.LINE
            if filled and (before.glyph in joiners or after.glyph in joiners):
                after.spaced = True
                continue
        kept.append(token)
    found[:] = kept


def _name_foreign_words(found: list[Token]) -> None:
    """A word of another script just before an equality is what the equality names: ``오차 = 169``."""
    for index, token in enumerate(found[:-1]):
        following = found[index + 1]
        if token.glyph is not Glyph.FOREIGN or following.text not in ("=", "≈", ":="):
            continue
        before = found[index - 1] if index else None
        if before is None or token.spaced or before.glyph in (Glyph.OPEN, Glyph.COMMA, Glyph.COLON, Glyph.LINE):
            token.glyph = Glyph.NAME
            if before is not None and before.glyph in (Glyph.NUMBER, Glyph.NAME, Glyph.CLOSE, Glyph.RAISED):
                before_word = before.glyph is Glyph.NAME and is_word(before.text)
                token.glyph = Glyph.NAME if before_word else Glyph.FOREIGN


def _prose(found: Sequence[Token]) -> list[int]:
    """Return the indices of the names that are words of prose."""
    out: set[int] = set()
    for index, token in enumerate(found):
        if token.glyph is not Glyph.NAME:
            continue
        if token.text in PROSE or (token.text.lower() in PROSE and is_word(token.text)):
            if len(token.text) > 1 or _is_article(found, index):
                out.add(index)
            continue
        if token.text in ("A", "I") and _is_article(found, index):
            out.add(index)
            continue
        if _in_compound(found, index):
            out.add(index)
            continue
        if not is_word(token.text):
            continue
        after = found[index + 1] if index + 1 < len(found) else None
        before = found[index - 1] if index else None
        called = after is not None and after.glyph is Glyph.OPEN and not after.spaced
        if (
            after is not None and after.spaced and after.glyph in (Glyph.NAME, Glyph.NUMBER, Glyph.OPEN, Glyph.FOREIGN)
        ) or (after is not None and after.spaced and after.glyph in (Glyph.TAKEN, Glyph.PREFIX)):
            out.add(index)
        elif before is not None and token.spaced and before.glyph is Glyph.OPERATOR and not before.spaced:
            if index > 1 and found[index - 2].glyph in _OPERAND_END:
                out.add(index)  # "100+ layers": the sign belongs to the number
        elif before is not None and token.spaced and before.glyph in _OPERAND_END and not called:
            named = after is not None and after.glyph is Glyph.RELATION
            if not (named and before.glyph is Glyph.NAME and (is_word(before.text) or before.text in PROSE)):
                out.add(index)
        elif _alone_in_brackets(found, index):
            out.add(index)
    return sorted(out)


def _is_article(found: Sequence[Token], index: int) -> bool:
    """Whether a single letter is the word "a", "A" or "I": a word of prose follows it."""
    after = found[index + 1] if index + 1 < len(found) else None
    return after is not None and after.spaced and after.glyph is Glyph.NAME and is_word(after.text)


def _in_compound(found: Sequence[Token], index: int) -> bool:
    """Whether a name is part of a hyphenated word, such as ``x-direction`` or ``two-layer``."""
    for hyphen, other in ((index + 1, index + 2), (index - 1, index - 2)):
        if not (0 <= other < len(found) and hyphen >= 0):
            continue
        if found[hyphen].text != "-" or found[max(hyphen, other, index)].spaced or found[hyphen].spaced:
            continue
        last = max(index, other)
        word = found[last].text
        called = last + 1 < len(found) and found[last + 1].glyph is Glyph.OPEN and not found[last + 1].spaced
        if found[other].glyph is Glyph.NAME and len(word) > 2 and is_word(word) and word.islower() and not called:
            return True
    return False


def _alone_in_brackets(found: Sequence[Token], index: int) -> bool:
    """Whether a word stands alone in brackets that do not belong to a call: ``x = 3 (roughly)``."""
    if not 0 < index < len(found) - 1:
        return False
    before, after = found[index - 1], found[index + 1]
    return before.glyph is Glyph.OPEN and after.glyph is Glyph.CLOSE and before.spaced


def _mark_brackets(found: list[Token]) -> None:
    """Turn into cuts the brackets that do not belong to a formula.

    These are brackets without a partner, brackets with prose between them, and brackets around an equation
    that are not the brackets of a call: ``(x1 = 3, x2 = 2)``.
    """
    stack: list[int] = []
    relations: list[bool] = []
    cuts: set[int] = set()
    for index, token in enumerate(found):
        if token.glyph in _CUTS:
            cuts.update(stack)
            stack, relations = [], []
        elif token.glyph is Glyph.OPEN:
            stack.append(index)
            relations.append(False)
        elif token.glyph is Glyph.RELATION and stack:
            relations[-1] = relations[-1] or token.text in _EQUALITIES or found[stack[-1]].text == "("
        elif token.glyph is Glyph.CLOSE:
            if not stack or _PAIRS[found[stack[-1]].text] != token.text:
                cuts.add(index)
                cuts.update(stack)
                stack, relations = [], []
                continue
            opening, equation = stack.pop(), relations.pop()
            if relations:
                relations[-1] = relations[-1] or equation
            if equation and not _is_glued(found, opening):
                cuts.update((opening, index))
    cuts.update(stack)
    for index in cuts:
        found[index].glyph = Glyph.STOP


def _is_glued(found: Sequence[Token], opening: int) -> bool:
    if opening == 0 or found[opening].spaced:
        return False
    before = found[opening - 1]
    return before.glyph in (Glyph.NAME, Glyph.PREFIX, Glyph.RAISED) or before.text in ("_", "^", "]", "}")


def _join_numbers(text: str, found: list[Token]) -> None:
    """Read ``1,000``, ``0,5``, ``3:1`` and ``0.33...`` as one number each, outside of brackets.

    Which of them is meant is for a parser to say. To cut them apart would change their value.
    """
    out: list[Token] = []
    depth = 0
    index = 0
    while index < len(found):
        token = found[index]
        depth += (token.glyph is Glyph.OPEN) - (token.glyph is Glyph.CLOSE)
        if token.glyph is Glyph.NUMBER:
            while index + 2 < len(found) or (index + 1 < len(found) and found[index + 1].text in ("...", "…")):
                mark = found[index + 1]
                if mark.text in ("...", "…") and not mark.spaced:
                    token = Token(Glyph.NUMBER, "", token.start, mark.end, token.spaced)
                    index += 1
                    continue
                if index + 2 >= len(found):
                    break
                number = found[index + 2]
                joins = mark.text == ":" or (mark.text == "," and depth == 0)
                if not joins or mark.spaced or number.spaced or number.glyph is not Glyph.NUMBER:
                    break
                token = Token(Glyph.NUMBER, "", token.start, number.end, token.spaced)
                index += 2
            token.text = text[token.start : token.end]
        out.append(token)
        index += 1
    found[:] = out


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
