r"""How wide a formula will be, in em, without running TeX.

The renderers break long formulas and choose the widths of columns and of the nodes of a picture. For that an
estimate does: the advance widths of Computer Modern, rounded, summed over the LaTeX that our own printer
wrote. It is meant to err on the wide side by a few percent. Nothing depends on it but where a line is broken.

The widths are those of the font tables of Computer Modern at 10 pt (cmmi10, cmr10, cmsy10, cmex10; D. E.
Knuth, "Computer Modern Typefaces", 1986), with the spaces of TeX's mathematics (The TeXbook, chapter 18).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from symnn.errors import display_width

MAX_DEPTH: Final = 60
SCRIPT: Final = 0.73
"""Size of a script relative to its base, at 11 pt."""

_TOKEN: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&]|[^\s]", re.DOTALL)

_NARROW: Final = {
    "i": 0.345, "j": 0.412, "l": 0.30, "t": 0.361, "f": 0.50, "r": 0.451, "s": 0.469, "c": 0.433, "e": 0.466,
    "z": 0.465, "v": 0.485, "m": 0.878, "w": 0.716, "M": 0.97, "W": 0.944, "I": 0.44, "J": 0.555, "'": 0.28,
    ",": 0.45, ";": 0.45, ".": 0.28, ":": 0.83, "(": 0.389, ")": 0.389, "[": 0.278, "]": 0.278, "|": 0.278,
    "!": 0.278, "/": 0.5, "*": 0.95,
}  # fmt: skip
_BINARY: Final = 1.22  # a sign between two terms, with its medium spaces
_RELATION: Final = 1.34  # a relation with its thick spaces


def _each(words: str, width: float) -> dict[str, float]:
    return dict.fromkeys(words.split(), width)


_COMMANDS: Final = {
    **_each("pm mp times odot oplus otimes circ ast wedge vee", _BINARY),
    **_each("leq le geq ge approx neq ne equiv in notin sim simeq propto", _RELATION),
    **_each("lt gt subset ll gg cong coloneqq mid parallel", _RELATION),
    **_each("to rightarrow leftarrow gets mapsto Rightarrow implies iff", 1.7),
    **_each("sum prod bigoplus", 1.6),
    **_each("log exp max min tanh sin cos det tr ln arg lim sup inf", 1.75),
    **_each("displaystyle limits textstyle nolimits left right middle nonumber mathopen mathclose", 0.0),
    **_each("big bigl bigr", 0.08),
    **_each("Big Bigl Bigr", 0.2),
    **_each("vert lvert rvert prime", 0.28),
    **_each("| Vert lVert rVert { }", 0.5),
    **_each("dots ldots cdots", 1.2),
    "cdot": 0.72, "int": 0.8, "quad": 1.0, "qquad": 2.0, ",": 0.17, ":": 0.22, ";": 0.28, "!": -0.17,
    " ": 0.3, "top": 0.78, "ell": 0.42, "langle": 0.39, "rangle": 0.39, "partial": 0.57, "nabla": 0.83,
    "infty": 1.0, "iota": 0.35, "mu": 0.60, "omega": 0.62, "Omega": 0.72, "Delta": 0.83, "Sigma": 0.78,
    "Phi": 0.72,
}  # fmt: skip

_FONTS: Final = frozenset(
    (
        "mathrm",
        "mathbf",
        "mathit",
        "mathsf",
        "mathtt",
        "mathbb",
        "mathcal",
        "boldsymbol",
        "bm",
        "mathop",
        "mathbin",
    )
)
_TEXTS: Final = frozenset(("text", "textrm", "textbf", "textit", "texttt", "operatorname", "operatorname*", "mbox"))
_ACCENTS: Final = frozenset(
    (
        "hat",
        "bar",
        "tilde",
        "dot",
        "ddot",
        "vec",
        "widehat",
        "widetilde",
        "overline",
        "underline",
        "check",
        "breve",
    )
)
_FRACTIONS: Final = {"frac": 1.0, "dfrac": 1.0, "tfrac": SCRIPT}
_LIMITS: Final = frozenset(("\\sum", "\\prod", "\\max", "\\min", "\\lim", "\\operatorname*"))


class _Reader:
    """Measures LaTeX from left to right. What it does not know counts as one letter."""

    def __init__(self, latex: str) -> None:
        self.tokens = _TOKEN.findall(latex)
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def sequence(self, end: str, depth: int) -> float:
        """The width up to the token `end` (which is read) or to the end. Cells and rows count as columns."""
        rows: list[list[float]] = [[0.0]]
        base = 0.0  # width of the last atom, which scripts attach to
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token == end:
                if end == r"\end":
                    self.argument(depth + 1)
                break
            if token == "&":
                rows[-1].append(0.0)
            elif token == r"\\":
                rows.append([0.0])
            elif token in "^_" and len(token) == 1:
                rows[-1][-1] += self.scripts(token, depth + 1)
            else:
                base = self.atom(token, depth + 1)
                rows[-1][-1] += base
        if len(rows) == 1 and len(rows[0]) == 1:
            return rows[0][0]
        columns = max(map(len, rows))
        widths = [max((row[k] for row in rows if k < len(row)), default=0.0) for k in range(columns)]
        return sum(widths) + 1.0 * (columns - 1)

    def scripts(self, token: str, depth: int) -> float:
        """Scripts at the same base stand above each other: the wider one counts."""
        limits = self.position >= 2 and self.tokens[self.position - 2] in _LIMITS
        width = SCRIPT * self.argument(depth)
        while self.peek() in ("^", "_") and self.peek() != token:
            token = self.peek()
            self.position += 1
            width = max(width, SCRIPT * self.argument(depth))
        return max(0.0, width - 1.3) if limits else width + 0.05

    def argument(self, depth: int) -> float:
        """One argument: a group or a single token."""
        if self.position >= len(self.tokens):
            return 0.0
        token = self.tokens[self.position]
        self.position += 1
        return self.atom(token, depth)

    def words(self) -> float:
        """The argument of a text command; it is text, not mathematics."""
        if self.peek() != "{":
            return self.argument(MAX_DEPTH)
        depth, width = 0, 0.0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            depth += (token == "{") - (token == "}")
            if depth == 0:
                break
            if token not in "{}":
                width += 0.52 * max(1, display_width(token) if len(token) == 1 else 1)
        return width + 0.3

    def atom(self, token: str, depth: int) -> float:
        if depth > MAX_DEPTH:
            return 0.55
        if token == "{":
            return self.sequence("}", depth)
        if not token.startswith("\\"):
            return _character(token)
        name = token[1:]
        if name in _FRACTIONS:
            scale = _FRACTIONS[name]
            return scale * max(self.argument(depth), self.argument(depth)) + 0.26
        if name == "sqrt":
            degree = 0.0
            if self.peek() == "[":
                self.position += 1
                degree = 0.4 * self.sequence("]", depth)
            return 0.9 + degree + self.argument(depth)
        if name in _TEXTS:
            return self.words()
        if name in _ACCENTS or name in _FONTS:
            return self.argument(depth) + (0.05 if name in _FONTS else 0.0)
        if name in ("left", "right"):
            # Delimiters that grow are wider than plain ones; `.` prints nothing.
            return 0.12 if self.argument(depth) == _NARROW["."] else 0.75 - 0.389
        if name == "begin":
            environment = self.environment()
            inner = self.sequence(r"\end", depth)
            return inner + {"cases": 1.9, "aligned": 0.0}.get(environment, 1.3)
        return _COMMANDS.get(name, 0.6)

    def environment(self) -> str:
        r"""The name after `\begin`."""
        letters: list[str] = []
        if self.peek() == "{":
            self.position += 1
            while self.position < len(self.tokens) and self.tokens[self.position] != "}":
                letters.append(self.tokens[self.position])
                self.position += 1
            self.position += 1
        return "".join(letters)


def _character(char: str) -> float:
    if char in _NARROW:
        return _NARROW[char]
    if char in "+-":
        return _BINARY
    if char in "=<>":
        return _RELATION
    if char.isdigit():
        return 0.5
    if char.isupper():
        return 0.78
    return 0.54 * max(1, display_width(char))


@lru_cache(maxsize=8192)
def latex_width(latex: str) -> float:
    r"""The width of a formula in display style, in em.

    >>> round(latex_width(r"x"), 1), round(latex_width(r"\frac{1}{1 + e^{-x}}"), 1)
    (0.5, 3.8)
    """
    return _Reader(latex).sequence("", 0)


def words_width(text: str) -> float:
    """The width of words in the text font, in em.

    >>> round(words_width("chain rule"), 1)
    4.6
    """
    return 0.46 * display_width(text) + 0.24 * sum(char.isupper() for char in text)


def shrink(natural: Sequence[float], room: float) -> list[float]:
    """Widths of columns that fit into `room`: narrow columns keep theirs, the others share what is left.

    >>> shrink([5, 40, 50], 65)
    [5, 30.0, 30.0]
    """
    if sum(natural) <= room:
        return list(natural)
    open_columns = set(range(len(natural)))
    left = room
    while open_columns:
        share = left / len(open_columns)
        narrow = {k for k in open_columns if natural[k] <= share}
        if not narrow:
            break
        left -= sum(natural[k] for k in narrow)
        open_columns -= narrow
    return [max(left / len(open_columns), 2.0) if k in open_columns else natural[k] for k in range(len(natural))]
