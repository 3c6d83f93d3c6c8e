r"""Mathematics in HTML: which elements stand for a formula, and where its LaTeX is.

Pages keep the LaTeX of a formula in an annotation (KaTeX, MathML), in a script (MathJax 2), in an attribute,
or in the alternative text of a picture (wikis). MathML without it is read as it is (see ``mathml``). Where a page was copied together with its rendering, one
text holds the plain letters and the LaTeX glued together, and elements after it repeat the letters once
more.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from symnn.notes.find.elements import Element, Text, decoded, put_decoded
from symnn.notes.find.mathml import NotReadable, latex_of
from symnn.notes.find.source import Joiner, Mapped
from symnn.notes.find.words import word_set

_TEX_TYPES = ("application/x-tex", "tex", "latex", "application/x-latex", "text/x-tex", "texmacs")
_DATA = ("data-latex", "data-tex", "data-formula", "data-equation", "data-math", "data-expr", "alttext")
_RENDERED = frozenset(
    [
        "MathJax",
        "MathJax_Display",
        "MathJax_Preview",
        "MathJax_SVG",
        "MathJax_SVG_Display",
        "MathJax_CHTML",
        "mjx-chtml",
        "mjx-math",
        "MJX_Assistive_MathML",
        "MJXc-display",
        "katex-html",
    ]
)
_TEX_IMAGE = re.compile(r"mwe-math|\btex\b|\blatex\b|\bmath\b|formula|equation", re.IGNORECASE)
_TEX_ADDRESS = re.compile(r"codecogs|[?&](?:tex|latex|math|chl)=|\$latex|/math/render/", re.IGNORECASE)
_STYLE = re.compile(r"\{\s*\\(displaystyle|textstyle|scriptstyle)\b")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that an element stands for; without LaTeX, ``reason`` says why it cannot be read."""

    tex: Mapped | None
    display: bool
    reason: str = ""


def formula_of(element: Element, page: Mapped, parents: list[Element]) -> Formula | None:
    """Return the formula that an element stands for as a whole, or nothing."""
    tag = element.tag
    if tag == "script":
        return _script(element, page)
    classes = _attribute(element, page, "class")
    if tag == "img":
        return _image(element, page, classes)
    names = set(classes.split())
    is_katex = bool(names & {"katex", "katex-display", "katex-mathml", "mwe-math-element"})
    if is_katex or tag in ("math", "mjx-container"):
        display = "katex-display" in names or _attribute(element, page, "display") in ("block", "true")
        tex = _annotation(element, page) or _data(element, page) or _image_inside(element, page)
        if tex is not None:
            return _styled(tex, display)
        return _from_mathml(element, page, display)
    if names & _RENDERED:
        return Formula(None, False)  # its source follows in a script
    for name in _DATA[:-1]:
        if name in element.attributes:
            tex = _data(element, page)
            return None if tex is None else _styled(tex, "display" in classes or "block" in classes or tag == "div")
    if tag == "span":
        return _triple(element, page, parents)
    return None


def _from_mathml(element: Element, page: Mapped, display: bool) -> Formula:
    """A formula of which only the rendering is there: read from its MathML, if it has any."""
    math = next((inner for inner in element.elements() if inner.tag.rpartition(":")[2] == "math"), None)
    if math is None:
        return Formula(None, display, "rendered mathematics without its source")
    try:
        tex = latex_of(math, page)
    except NotReadable as error:
        return Formula(None, display, f"a formula in MathML cannot be read: {error}")
    return Formula(tex, display) if tex.text else Formula(None, display, "an empty formula")


def has_formulas(text: str) -> bool:
    """Whether a text with some HTML in it can hold an element that stands for a formula."""
    return bool(_HINT.search(text))


_HINT = re.compile(
    r"<(?:math|annotation|mjx-|script|img)\b|data-(?:latex|tex|formula|equation|math|expr)=|class=.?(?:katex|MathJax|mwe-)"
    r"|<span>\s{0,20}<span",
    re.IGNORECASE,
)


def _attribute(element: Element, page: Mapped, name: str) -> str:
    span = element.attributes.get(name)
    return page.text[span[0] : span[1]] if span else ""


def _script(element: Element, page: Mapped) -> Formula | None:
    kind = _attribute(element, page, "type").replace(" ", "").lower()
    if not kind.startswith(("math/tex", "math/latex")):
        return None
    text = next((child for child in element.children if isinstance(child, Text)), None)
    if text is None:
        return None
    start, end = text.start, text.end
    body = page.text[start:end]
    for opening, closing in (("% <![CDATA[", "%]]>"), ("<![CDATA[", "]]>")):
        if body.strip().startswith(opening) and closing in body:
            start, end = start + body.index(opening) + len(opening), start + body.rindex(closing)
            break
    return Formula(page.cut(start, end), "mode=display" in kind)


def _image(element: Element, page: Mapped, classes: str) -> Formula | None:
    span = element.attributes.get("alt")
    if span is None:
        return None
    alt = page.text[span[0] : span[1]]
    marked = _TEX_IMAGE.search(classes) or _TEX_ADDRESS.search(_attribute(element, page, "src"))
    if not alt.strip() or not (_STYLE.match(alt.strip()) or (marked and re.search(r"[\\^_={]|^\S{1,3}$", alt))):
        return None
    return _styled(decoded(page, *span), "display" in classes or "block" in classes)


def _image_inside(element: Element, page: Mapped) -> Mapped | None:
    for inner in element.elements():
        if inner.tag == "img" and (found := _image(inner, page, _attribute(inner, page, "class"))):
            return found.tex
    return None


def _annotation(element: Element, page: Mapped) -> Mapped | None:
    for inner in element.elements():
        if inner.tag not in ("annotation", "annotation-xml"):
            continue
        if _attribute(inner, page, "encoding").lower().strip() not in _TEX_TYPES:
            continue
        joiner = Joiner(page.source, page.cell)
        for text in inner.texts():
            put_decoded(joiner, page, text.start, text.end)
        return joiner.build(page.offset(inner.start))
    return None


def _data(element: Element, page: Mapped) -> Mapped | None:
    for inner in element.elements():
        for name in _DATA:
            span = inner.attributes.get(name)
            if span and page.text[span[0] : span[1]].strip():
                return decoded(page, *span)
        if inner is not element and inner.tag != "math":
            break
    return None


def _styled(tex: Mapped, display: bool) -> Formula:
    r"""Take off the ``{\displaystyle …}`` that wikis put around every formula, and delimiters."""
    tex = tex.strip()
    for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")):
        if tex.text.startswith(opening) and tex.text.endswith(closing) and len(tex) > len(opening) + len(closing):
            tex = tex.cut(len(opening), len(tex) - len(closing)).strip()
            break
    if (style := _STYLE.match(tex.text)) and tex.text.endswith("}"):
        tex = tex.cut(style.end(), len(tex) - 1).strip()
    return Formula(tex, display)


# -- a formula copied with its rendering -------------------------------------------------------------

_COMMANDS = {
    "partial": "∂", "nabla": "∇", "cdot": "⋅", "times": "×", "ast": "∗", "odot": "⊙", "circ": "∘",
    "div": "÷", "rightarrow": "→", "to": "→", "leftarrow": "←", "gets": "←", "mapsto": "↦",
    "Rightarrow": "⇒", "colon": ":", "sum": "∑", "prod": "∏", "int": "∫", "infty": "∞", "in": "∈",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼",
    "equiv": "≡", "propto": "∝", "pm": "±", "top": "⊤", "ldots": "…", "dots": "…", "cdots": "⋯", "mid": "∣",
    "vert": "∣", "lvert": "∣", "rvert": "∣", "prime": "′", "lbrace": "{", "rbrace": "}", "langle": "⟨",
    "rangle": "⟩", "|": "∥", "Vert": "∥", "{": "{", "}": "}", "ell": "ℓ", "otimes": "⊗", "oplus": "⊕",
    "cup": "∪", "cap": "∩", "subset": "⊂", "forall": "∀", "exists": "∃", "%": "%", "&": "&", "#": "#",
    "$": "$", "_": "_", "cong": "≅", "simeq": "≃", "ll": "≪", "gg": "≫",
}  # fmt: skip
_NAMED = word_set(
    """
    exp log ln lg sin cos tan sinh cosh tanh coth arcsin arccos arctan max min sup inf lim det dim
    arg deg gcd ker Pr
    """
)
_GREEK = {
    name: unicodedata.lookup(f"GREEK SMALL LETTER {name.upper() if name != 'lambda' else 'LAMDA'}")
    for name in word_set(
        """
        alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi
        chi psi omega
        """
    )
}
_VARIANTS = {"varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "ς", "varpi": "π"}
_SAME = str.maketrans(
    {
        "−": "-",
        "∗": "*",
        "⋅": "·",
        "∣": "|",
        "∥": "‖",
        "ϵ": "ε",
        "ϕ": "φ",
        "ϑ": "θ",
        "ϱ": "ρ",
        "′": "'",
        "∼": "~",
    }
)
_TEX_TOKEN = re.compile(r"\\([A-Za-z]+|.)|(\s+|[{}^_&])|(.)", re.DOTALL)
_MOVED = frozenset("ˉ^~˙→⃗¨ˇ˘´`")
_MIN_SPELLED = 2


def _triple(element: Element, page: Mapped, parents: list[Element]) -> Formula | None:
    """A span with two: the first holds letters and LaTeX glued together, the second repeats the letters."""
    children = [c for c in element.children if not (isinstance(c, Text) and not page.text[c.start : c.end].strip())]
    spans = [child for child in children if isinstance(child, Element) and child.tag == "span"]
    if len(children) != 2 or len(spans) != 2:
        return None
    glued, render = spans
    if not glued.children or not all(isinstance(child, Text) for child in glued.children):
        return None
    if not any(isinstance(child, Element) for child in render.children):
        return None
    text = decoded(page, _start(glued), _end(glued))
    spelled = _spelled(text.text)
    half, odd = divmod(len(spelled), 2)
    shown = "".join(decoded(page, t.start, t.end).text for t in render.texts())
    letters = sorted(_letters("".join(char for char, _ in spelled[:half])))
    if odd or half == 0 or letters != sorted(_letters("".join(char for char, _ in spelled[half:]))):
        return _unsplit(letters, shown)
    if not set(_letters(shown)) >= set(letters) - _MOVED:
        return None
    cut = spelled[half - 1][1]
    tex = text.cut(cut).strip()
    if "\\" in text.text[:cut] or not tex.text:
        return _unsplit(letters, shown)
    outer = parents[-1] if parents else None
    display = outer is not None and outer.tag == "span" and len(outer.children) == 1
    return Formula(tex, display)


def _unsplit(letters: list[str], shown: str) -> Formula | None:
    """Say that a formula was seen but not understood, if the rendering shows the same letters at all."""
    if len(letters) >= _MIN_SPELLED and set(letters) <= set(_letters(shown)):
        return Formula(None, False, "a formula copied with its rendering, in which the LaTeX cannot be told apart")
    return None


def _start(element: Element) -> int:
    first = element.children[0]
    return first.start


def _end(element: Element) -> int:
    return element.children[-1].end


def _spelled(text: str) -> list[tuple[str, int]]:
    """Return the visible characters of a text that may hold LaTeX, each with the end of its origin."""
    out: list[tuple[str, int]] = []
    for match in _TEX_TOKEN.finditer(text):
        if (command := match[1]) is not None:
            shown = _COMMANDS.get(command) or _GREEK.get(command) or _VARIANTS.get(command)
            if shown is None and command in _NAMED:
                shown = command
            if shown is None and command[:1].isupper() and command.lower() in _GREEK:
                shown = _GREEK[command.lower()].upper()
            out += [(char, match.end()) for char in (shown or "").translate(_SAME) if not _is_unseen(char)]
        elif match[3] is not None and not _is_unseen(match[3]):
            out.append((match[3].translate(_SAME), match.end()))
    return out


def _is_unseen(char: str) -> bool:
    return char in _MOVED or unicodedata.category(char) in ("Mn", "Cf", "Zs", "Cc")


def _letters(text: str) -> list[str]:
    return [char for char in text.translate(_SAME) if char.isalnum()]
