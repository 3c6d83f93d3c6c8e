r"""Escaping, for every format, in one place.

The words of a document come from outside. Whatever they hold, they must come out as those same words: never
as a command (`\input{/etc/passwd}`), as markup (`<script>`) or as a formula (`$`). Templates do not escape
anything themselves: an environment passes each value through the function of its format (see
`environment.py`), and only values of the type `Safe`, which renderers make, are taken as they are.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape as _html_escape
from typing import Final

from symnn.errors import printable


class Safe(str):
    """Text that is already in the language of the output format."""

    __slots__ = ()


# --- words ------------------------------------------------------------------------------------------------

_SPACES: Final = re.compile(r"\s+")


def one_line(text: str) -> str:
    r"""Text on one line, composed (NFC), with control characters and direction marks made visible.

    >>> one_line("a \n b\x07")
    'a b\\x07'
    """
    return printable(_SPACES.sub(" ", unicodedata.normalize("NFC", text)))


# --- HTML -------------------------------------------------------------------------------------------------


def escape_html(text: str) -> Safe:
    """Escape for HTML text and for quoted attributes.

    >>> escape_html('<a href="x">')
    '&lt;a href=&quot;x&quot;&gt;'
    """
    return Safe(_html_escape(printable(text, newlines=True), quote=True))


# --- LaTeX ------------------------------------------------------------------------------------------------

_LATEX_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after \\item or a line end these would be arguments
    "]": "{]}",
    "*": "{*}",
    ",": ",{}",  # no ligatures: two commas must not become a quotation mark, two hyphens no dash
    "-": r"-{}",
    "\u00a0": "~",
    "\u00ad": "",
    "\u2010": "-{}",
    "\u2011": r"\mbox{-}",
    "\u2013": r"\textendash{}",
    "\u2014": r"\textemdash{}",
    "\u2018": r"\textquoteleft{}",
    "\u2019": r"\textquoteright{}",
    "\u201c": r"\textquotedblleft{}",
    "\u201d": r"\textquotedblright{}",
    "\u2026": r"\dots{}",
    "\u2022": r"\textbullet{}",
    "\u20ac": r"\texteuro{}",
}

_GREEK: Final = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu",
    "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ϖ": "varpi", "ρ": "rho", "ϱ": "varrho", "σ": "sigma",
    "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi",
    "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

_SYMBOLS: Final = {
    "∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "∫": "int", "√": "surd", "∞": "infty",
    "±": "pm", "∓": "mp", "×": "times", "·": "cdot", "⋅": "cdot", "÷": "div", "∘": "circ", "⊙": "odot",
    "⊗": "otimes", "⊕": "oplus", "∗": "ast", "≈": "approx", "≠": "neq", "≤": "leq", "≥": "geq",
    "≡": "equiv", "≪": "ll", "≫": "gg", "∝": "propto", "∼": "sim", "∈": "in", "∉": "notin",
    "⊂": "subset", "⊆": "subseteq", "∩": "cap", "∪": "cup", "∅": "emptyset", "∀": "forall", "∃": "exists",
    "¬": "neg", "∧": "wedge", "∨": "vee", "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow",
    "↑": "uparrow", "↓": "downarrow", "⇒": "Rightarrow", "⇐": "Leftarrow", "⇔": "Leftrightarrow",
    "↦": "mapsto", "ℓ": "ell", "⊤": "top", "⊥": "perp", "‖": "Vert", "⟨": "langle", "⟩": "rangle",
    "⌈": "lceil", "⌉": "rceil", "⌊": "lfloor", "⌋": "rfloor", "′": "prime", "⋯": "cdots", "⋮": "vdots",
    "∎": "blacksquare", "□": "square", "△": "triangle", "★": "star", "✓": "checkmark",
}  # fmt: skip

_MATH_TEXT: Final = {
    **{char: f"\\{name}" for char, name in (_GREEK | _SYMBOLS).items()},
    "−": "-",
    "′": "'",
    "″": "''",
    "ℝ": r"\mathbb{R}",
    "ℕ": r"\mathbb{N}",
    "ℤ": r"\mathbb{Z}",
    "𝔼": r"\mathbb{E}",
    "ŷ": r"\hat{y}",
    "ƒ": "f",
}

_SCRIPTS: Final = {
    **{char: f"_{{{plain}}}" for char, plain in zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True)},
    **{char: f"_{{{plain}}}" for char, plain in zip("ₐₑₒₓₕₖₗₘₙₚₛₜᵢᵣᵤᵥⱼ", "aeoxhklmnpstiruvj", strict=True)},
    **{char: f"^{{{plain}}}" for char, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True)},
    **{
        char: f"^{{{plain}}}"
        for char, plain in zip("ᵀᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "Tabcdefghjklmoprstuvwxyz", strict=True)
    },
}

_ACCENTS: Final = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0305": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030c": "v",
}  # fmt: skip

# What pdfTeX prints in the T1 encoding without a further package, above ASCII: Latin-1 and most of Latin
# Extended-A.
_LATIN: Final = frozenset(
    "¡¢£¤¥¦§¨©ª«®¯°´¶¸º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
    "ĀāĂăĄąĆćĈĉĊċČčĎďĐđĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİıĲĳĴĵĶķĹĺĻļĽľŁłŃńŅņŇňŌōŎŏŐőŒœŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰű"
    "ŲųŴŵŶŸŹźŻżŽž"
)

EAST_ASIAN: Final = r"\symnneastasian{"
OTHER_SCRIPT: Final = r"\symnnother{"
"""How a run of letters begins that pdfTeX cannot print. The preamble chooses fonts for both."""


def escape_latex(text: str) -> Safe:
    r"""Escape for LaTeX text.

    Mathematical signs become formulas; letters of other scripts go into `\symnnother{…}`, which needs an
    engine with system fonts.

    >>> print(escape_latex(r"50 % of \input{x} & σ′ = ŷ(1 − ŷ)"))
    50 \% of \textbackslash{}input\{x\} \& \ensuremath{\sigma}\ensuremath{'} = \ensuremath{\hat{y}}(1 ...
    """
    return _latex_pieces(one_line(text), code=False)


_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")


def latex_formula(latex: str) -> Safe:
    r"""LaTeX of a formula with its letters of other scripts set in a font that has them.

    >>> print(latex_formula(r"\text{손실}_1"))
    \text{\text{\symnneastasian{손실}}}_1
    """
    return Safe(_FOREIGN.sub(lambda run: rf"\text{{{_latex_pieces(run.group(0), code=False)}}}", latex))


def escape_latex_code(line: str) -> Safe:
    r"""Escape one line of code for LaTeX text in a typewriter font: every space is kept.

    >>> print(escape_latex_code("a  = '%d'"))
    a~~=~\textquotesingle{}\%d\textquotesingle{}
    """
    return _latex_pieces(printable(unicodedata.normalize("NFC", line.expandtabs(4))), code=True)


def _latex_pieces(text: str, *, code: bool) -> Safe:
    pieces: list[str] = []
    run: list[str] = []  # open letters of another script
    font = ""

    def close() -> None:
        if run:
            pieces.append(font + "".join(run) + "}")
            run.clear()

    for position, char in enumerate(text):
        if char in _ACCENTS and not run and pieces:
            # A mark that did not compose with its letter, as in x̂: accent the piece that was just written.
            pieces.append(f"\\{_ACCENTS[char]}{{{pieces.pop()}}}")
            continue
        piece = _latex_char(char, code=code)
        following = text[position + 1] if position + 1 < len(text) else ""
        if piece is None:
            wanted = EAST_ASIAN if _is_east_asian(char) else OTHER_SCRIPT
            if wanted != font:
                close()
                font = wanted
            run.append(char)
        elif char == " " and run and not code and following and _latex_char(following, code=code) is None:
            run.append(" ")  # "한 글" is one run, so that its spaces come from its font
        else:
            close()
            pieces.append(piece + "{}" if char == following == "'" else piece)
    close()
    return Safe("".join(pieces))


def _is_east_asian(char: str) -> bool:
    """Hangul, Han, Kana and their punctuation."""
    return unicodedata.east_asian_width(char) in "WF" or "\u1100" <= char <= "\u11ff"


def _latex_char(char: str, *, code: bool) -> str | None:
    """One character in LaTeX, or None when it needs a font of its own."""
    if code and char in " '":
        return "~" if char == " " else r"\textquotesingle{}"
    if char in _LATEX_SPECIAL:
        return _LATEX_SPECIAL[char]
    if char < "\x7f":
        return char
    math = _MATH_TEXT.get(char) or _SCRIPTS.get(char)
    if math is not None:
        return rf"\ensuremath{{{math}}}"
    if char in _LATIN:
        return char
    return None


def escape_bookmark(text: str) -> Safe:
    r"""Escape for the bookmarks and the title of a PDF: no commands but those for single characters.

    >>> print(escape_bookmark("50 % of σ₁"))
    50 \% of sigma1
    """
    pieces: list[str] = []
    for char in one_line(text):
        if char in _SCRIPTS:
            pieces.append(_SCRIPTS[char][2:-1])
        elif char in _GREEK:
            pieces.append(_GREEK[char].removeprefix("var"))
        elif char in _MATH_TEXT:
            pieces.append({"−": "-", "∂": "d", "ŷ": "ŷ", "→": "->"}.get(char, " "))
        elif char in _ACCENTS:
            pieces.append({"\u0302": "^", "\u0303": "~"}.get(char, ""))
        elif char in "\\{}$&#%_^~":
            pieces.append({"\\": "/", "^": "", "~": "-"}.get(char, "\\" + char))
        else:
            pieces.append(char)
    return Safe("".join(pieces))


# --- text inside a LaTeX formula, as KaTeX, MathJax and amsmath all read it -------------------------------


def escape_math_text(text: str) -> Safe:
    r"""Words for the inside of a formula: `\text{…}`, or plain mathematics where a sign needs it.

    KaTeX and MathJax know fewer commands than TeX, so this keeps to what all of them read.

    >>> print(escape_math_text("because Σ t = 1"))
    \text{because }\Sigma\text{ t = 1}
    """
    pieces: list[str] = []
    words: list[str] = []

    def close() -> None:
        if words:
            pieces.append(r"\text{" + "".join(words) + "}")
            words.clear()

    for char in one_line(text):
        math = _MATH_TEXT.get(char) or _SCRIPTS.get(char)
        if math is None and char in "\\^~":
            math = {"\\": r"\backslash", "^": r"\hat{}", "~": r"\sim"}[char]
        if math is not None:
            close()
            # A bare script needs something to stand on.
            pieces.append("{}" + math if math[0] in "_^'" else math)
        else:
            words.append("\\" + char if char in "{}$&#%_" else char)
    close()
    glued: list[str] = []
    for piece in pieces:
        if glued and glued[-1][-1].isalpha() and piece[0].isalpha():
            glued.append(" ")
        glued.append(piece)
    return Safe("".join(glued))


# --- Markdown ---------------------------------------------------------------------------------------------

_MARKDOWN_START: Final = re.compile(r"(?:[-+](?=\s|$)|=+\s*$|-+\s*$|#{1,6}(?=\s|$)|:)")
_MARKDOWN_NUMBER: Final = re.compile(r"(\d{1,9})([.)])(?=\s|$)")


def escape_markdown(text: str) -> Safe:
    r"""Escape for a line of GitHub flavoured Markdown.

    A dollar sign becomes a character reference, because every reader of `$…$` understands an escape
    differently.

    >>> print(escape_markdown("*5* $ <b> W_1"))
    \*5\* &#36; &lt;b&gt; W_1
    """
    line = one_line(text)
    pieces: list[str] = []
    for position, char in enumerate(line):
        if char in "\\`*[]|~":
            pieces.append("\\" + char)
        elif char == "_":
            inside = 0 < position < len(line) - 1 and line[position - 1].isalnum() and line[position + 1].isalnum()
            pieces.append("_" if inside else r"\_")
        elif char in "$&<>@":
            pieces.append({"$": "&#36;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}[char])
        elif char == "!" and line[position + 1 : position + 2] == "[":
            pieces.append(r"\!")
        elif char == ":" and line[position + 1 : position + 3] == "//":
            pieces.append(r"\:")  # an address in the text stays text, it does not become a link
        else:
            pieces.append(char)
    return Safe("".join(pieces))


def escape_markdown_start(line: str) -> Safe:
    r"""Escape the start of an already escaped line that would begin a list, a heading or a rule.

    >>> print(escape_markdown_start("1. not a list"))
    1\. not a list
    """
    if _MARKDOWN_START.match(line):
        return Safe("\\" + line)
    return Safe(_MARKDOWN_NUMBER.sub(r"\1\\\2", line, count=1) if _MARKDOWN_NUMBER.match(line) else line)


def markdown_code(text: str) -> Safe:
    """A code span with a fence of backticks that its text does not contain.

    >>> print(markdown_code("a`b"))
    `` a`b ``
    """
    line = one_line(text) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if len(fence) > 1 or line.startswith(" ") else ""
    return Safe(f"{fence}{pad}{line}{pad}{fence}")


def markdown_fence(text: str) -> str:
    """The fence for a code block: longer than any run of backticks inside.

    >>> markdown_fence("x = 1")
    '```'
    """
    return "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))


# --- terminal ---------------------------------------------------------------------------------------------


def escape_text(text: str) -> Safe:
    r"""Text for a terminal: control characters are shown, not sent.

    >>> print(escape_text("\x1b[31mred"))
    \x1b[31mred
    """
    return Safe(one_line(text))
