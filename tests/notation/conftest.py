"""Random notation trees, for the round trips of parsers and printers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from symnn.notation import tree as t

Draw = Callable[[st.SearchStrategy], object]

LETTERS = "abcdexyzLWXE"
GREEK = ("alpha", "delta", "sigma", "theta", "Delta", "ell", "infty")
OPERATORS = ("juxtaposed", "juxtaposed", "cdot", "times", "ast", "odot", "circ", "otimes")


class Formulas:
    """Draws trees that one notation can express. ``latex`` has everything, plain text has less."""

    def __init__(self, draw, latex: bool) -> None:
        self.draw = draw
        self.latex = latex

    def pick(self, *options):
        return self.draw(st.sampled_from(options))

    def roll(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def flag(self) -> bool:
        return self.draw(st.booleans())

    def many(self, make, low: int = 2, high: int = 3) -> tuple:
        return tuple(make() for _ in range(self.roll(low, high)))

    # --- atoms ---

    def number(self) -> t.Number:
        return t.Number(self.pick("0", "1", "2", "10", "0.5", "3.14"))

    def name(self) -> t.Name:
        kind = self.roll(0, 9)
        accents = (self.pick("hat", "tilde", "bar", "vec"),) if kind == 9 else ()
        if kind in (7, 8) and self.latex:
            return t.Name(self.pick("W", "x", "theta"), self.pick("mathbf", "mathcal", "boldsymbol"), accents)
        if kind == 6 and self.latex:
            return t.Name(self.pick("ReLU", "softmax", "출력"), self.pick("text", "textrm"))
        if kind == 6:
            return t.Name(self.pick("x1", "w12"))
        if kind in (4, 5):
            return t.Name(self.pick(*GREEK), accents=accents)
        return t.Name(self.pick(*LETTERS), accents=accents)

    def atom(self) -> t.Node:
        return self.number() if self.roll(0, 3) == 0 else self.name()

    # --- expressions ---

    def expression(self, depth: int) -> t.Node:
        if depth <= 0 or self.roll(0, 5) == 0:
            return self.atom()
        makers = [
            self.sum,
            self.negative,
            self.product,
            self.product,
            self.quotient,
            self.script,
            self.script,
            self.prime,
            self.group,
            self.call,
            self.big,
            self.derivative,
            self.nabla,
            self.root,
            self.application,
        ]
        if self.latex:
            makers += [self.accent, self.matrix, self.evaluated, self.expectation, self.cases]
        return self.pick(*makers)(depth - 1)

    def sum(self, depth: int) -> t.Node:
        signs = ("+", "-", "-", "pm", "mp")
        terms = tuple(t.Signed(self.pick(*signs), self.expression(depth)) for _ in range(self.roll(2, 3)))
        return t.Sum(terms)

    def negative(self, depth: int) -> t.Node:
        return t.Negative(self.expression(depth))

    def product(self, depth: int) -> t.Node:
        operators = OPERATORS if self.latex else (*OPERATORS, "matmul")
        return t.Product(self.pick(*operators), self.many(lambda: self.expression(depth)))

    def quotient(self, depth: int) -> t.Node:
        style = self.pick("frac", "slash", "over") if self.latex else "slash"
        return t.Quotient(self.expression(depth), self.expression(depth), style)

    def script(self, depth: int) -> t.Node:
        sub = self.index(depth) if self.flag() else None
        sup = self.power(depth) if sub is None or self.flag() else None
        return t.Script(self.expression(depth), sub, sup)

    def index(self, depth: int) -> t.Node:
        kind = self.roll(0, 5)
        if kind == 0:
            return t.Sequence(self.many(lambda: self.expression(min(depth, 1))))
        if kind == 1 and self.latex:
            return t.Slice(self.pick(None, t.Name("a")), self.pick(None, t.Name("b"), t.Number("3")))
        return self.expression(min(depth, 1))

    def power(self, depth: int) -> t.Node:
        kind = self.roll(0, 5)
        if kind == 0:
            return t.Name(self.pick("top", "T", "*"))
        if kind == 1:
            return t.Group(self.name())
        return self.expression(min(depth, 1))

    def prime(self, depth: int) -> t.Node:
        return t.Prime(self.expression(depth), self.roll(1, 3))

    def group(self, depth: int) -> t.Node:
        left, right = self.pick(("(", ")"), ("(", ")"), ("[", "]"), ("{", "}"), ("|", "|"), ("‖", "‖"), ("⌊", "⌋"))
        if self.roll(0, 4) == 0 and left == "(":
            return t.Group(t.Given(self.expression(depth), self.expression(depth)))
        return t.Group(self.expression(depth), left, right)

    def sequence(self, depth: int) -> t.Sequence:
        left, right = self.pick(("(", ")"), ("[", "]"), ("{", "}"), ("[", ")"))
        items = self.many(lambda: self.expression(depth), 2, 2 if left == "[" and right == ")" else 3)
        return t.Sequence(items, left, right, self.pick(",", ",", ";") if right != ")" or left == "(" else ",")

    def application(self, depth: int) -> t.Node:
        head = t.Name(self.pick("f", "g", "sigma"))
        arguments = self.sequence(depth) if self.flag() else t.Group(self.expression(depth))
        return t.Product("juxtaposed", (head, arguments))

    def call(self, depth: int) -> t.Node:
        head: t.Node = t.Name(self.pick("log", "exp", "tanh"))
        if self.latex and self.flag():
            head = t.Name(self.pick("softmax", "diag"), "operatorname")
        if self.roll(0, 5) == 0:
            head = t.Script(head, sup=t.Number("2"))
        if self.roll(0, 5) == 0:
            return t.Call(head, (t.Product("juxtaposed", (t.Name("x"), self.name())),), loose=True)
        if self.roll(0, 3) == 0:
            return t.Call(t.Name("max"), self.many(lambda: self.expression(depth)))
        return t.Call(head, (self.expression(depth),))

    def big(self, depth: int) -> t.Node:
        kind = self.pick("sum", "prod", "max", "min", "argmax", "lim")
        sub: t.Node | None = t.Relation(t.Name("i"), (t.Link("=", t.Number("1")),))
        sub = self.pick(sub, t.Name("i"), sub if kind in ("lim", "argmax") else None)
        if not self.latex and sub is None and kind not in ("sum", "prod"):
            sub = t.Name("i")
        sup = t.Name("n") if kind in ("sum", "prod") and self.flag() else None
        if not self.latex and sub is None:
            sup = None
        return t.BigOperator(kind, sub, sup, self.expression(depth))

    def expectation(self, depth: int) -> t.Node:
        return t.BigOperator(
            "expectation", self.pick(None, t.Name("x")), None, t.Group(self.expression(depth), "[", "]")
        )

    def derivative(self, depth: int) -> t.Node:
        symbol = self.pick("partial", "partial", "d", "delta") if self.latex else "partial"
        style = "slash" if not self.latex else "frac" if symbol == "delta" else self.pick("frac", "slash")
        variables = self.many(lambda: self.variable(depth), 1, 2)
        if self.flag():
            return t.Derivative(symbol, self.differentiated(depth), variables, None, style)
        operand = self.expression(depth) if self.flag() else None
        if symbol == "partial" and self.flag() and operand is not None:
            return t.Derivative(symbol, None, (self.name(),), operand, "index")
        return t.Derivative(symbol, None, variables, operand, style)

    def differentiated(self, depth: int) -> t.Node:
        return self.expression(depth) if self.latex else self.variable(depth)

    def variable(self, depth: int) -> t.Node:
        if self.flag():
            return self.name()
        return t.Script(
            self.name(), *self.pick((t.Number("1"), None), (t.Name("i"), None), (None, t.Group(t.Name("l"))))
        )

    def nabla(self, depth: int) -> t.Node:
        operand = self.pick(None, t.Name("L"), self.application(0), self.expression(depth))
        return t.Nabla(self.pick(None, t.Name("w")), operand, self.pick(None, None, t.Number("2")))

    def root(self, depth: int) -> t.Node:
        degree = t.Number("3") if self.latex and self.flag() else None
        return t.Root(self.expression(depth), degree)

    def accent(self, depth: int) -> t.Node:
        body = self.expression(depth)
        return t.Accent(
            self.pick("hat", "bar"), body if not isinstance(body, t.Name) else t.Script(body, t.Number("1"))
        )

    def matrix(self, depth: int) -> t.Node:
        left, right = self.pick(("[", "]"), ("(", ")"), ("|", "|"))
        width = self.roll(1, 2)
        rows = self.many(lambda: self.many(lambda: self.expression(depth), width, width), 1, 2)
        return t.Matrix(rows, left, right)

    def cases(self, depth: int) -> t.Node:
        first = t.Branch(self.expression(depth), self.relation(depth))
        return t.Cases((first, t.Branch(self.expression(depth), t.Text("otherwise"))))

    def evaluated(self, depth: int) -> t.Node:
        place = t.Relation(t.Name("x"), (t.Link("=", self.number()),))
        return t.EvaluatedAt(self.expression(depth), place, self.pick(None, t.Number("1")))

    # --- statements ---

    def relation(self, depth: int) -> t.Relation:
        operators = (
            "=",
            "approx",
            "<",
            "le",
            "ge",
            "ne",
            "in",
            "to",
            "gets",
            ":=",
            "propto",
            "implies",
            "equiv",
        )
        links = tuple(t.Link(self.pick(*operators), self.expression(depth)) for _ in range(self.roll(1, 3)))
        return t.Relation(self.expression(depth), links)

    def statement(self, depth: int) -> t.Node:
        kind = self.roll(0, 9)
        if kind == 0:
            return t.Sequence(self.many(lambda: self.relation(depth)))
        if kind == 1 and self.latex:
            return t.Sequence(self.many(lambda: self.relation(depth)), separator="quad")
        if kind == 2 and self.latex:
            return t.Lines(self.many(lambda: self.relation(depth)))
        if kind == 3:
            return t.Phrase((self.relation(depth), t.Text("where"), self.relation(depth)))
        if kind == 4:
            return t.Labelled(self.name(), self.relation(depth))
        if kind == 5:
            relation = self.relation(depth)
            return t.Relation(None, relation.links)
        if kind == 6:
            return self.expression(depth + 1)
        return self.relation(depth)


@st.composite
def latex_statements(draw) -> t.Node:
    return Formulas(draw, latex=True).statement(draw(st.integers(1, 3)))


@st.composite
def plain_statements(draw) -> t.Node:
    return Formulas(draw, latex=False).statement(draw(st.integers(1, 3)))


@pytest.fixture(scope="session")
def latex_trees() -> st.SearchStrategy[t.Node]:
    return latex_statements()


@pytest.fixture(scope="session")
def plain_trees() -> st.SearchStrategy[t.Node]:
    return plain_statements()
