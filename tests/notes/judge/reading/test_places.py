"""Places of an array that have names instead of numbers: ``target_{o1}``."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, verdict

DEFINITIONS = (
    r"E_{total} = \sum \frac{1}{2} (target - output)^2",
    r"out_{o1} = w_5 h",
    r"E_{o1} = \frac{1}{2} (target_{o1} - out_{o1})^2",
    r"E_{total} = E_{o1} + E_{o2}",
)


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial E_{o1}}{\partial out_{o1}} = -(target_{o1} - out_{o1})",
        r"\frac{\partial E_{total}}{\partial w_5} = (out_{o1} - target_{o1}) h",
    ],
)
def test_a_named_place_of_an_array(claim: str) -> None:
    assert verdict(*DEFINITIONS, claim) in RIGHT


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial E_{o1}}{\partial out_{o1}} = target_{o1} - out_{o1}",
        r"\frac{\partial E_{total}}{\partial w_5} = (out_{o1} - target_{o1}) w_5",
    ],
)
def test_a_slip_beside_a_named_place(claim: str) -> None:
    assert verdict(*DEFINITIONS, claim) == "refuted"


def test_a_place_of_which_nothing_is_said() -> None:
    claim = r"\frac{\partial E_{o1}}{\partial out_{o1}} = -(target_{o3} - out_{o1})"
    assert verdict(*DEFINITIONS, claim) not in RIGHT
