"""Samples ``x^{(i)}`` that the note declares: the raised letter is an index, as a sum over it tells."""

from __future__ import annotations

import pytest
from verdicts import verdict

MODEL = (
    r"h_\theta(x) = \frac{1}{1 + e^{-\theta^T x}}",
    r"J(\theta) = -\frac{1}{m} \sum_{i=1}^m [ y^{(i)} \log h_\theta(x^{(i)}) + (1 - y^{(i)}) \log(1 - h_\theta(x^{(i)})) ]",
)
RIGHT = r"\frac{\partial J}{\partial \theta_j} = \frac{1}{m} \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}"
WRONG = r"\frac{\partial J}{\partial \theta_j} = \frac{1}{m} \sum_{i=1}^m (y^{(i)} - h_\theta(x^{(i)})) x_j^{(i)}"


@pytest.mark.parametrize(
    "declared", [r"x^{(i)} \in \mathbb{R}^n", r"y^{(i)} \in \{0, 1\}", r"x \in \mathbb{R}^n", r"m \in \mathbb{N}"]
)
def test_gradient_of_logistic_regression(declared):
    assert verdict(declared, *MODEL, RIGHT) == "proved"
    assert verdict(declared, *MODEL, WRONG) == "refuted"
