r"""The grammar that LaTeX and plain text share: precedence, lists, relations, words between formulas.

From loose to tight: rows; wide space; ``;``; ``,``; words; ``:``; relations; ``+ -``; ``\cdot \times \odot / …``
(from left to right); juxtaposition; scripts. `Operands` in ``symnn.notation.operands`` has the factors.

Where a reader of the formula would have to guess, so would the parser, and it refuses instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

from symnn.notation.errors import NotationError
from symnn.notation.symbols import CONNECTIVES
from symnn.notation.tokens import MAX_DEPTH, Token, TokenKind, bars_left, partners
from symnn.notation.tree import (
    Call,
    Derivative,
    Ellipsis,
    Labelled,
    Lines,
    Link,
    Negative,
    Node,
    Number,
    Phrase,
    Product,
    ProductOperator,
    Quotient,
    Relation,
    RelationOperator,
    Separator,
    Sequence,
    Sign,
    Signed,
    Slice,
    Span,
    Sum,
    Text,
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
_STATEMENT_ENDS = frozenset(
    (
        "comma",
        "semicolon",
        "colon",
        "stop",
        "quad",
        "row",
        "cell",
        "close",
        "rbrace",
        "given",
        "finish",
        "end",
    )
)
_AFTER_IDENTIFIER = frozenset(("relation", "sign", "product", "slash", "open", "sub", "sup", "prime"))
_ROW_ENDS = frozenset(("row", "cell", "finish", "rbrace", "end"))
_UNFINISHED = ("=", ":=", "approx", "equiv", "to", "implies")
_EXPECTED_FORMULA = "a formula"


class Grammar:
    """Parser state and everything looser than a factor. Subclasses supply `factor`."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0
        self.previous_end = 0
        self.depth = 0
        self.enclosing = [""]  # "" a row, "script", "brace", or the opening bracket
        self.partner = partners(tokens, text)
        self.bars_left = bars_left(tokens)

    # --- tokens ---------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.position]

    def peek(self, ahead: int = 1) -> Token:
        """Return a token further on; the last one stays ``end``."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the next token."""
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
            self.previous_end = token.end
        return token

    def at(self, *kinds: TokenKind) -> bool:
        """Say whether the next token is of one of these kinds."""
        return self.tokens[self.position].kind in kinds

    def since(self, start: int) -> Span:
        """Return the span from ``start`` to the end of the last token taken."""
        return start, max(start, self.previous_end)

    def fail(self, message: str, span: Span | None = None, expected: str = "") -> NoReturn:
        """Raise a NotationError, by default at the next token."""
        raise NotationError(message, span or self.token.span, text=self.text, expected=expected)

    def unexpected(self, expected: str) -> NoReturn:
        """Refuse the next token."""
        token = self.token
        if token.kind == "end":
            self.fail("the formula ends too early", expected=expected)
        shown = self.text[token.start : token.end]
        self.fail(f"unexpected {shown!r}", expected=expected)

    def enter(self, kind: str, opening: Token) -> None:
        """Go into a bracket or group."""
        self.deeper(opening)
        self.enclosing.append(kind)

    def deeper(self, token: Token) -> None:
        """Count one more level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"the formula is nested deeper than {MAX_DEPTH} levels", token.span)

    def leave(self) -> None:
        """Come back out of a bracket."""
        self.depth -= 1
        self.enclosing.pop()

    def after_quads(self) -> Token:
        """Return the next token that is no wide space."""
        index = self.position
        while self.tokens[index].kind == "quad":
            index += 1
        return self.tokens[index]

    def skip_quads(self) -> None:
        """Pass over wide space."""
        while self.at("quad"):
            self.advance()

    # --- rows and lists -------------------------------------------------------------------------------------

    def document(self) -> Node:
        """Parse the whole token list."""
        node = self.rows()
        if not self.at("end"):
            self.unexpected("the end of the formula")
        return node

    def rows(self) -> Node:
        """Parse rows up to the end of the text or of the environment."""
        start = self.token.start
        found: list[Node] = []
        while not self.at("end", "finish", "rbrace"):
            if self.at("row"):
                self.advance()
                continue
            self.skip_quads()
            if self.at(*_ROW_ENDS):
                continue
            found.append(self.row())
            if not self.at("row", "end", "finish"):
                self.unexpected("an operator or the end of the formula")
        if not found:
            self.fail("there is no formula here", expected=_EXPECTED_FORMULA)
        return found[0] if len(found) == 1 else Lines(tuple(found), span=self.since(start))

    def row(self) -> Node:
        """Parse one row: statements with wide space or ``;`` or ``,`` between them."""
        start = self.token.start
        label = self.item_number()
        segments: list[Node] = []
        while True:
            segments.append(self.listing())
            self.end_punctuation()
            self.skip_quads()
            if self.at(*_ROW_ENDS) or not self.starts_statement():
                break
        body = segments[0]
        if len(segments) > 1:
            body = Sequence(tuple(segments), separator="quad", span=self.since(start))
        return Labelled(label, body, span=self.since(start)) if label else body

    def item_number(self) -> Node | None:
        """Take an item number such as ``3.`` at the start of a row."""
        token, dot = self.token, self.peek()
        if token.kind == "number" and token.value.isdigit() and dot.kind == "stop" and self.starts_factor(2):
            self.advance()
            self.advance()
            return Number(token.value, span=token.span)
        return None

    def end_punctuation(self) -> None:
        """Drop the full stop or comma of the sentence that a formula ends with."""
        while self.at("stop", "comma", "semicolon"):
            index = self.position + 1
            while self.tokens[index].kind in ("quad", "stop", "comma", "semicolon"):
                index += 1
            if self.tokens[index].kind not in _ROW_ENDS and self.peek().kind != "quad":
                return
            self.advance()

    def listing(self) -> Node:
        """Parse a list without brackets: items with ``,``, groups of them with ``;``."""
        start = self.token.start
        groups = [self.comma_group()]
        while self.at("semicolon") and not self.list_ends_after_separator():
            self.advance()
            groups.append(self.comma_group())
        if len(groups) == 1:
            return groups[0]
        return Sequence(tuple(groups), separator=";", span=self.since(start))

    def comma_group(self) -> Node:
        start = self.token.start
        items = [self.item()]
        while self.at("comma") and not self.list_ends_after_separator():
            self.advance()
            items.append(self.item())
        items = attach_ranges(items)
        return items[0] if len(items) == 1 else Sequence(tuple(items), span=self.since(start))

    def list_ends_after_separator(self) -> bool:
        """Say whether the separator here is only the punctuation before wide space or the end of a row."""
        return self.enclosing[-1] == "" and self.peek().kind in (*_ROW_ENDS, "quad", "stop")

    def item(self) -> Node:
        """Parse one item of a list; in scripts it may be a slice."""
        if self.enclosing[-1] != "script":
            return self.statement()
        start = self.token.start
        first = None if self.at("colon") else self.statement()
        if not self.at("colon"):
            assert first is not None
            return first
        self.advance()
        stop = None if self.at("comma", "rbrace", "close") else self.statement()
        return Slice(first, stop, span=self.since(start))

    def bracket_items(self) -> tuple[tuple[Node, ...], Separator]:
        """Parse what stands in brackets up to the closing one or a bar."""
        start = self.token.start
        self.skip_quads()
        groups: list[list[Node]] = [[self.item()]]
        wide = False
        while True:
            if self.at("quad"):
                self.skip_quads()
                if self.at("comma", "semicolon", "close", "bar", "given"):
                    continue
                wide = True
                groups[-1].append(self.item())
            elif self.at("comma"):
                self.advance()
                self.skip_quads()
                groups[-1].append(self.item())
            elif self.at("semicolon"):
                self.advance()
                self.skip_quads()
                groups.append([self.item()])
            else:
                break
        if len(groups) == 1:
            return tuple(groups[0]), "quad" if wide else ","
        if wide:
            self.fail("wide space and ';' in one list", self.since(start))
        return tuple(bare(tuple(group), ",") for group in groups), ";"

    # --- statements -----------------------------------------------------------------------------------------

    def starts_statement(self) -> bool:
        return self.at("relation", "sign", "text") or self.starts_factor()

    def statement_ends(self) -> bool:
        return self.token.kind in _STATEMENT_ENDS or (self.at("bar") and not self.starts_factor())

    def statement(self) -> Node:
        """Parse formulas and the words between them, with a label before a colon."""
        start = self.token.start
        parts: list[Node] = []
        while True:
            words_last = bool(parts) and isinstance(parts[-1], Text)
            if self.at("quad"):
                following = self.after_quads()
                if following.kind == "text" and self.words_after_gap():
                    self.skip_quads()
                elif words_last and following.kind not in _STATEMENT_ENDS:
                    self.skip_quads()
                    continue
                else:
                    break
            elif self.at("stop", "comma") and self.peek().kind == "text" and self.is_connective(self.peek()):
                self.advance()
            if self.at("text") and (bool(parts) and not words_last or self.is_words(self.position)):
                token = self.advance()
                parts.append(Text(token.value.strip(), span=token.span))
                continue
            if self.statement_ends() and not (self.at("bar") and (words_last or not parts)):
                break
            if parts and not words_last:
                self.unexpected("an operator or the end of the formula")
            if words_last and self.at("relation"):
                self.fail("a relation right after words", expected=_EXPECTED_FORMULA)
            parts.append(self.relation())
        if not parts:
            self.unexpected(_EXPECTED_FORMULA)
        body = parts[0] if len(parts) == 1 else Phrase(tuple(parts), span=self.since(start))
        if self.at("colon") and self.enclosing[-1] == "":
            self.advance()
            return Labelled(body, self.statement(), span=self.since(start))
        return body

    @staticmethod
    def is_connective(token: Token) -> bool:
        return token.value.strip().rstrip(":,.").lower() in CONNECTIVES

    def is_words(self, index: int) -> bool:
        """Say whether a text token where a formula could begin is words, and not an identifier."""
        token, following = self.tokens[index], self.tokens[index + 1]
        if self.is_connective(token) and self.enclosing[-1] != "script":
            return True
        if is_identifier(token.value) and not token.value[-1:].isspace():
            return False
        return self.starts_factor(index + 1 - self.position) and following.kind not in ("open", "bar")

    def words_after_gap(self) -> bool:
        """Say whether the text after wide space is a remark, and not the start of the next statement."""
        index = self.position
        while self.tokens[index].kind == "quad":
            index += 1
        following = self.tokens[index + 1]
        return self.is_connective(self.tokens[index]) or following.kind not in (
            "relation", "open", "sub", "sup", "prime", "product", "slash",
        )  # fmt: skip

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

    # --- arithmetic -----------------------------------------------------------------------------------------

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
                    self.fail(
                        "wide space before a sign: a new statement or the next term?", expected="no space"
                    )
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
            self.fail(
                "where the operand of the derivative ends is not certain", last.span, "brackets around it"
            )
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
            self.fail("two numbers side by side", (left.span or token.span)[:1] + (token.end,), "an operator")

    # --- supplied by subclasses -----------------------------------------------------------------------------

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

    def inside_bar(self) -> bool:
        """Say whether the innermost bracket is a bar like the next token."""
        return self.enclosing[-1] == "bar" + self.token.value

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


# --- small helpers ----------------------------------------------------------------------------------------------


def is_identifier(value: str) -> bool:
    """Say whether the content of a text is one word that could name something."""
    word = value.strip()
    return (
        bool(word)
        and word[0].isalnum()
        and all(c.isalnum() or c in "_-." for c in word)
        and not word.endswith(".")
    )


def bare(items: tuple[Node, ...], separator: Separator) -> Node:
    """Return the only item, or a list without brackets."""
    if len(items) == 1:
        return items[0]
    first, last = items[0].span, items[-1].span
    return Sequence(items, separator=separator, span=(first[0], last[1]) if first and last else None)


def attach_ranges(items: list[Node]) -> list[Node]:
    """Give ``i = 1, …, n`` back its right side: items after a relation belong to it if no other relation follows.

    With dots among them it is a range even if more relations follow. Otherwise the list stays as it is.
    """
    found: list[Node] = []
    index = 0
    while index < len(items):
        item = items[index]
        index += 1
        found.append(item)
        if not isinstance(item, Relation) or item.links[-1].right is None:
            continue
        stop = index
        while stop < len(items) and not isinstance(items[stop], Relation | Phrase | Labelled | Text):
            stop += 1
        tail = items[index:stop]
        if tail and (stop == len(items) or any(isinstance(t, Ellipsis) for t in tail)):
            found[-1] = extend_relation(item, tail)
            index = stop
    return found


def extend_relation(relation: Relation, tail: list[Node]) -> Relation:
    """Make the last right side of a relation a list."""
    *links, last = relation.links
    assert last.right is not None
    right = bare((last.right, *tail), ",")
    end = tail[-1].span[1] if tail[-1].span else 0
    link = replace(last, right=right, span=(last.span[0], end) if last.span else None)
    return replace(relation, links=(*links, link), span=(relation.span[0], end) if relation.span else None)


def as_relation(token: Token) -> RelationOperator:
    return token.value  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_product(token: Token) -> ProductOperator:
    return token.value  # type: ignore[return-value]  # as above


def as_sign(token: Token) -> Sign:
    return token.value  # type: ignore[return-value]  # as above
