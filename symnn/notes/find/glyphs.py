"""The tokens of plain formulas: what the glyphs of a text can be when it is read as mathematics."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass

from symnn.notes.find.inline import PLACEHOLDER
from symnn.notes.find.words import is_word


class Glyph(enum.Enum):
    """What a token can be in a formula."""

    NUMBER = enum.auto()
    NAME = enum.auto()
    FOREIGN = enum.auto()
    """A word in a script that formulas do not use, such as Hangul."""
    RAISED = enum.auto()
    """Superscripts, after an operand."""
    RELATION = enum.auto()
    OPERATOR = enum.auto()
    PREFIX = enum.auto()
    """An operator that needs nothing on its left, such as ∂ or Σ."""
    POSTFIX = enum.auto()
    OPERAND = enum.auto()
    """Another operand: ∞, or an ellipsis."""
    OPEN = enum.auto()
    CLOSE = enum.auto()
    COMMA = enum.auto()
    COLON = enum.auto()
    LINE = enum.auto()
    TAKEN = enum.auto()
    """Mathematics or code that was taken out of the text."""
    STOP = enum.auto()
    """No part of a formula."""


@dataclass(slots=True)
class Token:
    """One token; ``spaced`` says that white space stands before it."""

    glyph: Glyph
    text: str
    start: int
    end: int
    spaced: bool


_LATIN = r"A-Za-zªµºÀ-ÖØ-öø-ɏɐ-ʯḀ-ỿ"
_GREEK = r"Ͱ-ͽͿ-Ͽἀ-῿"
_LETTER = _LATIN + _GREEK + r"ℂℊ-ℓℕℙ-ℝℤℨℬℭℯ-ℱℳℴ\U0001D400-\U0001D7CB"
_MARKS = r"\u0300-\u036f\u20d0-\u20ff"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_LOWERED = r"\u2080-\u208e\u2090-\u209c\u1d62-\u1d6a\u2c7c"
_RAISED = r"\u2070\u2071\u2074-\u207f\u00b2\u00b3\u00b9\u1d2c-\u1d61\u1d9c-\u1dbf\u02b0-\u02b8\u2c7d\u2032-\u2034"

_TOKEN = re.compile(
    rf"""
      (?P<line> \n )
    | (?P<space> [^\S\n]+ )
    | (?P<number> (?: \d+ (?: \.\d+ )? | \.\d+ ) (?: [eE][+-]?\d+ (?![\w]) )? | [{_FRACTIONS}] )
    | (?P<contraction> [A-Za-z]+ ['’] [A-Za-z]+ )
    | (?P<name> [{_LETTER}] (?: [{_LETTER}0-9_{_MARKS}{_LOWERED}] | ['’](?![{_LETTER}]) )* )
    | (?P<raised> [{_RAISED}]+ )
    | (?P<stop> => | == | != | \+= | -= | \*= | /= | -+> | <-+> | <=> | --+ | \.\.(?!\.) | :: | // | &&
        | \|\| )
    | (?P<relation> := | ~= | <- (?=\s) | <= | >= | [=≈≃≅≠≤≥⩽⩾≦≧≡≔≜∝<>←∈＝] )
    | (?P<operand> \.\.\. | … | ⋯ | ∞ | ∅ )
    | (?P<prefix> [∂∇√∛∑∏∫Σ∆] )
    | (?P<operator> \*\* | [-+*/^×✕✖·⋅∙•÷∘⊙⊗⊕@±∓−–—⁄_~|‖] )
    | (?P<postfix> [%!°ᵀ{_LOWERED}] )
    | (?P<open> [(\[{{⟨（] )
    | (?P<close> [)\]}}⟩）] )
    | (?P<comma> , )
    | (?P<colon> : )
    | (?P<taken> {PLACEHOLDER} )
    """,
    re.VERBOSE,
)
_OPERANDS = frozenset({Glyph.NUMBER, Glyph.NAME, Glyph.RAISED, Glyph.CLOSE, Glyph.POSTFIX})
_KINDS = {
    "number": Glyph.NUMBER,
    "contraction": Glyph.STOP,
    "name": Glyph.NAME,
    "raised": Glyph.RAISED,
    "stop": Glyph.STOP,
    "relation": Glyph.RELATION,
    "operand": Glyph.OPERAND,
    "prefix": Glyph.PREFIX,
    "operator": Glyph.OPERATOR,
    "postfix": Glyph.POSTFIX,
    "open": Glyph.OPEN,
    "close": Glyph.CLOSE,
    "comma": Glyph.COMMA,
    "colon": Glyph.COLON,
    "taken": Glyph.TAKEN,
    "line": Glyph.LINE,
}


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text.

    >>> [token.text for token in tokens("∂E/∂w5 = 26이")]
    ['∂', 'E', '/', '∂', 'w5', '=', '26', '이']
    """
    out: list[Token] = []
    position, spaced = 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            end = _foreign_end(text, position)
            if end > position:
                out.append(Token(Glyph.FOREIGN, text[position:end], position, end, spaced))
            else:
                end = position + 1
                out.append(Token(Glyph.STOP, text[position], position, end, spaced))
            position, spaced = end, False
            continue
        group = match.lastgroup or ""
        position = match.end()
        if group == "space":
            spaced = True
            continue
        if group == "number" and match.end() < len(text) and _is_other_digit(match[0]):
            group = "stop"
        glyph = _KINDS.get(group, Glyph.STOP)
        if glyph is Glyph.POSTFIX and (spaced or not out or not _takes_postfix(out[-1])):
            glyph = Glyph.STOP  # an exclamation mark, not a factorial
        out.append(Token(glyph, match[0], match.start(), match.end(), spaced))
        spaced = False
    return out


def _takes_postfix(token: Token) -> bool:
    return token.glyph in _OPERANDS and not is_word(token.text)


def _is_other_digit(text: str) -> bool:
    return not text.isascii() and text not in _FRACTIONS


def _foreign_end(text: str, position: int) -> int:
    """Return the end of the word of another script that begins at ``position``."""
    end = position
    while end < len(text) and (text[end].isalpha() or unicodedata.category(text[end]) in ("Mn", "Mc")):
        if _TOKEN.match(text, end):
            break
        end += 1
    return end
