r"""The LaTeX parser: the shared grammar plus everything that begins with a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from symnn.notation.grammar.parts import as_big
from symnn.notation.latex import commands
from symnn.notation.latex.fractions import FRACTIONS
from symnn.notation.latex.tables import Tables
from symnn.notation.tokens import Token
from symnn.notation.tree import EvaluatedAt, Node

_WRAPPERS: Final = ("boxed", "fbox", "framebox", "cancel", "bcancel", "mathord", "mathinner")
_WITH_LIMIT: Final = ("argmax", "argmin", "max", "min", "sum", "prod", "lim")


class LatexParser(Tables):
    """Parses one list of tokens from the LaTeX lexer."""

    def special_factor(self) -> Node:
        """Parse a factor that begins with a command or an environment."""
        token = self.token
        if token.kind == "begin":
            return self.decorate(self.environment(), token.start)
        if token.kind != "command":
            self.unexpected("a formula")
        name = token.value
        if name in FRACTIONS:
            return self.decorate(self.fraction(), token.start)
        if name in commands.WORD_FONTS or name in commands.LETTER_FONTS:
            return self.after_font(self.font(), token.start)
        if name in commands.FONT_SWITCHES:
            return self.font_switch()
        if name in commands.ACCENTS:
            return self.decorate(self.command_argument(token), token.start)
        return self.method(name)()

    def method(self, name: str) -> Callable[[], Node]:
        """Return what parses this command."""
        if name in ("operatorname", "operatorname*", "operatornamewithlimits", "mathop"):
            return self.operator_name
        if name in ("underbrace", "overbrace"):
            return self.braced_below
        if name in _WRAPPERS:
            return self.wrapper
        if name in ("color", "textcolor", "colorbox"):
            return self.colored
        if name in ("underset", "overset", "stackrel"):
            return self.stacked
        table: dict[str, Callable[[], Node]] = {"sqrt": self.root, "arg": self.arg}
        if name not in table:
            self.unexpected("a formula")
        return table[name]

    def bracketed(self, body: Node, opening: Token, closing: Token) -> Node:
        r"""Build the node for a bracket; ``\left. … \right|_{x=0}`` is an evaluation."""
        if opening.value == "." and closing.value == "|":
            sub, sup = self.limits()
            if sub is None and sup is None:
                self.fail("an evaluation bar without a place", closing.span, "a subscript")
            return EvaluatedAt(body, sub, sup, span=self.since(opening.start))
        return super().bracketed(body, opening, closing)

    # --- wrappers: only their content counts ----------------------------------------------------------------

    def wrapper(self) -> Node:
        r"""Parse ``\boxed{…}`` and the like."""
        self.advance()
        return self.brace_factor() if self.at("lbrace") else self.argument()

    def colored(self) -> Node:
        r"""Parse ``\color{red}{…}``, ``\color{red} …`` and ``\textcolor{red}{…}``."""
        before = self.before()
        command = self.advance()
        if not self.at("lbrace"):
            self.unexpected("a colour in braces")
        self.drop_argument()
        if self.at("lbrace"):
            opening = self.token.start
            return self.decorate(self.shown_as_written(self.braced(), before), opening)
        if command.value != "color":
            return self.argument()
        node, self.open_ended = self.run()
        return node

    def braced_below(self) -> Node:
        r"""Parse ``\underbrace{…}_{…}``: the label is dropped."""
        before = self.before()
        self.advance()
        if not self.at("lbrace"):
            self.unexpected("'{'")
        body = self.braced()
        if self.at("sub", "sup"):
            self.advance()
            self.drop_argument()
        return self.shown_as_written(body, before)

    def drop_argument(self) -> None:
        """Pass over an argument whose content does not matter."""
        self.position = self.partner.get(self.position, self.position)
        self.advance()

    def stacked(self) -> Node:
        r"""Parse ``\underset{x}{\operatorname{argmin}} f``: the limit goes to the operator."""
        command = self.advance()
        if not self.at("lbrace"):
            self.unexpected("'{'")
        limit = self.braced()
        if not self.at("lbrace"):
            self.unexpected("'{'")
        word = self.name_inside()
        if command.value != "underset" or word not in _WITH_LIMIT:
            self.fail(f"\\{command.value} over something that is no operator", self.since(command.start))
        return self.big_operator(as_big(word), limit, None, command.start)
