"""Which tokens of a text are words of prose, and which belong together: lines, brackets, numbers with marks in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from symnn.notes.find.glyphs import Glyph, Token
from symnn.notes.find.words import PROSE, is_word

OPERAND_END = frozenset({Glyph.NUMBER, Glyph.NAME, Glyph.RAISED, Glyph.POSTFIX, Glyph.OPERAND, Glyph.CLOSE})
CUTS = frozenset({Glyph.STOP, Glyph.FOREIGN, Glyph.TAKEN, Glyph.COLON, Glyph.LINE})
PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "（": "）"}
EQUALITIES = frozenset({"=", "≈", "≃", "≅", ":=", "≔", "≜", "←", "<-", "≡", "＝", "∝"})
BULLET = re.compile(r"[^\S\n]*(?:[-*•+]|\(?\d{1,3}[.)])[^\S\n]+")


def settle(text: str, found: list[Token], *, over_lines: bool) -> None:
    """Mark words of prose as stops and join what belongs together; `over_lines` lets a formula go on in the next line."""
    if over_lines:
        _join_lines(found)
    _name_foreign_words(found)
    for index in _prose(found):
        found[index].glyph = Glyph.STOP
    _mark_brackets(found)
    _join_numbers(text, found)


def without_bullets(text: str, found: list[Token]) -> list[Token]:
    """Drop the bullet or number that begins a line, if the rest of the line has a relation."""
    out: list[Token] = []
    line: list[Token] = []
    begin = 0
    for token in [*found, Token(Glyph.LINE, "", len(text), len(text), False)]:
        if token.glyph is not Glyph.LINE:
            line.append(token)
            continue
        bullet = BULLET.match(text, begin)
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
            if index > 1 and found[index - 2].glyph in OPERAND_END:
                out.add(index)  # "100+ layers": the sign belongs to the number
        elif before is not None and token.spaced and before.glyph in OPERAND_END and not called:
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
        if token.glyph in CUTS:
            cuts.update(stack)
            stack, relations = [], []
        elif token.glyph is Glyph.OPEN:
            stack.append(index)
            relations.append(False)
        elif token.glyph is Glyph.RELATION and stack:
            relations[-1] = relations[-1] or token.text in EQUALITIES or found[stack[-1]].text == "("
        elif token.glyph is Glyph.CLOSE:
            if not stack or PAIRS[found[stack[-1]].text] != token.text:
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
