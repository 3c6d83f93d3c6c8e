"""Where brackets are needed."""

from __future__ import annotations

import pytest

from symnn.notation import parse_latex, precedence, to_latex, to_text
from symnn.notation import tree as t

a, b, c = t.Name("a"), t.Name("b"), t.Name("c")
total = t.Sum((t.Signed("+", a), t.Signed("+", b)))


@pytest.mark.parametrize(
    ("node", "latex", "text"),
    [
        (t.Product("juxtaposed", (total, c)), "(a + b) c", "(a + b) c"),
        (t.Product("cdot", (a, t.Product("juxtaposed", (b, c)))), r"a \cdot b c", "a · b c"),
        (t.Product("juxtaposed", (a, t.Product("cdot", (b, c)))), r"a (b \cdot c)", "a (b · c)"),
        (t.Product("cdot", (t.Product("odot", (a, b)), c)), r"a \odot b \cdot c", "a ⊙ b · c"),
        (t.Product("cdot", (a, t.Product("odot", (b, c)))), r"a \cdot (b \odot c)", "a · (b ⊙ c)"),
        (t.Sum((t.Signed("+", a), t.Signed("-", total))), "a - (a + b)", "a - (a + b)"),
        (t.Sum((t.Signed("+", a), t.Signed("-", t.Negative(b)))), "a - (-b)", "a - (-b)"),
        (t.Script(total, sup=t.Number("2")), "(a + b)^{2}", "(a + b)²"),
        (t.Script(t.Negative(a), sup=t.Number("2")), "(-a)^{2}", "(-a)²"),
        (t.Quotient(total, c), r"\frac{a + b}{c}", "(a + b)/c"),
        (t.Quotient(a, t.Product("juxtaposed", (b, c)), "slash"), "a / (b c)", "a/(b c)"),
        (t.Quotient(t.Quotient(a, b, "slash"), c, "slash"), "a / b / c", "a/b/c"),
        (t.Quotient(a, t.Quotient(b, c, "slash"), "slash"), "a / (b / c)", "a/(b/c)"),
        (t.BigOperator("sum", a, None, total), r"\sum_{a} (a + b)", "Σ_a (a + b)"),
        (
            t.Product("juxtaposed", (t.BigOperator("sum", a, None, b), c)),
            r"\left( \sum_{a} b \right) c",
            "(Σ_a b) c",
        ),
        (t.Product("juxtaposed", (c, t.BigOperator("sum", a, None, b))), r"c \sum_{a} b", "c Σ_a b"),
        (t.Derivative("d", None, (a,), total), r"\frac{\mathrm{d}}{\mathrm{d} a} (a + b)", "d/da (a + b)"),
        (t.Nabla(a, t.Product("juxtaposed", (b, c))), r"\nabla_{a} (b c)", "∇_a (b c)"),
        (t.Product("juxtaposed", (t.Number("2"), t.Number("3"))), "2 (3)", "2 (3)"),
        (t.Script(t.Script(a, sup=b), sup=c), "{a^{b}}^{c}", "(a^b)^c"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(node, latex, text):
    assert to_latex(node) == latex
    assert to_text(node) == text
    assert parse_latex(latex) is not None


def test_call_like():
    assert precedence.is_call_like(parse_latex("f(x)"))
    assert precedence.is_call_like(parse_latex("f_1'(x, y)"))
    assert not precedence.is_call_like(parse_latex("2(x)"))
    assert not precedence.is_call_like(parse_latex("f[x]"), flat=True)


@pytest.mark.parametrize("text", [r"\frac{a}{b}", r"\sum_i x", r"\begin{matrix} a \end{matrix}", r"(\frac12)^2"])
def test_tall(text):
    assert precedence.is_tall(parse_latex(text))


@pytest.mark.parametrize("text", ["a / b", r"\sum x", r"e^{\frac12}", "x_i"])
def test_not_tall(text):
    assert not precedence.is_tall(parse_latex(text))
