"""Functions of matrices, from notes as from Python: derived, printed, emitted and checked."""

from __future__ import annotations

import pytest

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import check_derivation
from symnn.declare import registry
from symnn.derive import derive
from symnn.emit import emit
from symnn.network.arrays import Expression, inverse, log_determinant, sqrt, tensor, total, trace
from symnn.network.build import Draft
from symnn.network.equations import Network
from symnn.notation.to_text import to_text
from symnn.notes.find import find
from symnn.notes.read import network_from_document
from symnn.notes.read.errors import ReadingError
from symnn.write import render
from symnn.write.compose import document_of
from symnn.write.notate import Names, equation_form

DECLARED = r"""
$A \in \mathbb{R}^{m \times n}$, $B \in \mathbb{R}^{p \times m}$, $M \in \mathbb{R}^{n \times n}$, $b \in \mathbb{R}^m$.
"""
NOTES = {
    "trace of a product": (r"X \in \mathbb{R}^{n \times p}", r"\operatorname{tr}(A X B)", "∂L/∂X = Aᵀ Bᵀ"),
    "least squares": (r"x \in \mathbb{R}^n", r"\lVert A x - b \rVert^2", "∂L/∂x = 2Aᵀ(A x - b)"),
    "quadratic form": (r"x \in \mathbb{R}^n", r"x^\top M x", "∂L/∂x = Mᵀ x + M x"),
    "log determinant": (r"X \in \mathbb{R}^{n \times n}", r"\log \det X", "∂L/∂X = X^(-⊤)"),
    "absolute value": (r"X \in \mathbb{R}^{n \times n}", r"\log \lvert \det X \rvert", "∂L/∂X = X^(-⊤)"),
    "inverse": (r"X \in \mathbb{R}^{n \times n}", r"\operatorname{tr}(M X^{-1})", "∂L/∂X = -X^(-⊤) Mᵀ X^(-⊤)"),
    "transposed inverse": (
        r"X \in \mathbb{R}^{n \times n}", r"\operatorname{tr}(M X^{-\top})", "∂L/∂X = -X^(-⊤) M X^(-⊤)",
    ),
    "Frobenius norm": (r"X \in \mathbb{R}^{m \times n}", r"\lVert X \rVert_F", "∂L/∂X = (1/L) X"),
    "log-sum-exp": (r"x \in \mathbb{R}^n", r"\log \sum_{i=1}^n e^{x_i}", "∂L/∂x = (1 / (Σ_j e^(x_j))) exp(x)"),
}  # fmt: skip


def from_note(declared: str, formula: str, more: str = "") -> Network:
    name = declared.split(" ")[0]
    text = f"---\nwrt: [{name}]\n---\n{DECLARED}\n{more}\nLet ${declared}$.\n\n$$ L = {formula} $$\n"
    return network_from_document(find(text, name="note.md"))


def x() -> Expression:
    return tensor("x", "n")


def square(name: str = "X") -> Expression:
    return tensor(name, "n n")


PYTHON = {
    "trace of a product": lambda: trace(tensor("A", "m n") @ tensor("X", "n p") @ tensor("B", "p m")),
    "least squares": lambda: total((tensor("A", "m n") @ x() - tensor("b", "m")) ** 2),
    "quadratic form": lambda: x() @ square("M") @ x(),
    "log determinant": lambda: log_determinant(square()),
    "inverse": lambda: trace(square("M") @ inverse(square())),
    "Frobenius norm": lambda: sqrt(total(tensor("X", "m n") ** 2)),
    "log-sum-exp": lambda: registry.find("log_sum_exp")(x()),
}


def printed(network: Network) -> str:
    (parameter,) = network.parameters
    adjoint = derive(network).adjoint(parameter.name)
    return to_text(equation_form(adjoint.tensor, adjoint.indices, adjoint.formula, Names.of_network(network)).equation)


def check(network: Network) -> None:
    assert check_derivation(derive(network)) > 0
    report = check_network_gradients(network, seed=5)
    assert report.passed, str(report)
    assert "import numpy as np" in emit(network)
    for format_ in ("text", "latex", "html"):
        assert render(document_of(derive(network)), format_)


@pytest.mark.parametrize("name", NOTES)
def test_from_a_note(name: str) -> None:
    declared, formula, gradient = NOTES[name]
    network = from_note(declared, formula)
    assert printed(network) == gradient
    check(network)


@pytest.mark.parametrize("name", PYTHON)
def test_from_python(name: str) -> None:
    draft = Draft()
    draft.define("L", PYTHON[name]())
    network = draft.network(wrt=["x" if "x" in {t.name for t in draft.network().all_tensors} else "X"])
    if name != "log-sum-exp":  # the operator has names of its own for the exponentials
        left, right = printed(network).split(" = ")
        assert {left, *right.split(" + ")} == {*NOTES[name][2].replace(" = ", " + ").split(" + ")}
    check(network)


def test_symmetry_is_a_reason() -> None:
    symmetric = r"Let $C \in \mathbb{R}^{n \times n}$ with $C = C^\top$."
    network = from_note(r"x \in \mathbb{R}^n", r"x^\top C x", symmetric)
    assert printed(network) == "∂L/∂x = 2C x"
    text = render(document_of(derive(network)), "text")
    assert "because C = Cᵀ" in text
    assert "It is given that C = Cᵀ" in text


def test_the_determinant_alone_is_refused() -> None:
    with pytest.raises(ReadingError, match="det"):
        from_note(r"X \in \mathbb{R}^{n \times n}", r"\det X")


def test_the_inverse_of_what_is_not_square_is_refused() -> None:
    with pytest.raises(ReadingError):
        from_note(r"X \in \mathbb{R}^{m \times n}", r"\operatorname{tr}(X^{-1} A)")
