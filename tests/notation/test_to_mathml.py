"""MathML out: well formed, only core elements, nothing lost."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symnn.notation import parse_latex, to_mathml
from symnn.notation import tree as t

CORE = {
    "math", "mi", "mn", "mo", "mtext", "mspace", "mrow", "mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder",
    "mover", "munderover", "mtable", "mtr", "mtd",
}  # fmt: skip
CHILDREN = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3,
}  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_it_is_well_formed_mathml_core(data, latex_trees):
    root = ET.fromstring(to_mathml(data.draw(latex_trees)))
    for element in root.iter():
        assert element.tag in CORE
        if element.tag in CHILDREN:
            assert len(element) == CHILDREN[element.tag]
        if element.tag in ("mi", "mn", "mo", "mtext"):
            assert len(element) == 0


def inner(source: str) -> str:
    return re.sub(r"</?math[^>]*>", "", to_mathml(parse_latex(source)))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"\frac{a}{b}", "<mfrac><mi>a</mi><mi>b</mi></mfrac>"),
        (r"\mathbf{W}", "<mi>𝐖</mi>"),
        (r"\mathbb{R}", "<mi>ℝ</mi>"),
        (r"\mathcal{L}", "<mi>ℒ</mi>"),
        (r"\boldsymbol{\theta}", "<mi>𝜽</mi>"),
        (r"\mathrm{x}", "<mi mathvariant='normal'>x</mi>"),
        (r"\text{ReLU}", "<mtext>ReLU</mtext>"),
        (r"\hat{y}", "<mover accent='true'><mi>y</mi><mo stretchy='false'>^</mo></mover>"),
        (r"W^\top", "<msup><mi>W</mi><mo>⊤</mo></msup>"),
        ("f''", "<msup><mi>f</mi><mo>″</mo></msup>"),
        ("-a", "<mrow><mo form='prefix'>−</mo><mi>a</mi></mrow>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
    ],
)
def test_elements(source, expected):
    assert inner(source) == expected


def test_text_from_outside_is_escaped():
    shown = to_mathml(t.Phrase((t.Text("<b>&"), t.Name("a<b"))))
    assert "<b>" not in shown
    assert [e.text for e in ET.fromstring(shown).iter() if e.tag in ("mtext", "mi")] == ["<b>&", "a<b"]


def test_brackets_are_kept_where_the_tree_needs_them():
    tree = t.Product("juxtaposed", (parse_latex("a + b"), t.Name("c")))
    assert [e.text for e in ET.fromstring(to_mathml(tree)).iter("mo") if e.text in "()"] == ["(", ")"]


def test_display_style_is_an_attribute():
    assert to_mathml(t.Name("x"), display=True) == "<math display='block'><mi>x</mi></math>"
