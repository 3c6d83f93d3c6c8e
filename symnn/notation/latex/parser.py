r"""The LaTeX parser: the shared grammar plus the commands that start a factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Final

from symnn.notation.latex import commands
from symnn.notation.latex.fonts import accented, in_font
from symnn.notation.grammar.operands import Operands
from symnn.notation.grammar.parts import as_big, as_derivative, is_expectation, is_identifier
from symnn.notation.tokens import Token
from symnn.notation.tree import (
    Blank,
    Branch,
    Cases,
    Derivative,
    EvaluatedAt,
    Matrix,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Product,
    Quotient,
    QuotientStyle,
    Root,
    Script,
    Sum,
    Text,
)

_FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "over")
_WRAPPERS: Final = ("boxed", "fbox", "framebox", "cancel", "bcancel", "mathord", "mathinner")
_IF_WORDS: Final = ("if", "for", "when", "where", "falls", "si", "wenn", "as")
_BIG_NAMES: Final = ("argmax", "argmin", "max", "min")


class LatexParser(Operands):
    """Parses one list of tokens from the LaTeX lexer."""

    def special_factor(self) -> Node:
        """Parse a factor that begins with a command or an environment."""
        token = self.token
        if token.kind == "begin":
            return self.decorate(self.environment(), token.start)
        if token.kind != "command":
            self.unexpected("a formula")
        name = token.value
        if name in _FRACTIONS:
            return self.decorate(self.fraction(), token.start)
        if name in commands.WORD_FONTS or name in commands.LETTER_FONTS:
            return self.after_font(self.font(), token.start)
        if name in commands.FONT_SWITCHES:
            return self.font_switch()
        if name in commands.ACCENTS:
            self.advance()
            return self.decorate(
                self.spanned(accented(commands.ACCENTS[name], self.argument()), token.start), token.start
            )
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

    def spanned(self, node: Node, start: int) -> Node:
        """Give a node the span from ``start`` to here."""
        return replace(node, span=self.since(start))

    def bracketed(self, body: Node, opening: Token, closing: Token) -> Node:
        r"""Build the node for a bracket; ``\left. … \right|_{x=0}`` is an evaluation."""
        if opening.value == "." and closing.value == "|":
            sub, sup = self.limits()
            if sub is None and sup is None:
                self.fail("an evaluation bar without a place", closing.span, "a subscript")
            return EvaluatedAt(body, sub, sup, span=self.since(opening.start))
        return super().bracketed(body, opening, closing)

    # --- arguments ------------------------------------------------------------------------------------------

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
            return (
                Name(word, token.font, span=token.span)
                if is_identifier(word)
                else Text(word, span=token.span)
            )
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
        if token.value in _FRACTIONS:
            return self.fraction()
        if token.value == "sqrt":
            return self.root(False)
        self.unexpected("an argument in braces")

    # --- fractions and roots --------------------------------------------------------------------------------

    def fraction(self) -> Node:
        r"""Parse ``\frac``, which may be a derivative."""
        command = self.advance()
        start = command.start
        token = self.token
        if token.kind == "number" and len(token.value) == 2 and token.value.isdigit():
            self.advance()
            top = Number(token.value[0], span=(token.start, token.start + 1))
            bottom = Number(token.value[1], span=(token.start + 1, token.end))
            return Quotient(top, bottom, span=self.since(start))
        if token.kind == "lbrace" and self.peek().kind == "differential":
            return self.derivative_fraction(start)
        numerator = self.argument()
        if self.at("lbrace") and self.peek().kind == "differential":
            self.fail("the denominator is a differential, the numerator is not", self.since(start), "∂ above")
        denominator = self.argument()
        style: QuotientStyle = "over" if command.value == "over" else "frac"
        return Quotient(numerator, denominator, style, span=self.since(start))

    def derivative_fraction(self, start: int) -> Node:
        """Parse a fraction whose numerator begins with a differential sign."""
        opening = self.advance()
        self.enter("brace", opening)
        symbol = self.advance()
        order = self.derivative_order()
        numerator = None if self.at("rbrace") else self.run()[0]
        if not self.at("rbrace"):
            self.fail("the numerator of a derivative is more than one product", expected="brackets around it")
        self.advance()
        self.leave()
        if not self.at("lbrace"):
            self.unexpected("the variable of the derivative")
        opening = self.advance()
        self.enter("below", opening)
        coefficients = self.coefficients()
        if not (self.at("differential") and self.token.value == symbol.value):
            self.fail("the numerator is a differential, the denominator is not", self.since(start), "∂ below")
        variables = self.variables(order, symbol)
        if not self.at("rbrace"):
            self.unexpected("the end of the derivative")
        self.advance()
        self.leave()
        return self.finish_derivative(symbol, numerator, variables, coefficients, start)

    def finish_derivative(
        self,
        symbol: Token,
        numerator: Node | None,
        variables: tuple[Node, ...],
        below: list[Node],
        start: int,
    ) -> Node:
        """Build the derivative, with the operand that follows if there is no numerator."""
        if numerator is None and not below:
            operand = self.derivative_operand()
            node = Derivative(as_derivative(symbol), None, variables, operand, span=self.since(start))
            return self.mark_open(node)
        derivative = Derivative(as_derivative(symbol), numerator, variables, span=self.since(start))
        if not below:
            return derivative
        if numerator is None:
            self.fail("a factor below a derivative without numerator", self.since(start))
        denominator = below[0] if len(below) == 1 else Product("juxtaposed", tuple(below), span=below[0].span)
        return Quotient(derivative, denominator, span=self.since(start))

    def coefficients(self) -> list[Node]:
        r"""Parse the ``T \cdot`` of ``T \cdot \partial o``, which divides the whole derivative."""
        found: list[Node] = []
        while not self.at("differential") and self.starts_factor():
            found.append(self.factor())
            if self.at("product") and self.peek().kind == "differential":
                self.advance()
        return found

    def root(self, scripts: bool = True) -> Node:
        r"""Parse ``\sqrt[n]{x}``."""
        start = self.advance().start
        degree: Node | None = None
        if self.at("open") and self.token.value == "[" and not self.token.grown:
            opening = self.advance()
            self.enter("[", opening)
            degree = self.statement()
            if not self.at("close"):
                self.unexpected("']'")
            self.advance()
            self.leave()
        node = Root(self.argument(), degree, span=self.since(start))
        return self.decorate(node, start) if scripts else node

    # --- fonts, accents, names ------------------------------------------------------------------------------

    def font(self) -> Node:
        """Parse a font command with its argument. Letters in an upright font stand together as one word."""
        command = self.advance()
        font = commands.CANONICAL_FONT.get(command.value, command.value)
        word = self.word() if command.value in commands.WORD_FONTS else None
        if word is not None:
            if word.isdigit() and font in ("mathrm", "mathit", "mathsf", "mathtt"):
                return Number(word, span=self.since(command.start))
            return Name(word, font, span=self.since(command.start))
        return self.spanned(in_font(self.argument(), font), command.start)

    def word(self) -> str | None:
        """Take the letters and digits in braces as one word, if there is nothing else in them."""
        if not self.at("lbrace"):
            return None
        close = self.partner[self.position]
        parts = self.tokens[self.position + 1 : close]
        if not parts or not all(
            (t.kind in ("name", "number") and not t.accents and not t.font and "." not in t.value)
            or t.kind in ("function", "big", "quad") or (t.kind == "sign" and t.value == "-" and 0 < i < len(parts) - 1)
            for i, t in enumerate(parts)
        ):  # fmt: skip
            return None
        if len(parts) > 1 and any(
            t.kind == "name" and len(t.value) > 1 and "_" not in t.value for t in parts
        ):
            if not all(t.kind == "name" and self.text[t.start : t.end].isalpha() for t in parts):
                return None
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
        if (
            self.at("lbrace")
            and self.peek().kind in ("command", "text")
            and self.partner[self.position] > self.position + 1
        ):
            name = self.wrapped_name()
        elif self.at("lbrace") and self.peek().kind in ("big", "function") and self.peek(2).kind == "rbrace":
            name = self.peek().value
            self.position = self.partner[self.position]
            self.advance()
        else:
            word = self.word()
            if word is None:
                self.fail(
                    "the name of an operator is more than letters", self.token.span, "letters in braces"
                )
            name = word
        if name in _BIG_NAMES:
            return self.named_big(name, command.start)
        return self.call(Name(name, "operatorname", span=self.since(command.start)), command.start)

    def wrapped_name(self) -> str:
        r"""Take the name out of ``{\mathrm{name}}`` or ``{\text{name}}``."""
        self.advance()
        if self.at("text"):
            name = self.advance().value.strip()
        else:
            node = self.argument()
            if not isinstance(node, Name):
                self.fail("the name of an operator is more than letters", node.span)
            name = node.base
        if not self.at("rbrace"):
            self.unexpected("'}'")
        self.advance()
        return name

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

    # --- wrappers -------------------------------------------------------------------------------------------

    def wrapper(self) -> Node:
        r"""Parse ``\boxed{…}`` and the like: only the content counts."""
        start = self.advance().start
        return self.wrapped_content(start)

    def wrapped_content(self, start: int) -> Node:
        """Parse content in braces that stands for itself; a sum in it may not be bound to its neighbours."""
        if not self.at("lbrace"):
            return self.decorate(self.argument(), start)
        return self.brace_factor()

    def braced_below(self) -> Node:
        r"""Parse ``\underbrace{…}_{…}``: the label is dropped."""
        start = self.advance().start
        body = self.braced()
        if isinstance(body, Sum | Negative) and (self.peek_after_script("product", "slash")):
            self.fail("braces do not show, so what belongs together here is not certain", self.since(start))
        if self.at("sub", "sup"):
            self.advance()
            self.drop_argument()
        return body

    def peek_after_script(self, *kinds: str) -> bool:
        index = self.position
        if self.tokens[index].kind in ("sub", "sup"):
            index = self.partner.get(index + 1, index + 1) + 1
        return self.tokens[index].kind in kinds

    def drop_argument(self) -> None:
        """Pass over an argument whose content does not matter."""
        self.position = self.partner.get(self.position, self.position)
        self.advance()

    def colored(self) -> Node:
        r"""Parse ``\color{red}{…}``, ``\color{red} …`` and ``\textcolor{red}{…}``."""
        command = self.advance()
        if not self.at("lbrace"):
            self.unexpected("a colour in braces")
        self.drop_argument()
        if command.value == "color" and not self.at("lbrace"):
            node, self.open_ended = self.run()
            return node
        return self.wrapped_content(command.start)

    def stacked(self) -> Node:
        r"""Parse ``\underset{x}{\operatorname{argmin}} f``: the limit goes to the operator."""
        command = self.advance()
        start = command.start
        if not self.at("lbrace"):
            self.unexpected("'{'")
        limit = self.braced()
        if not self.at("lbrace"):
            self.unexpected("'{'")
        close = self.partner[self.position]
        parts = [
            t.value
            for t in self.tokens[self.position + 1 : close]
            if t.kind in ("big", "command", "name", "text")
        ]
        word = "".join(
            p for p in parts if p not in ("operatorname", "operatorname*", "mathrm", "text", "mathop")
        )
        if command.value != "underset" or word not in (
            "argmax",
            "argmin",
            "max",
            "min",
            "sum",
            "prod",
            "lim",
        ):
            self.fail(f"\\{command.value} over something that is no operator", self.since(start))
        self.position = close
        self.advance()
        return self.big_operator(as_big(word), limit, None, start)

    # --- environments ---------------------------------------------------------------------------------------

    def environment(self) -> Node:
        """Parse an environment."""
        begin = self.advance()
        name = begin.value
        self.enter("" if name not in commands.MATRICES else "cell", begin)
        if name in commands.MATRICES:
            rows = self.table()
            left, right = commands.MATRICES[name]
            node: Node = Matrix(tuple(tuple(row) for row in rows), left, right)
        elif name in commands.CASES:
            node = Cases(tuple(self.branch(row) for row in self.table()))
        else:
            node = self.rows()
        if not self.at("finish"):
            self.unexpected("an operator or the end of the environment")
        self.leave()
        self.advance()
        return self.spanned(node, begin.start)

    def table(self) -> list[list[Node]]:
        """Parse rows of cells."""
        found: list[list[Node]] = []
        row: list[Node] = []
        while True:
            row.append(self.cell())
            if self.at("cell"):
                self.advance()
                continue
            if not all(isinstance(cell, Blank) for cell in row) or (self.at("row") and len(row) > 1):
                found.append(row)
            row = []
            if not self.at("row"):
                break
            self.advance()
        if not found:
            self.fail("a table without content")
        return found

    def cell(self) -> Node:
        self.skip_quads()
        if self.at("cell", "row", "finish"):
            return Blank(span=(self.previous_end, self.token.start))
        node = self.listing()
        self.end_punctuation()
        self.skip_quads()
        if not self.at("cell", "row", "finish"):
            self.unexpected("an operator or the end of the cell")
        return node

    def branch(self, row: list[Node]) -> Branch:
        """Make a branch of a row: its first cell is the value, the rest is the condition."""
        value, *rest = row
        condition = [part for part in rest if not isinstance(part, Blank)]
        if isinstance(value, Phrase) and not condition:
            value, *condition = value.parts
        parts: list[Node] = []
        for part in condition:
            parts.extend(part.parts if isinstance(part, Phrase) else [part])
        if (
            len(parts) > 1
            and isinstance(parts[0], Text)
            and parts[0].content.rstrip(" :,").lower() in _IF_WORDS
        ):
            parts = parts[1:]
        for left, right in pairwise(parts):
            if not isinstance(left, Text) and not isinstance(right, Text):
                self.fail("two formulas side by side in one condition", right.span, "words between them")
        span = (value.span[0], self.previous_end) if value.span else None
        if not parts:
            return Branch(value, None, span=span)
        return Branch(
            value, parts[0] if len(parts) == 1 else Phrase(tuple(parts), span=parts[0].span), span=span
        )
