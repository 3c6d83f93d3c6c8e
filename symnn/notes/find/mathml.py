r"""Presentation MathML as LaTeX, for pages that keep no other source of a formula.

Every piece of the LaTeX knows the element that it comes from. An element or a character whose meaning is not sure is
refused, so that a formula is never read as another one.

Source: W3C, *MathML Core* and *Mathematical Markup Language (MathML) Version 3.0*, chapter 3.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from symnn.notes.find.elements import Element, Text, decoded
from symnn.notes.find.limits import MAX_MATHML_DEPTH
from symnn.notes.find.source import Joiner, Mapped
from symnn.notes.find.words import word_set

_COMMANDS = word_set(
    """
    exp log ln lg sin cos tan sinh cosh tanh coth arcsin arccos arctan max min sup inf lim det dim arg deg gcd Pr
    """
)
_BIG = {"∑": r"\sum", "∏": r"\prod", "∫": r"\int"}
_LIMITS = frozenset({"max", "min", "lim", "sup", "inf", "argmax", "argmin", "arg max", "arg min"})
_OVER = {
    "^": "hat", "ˆ": "hat", "\u0302": "hat", "~": "tilde", "˜": "tilde", "∼": "tilde", "\u0303": "tilde", "¯": "bar",
    "‾": "bar", "―": "bar", "\u0304": "bar", "→": "vec", "⃗": "vec", "˙": "dot", "¨": "ddot", "ˇ": "check", "˘": "breve",
}  # fmt: skip
_INVISIBLE = frozenset("\u2061\u2064\u200b\ufeff")
_TIMES = "\u2062"
"""Converters put it between a function and its argument as well, so that it says no more than a space."""

_COMMA = "\u2063"
_ESCAPED = {"{": r"\{", "}": r"\}", "%": r"\%"}
_VARIANTS = {
    "bold": "mathbf", "bold-italic": "boldsymbol", "double-struck": "mathbb", "script": "mathcal",
    "bold-script": "mathcal", "fraktur": "mathfrak", "sans-serif": "mathsf", "monospace": "mathtt",
}  # fmt: skip
_ALPHABETS = (
    ("DOUBLE-STRUCK", "mathbb"), ("SCRIPT", "mathcal"), ("FRAKTUR", "mathfrak"), ("BLACK-LETTER", "mathfrak"), ("SANS-SERIF", "mathsf"),
    ("MONOSPACE", "mathtt"), ("BOLD ITALIC", "boldsymbol"), ("BOLD", "mathbf"),
)  # fmt: skip
_ROWS = frozenset({"math", "mrow", "mstyle", "mpadded", "mtd"})
_FENCES = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "∥": "∥"}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_WORD = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?")
_UNSAFE = frozenset("\\{}$&#^_~%")


class NotReadable(ValueError):
    """A part of a formula in MathML that cannot be put as LaTeX; the message says which."""


def latex_of(element: Element, page: Mapped) -> Mapped:
    r"""The LaTeX of a formula in presentation MathML. Raises NotReadable.

    >>> from symnn.notes.find.elements import parse
    >>> from symnn.notes.find.source import Source, whole
    >>> text = "<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mfrac><mn>1</mn><mi>y</mi></mfrac></math>"
    >>> latex_of(parse(text).children[0], whole(Source("page.html", text))).text
    'x^{2}=\\frac{1}{y}'
    """
    writer = _Writer(page)
    writer.row(element, 0)
    return writer.joiner.build(page.offset(element.start)).strip()


def _tag(element: Element) -> str:
    return element.tag.rpartition(":")[2]


class _Writer:
    def __init__(self, page: Mapped) -> None:
        self.page = page
        self.joiner = Joiner(page.source, page.cell)
        self.marks: dict[str, Callable[[Element, int], None]] = {
            "mi": self._identifier, "mn": self._number, "mo": self._operator, "mtext": self._text, "mspace": self._space,
            "mfrac": self._fraction, "msqrt": self._root, "mroot": self._root, "msub": self._scripts,
            "msup": self._scripts, "msubsup": self._scripts, "munder": self._around, "mover": self._around,
            "munderover": self._around, "mfenced": self._fenced, "mtable": self._table,
        }  # fmt: skip

    # -- pieces of text -----------------------------------------------------------------------------------------------

    def _opening(self, element: Element, text: str) -> None:
        """Put text that stands for the beginning of an element."""
        start = self.page.offset(element.start)
        self.joiner.put(text, start, start + 1)

    def _closing(self, element: Element, text: str) -> None:
        end = self.page.end_offset(element.end)
        self.joiner.put(text, end - 1, end)

    def _content(self, element: Element) -> Mapped:
        """What a token holds, without white space around it."""
        joiner = Joiner(self.page.source, self.page.cell)
        for child in element.children:
            if not isinstance(child, Text):
                raise NotReadable(f"<{_tag(child)}> inside <{_tag(element)}>")
            joiner.add(decoded(self.page, child.start, child.end))
        return joiner.build(self.page.offset(element.start)).strip()

    # -- elements -----------------------------------------------------------------------------------------------------

    def node(self, element: Element, depth: int) -> None:
        """One element."""
        if depth > MAX_MATHML_DEPTH:
            raise NotReadable("it nests too deeply")
        tag = _tag(element)
        if tag in _ROWS:
            self.row(element, depth)
        elif tag == "semantics":
            if not (shown := _inside(element)):
                raise NotReadable("<semantics> without a formula")
            self.node(shown[0], depth + 1)
        elif tag in self.marks:
            self.marks[tag](element, depth)
        else:
            raise NotReadable(f"<{tag}> is not understood")

    def row(self, element: Element, depth: int) -> None:
        """Elements in a row."""
        inside = _inside(element, self.page)
        for place, child in enumerate(inside):
            if _tag(child) == "mtable":
                before = self._mark(inside[place - 1]) if place else ""
                after = self._mark(inside[place + 1]) if place + 1 < len(inside) else ""
                self._table(child, depth, fenced=_FENCES.get(before) == after, cases=before == "{" and not after)
            elif self._mark(child) == "{" and place + 2 == len(inside) and _tag(inside[place + 1]) == "mtable":
                continue  # the brace of cases comes with the table
            else:
                self.node(child, depth + 1)

    def _mark(self, element: Element) -> str:
        """The character of an operator; empty for anything else."""
        return self._content(element).text if _tag(element) == "mo" else ""

    def _group(self, element: Element, depth: int) -> None:
        """An element in braces."""
        self._opening(element, "{")
        self.node(element, depth + 1)
        self._closing(element, "}")

    def _base(self, element: Element, depth: int) -> None:
        """What scripts are attached to: a bracket or a letter as it is, anything else in braces."""
        tag = _tag(element)
        if tag in ("mi", "mo") or (tag == "mn" and len(self._content(element)) == 1):
            self.node(element, depth + 1)
        else:
            self._group(element, depth)

    def _parts(self, element: Element, least: int, most: int) -> list[Element]:
        inside = _inside(element, self.page)
        if not least <= len(inside) <= most:
            raise NotReadable(f"<{_tag(element)}> with {len(inside)} parts")
        return inside

    def _identifier(self, element: Element, depth: int) -> None:
        text = self._content(element)
        if len(text) == 1:
            self._letter(element, text)
        elif _WORD.fullmatch(text.text):
            name = text.text
            self._opening(element, f"\\{name} " if name in _COMMANDS else rf"\mathrm{{{name}}}")
        elif text.text in ("…", "⋯") or (text.text and all(map(unicodedata.combining, text.text[1:]))):
            self.joiner.add(text)
        else:
            raise NotReadable(f"the name '{text.text}' is not understood")

    def _letter(self, element: Element, text: Mapped) -> None:
        letter = text.text
        if letter in _UNSAFE:
            raise NotReadable(f"the character '{letter}' as a name")
        span = element.attributes.get("mathvariant")
        font = _VARIANTS.get(self.page.text[span[0] : span[1]], "") if span else ""
        name = unicodedata.name(letter, "")
        if name.startswith(("MATHEMATICAL ", "SCRIPT CAPITAL", "DOUBLE-STRUCK CAPITAL", "BLACK-LETTER CAPITAL")):
            letter = unicodedata.normalize("NFKC", letter)
            font = next((command for word, command in _ALPHABETS if f" {word} " in f" {name}"), font)
        if font or letter != text.text:
            self._opening(element, rf"\{font}{{{letter}}}" if font else letter)
        else:
            self.joiner.add(text)

    def _number(self, element: Element, depth: int) -> None:
        text = self._content(element)
        if not _NUMBER.fullmatch(text.text):
            raise NotReadable(f"the number '{text.text}' is not understood")
        if self.joiner and self.joiner.last.isdigit():
            raise NotReadable("two numbers in a row")
        self.joiner.add(text)

    def _operator(self, element: Element, depth: int) -> None:
        text = self._content(element)
        mark = text.text
        if mark in _INVISIBLE or not mark:
            return
        if mark == _COMMA:
            self._opening(element, ",")
        elif mark == _TIMES:
            self._opening(element, " ")
        elif mark in _BIG:
            self._opening(element, _BIG[mark] + " ")
        elif mark in _LIMITS:
            self._opening(element, _limits(mark))
        elif _WORD.fullmatch(mark) and len(mark) > 1:
            self._identifier(element, depth)
        elif mark in _ESCAPED:
            self._opening(element, _ESCAPED[mark])
        elif mark in _UNSAFE:
            raise NotReadable(f"the character '{mark}' as an operator")
        else:
            self.joiner.add(text)

    def _text(self, element: Element, depth: int) -> None:
        text = self._content(element)
        if not text.text:
            self._opening(element, " ")
        elif _UNSAFE & set(text.text):
            raise NotReadable(f"the text '{text.text}' is not understood")
        else:
            self._opening(element, r"\text{ ")
            self.joiner.add(text)
            self._closing(element, " }")

    def _space(self, element: Element, depth: int) -> None:
        self._opening(element, " ")

    def _fraction(self, element: Element, depth: int) -> None:
        above, below = self._parts(element, 2, 2)
        span = element.attributes.get("linethickness")
        thin = span is not None and self.page.text[span[0] : span[1]].strip(" 0.empxtc%") == ""
        self._opening(element, r"\binom" if thin else r"\frac")
        self._group(above, depth)
        self._group(below, depth)

    def _root(self, element: Element, depth: int) -> None:
        if _tag(element) == "msqrt":
            self._opening(element, r"\sqrt{")
            self.row(element, depth)
            self._closing(element, "}")
            return
        radicand, degree = self._parts(element, 2, 2)
        self._opening(element, r"\sqrt[")
        self.node(degree, depth + 1)
        self._opening(element, "]")
        self._group(radicand, depth)

    def _scripts(self, element: Element, depth: int) -> None:
        marks = {"msub": "_", "msup": "^", "msubsup": "_^"}[_tag(element)]
        base, *scripts = self._parts(element, len(marks) + 1, len(marks) + 1)
        self._base(base, depth)
        for mark, script in zip(marks, scripts, strict=True):
            if _tag(script) in _ROWS and not _inside(script, self.page):
                continue
            self._opening(script, mark)
            self._group(script, depth)

    def _around(self, element: Element, depth: int) -> None:
        """Limits of sums and of max, accents and braces."""
        tag = _tag(element)
        base, *others = self._parts(element, 2, 3)
        mark = self._mark(base) or (self._content(base).text if _tag(base) == "mi" else "")
        if mark in _BIG or mark in _LIMITS:
            self._opening(base, _BIG.get(mark) or _limits(mark))
            for sign, part in zip("^" if tag == "mover" else "_^", others, strict=False):
                self._opening(part, sign)
                self._group(part, depth)
            return
        over = self._mark(others[0])
        if tag == "mover" and over in _OVER:
            self._opening(element, "\\" + _OVER[over])
            self._group(base, depth)
        elif (tag == "munder" and over == "⏟") or (tag == "mover" and over == "⏞"):
            self._group(base, depth)
        elif tag == "munder" and _tag(base) == "munder" and self._mark(_inside(base, self.page)[-1]) == "⏟":
            self.node(base, depth + 1)  # what stands under a brace is a remark
        else:
            raise NotReadable(f"<{tag}> that is neither a limit nor an accent")

    def _fenced(self, element: Element, depth: int) -> None:
        opening, closing, separators = (
            self._attribute(element, name, default)
            for name, default in (("open", "("), ("close", ")"), ("separators", ","))
        )
        if _FENCES.get(opening) != closing or separators not in (",", ";"):
            raise NotReadable(f"the brackets '{opening}' and '{closing}'")
        self._opening(element, _ESCAPED.get(opening, opening))
        for place, child in enumerate(_inside(element, self.page)):
            if place:
                self._opening(child, separators)
            if _tag(child) == "mtable":
                self._table(child, depth, fenced=True)
            else:
                self.node(child, depth + 1)
        self._closing(element, _ESCAPED.get(closing, closing))

    def _attribute(self, element: Element, name: str, default: str) -> str:
        span = element.attributes.get(name)
        return decoded(self.page, *span).text.strip() if span else default

    def _table(self, element: Element, depth: int, *, fenced: bool = False, cases: bool = False) -> None:
        """A matrix between brackets, cases after a brace, else lines one below the other."""
        kind = "cases" if cases else "matrix" if fenced else "aligned"
        self._opening(element, rf"\begin{{{kind}}}")
        for number, row in enumerate(_inside(element, self.page)):
            if _tag(row) != "mtr":
                raise NotReadable(f"<{_tag(row)}> in a table")
            if number:
                self._opening(row, r"\\ ")
            for column, cell in enumerate(_inside(row, self.page)):
                if _tag(cell) != "mtd":
                    raise NotReadable(f"<{_tag(cell)}> in a row of a table")
                if column:
                    self._opening(cell, "&")
                self.row(cell, depth + 1)
        self._closing(element, rf"\end{{{kind}}}")


def _limits(name: str) -> str:
    name = name.replace(" ", "")
    return f"\\{name} " if name in _COMMANDS else rf"\operatorname{{{name}}}"


def _inside(element: Element, page: Mapped | None = None) -> list[Element]:
    """The elements in an element. Raises NotReadable where there is text between them."""
    if page is not None:
        for child in element.children:
            if isinstance(child, Text) and page.text[child.start : child.end].strip():
                raise NotReadable("text outside of any element")
    return [
        child
        for child in element.children
        if isinstance(child, Element) and _tag(child) not in ("annotation", "annotation-xml", "none")
    ]
