r"""Relations, sums, products and juxtaposition: from loose to tight, down to the factor.

Product signs and slashes of all kinds bind alike and associate to the left, looser than juxtaposition.
Where a reader of the formula would have to guess, so would the parser, and it refuses instead.
"""

from __future__ import annotations

from dataclasses import replace

from symnn.notation.grammar.cursor import Cursor
from symnn.notation.grammar.parts import as_product, as_relation, as_sign, is_identifier
from symnn.notation.symbols import CONNECTIVES
from symnn.notation.tokens import Token
from symnn.notation.tree import (
    Call,
    Derivative,
    Link,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sign,
    Signed,
    Sum,
)

_FACTOR_KINDS = frozenset(
    (
        "number",
        "name",
        "function",
        "big",
        "ellipsis",
        "nabla",
        "differential",
        "open",
        "lbrace",
        "command",
        "begin",
    )
)
_UNFINISHED = ("=", ":=", "approx", "equiv", "to", "implies")
_AFTER_IDENTIFIER = frozenset(("relation", "sign", "product", "slash", "open", "sub", "sup", "prime"))
_EXPECTED_FORMULA = "a formula"


class Arithmetic(Cursor):
    """Everything looser than a factor and tighter than a statement."""

    def relation(self) -> Node:
        """Parse a chain of relations, or a single expression."""
        start = self.token.start
        first = None if self.at("relation") else self.conditional()
        links: list[Link] = []
        while self.after_quads().kind == "relation":
            self.skip_quads()
            token = self.advance()
            if self.after_quads().kind == "relation":
                self.skip_quads()
                self.fail("two relations in a row", (token.start, self.token.end), _EXPECTED_FORMULA)
            if self.after_quads().kind in ("row", "finish", "end") and token.value in _UNFINISHED:
                links.append(Link(as_relation(token), None, span=token.span))
                self.skip_quads()
                break
            self.skip_quads()
            links.append(Link(as_relation(token), self.conditional(), span=self.since(token.start)))
        if not links:
            assert first is not None
            return first
        return Relation(first, tuple(links), span=self.since(start))

    def conditional(self) -> Node:
        """Parse one side of a relation. Plain text puts ``a if c else b`` here."""
        return self.sum()

    def sum(self) -> Node:
        """Parse an additive chain."""
        start = self.token.start
        terms: list[Signed] = []
        while True:
            sign: Sign = "+"
            at = self.token.start
            written = self.at("sign")
            if written:
                sign = as_sign(self.advance())
                self.skip_quads()
            term = self.signed_term()
            terms.append(Signed(sign, term, span=self.since(at)))
            if self.at("quad") and self.after_quads().kind == "sign":
                if self.after_quads().value != "+":
                    self.fail("wide space before a sign: a new statement or the next term?", expected="no space")
                self.skip_quads()
            if not self.at("sign"):
                break
        if len(terms) == 1:
            only = terms[0]
            if only.sign == "-":
                return Negative(only.term, span=only.span)
            if not written:
                return only.term
        return Sum(tuple(terms), span=self.since(start))

    def signed_term(self) -> Node:
        """Parse a term that may have a minus of its own, as in ``a + -b``."""
        if not self.at("sign"):
            return self.term()
        token = self.advance()
        if token.value != "-" or self.at("sign"):
            self.unexpected(_EXPECTED_FORMULA)
        return Negative(self.term(), span=self.since(token.start))

    def term(self) -> Node:
        """Parse factors joined by product signs and slashes, from left to right."""
        start = self.token.start
        left, open_ended = self.run()
        chained = ""  # the operator by which `left` was built here, so that a chain becomes one node
        while True:
            if self.at("quad") and self.after_quads().kind in ("product", "slash"):
                self.skip_quads()
            if not self.at("product", "slash"):
                return left
            token = self.advance()
            self.skip_quads()
            if open_ended is not None:
                left = self.close_argument(left, open_ended)
            if token.kind == "slash":
                right = self.slash_denominator()
                open_ended = None
                left, chained = Quotient(left, right, "slash", span=self.since(start)), ""
                if self.starts_factor():
                    left = self.after_slash(left, start)
                continue
            right, open_ended = self.operand_after_product()
            if chained == token.value and isinstance(left, Product):
                left = replace(left, factors=(*left.factors, right), span=self.since(start))
            else:
                left = Product(as_product(token), (left, right), span=self.since(start))
            chained = token.value

    def operand_after_product(self) -> tuple[Node, Node | None]:
        if self.at("sign") and self.token.value == "-":
            minus = self.advance()
            body, open_ended = self.run()
            return Negative(body, span=self.since(minus.start)), open_ended
        return self.run()

    def close_argument(self, left: Node, last: Node) -> Node:
        """Deal with a product sign after something whose end is not certain, such as ``log x``."""
        if isinstance(last, Derivative):
            self.fail("where the operand of the derivative ends is not certain", last.span, "brackets around it")
        if left is last:
            assert isinstance(last, Call)
            return replace(last, loose=True)
        if isinstance(left, Product):
            return replace(left, factors=(*left.factors[:-1], self.close_argument(left.factors[-1], last)))
        if isinstance(left, Negative):
            return replace(left, body=self.close_argument(left.body, last))
        return left

    def run(self) -> tuple[Node, Node | None]:
        """Parse juxtaposed factors. Also return the last one if its end is not certain."""
        start = self.token.start
        factors: list[Node] = []
        while True:
            token = self.token
            if factors:
                self.check_neighbours(factors[-1], token)
            node = self.factor()
            if isinstance(node, Product) and node.operator == "juxtaposed":
                factors.extend(node.factors)  # from invisible braces
            else:
                factors.append(node)
            while self.at("bar") and self.peek().kind == "sub" and not self.inside_bar():
                factors.append(self.evaluated_at(factors))
            if not self.starts_factor():
                break
        last = factors[-1]
        open_ended = last if self.is_open_ended(last) else None
        if len(factors) == 1:
            return last, open_ended
        return Product("juxtaposed", tuple(factors), span=self.since(start)), open_ended

    def check_neighbours(self, left: Node, token: Token) -> None:
        """Refuse two factors side by side that cannot be a product."""
        if isinstance(left, Number) and token.kind == "number":
            start = left.span[0] if left.span else token.start
            self.fail("two numbers side by side", (start, token.end), "an operator")

    def starts_factor(self, ahead: int = 0) -> bool:
        """Say whether the token can start a factor where one has just ended."""
        index = min(self.position + ahead, len(self.tokens) - 1)
        token = self.tokens[index]
        if token.kind == "text":
            return self.text_is_factor(index)
        if token.kind == "bar":
            if self.enclosing[-1] == "bar" + token.value or self.tokens[index + 1].kind == "sub":
                return False
            return self.bars_left.get(index, 0) % 2 == 0
        return token.kind in _FACTOR_KINDS

    def text_is_factor(self, index: int) -> bool:
        """Say whether a text token right after a factor is one more factor."""
        value = self.tokens[index].value
        if value != value.strip() or not is_identifier(value) or value in CONNECTIVES:
            return False
        return value.isascii() or self.tokens[index + 1].kind in _AFTER_IDENTIFIER

    def factor(self) -> Node:
        """Parse one factor with its scripts."""
        raise AssertionError("the subclass has the factors")

    def is_open_ended(self, node: Node) -> bool:
        """Say whether the factor just parsed was a call or derivative without brackets."""
        raise AssertionError("the subclass has the factors")

    def slash_denominator(self) -> Node:
        """Parse what stands after a slash."""
        raise AssertionError("the subclass has the factors")

    def after_slash(self, quotient: Quotient, start: int) -> Node:
        """Deal with a factor right after a slash denominator."""
        raise AssertionError("the subclass has the factors")

    def evaluated_at(self, factors: list[Node]) -> Node:
        """Parse a bar with limits after the factors, and take off those that it belongs to."""
        raise AssertionError("the subclass has the factors")
