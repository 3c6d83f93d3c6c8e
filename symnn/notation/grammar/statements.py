"""Rows, lists, words between formulas, labels: what is looser than a relation."""

from __future__ import annotations

from symnn.notation.grammar.arithmetic import Arithmetic
from symnn.notation.grammar.parts import attach_ranges, bare, is_identifier
from symnn.notation.grammar.pieces import rows_as_cases
from symnn.notation.symbols import CONNECTIVES
from symnn.notation.tokens import Token, TokenKind
from symnn.notation.tree import Labelled, Lines, Node, Number, Phrase, Separator, Sequence, Slice, Text

_STATEMENT_ENDS: frozenset[TokenKind] = frozenset(
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
_ROW_ENDS: frozenset[TokenKind] = frozenset(("row", "cell", "finish", "rbrace", "end"))
_EXPECTED_FORMULA = "a formula"


class Statements(Arithmetic):
    """Everything looser than a relation."""

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
        found = rows_as_cases(found)
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
        return self.enclosing[-1] in ("", "cell") and self.peek().kind in (*_ROW_ENDS, "quad", "stop")

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
            if self.at("text") and ((bool(parts) and not words_last) or self.is_words(self.position)):
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
