"""The backward pass of layers that a document does not write down."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, claims_of

ERRORS = r"$$ \delta^{(l)} = \left( (V^{(l+1)})^\top \delta^{(l+1)} \right) \odot f'(u^{(l)}) $$"
GRADIENT = r"$$ \frac{\partial E}{\partial V^{(l)}} = \delta^{(l)} (h^{(l-1)})^\top $$"
BIAS = r"$$ \frac{\partial E}{\partial c^{(l)}} = \delta^{(l)} $$"


def test_the_usual_layers_are_put_in_and_told():
    claims = claims_of("\n\n".join((ERRORS, GRADIENT, BIAS)))
    assert [claim.verdict for claim in claims] == ["agrees"] * 3
    assert all(claim.reason.endswith("as layers usually are") for claim in claims)
    assert "V⁽ˡ⁾ h⁽ˡ⁻¹⁾ + c⁽ˡ⁾" in claims[0].reason


@pytest.mark.parametrize("wrong", [
    r"\frac{\partial E}{\partial V^{(l)}} = \delta^{(l)} (h^{(l)})^\top",
    r"\frac{\partial E}{\partial V^{(l)}} = (h^{(l-1)})^\top \delta^{(l)}",
    r"\frac{\partial E}{\partial c^{(l)}} = - \delta^{(l)}",
])  # fmt: skip
def test_a_slip_is_not_right_for_them(wrong):
    assert claims_of("\n\n".join((ERRORS, GRADIENT, f"$$ {wrong} $$")))[-1].verdict not in RIGHT


@pytest.mark.parametrize("errors", [
    r"\delta^{(l)} = (V^{(l+1)} \delta^{(l+1)}) \odot f'(u^{(l)})",
    r"\delta^{(l)} = (V^{(l+1)})^\top \delta^{(l+1)}",
    r"\delta^{(l)} = ((V^{(l)})^\top \delta^{(l+1)}) \odot f'(u^{(l)})",
])  # fmt: skip
def test_other_error_terms_say_nothing_of_the_layers(errors):
    claims = claims_of("\n\n".join((f"$$ {errors} $$", GRADIENT)))
    assert not {claim.verdict for claim in claims} & set(RIGHT)


def test_layers_of_the_document_stay():
    layers = r"$$ u^{(l)} = V^{(l)} h^{(l-1)}, \quad h^{(l)} = u^{(l)} + h^{(l-1)} $$"
    *_, errors = claims_of("\n\n".join((layers, ERRORS)))
    assert errors.verdict not in RIGHT
