"""What LaTeX commands mean to the lexer: which are signs, which are space, which are dropped, which take text."""

from __future__ import annotations

from typing import Final

from symnn.notation.symbols import (
    COMMAND_BIG,
    COMMAND_ELLIPSES,
    COMMAND_FUNCTIONS,
    COMMAND_PRODUCTS,
    COMMAND_RELATIONS,
    COMMAND_SIGNS,
    SYMBOLS,
)
from symnn.notation.tokens import TokenKind

# command -> (token kind, value)
SIMPLE: Final[dict[str, tuple[TokenKind, str]]] = {
    **{command: ("relation", value) for command, value in COMMAND_RELATIONS.items()},
    **{command: ("product", value) for command, value in COMMAND_PRODUCTS.items()},
    **{command: ("sign", value) for command, value in COMMAND_SIGNS.items()},
    **{command: ("function", command) for command in COMMAND_FUNCTIONS},
    **{command: ("big", value) for command, value in COMMAND_BIG.items()},
    **{command: ("ellipsis", value) for command, value in COMMAND_ELLIPSES.items()},
    **{command: ("name", command) for command in SYMBOLS},
    "div": ("slash", "/"), "partial": ("differential", "partial"), "nabla": ("nabla", ""),
    "prime": ("prime", "1"), "mid": ("given", "|"), "vert": ("bar", "|"), "Vert": ("bar", "‖"),
    "|": ("bar", "‖"), "parallel": ("given", "‖"), "colon": ("colon", ":"),
    "lvert": ("open", "|"), "rvert": ("close", "|"),
    "lVert": ("open", "‖"), "rVert": ("close", "‖"), "langle": ("open", "⟨"), "rangle": ("close", "⟩"),
    "lfloor": ("open", "⌊"), "rfloor": ("close", "⌋"), "lceil": ("open", "⌈"), "rceil": ("close", "⌉"),
    "{": ("open", "{"), "}": ("close", "}"), "lbrace": ("open", "{"), "rbrace": ("close", "}"),
    "lbrack": ("open", "["), "rbrack": ("close", "]"), "lparen": ("open", "("), "rparen": ("close", ")"),
    "over": ("over", ""), "slash": ("slash", "/"), "cr": ("row", ""), "newline": ("row", ""),
    "tabularnewline": ("row", ""), "forall": ("text", "for all "), "exists": ("text", "there is "),
    "therefore": ("text", "therefore "), "because": ("text", "because "), "&": ("text", "and"),
}  # fmt: skip

# Space, in points at ten point type. From 5 points on it separates statements.
SPACES: Final = {
    ",": 1.7, "thinspace": 1.7, "!": -1.7, "negthinspace": -1.7, ":": 2.2, ">": 2.2, "medspace": 2.2, ";": 2.8,
    "thickspace": 2.8, " ": 3.3, "\n": 3.3, "\t": 3.3, "space": 3.3, "enspace": 5.0, "enskip": 5.0, "quad": 10.0,
    "qquad": 20.0,
}  # fmt: skip
WIDE: Final = 5.0
UNITS: Final = {
    "pt": 1.0, "mm": 2.85, "cm": 28.5, "in": 72.3, "em": 10.0, "ex": 4.3, "mu": 0.56, "px": 0.75, "pc": 12.0,
    "bp": 1.0,
}  # fmt: skip

# Dropped without a trace, or with the arguments that follow.
DROPPED: Final = frozenset(
    [
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "displaylimits",
        "nonumber",
        "notag",
        "mathstrut",
        "strut",
        "hfill",
        "hfil",
        "noindent",
        "centering",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "Bigl",
        "biggl",
        "Biggl",
        "bigr",
        "Bigr",
        "biggr",
        "Biggr",
        "bigm",
        "Bigm",
        "biggm",
        "Biggm",
        "tiny",
        "scriptsize",
        "footnotesize",
        "small",
        "normalsize",
        "large",
        "Large",
        "LARGE",
        "huge",
        "Huge",
        "allowbreak",
        "nobreak",
        "relax",
        "protect",
        "hline",
        "ensuremath",
        "smash",
        "/",
        "allowdisplaybreaks",
        "break",
    ]
)
DROPPED_WITH_ARGUMENT: Final = {
    "tag": 1, "label": 1, "phantom": 1, "hphantom": 1, "vphantom": 1, "vspace": 1, "raisebox": 1, "rule": 2,
    "setlength": 2, "eqref": 1, "ref": 1, "cite": 1, "footnote": 1, "require": 1,
}  # fmt: skip
OPENS: Final = frozenset(["left", "bigl", "Bigl", "biggl", "Biggl"])
CLOSES: Final = frozenset(["right", "bigr", "Bigr", "biggr", "Biggr"])

TEXTS: Final = {
    "text": "text", "textrm": "textrm", "textbf": "textbf", "textit": "textit", "textsf": "textsf",
    "texttt": "texttt", "textnormal": "text", "mbox": "text", "hbox": "text", "textup": "textrm",
    "textsc": "text", "textsl": "textit", "emph": "textit", "intertext": "text", "shortintertext": "text",
    "mathtext": "text",
}  # fmt: skip

# Fonts with an argument. In the first group letters stand together as one word.
WORD_FONTS: Final = frozenset(["mathrm", "mathsf", "mathtt", "mathit", "mathbf", "bold", "pmb"])
LETTER_FONTS: Final = frozenset(["boldsymbol", "bm", "mathbb", "mathcal", "mathfrak", "mathscr", "mathnormal", "Bbb"])
FONT_SWITCHES: Final = {
    "bf": "mathbf",
    "rm": "mathrm",
    "it": "mathit",
    "cal": "mathcal",
    "sf": "mathsf",
    "tt": "mathtt",
}
CANONICAL_FONT: Final = {
    "bold": "mathbf",
    "pmb": "boldsymbol",
    "bm": "boldsymbol",
    "Bbb": "mathbb",
    "mathnormal": "",
}

ACCENTS: Final = {
    "hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
    "vec": "vec", "overrightarrow": "vec", "dot": "dot", "ddot": "ddot", "check": "check",
    "widecheck": "check", "breve": "breve", "acute": "acute", "grave": "grave", "mathring": "mathring",
    "underline": "underline", "underbar": "underline",
}  # fmt: skip

# Commands that start a factor and are handled by the parser, with their arguments.
STRUCTURAL: Final = frozenset(
    ("frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "sqrt", "operatorname", "operatorname*",
     "operatornamewithlimits", "underbrace", "overbrace", "boxed", "fbox", "framebox", "color",
     "textcolor", "colorbox", "cancel", "bcancel", "underset", "overset", "stackrel", "xrightarrow",
     "xleftarrow", "mathop", "mathrel", "mathbin", "mathord", "mathopen", "mathclose", "mathinner", "arg",
     "not", "displaylines", "substack",
     *WORD_FONTS, *LETTER_FONTS, *FONT_SWITCHES, *ACCENTS)
)  # fmt: skip

ALIGNED: Final = frozenset(["align", "aligned", "alignat", "alignedat", "split", "flalign", "eqnarray"])
STACKED: Final = frozenset(["gather", "gathered", "multline", "multlined", "displaylines", "substack", "lines"])
PLAIN_ENVIRONMENTS: Final = frozenset(["equation", "displaymath", "math", "subequations"])
MATRICES: Final = {
    "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "Bmatrix": ("{", "}"),
    "vmatrix": ("|", "|"), "Vmatrix": ("‖", "‖"), "smallmatrix": ("", ""), "array": ("", ""),
    "tabular": ("", ""), "psmallmatrix": ("(", ")"), "bsmallmatrix": ("[", "]"),
}  # fmt: skip
CASES: Final = frozenset(["cases", "dcases", "rcases", "drcases"])
ENVIRONMENTS: Final = ALIGNED | STACKED | PLAIN_ENVIRONMENTS | MATRICES.keys() | CASES
ENVIRONMENTS_WITH_ARGUMENT: Final = frozenset(["array", "alignat", "alignedat", "tabular"])
