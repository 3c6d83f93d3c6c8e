"""Text out: one line that reads well and, as far as plain text goes, reads back."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from symnn.notation import NotationError, parse_latex, parse_plain, replace, to_text, without_groups
from symnn.notation import tree as t
from symnn.notation.outline import outline


def flat(tree: t.Node) -> t.Node:
    """Forget what plain text cannot say: the style of fractions, fonts."""

    def change(node: t.Node) -> t.Node:
        if isinstance(node, t.Quotient) or (isinstance(node, t.Derivative) and node.style == "frac"):
            return dataclasses.replace(node, style="slash")
        return dataclasses.replace(node, font="") if isinstance(node, t.Name) else node

    return without_groups(replace(tree, change))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_printed_text_reads_back_as_the_same_tree(data, plain_trees):
    tree = data.draw(plain_trees)
    printed = to_text(tree)
    note(printed)
    try:
        back = parse_plain(printed)
    except NotationError as error:
        raise AssertionError(f"{printed}\n{error}\n{outline(tree)}") from error
    assert outline(flat(back)) == outline(flat(tree)), printed


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"\frac{\partial L}{\partial W_1} = \delta_1 x^\top", "∂L/∂W₁ = δ₁ xᵀ"),
        (r"\hat{y} = \sigma(W^{(2)} h^{(l-1)})", "ŷ = σ(W⁽²⁾ h⁽ˡ⁻¹⁾)"),
        (r"\sum_{i=1}^{N} x_{t-1}^2", "Σ_(i=1)^N x_(t-1)²"),
        (r"\frac{1}{1 + e^{-x}}", "1 / (1 + e^(-x))"),
        (r"\frac12 (a - b)^2", "(1/2) (a - b)²"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}", "1 if x > 0 else 0"),
        (r"W = \begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "W = [1, 2; 3, 4]"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a = b; = c"),
        (r"\mathbb{E}_{x \sim p}[f(x)]", "𝔼_(x∼p)[f(x)]"),
        (r"x \in \mathbb{R}^{m \times n}", "x ∈ ℝ^(m × n)"),
        (r"\|W\|_F^2 \odot \nabla_w L(w)", "‖W‖_F² ⊙ ∇_w L(w)"),
        (r"\frac{d^2y}{dx^2}", "d²y/dx²"),
        (r"\left. f \right|_{x=0}", "(f)|_(x = 0)"),
        (r"p(y \mid |x|)", "p(y ∣ |x|)"),
        (r"\sqrt{x + 1} \max(0, x)", "√(x + 1) max(0, x)"),
        (r"W_{a:b}", "W_(a:b)"),
        (r"\text{learning rate} = 1", "learning rate = 1"),
    ],
)
def test_the_shape_of_the_output(source, printed):
    assert to_text(parse_latex(source)) == printed


def test_it_is_one_line():
    assert "\n" not in to_text(parse_latex(r"a = b \\ c = \begin{bmatrix} 1 \\ 2 \end{bmatrix}"))
