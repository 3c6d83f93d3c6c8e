"""Notes of several parts that use the same letters for different things."""

from __future__ import annotations

import random

import pytest
from verdicts import RIGHT, claims_of

NORM = r"""# Normalisation

$$ \mu = \frac{1}{m} \sum_{i=1}^m x_i $$

$$ \hat{x}_i = \frac{x_i - \mu}{s} $$

$$ y_i = \gamma \hat{x}_i + \beta $$

$$ \frac{\partial L}{\partial \gamma} = \sum_{i=1}^m \frac{\partial L}{\partial y_i} \hat{x}_i $$

$$ \frac{\partial L}{\partial \beta} = \sum_{i=1}^m \frac{\partial L}{\partial y_i} $$
"""
REGRESSION = r"""# Regression

$$ \hat{y}_i = w x_i + b, \quad L = \frac{1}{n} \sum_{i=1}^n (y_i - \hat{y}_i)^2 $$

$$ \frac{\partial L}{\partial w} = -\frac{2}{n} \sum_{i=1}^n x_i (y_i - \hat{y}_i) $$
"""


def derivatives(note: str) -> list[str]:
    """The verdicts on the claims about derivatives."""
    return [claim.verdict for claim in claims_of(note) if "partial" in claim.source]


def test_a_loss_of_a_later_part_is_another_one():
    assert derivatives(NORM + "\n" + REGRESSION) == ["proved"] * 3


def test_parts_that_do_not_fit_together_are_no_false_alarm():
    found = derivatives(REGRESSION + "\n" + NORM)
    assert found[0] == "proved"
    assert "refuted" not in found


def test_below_a_common_title():
    note = "# Notes\n\n" + (NORM + "\n" + REGRESSION).replace("# ", "## ")
    assert derivatives(note) == ["proved"] * 3


def test_a_path_through_another_part_is_not_dropped():
    note = r"""# Forward

$$ y_i = w x_i, \quad c = a b $$

# Backward

$$ L = \sum_{i=1}^m x_i y_i + \operatorname{unknown}(c) $$

$$ \frac{\partial L}{\partial x_i} = y_i $$
"""
    assert not set(derivatives(note)) & set(RIGHT)


# -- many subjects in one document ------------------------------------------------------------------------------------

SUBJECTS = {
    "Logistic regression": (
        r"The model is $\hat y = \sigma(w^\top x + b)$ with the loss $L = -y \log \hat y - (1 - y) \log(1 - \hat y)$.",
        (
            (r"\frac{\partial L}{\partial w} = (\hat y - y) x", r"\frac{\partial L}{\partial w} = (y - \hat y) x"),
            (r"\frac{\partial L}{\partial b} = \hat y - y", r"\frac{\partial L}{\partial b} = \hat y"),
        ),
    ),
    "Softmax": (
        r"Let $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$ and $L = -\sum_i t_i \log p_i$ where $t$ is one-hot.",
        (
            (
                r"\frac{\partial p_i}{\partial z_j} = p_i (\delta_{ij} - p_j)",
                r"\frac{\partial p_i}{\partial z_i} = -p_i^2",
            ),
            (r"\frac{\partial L}{\partial z_i} = p_i - t_i", r"\frac{\partial L}{\partial z_i} = t_i - p_i"),
        ),
    ),
    "A layer": (
        r"Let $y = W x + b$ with $W \in \mathbb{R}^{m \times n}$ and a loss $L$ with $g = \frac{\partial L}{\partial y}$.",
        (
            (r"\frac{\partial L}{\partial x} = W^\top g", r"\frac{\partial L}{\partial x} = W g"),
            (r"\frac{\partial L}{\partial W} = g x^\top", r"\frac{\partial L}{\partial W} = -g x^\top"),
        ),
    ),
    "Layer normalisation": (
        r"$\mu = \frac1n \sum_i x_i$, $\sigma^2 = \frac1n \sum_i (x_i - \mu)^2$, $\hat x_i = \frac{x_i - \mu}{\sigma}$.",
        (
            (r"\frac{\partial \mu}{\partial x_i} = \frac{1}{n}", r"\frac{\partial \mu}{\partial x_i} = n"),
            (
                r"\frac{\partial \sigma^2}{\partial x_i} = \frac{2}{n} (x_i - \mu)",
                r"\frac{\partial \sigma^2}{\partial x_i} = \frac{1}{n} (x_i - \mu)",
            ),
        ),
    ),
    "Attention": (
        r"$S = Q K^\top / \sqrt{d}$, $P = \operatorname{softmax}(S)$, $O = P V$, and $dO$ is the gradient of the loss.",
        ((r"dV = P^\top dO", r"dV = P dO"), (r"dP = dO V^\top", r"dP = dO V")),
    ),
}
"""What each subject defines, with right claims and wrong ones. They share letters."""


def notes(wrong: bool, order: int) -> str:
    titles = random.Random(order).sample(list(SUBJECTS), len(SUBJECTS))
    return "".join(
        f"# {title}\n\n{SUBJECTS[title][0]}\n\n" + "".join(f"$$ {pair[wrong]} $$\n\n" for pair in SUBJECTS[title][1])
        for title in titles
    )


@pytest.mark.parametrize("order", range(2))
def test_right_claims_on_many_subjects(order: int) -> None:
    found = displayed(notes(False, order))
    assert "refuted" not in found
    assert sum(verdict in RIGHT for verdict in found) >= len(found) - 1


def test_wrong_claims_on_many_subjects() -> None:
    found = displayed(notes(True, 0))
    assert not set(found) & set(RIGHT)
    assert found.count("refuted") >= len(found) // 2


def displayed(note: str) -> list[str]:
    """The verdicts on the displays."""
    lines = note.splitlines()
    return [claim.verdict for claim in claims_of(note) if lines[claim.line - 1].startswith("$$")]
