"""The explanation of a verdict: what was understood, the derivation, both sides, numbers, what would be right."""

import pytest

from symnn.errors import SymnnError
from symnn.notes.explain import explain
from symnn.notes.judge import Input
from symnn.write import render

NOTE = r"""
Let $x \in \mathbb{R}^n$, $W \in \mathbb{R}^{m \times n}$ and $b \in \mathbb{R}^m$.

$$ z = W x + b $$
$$ h = \sigma(z) $$
$$ L = \frac12 \|h - y\|^2 $$

$$ \frac{\partial L}{\partial z} = (h - y) \odot h \odot (1 + h) $$

$$ \frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^\top $$

$$ \frac{\partial z}{\partial x} = W $$

Also $f(x) = x^3$ with $f'(x) = 2 x^2$. And 2 × (3 + 4) = 15.

$$ q = \unknown{x} $$
"""


def told(number: int, note: str = NOTE, width: int = 100) -> str:
    found = explain(Input("note.md", note.encode()), number)
    return render(found.document, "text", steps=9, width=width)


def number_of(source: str, note: str = NOTE) -> int:
    from symnn.notes.find import find
    from symnn.notes.judge.judge import judge_document

    report = judge_document(find(note, name="note.md"))
    return next(claim.id for claim in report.claims if source in claim.source)


def test_a_wrong_derivative_is_explained_from_the_definitions_to_the_numbers():
    text = told(number_of("(1 + h)"))
    parts = [
        "Claim 4: wrong",
        "8 | $$ \\frac{\\partial L}{\\partial z}",
        "∂L/∂z = (h - y) ⊙ h ⊙ (1 + h)",
        "h    │ m      │ defined in line 5",
        "z = W x + b   (line 4)",
        "∂L/∂h = h - y",
        "chain rule",
        "everything put in",
        "quotient rule: (f/g)' = (f' g - f g') / g²",
        "Here the left side is",
        "The slip: a sign is the wrong way round.",
        "Right is: ∂L/∂z = (h - y) ⊙ h ⊙ (1 - h)",
    ]
    place = -1
    for part in parts:
        found = text.find(part, place + 1)
        assert found > place, part
        place = found


def test_a_proof_shows_the_common_form_of_both_sides():
    text = told(number_of("x^\\top"))
    assert "Both sides have the same normal form" in text
    assert "The kernel replayed all" in text
    assert "differ" not in text


def test_a_derivative_of_an_array_is_opened_rule_by_rule():
    text = told(number_of(r"\frac{\partial z}{\partial x}"))
    assert "The derivative of z_i by x_j" in text
    assert "W_(i j)" in text


def test_a_prime_is_opened_rule_by_rule():
    text = told(number_of("f'(x)"))
    assert "d/dx (x³) = 3x²" in text
    assert "Right is: f'(x) = 3x²" in text


def test_arithmetic_is_worked_out_from_the_inside():
    text = told(number_of("2 × (3 + 4)"))
    assert "2 × (3 + 4) = 2 × 7" in text
    assert "= 14" in text


def test_an_equation_that_cannot_be_parsed_says_so():
    text = told(number_of("unknown"))
    assert "unknown command \\unknown (line 16" in text


def test_every_claim_of_the_note_has_an_explanation_in_both_formats():
    for number in range(1, 11):
        found = explain(Input("note.md", NOTE.encode()), number)
        assert found.claim.id == number
        assert render(found.document, "text").startswith(f"Claim {number}: ")
        assert "<html" in render(found.document, "html")


def test_there_is_no_explanation_of_a_claim_that_there_is_not():
    with pytest.raises(SymnnError, match="numbered from 1 to"):
        told(99)
    with pytest.raises(SymnnError, match="there are none"):
        told(1, "no formula at all\n")
