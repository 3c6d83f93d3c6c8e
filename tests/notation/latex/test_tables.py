"""Matrices and cases."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}", "(matrix[] [a b] [c d])"),
        (r"\begin{pmatrix} a \\ b \\ \end{pmatrix}", "(matrix() [a] [b])"),
        (r"\begin{vmatrix} a \end{vmatrix} \begin{Vmatrix} b \end{Vmatrix}", "(mul (matrix|| [a]) (matrix‖‖ [b]))"),
        (r"\left( \begin{matrix} a \\ b \end{matrix} \right)", "(matrix() [a] [b])"),
        (r"\left[ \begin{array}{cc} a & b \end{array} \right]", "(matrix[] [a b])"),
        (r"\begin{bmatrix} w_{11} && w_{12} \end{bmatrix}", "(matrix[] [(script w 11 _) blank (script w 12 _)])"),
        (r"\begin{bmatrix} -1, & 2 \end{bmatrix}^T", "(script (matrix[] [(neg 1) 2]) _ T)"),
        (r"\begin{bmatrix} 1 & \cdots \\ \vdots & \ddots \end{bmatrix}", "(matrix[] [1 cdots] [vdots ddots])"),
        (r"\begin{matrix} < f(x) \\ < g(x) \end{matrix}",
         "(matrix [(rel _ < (mul f (group() x)))] [(rel _ < (mul g (group() x)))])"),
        (r"\sigma\left( \begin{bmatrix} z \end{bmatrix} \right)", "(mul sigma (group() (matrix[] [z])))"),
        (r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
         '(cases [1 (rel x > 0)] [0 "otherwise"])'),
        (r"\begin{cases} 1 & x > 0 \\ 0 & else \end{cases}", '(cases [1 (rel x > 0)] [0 "otherwise"])'),
        (r"\begin{cases} 1, & x > 0, \\ 0, & x \le 0. \end{cases}", "(cases [1 (rel x > 0)] [0 (rel x le 0)])"),
        (r"\begin{cases} 1 &\text{if}& z \geq 0 \\ 0 &\text{if}& z<0 \\ \end{cases}",
         "(cases [1 (rel z ge 0)] [0 (rel z < 0)])"),
        (r"\begin{cases} 1 \text{ if } x > 0 \\ 0 \end{cases}", "(cases [1 (rel x > 0)] [0 _])"),
        (r"\begin{cases} 1 & \text{if $x > 0$} \\ ? & x = 0 \end{cases}", '(cases [1 (rel x > 0)] ["?" (rel x = 0)])'),
        (r"\begin{cases} 1 & x > 0 \text{ and } y > 0 \end{cases}",
         '(cases [1 (phrase (rel x > 0) "and" (rel y > 0))])'),
        (r"\left\{ \begin{array}{ll} x & x > 0 \\ 0 & x \le 0 \end{array} \right.",
         "(cases [x (rel x > 0)] [0 (rel x le 0)])"),
    ],
)  # fmt: skip
def test_tables(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"\begin{bmatrix} \end{bmatrix}", r"\begin{bmatrix} a",
        r"\begin{cases} 1 & a & b \end{cases}", r"\begin{bmatrix} a b ) \end{bmatrix}",
    ],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)
