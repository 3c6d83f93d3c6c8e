r"""Expansion of macros that a document defines with ``\newcommand`` and its relatives.

Expansion works on tokens, with bounds on depth and size. What comes out of a macro body points at the place
where the macro was used; what comes out of an argument keeps its own place.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Final

from symnn.notation.errors import NotationError
from symnn.notation.latex.lexer import lex
from symnn.notation.tokens import MAX_LENGTH, Token
from symnn.notation.tree import Span

_MAX_DEPTH: Final = 32
_MAX_TOKENS: Final = 40_000


@dataclass(frozen=True, slots=True)
class Macro:
    r"""A macro: its body with ``#1`` to ``#9``, the number of parameters, and the first one's default if optional.

    ``\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}`` is ``Macro(r"\frac{\partial #1}{\partial #2}",
    2)``, and ``\DeclareMathOperator{\relu}{ReLU}`` is ``Macro(r"\operatorname{ReLU}")``. Raises ValueError
    if the number of parameters is not 0 to 9, or if a default is given and there is none.
    """

    body: str
    parameters: int = 0
    default: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.parameters <= 9:
            raise ValueError(f"a macro has 0 to 9 parameters, not {self.parameters}")
        if self.default is not None and self.parameters == 0:
            raise ValueError("a macro without parameters cannot have a default argument")


class Expander:
    """Expands one token list. Bodies are read once, when they are first used."""

    def __init__(self, macros: Mapping[str, Macro], names: Container[str], text: str) -> None:
        self.macros = macros
        self.names = names
        self.text = text
        self.bodies: dict[str, list[Token]] = {}
        self.taken = 0  # where the last argument that was taken ends

    def expand(self, tokens: list[Token]) -> list[Token]:
        """Return the tokens with every macro replaced by what it stands for."""
        result: list[Token] = []
        waiting = [(token, 0) for token in reversed(tokens)]  # the next token is the last entry
        while waiting:
            token, depth = waiting.pop()
            if token.kind != "command" or token.value not in self.macros:
                result.append(token)
                if len(result) > _MAX_TOKENS:
                    raise self.error("the macros make the formula too long", token.span)
                continue
            if depth >= _MAX_DEPTH:
                raise self.error(f"the macro \\{token.value} expands to itself, or too deeply", token.span)
            replacement = self.one(token, waiting)
            if len(waiting) + len(replacement) > _MAX_TOKENS:
                raise self.error("the macros make the formula too long", token.span)
            waiting.extend((item, depth + 1) for item in reversed(replacement))
        return result

    def one(self, token: Token, waiting: list[tuple[Token, int]]) -> list[Token]:
        """Expand one use of a macro; take its arguments off ``waiting``.

        What comes from its definition stands for the whole use, with its arguments.
        """
        macro = self.macros[token.value]
        self.taken = token.span[1]
        arguments: list[list[Token]] = []
        if macro.default is not None:
            arguments.append(self.optional(token, macro.default, waiting))
        while len(arguments) < macro.parameters:
            arguments.append(self.argument(token, waiting))
        use = token.span[0], max(token.span[1], self.taken)
        found: list[Token] = []
        for part in self.body(token, macro):
            found.extend(arguments[int(part.value) - 1] if part.kind == "parameter" else [part.at(use)])
        if found:
            found[0] = replace(found[0].at((use[0], found[0].span[1])), blank=token.blank)
            found[-1] = found[-1].at((found[-1].span[0], use[1]))
        return found

    def body(self, token: Token, macro: Macro) -> list[Token]:
        if token.value not in self.bodies:
            self.bodies[token.value] = self.read(macro.body, macro.parameters, token)
        return self.bodies[token.value]

    def read(self, source: str, parameters: int, token: Token) -> list[Token]:
        if len(source) > MAX_LENGTH:
            raise self.error(f"the definition of \\{token.value} is too long", token.span)
        try:
            return lex(source, self.macros, self.names, parameters)
        except NotationError as error:
            raise self.error(f"in the definition of \\{token.value}: {error.message}", token.span) from error

    def argument(self, token: Token, waiting: list[tuple[Token, int]]) -> list[Token]:
        """Take one token, or a group in braces, which lose their braces as in TeX."""
        while waiting and waiting[-1][0].kind == "quad":
            waiting.pop()
        if not waiting or waiting[-1][0].kind in ("rbrace", "close", "finish", "row", "cell"):
            raise self.error(f"\\{token.value} lacks an argument", token.span)
        first, _ = waiting.pop()
        self.taken = first.span[1]
        if first.kind != "lbrace":
            return [first]
        found: list[Token] = []
        level = 1
        while True:
            if not waiting:
                raise self.error("this brace is not closed", first.span)
            part, _ = waiting.pop()
            self.taken = part.span[1]
            level += (part.kind == "lbrace") - (part.kind == "rbrace")
            if level == 0:
                return found
            found.append(part)

    def optional(self, token: Token, default: str, waiting: list[tuple[Token, int]]) -> list[Token]:
        """Take an argument in square brackets, or the default."""
        if not waiting or waiting[-1][0].kind != "open" or waiting[-1][0].value != "[":
            return [part.at(token.span) for part in self.read(default, 0, token)]
        opening, _ = waiting.pop()
        found: list[Token] = []
        level = 1
        while True:
            if not waiting:
                raise self.error("this bracket is not closed", opening.span)
            part, _ = waiting.pop()
            self.taken = part.span[1]
            level += (part.kind == "open") - (part.kind == "close")
            if level == 0:
                return found
            found.append(part)

    def error(self, message: str, span: Span) -> NotationError:
        return NotationError(message, span, text=self.text)
