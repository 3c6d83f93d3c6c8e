r"""The factors of the shared grammar: brackets, bars, scripts, calls, big operators, derivatives written with a slash.

A factor that swallows what follows it (``\log x y``, ``\frac{d}{dx} f(x)``, ``\nabla L``) is where formulas are
misread most. The rules are strict: one certain reading, or `loose`, or a refusal that asks for brackets.
"""

from __future__ import annotations

from symnn.notation.grammar import Grammar, bare, is_identifier
from symnn.notation.symbols import CONNECTIVES, OPEN_TO_CLOSE
from symnn.notation.tokens import Token
from symnn.notation.tree import (
    BigKind,
    BigOperator,
    Call,
    Derivative,
    DerivativeSymbol,
    Ellipsis,
    EllipsisKind,
    EvaluatedAt,
    Given,
    Group,
    Matrix,
    Nabla,
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

_LOG_LIKE = ("log", "ln", "lg")  # log(x)^2 is written for log(x^2) and for (log x)^2
_MAX_ORDER = 9
_SWALLOWING = ("big", "nabla", "differential")  # they take what follows as their operand, without brackets


class Operands(Grammar):
    """Grammar with factors. Subclasses add what only one notation has, through the hooks at the end."""

    open_ended: Node | None = None

    # --- factors --------------------------------------------------------------------------------------------

    def factor(self) -> Node:
        """Parse one factor with its scripts."""
        token = self.token
        self.open_ended = None
        if token.kind == "number":
            self.advance()
            return self.decorate(Number(token.value, span=token.span), token.start)
        if token.kind == "name":
            self.advance()
            name = Name(token.value, token.font, token.accents, span=token.span)
            if is_expectation(name):
                return self.expectation(name, token.start)
            return self.decorate(name, token.start)
        if token.kind == "function":
            self.advance()
            self.deeper(token)
            node = self.call(Name(token.value, token.font, span=token.span), token.start)
            self.depth -= 1
            return node
        if token.kind == "text":
            return self.text_operand()
        if token.kind == "ellipsis":
            self.advance()
            return Ellipsis(as_ellipsis(token), span=token.span)
        if token.kind in _SWALLOWING:
            self.deeper(token)
            makers = {"big": self.big, "nabla": self.nabla, "differential": self.differential}
            node = makers[token.kind]()
            self.depth -= 1
            return node
        if token.kind == "open":
            return self.decorate(self.bracket(), token.start)
        if token.kind == "bar":
            return self.decorate(self.between_bars(), token.start)
        if token.kind == "lbrace":
            return self.brace_factor()
        return self.special_factor()

    def is_open_ended(self, node: Node) -> bool:
        """Say whether the factor just parsed was a call or derivative without brackets."""
        return node is self.open_ended

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

    # --- brackets -------------------------------------------------------------------------------------------

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
        """Parse an invisible group ``{…}`` as a factor; refuse one that would need visible brackets."""
        opening = self.token
        before = self.tokens[self.position - 1] if self.position else None
        body = self.braced()
        loose = isinstance(body, Sum | Negative | Relation | Phrase | Sequence)
        if isinstance(body, Product):
            head, last = body.factors[0], body.factors[-1]
            call_like = (
                len(body.factors) == 2
                and isinstance(head, Name | Script)
                and isinstance(last, Group | Sequence)
            )
            if self.at("sub", "sup", "prime") and not call_like:
                self.fail(
                    "the script belongs to the last factor or to all of them", expected="visible brackets"
                )
        bound_left = before is not None and before.kind in (
            "sign", "product", "slash", "number", "name", "function", "big", "close", "rbrace", "bar", "text",
        )  # fmt: skip
        bound_right = self.at("sub", "sup", "prime", "product", "slash") or self.starts_factor()
        if loose and (
            bound_left or bound_right or (not isinstance(body, Sum | Negative) and self.at("sign"))
        ):
            self.fail(
                "braces do not show, so what belongs together here is not certain",
                expected="visible brackets",
            )
        return self.decorate(body, opening.start)

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

    # --- scripts --------------------------------------------------------------------------------------------

    def decorate(self, base: Node, start: int) -> Node:
        """Parse primes, subscripts and superscripts after a base."""
        used: set[str] = set()
        while self.at("prime", "sub", "sup"):
            if self.at("prime") or self.raised_primes():
                if "sup" in used:
                    self.fail("two superscripts on one base", expected="braces")
                count = self.primes()
                base = Prime(base, count, span=self.since(start))
                continue
            scripts: dict[str, Node] = {}
            while self.at("sub", "sup") and not self.raised_primes():
                kind = self.token.kind
                if kind in used:
                    self.fail(f"two {kind}erscripts on one base" if kind == "sup" else "two subscripts on one base",
                              expected="braces")  # fmt: skip
                used.add(kind)
                self.advance()
                scripts[kind] = self.script()
            base = Script(base, scripts.get("sub"), scripts.get("sup"), span=self.since(start))
        return base

    def raised_primes(self) -> bool:
        """Say whether ``^{\\prime}`` or ``^\\prime`` comes next."""
        if not self.at("sup"):
            return False
        index = self.position + 1
        braced = self.tokens[index].kind == "lbrace"
        index += braced
        if self.tokens[index].kind != "prime":
            return False
        while self.tokens[index].kind == "prime":
            index += 1
        return not braced or self.tokens[index].kind == "rbrace"

    def primes(self) -> int:
        """Take prime marks, raised or not, and count them."""
        count = 0
        if self.at("sup"):
            self.advance()
        braced = self.at("lbrace")
        if braced:
            self.advance()
        while self.at("prime"):
            count += int(self.advance().value)
        if braced:
            self.advance()
        return count

    def script(self) -> Node:
        """Parse the argument of ``_`` or ``^``."""
        if not self.at("lbrace"):
            return self.short_script()
        opening = self.advance()
        self.enter("script", opening)
        if self.at("sign", "product") and self.peek().kind == "rbrace":
            token = self.advance()
            body: Node = Name({"ast": "*"}.get(token.value, token.value), span=token.span)
        elif self.at("rbrace"):
            self.fail("an empty script", (opening.start, self.token.end), "an index, a label or a power")
        else:
            body = self.listing()
        if not self.at("rbrace"):
            self.unexpected("'}' or an operator")
        self.advance()
        self.leave()
        return body

    def limits(self) -> tuple[Node | None, Node | None]:
        """Parse at most one subscript and one superscript."""
        sub = sup = None
        while self.at("sub", "sup"):
            token = self.advance()
            if (sub if token.kind == "sub" else sup) is not None:
                self.fail("two limits in the same place", token.span)
            node = self.script()
            if token.kind == "sub":
                sub = node
            else:
                sup = node
        return sub, sup

    # --- calls and big operators ----------------------------------------------------------------------------

    def call(self, name: Name, start: int) -> Node:
        """Parse a function with its scripts and its arguments, with or without brackets."""
        head = self.decorate(name, start)
        if self.at("open") and self.token.value in "([{":
            group = self.bracket()
            arguments = (
                group.items if isinstance(group, Sequence) and group.separator == "," else (inner(group),)
            )
            node: Node = Call(head, arguments, span=self.since(start))
            if self.at("sup") and not self.raised_primes() and name.base in _LOG_LIKE:
                self.fail(f"is the {name.base} or its argument raised?", expected="brackets around it")
            return self.decorate(node, start)
        if self.at("lbrace"):
            opening = self.token
            body = self.braced()
            if isinstance(body, Sum | Negative | Relation | Phrase) or self.starts_factor():
                self.fail(
                    "where the argument ends is not certain", (opening.start, self.previous_end), "brackets"
                )
            self.open_ended = Call(head, (body,), span=self.since(start))
            return self.open_ended
        if not self.starts_factor():
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
        argument = (
            factors[0]
            if not loose
            else Product("juxtaposed", tuple(factors), span=self.since(argument_start))
        )
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
        opening = self.token.start
        body = self.decorate(self.bracket(), opening)
        if isinstance(body, Script | Prime):
            self.fail("is the expectation or what stands in it raised?", body.span, "brackets around it")
        return BigOperator("expectation", sub, sup, body, span=self.since(start))

    # --- derivatives ----------------------------------------------------------------------------------------

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
            self.fail(
                "where the operand of the gradient ends is not certain", node.span, "brackets around it"
            )
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
            node = Derivative(
                as_derivative(token), None, (variable,), operand, "index", span=self.since(start)
            )
            return self.mark_open(node)
        order = self.derivative_order()
        numerator = None if self.at("slash") else self.call_like_factor()
        if not self.at("slash"):
            self.fail(
                "a differential on its own is not understood", self.since(start), "a derivative such as ∂L/∂w"
            )
        self.advance()
        if not (self.at("differential") and self.token.value == token.value):
            self.unexpected("the variable of the derivative")
        variables = self.variables(order, token)
        if numerator is not None:
            if self.at("open") and not self.token.blank:
                self.fail(
                    "a bracket right after the variable of a derivative", expected="a product sign or a space"
                )
            return Derivative(
                as_derivative(token), numerator, variables, None, "slash", span=self.since(start)
            )
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
                self.fail(
                    "where the operand of the derivative ends is not certain", self.since(start), "brackets"
                )
            return node
        node, _ = self.run()
        if isinstance(node, Product) and any(isinstance(f, Derivative) for f in node.factors[1:]):
            self.fail(
                "where the operand of the derivative ends is not certain", node.span, "brackets around it"
            )
        return node

    # --- slashes --------------------------------------------------------------------------------------------

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
        """Allow ``1/2 x`` and ``1/n \\sum``; refuse other factors right after a slash denominator."""
        numbers = isinstance(quotient.numerator, Number) and isinstance(quotient.denominator, Number)
        if not (self.at("big") or (numbers and self.token.blank)):
            self.fail("does this factor belong to the denominator?", expected="brackets or a product sign")
        node, _ = self.run()
        factors = node.factors if isinstance(node, Product) and node.operator == "juxtaposed" else (node,)
        return Product("juxtaposed", (quotient, *factors), span=self.since(start))

    # --- hooks ----------------------------------------------------------------------------------------------

    def special_factor(self) -> Node:
        """Parse a factor that only one notation has."""
        self.unexpected("a formula")

    def short_script(self) -> Node:
        """Parse a script without braces."""
        self.unexpected("a script")


# --- small helpers ----------------------------------------------------------------------------------------------


def inner(group: Node) -> Node:
    """Return what stands in the brackets."""
    if isinstance(group, Group):
        return group.body
    if isinstance(group, Sequence):
        return Sequence(group.items, separator=group.separator, span=group.span)
    return group


def is_expectation(name: Name) -> bool:
    """Say whether a name is the double-struck E."""
    return name.base == "E" and name.font == "mathbb" and not name.accents


def base_of(node: Node) -> Node:
    """Return what carries the scripts and primes."""
    while isinstance(node, Script | Prime):
        node = node.base
    return node


def joined(first: Node, last: Node) -> tuple[int, int] | None:
    """Return the span over both nodes."""
    return (first.span[0], last.span[1]) if first.span and last.span else None


def as_big(kind: str) -> BigKind:
    return kind  # type: ignore[return-value]  # the lexers take it from the tables in symbols.py


def as_derivative(token: Token) -> DerivativeSymbol:
    return token.value  # type: ignore[return-value]  # as above


def as_ellipsis(token: Token) -> EllipsisKind:
    return token.value  # type: ignore[return-value]  # as above
