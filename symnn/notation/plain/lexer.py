"""Plain text formulas, Unicode or ASCII, to tokens.

A word of letters and digits is one name (``x1``, ``Error``), unless the document's symbols say that it is
several (``uv``). What comes after an underscore is a subscript (``y_pred``, ``w_5``). Words of any script
are names; glued to the end of a formula they are particles of the sentence (``26을``) and become text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final, NoReturn

from symnn.notation import symbols
from symnn.notation.errors import NotationError
from symnn.notation.tokens import Token, TokenKind

_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+−]?[0-9]+(?![A-Za-z0-9]))?")
_THOUSANDS: Final = re.compile(r",([0-9])[0-9]{2}(?![0-9])")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_SUBSCRIPT: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*|[0-9]+")
_SHIFTED_INDEX: Final = re.compile(r"[a-z][+-][0-9]")
_DIGIT: Final = frozenset("0123456789")
_DIGITS: Final = re.compile(r"[0-9]+")
_MAX_PIECES: Final = 3

_RAISED: Final = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴸᴺᴹᴷ",
        "0123456789+-=()abcdefghijklmnoprstuvwxyzLNMK",
        strict=True,
    )
)
_LOWERED: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))

_LONG: Final[tuple[tuple[str, TokenKind, str], ...]] = (
    ("<=>", "relation", "iff"), ("...", "ellipsis", "dots"), (":=", "relation", ":="), ("<=", "relation", "le"),
    (">=", "relation", "ge"), ("!=", "relation", "ne"), ("==", "relation", "="), ("=>", "relation", "implies"),
    ("->", "relation", "to"), ("**", "sup", "^"), ("||", "bar", "‖"),
)  # fmt: skip
_SINGLE: Final[dict[str, tuple[TokenKind, str]]] = {
    **{char: ("relation", value) for char, value in symbols.CHARACTER_RELATIONS.items()},
    **{char: ("product", value) for char, value in symbols.CHARACTER_PRODUCTS.items()},
    **{char: ("sign", value) for char, value in symbols.CHARACTER_SIGNS.items()},
    **{char: ("big", value) for char, value in symbols.CHARACTER_BIG.items()},
    **{char: ("ellipsis", value) for char, value in symbols.CHARACTER_ELLIPSES.items()},
    **{char: ("prime", str(count)) for char, count in symbols.PRIMES.items()},
    "(": ("open", "("), ")": ("close", ")"), "[": ("open", "["), "]": ("close", "]"), "{": ("open", "{"),
    "}": ("close", "}"), "⟨": ("open", "⟨"), "⟩": ("close", "⟩"), "⌊": ("open", "⌊"), "⌋": ("close", "⌋"),
    "⌈": ("open", "⌈"), "⌉": ("close", "⌉"), "|": ("bar", "|"), "‖": ("bar", "‖"), "∥": ("bar", "‖"),
    "∣": ("given", "|"), "^": ("sup", "^"), "/": ("slash", "/"), "÷": ("slash", "/"), ",": ("comma", ","),
    "、": ("comma", ","), ";": ("semicolon", ";"), ":": ("colon", ":"), ".": ("stop", "."), "。": ("stop", "."),
    "∂": ("differential", "partial"), "∇": ("nabla", ""), "√": ("command", "√"), "@": ("product", "matmul"),
    "~": ("relation", "sim"), "_": ("sub", "_"),
}  # fmt: skip
_FRACTIONS: Final = {
    "½": ("1", "2"), "⅓": ("1", "3"), "⅔": ("2", "3"), "¼": ("1", "4"), "¾": ("3", "4"), "⅕": ("1", "5"),
    "⅖": ("2", "5"), "⅗": ("3", "5"), "⅘": ("4", "5"), "⅙": ("1", "6"), "⅚": ("5", "6"), "⅛": ("1", "8"),
    "⅜": ("3", "8"), "⅝": ("5", "8"), "⅞": ("7", "8"),
}  # fmt: skip
_OPERAND_ENDS: Final = ("number", "name", "close", "rbrace", "prime", "function", "ellipsis", "text")

_TAKES_INDEX: Final = ("big", "nabla", "differential", "bar")


class Lexer:
    """One run over one text."""

    def __init__(self, text: str, names: Container[str]) -> None:
        self.text = text
        self.source = symbols.folded(text)
        self.names = names
        self.tokens: list[Token] = []
        self.position = 0
        self.blank = False
        self.braces: list[str] = []  # kinds of the open brackets, to tell script braces from set braces

    def fail(self, message: str, start: int, end: int, expected: str = "") -> NoReturn:
        raise NotationError(message, (start, end), text=self.text, expected=expected)

    def run(self) -> list[Token]:
        """Return the tokens, without the final ``end``."""
        while self.position < len(self.source):
            char = self.source[self.position]
            if char == "\n" and not self.braces:
                self.emit("row", "", self.position, self.position + 1)
            elif char.isspace() or char in symbols.INVISIBLE:
                self.blank = self.blank or char.isspace()
                self.position += 1
            else:
                self.one(char)
        return self.tokens

    def emit(self, kind: TokenKind, value: str, start: int, end: int, **more: object) -> None:
        self.tokens.append(Token(kind, value, start, end, blank=self.blank, **more))  # type: ignore[arg-type]
        self.blank = False
        self.position = end

    def one(self, char: str) -> None:
        """Read one token at the current position."""
        start = self.position
        if char in _DIGIT or (char == "." and self.source[start + 1 : start + 2] in _DIGIT):
            self.number()
        elif char.isascii() and char.isalpha():
            self.word()
        elif char in _RAISED or char == "ᵀ":
            self.scripts("sup", {**_RAISED, "ᵀ": "ᵀ"})
        elif char in _LOWERED:
            self.scripts("sub", _LOWERED)
        elif char == "_":
            self.subscript()
        elif char in _FRACTIONS:
            self.vulgar_fraction(*_FRACTIONS[char])
        elif char == "<" and self.source.startswith("<-", start):
            self.left_arrow()
        elif char == "." and self.source.startswith(".T", start) and self.is_transpose():
            self.emit("sup", "^", start, start + 1)
            self.emit("name", "top", start + 1, start + 2)
        elif not self.sign(char):
            self.other(char)

    def sign(self, char: str) -> bool:
        """Read an operator or bracket; say whether there was one."""
        start = self.position
        for written, kind, value in _LONG:
            if self.source.startswith(written, start) and not (written == "||" and self.source.count("||") % 2):
                self.emit(kind, value, start, start + len(written))
                return True
        if char not in _SINGLE:
            return False
        kind, value = _SINGLE[char]
        if char == "{" and self.tokens and self.tokens[-1].kind in ("sub", "sup"):
            kind = "lbrace"
        if kind in ("open", "lbrace"):
            self.braces.append(kind)
        elif kind == "close" and self.braces and self.braces.pop() == "lbrace" and char == "}":
            kind = "rbrace"
        self.emit(kind, value, start, start + 1)
        return True

    def left_arrow(self) -> None:
        start = self.position
        after = self.source[start + 2 : start + 3]
        if not after.isspace() or not (self.blank or start == 0):
            self.fail("an arrow or 'less than minus'?", start, start + 2, "spaces around '<-', or '< -'")
        self.emit("relation", "gets", start, start + 2)

    def is_transpose(self) -> bool:
        after = self.source[self.position + 2 : self.position + 3]
        return bool(self.tokens) and not self.blank and self.tokens[-1].kind in _OPERAND_ENDS and not (
            after.isalnum() or after in ("_", "(")
        )  # fmt: skip

    # --- numbers and names ----------------------------------------------------------------------------------

    def number(self) -> None:
        found = _NUMBER.match(self.source, self.position)
        assert found is not None
        thousands = _THOUSANDS.match(self.source, found.end())
        if thousands and len(found[0]) <= 3 and (not self.braces or thousands[1] == "0"):
            self.fail("a thousands comma or a list?", found.start(), thousands.end(), "no comma, or a space")
        self.emit("number", found[0].replace("−", "-"), found.start(), found.end())

    def vulgar_fraction(self, numerator: str, denominator: str) -> None:
        """Read ``½`` as a quotient in brackets. After a number it would be a mixed numeral, ``3½``, which is refused."""
        start, end = self.position, self.position + 1
        if self.tokens and self.tokens[-1].kind == "number" and not self.blank:
            self.fail("a mixed numeral or a product?", start, end, "a product sign or a decimal")
        self.emit("open", "(", start, start)
        self.emit("number", numerator, start, start)
        self.emit("slash", "/", start, end)
        self.emit("number", denominator, end, end)
        self.emit("close", ")", end, end)

    def word(self) -> None:
        """Read a word of ASCII letters and digits."""
        start = self.position
        found = _WORD.match(self.source, start)
        assert found is not None
        word, end = found[0], found.end()
        if self.source[end : end + 1] in symbols.COMBINING_ACCENTS and len(word) == 1:
            self.other(word)
            return
        following = self.source[end : end + 1]
        if word in self.names:
            self.emit("name", word, start, end)
        elif word.lower() in ("if", "else", "otherwise", "for", "where", "when", "and", "or", "with", "then"):
            self.emit("text", word, start, end, font="text")
        elif word in symbols.COMMAND_BIG and (following in ("_", "^") or word in ("max", "min", "argmax", "argmin")):
            self.emit("big", word, start, end)
        elif word in symbols.BARE_FUNCTIONS:
            self.emit("function", word, start, end)
        elif word == "sqrt":
            self.emit("command", "sqrt", start, end)
        else:
            self.pieces(word, start)

    def pieces(self, word: str, start: int) -> None:
        """Emit a word, split into known symbols if it is not one itself and can be split in one way."""
        ways = splits(word, self.names)
        if len(ways) > 1:
            shown = " or ".join(" ".join(way) for way in ways[:2])
            self.fail(f"{word!r} can be read as {shown}", start, start + len(word), "spaces or product signs")
        position = start
        for piece in ways[0] if ways else (word,):
            self.emit("name", piece, position, position + len(piece))
            position += len(piece)

    def subscript(self) -> None:
        """Read an underscore with the word or number after it."""
        start = self.position
        if not self.tokens or self.blank or self.tokens[-1].kind not in (*_OPERAND_ENDS, *_TAKES_INDEX):
            self.fail("an underscore that belongs to nothing", start, start + 1)
        self.emit("sub", "_", start, start + 1)
        found = _SUBSCRIPT.match(self.source, start + 1)
        if not found:
            return
        shifted = _SHIFTED_INDEX.match(self.source, start + 1)
        if shifted and not self.source[shifted.end() : shifted.end() + 1].isalnum():
            word = self.source[start - 1 : shifted.end()]
            self.fail(f"is the index or the value shifted in {word!r}?", start, shifted.end(), "brackets or spaces")
        word = found[0]
        if word.isdigit() and self.source[found.end() : found.end() + 1].isalpha():
            self.fail("a letter right after a subscript number", found.end(), found.end() + 1, "a space")
        self.emit("number" if word.isdigit() else "name", word, found.start(), found.end())

    def scripts(self, kind: TokenKind, table: dict[str, str]) -> None:
        """Read a run of raised or lowered characters."""
        start = self.position
        end = start
        while self.source[end : end + 1] in table and end < len(self.source):
            end += 1
        self.emit(kind, "^" if kind == "sup" else "_", start, start)
        self.emit("lbrace", "{", start, start)
        index = start
        while index < end:
            char = table[self.source[index]]
            stop = index + 1
            if char.isdigit():
                while stop < end and table[self.source[stop]].isdigit():
                    stop += 1
                self.emit("number", "".join(table[c] for c in self.source[index:stop]), index, stop)
            elif char == "ᵀ":
                self.emit("name", "top", index, stop)
            elif char.isalpha():
                self.emit("name", char, index, stop)
            else:
                raised_kind, value = _SINGLE[char]
                self.emit(raised_kind, value, index, stop)
            index = stop
        self.emit("rbrace", "}", end, end)

    def other(self, char: str) -> None:
        """Read a Greek letter, a letter with accents, a double-struck letter, or a word of another script."""
        start = self.position
        end = start + 1
        while end < len(self.source) and self.source[end] in symbols.COMBINING_ACCENTS:
            end += 1
        if char in symbols.CHARACTER_NAMES and end == start + 1:
            self.greek(symbols.CHARACTER_NAMES[char], start, end, ())
            return
        parts = symbols.split_accents(self.source[start:end])
        if parts is not None:
            base, accents = parts
            self.greek(symbols.GREEK.get(base, base), start, end, accents)
        elif char in symbols.DOUBLE_STRUCK:
            self.emit("name", symbols.DOUBLE_STRUCK[char], start, start + 1, font="mathbb")
        elif char.isalpha():
            self.foreign(start)
        else:
            name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
            self.fail(f"the character {char!r} ({name}) is not understood here", start, start + 1)

    def greek(self, base: str, start: int, end: int, accents: tuple[str, ...]) -> None:
        """Emit a single letter with the digits right after it; a capital sigma before something is a sum."""
        if base in ("Sigma", "Pi") and not accents and base not in self.names and self.starts_operand(end):
            self.emit("big", "sum" if base == "Sigma" else "prod", start, end)
            return
        digits = _DIGITS.match(self.source, end)
        if digits:
            base, end = base + digits[0], digits.end()
        self.emit("name", base, start, end, accents=accents)

    def starts_operand(self, index: int) -> bool:
        """Say whether an operand or a limit follows at the index."""
        rest = self.source[index:].lstrip()
        if not rest:
            return False
        char = rest[0]
        return char.isalnum() or char in "_([{∂∇√|‖⌊" or char in _LOWERED or char in symbols.CHARACTER_NAMES

    def foreign(self, start: int) -> None:
        """Read words of another script: a name, or a particle if glued to the end of something."""
        end = start
        while end < len(self.source) and self.is_foreign(self.source[end]):
            end += 1
        glued = bool(self.tokens) and not self.blank and self.tokens[-1].kind in _OPERAND_ENDS
        if not glued:
            self.emit("name", unicodedata.normalize("NFC", self.source[start:end]), start, end)
            return
        while True:
            stop = end
            while self.source[stop : stop + 1] == " ":
                stop += 1
            if stop == end or not self.is_foreign(self.source[stop : stop + 1]):
                break
            end = stop
            while end < len(self.source) and self.is_foreign(self.source[end]):
                end += 1
        self.emit("text", self.text[start:end], start, end, font="text")

    @staticmethod
    def is_foreign(char: str) -> bool:
        return (
            char.isalpha() and not char.isascii() and char not in symbols.CHARACTER_NAMES
            and char not in _RAISED and char not in _LOWERED and char not in symbols.DOUBLE_STRUCK
        ) or unicodedata.category(char or " ") == "Mn"  # fmt: skip


def splits(word: str, names: Container[str]) -> list[tuple[str, ...]]:
    """Return the ways to write a word as two or three known symbols, at most two ways.

    >>> splits("uv", {"u", "v"})
    [('u', 'v')]
    """
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while waiting and len(found) < 2:
        start, pieces = waiting.pop()
        if start == len(word):
            found.append(pieces)
            continue
        if len(pieces) == _MAX_PIECES:
            continue
        waiting.extend(
            (stop, (*pieces, word[start:stop]))
            for stop in range(start + 1, min(len(word), start + 40) + 1)
            if word[start:stop] in names
        )
    return found


def lex(text: str, names: Container[str]) -> list[Token]:
    """Return the tokens of a formula."""
    return Lexer(text, names).run()
