r"""Neutral notation: one tree for formulas as they are written, parsers that build it, printers that write it.

>>> to_text(parse_latex(r"\frac{\partial L}{\partial W_1} = \delta_1 x^\top"))
'∂L/∂W₁ = δ₁ xᵀ'
"""

from symnn.notation import tree
from symnn.notation.errors import NotationError
from symnn.notation.latex import Macro, parse_latex
from symnn.notation.plain import parse_plain
from symnn.notation.to_latex import to_latex
from symnn.notation.to_mathml import to_mathml
from symnn.notation.to_text import to_text
from symnn.notation.traverse import children, replace, walk, with_children, without_groups

__all__ = [
    "Macro",
    "NotationError",
    "children",
    "parse_latex",
    "parse_plain",
    "replace",
    "to_latex",
    "to_mathml",
    "to_text",
    "tree",
    "walk",
    "with_children",
    "without_groups",
]
