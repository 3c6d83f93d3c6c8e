r"""The neutral notation tree: what a formula looks like, before anyone decides what it means.

One tree serves both directions. The parsers (``symnn.notation.latex``, ``symnn.notation.plain``) build it
from text, and a reader with a symbol table turns it into formulas. The other way round, a printer of formulas
builds the same tree and ``to_latex``, ``to_text`` and ``to_mathml`` write it down.

*Neutral* means: the tree keeps what was written where the meaning needs knowledge of the document.

- A raised letter is only raised. Whether ``W^T`` is a power, a label or a transpose is for the reader.
- ``f(x)`` is a juxtaposed product of a name and a group, because ``a(b + c)`` looks the same. Only heads that
  can be nothing but functions (``\log``, ``\max``, ``\operatorname{…}``) give a `Call`.
- Brackets are kept as `Group`, so that a reader can see what the author bracketed.

Every node is immutable, hashable and compares by structure. ``span`` holds the place in the parsed string and
does not take part in comparison. The walk over a tree is in ``symnn.notation.traverse``.

>>> square = Script(Name("x"), sup=Number("2"))
>>> square == Script(Name("x", span=(0, 1)), sup=Number("2"), span=(0, 3))
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Span = tuple[int, int]

ProductOperator = Literal["juxtaposed", "cdot", "times", "ast", "odot", "circ", "otimes", "matmul"]
QuotientStyle = Literal["frac", "slash", "over"]
Sign = Literal["+", "-", "pm", "mp"]
BigKind = Literal["sum", "prod", "max", "min", "argmax", "argmin", "lim", "int", "expectation"]
DerivativeSymbol = Literal["partial", "d", "delta"]
RelationOperator = Literal[
    "=", "ne", "approx", "<", "le", ">", "ge", "ll", "gg", "prec", "preceq", "succ", "succeq", "in", "notin", "subset",
    "to", "gets", ":=", "mapsto", "implies", "iff", "propto", "sim", "simeq", "cong", "equiv",
]  # fmt: skip
Separator = Literal[",", ";", "quad"]
EllipsisKind = Literal["dots", "cdots", "vdots", "ddots"]

PRODUCT_OPERATORS: Final = ("juxtaposed", "cdot", "times", "ast", "odot", "circ", "otimes", "matmul")
BIG_KINDS: Final = ("sum", "prod", "max", "min", "argmax", "argmin", "lim", "int", "expectation")
OPENING: Final = ("(", "[", "{", "⌊", "⌈", "⟨", "|", "‖")
CLOSING: Final = (")", "]", "}", "⌋", "⌉", "⟩", "|", "‖")


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes; ``span`` is the half-open range of offsets into the parsed string."""

    span: Span | None = field(default=None, compare=False, kw_only=True, repr=False)
    _children: tuple[Node, ...] | None = field(default=None, init=False, compare=False, repr=False)
    """The nodes directly below, once ``symnn.notation.traverse.children`` has looked for them."""


# --- atoms --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An unsigned decimal, as written: ``3``, ``0.10``, ``1e-8``. The digits tell the precision."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    r"""An identifier without backslash: ``W``, ``alpha``, ``ReLU``, ``softmax``, ``ell``, ``infty``, ``top``.

    ``font`` is the LaTeX font command (``mathbf``, ``mathrm``, ``text``, ``mathbb``, ``operatorname``, …) or
    empty. ``accents`` go from the innermost outwards: ``\tilde{\hat{y}}`` has ``("hat", "tilde")``.
    """

    base: str
    font: str = ""
    accents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text(Node):
    r"""Words inside a formula that are no identifier (``\text{if }``, ``\text{learning rate}``), trimmed."""

    content: str


@dataclass(frozen=True, slots=True)
class Ellipsis(Node):
    """Three dots, on the line, centred, vertical or diagonal."""

    kind: EllipsisKind = "dots"


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """Nothing where something could stand: an empty matrix cell, an empty row."""


# --- decorations --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Script(Node):
    r"""A base with a lowered and a raised part. Index, label, power or transpose is decided by the reader.

    ``W_1^2`` is one Script, ``{W_1}^2`` is a Script in a Script.
    """

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True, slots=True)
class Prime(Node):
    """``f'``, ``x''``: one or more prime marks."""

    base: Node
    count: int = 1


@dataclass(frozen=True, slots=True)
class Accent(Node):
    r"""An accent over something composite: ``\hat{W_1}``, ``\overline{a b}``. A name has its own."""

    kind: str
    body: Node


# --- arithmetic ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Two or more factors joined by the same sign, or by none. ``a(b)`` is a juxtaposed product too."""

    operator: ProductOperator
    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    r"""``\frac{a}{b}``, ``a / b`` or ``{a \over b}``.

    A denominator after a slash is one factor. ``a / f(x)`` keeps ``f(x)`` as a juxtaposed product there; a
    reader for whom ``f`` is no function should refuse it. ``a / b c`` is refused by the parsers.
    """

    numerator: Node
    denominator: Node
    style: QuotientStyle = "frac"


@dataclass(frozen=True, slots=True)
class Signed:
    """One term of a `Sum` with its sign; ``span`` includes the sign."""

    sign: Sign
    term: Node
    span: Span | None = field(default=None, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """An additive chain. The first sign is ``+`` when none was written. A lone ``-x`` is `Negative`."""

    terms: tuple[Signed, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    r"""A unary minus: ``-x``, ``a \cdot -b``."""

    body: Node


@dataclass(frozen=True, slots=True)
class Root(Node):
    r"""``\sqrt{x}``, ``\sqrt[3]{x}``."""

    radicand: Node
    degree: Node | None = None


# --- brackets and lists -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Something in brackets. Delimiters are the characters ``( [ { | ‖ ⌊ ⌈ ⟨`` and their partners."""

    body: Node
    left: str = "("
    right: str = ")"


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A list: ``(a, b)``, ``[0, 1)``, ``w_{i,j}``; ``left`` and ``right`` are empty without brackets.

    ``f()`` has an empty Sequence. ``(x, y; w)`` is a ``;`` list whose first item is a ``,`` list without
    brackets. A display with several statements side by side is a list without brackets; ``quad`` separates
    statements that have wide space between them.
    """

    items: tuple[Node, ...]
    left: str = ""
    right: str = ""
    separator: Separator = ","


@dataclass(frozen=True, slots=True)
class Given(Node):
    r"""A bar between two things inside brackets: ``p(y | x)``, ``\{x \mid x > 0\}``, ``D(p \| q)``."""

    left: Node
    right: Node
    bar: Literal["|", "‖"] = "|"


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """A range in a script: ``W_{a:b}``, ``x_{:t}``."""

    start: Node | None = None
    stop: Node | None = None


# --- application --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call(Node):
    r"""A head that can only be a function, with its arguments: ``\log x``, ``\exp(x)``, ``\max(0, x)``.

    ``head`` is a Name, or a Script over one (``\log^2 x``, ``\log_2 x``), or a Prime. ``loose`` is true where
    there were no brackets and the end of the argument is not certain: ``\log x y``, ``\log x \cdot y``. The
    tree then takes the juxtaposed factors as the argument and stops before an explicit product sign.
    """

    head: Node
    arguments: tuple[Node, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class BigOperator(Node):
    r"""``\sum_{i=1}^n body``, ``\prod``, ``\max_i``, ``\lim``, ``\mathbb{E}_x[…]`` (its body is the group).

    The body is the product that follows, up to a ``+``, a relation or a closing bracket; that of an integral ends with
    the factors ``d`` and ``x``.
    """

    kind: BigKind
    sub: Node | None
    sup: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    r"""A derivative by one or more variables.

    ``\frac{\partial L}{\partial W}`` has the numerator ``L`` and no operand; ``\frac{d}{dx}[…]`` and
    ``\partial_x f`` have an operand and no numerator. ``denominators`` repeats a variable as often as it is
    differentiated by, so ``order == len(denominators)``. The symbol ``delta`` marks ``\delta L / \delta w``,
    which may also be a quotient of two error terms: the reader decides. ``alias`` tells how a document writes a
    derivative that has a short name there, such as ``dW``; no parser sets it, and it takes no part in comparison.
    """

    symbol: DerivativeSymbol
    numerator: Node | None
    denominators: tuple[Node, ...]
    operand: Node | None = None
    style: Literal["frac", "slash", "index"] = "frac"
    alias: str = field(default="", compare=False)

    @property
    def order(self) -> int:
        """How many times the numerator or operand is differentiated."""
        return len(self.denominators)


@dataclass(frozen=True, slots=True)
class Nabla(Node):
    r"""``\nabla_w L``, ``\nabla^2 f``. Without an operand it stands for the operator itself.

    The operand is one factor, with its bracket if it looks like a call: ``\nabla L(w)``.
    """

    wrt: Node | None = None
    operand: Node | None = None
    power: Node | None = None


@dataclass(frozen=True, slots=True)
class EvaluatedAt(Node):
    r"""``\left. body \right|_{x=0}``, with limits above and below."""

    body: Node
    sub: Node | None = None
    sup: Node | None = None


# --- tables -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """A matrix literal; rows may differ in length. Delimiters as in `Group`, or empty."""

    rows: tuple[tuple[Node, ...], ...]
    left: str = "["
    right: str = "]"


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of `Cases`. The condition is a Relation, ``Text("otherwise")``, another phrase, or absent."""

    value: Node
    condition: Node | None = None
    span: Span | None = field(default=None, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """A piecewise definition."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Lines(Node):
    """Rows of one display, top to bottom. A row that starts with a relation has ``Relation.first`` None."""

    rows: tuple[Node, ...]


# --- statements ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a `Relation`: the operator and what stands on its right (None in ``a = b =``)."""

    operator: RelationOperator
    right: Node | None
    span: Span | None = field(default=None, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """A chain ``first op right op right …``; ``first`` is None where a display begins with the operator."""

    first: Node | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Phrase(Node):
    r"""Formulas and words in the order written: ``y = 1 \text{ if } x > 0``, ``\text{Loss } L``."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Labelled(Node):
    r"""``f: \mathbb{R} \to \mathbb{R}``, ``w_5: …``: what stands before a colon, and what after it."""

    label: Node
    body: Node


Part = Node | Signed | Link | Branch
