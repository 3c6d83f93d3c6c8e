"""The plain text parser: the shared grammar plus roots, bracketed exponents and ``a if c else b``."""

from __future__ import annotations

from collections.abc import Container

from symnn.notation.grammar.operands import Operands
from symnn.notation.grammar.parts import inner
from symnn.notation.symbols import SYMBOLS
from symnn.notation.tokens import Token
from symnn.notation.tree import Branch, Cases, Group, Labelled, Name, Negative, Node, Number, Root, Script, Text

_OTHERWISE = ("else", "otherwise")
_LABEL_KINDS = ("name", "number", "text", "function", "stop")


class PlainParser(Operands):
    """Parses one list of tokens from the plain text lexer."""

    def __init__(self, text: str, tokens: list[Token], names: Container[str]) -> None:
        super().__init__(text, tokens)
        self.names = names

    # --- what may stand side by side ------------------------------------------------------------------------

    def check_neighbours(self, left: Node, token: Token) -> None:
        """Refuse two words side by side, and a number after a factor: that is a sentence, not a product."""
        if token.kind == "number":
            self.fail("a number after a factor", token.span, "a product sign")
        if token.kind == "open" and token.value == "[" and not token.blank and isinstance(left, Name | Script):
            self.fail("an index in brackets, or a product?", token.span, "x_i or a product sign")
        if token.kind not in ("name", "function", "big", "command") or not isinstance(left, Name):
            if token.kind == "name" and self.is_word(token.value) and token.blank and not isinstance(left, Number):
                self.fail(f"the word {token.value!r} right after a formula", token.span, "an operator")
            return
        glued = not token.blank
        word = self.is_word(left.base) or (token.kind == "name" and self.is_word(token.value))
        foreign = not left.base.isascii() or (token.kind == "name" and not token.value.isascii())
        if foreign or (not glued and word):
            start = left.span[0] if left.span else token.start
            self.fail("two words side by side", (start, token.end), "a product sign")

    def is_word(self, value: str) -> bool:
        """Say whether a name looks like a word of a sentence and is not known to be a symbol."""
        return len(value) > 1 and value.isalpha() and value not in SYMBOLS and value not in self.names

    def row(self) -> Node:
        """Parse one line; refuse one that begins with a sign after another line."""
        if self.at("sign") and self.position and self.tokens[self.position - 1].kind == "row":
            self.fail("does this line go on with the one before?", expected="both on one line")
        label = self.worded_label()
        if label is None:
            return super().row()
        return Labelled(label, super().row(), span=self.since(label.span[0] if label.span else 0))

    def worded_label(self) -> Text | None:
        """Take words before a colon, such as ``neuron 1:`` or ``Mean Squared Error:``."""
        index = self.position
        while self.tokens[index].kind in _LABEL_KINDS:
            index += 1
        words = self.tokens[self.position : index]
        named = any(token.kind == "name" and self.is_word(token.value) for token in words)
        if len(words) < 2 or not named or self.tokens[index].kind != "colon":
            return None
        span = (words[0].start, words[-1].end)
        self.position = index
        self.advance()
        return Text(self.text[span[0] : span[1]], span=span)

    # --- conditions -----------------------------------------------------------------------------------------

    def conditional(self) -> Node:
        """Parse ``a if c else b``, or ``a if c, b otherwise``."""
        start = self.token.start
        value = self.sum()
        if not self.at_word("if"):
            return value
        branches: list[Branch] = []
        while self.at_word("if"):
            self.advance()
            condition = self.relation()
            branches.append(Branch(value, condition, span=self.since(start)))
            start = self.token.start
            if self.at("comma", "semicolon") and self.peek().kind == "text" and self.peek().value in _OTHERWISE:
                self.advance()
            if self.at_word(*_OTHERWISE):
                self.advance()
                if self.at("comma"):
                    self.advance()
                value = self.sum()
                if not self.at_word("if"):
                    branches.append(Branch(value, None, span=self.since(start)))
            elif self.at("comma", "semicolon"):
                following = self.next_branch()
                if following is None:
                    break
                value = following
                if self.at_word(*_OTHERWISE):
                    self.advance()
                    branches.append(Branch(value, None, span=self.since(start)))
                    break
        return Cases(tuple(branches), span=self.since(branches[0].value.span[0] if branches[0].value.span else start))

    def next_branch(self) -> Node | None:
        """Parse ``, value`` if a condition follows it; otherwise take nothing."""
        before = (self.position, self.previous_end, self.depth, list(self.enclosing))
        self.advance()
        if self.starts_factor() or self.at("sign"):
            value = self.sum()
            if self.at_word("if", *_OTHERWISE):
                return value
        self.position, self.previous_end, self.depth, self.enclosing = before
        return None

    def at_word(self, *words: str) -> bool:
        return self.at("text") and self.token.value.lower() in words

    # --- scripts and roots ----------------------------------------------------------------------------------

    def short_script(self) -> Node:
        """Parse an exponent or index without braces; round brackets only hold it together."""
        token = self.token
        if token.kind == "open" and token.value == "(":
            return inner(self.bracket())
        if token.kind == "sign" and token.value == "-":
            self.advance()
            if self.at("sign"):
                self.unexpected("an exponent or index")
            return Negative(self.short_script(), span=self.since(token.start))
        if token.kind == "product" and token.value == "ast" and (self.peek().blank or not self.starts_factor(1)):
            self.advance()
            return Name("*", span=token.span)
        if token.kind not in ("name", "number"):
            self.unexpected("an exponent or index")
        self.advance()
        power = self.tokens[self.position - 2].kind == "sup"
        if power and not self.token.blank and (
            self.at("sub", "sup", "open") or (token.kind == "number" and self.at("name", "function"))
        ):  # fmt: skip
            self.fail("where the exponent ends is not certain", self.token.span, "brackets around the exponent")
        if token.kind == "number":
            return Number(token.value, span=token.span)
        return Name(token.value, token.font, token.accents, span=token.span)

    def special_factor(self) -> Node:
        """Parse a root."""
        token = self.token
        if token.kind != "command":
            self.unexpected("a formula")
        self.advance()
        if self.at("open") and self.token.value == "(":
            group = self.bracket()
            if not isinstance(group, Group):
                self.fail("a root of more than one thing", group.span)
            return self.decorate(Root(group.body, span=self.since(token.start)), token.start)
        if token.value == "sqrt" or not self.at("name", "number"):
            self.unexpected("'('")
        body = self.advance()
        if self.at("sub"):
            self.position -= 1
            radicand = self.factor()
        elif body.kind == "number":
            radicand = Number(body.value, span=body.span)
        else:
            radicand = Name(body.value, body.font, body.accents, span=body.span)
        if self.at("sup", "prime") or (not self.token.blank and self.starts_factor()) or has_power(radicand):
            self.fail("where the root ends is not certain", expected="brackets after the root sign")
        return Root(radicand, span=self.since(token.start))


def has_power(node: Node) -> bool:
    """Say whether the node has a superscript."""
    return isinstance(node, Script) and node.sup is not None
