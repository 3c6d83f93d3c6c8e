"""Losses of which a note only gives derivatives, and Kronecker deltas."""

from __future__ import annotations

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.judge import judge_document

LAYER = r"""
Let $W \in \mathbb{R}^{m \times n}$, $x \in \mathbb{R}^n$ and $b \in \mathbb{R}^m$.

$$ y = W x + b $$
"""


def claims_of(note: str) -> list[Claim]:
    report = judge_document(find(note, name="note.md"))
    return [claim for claim in report.claims if claim.verdict != "definition"]


def test_an_unknown_loss_by_what_it_depends_on() -> None:
    (claim,) = claims_of(LAYER + r"$$ \frac{\partial L}{\partial W} = \frac{\partial L}{\partial y} x^\top $$")
    assert claim.verdict == "proved"
    assert "L depends on y and on nothing else" in claim.reason


def test_a_wrong_gradient_of_an_unknown_loss() -> None:
    wrong = r"$$ \frac{\partial L}{\partial x} = W \frac{\partial L}{\partial y} $$"
    (alone,) = claims_of(LAYER + wrong)
    assert alone.verdict == "undecided"  # shapes that do not fit tell nothing until the document is seen to use them
    right = r"""
$$ \frac{\partial L}{\partial W} = \frac{\partial L}{\partial y} x^\top $$

$$ \frac{\partial L}{\partial b} = \frac{\partial L}{\partial y} $$

"""
    *_, claim = claims_of(LAYER + right + wrong)
    assert (claim.verdict, claim.slip) == ("refuted", "transpose")


def test_another_way_that_the_note_shows_counts() -> None:
    note = (
        LAYER
        + r"""
Let $U \in \mathbb{R}^{k \times n}$.

$$ z = U x $$

$$ \frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial y} $$

$$ \frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial y} + U^\top \frac{\partial L}{\partial z} $$
"""
    )
    assert [claim.verdict for claim in claims_of(note)] == ["refuted", "proved"]


def test_a_kronecker_delta() -> None:
    note = r"""
Let $z \in \mathbb{R}^n$.

$$ p_i = \frac{e^{z_i}}{\sum_k e^{z_k}} $$

$$ \frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j) $$

$$ \frac{\partial p_i}{\partial z_j} = p_i (\delta^i_j - p_i) $$

$$ \sum_i \delta_{ij} p_i = p_j $$
"""
    assert [claim.verdict for claim in claims_of(note)] == ["proved", "refuted", "proved"]


def test_a_delta_that_the_note_defines_is_none() -> None:
    note = (
        LAYER
        + r"""
$$ \delta_i = \frac{\partial L}{\partial y_i} $$

$$ \frac{\partial L}{\partial W_{ij}} = \delta_{ij} x_j $$
"""
    )
    assert claims_of(note)[-1].verdict not in ("proved", "agrees")


def test_the_right_formula_names_derivatives_of_an_unknown_loss() -> None:
    right = r"""
$$ \frac{\partial L}{\partial W} = \frac{\partial L}{\partial y} x^\top $$

$$ \frac{\partial L}{\partial b} = \frac{\partial L}{\partial y} $$

$$ \frac{\partial L}{\partial x} = W^\top \frac{\partial L}{\partial y} $$

"""
    gradient = r"\frac{\partial L}{\partial b} x^\top"
    *_, claim = claims_of(
        rf"{LAYER}{right}$$ \frac{{\partial L}}{{\partial W}} = 3 b x^\top + {gradient} - {gradient} $$"
    )
    assert (claim.verdict, claim.correct) == ("refuted", "∂L/∂W = ∂L/∂y xᵀ")
