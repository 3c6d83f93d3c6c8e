"""Rules of expectations and variances."""

from __future__ import annotations

import pytest
from verdicts import claims_of


def verdict(claim: str, before: str = "") -> str:
    return claims_of(f"{before}\n\n$$ {claim} $$\n")[-1].verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\mathbb{E}[aX + b] = a \mathbb{E}[X] + b",
        r"E[aX + b] = a E[X] + b",
        r"\mathbb{E}[X + Y] = \mathbb{E}[X] + \mathbb{E}[Y]",
        r"\mathbb{E}_q[2X - Y] = 2 \mathbb{E}_q[X] - \mathbb{E}_q[Y]",
        r"\text{Var}(aX + b) = a^2 \text{Var}(X)",
        r"\operatorname{Var}(\mu + \sigma\epsilon) = \sigma^2 \operatorname{Var}(\epsilon)",
        r"\text{Var}\left(\frac{q^T k}{\sqrt{d_k}}\right) = \frac{\text{Var}(q^T k)}{d_k}",
    ],
)
def test_what_follows_is_proved(claim: str) -> None:
    assert verdict(claim) == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\mathbb{E}[aX + b] = a \mathbb{E}[X]",
        r"E[aX + b] = a E[X] - b",
        r"\mathbb{E}[XY] = \mathbb{E}[X] \mathbb{E}[Y]",
        r"\mathbb{E}[X^2] = \mathbb{E}[X]^2",
        r"\mathbb{E}_q[2X] = 2 \mathbb{E}_p[X]",
        r"\text{Var}(aX + b) = a \text{Var}(X)",
        r"\text{Var}(aX + b) = a^2 \text{Var}(X) + b",
        r"\text{Var}(X + Y) = \text{Var}(X) + \text{Var}(Y)",
        r"\text{Var}(X - Y) = \text{Var}(X) - \text{Var}(Y)",
        r"\text{Var}(wx) = \text{Var}(w) \text{Var}(x)",
        r"\text{Var}\left(\frac{q^T k}{\sqrt{d_k}}\right) = \frac{\text{Var}(q^T k)}{\sqrt{d_k}}",
    ],
)
def test_what_does_not_follow_is_left_open(claim: str) -> None:
    assert verdict(claim) in ("undecided", "definition")


def test_a_factor_that_is_random_elsewhere_is_no_constant() -> None:
    assert verdict(r"\text{Var}(wx) = w^2 \text{Var}(x)") == "proved"
    assert verdict(r"\text{Var}(wx) = w^2 \text{Var}(x)", r"The weights have $\text{Var}(w) = 1$.") != "proved"
