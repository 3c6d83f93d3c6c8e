r"""Fractions, which may be derivatives, and roots."""

from __future__ import annotations

from typing import Final

from symnn.notation.grammar.parts import as_derivative
from symnn.notation.latex.words import Words
from symnn.notation.tokens import Token
from symnn.notation.tree import Derivative, Node, Number, Product, Quotient, QuotientStyle, Root

FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "over")


class Fractions(Words):
    """Commands that put something over something."""

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
        if token.kind == "lbrace" and self.peek().kind == "differential" and not self.holds_slash():
            return self.derivative_fraction(start)
        numerator = self.argument()
        if self.at("lbrace") and self.peek().kind == "differential":
            self.fail("the denominator is a differential, the numerator is not", self.since(start), "∂ above")
        denominator = self.argument()
        style: QuotientStyle = "over" if command.value == "over" else "frac"
        return Quotient(numerator, denominator, style, span=self.since(start))

    def holds_slash(self) -> bool:
        r"""Say whether the group here is itself a quotient: ``\\frac{\\partial L / \\partial w}{2}``."""
        index, close = self.position + 1, self.partner[self.position]
        while index < close:
            if self.tokens[index].kind == "slash":
                return True
            index = self.partner.get(index, index) + 1
        return False

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

    def other_argument(self, token: Token) -> Node:
        """Parse a fraction or root that stands as an argument without braces."""
        if token.value in FRACTIONS:
            return self.fraction()
        if token.value == "sqrt":
            return self.root(False)
        return super().other_argument(token)
