"""The tokens that both lexers produce. The grammar sees only these, whatever the notation was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from symnn.notation.tree import Span

MAX_LENGTH = 20_000
MAX_DEPTH = 60

TokenKind = Literal[
    "number", "name", "function", "big", "text", "ellipsis", "nabla", "differential",  # start a factor
    "sign", "product", "slash", "relation", "sub", "sup", "prime",  # operators
    "open", "close", "bar", "given", "lbrace", "rbrace",  # brackets; braces are invisible ones
    "comma", "semicolon", "colon", "stop", "quad", "row", "cell",  # separators
    "begin", "finish", "command", "parameter",  # LaTeX: environments, commands with arguments, #1
    "end",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``value`` is its neutral name: ``cdot``, ``alpha``, ``(``, the digits of a number, …

    ``blank`` says whether white space stood before it. ``font`` and ``accents`` belong to names. ``grown`` marks
    delimiters written with a growing bracket (LaTeX left, right).
    """

    kind: TokenKind
    value: str
    start: int
    end: int
    blank: bool = False
    font: str = ""
    accents: tuple[str, ...] = ()
    grown: bool = False

    @property
    def span(self) -> Span:
        """The place in the source."""
        return self.start, self.end

    def at(self, span: Span) -> Token:
        """Return the same token at another place, for what a macro expands to."""
        return replace(self, start=span[0], end=span[1])
