"""Brackets, bars, invisible groups, and texts that stand for something."""

from __future__ import annotations

from symnn.notation.grammar.parts import bare, is_identifier, joined
from symnn.notation.grammar.scripts import Scripts
from symnn.notation.symbols import CONNECTIVES, OPEN_TO_CLOSE
from symnn.notation.tokens import Token, TokenKind
from symnn.notation.tree import (
    Derivative,
    EvaluatedAt,
    Given,
    Group,
    Matrix,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Script,
    Sequence,
    Sum,
    Text,
)

_BINDING: frozenset[TokenKind] = frozenset(
    ("product", "slash", "number", "name", "function", "big", "close", "rbrace", "bar", "text")
)


class Brackets(Scripts):
    """Factors that enclose something."""

    open_ended: Node | None = None  # the last factor, if its end is not certain

    def bracket(self) -> Node:
        """Parse something in brackets: a group, a list, or a list with a conditional bar."""
        opening = self.advance()
        self.enter(opening.value, opening)
        start = opening.start
        if self.at("close"):
            body: Node = Sequence(())
        else:
            body = bare(*self.bracket_items())
            if self.at("bar", "given"):
                bar = self.advance()
                right = bare(*self.bracket_items())
                body = Given(body, right, "‖" if bar.value == "‖" else "|", span=self.since(start + 1))
        if not self.at("close"):
            self.unexpected(f"{OPEN_TO_CLOSE.get(opening.value, 'the closing bracket')!r} or an operator")
        self.leave()
        closing = self.advance()
        return self.bracketed(body, opening, closing)

    def bracketed(self, body: Node, opening: Token, closing: Token) -> Node:
        """Build the node for a bracket with this content."""
        left, right = opening.value, closing.value
        span = (opening.start, closing.end)
        items = body.items if isinstance(body, Sequence) and not body.left else None
        matching = OPEN_TO_CLOSE.get(left) == right
        if not matching and not (items and len(items) == 2 and {left, right} <= set("([)]")):
            self.fail(f"{left!r} is closed by {right!r}", closing.span, f"{OPEN_TO_CLOSE.get(left, '')!r}")
        if items is not None:
            assert isinstance(body, Sequence)
            return Sequence(items, left, right, body.separator, span=span)
        if isinstance(body, Matrix) and not body.left:
            return Matrix(body.rows, left, right, span=span)
        return Group(body, left, right, span=span)

    def between_bars(self) -> Node:
        """Parse ``|x|`` or a norm."""
        opening = self.advance()
        self.enter("bar" + opening.value, opening)
        body = self.statement()
        if not (self.at("bar") and self.token.value == opening.value):
            self.unexpected("the closing bar")
        closing = self.advance()
        self.leave()
        return self.bracketed(body, opening, closing)

    def evaluated_at(self, factors: list[Node]) -> Node:
        """Parse ``|_{x=0}`` after the factors, and take off the one that it belongs to."""
        body = factors.pop()
        if factors and isinstance(body, Group | Sequence) and isinstance(factors[-1], Name | Script | Prime):
            head = factors.pop()
            body = Product("juxtaposed", (head, body), span=joined(head, body))
        if factors and not isinstance(body, Derivative | Quotient):
            self.fail("how far the bar reaches back is not certain", expected="\\left. … \\right|_{…}")
        self.advance()
        sub, sup = self.limits()
        start = body.span[0] if body.span else self.previous_end
        return EvaluatedAt(body, sub, sup, span=self.since(start))

    def brace_factor(self) -> Node:
        """Parse an invisible group ``{…}`` as a factor."""
        start = self.token.start
        before = self.before()
        return self.decorate(self.shown_as_written(self.braced(), before), start)

    def before(self) -> Token | None:
        """Return the token before the next one."""
        return self.tokens[self.position - 1] if self.position else None

    def shown_as_written(self, body: Node, before: Token | None) -> Node:
        """Refuse invisible braces that would have to be visible: ``a {b + c}`` looks like ``a b + c``."""
        scripted = self.at("sub", "sup", "prime")
        if isinstance(body, Product) and scripted and not is_call(body):
            self.fail("the script belongs to the last factor or to all of them", expected="visible brackets")
        bound_left = before is not None and (before.kind in _BINDING or (before.kind == "sign" and before.value != "+"))
        bound_right = scripted or self.at("product", "slash") or self.starts_factor()
        bound = bound_left or bound_right
        if isinstance(body, Relation | Phrase | Sequence):
            bound = bound or self.at("sign", "relation") or (before is not None and before.kind in ("sign", "relation"))
        if bound and isinstance(body, Sum | Negative | Relation | Phrase | Sequence):
            self.fail(
                "braces do not show, so what belongs together here is not certain",
                expected="visible brackets",
            )
        return body

    def braced(self) -> Node:
        """Parse ``{…}`` with one formula inside."""
        opening = self.advance()
        self.enter("brace", opening)
        body = self.statement()
        self.skip_quads()
        if not self.at("rbrace"):
            self.unexpected("'}' or an operator")
        self.advance()
        self.leave()
        return body

    def text_operand(self) -> Node:
        """Parse a text where a factor is expected: an identifier, words, or words before a symbol."""
        token = self.advance()
        word = token.value.strip()
        in_script = self.enclosing[-1] == "script"
        if word in CONNECTIVES and not in_script:
            self.fail(f"the word {word!r} stands where a formula should", token.span, "a formula")
        words = Text(word, span=token.span)
        loose_space = token.value != token.value.rstrip()
        if loose_space and self.starts_factor() and not self.at("open", "bar", "text"):
            node, self.open_ended = self.run()
            return Phrase((words, node), span=self.since(token.start))
        if not is_identifier(word):
            return self.decorate(words, token.start) if word else words
        if word.isdigit():
            return self.decorate(Number(word, span=token.span), token.start)
        return self.decorate(Name(word, token.font or "text", span=token.span), token.start)


def is_call(product: Product) -> bool:
    """Say whether a product is a name with a bracket right after it."""
    head, last = product.factors[0], product.factors[-1]
    return len(product.factors) == 2 and isinstance(head, Name | Script) and isinstance(last, Group | Sequence)
