r"""Functions, big operators and slash denominators: factors that swallow what follows.

This is where formulas are misread most (``\log x y``, ``1 / 2 x``). The rules are strict: one certain
reading, or a mark that the reading is not certain, or a refusal that asks for brackets.
"""

from __future__ import annotations

from symnn.notation.grammar.brackets import Brackets
from symnn.notation.grammar.parts import as_big, base_of, inner, joined
from symnn.notation.tree import (
    BigKind,
    BigOperator,
    Call,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Product,
    Quotient,
    Relation,
    Script,
    Sequence,
    Sum,
    Text,
)

_LOG_LIKE = ("log", "ln", "lg")  # log(x)^2 is written for log(x^2) and for (log x)^2


class Calls(Brackets):
    """Factors that take an argument or a body."""

    def call(self, name: Name, start: int) -> Node:
        """Parse a function with its scripts and its arguments, with or without brackets."""
        head = self.decorate(name, start)
        if self.at("open") and self.token.value in "([{":
            group = self.bracket()
            arguments = group.items if isinstance(group, Sequence) and group.separator == "," else (inner(group),)
            node: Node = Call(head, arguments, span=self.since(start))
            if self.at("sup") and not self.raised_primes() and name.base in _LOG_LIKE:
                self.fail(f"is the {name.base} or its argument raised?", expected="brackets around it")
            return self.decorate(node, start)
        if self.at("lbrace"):
            opening = self.token
            body = self.braced()
            if isinstance(body, Sum | Negative | Relation | Phrase) or self.starts_factor():
                self.fail("where the argument ends is not certain", (opening.start, self.previous_end), "brackets")
            self.open_ended = Call(head, (body,), span=self.since(start))
            return self.open_ended
        if not self.starts_factor():
            if self.at("sign"):
                self.fail("is the sign a part of the argument?", expected="brackets around the argument")
            return head
        argument_start = self.token.start
        factors: list[Node] = []
        while self.starts_factor() and not (factors and self.at("function", "big", "differential", "nabla")):
            if factors:
                self.check_neighbours(factors[-1], self.token)
            swallows = self.at("function", "big", "differential", "nabla")
            factors.append(self.factor())
            if swallows:
                break
        loose = len(factors) > 1
        argument = factors[0] if not loose else Product("juxtaposed", tuple(factors), span=self.since(argument_start))
        self.open_ended = Call(head, (argument,), loose, span=self.since(start))
        return self.open_ended

    def big(self) -> Node:
        """Parse a big operator with limits and body; ``max(a, b)`` is a call."""
        token = self.advance()
        kind = token.value
        sub, sup = self.limits()
        if kind in ("max", "min") and sub is None and sup is None:
            if self.at("open") and self.token.value in "([{":
                return self.call(Name(kind, token.font, span=token.span), token.start)
            if not self.starts_factor():
                return Name(kind, token.font, span=token.span)
        return self.big_operator(as_big(kind), sub, sup, token.start)

    def big_operator(self, kind: BigKind, sub: Node | None, sup: Node | None, start: int) -> Node:
        """Parse the body of a big operator: the product that follows."""
        self.skip_quads()
        if self.at("sign") and self.token.value == "-":
            minus = self.advance()
            body: Node = Negative(self.term(), span=self.since(minus.start))
        elif self.starts_factor() or self.at("text"):
            body = self.term()
        else:
            self.unexpected("what the operator applies to")
        return BigOperator(kind, sub, sup, body, span=self.since(start))

    def expectation(self, name: Name, start: int) -> Node:
        """Parse the double-struck E with its bracket; without one it is a name."""
        sub, sup = self.limits()
        if not (self.at("open") and self.token.value in "[({"):
            return Script(name, sub, sup, span=self.since(start)) if sub or sup else name
        body = self.bracket()
        return self.decorate(BigOperator("expectation", sub, sup, body, span=self.since(start)), start)

    def slash_denominator(self) -> Node:
        """Parse what stands after a slash: one factor, or a name with a bracket right after it."""
        if self.at("sign") and self.token.value == "-":
            minus = self.advance()
            return Negative(self.slash_denominator(), span=self.since(minus.start))
        node = self.factor()
        if self.at("open") and not self.token.blank and isinstance(base_of(node), Name | Text):
            arguments = self.decorate(self.bracket(), self.token.start)
            return Product("juxtaposed", (node, arguments), span=joined(node, arguments))
        return node

    def after_slash(self, quotient: Quotient, start: int) -> Node:
        r"""Allow ``1/2 x`` and ``1/n \sum``; refuse other factors right after a slash denominator."""
        numbers = isinstance(quotient.numerator, Number) and isinstance(quotient.denominator, Number)
        if not (self.at("big") or (numbers and self.token.blank)):
            self.fail("does this factor belong to the denominator?", expected="brackets or a product sign")
        node, _ = self.run()
        factors = node.factors if isinstance(node, Product) and node.operator == "juxtaposed" else (node,)
        return Product("juxtaposed", (quotient, *factors), span=self.since(start))
