"""Notes whose vectors are rows: ``u = x A``, so that ``x^T g`` is a matrix and ``g A^T`` a row."""

from __future__ import annotations

from verdicts import RIGHT, claims_of

FORWARD = r"""
For $x \in \mathbb{R}^d$, $A \in \mathbb{R}^{d \times k}$ and $B \in \mathbb{R}^{k \times p}$:

$$ u = x A $$

$$ s = \tanh(u) $$

$$ o = s B $$
"""
GRADIENTS = (
    r"\frac{\partial L}{\partial B} = s^T \frac{\partial L}{\partial o}",
    r"\frac{\partial L}{\partial s} = \frac{\partial L}{\partial o} B^T",
    r"\frac{\partial L}{\partial A} = x^T \frac{\partial L}{\partial u}",
    r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial u} A^T",
)
WRONG = (
    r"\frac{\partial L}{\partial A} = \frac{\partial L}{\partial u} x^T",
    r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial u} A",
    r"\frac{\partial L}{\partial A} = -x^T \frac{\partial L}{\partial u}",
)
GATED = r"""
For $x \in \mathbb{R}^d$ and $V, W \in \mathbb{R}^{d \times k}$, $B \in \mathbb{R}^{k \times p}$:

$$ u = x W $$

$$ v = x V $$

$$ h = \text{Swish}(u) \odot v $$

$$ o = h B $$

with $\text{Swish}(u) = u \sigma(u)$.
"""


def verdicts(note: str, *formulas: str) -> list[str]:
    claims = claims_of(note + "".join(f"\n$$ {formula} $$\n" for formula in formulas))
    return [claim.verdict for claim in claims if r"\partial" in claim.source]


def test_gradients_of_a_layer() -> None:
    assert set(verdicts(FORWARD, *GRADIENTS)) <= set(RIGHT)


def test_wrong_gradients_of_a_layer() -> None:
    found = verdicts(FORWARD, *GRADIENTS, *WRONG)
    assert not set(found[len(GRADIENTS) :]) & set(RIGHT)
    assert "refuted" in found


def test_a_function_of_its_standard_name_acts_entry_by_entry() -> None:
    gradient = r"\frac{\partial L}{\partial u} = \frac{\partial L}{\partial h} \odot v \odot \text{Swish}'(u)"
    assert verdicts(GATED, gradient) == ["proved"]


def test_each_part_of_a_document_may_have_values_of_its_own() -> None:
    first = (
        r"$$ y_i = \gamma_i x_i $$"
        + "\n\n"
        + r"$$ \frac{\partial L}{\partial x_i} = \gamma_i \frac{\partial L}{\partial y_i} $$"
    )
    second = FORWARD + "".join(f"\n$$ {formula} $$\n" for formula in GRADIENTS)
    claims = claims_of(f"# Notes\n\n## Scaling\n\n{first}\n\n## Layer\n\n{second}\n")
    assert "refuted" not in [claim.verdict for claim in claims]
