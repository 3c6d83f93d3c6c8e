"""A notation tree to presentation MathML Core, which browsers show without any script.

Elements used: ``mi mn mo mtext mspace mrow mfrac msqrt mroot msub msup msubsup munder mover munderover
mtable mtr mtd mpadded``. Stretching is left to the browser's operator dictionary, except where it would
guess wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from itertools import groupby
from typing import Any, Final

from symnn.notation import precedence
from symnn.notation.precedence import Level, level
from symnn.notation.symbols import SYMBOLS
from symnn.notation.to_text import BIG, ELLIPSES, RELATIONS, SIGNS
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

PRODUCTS: Final = {
    "cdot": "⋅",
    "times": "×",
    "ast": "∗",
    "odot": "⊙",
    "circ": "∘",
    "otimes": "⊗",
    "matmul": "\u2062",
}
ACCENTS: Final = {
    "hat": "^", "tilde": "~", "bar": "¯", "vec": "→", "dot": "˙", "ddot": "¨", "check": "ˇ", "breve": "˘",
    "acute": "´", "grave": "`", "mathring": "˚", "underline": "_",
}  # fmt: skip
PRIMES: Final = {1: "′", 2: "″", 3: "‴"}
DIFFERENTIALS: Final = {"partial": "<mo form='prefix' lspace='0' rspace='0'>∂</mo>",
                        "d": "<mi mathvariant='normal'>d</mi>", "delta": "<mi>δ</mi>"}  # fmt: skip
INVISIBLE_TIMES: Final = "<mo>\u2062</mo>"
APPLY: Final = "<mo>\u2061</mo>"
NAMED_LIMITS: Final = ("max", "min", "lim", "argmax", "argmin")

# Where the letters of a mathematical alphabet begin: capital A, small a, capital alpha, small alpha, digit zero.
ALPHABETS: Final = {
    "mathbf": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE),
    "boldsymbol": (0x1D468, 0x1D482, 0x1D71C, 0x1D736, 0x1D7CE),
    "textbf": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE), "mathcal": (0x1D49C, 0x1D4B6, 0, 0, 0),
    "mathscr": (0x1D49C, 0x1D4B6, 0, 0, 0), "mathbb": (0x1D538, 0x1D552, 0, 0, 0x1D7D8),
    "mathfrak": (0x1D504, 0x1D51E, 0, 0, 0), "mathsf": (0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2),
    "textsf": (0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2), "mathtt": (0x1D670, 0x1D68A, 0, 0, 0x1D7F6),
    "texttt": (0x1D670, 0x1D68A, 0, 0, 0x1D7F6),
}  # fmt: skip
# Letters that Unicode had before it got the alphabets.
EARLIER: Final = {
    0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ", 0x1D4A4: "ℐ", 0x1D4A7: "ℒ", 0x1D4A8: "ℳ",
    0x1D4AD: "ℛ", 0x1D4BA: "ℯ", 0x1D4BC: "ℊ", 0x1D4C4: "ℴ", 0x1D53A: "ℂ", 0x1D53F: "ℍ", 0x1D545: "ℕ",
    0x1D547: "ℙ", 0x1D548: "ℚ", 0x1D549: "ℝ", 0x1D551: "ℤ", 0x1D506: "ℭ", 0x1D50B: "ℌ", 0x1D50C: "ℑ",
    0x1D515: "ℜ", 0x1D51D: "ℨ",
}  # fmt: skip


def to_mathml(node: Node, *, display: bool = False) -> str:
    """Write a tree as a ``<math>`` element, in display style if asked.

    >>> to_mathml(Script(Name("x"), sup=Number("2")))
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    """
    attribute = " display='block'" if display else ""
    return f"<math{attribute}>{_MathML().show(node)}</math>"


def row(parts: Iterable[str]) -> str:
    """Return the parts as one element."""
    found = [part for part in parts if part]
    return found[0] if len(found) == 1 else f"<mrow>{''.join(found)}</mrow>"


def operator(sign: str, attributes: str = "") -> str:
    """Return an ``<mo>`` element."""
    return f"<mo{' ' * bool(attributes)}{attributes}>{escape(sign, quote=False)}</mo>"


def lettered(text: str, font: str) -> str:
    """Return the text in the letters of a mathematical alphabet, as far as Unicode has them."""
    starts = ALPHABETS.get(font)
    if starts is None:
        return text
    return "".join(_letter(char, starts) for char in text)


def _letter(char: str, starts: tuple[int, int, int, int, int]) -> str:
    for (first, last), start in zip((("A", "Z"), ("a", "z"), ("Α", "Ω"), ("α", "ω"), ("0", "9")), starts, strict=True):
        if start and first <= char <= last:
            code = start + ord(char) - ord(first)
            return EARLIER.get(code, chr(code))
    return char


class _MathML:
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
        return self.delimit(self.show(node), "(", ")", node) if needed else self.show(node)

    def at_least(self, node: Node, least: Level) -> str:
        """Show a node, in round brackets if it is looser than the place allows."""
        return self.bracketed(node, level(node) < least)

    @staticmethod
    def delimit(body: str, left: str, right: str, *content: Node) -> str:
        stretchy = "" if any(precedence.is_tall(node) for node in content) else " stretchy='false'"
        opening = operator(left, f"form='prefix' fence='true'{stretchy}") if left else ""
        closing = operator(right, f"form='postfix' fence='true'{stretchy}") if right else ""
        return f"<mrow>{opening}{body}{closing}</mrow>"

    # --- atoms ----------------------------------------------------------------------------------------------

    def number(self, node: Number) -> str:
        mantissa, _, exponent = node.text.lower().partition("e")
        shown = f"<mn>{escape(mantissa)}</mn>"
        if not exponent:
            return shown
        return row((shown, operator("×"), f"<msup><mn>10</mn><mn>{escape(exponent.replace('-', '−'))}</mn></msup>"))

    def name(self, node: Name) -> str:
        shown = lettered(SYMBOLS.get(node.base, node.base), node.font)
        if node.font.startswith("text"):
            element = f"<mtext>{escape(shown, quote=False)}</mtext>"
        elif len(shown) == 1 and node.font in ("mathrm", "operatorname"):
            element = f"<mi mathvariant='normal'>{escape(shown, quote=False)}</mi>"
        elif shown in ("*", "+", "-"):
            element = operator("−" if shown == "-" else shown)
        else:
            element = f"<mi>{escape(shown, quote=False)}</mi>"
        for accent in node.accents:
            element = self.over(element, accent, False)
        return element

    @staticmethod
    def over(body: str, kind: str, wide: bool) -> str:
        stretchy = "true" if wide else "false"
        sign = operator(ACCENTS.get(kind, "^"), f"stretchy='{stretchy}'")
        if kind == "underline":
            return f"<munder accentunder='true'>{body}{sign}</munder>"
        return f"<mover accent='true'>{body}{sign}</mover>"

    def text(self, node: Text) -> str:
        return f"<mtext>{escape(node.content, quote=False)}</mtext>"

    def ellipsis(self, node: Ellipsis) -> str:
        return f"<mi>{ELLIPSES[node.kind]}</mi>"

    def blank(self, node: Blank) -> str:
        return "<mrow></mrow>"

    # --- decorations ----------------------------------------------------------------------------------------

    def script(self, node: Script) -> str:
        return self.scripts(self.base(node.base), node.sub, node.sup)

    def scripts(self, base: str, sub: Node | None, sup: Node | None) -> str:
        lower = "" if sub is None else self.show(sub)
        upper = "" if sup is None else self.raised(sup)
        if lower and upper:
            return f"<msubsup>{base}{lower}{upper}</msubsup>"
        if lower:
            return f"<msub>{base}{lower}</msub>"
        return f"<msup>{base}{upper}</msup>" if upper else base

    def raised(self, node: Node) -> str:
        return "<mo>⊤</mo>" if node == Name("top") else self.show(node)

    def prime(self, node: Prime) -> str:
        marks = operator(PRIMES.get(node.count, "′" * node.count))
        if isinstance(node.base, Script) and node.base.sup is None and node.base.sub is not None:
            return f"<msubsup>{self.base(node.base.base)}{self.show(node.base.sub)}{marks}</msubsup>"
        return f"<msup>{self.base(node.base)}{marks}</msup>"

    def base(self, node: Node) -> str:
        return self.bracketed(node, precedence.base_needs_brackets(node))

    def accent(self, node: Accent) -> str:
        return self.over(self.show(node.body), node.kind, True)

    # --- arithmetic -----------------------------------------------------------------------------------------

    def product(self, node: Product) -> str:
        needs = precedence.factor_brackets(node)
        shown = [self.bracketed(f, n) for f, n in zip(node.factors, needs, strict=True)]
        if node.operator not in ("juxtaposed", "matmul"):
            sign = operator(PRODUCTS[node.operator])
            return row(sign.join(shown) and [part for item in shown for part in (sign, item)][1:])
        parts = [shown[0]]
        for previous, factor, item in zip(node.factors, node.factors[1:], shown[1:], strict=False):
            head = precedence.base_of(previous)
            call = isinstance(head, Name) and precedence.is_bracketed(precedence.base_of(factor))
            word = isinstance(head, Name) and len(head.base) > 1 and head.base not in SYMBOLS
            space = "<mspace width='0.17em'></mspace>" if not call and (word or is_wide(factor)) else ""
            parts += [space or INVISIBLE_TIMES, item]
        return row(parts)

    def quotient(self, node: Quotient) -> str:
        if node.style == "slash":
            top = self.bracketed(node.numerator, precedence.numerator_needs_brackets(node.numerator))
            bottom = self.bracketed(node.denominator, precedence.denominator_needs_brackets(node.denominator))
            return row((top, operator("/", "lspace='0' rspace='0'"), bottom))
        return f"<mfrac>{self.show(node.numerator)}{self.show(node.denominator)}</mfrac>"

    def sum(self, node: Sum) -> str:
        parts: list[str] = []
        for index, signed in enumerate(node.terms):
            sign = "−" if signed.sign == "-" else SIGNS[signed.sign]
            if index:
                parts.append(operator(sign, "form='infix'"))
            elif signed.sign != "+" or len(node.terms) == 1:
                parts.append(operator(sign, "form='prefix'"))
            parts.append(self.at_least(signed.term, Level.TERM))
        return row(parts)

    def negative(self, node: Negative) -> str:
        return row((operator("−", "form='prefix'"), self.at_least(node.body, Level.TERM)))

    def root(self, node: Root) -> str:
        if node.degree is None:
            return f"<msqrt>{self.show(node.radicand)}</msqrt>"
        return f"<mroot>{self.show(node.radicand)}{self.show(node.degree)}</mroot>"

    # --- brackets and lists ---------------------------------------------------------------------------------

    def group(self, node: Group) -> str:
        return self.delimit(self.show(node.body), node.left, node.right, node.body)

    def sequence(self, node: Sequence) -> str:
        between = "<mspace width='1.5em'></mspace>" if node.separator == "quad" else operator(node.separator)
        body = between.join(self.show(item) for item in node.items)
        return self.delimit(body, node.left, node.right, *node.items) if node.left else f"<mrow>{body}</mrow>"

    def given(self, node: Given) -> str:
        bar = operator(node.bar, "form='infix' stretchy='false' lspace='0.28em' rspace='0.28em'")
        return row((self.show(node.left), bar, self.show(node.right)))

    def slice(self, node: Slice) -> str:
        start = "" if node.start is None else self.show(node.start)
        stop = "" if node.stop is None else self.show(node.stop)
        return f"<mrow>{start}{operator(':', 'lspace=' + repr('0') + ' rspace=' + repr('0'))}{stop}</mrow>"

    # --- application ----------------------------------------------------------------------------------------

    def call(self, node: Call) -> str:
        head = self.call_head(node.head)
        if node.loose and len(node.arguments) == 1:
            argument = self.at_least(node.arguments[0], Level.RUN)
            return row((head, APPLY, "<mspace width='0.17em'></mspace>", argument))
        body = operator(",").join(self.show(argument) for argument in node.arguments)
        return row((head, APPLY, self.delimit(body, "(", ")", *node.arguments)))

    def call_head(self, node: Node) -> str:
        if isinstance(node, Script):
            return self.scripts(self.call_head(node.base), node.sub, node.sup)
        if isinstance(node, Prime):
            return f"<msup>{self.call_head(node.base)}{operator(PRIMES.get(node.count, '′' * node.count))}</msup>"
        return self.show(node)

    def big_operator(self, node: BigOperator) -> str:
        if node.kind == "expectation":
            base = self.scripts(self.name(Name("E", "mathbb")), node.sub, node.sup)
            return row((base, self.bracketed(node.body, not precedence.is_bracketed(node.body))))
        named = node.kind in NAMED_LIMITS
        sign = (
            "∑"
            if node.kind == "sum"
            else "∏"
            if node.kind == "prod"
            else "∫"
            if node.kind == "int"
            else BIG[node.kind].replace("arg", "arg\u2009")
        )
        base = operator(sign, "movablelimits='true'" if not named else "movablelimits='true' form='prefix'")
        lower = "" if node.sub is None else self.show(node.sub)
        upper = "" if node.sup is None else self.show(node.sup)
        if lower and upper:
            base = f"<munderover>{base}{lower}{upper}</munderover>"
        elif lower:
            base = f"<munder>{base}{lower}</munder>"
        elif upper:
            base = f"<mover>{base}{upper}</mover>"
        space = "<mspace width='0.17em'></mspace>" if named else ""
        return row((base, space, self.bracketed(node.body, precedence.body_needs_brackets(node.body))))

    def derivative(self, node: Derivative) -> str:
        sign = DIFFERENTIALS[node.symbol]
        operand = ""
        if node.operand is not None:
            operand = self.bracketed(node.operand, precedence.operand_needs_brackets(node.operand))
        if node.style == "index":
            return row((f"<msub>{sign}{self.show(node.denominators[0])}</msub>", operand))
        top = sign if node.order == 1 else f"<msup>{sign}<mn>{node.order}</mn></msup>"
        if node.numerator is not None:
            top = row((top, self.at_least(node.numerator, Level.RUN)))
        bottom = row(self.below(node, sign))
        if node.style == "slash":
            shown = row((top, operator("/", "lspace='0' rspace='0'"), bottom))
        else:
            shown = f"<mfrac>{top}{bottom}</mfrac>"
        return row((shown, "<mspace width='0.17em'></mspace>", operand)) if operand else shown

    def below(self, node: Derivative, sign: str) -> list[str]:
        """Show the variables below the bar, equal neighbours with a power."""
        parts: list[str] = []
        for variable, same in groupby(node.denominators):
            times = len(list(same))
            raised = isinstance(variable, Script) and variable.sup is not None
            shown = self.bracketed(variable, level(variable) < Level.RUN or (times > 1 and raised))
            parts += [sign, shown if times == 1 else f"<msup>{shown}<mn>{times}</mn></msup>"]
        return parts

    def nabla(self, node: Nabla) -> str:
        sign = self.scripts("<mo form='prefix' lspace='0' rspace='0'>∇</mo>", node.wrt, node.power)
        if node.operand is None:
            return sign
        needed = not precedence.is_call_like(node.operand) and level(node.operand) < Level.FACTOR
        return row((sign, "<mspace width='0.1em'></mspace>", self.bracketed(node.operand, needed)))

    def evaluated_at(self, node: EvaluatedAt) -> str:
        bar = operator("|", "form='postfix' fence='true' stretchy='true' symmetric='true'")
        return self.scripts(f"<mrow>{self.show(node.body)}{bar}</mrow>", node.sub, node.sup)

    # --- tables and statements ------------------------------------------------------------------------------

    def matrix(self, node: Matrix) -> str:
        rows = "".join(
            f"<mtr>{''.join(f'<mtd>{self.show(cell)}</mtd>' for cell in cells)}</mtr>" for cells in node.rows
        )
        return self.delimit(f"<mtable>{rows}</mtable>", node.left, node.right, node)

    def cases(self, node: Cases) -> str:
        rows = ""
        left = "style='text-align: left; padding-left: 0; padding-right: 1em'"
        for branch in node.branches:
            condition = branch.condition
            words = "<mtext>if\u00a0</mtext>" if isinstance(condition, Relation) else ""
            second = "" if condition is None else words + self.show(condition)
            rows += f"<mtr><mtd {left}>{self.show(branch.value)}</mtd><mtd {left}><mrow>{second}</mrow></mtd></mtr>"
        return (
            f"<mrow>{operator('{', 'form=' + repr('prefix') + ' fence=' + repr('true'))}<mtable>{rows}</mtable></mrow>"
        )

    def lines(self, node: Lines) -> str:
        rows = ""
        for line in node.rows:
            first, rest = self.line(line)
            rows += (
                f"<mtr><mtd style='text-align: right; padding-right: 0'>{first}</mtd>"
                f"<mtd style='text-align: left; padding-left: 0'>{rest}</mtd></mtr>"
            )
        return f"<mtable displaystyle='true'>{rows}</mtable>"

    def line(self, node: Node) -> tuple[str, str]:
        """Show one row in two cells, aligned at its first relation."""
        if isinstance(node, Relation):
            first = "" if node.first is None else self.side(node.first)
            return first, f"<mrow><mrow></mrow>{self.links(node)}</mrow>"
        return "", self.show(node)

    def relation(self, node: Relation) -> str:
        first = "" if node.first is None else self.side(node.first)
        return f"<mrow>{first}{self.links(node)}</mrow>"

    def links(self, node: Relation) -> str:
        shown = ""
        for link in node.links:
            sign = RELATIONS[link.operator]
            shown += operator("≔" if sign == ":=" else sign, "form='infix' stretchy='false'")
            shown += "" if link.right is None else self.side(link.right)
        return shown

    def side(self, node: Node) -> str:
        return self.bracketed(node, isinstance(node, Relation))

    def phrase(self, node: Phrase) -> str:
        return row("<mspace width='0.5em'></mspace>".join(self.show(part) for part in node.parts) and self.spaced(node))

    def spaced(self, node: Phrase) -> list[str]:
        parts: list[str] = []
        for index, part in enumerate(node.parts):
            parts += ["<mspace width='0.5em'></mspace>"] * bool(index) + [self.show(part)]
        return parts

    def labelled(self, node: Labelled) -> str:
        return row((self.show(node.label), operator(":", "lspace='0' rspace='0.5em'"), self.show(node.body)))


def is_wide(node: Node) -> bool:
    """Say whether a factor wants a little space before it."""
    return isinstance(node, Call | BigOperator | Derivative | Nabla)
