"""Notes of several parts that use the same letters for different things."""

from __future__ import annotations

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
