"""Formulas in MathML: those that symnn writes come back, each character with its place, and what is unsure is refused."""

from __future__ import annotations

import pytest

from symnn.notation import to_mathml, to_text
from symnn.notation.latex import parse_latex
from symnn.notes.find import Document, find
from symnn.notes.find.elements import Element, parse
from symnn.notes.find.mathml import NotReadable, latex_of
from symnn.notes.find.source import Source, whole

FORMULAS = [
    r"\frac{\partial L}{\partial W_1} = \delta_1 x^\top",
    r"f'(x) = 3 x^2 - 2x + 1",
    r"f''(x) = 6x",
    r"\hat{y} = \sigma(w_2^\top h_1 + b_2)",
    r"p_i = \frac{e^{z_i}}{\sum_{k=1}^n e^{z_k}}",
    r"L = \frac{1}{2} \|h - y\|_2^2",
    r"\mathbf{W} \odot \mathbf{x} + \alpha \cdot \beta",
    r"\max(0, x)",
    r"h_t = \tanh(W x_t + U h_{t-1} + b)",
    r"a^{(\ell)} = f(W^{(\ell)} a^{(\ell-1)})",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} x = \begin{bmatrix} 5 \\ 6 \end{bmatrix}",
    r"|x| = \begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}",
    r"\sqrt{x + 1} = \sqrt[3]{y}",
    r"\nabla_w L = \bar{x} - 0.5",
    r"\mathcal{L} = -\sum_i t_i \log p_i",
    r"W \leftarrow W - \eta \frac{\partial L}{\partial W}",
    r"x \in \mathbb{R}^n",
    r"\frac{d}{dx} \ln x = \frac{1}{x}",
    r"\mathrm{Error} = 26 \times 1 = 26",
    r"\prod_{t=1}^{T} \lambda_t \le 10",
]


def latex(markup: str) -> str:
    element = parse(markup).children[0]
    assert isinstance(element, Element)
    return latex_of(element, whole(Source("p.html", markup))).text


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_symnn_writes_comes_back(formula: str) -> None:
    node = parse_latex(formula)
    again = parse_latex(latex(to_mathml(node)))
    assert to_text(again) == to_text(node)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_page_of_it_is_found_at_true_places(formula: str, checked) -> None:
    page = f"<!doctype html><html><body><p>so {to_mathml(parse_latex(formula))} holds</p></body></html>"
    document: Document = checked(find(page, name="p.html"))
    assert [span.syntax for span in document.spans()] == ["latex"]
    assert not document.skipped


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<mi>f</mi><mo>&#8289;</mo><mo>(</mo><mi>x</mi><mo>)</mo>", "f(x)"),
        ("<mi>a</mi><mo>&InvisibleTimes;</mo><mi>b</mi>", "a b"),
        ("<mi>a</mi><mo>&#x2062;</mo><mrow><mo>(</mo><mi>b</mi><mo>)</mo></mrow>", "a (b)"),
        ("<msup><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mn>12</mn></msup>", "{x+1}^{12}"),
        ("<msup><mn>12</mn><mn>2</mn></msup>", "{12}^{2}"),
        ("<mo>(</mo><mi>x</mi><msup><mo>)</mo><mn>2</mn></msup>", "(x)^{2}"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a,b)"),
        ("<mfenced open='[' close=']'><mtable><mtr><mtd><mn>1</mn></mtd></mtr></mtable></mfenced>",
         r"[\begin{matrix}1\end{matrix}]"),
        ("<mover accent='true'><mi>y</mi><mo>^</mo></mover>", r"\hat{y}"),
        ("<munderover><mo>&sum;</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
         r"\sum_{i=1}^{n}"),
        ("<mi mathvariant='bold'>W</mi><mi>𝐱</mi><mi>𝑦</mi>", r"\mathbf{W}\mathbf{x}y"),
        ("<mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac>", r"\binom{n}{k}"),
        ("<mtext>if</mtext><mspace width='1em'/><mi>softmax</mi>", r"\text{ if } \mathrm{softmax}"),
        ("<mml:msub><mml:mi>x</mml:mi><mml:mi>i</mml:mi></mml:msub>", "x_{i}"),
    ],
)  # fmt: skip
def test_elements(inner: str, expected: str) -> None:
    assert latex(f"<math>{inner}</math>") == expected


@pytest.mark.parametrize(
    ("inner", "says"),
    [
        ("<merror><mi>x</mi></merror>", "<merror>"),
        ("<menclose notation='updiagonalstrike'><mi>x</mi></menclose>", "<menclose>"),
        ("<mfrac><mn>1</mn></mfrac>", "<mfrac> with 1 parts"),
        ("<mn>1</mn><mn>2</mn>", "two numbers in a row"),
        ("<mn>1,5</mn>", "the number '1,5'"),
        ("<mi>x</mi> = <mn>1</mn>", "text outside"),
        ("<mover><mi>x</mi><mo>*</mo></mover>", "neither a limit nor an accent"),
        ("<mi>\\input{x}</mi>", "the name"),
        ("<mo>$</mo>", "the character '$'"),
        ("<mtext>}\\evil{</mtext>", "the text"),
        ("<mrow>" * 150 + "<mi>x</mi>", "too deeply"),
    ],
)
def test_what_is_unsure_is_refused(inner: str, says: str) -> None:
    with pytest.raises(NotReadable, match=says.replace("$", r"\$")):
        latex(f"<math>{inner}</math>")
