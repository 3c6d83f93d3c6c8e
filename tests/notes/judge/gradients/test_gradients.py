"""Gradients under short names: dX, X̄ and ∇_X."""

from __future__ import annotations

import pytest
from verdicts import claims_of

ATTENTION = r"""Let $Q, K, V \in \mathbb{R}^{n \times d}$.

$$ S = \frac{Q K^\top}{\sqrt{d}}, \quad P = \operatorname{softmax}(S), \quad O = P V $$

Let $dX$ denote the gradient of the loss with respect to $X$.

$$ dV = P^\top dO $$

$$ dP = dO V^\top $$

"""
RIGHT = [
    r"dS = P \circ (dP - \operatorname{rowsum}(dP \circ P))",
    r"dS_{ij} = P_{ij} (dP_{ij} - \sum_k P_{ik} dP_{ik})",
    r"dQ = \frac{dS K}{\sqrt{d}}",
    r"dK = \frac{dS^\top Q}{\sqrt{d}}",
    r"dQ = \frac{1}{\sqrt{d}} (P \circ (dO V^\top - \text{np.sum}(dO \circ O, \text{axis}=1))) K",
]
WRONG = [
    (r"dV = P dO", "transpose", "dV = Pᵀ dO"),
    (r"dS_{ij} = P_{ij} (dP_{ij} + \sum_k P_{ik} dP_{ik})", "sign", ""),
    (r"dK = \frac{dS Q}{\sqrt{d}}", "transpose", "dK = dSᵀ Q/√(d)"),
    (r"dK = \frac{dS^\top K}{\sqrt{d}}", "wrong variable", "dK = dSᵀ Q/√(d)"),
    (r"dQ = -\frac{dS K}{\sqrt{d}}", "sign", "dQ = dS K/√(d)"),
]


def test_right() -> None:
    claims = claims_of(ATTENTION + "\n\n".join(f"$$ {formula} $$" for formula in RIGHT) + "\n")
    assert [claim.verdict for claim in claims if claim.verdict != "definition"] == ["proved"] * (2 + len(RIGHT))


@pytest.mark.parametrize(("wrong", "slip", "correct"), WRONG)
def test_a_slip_is_told_in_the_names_of_the_note(wrong: str, slip: str, correct: str) -> None:
    claim = claims_of(f"{ATTENTION}$$ {wrong} $$\n")[-1]
    assert (claim.verdict, claim.slip) == ("refuted", slip)
    assert claim.correct == correct or not correct
    assert "∂" not in claim.correct


def test_without_words_the_formulas_show_it() -> None:
    note = ATTENTION.replace("Let $dX$ denote the gradient of the loss with respect to $X$.", "Backwards:")
    assert [claim.verdict for claim in claims_of(note)[-2:]] == ["proved", "proved"]


PRODUCT = "Let $X \\in \\mathbb{R}^{n \\times d}$ and $W \\in \\mathbb{R}^{d \\times k}$.\n\n$$ Y = X W $$\n\n"


def verdicts(formulas: str, words: str = "") -> list[str]:
    displays = "\n\n".join(f"$$ {formula} $$" for formula in formulas.split(";"))
    return [claim.verdict for claim in claims_of(f"{PRODUCT}{words}\n\n{displays}\n")][1:]


def test_nabla_without_a_function() -> None:
    formulas = r"\nabla_W = X^\top \nabla_Y; \nabla_X = \nabla_Y W^\top; \nabla_X = \nabla_Y W"
    assert verdicts(formulas) == ["proved", "proved", "refuted"]


def test_a_bar_for_an_adjoint() -> None:
    formulas = r"\bar{W} = X^\top \bar{Y}; \bar{X} = \bar{Y} W^\top"
    words = r"Here $\bar{X}$ denotes the gradient of the loss with respect to $X$."
    assert verdicts(formulas, words) == ["proved", "proved"]
    assert "proved" not in verdicts(formulas)


@pytest.mark.parametrize(
    "formulas",
    [
        r"dY = dX W + X dW; Z = Y V; dZ = dY V",
        r"dL = \operatorname{tr}(A^\top dX); dX = B dY; dW = B dY",
        r"dX = X^\top X; \int f(X) \, dX = 1",
    ],
)
def test_differentials_are_no_gradients(formulas: str) -> None:
    assert set(verdicts(formulas)) <= {"undecided", "definition"}


def test_the_name_of_a_derivative_says_what_it_means() -> None:
    formulas = r"G = \frac{\partial L}{\partial Y}; \frac{\partial L}{\partial W} = X^\top G"
    right = r"\frac{\partial L}{\partial X} = G W^\top"
    assert verdicts(f"{formulas}; {right}; {right.replace('= G', '= -G')}") == [
        "definition",
        "proved",
        "proved",
        "refuted",
    ]
