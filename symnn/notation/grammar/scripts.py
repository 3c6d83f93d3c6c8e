"""Subscripts, superscripts, primes and limits."""

from __future__ import annotations

from symnn.notation.grammar.statements import Statements
from symnn.notation.tree import Name, Node, Number, Prime, Script


class Scripts(Statements):
    """What hangs on a base."""

    def decorate(self, base: Node, start: int) -> Node:
        """Parse primes, subscripts and superscripts after a base."""
        used: set[str] = set()
        while self.at("prime", "sub", "sup"):
            if self.at("prime") or self.raised_primes():
                if "sup" in used:
                    self.fail("two superscripts on one base", expected="braces")
                if isinstance(base, Number):
                    self.fail("a prime on a number")
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
        r"""Say whether ``^{\prime}`` or ``^\prime`` comes next."""
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

    def short_script(self) -> Node:
        """Parse a script without braces."""
        self.unexpected("a script")
