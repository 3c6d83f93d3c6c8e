"""A claim that no single slip explains is wrong where its names are known from proofs, and only there."""

from __future__ import annotations

from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

NOTE = r"""
Let $x \in \mathbb{R}^n$, $W \in \mathbb{R}^{m \times n}$, $b \in \mathbb{R}^m$ and $t \in \mathbb{R}^m$.

$$ y = W x + b $$

$$ L = \frac{1}{2} \|y - t\|^2 $$
"""
PROVED = r"""
$$ \frac{\partial L}{\partial y} = y - t $$

$$ \frac{\partial L}{\partial b} = y - t $$

$$ \frac{\partial L}{\partial W} = (y - t) x^\top $$

"""
WRONG = r"$$ \frac{\partial L}{\partial W} = b x^\top + 3 y x^\top + t x^\top $$"
"""Too far from the truth for one slip."""


def verdict(note: str) -> str:
    return judge_document(find(note, name="note.md")).claims[-1].verdict


def test_alone_it_may_be_read_in_another_way_than_it_was_meant() -> None:
    assert verdict(NOTE + WRONG) == "undecided"


def test_beside_proofs_with_the_same_names_it_is_wrong() -> None:
    assert verdict(NOTE + PROVED + WRONG) == "refuted"


def test_a_name_that_no_proof_mentions_is_not_relied_on() -> None:
    other = NOTE + "\nLet $c \\in \\mathbb{R}^m$.\n" + PROVED + WRONG.replace("b x", "c x")
    assert verdict(other) == "undecided"


def test_an_identity_that_is_zero_is_no_equation_to_solve() -> None:
    note = r"""
Let $x \in \mathbb{R}^n$.

$$ \mu = \frac{1}{n} \sum_{i=1}^n x_i $$

$$ \sum_{i=1}^n (x_i - \mu) = 0 $$

$$ \sum_{i=1}^n x_i = 2 n \mu $$
"""
    assert verdict(note) == "refuted"
