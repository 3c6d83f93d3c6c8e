"""Gradients over a batch whose samples are columns, with the mean in the gradients of the parameters."""

from __future__ import annotations

import pytest
from verdicts import claims_of

FORWARD = r"""
$$ Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]} $$

$$ A^{[l]} = g^{[l]}(Z^{[l]}) $$

"""
BACKWARD = (
    r"dZ^{[l]} = dA^{[l]} \odot g^{[l]\prime}(Z^{[l]})",
    r"dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}",
    r"db^{[l]} = \frac{1}{m} \sum_{i=1}^m dZ^{[l](i)}",
    r"dA^{[l-1]} = W^{[l]T} dZ^{[l]}",
)


def verdicts(*formulas: str) -> list[tuple[str, str]]:
    claims = claims_of(FORWARD + "\n\n".join(f"$$ {formula} $$" for formula in formulas) + "\n")
    return [(claim.verdict, claim.slip) for claim in claims[2:]]


def test_one_layer() -> None:
    assert verdicts(*BACKWARD) == [("agrees", "")] * 4


def test_without_the_mean() -> None:
    assert verdicts(*(formula.replace(r"\frac{1}{m}", "") for formula in BACKWARD)) == [("agrees", "")] * 4


@pytest.mark.parametrize(
    ("place", "old", "new", "slip"),
    [
        (0, r"\prime", "", "missing derivative"),
        (1, "A^{[l-1]T}", "A^{[l-1]}", "transpose"),
        (3, "= W", "= -W", "sign"),
        (3, "W^{[l]T}", "W^{[l]}", "transpose"),
    ],
)
def test_slips(place: int, old: str, new: str, slip: str) -> None:
    wrong = BACKWARD[place].replace(old, new)
    found = verdicts(*BACKWARD[:place], wrong, *BACKWARD[place + 1 :])
    assert found[place] == ("refuted", slip)
    assert [verdict for at, (verdict, _) in enumerate(found) if at != place] == ["agrees"] * 3


def test_one_gradient_without_the_factor_of_the_others() -> None:
    layers = (
        r"Z^{[1]} = W^{[1]} X + b^{[1]}", r"A^{[1]} = g(Z^{[1]})", r"Z^{[2]} = W^{[2]} A^{[1]} + b^{[2]}",
        r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}", r"db^{[2]} = \frac{1}{m} \sum_{i=1}^m dZ^{[2](i)}",
        r"dZ^{[1]} = W^{[2]T} dZ^{[2]} \odot g'(Z^{[1]})", r"db^{[1]} = \frac{1}{m} \sum_{i=1}^m dZ^{[1](i)}",
    )  # fmt: skip
    note = "\n\n".join(f"$$ {formula} $$" for formula in layers)
    *_, right = claims_of(note + "\n\n$$ dW^{[1]} = \\frac{1}{m} dZ^{[1]} X^T $$\n")
    *_, wrong = claims_of(note + "\n\n$$ dW^{[1]} = dZ^{[1]} X^T $$\n")
    assert (right.verdict, wrong.verdict) == ("proved", "refuted")


def test_where_half_of_the_gradients_have_the_factor_nobody_knows() -> None:
    mixed = (BACKWARD[0], BACKWARD[1], BACKWARD[2].replace(r"\frac{1}{m}", ""))
    assert [verdict for verdict, _ in verdicts(*mixed)] == ["agrees", "undecided", "undecided"]
