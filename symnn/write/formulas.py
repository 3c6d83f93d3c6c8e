r"""Printing formulas, and pieces of broken formulas, for each format.

The printers of the notation tree print whole formulas. A broken formula consists of pieces (`breaking`):
formulas, the signs between them, and brackets whose partner is on another line. This module joins those. It
also names the printers, so that a test can put others in their place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from symnn.errors import display_width
from symnn.notation.to_latex import DELIMITERS, PRODUCTS, RELATIONS, SIGNS, to_latex
from symnn.notation.to_mathml import to_mathml
from symnn.notation.to_text import PRODUCTS as TEXT_PRODUCTS
from symnn.notation.to_text import RELATIONS as TEXT_RELATIONS
from symnn.notation.to_text import SIGNS as TEXT_SIGNS
from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.write.breaking import Bracket, Operator, Piece
from symnn.write.escape import Safe
from symnn.write.measure import latex_width


@dataclass(frozen=True, slots=True)
class Printers:
    """How a formula tree is printed in the three notations. `mathml` gives the inside of a `math` element."""

    latex: Callable[[Node], str]
    text: Callable[[Node], str]
    mathml: Callable[[Node], str]


MAX_REMEMBERED: Final = 8192
"""How many formulas a printer remembers."""


def notation_printers() -> Printers:
    """The printers of `symnn.notation`, for one document.

    Each remembers what it printed: where a formula is broken into lines, its pieces are measured again and again.
    """
    remembering = lru_cache(maxsize=MAX_REMEMBERED)
    return Printers(
        remembering(to_latex), remembering(to_text), remembering(lambda node: inner_mathml(to_mathml(node)))
    )


_MATH_ELEMENT: Final = re.compile(r"\A<math\b[^>]*>(.*)</math>\Z", re.DOTALL)


def inner_mathml(markup: str) -> str:
    """What stands inside a `math` element; markup without one stays as it is.

    >>> inner_mathml('<math display="block"><mi>x</mi></math>')
    '<mi>x</mi>'
    """
    found = _MATH_ELEMENT.match(markup)
    return found.group(1) if found else markup


# Where a row begins, a juxtaposed product gets a dot.
_LATEX_SIGNS: Final = {
    **RELATIONS,
    **PRODUCTS,
    **SIGNS,
    "matmul": r"\cdot",
    "juxtaposed": r"\cdot",
    "slash": "/",
}
_TEXT_SIGNS: Final = {
    **TEXT_RELATIONS,
    **{name: sign.strip() for name, sign in TEXT_PRODUCTS.items()},
    **TEXT_SIGNS,
    "juxtaposed": "·",
    "slash": "/",
}
_MATHML_SIGNS: Final = {**_TEXT_SIGNS, "-": "−", "<": "&lt;", ">": "&gt;", "ast": "∗", "matmul": "·"}
_LATEX_BRACKETS: Final = {**DELIMITERS, "|": "|", "‖": r"\|"}


def latex_pieces(pieces: Sequence[Piece], printers: Printers) -> Safe:
    r"""Pieces in LaTeX, joined. Brackets that were torn apart are `\bigl` and `\bigr`.

    >>> print(latex_pieces((Operator("sign", "+"), Bracket("(", opens=True)), Printers(str, str, str)))
    {} + \bigl(
    """
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Operator(name="juxtaposed") if parts:
                pass
            case Operator(kind=kind, name=name):
                # A sign at the start of a row is still a binary sign, which needs something on its left.
                parts.append(("{} " if kind != "relation" and not parts else "") + _LATEX_SIGNS[name])
            case Bracket(char=char, opens=opens):
                parts.append((r"\bigl" if opens else r"\bigr") + _LATEX_BRACKETS[char])
            case _:
                parts.append(printers.latex(piece))
    return Safe(" ".join(parts))


def text_pieces(pieces: Sequence[Piece], printers: Printers) -> Safe:
    """Pieces for a terminal, joined.

    >>> print(text_pieces((Operator("relation", "le"),), Printers(str, str, str)))
    ≤
    """
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Operator(name="juxtaposed") if parts:
                parts.append(" ")
            case Operator(name=name):
                parts.append(("" if not parts else " ") + _TEXT_SIGNS[name] + " ")
            case Bracket(char=char):
                parts.append(char)
            case _:
                parts.append(printers.text(piece))
    return Safe("".join(parts).rstrip())


def mathml_pieces(pieces: Sequence[Piece], printers: Printers) -> Safe:
    """Pieces as the inside of a `math` element.

    >>> print(mathml_pieces((Operator("sign", "-"),), Printers(str, str, str)))
    <mo form="infix">−</mo>
    """
    parts: list[str] = []
    for piece in pieces:
        match piece:
            case Operator(name="juxtaposed") if parts:
                parts.append("<mo>&#x2062;</mo>")
            case Operator(name=name):
                parts.append(f'<mo form="infix">{_MATHML_SIGNS[name]}</mo>')
            case Bracket(char=char, opens=opens):
                parts.append(f'<mo form="{"prefix" if opens else "postfix"}" stretchy="false">{char}</mo>')
            case _:
                parts.append(f"<mrow>{printers.mathml(piece)}</mrow>")
    return Safe("".join(parts))


def latex_measure(printers: Printers) -> Callable[[Sequence[Piece]], float]:
    """The width of pieces in em, as LaTeX and MathML set them."""
    return lambda pieces: latex_width(latex_pieces(pieces, printers))


def text_measure(printers: Printers) -> Callable[[Sequence[Piece]], float]:
    """The width of pieces in terminal cells."""
    return lambda pieces: float(display_width(text_pieces(pieces, printers)))


def math_element(inside: str, *, display: bool = False) -> Safe:
    """A `math` element. Formulas of a display get large fractions and limits, also inside a table cell.

    >>> math_element("<mi>x</mi>")
    '<math><mi>x</mi></math>'
    """
    style = ' displaystyle="true"' if display else ""
    return Safe(f"<math{style}>{inside}</math>")
