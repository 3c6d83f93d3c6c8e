"""The place in the token list, and how to complain about it."""

from __future__ import annotations

from typing import NoReturn

from symnn.notation.errors import NotationError
from symnn.notation.tokens import MAX_DEPTH, Token, TokenKind, bars_left, partners
from symnn.notation.tree import Span


class Cursor:
    """State of one parse."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0
        self.previous_end = 0
        self.depth = 0
        self.enclosing = [""]  # "" a row, "script", "brace", or the opening bracket
        self.partner = partners(tokens, text)
        self.bars_left = bars_left(tokens)

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def peek(self, ahead: int = 1) -> Token:
        """Return a token further on; the last one stays ``end``."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
            self.previous_end = token.end
        return token

    def at(self, *kinds: TokenKind) -> bool:
        """Say whether the next token is of one of these kinds."""
        return self.tokens[self.position].kind in kinds

    def since(self, start: int) -> Span:
        """Return the span from ``start`` to the end of the last token taken."""
        return start, max(start, self.previous_end)

    def fail(self, message: str, span: Span | None = None, expected: str = "") -> NoReturn:
        """Raise a NotationError, by default at the next token."""
        raise NotationError(message, span or self.token.span, text=self.text, expected=expected)

    def unexpected(self, expected: str) -> NoReturn:
        """Refuse the next token."""
        token = self.token
        if token.kind == "end":
            self.fail("the formula ends too early", expected=expected)
        shown = self.text[token.start : token.end]
        self.fail(f"unexpected {shown!r}", expected=expected)

    def enter(self, kind: str, opening: Token) -> None:
        """Go into a bracket or group."""
        self.deeper(opening)
        self.enclosing.append(kind)

    def deeper(self, token: Token) -> None:
        """Count one more level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"the formula is nested deeper than {MAX_DEPTH} levels", token.span)

    def leave(self) -> None:
        """Come back out of a bracket."""
        self.depth -= 1
        self.enclosing.pop()

    def after_quads(self) -> Token:
        """Return the next token that is no wide space."""
        index = self.position
        while self.tokens[index].kind == "quad":
            index += 1
        return self.tokens[index]

    def skip_quads(self) -> None:
        """Pass over wide space."""
        while self.at("quad"):
            self.advance()

    def inside_bar(self) -> bool:
        """Say whether the innermost bracket is a bar like the next token."""
        return self.enclosing[-1] == "bar" + self.token.value
