"""Plain text formulas to a notation tree."""

from __future__ import annotations

from collections.abc import Container

from symnn.notation.errors import NotationError
from symnn.notation.plain.differentials import mark_differentials
from symnn.notation.plain.lexer import lex
from symnn.notation.plain.parser import PlainParser
from symnn.notation.tokens import MAX_LENGTH, Token
from symnn.notation.tree import Node

__all__ = ["parse_plain"]


def parse_plain(text: str, *, names: Container[str] = ()) -> Node:
    """Parse one formula in Unicode or ASCII text into a notation tree.

    ``names`` are the symbols that the document is known to use. They keep a word together (``xs``), and
    they take a glued one apart (``12uv²`` with ``u`` and ``v``). Without them a word of letters and digits
    is one name. Raises NotationError for whatever is not understood for certain, sentences above all.

    >>> parse_plain("y = 2x²").links[0].operator
    '='
    """
    if len(text) > MAX_LENGTH:
        raise NotationError(f"a formula of more than {MAX_LENGTH} characters", (MAX_LENGTH, len(text)))
    tokens = mark_differentials(lex(text, names), names, text)
    tokens.append(Token("end", "", len(text), len(text)))
    try:
        return PlainParser(text, tokens, names).document()
    except RecursionError:
        raise NotationError("the formula is nested too deeply", (0, len(text)), text=text) from None
