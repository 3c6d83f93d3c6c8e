"""Wrappers that do not count, and whole formulas as notes write them."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.outline import outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\boxed{a = b}", "(rel a = b)"),
        (r"x = \boxed{a + b}", "(rel x = (sum +a +b))"),
        (r"-\underbrace{\{y \log h\}}_A + b", "(sum -(group{} (mul y (call log h))) +b)"),
        (r"a + \underbrace{b + c}_{\text{remark}}", "(sum +a +(sum +b +c))"),
        (r"\overbrace{a b}^{n}", "(mul a b)"),
        (r"\color{red}{a + b} + c", "(sum +(sum +a +b) +c)"),
        (r"{\color{red} a} b", "(mul a b)"),
        (r"\textcolor{blue}{W_1} x", "(mul (script W 1 _) x)"),
        (r"\cancel{a} b", "(mul a b)"),
    ],
)
def test_wrappers_are_stripped(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"a \underbrace{b + c}_d",
        r"a - \underbrace{b + c}_d",
        r"\underbrace{a + b} \cdot c",
        r"a \textcolor{red}{b + c}",
    ],
)
def test_a_wrapper_is_no_bracket(text):
    with pytest.raises(NotationError, match="braces do not show"):
        parse_latex(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            r"\hat{y} = \sigma(a_2) = \frac{1}{1 + e^{-a_2}}",
            "(rel y~hat = (mul sigma (group() (script a 2 _))) = (frac 1 (sum +1 +(script e _ (neg (script a 2 _))))))",
        ),
        (
            r"L = -\frac{1}{N} \sum_{i=1}^{N} \left[ y_i \log \hat{y}_i + (1 - y_i) \log (1 - \hat{y}_i) \right]",
            "(rel L = (neg (mul (frac 1 N) (sum (rel i = 1) N (group[] (sum "
            "+(mul (script y i _) (call log (script y~hat i _))) "
            "+(mul (group() (sum +1 -(script y i _))) (call log (sum +1 -(script y~hat i _))))))))))",
        ),
        (
            r"\delta^{(l)} = (W^{(l+1)})^\top \delta^{(l+1)} \odot \sigma'(z^{(l)})",
            "(rel (script delta _ (group() l)) = (odot (mul "
            "(script (group() (script W _ (group() (sum +l +1)))) _ top) "
            "(script delta _ (group() (sum +l +1)))) (mul (prime sigma) (group() (script z _ (group() l))))))",
        ),
        (
            r"\text{Attention}(Q, K, V) = \text{softmax}\left( \frac{QK^T}{\sqrt{d_k}} \right) V",
            "(rel (mul Attention:text (list() Q K V)) = (mul softmax:text "
            "(group() (frac (mul Q (script K _ T)) (root (script d k _)))) V))",
        ),
        (
            r"y_{o,i,j} = \sum_{c,p,q} w_{o,c,p,q} x_{c,i+p,j+q} + b_o",
            "(rel (script y (list o i j) _) = (sum +(sum (list c p q) _ (mul (script w (list o c p q) _) "
            "(script x (list c (sum +i +p) (sum +j +q)) _))) +(script b o _)))",
        ),
    ],
)
def test_whole_formulas(text, expected):
    assert outline(parse_latex(text)) == expected
