"""Arguments without braces, fonts and operator names."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\hat\alpha", "alpha~hat"),
        (r"\hat\mathbf{x}", "x:mathbf~hat"),
        (r"\mathbf\alpha", "alpha:mathbf"),
        (r"x_\mathrm{in}", "(script x in:mathrm _)"),
        (r"x^\sqrt2", "(script x _ (root 2))"),
        (r"\mathrm{cross-entropy}", "cross-entropy:mathrm"),
        (r"\mathrm{head}_1", "(script head:mathrm 1 _)"),
        (r"\mathrm{w_j}", "(script w:mathrm j:mathrm _)"),
        (r"\mathrm{\alpha x}", "(mul alpha:mathrm x:mathrm)"),
        (r"\mathbf{softmax}(z)", "(mul softmax:mathbf (group() z))"),
        (r"\mathsf{Y}", "Y:mathsf"),
        (r"\operatorname{Layer Norm}(x)", "(call LayerNorm:operatorname x)"),
        (r"\operatorname{\text{tr}}(x)", "(call tr:operatorname x)"),
        (r"\operatorname{max}(0, x)", "(call max:operatorname 0 x)"),
        (r"\operatorname{max}_i x_i", "(max i _ (script x i _))"),
        (r"\operatorname{ReLU} \circ f", "(circ ReLU:operatorname f)"),
        (r"\mathrm{argmax}_k p_k", "(argmax k _ (script p k _))"),
    ],
)
def test_words(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize("text", [r"\hat", r"\hat+", r"\mathbf*", r"\hat12", r"\operatorname f", r"\operatorname{}(x)"])
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)
