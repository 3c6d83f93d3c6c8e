"""The tokens that both lexers produce. The grammar sees only these, whatever the notation was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from symnn.notation.errors import NotationError
from symnn.notation.tree import Span

MAX_LENGTH = 20_000
MAX_DEPTH = 60

TokenKind = Literal[
    "number", "name", "function", "big", "text", "ellipsis", "nabla", "differential",  # start a factor
    "sign", "product", "slash", "relation", "sub", "sup", "prime",  # operators
    "open", "close", "bar", "given", "lbrace", "rbrace",  # brackets; braces are invisible ones
    "comma", "semicolon", "colon", "stop", "quad", "row", "cell",  # separators
    "begin", "finish", "command", "over", "parameter",  # LaTeX only
    "end",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``value`` is its neutral name: ``cdot``, ``alpha``, ``(``, the digits of a number, and so on.

    ``blank`` says whether white space stood before it. ``font`` and ``accents`` belong to names. ``grown``
    marks brackets that were written as an opening and a closing one, and so cannot be taken for the other.
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


_OPENING = ("open", "lbrace", "begin")
_CLOSING = {"close": "open", "rbrace": "lbrace", "finish": "begin"}
_CALLED = {"lbrace": "'{'", "rbrace": "'}'", "begin": "\\begin", "finish": "\\end"}


def partners(tokens: Sequence[Token], text: str) -> dict[int, int]:
    """Match brackets, braces and environments: index of each opening token -> index of its closing token.

    Raises NotationError for braces and environments that do not match. Other brackets need not be of a kind,
    because ``[0, 1)`` exists; the grammar looks at those.
    """
    found: dict[int, int] = {}
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind in _OPENING:
            stack.append(index)
        elif token.kind in _CLOSING:
            if not stack or tokens[stack[-1]].kind != _CLOSING[token.kind]:
                if stack and tokens[stack[-1]].kind == "open":
                    raise NotationError("this bracket is not closed", tokens[stack[-1]].span, text=text)
                called = _CALLED.get(token.kind, repr(token.value))
                raise NotationError(f"{called} closes nothing", token.span, text=text)
            found[stack.pop()] = index
    if stack:
        token = tokens[stack[-1]]
        what = {"lbrace": "this brace is not closed", "begin": f"\\begin{{{token.value}}} has no \\end"}
        raise NotationError(what.get(token.kind, "this bracket is not closed"), token.span, text=text)
    return found


def bars_left(tokens: Sequence[Token]) -> dict[int, int]:
    """Count, for each bar, how many bars of its kind are left in its bracket or cell, itself included.

    An even number means that it can open ``|x|`` after a complete factor; an odd one that it stands alone.
    """
    left: dict[int, int] = {}
    levels: list[list[int]] = [[]]

    def settle(level: list[int]) -> None:
        for kind in ("|", "‖"):
            same = [index for index in level if tokens[index].value == kind]
            left.update({index: len(same) - rank for rank, index in enumerate(same)})

    for index, token in enumerate(tokens):
        if token.kind in _OPENING:
            levels.append([])
        elif token.kind in _CLOSING and len(levels) > 1:
            settle(levels.pop())
        elif token.kind in ("row", "cell"):
            settle(levels.pop())
            levels.append([])
        elif token.kind == "bar":
            levels[-1].append(index)
    for level in levels:
        settle(level)
    return left
