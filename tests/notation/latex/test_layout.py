"""Rows and columns of displays."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "(lines (rel a = b) (rel _ = c))"),
        (r"\begin{align*} a &= b \\ c &= d \end{align*}", "(lines (rel a = b) (rel c = d))"),
        (r"\begin{eqnarray} a &=& b \\ &=& c \end{eqnarray}", "(lines (rel a = b) (rel _ = c))"),
        (r"\begin{gather} a = b \\ c = d \end{gather}", "(lines (rel a = b) (rel c = d))"),
        (r"\begin{alignat}{2} a &= b \end{alignat}", "(rel a = b)"),
        (r"\displaylines{ a = b \\ c = d }", "(lines (rel a = b) (rel c = d))"),
        (r"\begin{equation} \begin{split} a &= b \end{split} \end{equation}", "(rel a = b)"),
        (r"\begin{equation} a = b \tag{1} \end{equation}", "(rel a = b)"),
        (r"\begin{aligned} a &= b & c &= d \end{aligned}", "(listquad (rel a = b) (rel c = d))"),
        (
            r"f(x) &= a && \text{if } x > 0 \\ &= b && \text{otherwise}",
            '(rel (mul f (group() x)) = (cases [a (rel x > 0)] [b "otherwise"]))',
        ),
        (
            r"\begin{aligned} a &= b & \text{if } x < 0 \\ c &= d & \text{if } x > 0 \end{aligned}",
            '(lines (phrase (rel a = b) "if" (rel x < 0)) (phrase (rel c = d) "if" (rel x > 0)))',
        ),
        (r"a{=}b, c{\approx}d", "(list (rel a = b) (rel c approx d))"),
        (r"\frac{a}{b}{=}c", "(rel (frac a b) = c)"),
        (r"a \overset{def}{=} b", "(rel a := b)"),
        (r"x =: a", "(rel x = a)"),
        (r"\begin{aligned} a &= b && \text{(chain rule)} \end{aligned}", '(phrase (rel a = b) "(chain rule)")'),
        (r"\begin{aligned} a &= b + c \\ &\quad + d \end{aligned}", "(rel a = (sum +b +c +d))"),
        (r"\begin{aligned} a &= b \\ &- c \\ &= d \end{aligned}", "(lines (rel a = (sum +b -c)) (rel _ = d))"),
        (r"\begin{aligned} a &= b + \\ & c \end{aligned}", "(rel a = (sum +b +c))"),
        (r"\begin{aligned} a &= b \\ &\cdot c \end{aligned}", "(rel a = (cdot b c))"),
        (r"\begin{aligned} a &= w^* \\ b &= c \end{aligned}", "(lines (rel a = (script w _ *)) (rel b = c))"),
        (r"\begin{aligned} a &= f(b \\ & + c) \end{aligned}", "(rel a = (mul f (group() (sum +b +c))))"),
        (r"\begin{aligned} & a = b \\ & c = d \\ \end{aligned}", "(lines (rel a = b) (rel c = d))"),
        (r"a = b \\ -x = c", "(lines (rel a = b) (rel (neg x) = c))"),
        (r"\left\{ \begin{aligned} a &= b \\ c &= d \end{aligned} \right.", "(lines (rel a = b) (rel c = d))"),
        (r"L = \begin{aligned} a \end{aligned}", "(rel L = a)"),
        (r"\begin{bmatrix} \begin{aligned} a &= b \end{aligned} & c \end{bmatrix}", "(matrix[] [(rel a = b) c])"),
    ],
)
def test_displays(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"a &= b",
        r"\begin{gather} a &= b \end{gather}",
        r"\begin{aligned} a &= b \\ & (c + d) \end{aligned}",
        r"\begin{aligned} a &= \left( b \right. \\ & \left. + c \right) \end{aligned}",
        r"\begin{aligned} a \end{align}",
        r"\begin{aligned} \end{aligned}",
        r"\displaylines a",
        r"{a \\ b}",
        r"\begin{aligned} a",
        r"a \end{aligned}",
    ],
)
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)
