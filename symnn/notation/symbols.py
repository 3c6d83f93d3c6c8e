"""Names and signs that both notations share: Greek letters, relations, operators, functions, Unicode forms.

The keys of the ``COMMAND_`` tables are LaTeX commands without the backslash. The ``CHARACTER_`` tables hold
single Unicode characters. The values are the neutral names used in the tree.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from symnn.notation.tree import BigKind, EllipsisKind, ProductOperator, RelationOperator, Sign

GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ϖ": "varpi", "ρ": "rho", "ϱ": "varrho", "σ": "sigma",
    "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi",
    "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

# Commands that are plain symbols; the Unicode character is for the printers.
SYMBOLS: Final = {
    **{name: char for char, name in GREEK.items() if name != "omicron"},
    "varkappa": "ϰ", "ell": "ℓ", "hbar": "ℏ", "imath": "ı", "jmath": "ȷ", "infty": "∞", "emptyset": "∅",
    "varnothing": "∅", "Re": "ℜ", "Im": "ℑ", "aleph": "ℵ", "top": "⊤", "bot": "⊥", "perp": "⊥",
    "intercal": "⊺", "dagger": "†", "star": "⋆",
}  # fmt: skip

CHARACTER_NAMES: Final = {
    **GREEK,
    "µ": "mu",  # the micro sign
    "∞": "infty", "ℓ": "ell", "ℏ": "hbar", "∅": "emptyset", "⊤": "top", "⊥": "bot",
}  # fmt: skip

DOUBLE_STRUCK: Final = {
    "ℝ": "R", "ℕ": "N", "ℤ": "Z", "ℚ": "Q", "ℂ": "C", "𝔼": "E", "ℙ": "P", "𝟙": "1", "𝟏": "1", "𝔹": "B",
    "𝔻": "D",
}  # fmt: skip

COMMAND_RELATIONS: Final[dict[str, RelationOperator]] = {
    "eq": "=", "ne": "ne", "neq": "ne", "approx": "approx", "thickapprox": "approx", "lt": "<", "gt": ">",
    "le": "le", "leq": "le", "leqslant": "le", "leqq": "le", "ge": "ge", "geq": "ge", "geqslant": "ge",
    "geqq": "ge", "ll": "ll", "gg": "gg", "prec": "prec", "preceq": "preceq", "succ": "succ", "succeq": "succeq", "in": "in", "notin": "notin", "subset": "subset",
    "subseteq": "subset", "to": "to", "rightarrow": "to", "longrightarrow": "to", "gets": "gets",
    "leftarrow": "gets", "longleftarrow": "gets", "mapsto": "mapsto", "longmapsto": "mapsto",
    "Rightarrow": "implies", "Longrightarrow": "implies", "implies": "implies", "Leftrightarrow": "iff",
    "Longleftrightarrow": "iff", "iff": "iff", "propto": "propto", "sim": "sim", "simeq": "simeq",
    "cong": "cong", "equiv": "equiv", "coloneqq": ":=", "coloneq": ":=", "triangleq": ":=", "doteq": ":=",
    "leftrightarrow": "iff",
}  # fmt: skip

CHARACTER_RELATIONS: Final[dict[str, RelationOperator]] = {
    "=": "=", "≠": "ne", "≈": "approx", "<": "<", "≤": "le", "⩽": "le", "≦": "le", ">": ">", "≥": "ge",
    "⩾": "ge", "≧": "ge", "≪": "ll", "≫": "gg", "≺": "prec", "⪯": "preceq", "≼": "preceq", "≻": "succ", "⪰": "succeq", "≽": "succeq", "∈": "in", "∉": "notin", "⊂": "subset", "⊆": "subset",
    "→": "to", "⟶": "to", "←": "gets", "⟵": "gets", "≔": ":=", "↦": "mapsto", "⟼": "mapsto",
    "⇒": "implies", "⟹": "implies", "⇔": "iff", "⟺": "iff", "↔": "iff", "∝": "propto", "∼": "sim",
    "≃": "simeq", "≅": "cong", "≡": "equiv", "≜": ":=",
}  # fmt: skip

COMMAND_PRODUCTS: Final[dict[str, ProductOperator]] = {
    "cdot": "cdot", "times": "times", "ast": "ast", "*": "ast", "odot": "odot", "circ": "circ",
    "otimes": "otimes",
}  # fmt: skip

CHARACTER_PRODUCTS: Final[dict[str, ProductOperator]] = {
    "·": "cdot", "⋅": "cdot", "∙": "cdot", "•": "cdot", "×": "times", "✕": "times", "⨯": "times", "*": "ast",
    "∗": "ast", "⊙": "odot", "∘": "circ", "⊗": "otimes",
}  # fmt: skip

CHARACTER_SIGNS: Final[dict[str, Sign]] = {
    "+": "+", "-": "-", "−": "-", "–": "-", "±": "pm", "∓": "mp",
}  # fmt: skip

COMMAND_SIGNS: Final[dict[str, Sign]] = {"pm": "pm", "mp": "mp"}

# Words that can only be functions. `argmax` and the like are big operators, see below.
FUNCTIONS: Final = frozenset(
    (
        "exp", "log", "ln", "lg", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan",
        "sinh", "cosh", "tanh", "coth", "det", "dim", "rank", "ker", "deg", "gcd", "sup", "inf", "limsup",
        "liminf", "Pr", "hom", "erf", "sgn", "sign", "tr", "trace", "diag", "vec", "softmax", "sigmoid",
        "relu", "ReLU", "softplus",
    )
)  # fmt: skip
# Of these, the ones that LaTeX itself knows as a command.
COMMAND_FUNCTIONS: Final = frozenset(
    (
        "exp", "log", "ln", "lg", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan",
        "sinh", "cosh", "tanh", "coth", "det", "dim", "ker", "deg", "gcd", "sup", "inf", "limsup",
        "liminf", "Pr", "hom",
    )
)  # fmt: skip
# Written without a backslash they are still functions, never a product of letters.
BARE_FUNCTIONS: Final = frozenset(
    (
        "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "det",
    )
)  # fmt: skip
# Written without a backslash they are one name, and the reader decides what it is.
BARE_NAMES: Final = frozenset(
    (
        "softmax", "sigmoid", "relu", "ReLU", "diag", "sgn", "sign", "erf", "softplus",
    )
)  # fmt: skip

COMMAND_BIG: Final[dict[str, BigKind]] = {
    "sum": "sum", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin",
    "lim": "lim", "int": "int",
}  # fmt: skip

CHARACTER_BIG: Final[dict[str, BigKind]] = {"∑": "sum", "∏": "prod", "∫": "int"}

COMMAND_ELLIPSES: Final[dict[str, EllipsisKind]] = {
    "dots": "dots", "ldots": "dots", "dotsc": "dots", "hdots": "dots", "cdots": "cdots", "dotsb": "cdots",
    "dotsm": "cdots", "vdots": "vdots", "ddots": "ddots",
}  # fmt: skip

CHARACTER_ELLIPSES: Final[dict[str, EllipsisKind]] = {"…": "dots", "⋯": "cdots", "⋮": "vdots", "⋱": "ddots"}

OPEN_TO_CLOSE: Final = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "⟨": "⟩", "|": "|", "‖": "‖"}

COMBINING_ACCENTS: Final = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0306": "breve", "\u0307": "dot",
    "\u0308": "ddot", "\u030c": "check", "\u20d7": "vec", "\u0301": "acute", "\u0300": "grave",
    "\u030a": "mathring", "\u0332": "underline",
}  # fmt: skip

ACCENT_MARKS: Final = {
    "hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "breve": "\u0306", "dot": "\u0307", "ddot": "\u0308",
    "check": "\u030c", "vec": "\u20d7", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a",
    "underline": "\u0332",
}  # fmt: skip

PRIMES: Final = {"'": 1, "′": 1, "’": 1, "ʹ": 1, "″": 2, "‴": 3}
INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u2061\u2062\u2063\u00ad")

# Words between formulas. Everything else in \text{…} may be an identifier.
CONNECTIVES: Final = frozenset(
    (
        "if", "otherwise", "else", "for", "where", "when", "and", "or", "with", "such", "that", "s.t.",
        "st", "subject", "to", "then", "so", "since", "because", "hence", "thus", "therefore", "iff",
        "while", "at", "as", "by", "from", "is", "are", "let", "given", "i.e.", "e.g.", "resp.",
        "respectively", "for", "all", "forall",
    )
)  # fmt: skip


def folded(text: str) -> str:
    """Return the text with full-width ASCII characters made ordinary, character by character.

    >>> folded("f（x，y）")
    'f(x,y)'
    """
    if text.isascii():
        return text
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in text)


def split_accents(char: str) -> tuple[str, tuple[str, ...]] | None:
    """Take a Latin or Greek letter with its accents apart; None if it is not one, or has unknown marks.

    >>> split_accents("ŷ")
    ('y', ('hat',))
    """
    base, *marks = list(unicodedata.normalize("NFD", char))
    if not (base.isascii() and base.isalpha()) and base not in GREEK:
        return None
    accents = tuple(COMBINING_ACCENTS.get(mark, "") for mark in marks)
    return None if "" in accents else (base, accents)
