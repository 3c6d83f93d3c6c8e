r"""LaTeX mathematics to a notation tree."""

from __future__ import annotations

from collections.abc import Container, Mapping

from symnn.notation.errors import NotationError
from symnn.notation.latex.layout import arrange
from symnn.notation.latex.lexer import lex
from symnn.notation.latex.macros import Expander, Macro
from symnn.notation.latex.parser import LatexParser
from symnn.notation.tokens import MAX_LENGTH
from symnn.notation.tree import Node

__all__ = ["Macro", "parse_latex"]


def parse_latex(text: str, *, macros: Mapping[str, Macro] | None = None, names: Container[str] = ()) -> Node:
    r"""Parse one formula in LaTeX, without its dollar signs, into a notation tree.

    ``macros`` maps command names without the backslash to their definitions. ``names`` are identifiers of
    more than one letter that the document writes without a font, such as ``MSE``; other letters side by
    side are a product. Raises NotationError for whatever is not understood for certain: unknown commands,
    stray signs, braces that do not match, text of more than 20 000 characters.

    >>> parse_latex(r"h = \sigma(s)").links[0].operator
    '='
    """
    if len(text) > MAX_LENGTH:
        raise NotationError(f"a formula of more than {MAX_LENGTH} characters", (MAX_LENGTH, len(text)))
    macros = macros or {}
    tokens = lex(text, macros, names)
    if macros:
        tokens = Expander(macros, names, text).expand(tokens)
    try:
        return LatexParser(text, arrange(tokens, text)).document()
    except RecursionError:
        raise NotationError("the formula is nested too deeply", (0, len(text)), text=text) from None
