"""Neutral notation: one tree for formulas as they are written, parsers that build it, printers that write it."""

from symnn.notation.errors import NotationError
from symnn.notation.latex import Macro, parse_latex
from symnn.notation.plain import parse_plain

__all__ = ["Macro", "NotationError", "parse_latex", "parse_plain"]
