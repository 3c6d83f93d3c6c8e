r"""Arguments of commands; fonts, accents and operator names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from symnn.notation.grammar.operands import Operands
from symnn.notation.grammar.parts import as_big, is_expectation, is_identifier
from symnn.notation.latex import commands
from symnn.notation.latex.fonts import accented, in_font
from symnn.notation.tokens import Token
from symnn.notation.tree import Name, Node, Number, Text

_BIG_NAMES: Final = ("argmax", "argmin", "max", "min")
_NAME_COMMANDS: Final = ("operatorname", "operatorname*", "mathrm", "text", "mathop")

ONES = ("0", "1")
"""Numbers that in bold are vectors of noughts and ones, or an indicator. Any other one is a result that stands out."""


class Words(Operands):
    """Commands that dress a name, and what they take as their argument."""

    def spanned(self, node: Node, start: int) -> Node:
        """Give a node the span from ``start`` to here."""
        return replace(node, span=self.since(start))

    def argument(self) -> Node:
        """Parse the argument of a command: a group in braces, or one token."""
        if self.at("lbrace"):
            return self.braced()
        if self.at("text") and self.is_connective(self.token):
            self.unexpected("an argument in braces")
        return self.one_token()

    def short_script(self) -> Node:
        """Parse a script without braces: one token, or a command with its own arguments."""
        token = self.token
        star = token.kind == "product" and token.value == "ast"
        if star or (token.kind == "sign" and self.peek().kind not in ("name", "number", "lbrace", "open")):
            self.advance()
            return Name("*" if star else token.value, span=token.span)
        return self.one_token()

    def one_token(self) -> Node:
        """Parse one token as an argument, or a command with its own arguments."""
        token = self.token
        if token.kind == "number":
            if len(token.value) > 1:
                self.fail("only the first digit would be the argument here", token.span, "braces")
            self.advance()
            return Number(token.value, span=token.span)
        if token.kind in ("name", "function"):
            self.advance()
            return Name(token.value, token.font, token.accents, span=token.span)
        if token.kind == "text":
            self.advance()
            word = token.value.strip()
            if is_identifier(word):
                return Name(word, token.font, span=token.span)
            return Text(word, span=token.span)
        if token.kind != "command":
            self.unexpected("an argument in braces")
        self.deeper(token)
        node = self.command_argument(token)
        self.depth -= 1
        return node

    def command_argument(self, token: Token) -> Node:
        """Parse a command that may stand as an argument without braces."""
        if token.value in commands.WORD_FONTS or token.value in commands.LETTER_FONTS:
            return self.font()
        if token.value in commands.ACCENTS:
            self.advance()
            return self.spanned(accented(commands.ACCENTS[token.value], self.argument()), token.start)
        return self.other_argument(token)

    def other_argument(self, token: Token) -> Node:
        """Parse a command without fonts as an argument without braces."""
        self.unexpected("an argument in braces")

    def font(self) -> Node:
        """Parse a font command with its argument. Letters in an upright font stand together as one word."""
        command = self.advance()
        font = commands.CANONICAL_FONT.get(command.value, command.value)
        word = self.word() if command.value in commands.WORD_FONTS else None
        if word is not None:
            if word.isdigit() and (word not in ONES or font in ("mathrm", "mathit", "mathsf", "mathtt")):
                return Number(word, span=self.since(command.start))
            return Name(word, font, span=self.since(command.start))
        body = self.argument()
        if isinstance(body, Number) and body.text in ONES and font in ("mathbb", "mathbf", "boldsymbol"):
            return Name(body.text, font, span=self.since(command.start))
        return self.spanned(in_font(body, font), command.start)

    def word(self) -> str | None:
        """Take the letters and digits in braces as one word, if there is nothing else in them."""
        if not self.at("lbrace"):
            return None
        close = self.partner[self.position]
        parts = self.tokens[self.position + 1 : close]
        if not parts or not all(is_letter_of_word(parts, index) for index in range(len(parts))):
            return None
        written = all(self.text[t.start : t.end].replace("\\_", "_") == t.value for t in parts if t.kind != "quad")
        if len(parts) > 1 and not written:
            return None  # a Greek letter beside others
        self.position = close
        self.advance()
        return "".join(t.value for t in parts)

    def after_font(self, node: Node, start: int) -> Node:
        r"""Parse what follows a name in a font: scripts, and the operand of ``\mathbb{E}`` and ``\mathrm{argmin}``."""
        if isinstance(node, Name) and node.base in ("argmax", "argmin") and self.at("sub"):
            sub, sup = self.limits()
            return self.big_operator("argmax" if node.base == "argmax" else "argmin", sub, sup, start)
        if isinstance(node, Name) and is_expectation(node):
            return self.expectation(node, start)
        return self.decorate(node, start)

    def font_switch(self) -> Node:
        r"""Parse ``{\bf x y}``: the font holds to the end of the group."""
        command = self.advance()
        node, self.open_ended = self.run()
        return in_font(node, commands.FONT_SWITCHES[command.value])

    def operator_name(self) -> Node:
        r"""Parse ``\operatorname{softmax}(z)`` or ``\operatorname*{argmax}_x f``."""
        command = self.advance()
        name = self.name_inside()
        if name in _BIG_NAMES:
            return self.named_big(name, command.start)
        return self.call(Name(name, "operatorname", span=self.since(command.start)), command.start)

    def name_inside(self) -> str:
        r"""Take the name of an operator out of its braces, through ``\mathrm`` and ``\text``."""
        if not self.at("lbrace"):
            self.unexpected("the name of an operator in braces")
        close = self.partner[self.position]
        inside = [t for t in self.tokens[self.position + 1 : close] if t.kind not in ("lbrace", "rbrace", "quad")]
        parts = [t for t in inside if not (t.kind == "command" and t.value in _NAME_COMMANDS)]
        word = "".join(t.value.strip() for t in parts)
        letters = all(t.kind in ("name", "function", "big", "text", "number", "sign", "command") for t in parts)
        if not letters or not word or not all(c.isalnum() or c in "-_" for c in word):
            self.fail("the name of an operator is more than letters", self.token.span, "letters in braces")
        self.position = close
        self.advance()
        return word

    def named_big(self, name: str, start: int) -> Node:
        sub, sup = self.limits()
        if sub is None and sup is None and (self.at("open") or not self.starts_factor()):
            return self.call(Name(name, "operatorname", span=self.since(start)), start)
        return self.big_operator(as_big(name), sub, sup, start)

    def arg(self) -> Node:
        r"""Parse ``\arg\max`` and ``\arg\min``."""
        start = self.advance().start
        if not (self.at("big") and self.token.value in ("max", "min")):
            self.fail("\\arg without \\max or \\min", (start, self.previous_end))
        kind = "argmax" if self.advance().value == "max" else "argmin"
        sub, sup = self.limits()
        return self.big_operator("argmax" if kind == "argmax" else "argmin", sub, sup, start)


def is_letter_of_word(parts: Sequence[Token], index: int) -> bool:
    """Say whether a token can be a part of an upright word: letters, digits, a hyphen inside."""
    token = parts[index]
    if token.kind in ("name", "number"):
        return not token.accents and not token.font and "." not in token.value
    hyphen = token.kind == "sign" and token.value == "-" and 0 < index < len(parts) - 1
    return hyphen or token.kind in ("function", "big", "quad")
