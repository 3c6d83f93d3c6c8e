r"""Words in LaTeX: ``net_{h1}`` is one name when the document says what it is.

LaTeX sets a word in italics as a product of letters. A product of at least three single letters on a left side is no
product: it is the word that the document defines. So is ``dw`` where the document says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import replace
from symnn.notation.tree import Node
from symnn.notes.read.statements import Statement

SHORTEST = 2
SHORTEST_WORD = 3
LONGEST = 24


def with_words(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with every word that one of them defines as one name."""
    words = {word for statement in statements for word in _defined(statement)}
    if not words:
        return tuple(statements)
    return tuple(_respelled(statement, words) for statement in statements)


def _defined(statement: Statement) -> list[str]:
    """The word on the left side of a definition, and words below a derivative's sign on a left side."""
    if not statement.steps or statement.steps[0].operator not in ("=", ":=", "equiv", "approx"):
        return []
    node = statement.first.node
    if isinstance(node, t.Product) and node.operator == "juxtaposed":
        word = _word(node.factors)
        return [word] if word is not None else []
    return []


def _letter(node: Node, last: bool) -> str | None:
    if last and isinstance(node, t.Script) and isinstance(node.base, t.Name):
        node = node.base
    if isinstance(node, t.Name) and len(node.base) == 1 and node.base.isalpha() and not node.font and not node.accents:
        return node.base
    return None


def _word(factors: Sequence[Node]) -> str | None:
    letters = [_letter(factor, place == len(factors) - 1) for place, factor in enumerate(factors)]
    shortest = SHORTEST if letters[0] == "d" else SHORTEST_WORD
    if shortest <= len(factors) <= LONGEST and all(letter is not None for letter in letters):
        return "".join(letter for letter in letters if letter is not None)
    return None


def _respelled(statement: Statement, words: set[str]) -> Statement:
    def change(node: Node) -> Node:
        return _joined(node, words) if isinstance(node, t.Product) and node.operator == "juxtaposed" else node

    return statement.mapped(lambda node: replace(node, change))


def _joined(node: t.Product, words: set[str]) -> Node:
    factors: list[Node] = []
    place = 0
    while place < len(node.factors):
        length = next(
            (
                n
                for n in range(min(LONGEST, len(node.factors) - place), SHORTEST - 1, -1)
                if _word(node.factors[place : place + n]) in words
            ),
            0,
        )
        if not length:
            factors.append(node.factors[place])
            place += 1
            continue
        run = node.factors[place : place + length]
        factors.append(_name(run, _word(run) or ""))
        place += length
    if len(factors) == len(node.factors):
        return node
    return factors[0] if len(factors) == 1 else changed(node, factors=tuple(factors))


def _name(run: Sequence[Node], word: str) -> Node:
    first, last = run[0].span, run[-1].span
    span = None if first is None or last is None else (first[0], last[1])
    name = t.Name(word, span=span)
    return changed(run[-1], base=name, span=span) if isinstance(run[-1], t.Script) else name
