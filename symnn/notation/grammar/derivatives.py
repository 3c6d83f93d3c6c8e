r"""Gradients and derivatives: ``\nabla L``, ``\partial L / \partial w``, ``\partial_x f``, ``d/dx f(x)``."""

from __future__ import annotations

from symnn.notation.grammar.calls import Calls
from symnn.notation.grammar.parts import as_derivative, base_of, joined
from symnn.notation.tokens import Token
from symnn.notation.tree import (
    Derivative,
    Group,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Script,
    Sequence,
    Sum,
    Text,
)

_MAX_ORDER = 9


class Derivatives(Calls):
    """Factors with a differential sign."""

    def nabla(self) -> Node:
        """Parse a gradient sign with its variable and its operand."""
        start = self.advance().start
        wrt, power = self.limits()
        if not self.starts_factor():
            return Nabla(wrt, None, power, span=self.since(start))
        if self.at("lbrace"):
            opening = self.token.start
            operand = self.braced()
            if isinstance(operand, Sum | Negative | Relation):
                self.fail("where the operand of the gradient ends is not certain", operand.span, "brackets")
            operand = self.decorate(operand, opening)
        else:
            operand = self.factor()
        closed = isinstance(operand, Group | Sequence | Product)
        if not closed and self.at("open") and isinstance(base_of(operand), Name | Text):
            arguments = self.decorate(self.bracket(), self.token.start)
            operand = Product("juxtaposed", (operand, arguments), span=joined(operand, arguments))
            closed = True
        node = Nabla(wrt, operand, power, span=self.since(start))
        if not closed and self.starts_factor():
            self.fail("where the operand of the gradient ends is not certain", node.span, "brackets around it")
        return node

    def differential(self) -> Node:
        r"""Parse ``∂L/∂w``, ``d/dx …`` or ``\partial_x f``."""
        token = self.advance()
        start = token.start
        if self.at("sub"):
            self.advance()
            variable = self.script()
            operand = self.derivative_operand()
            if operand is None:
                self.unexpected("what is differentiated")
            node = Derivative(as_derivative(token), None, (variable,), operand, "index", span=self.since(start))
            return self.mark_open(node)
        order = self.derivative_order()
        numerator = None if self.at("slash") else self.call_like_factor()
        if not self.at("slash"):
            self.fail("a differential on its own is not understood", self.since(start), "a derivative such as ∂L/∂w")
        self.advance()
        if not (self.at("differential") and self.token.value == token.value):
            self.unexpected("the variable of the derivative")
        variables = self.variables(order, token)
        if numerator is not None:
            if self.at("open") and not self.token.blank:
                self.fail("a bracket right after the variable of a derivative", expected="a product sign or a space")
            return Derivative(as_derivative(token), numerator, variables, None, "slash", span=self.since(start))
        operand = self.derivative_operand()
        node = Derivative(as_derivative(token), None, variables, operand, "slash", span=self.since(start))
        return self.mark_open(node)

    def mark_open(self, node: Derivative) -> Derivative:
        """Remember a derivative whose operand has no brackets, so that a product sign after it is refused."""
        if node.operand is not None and not isinstance(base_of(node.operand), Group | Sequence):
            self.open_ended = node
        else:
            self.open_ended = None
        return node

    def derivative_order(self) -> int:
        """Parse the exponent after the first differential sign."""
        if not self.at("sup"):
            return 1
        self.advance()
        node = self.script()
        if not isinstance(node, Number) or not node.text.isdigit() or not 1 <= int(node.text) <= _MAX_ORDER:
            self.fail("the order of a derivative is not a small number", node.span, f"1 to {_MAX_ORDER}")
        return int(node.text)

    def variables(self, order: int, symbol: Token) -> tuple[Node, ...]:
        """Parse the variables below the bar: as many as the order says."""
        found: list[Node] = []
        start = self.token.start
        while len(found) < order and self.at("differential") and self.token.value == symbol.value:
            self.advance()
            if order == 1:
                found.append(self.call_like_factor() if self.enclosing[-1] == "below" else self.factor())
                break
            node = self.factor()
            times = 1
            if isinstance(node, Script) and isinstance(node.sup, Number) and node.sup.text.isdigit():
                times = int(node.sup.text)
                base = node.base if node.sub is None else Script(node.base, node.sub, span=node.span)
                node = base
            if times > order - len(found):
                times = order + 1 - len(found)
            found.extend([node] * times)
        if len(found) != order:
            self.fail(f"a derivative of order {order} by {len(found)} variables", self.since(start))
        return tuple(found)

    def call_like_factor(self) -> Node:
        """Parse a factor together with a bracket right after it: ``f(x)``."""
        node = self.factor()
        if self.at("open") and not isinstance(node, Group | Sequence):
            arguments = self.decorate(self.bracket(), self.token.start)
            return Product("juxtaposed", (node, arguments), span=joined(node, arguments))
        return node

    def derivative_operand(self) -> Node | None:
        """Parse what a derivative without numerator applies to, if anything."""
        if not self.starts_factor():
            return None
        start = self.token.start
        if self.at("open"):
            square = self.token.value == "["
            node = self.factor()
            if square and isinstance(node, Script) and node.sup is not None:
                self.fail("is the derivative or its operand raised?", node.span, "brackets around it")
            if self.starts_factor() and not square:
                self.fail("where the operand of the derivative ends is not certain", self.since(start), "brackets")
            return node
        node, _ = self.run()
        if isinstance(node, Product) and any(isinstance(f, Derivative) for f in node.factors[1:]):
            self.fail("where the operand of the derivative ends is not certain", node.span, "brackets around it")
        return node
