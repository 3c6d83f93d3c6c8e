r"""A notation tree to LaTeX (amsmath).

The output uses only commands that ``parse_latex`` reads, and reading it gives the same tree back, up to round
brackets that only group. It compiles with amsmath and amssymb, in KaTeX and in MathJax.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from typing import Any, Final

from symnn.notation import precedence
from symnn.notation.precedence import Level, level
from symnn.notation.symbols import COMMAND_FUNCTIONS, SYMBOLS
from symnn.notation.traverse import children, replace, walk
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
    "=": "=", "<": "<", ">": ">", ":=": ":=", "ne": r"\neq", "approx": r"\approx", "le": r"\le", "ge": r"\ge",
    "ll": r"\ll", "gg": r"\gg", "prec": r"\prec", "preceq": r"\preceq", "succ": r"\succ", "succeq": r"\succeq", "in": r"\in", "notin": r"\notin", "subset": r"\subset", "to": r"\to",
    "gets": r"\leftarrow", "mapsto": r"\mapsto", "implies": r"\Rightarrow", "iff": r"\Leftrightarrow",
    "propto": r"\propto", "sim": r"\sim", "simeq": r"\simeq", "cong": r"\cong", "equiv": r"\equiv",
}  # fmt: skip
PRODUCTS: Final = {
    "cdot": r"\cdot", "times": r"\times", "ast": "*", "odot": r"\odot", "circ": r"\circ",
    "otimes": r"\otimes",
}  # fmt: skip
SIGNS: Final = {"+": "+", "-": "-", "pm": r"\pm", "mp": r"\mp"}
BIG: Final = {
    "sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min", "lim": r"\lim", "int": r"\int", "argmax": r"\arg\max",
    "argmin": r"\arg\min", "expectation": r"\mathbb{E}",
}  # fmt: skip
DIFFERENTIALS: Final = {"partial": r"\partial", "d": r"\mathrm{d}", "delta": r"\delta"}
DELIMITERS: Final = {
    "(": "(", ")": ")", "[": "[", "]": "]", "{": r"\{", "}": r"\}", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "⟨": r"\langle", "⟩": r"\rangle",
}  # fmt: skip
MATRICES: Final = {
    "": "matrix",
    "(": "pmatrix",
    "[": "bmatrix",
    "{": "Bmatrix",
    "|": "vmatrix",
    "‖": "Vmatrix",
}
ACCENTS: Final = {"hat": ("hat", "widehat"), "tilde": ("tilde", "widetilde"), "bar": ("bar", "overline"),
                  "vec": ("vec", "overrightarrow")}  # fmt: skip
_DIFFERENTIAL: Final = re.compile(r"(?:\\(?:math\w+|text\w*|operatorname)\{d\}|\\delta|d)(?![A-Za-z])")
_TEXT_ESCAPES: Final = str.maketrans(
    {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}"}
)


def to_latex(node: Node) -> str:
    r"""Write a tree as LaTeX, without dollar signs around it.

    >>> to_latex(Script(Name("W"), Number("1"), Name("top")))
    'W_{1}^{\\top}'
    """
    return _Latex().show(replace(node, _without_matmul))


def _without_matmul(node: Node) -> Node:
    """Write a matrix product as a juxtaposed one: LaTeX has no sign for it."""
    if not isinstance(node, Product) or node.operator != "matmul":
        return node
    factors: list[Node] = []
    for factor in node.factors:
        inner = isinstance(factor, Product) and factor.operator == "juxtaposed"
        factors.extend(factor.factors if inner and isinstance(factor, Product) else [factor])
    return Product("juxtaposed", tuple(factors))


class _Latex:
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
        return self.delimit(self.show(node), "(", ")", precedence.is_tall(node)) if needed else self.show(node)

    def at_least(self, node: Node, least: Level) -> str:
        """Show a node, in round brackets if it is looser than the place allows."""
        return self.bracketed(node, level(node) < least)

    @staticmethod
    def delimit(body: str, left: str, right: str, tall: bool) -> str:
        if left in "|‖":
            stroke = "|" if left == "|" else r"\|"
            side = "vert" if left == "|" else "Vert"
            return rf"\left{stroke} {body} \right{stroke}" if tall else rf"\l{side} {body} \r{side}"
        opening, closing = DELIMITERS[left], DELIMITERS[right]
        if tall:
            return rf"\left{opening} {body} \right{closing}"
        if opening.startswith("\\"):
            return f"{opening} {body} {closing}"
        return f"{opening}{body}{closing}"

    # --- atoms ----------------------------------------------------------------------------------------------

    def number(self, node: Number) -> str:
        mantissa, _, exponent = node.text.lower().partition("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa

    def name(self, node: Name) -> str:
        shown = self.bare_name(node)
        for accent in node.accents:
            shown = rf"\{ACCENTS.get(accent, (accent,))[0]}{{{shown}}}"
        return shown

    def bare_name(self, node: Name) -> str:
        base, font = node.base, node.font
        if font.startswith("text"):
            return rf"\{font}{{{base.translate(_TEXT_ESCAPES)}}}"
        if base in SYMBOLS:
            shown = rf"\{base}"
        elif not font and base in (*COMMAND_FUNCTIONS, "max", "min"):
            return rf"\{base}"
        elif not base.isascii():
            return rf"\text{{{base}}}"
        else:
            shown = base.replace("_", r"\_")
        if font:
            return rf"\{font}{{{shown}}}"
        plain = len(base) == 1 or base in SYMBOLS or ("_" in base and base[0].isalpha() and "__" not in base)
        return shown if plain else rf"\mathit{{{shown}}}"

    def text(self, node: Text) -> str:
        return rf"\text{{{node.content.translate(_TEXT_ESCAPES)}}}"

    def ellipsis(self, node: Ellipsis) -> str:
        return rf"\{node.kind}"

    def blank(self, node: Blank) -> str:
        return ""

    # --- decorations ----------------------------------------------------------------------------------------

    def script(self, node: Script) -> str:
        return self.base(node.base) + self.scripts(node.sub, node.sup)

    def scripts(self, sub: Node | None, sup: Node | None) -> str:
        """Show what is lowered and what is raised."""
        lowered = "" if sub is None else f"_{{{self.show(sub)}}}"
        return lowered + ("" if sup is None else f"^{{{self.show(sup)}}}")

    def prime(self, node: Prime) -> str:
        base = node.base
        if isinstance(base, Prime) or (isinstance(base, Script) and base.sup is None and not _is_primed(base)):
            shown = f"{{{self.show(base)}}}" if isinstance(base, Prime) else self.show(base)
        else:
            shown = f"({self.show(base)})" if isinstance(base, Number) else self.base(base)
        return shown + "'" * node.count

    def base(self, node: Node) -> str:
        """Show what carries a script or a prime."""
        if precedence.base_needs_brackets(node):
            return self.bracketed(node, True)
        shown = self.show(node)
        if isinstance(node, Script | Call | Ellipsis | Text) or (isinstance(node, Prime) and _is_scripted(node)):
            return f"{{{shown}}}"
        return shown

    def accent(self, node: Accent) -> str:
        narrow, wide = ACCENTS.get(node.kind, (node.kind, node.kind))
        short = isinstance(node.body, Number) or (isinstance(node.body, Script) and isinstance(node.body.base, Name))
        return rf"\{narrow if short else wide}{{{self.show(node.body)}}}"

    # --- arithmetic -----------------------------------------------------------------------------------------

    def product(self, node: Product) -> str:
        needs = precedence.factor_brackets(node)
        parts = [self.factor(f, n, len(node.factors) > 1) for f, n in zip(node.factors, needs, strict=True)]
        if node.operator != "juxtaposed":
            return f" {PRODUCTS[node.operator]} ".join(parts)
        shown = parts[0]
        for factor, previous, part in zip(node.factors[1:], node.factors, parts[1:], strict=False):
            tight = precedence.is_bracketed(precedence.base_of(factor)) and isinstance(
                precedence.base_of(previous), Name | Group
            )
            shown += part if tight else f" {part}"
        return shown

    def factor(self, node: Node, needed: bool, followed: bool) -> str:
        """Show a factor; braces keep a bare function name from taking the next factor as its argument."""
        if followed and not needed and _is_function(precedence.base_of(node)):
            return f"{{{self.show(node)}}}"
        return self.operand(node, needed)

    def operand(self, node: Node, needed: bool) -> str:
        """Show what stands right after something; braces keep a word of another script from being a remark."""
        base = precedence.base_of(node)
        if not needed and isinstance(base, Name) and not base.base.isascii():
            return f"{{{self.show(node)}}}"
        return self.bracketed(node, needed)

    def quotient(self, node: Quotient) -> str:
        if node.style == "slash":
            top = self.bracketed(node.numerator, precedence.numerator_needs_brackets(node.numerator))
            bottom = self.bracketed(node.denominator, precedence.denominator_needs_brackets(node.denominator))
            return f"{top} / {self.undifferential(bottom)}"
        top, bottom = self.shielded(node.numerator), self.undifferential(self.shielded(node.denominator))
        return rf"{{{top} \over {bottom}}}" if node.style == "over" else rf"\frac{{{top}}}{{{bottom}}}"

    def shielded(self, node: Node) -> str:
        r"""Show one side of a fraction; braces keep a leading ``\partial f / \partial x`` from claiming it."""
        first = node
        while not isinstance(first, Derivative | Script) and (below := children(first)):
            first = below[0]
        slash = isinstance(first, Derivative) and first.style != "frac"
        return f"{{{self.show(node)}}}" if slash else self.show(node)

    @staticmethod
    def undifferential(shown: str) -> str:
        r"""Protect a denominator that begins with a name ``d``, so that the quotient is no derivative."""
        found = _DIFFERENTIAL.match(shown)
        return f"{{{found[0]}}}{shown[found.end() :]}" if found else shown

    def sum(self, node: Sum) -> str:
        shown = ""
        for index, signed in enumerate(node.terms):
            term = self.at_least(signed.term, Level.TERM)
            if index:
                shown += f" {SIGNS[signed.sign]} {term}"
            elif signed.sign != "+" or len(node.terms) == 1:
                shown = f"{SIGNS[signed.sign]} {term}" if signed.sign in ("pm", "mp") else f"{signed.sign}{term}"
            else:
                shown = term
        return shown

    def negative(self, node: Negative) -> str:
        return f"-{self.at_least(node.body, Level.TERM)}"

    def root(self, node: Root) -> str:
        degree = "" if node.degree is None else f"[{self.show(node.degree)}]"
        return rf"\sqrt{degree}{{{self.show(node.radicand)}}}"

    # --- brackets and lists ---------------------------------------------------------------------------------

    def group(self, node: Group) -> str:
        return self.delimit(self.show(node.body), node.left, node.right, precedence.is_tall(node.body))

    def sequence(self, node: Sequence) -> str:
        separator = {",": ", ", ";": "; ", "quad": r", \quad "}[node.separator]
        body = separator.join(self.show(item) for item in node.items)
        if not node.left:
            return body
        return self.delimit(body, node.left, node.right, any(precedence.is_tall(item) for item in node.items))

    def given(self, node: Given) -> str:
        bar = r"\mid" if node.bar == "|" else r"\|"
        return f"{self.show(node.left)} {bar} {self.show(node.right)}"

    def slice(self, node: Slice) -> str:
        start = "" if node.start is None else self.show(node.start)
        return f"{start}:{'' if node.stop is None else self.show(node.stop)}"

    # --- application ----------------------------------------------------------------------------------------

    def call(self, node: Call) -> str:
        head = self.call_head(node.head)
        if node.loose and len(node.arguments) == 1:
            return f"{head} {self.at_least(node.arguments[0], Level.RUN)}"
        body = ", ".join(self.show(argument) for argument in node.arguments)
        return head + self.delimit(body, "(", ")", any(precedence.is_tall(a) for a in node.arguments))

    def call_head(self, node: Node) -> str:
        if isinstance(node, Script):
            return self.call_head(node.base) + self.scripts(node.sub, node.sup)
        if isinstance(node, Prime):
            return self.call_head(node.base) + "'" * node.count
        if isinstance(node, Name) and not node.accents and not _is_function(node):
            name = node.base.replace("_", r"\_")
            return rf"\operatorname{{{name}}}"
        return self.show(node)

    def big_operator(self, node: BigOperator) -> str:
        limits = self.scripts(node.sub, node.sup)
        if node.kind == "expectation":
            shown = self.show(node.body) if precedence.is_bracketed(node.body) else self.bracketed(node.body, True)
            return f"{BIG[node.kind]}{limits}{shown}"
        body = self.bracketed(node.body, precedence.body_needs_brackets(node.body))
        if not limits and node.kind in ("max", "min"):
            body = f"{{{body}}}"  # a bare bracket would make it a call
        return f"{BIG[node.kind]}{limits} {body}"

    def derivative(self, node: Derivative) -> str:
        sign = DIFFERENTIALS[node.symbol]
        if node.style == "index" and node.operand is not None:
            operand = self.operand(node.operand, precedence.operand_needs_brackets(node.operand))
            return f"{sign}{self.scripts(node.denominators[0], None)} {operand}"
        power = f"^{{{node.order}}}" if node.order > 1 else ""
        bottom = self.below(node, sign)
        slash = node.style == "slash"
        top = sign + power
        if node.numerator is not None:
            top += " " + self.above(node.numerator, node.symbol, slash)
        shown = f"{top} / {bottom}" if slash else rf"\frac{{{top}}}{{{bottom}}}"
        if node.operand is None:
            return shown
        operand = self.operand(node.operand, precedence.operand_needs_brackets(node.operand))
        return f"{shown} {operand}"

    def above(self, node: Node, symbol: str, slash: bool) -> str:
        """Show what is differentiated, above the bar."""
        simple = isinstance(precedence.base_of(node), Name | Group | Accent) or precedence.is_call_like(node)
        if level(node) < Level.RUN or (slash and not simple):
            return self.bracketed(node, True)
        # In braces nothing in it is taken for the fraction's own slash or sign.
        hidden = has_slash(node) or (symbol != "partial" and any(isinstance(n, BigOperator) for n in walk(node)))
        return f"{{{self.show(node)}}}" if hidden else self.show(node)

    def below(self, node: Derivative, sign: str) -> str:
        """Show the variables below the bar, equal neighbours with a power."""
        parts: list[str] = []
        for variable, same in groupby(node.denominators):
            times = len(list(same))
            powered = isinstance(variable, Script) and isinstance(variable.sup, Number)
            call = node.style == "frac" and node.order == 1 and precedence.is_call_like(variable)
            simple = isinstance(precedence.base_of(variable), Name | Group | Accent) or call
            shown = self.bracketed(variable, not simple or (node.order > 1 and powered))
            if times > 1 and not (isinstance(variable, Script) and variable.sup is not None and not powered):
                parts.append(f"{sign} {shown}^{{{times}}}")
            else:
                parts.extend([f"{sign} {shown}"] * times)
        return r" \, ".join(parts)

    def nabla(self, node: Nabla) -> str:
        shown = r"\nabla" + self.scripts(node.wrt, node.power)
        if node.operand is None:
            return shown
        return f"{shown} {self.operand(node.operand, nabla_operand_needs_brackets(node.operand))}"

    def evaluated_at(self, node: EvaluatedAt) -> str:
        return rf"\left. {self.show(node.body)} \right|{self.scripts(node.sub, node.sup)}"

    # --- tables and statements ------------------------------------------------------------------------------

    def matrix(self, node: Matrix) -> str:
        body = r" \\ ".join(" & ".join(self.show(cell) for cell in row) for row in node.rows)
        name = MATRICES.get(node.left)
        if name is None:
            return (
                rf"\left{DELIMITERS[node.left]} \begin{{matrix}} {body} \end{{matrix}} \right{DELIMITERS[node.right]}"
            )
        return rf"\begin{{{name}}} {body} \end{{{name}}}"

    def cases(self, node: Cases) -> str:
        rows: list[str] = []
        for branch in node.branches:
            value = self.at_least(branch.value, Level.SUM)
            condition = branch.condition
            if condition is None:
                rows.append(value)
            elif isinstance(condition, Relation):
                rows.append(rf"{value} & \text{{if }} {self.show(condition)}")
            else:
                rows.append(f"{value} & {self.show(condition)}")
        body = r" \\ ".join(rows)
        return rf"\begin{{cases}} {body} \end{{cases}}"

    def lines(self, node: Lines) -> str:
        body = r" \\ ".join(self.line(row) for row in node.rows)
        return rf"\begin{{aligned}} {body} \end{{aligned}}"

    def line(self, node: Node) -> str:
        """Show one row, aligned at its first relation."""
        if isinstance(node, Relation):
            first = "" if node.first is None else self.side(node.first) + " "
            return f"{first}&{self.links(node)}"
        if isinstance(node, Labelled) and isinstance(node.body, Relation):
            return f"{self.show(node.label)} : {self.line(node.body)}"
        return self.bracketed(node, isinstance(node, Sum | Negative))

    def relation(self, node: Relation) -> str:
        return self.links(node) if node.first is None else f"{self.side(node.first)} {self.links(node)}"

    def links(self, node: Relation) -> str:
        shown = []
        for link in node.links:
            right = "" if link.right is None else f" {self.side(link.right)}"
            shown.append(f"{RELATIONS[link.operator]}{right}")
        return " ".join(shown)

    def side(self, node: Node) -> str:
        return self.bracketed(node, isinstance(node, Relation))

    def phrase(self, node: Phrase) -> str:
        parts: list[str] = []
        last = len(node.parts) - 1
        for index, part in enumerate(node.parts):
            if not isinstance(part, Text):
                parts.append(self.show(part))
                continue
            before = r"\quad " if index else ""
            blank = " " if index < last else ""
            parts.append(rf"{before}\text{{{part.content.translate(_TEXT_ESCAPES)}{blank}}}")
        return " ".join(parts)

    def labelled(self, node: Labelled) -> str:
        return f"{self.show(node.label)} : {self.show(node.body)}"


def nabla_operand_needs_brackets(node: Node) -> bool:
    """Say whether the operand of a gradient sign needs brackets."""
    return not precedence.is_call_like(node) and level(node) < Level.FACTOR


def has_slash(node: Node) -> bool:
    """Say whether a slash is printed somewhere in a node."""
    return any(isinstance(n, Quotient | Derivative) and n.style == "slash" for n in walk(node))


def _is_function(node: Node) -> bool:
    """Say whether a name prints as a function command, which takes what follows as its argument."""
    if not isinstance(node, Name) or node.accents:
        return False
    if node.base == "E" and node.font == "mathbb":
        return True
    return node.font == "operatorname" or (not node.font and node.base in (*COMMAND_FUNCTIONS, "max", "min"))


def _is_scripted(node: Node) -> bool:
    """Say whether a script stands below the primes of a node."""
    while isinstance(node, Prime):
        node = node.base
    return isinstance(node, Script)


def _is_primed(node: Script) -> bool:
    return isinstance(node.base, Prime)
