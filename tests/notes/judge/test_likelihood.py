"""Probabilities of two classes, likelihoods and their logarithms."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, claims_of, last_claim

MODEL = r"""Let $y \in \{0, 1\}$ and $w, u \in \mathbb{R}^d$.

$$ q_w(u) = \sigma(w^\top u) $$

$$ p(y = 1 \mid u; w) = q_w(u) $$
"""
POWERS = r"q_w(u)^{y} (1 - q_w(u))^{1 - y}"
LIKELIHOOD = r"""
$$ L(w) = p(y \mid U; w) = \prod_{i=1}^{n} q_w(u^{(i)})^{y^{(i)}} (1 - q_w(u^{(i)}))^{1 - y^{(i)}} $$
"""


def verdict_on(claim: str, before: str = "") -> str:
    return claims_of(f"{MODEL}{before}\n$$ {claim} $$\n")[-1].verdict


@pytest.mark.parametrize("form", [POWERS, r"y \, q_w(u) + (1 - y) (1 - q_w(u))"])
def test_one_formula_for_both_classes(form):
    assert verdict_on(rf"p(y \mid u; w) = {form}") in RIGHT


@pytest.mark.parametrize(
    "form", [r"q_w(u)^{1 - y} (1 - q_w(u))^{y}", r"q_w(u)^{y} (1 + q_w(u))^{1 - y}", r"y \, q_w(u) + (1 - y)"]
)
def test_wrong_formula_for_both_classes(form):
    assert verdict_on(rf"p(y \mid u; w) = {form}") == "refuted"


def test_logarithm_of_the_likelihood():
    right = r"\log L(w) = \sum_{i=1}^{n} y^{(i)} \log q(u^{(i)}) + (1 - y^{(i)}) \log (1 - q(u^{(i)}))"
    assert verdict_on(right, LIKELIHOOD) in RIGHT
    assert verdict_on(right.replace("1 - q(u", "1 + q(u"), LIKELIHOOD) not in RIGHT
    assert verdict_on(right.replace("+ (1", "- (1"), LIKELIHOOD) not in RIGHT


def test_samples_are_no_entries():
    definitions = [r"w, u \in \mathbb{R}^d", r"s(u) = w^\top u", r"J = \sum_{i=1}^{n} (s(u^{(i)}) - y^{(i)})^2"]
    gradient = r"\frac{\partial J}{\partial w} = 2 \sum_{i=1}^{n} (s(u^{(i)}) - y^{(i)}) u^{(i)}"
    assert last_claim(*definitions, gradient).verdict in RIGHT
    assert last_claim(*definitions, gradient.replace("u^{(i)}) - y", "u^{(i)}) + y")).verdict == "refuted"
