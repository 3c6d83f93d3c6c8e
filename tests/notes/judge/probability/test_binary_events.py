"""Claims between the probabilities of the two values of a binary variable."""

from __future__ import annotations

import pytest
from verdicts import said_of

BOTH = "Here $P(y = 0 \\mid x)$ and $P(y = 1 \\mid x)$ are what the model gives."
MODEL = r"$$ P(y = 1 \mid x) = \sigma(w^T x) $$"


def verdict(claim: str, *before: str) -> str:
    return said_of(*before, f"$$ {claim} $$")[-1].verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"P(y = 0 \mid x) = 1 - P(y = 1 \mid x)",
        r"P(y = 1 \mid x) + P(y = 0 \mid x) = 1",
        r"\log \frac{P(y = 1 \mid x)}{P(y = 0 \mid x)} = \log \frac{P(y = 1 \mid x)}{1 - P(y = 1 \mid x)}",
    ],
)
def test_both_add_up_to_one(claim: str) -> None:
    assert verdict(claim, BOTH) == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"P(y = 0 \mid x) = P(y = 1 \mid x)",
        r"P(y = 0 \mid x) = 2 - P(y = 1 \mid x)",
        r"P(y = 1 \mid x) - P(y = 0 \mid x) = 1",
        r"P(y = 0 \mid z) = 1 - P(y = 1 \mid x)",
    ],
)
def test_what_is_said_of_unknown_probabilities_is_left_open(claim: str) -> None:
    assert verdict(claim, BOTH) == "undecided"


def test_a_variable_of_three_values_is_not_binary() -> None:
    assert verdict(r"P(y = 0 \mid x) = 1 - P(y = 1 \mid x)", "Let $P(y = 2 \\mid x)$ be small.") == "undecided"


@pytest.mark.parametrize(
    "claim",
    [
        r"\log \frac{P(y = 1 \mid x)}{P(y = 0 \mid x)} = w^T x",
        r"\log \frac{P(y = 1)}{P(y = 0)} = w^T x",
        r"\frac{P(y = 1 \mid x)}{P(y = 0 \mid x)} = e^{w^T x}",
        r"\log \frac{P(y = 1 \mid x)}{1 - P(y = 1 \mid x)} = w^T x",
    ],
)
def test_odds_of_a_model(claim: str) -> None:
    assert verdict(claim, MODEL, r"We also need $P(y = 0 \mid x)$.") == "proved"
    assert verdict(claim, r"Let $w, x \in \mathbb{R}^n$.", MODEL, r"We also need $P(y = 0 \mid x)$.") == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\log \frac{P(y = 0 \mid x)}{P(y = 1 \mid x)} = w^T x",
        r"\frac{P(y = 1 \mid x)}{P(y = 0 \mid x)} = w^T x",
        r"\log P(y = 1 \mid x) - 1 + P(y = 0 \mid x) = w^T x",
    ],
)
def test_other_odds_of_a_model_are_not_confirmed(claim: str) -> None:
    assert verdict(claim, MODEL, r"We also need $P(y = 0 \mid x)$.") != "proved"
    known = verdict(claim, r"Let $w, x \in \mathbb{R}^n$.", MODEL, r"We also need $P(y = 0 \mid x)$.")
    assert known == "refuted"


def test_where_both_are_equally_likely_is_no_mistake() -> None:
    note = (r"Let $w, x \in \mathbb{R}^n$.", MODEL, r"On the boundary:")
    assert verdict(r"P(y = 1 \mid x) = P(y = 0 \mid x)", *note) == "undecided"
    assert verdict(r"P(y = 1 \mid x) = P(y = 0 \mid x) = \frac{1}{2}", *note) == "undecided"


@pytest.mark.parametrize(
    "formula",
    [r"\sum_i p_i \log \frac{p_i}{q_i}", r"\sum_i p_i (\log p_i - \log q_i)", r"-\sum_i p_i \log \frac{q_i}{p_i}"],
)
@pytest.mark.parametrize("head", ["D_{KL}", r"\mathrm{KL}", "KL", r"D_{\mathrm{KL}}"])
def test_a_divergence(head: str, formula: str) -> None:
    assert verdict(rf"{head}(p \| q) = {formula}") in ("proved", "agrees")


@pytest.mark.parametrize(
    "formula",
    [
        r"\sum_i p_i \log \frac{q_i}{p_i}",
        r"\sum_i q_i \log \frac{q_i}{p_i}",
        r"\sum_i q_i \log \frac{p_i}{q_i}",
        r"-\sum_i p_i \log \frac{p_i}{q_i}",
        r"\sum_i p_i \log \frac{p_i}{q_i^2}",
    ],
)
def test_another_divergence_is_not_confirmed(formula: str) -> None:
    assert verdict(rf"D_{{KL}}(p \| q) = {formula}") in ("refuted", "undecided")


def test_a_divergence_of_functions() -> None:
    assert verdict(r"D_{KL}(P \| Q) = \sum_x P(x) \log \frac{P(x)}{Q(x)}") == "proved"
    assert verdict(r"D_{KL}(P \| Q) = \sum_x P(x) \log \frac{Q(x)}{P(x)}") == "refuted"
