r"""LaTeX mathematics to tokens.

The lexer knows what every command is for (``symnn.notation.latex.commands``) and refuses those that it does
not know. It drops what only concerns the look (sizes, tags, labels, comments), takes the content of
``\text{…}`` as it stands, and measures space: thin spaces are nothing, wide ones separate statements.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final, NoReturn

from symnn.notation import symbols
from symnn.notation.errors import NotationError
from symnn.notation.latex import commands
from symnn.notation.latex.braces import unbraced
from symnn.notation.tokens import Token, TokenKind

_DECIMAL_COMMA: Final = re.compile(r"([0-9]+)\{,\}([0-9]+)(?![0-9.]|\{,\})")
_SURELY_DECIMAL: Final = re.compile(r"(?<![0-9}])0[0-9]*\{,\}[0-9]|\{,\}(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])")
"""``0{,}5`` and ``1{,}25`` have a decimal comma, and so has ``1{,}568`` beside them; alone it is a thousands comma."""
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\{,\}[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+")
_THOUSANDS: Final = re.compile(r",([0-9])[0-9]{2}(?![0-9])")
_EXPONENT: Final = re.compile(r"[eE][-+−]?[0-9]")
_COMMAND: Final = re.compile(r"\\(?:([A-Za-z]+\*?)|(.)|$)", re.DOTALL)
_ROW_SPACE: Final = re.compile(r"\*?\s*\[\s*-?[0-9.]+\s*(?:pt|mm|cm|in|em|ex|mu|px|pc|bp)\s*\]")
_LENGTH: Final = re.compile(r"\s*\{?\s*(-?[0-9]*\.?[0-9]+)\s*(pt|mm|cm|in|em|ex|mu|px|pc|bp)\s*\}?")
_LETTERS: Final = re.compile(r"[A-Za-z]+")
_ESCAPED_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:\\_[A-Za-z0-9]+)+")
_ENVIRONMENT: Final = re.compile(r"\s*\{\s*([A-Za-z]+)(\*?)\s*\}")
_DELIMITER: Final = re.compile(r"\s*(\\[A-Za-z]+|\\.|.)", re.DOTALL)
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|%[^\n]*(?:\n|$))+")
_TEXT_ESCAPE: Final = re.compile(r"\\([_%&#${} ,;:!/-])|~")
_TEXT_FONT: Final = re.compile(
    r"\\(?:text|textrm|textbf|textit|textsf|texttt|emph|mathrm|rm|bf|it|small|normalsize)\b ?"
)

_SINGLE: Final[dict[str, tuple[TokenKind, str]]] = {
    **{char: ("relation", value) for char, value in symbols.CHARACTER_RELATIONS.items()},
    **{char: ("product", value) for char, value in symbols.CHARACTER_PRODUCTS.items()},
    **{char: ("sign", value) for char, value in symbols.CHARACTER_SIGNS.items()},
    **{char: ("big", value) for char, value in symbols.CHARACTER_BIG.items()},
    **{char: ("ellipsis", value) for char, value in symbols.CHARACTER_ELLIPSES.items()},
    **{char: ("name", value) for char, value in symbols.CHARACTER_NAMES.items()},
    **{char: ("prime", str(count)) for char, count in symbols.PRIMES.items()},
    "{": ("lbrace", "{"), "}": ("rbrace", "}"), "(": ("open", "("), ")": ("close", ")"), "[": ("open", "["),
    "]": ("close", "]"), "|": ("bar", "|"), "‖": ("bar", "‖"), "∥": ("bar", "‖"), "_": ("sub", "_"),
    "^": ("sup", "^"), "/": ("slash", "/"), "÷": ("slash", "/"), ",": ("comma", ","), "、": ("comma", ","),
    ";": ("semicolon", ";"), ":": ("colon", ":"), ".": ("stop", "."), "。": ("stop", "."),
    "&": ("cell", "&"), "∂": ("differential", "partial"), "∇": ("nabla", ""), "?": ("text", "?"),
}  # fmt: skip


class Lexer:
    """One run over one text. ``macros`` are names that are defined elsewhere and stay commands here."""

    def __init__(self, text: str, macros: Container[str], names: Container[str]) -> None:
        self.text = text
        self.source = symbols.folded(text)
        self.macros = macros
        self.names = names
        self.tokens: list[Token] = []
        self.position = 0
        self.blank = False
        self.space = 0.0  # width of the explicit space since the last token
        self.space_start = 0
        self.nesting = 0
        self.run_end = 0  # end of the run of letters whose first letter was looked at as a whole word
        self.parameters = 0  # how many #1, #2, … the text may hold; a formula has none, the body of a macro may

    def fail(self, message: str, start: int, end: int, expected: str = "") -> NoReturn:
        raise NotationError(message, (start, end), text=self.text, expected=expected)

    def run(self) -> list[Token]:
        """Return the tokens, without the final ``end``."""
        while self.position < len(self.source):
            blank = _BLANK.match(self.source, self.position)
            if blank:
                self.position = blank.end()
                self.blank = True
                continue
            self.one()
        return self.tokens

    def emit(self, kind: TokenKind, value: str, start: int, end: int, **more: object) -> None:
        """Append a token, after the wide space that stood before it."""
        if self.space >= commands.WIDE and self.tokens:
            self.tokens.append(Token("quad", "", self.space_start, start))
        self.blank = self.blank or self.space > 0
        self.space = 0.0
        self.tokens.append(Token(kind, value, start, end, blank=self.blank, **more))  # type: ignore[arg-type]
        self.blank = False
        self.position = end
        self.nesting += (kind in ("open", "lbrace")) - (kind in ("close", "rbrace"))

    def one(self) -> None:
        """Read one token at the current position, which is no white space."""
        start, char = self.position, self.source[self.position]
        if char == "\\":
            self.command()
        elif char.isdigit() or (char == "." and self.source[start + 1 : start + 2].isdigit()):
            self.number()
        elif char.isascii() and char.isalpha():
            self.letters()
        elif char in _SINGLE:
            self.single(char)
        elif char == "~":
            self.widen(3.3, start, start + 1)
        elif char == "#" and "1" <= self.source[start + 1 : start + 2] <= str(self.parameters):
            self.emit("parameter", self.source[start + 1], start, start + 2)
        elif char in symbols.INVISIBLE:
            self.position += 1
        else:
            self.other(char)

    # --- characters -----------------------------------------------------------------------------------------

    def single(self, char: str) -> None:
        start = self.position
        for written, kind, value in (
            (":=", "relation", ":="), ("...", "ellipsis", "dots"), ("<=", "relation", "le"), (">=", "relation", "ge"),
            ("==", "relation", "="), ("=:", "relation", "="), ("->", "relation", "to"), ("||", "bar", "‖"),
        ):  # fmt: skip
            if self.source.startswith(written, start) and not (written == "||" and self.opens_two_bars()):
                self.emit(kind, value, start, start + len(written))  # type: ignore[arg-type]
                return
        kind_, value_ = _SINGLE[char]
        self.emit(kind_, value_, start, start + 1, **({"font": "text"} if kind_ == "text" else {}))

    def opens_two_bars(self) -> bool:
        """Say whether ``||`` is two bars: it is a norm if there is an even number of ``||`` in the text."""
        return self.source.count("||") % 2 == 1

    def number(self) -> None:
        decimal = _DECIMAL_COMMA.match(self.source, self.position)
        if decimal and _SURELY_DECIMAL.search(self.source):
            self.emit("number", f"{decimal[1]}.{decimal[2]}", decimal.start(), decimal.end())
            return
        found = _NUMBER.match(self.source, self.position)
        if not found:
            self.fail("digits of another script are not read", self.position, self.position + 1)
        if _EXPONENT.match(self.source, found.end()):
            self.fail("scientific notation or a product with e?", found.start(), found.end() + 2, r"3 \cdot 10^{-8}")
        thousands = _THOUSANDS.match(self.source, found.end())
        if thousands and len(found[0]) <= 3 and (self.nesting == 0 or thousands[1] == "0"):
            self.fail("a thousands comma or a list?", found.start(), thousands.end(), "1{,}000 or a space")
        self.emit("number", found[0].replace("{,}", ""), found.start(), found.end())

    def letters(self) -> None:
        """Read a letter, or a run of letters that is one name or function."""
        start = self.position
        if start >= self.run_end and self.whole_word(start):
            return
        if self.source[start + 1 : start + 2] in symbols.COMBINING_ACCENTS:
            self.other(self.source[start])
        else:
            self.emit("name", self.source[start], start, start + 1)

    def whole_word(self, start: int) -> bool:
        """Read the run of letters here as one token, if it is a known name or a function; say whether it was."""
        escaped = _ESCAPED_NAME.match(self.source, start)
        if escaped:
            self.emit("name", escaped[0].replace("\\_", "_"), start, escaped.end())
            return True
        word = _LETTERS.match(self.source, start)
        assert word is not None
        run, end = word[0], word.end()
        self.run_end = end
        scripted = bool(self.tokens) and self.tokens[-1].kind in ("sub", "sup") and not self.blank
        if len(run) == 1 or scripted:
            return False
        following = self.source[end : end + 6].lstrip()[:5]
        opens = following[:1] in ("(", "[") or following.startswith(("\\left", "\\big", "\\Big"))
        applied = opens or following[:1] in ("\\", "^", "_") or self.source[end : end + 1].isspace()
        if run in self.names or (run in symbols.BARE_NAMES and opens):
            self.emit("name", run, start, end)
        elif run in ("max", "min", "argmax", "argmin") and (opens or following[:1] == "_"):
            self.emit("big", run, start, end)
        elif run in symbols.BARE_FUNCTIONS and (opens or (applied and len(run) > 2)):
            self.emit("function", run, start, end)
        else:
            return False
        return True

    def other(self, char: str) -> None:
        """Read a letter with accents, a double-struck letter, or a word of another script."""
        start = self.position
        end = start + 1
        while end < len(self.source) and self.source[end] in symbols.COMBINING_ACCENTS:
            end += 1
        if char == "`" and self.is_raised():
            self.emit("prime", "1", start, start + 1)
            return
        parts = symbols.split_accents(self.source[start:end])
        if parts is not None:
            base, accents = parts
            self.emit("name", symbols.GREEK.get(base, base), start, end, accents=accents)
        elif char in symbols.DOUBLE_STRUCK:
            self.emit("name", symbols.DOUBLE_STRUCK[char], start, start + 1, font="mathbb")
        elif char.isalpha():
            while end < len(self.source) and (self.source[end].isalpha() and not self.source[end].isascii()):
                end += 1
            self.emit("text", self.text[start:end], start, end, font="text")
        else:
            name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
            self.fail(f"the character {char!r} ({name}) is not understood here", start, start + 1)

    def is_raised(self) -> bool:
        """Say whether what comes next stands right behind ``^`` or ``^{``."""
        kinds = [token.kind for token in self.tokens[-2:]]
        return kinds[-1:] == ["sup"] or kinds == ["sup", "lbrace"]

    # --- commands -------------------------------------------------------------------------------------------

    def command(self) -> None:
        start = self.position
        found = _COMMAND.match(self.source, start)
        assert found is not None
        name = found[1] or found[2] or ""
        end = found.end()
        if name.endswith("*") and name not in commands.STRUCTURAL:
            name, end = name[:-1], end - 1
        if name == "":
            self.fail("the formula ends with a backslash", start, end)
        if name in self.macros:
            self.emit("command", name, start, end)
        elif name == "\\":
            space = _ROW_SPACE.match(self.source, end)
            self.space = 0.0
            self.emit("row", "", start, space.end() if space else end)
        elif name in commands.OPENS or name in commands.CLOSES or name == "middle":
            self.delimiter(name, start, end)
        elif name in commands.SIMPLE:
            self.simple(name, start, end)
        elif name in commands.SPACES:
            self.widen(commands.SPACES[name], start, end)
        elif name in ("hspace", "kern", "mkern", "mskip", "hskip", "mspace"):
            length = _LENGTH.match(self.source, end)
            if not length:
                self.fail(f"\\{name} without a length", start, end, "a length such as {1em}")
            self.widen(float(length[1]) * commands.UNITS[length[2]], start, length.end())
        elif name in commands.TEXTS:
            self.words(commands.TEXTS[name], start, end)
        elif name in ("begin", "end"):
            self.environment(name, start, end)
        elif name in commands.DROPPED_WITH_ARGUMENT:
            self.position = end
            for _ in range(commands.DROPPED_WITH_ARGUMENT[name]):
                self.position = self.group_end(self.position, name, start)
        elif name in commands.DROPPED:
            self.blank = True
            self.position = end
        elif name in commands.STRUCTURAL:
            self.emit("command", name, start, end)
        else:
            self.fail(f"unknown command \\{name}", start, end)

    def simple(self, name: str, start: int, end: int) -> None:
        kind, value = commands.SIMPLE[name]
        self.emit(kind, value, start, end, **({"font": "text"} if kind == "text" else {}))

    def widen(self, width: float, start: int, end: int) -> None:
        if self.space == 0.0:
            self.space_start = start
        self.space += width
        self.position = end

    def delimiter(self, name: str, start: int, end: int) -> None:
        r"""Read what follows ``\left``, ``\right``, ``\bigl`` and so on."""
        found = _DELIMITER.match(self.source, end)
        if not found:
            self.fail(f"\\{name} without a bracket", start, end)
        written = found[1]
        kind, value = _SINGLE.get(written, ("end", ""))
        if written.startswith("\\"):
            kind, value = commands.SIMPLE.get(written[1:], ("end", ""))
        if written in "<>":
            kind, value = "open", "⟨" if written == "<" else "⟩"
        if written == ".":
            kind, value = "open", "."
        if kind not in ("open", "close", "bar", "given"):
            self.fail(f"{written!r} is no bracket", found.start(1), found.end(1), "a bracket")
        if name == "middle":
            self.emit("given", value, start, found.end())
            return
        grown: TokenKind = "open" if name in commands.OPENS else "close"
        self.emit(grown, value, start, found.end(), grown=True)

    def environment(self, name: str, start: int, end: int) -> None:
        found = _ENVIRONMENT.match(self.source, end)
        if not found:
            self.fail(f"\\{name} without the name of an environment", start, end)
        environment = found[1]
        if environment not in commands.ENVIRONMENTS:
            self.fail(f"unknown environment {environment!r}", found.start(1), found.end(1))
        end = found.end()
        if name == "begin" and environment in commands.ENVIRONMENTS_WITH_ARGUMENT:
            optional = re.compile(r"\s*\[[a-z]\]").match(self.source, end)
            end = self.group_end(optional.end() if optional else end, environment, start)
        if name == "end":
            self.space = 0.0
        self.emit("begin" if name == "begin" else "finish", environment, start, end)

    def group_end(self, position: int, name: str, start: int) -> int:
        """Return the end of the brace group at the position."""
        while position < len(self.source) and self.source[position].isspace():
            position += 1
        if self.source[position : position + 1] != "{":
            self.fail(f"\\{name} without its argument in braces", start, position, "'{'")
        return self.matching_brace(position) + 1

    def matching_brace(self, position: int) -> int:
        level, index = 0, position
        while index < len(self.source):
            char = self.source[index]
            if char == "\\":
                index += 1
            elif char == "{":
                level += 1
            elif char == "}":
                level -= 1
                if level == 0:
                    return index
            index += 1
        self.fail("this brace is not closed", position, position + 1)

    # --- text -----------------------------------------------------------------------------------------------

    def words(self, font: str, start: int, end: int) -> None:
        r"""Read ``\text{…}``; mathematics between dollar signs inside becomes tokens of its own."""
        while end < len(self.source) and self.source[end].isspace():
            end += 1
        if self.source[end : end + 1] != "{":
            if not self.source[end : end + 1].isalpha():
                self.fail("\\text without its content in braces", start, end, "'{'")
            self.emit("text", self.source[end], start, end + 1, font=font)
            return
        close = self.matching_brace(end)
        pieces = re.split(r"(?<!\\)\$", self.source[end + 1 : close])
        if len(pieces) % 2 == 0:
            self.fail("an odd number of '$' in a text", start, close + 1)
        if len(pieces) == 1:
            self.piece(pieces[0], font, start, close + 1)
            return
        position = end + 1
        for index, piece in enumerate(pieces):
            stop = position + len(piece)
            if index % 2 == 0:
                self.piece(piece, font, position, stop)
            else:
                self.position = position
                while self.position < stop:
                    blank = _BLANK.match(self.source, self.position)
                    if blank:
                        self.position = blank.end()
                    else:
                        self.one()
                if self.position != stop:
                    self.fail("a formula in a text does not end where it should", position, stop)
            position = stop + 1
        self.position = close + 1

    def piece(self, content: str, font: str, start: int, end: int) -> None:
        """Emit the words of a text, or nothing if there are none."""
        content = re.sub(r"(?<!\\)[{}]", "", _TEXT_FONT.sub("", content))
        content = _TEXT_ESCAPE.sub(lambda m: m[1] if m[1] and m[1] in "_%&#${}" else " ", content)
        if "\\" in content:
            self.fail("a command inside a text", start, end)
        if content.strip():
            self.emit("text", " ".join(content.replace("\n", " ").split(" ")), start, end, font=font)
        else:
            self.widen(3.3 * len(content), start, end)
        self.position = end


def lex(text: str, macros: Container[str], names: Container[str], parameters: int = 0) -> list[Token]:
    """Return the tokens of a formula, or of the body of a macro with so many parameters."""
    lexer = Lexer(text, macros, names)
    lexer.parameters = parameters
    return unbraced(lexer.run())
