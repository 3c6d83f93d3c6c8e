"""A notation tree to Unicode text on one line, for terminals, messages and docstrings.

What ``parse_plain`` can express, it reads back: the same tree, with every quotient and derivative written
with a slash, without fonts, up to round brackets that only group.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import groupby
from typing import Any, Final

from symnn.notation import precedence
from symnn.notation.precedence import Level
from symnn.notation.symbols import ACCENT_MARKS, DOUBLE_STRUCK, SYMBOLS
from symnn.notation.traverse import walk
from symnn.notation.tree import (
    Accent,
    BigOperator,
    Blank,
    Call,
    Cases,
    Derivative,
    Ellipsis,
    EvaluatedAt,
    Given,
    Group,
    Labelled,
    Lines,
    Matrix,
    Nabla,
    Name,
    Negative,
    Node,
    Number,
    Phrase,
    Prime,
    Product,
    Quotient,
    Relation,
    Root,
    Script,
    Sequence,
    Slice,
    Sum,
    Text,
)

RELATIONS: Final = {
    "=": "=", "<": "<", ">": ">", ":=": ":=", "ne": "≠", "approx": "≈", "le": "≤", "ge": "≥", "ll": "≪",
    "gg": "≫", "prec": "≺", "preceq": "⪯", "succ": "≻", "succeq": "⪰", "in": "∈", "notin": "∉", "subset": "⊂", "to": "→", "gets": "←", "mapsto": "↦",
    "implies": "⇒", "iff": "⇔", "propto": "∝", "sim": "∼", "simeq": "≃", "cong": "≅", "equiv": "≡",
}  # fmt: skip
PRODUCTS: Final = {
    "cdot": " · ", "times": " × ", "ast": " * ", "odot": " ⊙ ", "circ": " ∘ ", "otimes": " ⊗ ",
    "matmul": " @ ",
}  # fmt: skip
SIGNS: Final = {"+": "+", "-": "-", "pm": "±", "mp": "∓"}
BIG: Final = {
    "sum": "Σ", "prod": "Π", "max": "max", "min": "min", "lim": "lim", "argmax": "argmax", "argmin": "argmin",
    "int": "∫", "expectation": "𝔼",
}  # fmt: skip
DIFFERENTIALS: Final = {"partial": "∂", "d": "d", "delta": "δ"}
ELLIPSES: Final = {"dots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱"}
RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LOWERED: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LABELS: Final = "0123456789+-=abcdefghijklmnoprstuvwxyzLNMK"
LABELLED: Final = str.maketrans(LABELS + "()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴸᴺᴹᴷ⁽⁾")
STRUCK: Final = {letter: char for char, letter in reversed(DOUBLE_STRUCK.items())}


def to_text(node: Node) -> str:
    """Write a tree as one line of Unicode text.

    >>> to_text(Script(Name("W"), Number("1"), Name("top")))
    'W₁ᵀ'
    """
    return unicodedata.normalize("NFC", _Text().show(node))


class _Text:
    def __init__(self) -> None:
        self.table: dict[type[Node], Callable[[Any], str]] = {
            Number: self.number, Name: self.name, Text: self.text, Ellipsis: self.ellipsis, Blank: self.blank,
            Script: self.script, Prime: self.prime, Accent: self.accent, Product: self.product,
            Quotient: self.quotient, Sum: self.sum, Negative: self.negative, Root: self.root, Group: self.group,
            Sequence: self.sequence, Given: self.given, Slice: self.slice, Call: self.call,
            BigOperator: self.big_operator, Derivative: self.derivative, Nabla: self.nabla,
            EvaluatedAt: self.evaluated_at, Matrix: self.matrix, Cases: self.cases, Lines: self.lines,
            Relation: self.relation, Phrase: self.phrase, Labelled: self.labelled,
        }  # fmt: skip

    def show(self, node: Node) -> str:
        return self.table[type(node)](node)

    def bracketed(self, node: Node, needed: bool) -> str:
        """Show a node, in round brackets if they are needed."""
        return f"({self.show(node)})" if needed else self.show(node)

    def at_least(self, node: Node, least: Level) -> str:
        """Show a node, in round brackets if it is looser than the place allows."""
        return self.bracketed(node, precedence.level(node, flat=True) < least)

    # --- atoms ----------------------------------------------------------------------------------------------

    def number(self, node: Number) -> str:
        return node.text

    def name(self, node: Name) -> str:
        if node.font == "mathbb" and node.base in STRUCK:
            shown = STRUCK[node.base]
        elif node.base == "top":
            shown = "⊤"
        else:
            shown = SYMBOLS.get(node.base, node.base)
        if len(shown) > 1 and node.accents:
            for accent in node.accents:
                shown = f"{accent}({shown})"
            return shown
        return shown + "".join(ACCENT_MARKS.get(accent, "") for accent in node.accents)

    def text(self, node: Text) -> str:
        return node.content

    def ellipsis(self, node: Ellipsis) -> str:
        return ELLIPSES[node.kind]

    def blank(self, node: Blank) -> str:
        return ""

    # --- decorations ----------------------------------------------------------------------------------------

    def script(self, node: Script) -> str:
        return self.base(node.base) + self.scripts(node.sub, node.sup)

    def scripts(self, sub: Node | None, sup: Node | None) -> str:
        return ("" if sub is None else self.lowered(sub)) + ("" if sup is None else self.raised(sup))

    def lowered(self, node: Node) -> str:
        if isinstance(node, Number) and node.text.isdigit():
            return node.text.translate(LOWERED)
        return f"_{self.short(node)}"

    def raised(self, node: Node) -> str:
        if node == Name("top"):
            return "ᵀ"
        digits = node.body if isinstance(node, Negative) else node
        if isinstance(digits, Number) and digits.text.isdigit():
            return ("-" * (digits is not node) + digits.text).translate(RAISED)
        label = node.body if isinstance(node, Group) and node.left == "(" else None
        if label is not None and is_simple(label) and all(c in LABELS for c in self.show(label).replace(" ", "")):
            return self.show(node).replace(" ", "").translate(LABELLED)
        return f"^{self.show(node) if label is not None else self.short(node)}"

    def short(self, node: Node) -> str:
        """Show a script: a bare name, or something in brackets that only hold it together."""
        if isinstance(node, Name) and not node.accents:
            shown = self.show(node)
            if len(shown) == 1 or shown.isalnum():
                return shown
        shown = self.show(node)
        return f"({shown.replace(' ', '') if is_simple(node) else shown})"

    def prime(self, node: Prime) -> str:
        base = node.base
        index_only = isinstance(base, Script) and base.sup is None and not isinstance(base.base, Script | Prime)
        if isinstance(base, Prime | Number):
            return f"({self.show(base)})" + "'" * node.count
        return (self.show(base) if index_only else self.base(base)) + "'" * node.count

    def base(self, node: Node) -> str:
        """Show what carries a script or a prime."""
        needed = precedence.base_needs_brackets(node, flat=True) or isinstance(node, Script | Ellipsis | Text | Accent)
        return self.bracketed(node, needed or (isinstance(node, Prime) and isinstance(node.base, Script)))

    def accent(self, node: Accent) -> str:
        return f"{node.kind}({self.show(node.body)})"

    # --- arithmetic -----------------------------------------------------------------------------------------

    def product(self, node: Product) -> str:
        needs = precedence.factor_brackets(node, flat=True)
        parts = [self.bracketed(f, n) for f, n in zip(node.factors, needs, strict=True)]
        if node.operator != "juxtaposed":
            return PRODUCTS[node.operator].join(parts)
        shown = parts[0]
        for previous, factor, part in zip(node.factors, node.factors[1:], parts[1:], strict=False):
            open_script = isinstance(previous, Script) and (
                shown[-1] == "*" or (shown[-1].isascii() and shown[-1].isalnum())
            )
            shown += part if self.is_tight(previous, factor) and not open_script else f" {part}"
        return shown

    @staticmethod
    def is_tight(previous: Node, factor: Node) -> bool:
        """Say whether two factors are written without a space: ``2x``, ``f(x)``, ``2(a + b)``."""
        base = precedence.base_of(factor)
        if precedence.is_bracketed(base):
            round_ = isinstance(base, Group | Sequence) and base.left == "("
            return round_ and isinstance(precedence.base_of(previous), Name | Number | Group)
        if isinstance(previous, Number) and previous.text.isdigit() and isinstance(base, Name):
            return base.base[0] not in "eE" and base.base[0].isalpha() and not base.accents
        return False

    def quotient(self, node: Quotient) -> str:
        top = self.bracketed(node.numerator, precedence.numerator_needs_brackets(node.numerator, flat=True))
        bottom = self.bracketed(node.denominator, precedence.denominator_needs_brackets(node.denominator, flat=True))
        simple = all(isinstance(part, Name | Number) for part in (node.numerator, node.denominator))
        return f"{top}/{bottom}" if simple or len(bottom) + len(top) < 12 else f"{top} / {bottom}"

    def sum(self, node: Sum) -> str:
        shown = ""
        for index, signed in enumerate(node.terms):
            term = self.at_least(signed.term, Level.TERM)
            if index:
                shown += f" {SIGNS[signed.sign]} {term}"
            else:
                shown = f"{SIGNS[signed.sign]}{term}" if signed.sign != "+" or len(node.terms) == 1 else term
        return shown

    def negative(self, node: Negative) -> str:
        return f"-{self.at_least(node.body, Level.TERM)}"

    def root(self, node: Root) -> str:
        if node.degree is None:
            return f"√({self.show(node.radicand)})"
        return f"root({self.show(node.radicand)}, {self.show(node.degree)})"

    # --- brackets and lists ---------------------------------------------------------------------------------

    def group(self, node: Group) -> str:
        return self.delimit(self.show(node.body), node.left, node.right)

    @staticmethod
    def delimit(body: str, left: str, right: str) -> str:
        pad = " " if left in "|‖" and (body[:1] in "|‖" or body[-1:] in "|‖") else ""
        return f"{left}{pad}{body}{pad}{right}"

    def sequence(self, node: Sequence) -> str:
        separator = {",": ", ", ";": "; ", "quad": "   "}[node.separator]
        return self.delimit(separator.join(self.show(item) for item in node.items), node.left or "", node.right or "")

    def given(self, node: Given) -> str:
        left, right = self.show(node.left), self.show(node.right)
        bar = "∣" if node.bar == "|" and "|" in left + right else node.bar
        return f"{left} {bar} {right}"

    def slice(self, node: Slice) -> str:
        start = "" if node.start is None else self.show(node.start)
        return f"{start}:{'' if node.stop is None else self.show(node.stop)}"

    # --- application ----------------------------------------------------------------------------------------

    def call(self, node: Call) -> str:
        head = self.call_head(node.head)
        if node.loose and len(node.arguments) == 1:
            return f"{head} {self.at_least(node.arguments[0], Level.RUN)}"
        return f"{head}({', '.join(self.show(argument) for argument in node.arguments)})"

    def call_head(self, node: Node) -> str:
        if isinstance(node, Script):
            return self.call_head(node.base) + self.scripts(node.sub, node.sup)
        if isinstance(node, Prime):
            return self.call_head(node.base) + "'" * node.count
        return self.show(node)

    def big_operator(self, node: BigOperator) -> str:
        limits = self.scripts(node.sub, node.sup)
        if node.kind == "expectation":
            return f"{BIG[node.kind]}{limits}{self.bracketed(node.body, not precedence.is_bracketed(node.body))}"
        body = self.bracketed(node.body, precedence.body_needs_brackets(node.body, flat=True))
        return f"{BIG[node.kind]}{limits} {body}"

    def derivative(self, node: Derivative) -> str:
        sign = DIFFERENTIALS[node.symbol]
        if node.style == "index" and node.operand is not None:
            operand = self.bracketed(node.operand, precedence.operand_needs_brackets(node.operand, flat=True))
            return f"{sign}{self.lowered(node.denominators[0])} {operand}"
        power = str(node.order).translate(RAISED) if node.order > 1 else ""
        top = sign + power
        if node.numerator is not None:
            simple = isinstance(precedence.base_of(node.numerator), Name | Group) or precedence.is_call_like(
                node.numerator
            )
            top += self.bracketed(node.numerator, not simple)
        shown = f"{top}/{self.below(node, sign)}"
        if node.operand is None:
            return shown
        operand = self.bracketed(node.operand, precedence.operand_needs_brackets(node.operand, flat=True))
        return f"{shown} {operand}"

    def below(self, node: Derivative, sign: str) -> str:
        """Show the variables after the slash, equal neighbours with a power."""
        shown = ""
        for variable, same in groupby(node.denominators):
            times = len(list(same))
            raised = isinstance(variable, Script) and variable.sup is not None
            simple = isinstance(precedence.base_of(variable), Name | Group)
            body = self.bracketed(variable, not simple or (raised and node.order > 1))
            shown += f"{sign}{body}" + (str(times).translate(RAISED) if times > 1 else "")
        return shown

    def nabla(self, node: Nabla) -> str:
        shown = "∇" + self.scripts(node.wrt, node.power)
        if node.operand is None:
            return shown
        needed = (
            not precedence.is_call_like(node.operand, flat=True)
            and precedence.level(node.operand, flat=True) < Level.FACTOR
        )
        operand = self.bracketed(node.operand, needed)
        return f"{shown} {operand}" if node.wrt is not None else f"{shown}{operand}"

    def evaluated_at(self, node: EvaluatedAt) -> str:
        sub = "" if node.sub is None else f"_({self.show(node.sub)})"
        sup = "" if node.sup is None else f"^({self.show(node.sup)})"
        return f"{self.bracketed(node.body, not precedence.is_bracketed(node.body))}|{sub}{sup}"

    # --- tables and statements ------------------------------------------------------------------------------

    def matrix(self, node: Matrix) -> str:
        body = "; ".join(", ".join(self.show(cell) for cell in row) for row in node.rows)
        return f"{node.left or '['}{body}{node.right or ']'}"

    def cases(self, node: Cases) -> str:
        shown: list[str] = []
        for branch in node.branches:
            value = self.at_least(branch.value, Level.SUM)
            if branch.condition is None or isinstance(branch.condition, Text):
                words = "else" if branch.condition is None or branch.condition.content == "otherwise" else ""
                shown.append(f"{words} {value}" if words else f"{value} {self.show(branch.condition or Blank())}")
            else:
                shown.append(("else " if shown else "") + f"{value} if {self.show(branch.condition)}")
        return " ".join(shown)

    def lines(self, node: Lines) -> str:
        return "; ".join(self.show(row) for row in node.rows)

    def relation(self, node: Relation) -> str:
        shown = [] if node.first is None else [self.side(node.first)]
        for link in node.links:
            shown.append(RELATIONS[link.operator])
            if link.right is not None:
                shown.append(self.side(link.right))
        return " ".join(shown)

    def side(self, node: Node) -> str:
        return self.bracketed(node, isinstance(node, Relation))

    def phrase(self, node: Phrase) -> str:
        return " ".join(self.show(part) for part in node.parts)

    def labelled(self, node: Labelled) -> str:
        return f"{self.show(node.label)}: {self.show(node.body)}"


def is_simple(node: Node) -> bool:
    """Say whether a script reads well, and the same, without spaces: ``t-1``, ``i=1``."""
    for part in walk(node):
        if isinstance(part, Relation) and any(link.operator == "<" for link in part.links):
            return False
        if isinstance(part, Name) and (len(part.base) > 1 and part.base not in SYMBOLS):
            return False
        if not isinstance(part, Name | Number | Sum | Negative | Relation):
            return False
    return True
