"""One step of a recurrence: a slope times a matrix of weights, and the product of many steps against its bound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hard_networks import HARD_NETWORKS

from symnn.derive import derive
from symnn.derive.transfer import transfers
from symnn.notes.read import network_from_note
from symnn.write.compose.documents import document_of
from symnn.write.text import render_text

NOTES = Path(__file__).parents[2] / "derivations" / "notes"


def test_the_step_of_an_elman_network() -> None:
    (found,) = transfers(network_from_note(NOTES / "elman.md"))
    assert str(found.weight) == "U[i, j]"
    assert str(found.slope) == "1 - h[t, i]**2"
    assert found.bound.value == 1


def test_the_step_of_a_deep_perceptron() -> None:
    (found,) = transfers(network_from_note(NOTES / "deep_perceptron.md"))
    assert str(found.weight) == "W[ell, i, j]"
    assert {str(factor) for factor in found.slope.args} == {"1 - a[ell, i]", "a[ell, i]"}
    assert float(found.bound.value) == 0.25


@pytest.mark.parametrize("name", ["LSTM", "GRU", "attention", "convolution"])
def test_other_recurrences_have_no_such_step(name: str) -> None:
    assert transfers(HARD_NETWORKS[name]()) == ()


@pytest.mark.parametrize("seed", range(5))
def test_products_of_steps_stay_below_their_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(6, 4, 4))
    a, product = rng.normal(size=4), np.eye(4)
    for w in weights:
        a = 1 / (1 + np.exp(-(w @ a)))
        product = np.diag(a * (1 - a)) @ w @ product
    bound = np.prod([np.linalg.norm(w, 2) / 4 for w in weights])
    assert np.linalg.norm(product, 2) <= bound


def test_the_document_says_so() -> None:
    text = render_text(document_of(derive(network_from_note(NOTES / "deep_perceptron.md"))))
    assert "because 1/4 - y(1 - y) = (y - 1/2)² ≥ 0" in text
    assert "diag(a^(ℓ) ⊙ (1 - a^(ℓ))) W^(ℓ)" in text
    assert "‖W^(ℓ)‖₂ > 4" in text
