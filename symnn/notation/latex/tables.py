"""Environments: matrices, cases, and rows of displays."""

from __future__ import annotations

from itertools import pairwise

from symnn.notation.grammar.pieces import IF_WORDS, spelled
from symnn.notation.latex import commands
from symnn.notation.latex.fractions import Fractions
from symnn.notation.tree import Blank, Branch, Cases, Matrix, Node, Phrase, Text


class Tables(Fractions):
    """Environments."""

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
        condition = [spelled(part) for part in rest if not isinstance(part, Blank)]
        if isinstance(value, Phrase) and not condition:
            value, *condition = value.parts
        parts: list[Node] = []
        for part in condition:
            parts.extend(part.parts if isinstance(part, Phrase) else [part])
        if len(parts) > 1 and isinstance(parts[0], Text) and parts[0].content.rstrip(" :,").lower() in IF_WORDS:
            parts = parts[1:]
        for left, right in pairwise(parts):
            if not isinstance(left, Text) and not isinstance(right, Text):
                self.fail("two formulas side by side in one condition", right.span, "words between them")
        span = (value.span[0], self.previous_end) if value.span else None
        if not parts:
            return Branch(value, None, span=span)
        return Branch(value, parts[0] if len(parts) == 1 else Phrase(tuple(parts), span=parts[0].span), span=span)
