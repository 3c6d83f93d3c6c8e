"""A real document for the tests: the two-layer perceptron with its adjoints, and the steps behind the slope
of σ.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from symnn.notation.tree import (
    Branch,
    Call,
    Cases,
    Derivative,
    Group,
    Name,
    Negative,
    Node,
    Number,
    Prime,
    Product,
    Quotient,
    Relation,
    Script,
    Signed,
    Sum,
    Text,
)
from symnn.notation.tree import Link as RelationLink
from symnn.write.document import (
    AlignedChain,
    ChainLink,
    Code,
    CodeBlock,
    Display,
    Document,
    Figure,
    Link,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Strong,
    Table,
    inlines,
)
from symnn.write.graph import Graph, GraphEdge, GraphNode

# --- short hands for trees ---


def name(base: str, *accents: str, font: str = "") -> Name:
    return Name(base, font, accents)


def sub(base: Node | str, index: str) -> Node:
    return Script(name(base) if isinstance(base, str) else base, Number(index) if index.isdigit() else name(index))


def power(base: Node, exponent: Node) -> Node:
    return Script(base, None, exponent)


def transpose(base: Node) -> Node:
    if isinstance(base, Script) and base.sup is None:
        return Script(base.base, base.sub, name("top"))
    return Script(base, None, name("top"))


def add(*terms: Node) -> Node:
    return Sum(tuple(Signed("-", t.body) if isinstance(t, Negative) else Signed("+", t) for t in terms))


def minus(a: Node, b: Node) -> Node:
    return add(a, Negative(b))


def times(*factors: Node, by: str = "juxtaposed") -> Node:
    return Product(by, factors)  # type: ignore[arg-type]


def equals(a: Node, *rest: Node) -> Node:
    return Relation(a, tuple(RelationLink("=", node) for node in rest))


def slope(of: Node, by: Node, style: str = "frac") -> Node:
    return Derivative("partial", of, (by,), style=style)  # type: ignore[arg-type]


X, Y, YHAT, L, Z = name("x"), name("y"), name("y", "hat"), name("L"), name("z")
W1, B1, A1, H1 = (sub(base, "1") for base in ("W", "b", "a", "h"))
W2, B2, A2 = (sub(base, "2") for base in ("W", "b", "a"))
SIGMA, RELU, ONE, TWO = name("sigma"), name("ReLU", font="operatorname"), Number("1"), Number("2")


def call(head: Node, argument: Node) -> Node:
    """A name that is no function by itself, such as σ, stands in front of a bracket like a factor."""
    if isinstance(head, Name) and head.font == "":
        return Product("juxtaposed", (head, Group(argument)))
    return Call(head, (argument,))


def adjoint(of: Node) -> Node:
    return slope(L, of)


def adjoint_flat(of: Node) -> Node:
    return slope(L, of, "slash")


def real(*sizes: Node) -> Node:
    return power(name("R", font="mathbb"), sizes[0] if len(sizes) == 1 else times(*sizes, by="times"))


M, N, K = name("m"), name("n"), name("k")
EXP_MINUS_Z = power(name("e"), Negative(Z))


# Where the document defines a value, and where it derives an adjoint.
PLACES = {"a1": "def-a1", "yhat": "sigma", "L": "def-L"}
ADJOINTS = {"a1": "adj-a1", "a2": "adj-a2", "h1": "adj-h1", "yhat": "adj-yhat", "W2": "adj-W2"}


def make_graph() -> Graph:
    shapes = {"x": N, "W1": times(M, N, by="times"), "b1": M, "a1": M, "h1": M}
    shapes |= {"W2": times(ONE, M, by="times"), "b2": ONE}
    labels = {
        "x": X,
        "W1": W1,
        "b1": B1,
        "a1": A1,
        "h1": H1,
        "W2": W2,
        "b2": B2,
        "a2": A2,
        "yhat": YHAT,
        "y": Y,
        "L": L,
    }
    kinds = {"x": "input", "y": "target", "L": "loss"} | dict.fromkeys(("W1", "b1", "W2", "b2"), "parameter")
    nodes = tuple(
        GraphNode(id, label, kinds.get(id, "operation"), shapes.get(id), PLACES.get(id))  # type: ignore[arg-type]
        for id, label in labels.items()
    )
    uses = [("x", "a1"), ("W1", "a1"), ("b1", "a1"), ("a1", "h1"), ("h1", "a2"), ("W2", "a2"), ("b2", "a2")]
    uses += [("a2", "yhat"), ("yhat", "L"), ("y", "L")]
    operators: dict[tuple[str, str], Node] = {("a1", "h1"): RELU, ("a2", "yhat"): SIGMA}
    edges = tuple(
        GraphEdge(a, b, operators.get((a, b)), None if a in "xy" else adjoint_flat(labels[a]), ADJOINTS.get(a))
        for a, b in uses
    )
    return Graph(nodes, edges)


def sigma_steps() -> tuple[Step, ...]:
    denominator = Group(add(ONE, EXP_MINUS_Z))
    by_z = Derivative("d", None, (Z,), operand=Group(add(ONE, EXP_MINUS_Z)))
    return (
        Step(
            "definition of σ",
            inlines("σ is written out."),
            call(SIGMA, Z),
            Quotient(ONE, add(ONE, EXP_MINUS_Z)),
        ),
        Step(
            "quotient rule",
            inlines("The derivative of 1/", name("u"), " is −", Prime(name("u")), "/", power(name("u"), TWO), "."),
            slope(call(SIGMA, Z), Z),
            Quotient(EXP_MINUS_Z, power(denominator, TWO)),
            substeps=(
                Step(
                    "sum rule",
                    inlines("A sum is differentiated term by term."),
                    by_z,
                    add(slope(ONE, Z), slope(EXP_MINUS_Z, Z)),
                    substeps=(
                        Step(
                            "constant rule",
                            inlines("1 does not depend on ", Z, "."),
                            slope(ONE, Z),
                            Number("0"),
                        ),
                        Step(
                            "chain rule",
                            inlines("The outer function is the exponential, the inner one is −", Z, "."),
                            slope(EXP_MINUS_Z, Z),
                            Negative(EXP_MINUS_Z),
                            substeps=(
                                Step("exponential rule", inlines("The exponential is its own derivative.")),
                                Step("power rule", (), slope(Negative(Z), Z), Negative(ONE)),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Step(
            "folding",
            inlines("The definition, solved for its kernel, gives ", EXP_MINUS_Z, "."),
            Quotient(EXP_MINUS_Z, power(denominator, TWO)),
            times(call(SIGMA, Z), Group(minus(ONE, call(SIGMA, Z)))),
            cites=Link("sigma", inlines("definition of σ")),
        ),
    )


def make_document() -> Document:
    loss = times(Quotient(ONE, TWO), power(Group(minus(YHAT, Y)), TWO))
    forward = Section(
        inlines("Forward"),
        1,
        (
            Paragraph(inlines("The network takes ", X, " to ", YHAT, " and compares it with the target ", Y, ".")),
            Display(equals(A1, add(times(W1, X), B1)), anchor="def-a1"),
            Display(
                equals(
                    H1,
                    call(RELU, A1),
                    Cases(
                        (
                            Branch(A1, Relation(A1, (RelationLink(">", Number("0")),))),
                            Branch(Number("0"), Text("otherwise")),
                        )
                    ),
                )
            ),
            Display(equals(A2, add(times(W2, H1), B2))),
            Display(
                equals(YHAT, call(SIGMA, A2), Quotient(ONE, add(ONE, power(name("e"), Negative(A2))))),
                name=inlines("definition of σ"),
                anchor="sigma",
            ),
            Display(equals(L, loss), anchor="def-L"),
            Figure(make_graph(), inlines("Values flow to the right, adjoints flow back."), "graph"),
            Table(
                (inlines("name"), inlines("shape"), inlines("kept for"), inlines("why")),
                (
                    (
                        inlines(X),
                        inlines(real(N)),
                        inlines(adjoint_flat(W1)),
                        inlines("it is a factor of ", W1),
                    ),
                    (
                        inlines(A1),
                        inlines(real(M)),
                        inlines(adjoint_flat(A1)),
                        inlines("the sign decides the slope"),
                    ),
                    (
                        inlines(H1),
                        inlines(real(M)),
                        inlines(adjoint_flat(W2)),
                        inlines("a long remark that needs more than one line in the column of a table"),
                    ),
                ),
                inlines("What forward must keep, and why."),
                "kept",
            ),
        ),
        "forward",
    )
    error = Group(minus(YHAT, Y))
    slope_sigma = times(YHAT, Group(minus(ONE, YHAT)))
    backward = Section(
        inlines("Backward"),
        1,
        (
            Note("convention", inlines("ReLU has no derivative at 0. Here it is taken to be 0.")),
            Section(
                inlines("The adjoint of ", A2),
                2,
                (
                    AlignedChain(
                        adjoint(A2),
                        (
                            ChainLink("=", times(adjoint(YHAT), slope(YHAT, A2), by="cdot"), inlines("chain rule")),
                            ChainLink(
                                "=",
                                times(error, slope_sigma, by="odot"),
                                inlines(Link("adj-yhat", inlines("adjoint of ", YHAT)), ", slope of σ"),
                            ),
                        ),
                        anchor="adj-a2",
                    ),
                    Steps(inlines("The slope of σ"), sigma_steps(), "slope-sigma"),
                    Paragraph(
                        inlines(
                            "It is used twice: for ",
                            Link("adj-W2", inlines(adjoint_flat(W2))),
                            " and for ",
                            Link("adj-h1", inlines(adjoint_flat(H1))),
                            ".",
                        )
                    ),
                ),
                "a2",
            ),
            Section(
                inlines("The results"),
                2,
                (
                    Display(equals(adjoint(YHAT), minus(YHAT, Y)), anchor="adj-yhat"),
                    Display(equals(adjoint(W2), times(adjoint(A2), transpose(H1))), anchor="adj-W2"),
                    Display(equals(adjoint(H1), times(transpose(W2), adjoint(A2))), anchor="adj-h1"),
                    AlignedChain(
                        adjoint(A1),
                        (
                            ChainLink(
                                "=",
                                times(adjoint(H1), call(Prime(RELU), A1), by="odot"),
                                inlines("chain rule"),
                            ),
                            ChainLink(
                                "=",
                                times(
                                    Group(times(transpose(W2), Group(times(error, slope_sigma, by="odot")))),
                                    call(Prime(RELU), A1),
                                    by="odot",
                                ),
                                inlines("everything written out"),
                            ),
                        ),
                        anchor="adj-a1",
                    ),
                    Display(equals(adjoint(W1), times(adjoint(A1), transpose(X)))),
                    Display(
                        equals(
                            sub("q", "0"),
                            add(*(times(sub("w", str(k)), sub("x", str(k))) for k in range(24))),
                        )
                    ),
                    Listing((inlines("one item"), inlines("another with ", Code("W_1 % 2")))),
                    CodeBlock("grads = backward(cache)\nprint(grads['W_1'])  # 100 %", "python"),
                    Note("gap", inlines("This step was ", Strong(inlines("not")), " proved.")),
                ),
            ),
        ),
        "backward",
    )
    return Document(
        "A two-layer perceptron",
        (forward, backward),
        "from the note mlp.md",
        abstract=inlines("Gradients of ", L, " for all four parameters, with every adjoint named once."),
        metadata=(("note", "derivations/notes/mlp.md"), ("written by", "symnn 0.1")),
    )


@pytest.fixture(scope="session")
def document() -> Document:
    return make_document()


@pytest.fixture(scope="session")
def graph() -> Graph:
    return make_graph()


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compare with a golden file, or write it when pytest runs with --update-golden."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path} is missing; run pytest with --update-golden"
        assert text == path.read_text(encoding="utf-8"), f"{name} changed; look at it, then run with --update-golden"

    return check
