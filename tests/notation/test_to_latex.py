"""LaTeX out: what is printed, read again, is the same tree."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from symnn.notation import NotationError, parse_latex, parse_plain, to_latex, without_groups
from symnn.notation import tree as t
from symnn.notation.outline import outline


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_printed_latex_reads_back_as_the_same_tree(data, latex_trees):
    tree = data.draw(latex_trees)
    printed = to_latex(tree)
    note(printed)
    note(outline(tree))
    try:
        back = parse_latex(printed)
    except NotationError as error:
        raise AssertionError(f"{printed}\n{error}\n{outline(tree)}") from error
    assert outline(without_groups(back)) == outline(without_groups(tree)), printed


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"\frac{\partial L}{\partial W_1}", r"\frac{\partial L}{\partial W_{1}}"),
        (r"\frac{d^2y}{dx^2}", r"\frac{\mathrm{d}^{2} y}{\mathrm{d} x^{2}}"),
        ("{a b} c", "a b c"),
        (r"\left( \frac12 \right) x", r"\left( \frac{1}{2} \right) x"),
        ("|x|", r"\lvert x \rvert"),
        (r"|\frac12|", r"\left| \frac{1}{2} \right|"),
        (r"\{0, 1\}", r"\{ 0, 1 \}"),
        (r"\arg\min_w L", r"\arg\min_{w} L"),
        (r"\operatorname{diag}(x)", r"\operatorname{diag}(x)"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
         r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", r"\begin{aligned} a &= b \\ &= c \end{aligned}"),
        (r"y = 1 \text{ if } x > 0", r"y = 1 \quad \text{if } x > 0"),
        (r"a = b \quad c = d", r"a = b, \quad c = d"),
    ],
)  # fmt: skip
def test_the_shape_of_the_output(source, printed):
    assert to_latex(parse_latex(source)) == printed


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("W1 @ x", r"\mathit{W1} x"),
        ("(a * b) @ c", "(a * b) c"),
        ("1e-8 x", r"(1 \times 10^{-8}) x"),
        ("y_pred", r"y_{\mathit{pred}}"),
        ("오차 = 1", r"\text{오차} = 1"),
        ("x.T", r"x^{\top}"),
    ],
)
def test_what_only_plain_text_has(source, printed):
    assert to_latex(parse_plain(source)) == printed
    parse_latex(printed)


def test_a_quotient_of_two_products_with_d_stays_a_quotient():
    d, x, y = t.Name("d"), t.Name("x"), t.Name("y")
    quotient = t.Quotient(t.Product("juxtaposed", (d, x)), t.Product("juxtaposed", (d, y)))
    assert to_latex(quotient) == r"\frac{d x}{{d} y}"
    assert parse_latex(to_latex(quotient)) == quotient


def test_deep_trees_print():
    tree = parse_latex("x^{" * 59 + "x" + "}" * 59)
    assert parse_latex(to_latex(tree)) == tree
