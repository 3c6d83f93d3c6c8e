"""How a gradient vanishes or explodes, for recurrences with every activation."""

from __future__ import annotations

import pytest

from symnn.declare import registry
from symnn.derive import derive
from symnn.notes.read import network_from_note
from symnn.write import render
from symnn.write.compose.documents import document_of

NOTE = r"""For $\ell = 1, \dots, L$ let $W^{(\ell)} \in \mathbb{R}^{n \times n}$, $b^{(\ell)} \in \mathbb{R}^n$ and $a^{(0)} = x$.

$$ z^{(\ell)} = W^{(\ell)} a^{(\ell-1)} + b^{(\ell)} $$

$$ a^{(\ell)} = \operatorname{%s}(z^{(\ell)}) $$

$$ C = \frac12 \lVert a^{(L)} - y \rVert^2 $$
"""
ACTIVATIONS = [o.name for o in registry.all() if o.kind == "activation" and o.is_elementwise and len(o.parameters) == 1]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_layers_with_any_activation_have_a_document(name, tmp_path):
    note = tmp_path / "note.md"
    note.write_text(NOTE % name.replace("_", r"\_"))
    text = render(document_of(derive(network_from_note(note))), "text")
    assert "Results" in text


def test_a_slope_by_cases_is_told_by_its_function(tmp_path):
    note = tmp_path / "note.md"
    note.write_text(NOTE % "ReLU")
    text = render(document_of(derive(network_from_note(note))), "text")
    assert "∂a^(ℓ)/∂a^(ℓ - 1) = diag(ReLU'(z^(ℓ))) W^(ℓ)" in text
