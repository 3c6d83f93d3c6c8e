"""Brackets, bars, conditional bars, sets."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    ("(a)", "(group() a)"),
    (r"\left[ a \right]", "(group[] a)"),
    (r"\{y \log h\}", "(group{} (mul y (call log h)))"),
    (r"\lfloor x \rfloor \lceil y \rceil", "(mul (group⌊⌋ x) (group⌈⌉ y))"),
    (r"\langle x, y \rangle", "(list⟨⟩ x y)"),
    (r"\bigl( a \bigr)", "(group() a)"),
    ("f()", "(mul f (list()))"),
    ("(a, b)", "(list() a b)"),
    (r"[0, \infty)", "(list[) 0 infty)"),
    ("(x; w)", "(list;() x w)"),
    ("(x, y; w)", "(list;() (list x y) w)"),
    ("p(y|x)", "(mul p (group() (given| y x)))"),
    (r"p(y \mid x, w)", "(mul p (group() (given| y (list x w))))"),
    (r"P(y=1|x;\theta)", "(mul P (group() (given| (rel y = 1) (list; x theta))))"),
    (r"D(p \parallel q)", "(mul D (group() (given‖ p q)))"),
    (r"KL(p \| q)", "(mul K L (group() (given‖ p q)))"),
    (r"\{x \mid x > 0\}", "(group{} (given| x (rel x > 0)))"),
    ("|x|", "(group|| x)"),
    ("|x| + |y|", "(sum +(group|| x) +(group|| y))"),
    ("|x||y|", "(mul (group|| x) (group|| y))"),
    ("|a - |b||", "(group|| (sum +a -(group|| b)))"),
    ("(|x| | y)", "(group() (given| (group|| x) y))"),
    (r"\|w\|^2_2", "(script (group‖‖ w) 2 2)"),
    ("||w||", "(group‖‖ w)"),
    (r"\lVert x \rVert \lvert y \rvert", "(mul (group‖‖ x) (group|| y))"),
    (r"\left| x \right|", "(group|| x)"),
    (r"\frac{df}{dx}|_{x=0}", "(at (d-frac f [x] _) (rel x = 0) _)"),
    (r"f(x)\big|_{x=0}", "(at (mul f (group() x)) (rel x = 0) _)"),
    (r"\left. f \right|_0^1", "(at f 0 1)"),
    (r"\mathbb{1}(x >= y)", "(mul 1:mathbb (group() (rel x ge y)))"),
    ("y\\in\\{0,1\\}", "(rel y in (list{} 0 1))"),
    (r"[a \quad b]", "(listquad[] a b)"),
]


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["(a]", "(a", "a)", r"\left( a", r"\left( a \right.", "[a)", "(a, b, c]", "|a", "(a|b|c)d|", "p(a|b|c|d",
     r"\left. a \right|",
     "(a,)", "(,a)", "x f|_{x=0}", r"\langle a )"],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)


PLAIN = [
    ("max(0, x)", "(call max 0 x)"),
    ("[0.8, 0.2]", "(list[] 0.8 0.2)"),
    ("‖x‖²", "(script (group‖‖ x) _ 2)"),
    ("| |x| + 1|", "(group|| (sum +(group|| x) +1))"),
    ("p(y ∣ x)", "(mul p (group() (given| y x)))"),
    ("f(x)|_(x=0)", "(at (mul f (group() x)) (rel x = 0) _)"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    assert outline(parse_plain(text)) == expected
