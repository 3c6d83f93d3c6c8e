"""``dW`` for the gradient of the loss by W, alone and as a factor."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, last_claim, verdict

NETWORK = (
    r"z_1 = W_1 x + b_1",
    r"a_1 = \tanh(z_1)",
    r"z_2 = W_2 a_1 + b_2",
    r"L = \frac{1}{2} \| z_2 - y \|^2",
)


@pytest.mark.parametrize(
    "claim",
    [
        "dz_2 = z_2 - y",
        "dW_2 = dz_2 a_1^T",
        "db_2 = dz_2",
        "da_1 = W_2^T dz_2",
        r"dz_1 = W_2^T dz_2 \odot (1 - a_1^2)",
        "dW_1 = dz_1 x^T",
        "da_1^T = dz_2^T W_2",
    ],
)
def test_right(claim):
    assert verdict(*NETWORK, "dW_2 = (z_2 - y) a_1^T", claim) in RIGHT


@pytest.mark.parametrize("claim", ["dz_2 = y - z_2", "da_1 = W_2 dz_2", r"dz_1 = W_2^T dz_2 \odot (1 + a_1^2)"])
def test_wrong(claim):
    assert verdict(*NETWORK, "dW_2 = (z_2 - y) a_1^T", "da_1 = W_2^T (z_2 - y)", claim) == "refuted"


def test_a_letter_that_the_note_defines_is_no_sign_of_a_differential():
    assert "d_" not in last_claim("d = 3", *NETWORK, "dz_2 = z_2 - y").reading
    assert verdict("d = 3", *NETWORK, "dz_2 = z_2 - y") not in RIGHT


def test_a_loss_is_a_number_though_its_parts_are_vectors():
    network = (
        r"z^{[1]} = W^{[1]} x + b^{[1]}",
        r"a^{[1]} = \tanh(z^{[1]})",
        r"z^{[2]} = W^{[2]} a^{[1]} + b^{[2]}",
        r"\hat{y} = \sigma(z^{[2]})",
        r"L = -(y \log \hat{y} + (1 - y) \log(1 - \hat{y}))",
    )
    assert verdict(*network, r"dz^{[2]} = \hat{y} - y") == "proved"
    assert verdict(*network, r"dW^{[2]} = dz^{[2]} a^{[1]T}") == "proved"
    assert verdict(*network, r"dz^{[1]} = W^{[2]T} dz^{[2]} * (1 - (a^{[1]})^2)") == "proved"
    assert verdict(*network, r"dz^{[2]} = y - \hat{y}") == "refuted"
