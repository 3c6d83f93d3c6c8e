"""The factor: one place that knows all kinds."""

from __future__ import annotations

from symnn.notation.grammar.derivatives import Derivatives
from symnn.notation.grammar.parts import as_ellipsis, is_expectation
from symnn.notation.tree import Ellipsis, Name, Node, Number

_SWALLOWING = ("big", "nabla", "differential")  # they take what follows as their operand, without brackets


class Operands(Derivatives):
    """The whole shared grammar. A notation adds its own factors and its own short scripts."""

    def factor(self) -> Node:
        """Parse one factor with its scripts."""
        token = self.token
        self.open_ended = None
        if token.kind == "number":
            self.advance()
            return self.decorate(Number(token.value, span=token.span), token.start)
        if token.kind == "name":
            self.advance()
            name = Name(token.value, token.font, token.accents, span=token.span)
            if is_expectation(name):
                return self.expectation(name, token.start)
            return self.decorate(name, token.start)
        if token.kind == "function":
            self.advance()
            self.deeper(token)
            node = self.call(Name(token.value, token.font, span=token.span), token.start)
            self.depth -= 1
            return node
        if token.kind == "text":
            return self.text_operand()
        if token.kind == "ellipsis":
            self.advance()
            return Ellipsis(as_ellipsis(token), span=token.span)
        if token.kind in _SWALLOWING:
            self.deeper(token)
            makers = {"big": self.big, "nabla": self.nabla, "differential": self.differential}
            node = makers[token.kind]()
            self.depth -= 1
            return node
        if token.kind == "open":
            return self.decorate(self.bracket(), token.start)
        if token.kind == "bar":
            return self.decorate(self.between_bars(), token.start)
        if token.kind == "lbrace":
            return self.brace_factor()
        return self.special_factor()

    def is_open_ended(self, node: Node) -> bool:
        """Say whether the factor just parsed was a call or derivative without brackets."""
        return node is self.open_ended

    def special_factor(self) -> Node:
        """Parse a factor that only one notation has."""
        self.unexpected("a formula")
