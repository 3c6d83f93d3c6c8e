"""Error terms that are made from those of the next place."""

from __future__ import annotations

import pytest
from verdicts import last_claim

LAYERS = (r"a^{(l)} = f(W^{(l)} a^{(l-1)} + b^{(l)})", r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}")
RIGHT = r"(W^{(l+1)})^\top \delta^{(l+1)} \odot f'(z^{(l)})"


@pytest.mark.parametrize("right", [RIGHT, r"f'(z^{(l)}) \odot \left( (W^{(l+1)})^\top \delta^{(l+1)} \right)"])
def test_right(right):
    assert last_claim(*LAYERS, rf"\delta^{{(l)}} = {right}").verdict == "agrees"


@pytest.mark.parametrize(
    ("wrong", "slip"),
    [
        (r"W^{(l+1)} \delta^{(l+1)} \odot f'(z^{(l)})", "transpose"),
        (r"(W^{(l+1)})^\top \delta^{(l+1)} \odot f(z^{(l)})", "missing derivative"),
        (r"-(W^{(l+1)})^\top \delta^{(l+1)} \odot f'(z^{(l)})", "sign"),
        (r"(W^{(l)})^\top \delta^{(l+1)} \odot f'(z^{(l)})", "wrong index"),
    ],
)
def test_wrong(wrong, slip):
    found = last_claim(*LAYERS, rf"\delta^{{(l)}} = {wrong}")
    assert (found.verdict, found.slip) == ("refuted", slip)


def test_another_formula_is_left_open():
    assert last_claim(*LAYERS, r"\delta^{(l)} = V \delta^{(l+1)} + c").verdict == "definition"
