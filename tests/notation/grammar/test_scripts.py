"""Subscripts, superscripts, primes."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    ("W_1^T", "(script W 1 T)"),
    ("W^T_1", "(script W 1 T)"),
    (r"h^\top", "(script h _ top)"),
    ("W^{(1)^T}", "(script W _ (script (group() 1) _ T))"),
    ("w^{(1)T}", "(script w _ (mul (group() 1) T))"),
    (r"{W^{(2)}}^\top", "(script (script W _ (group() 2)) _ top)"),
    (r"{\left(W^\top\right)}^{T-i}", "(script (group() (script W _ top)) _ (sum +T -i))"),
    (r"{f(x)}^2", "(script (mul f (group() x)) _ 2)"),
    ("w_{ij}", "(script w (mul i j) _)"),
    ("w_{i,j}", "(script w (list i j) _)"),
    ("w_{12}", "(script w 12 _)"),
    ("W_{a:b}", "(script W (slice a b) _)"),
    ("W_{:,j}", "(script W (list (slice _ _) j) _)"),
    ("x_{<t}", "(script x (rel _ < t) _)"),
    (r"w_\textrm{hx}", "(script w hx:textrm _)"),
    (r"d_{\text{in}}", "(script d in:text _)"),
    (r"\theta^{*} + \theta^*", "(sum +(script theta _ *) +(script theta _ *))"),
    ("x_+", "(script x + _)"),
    ("W^{-1}", "(script W _ (neg 1))"),
    (r"\theta^{[l](i)}", "(script theta _ (mul (group[] l) (group() i)))"),
    ("f'", "(prime f)"),
    ("f''(x)", "(mul (prime2 f) (group() x))"),
    (r"x^{\prime}", "(prime x)"),
    (r"x^\prime_i", "(script (prime x) i _)"),
    ("x'_i", "(script (prime x) i _)"),
    ("x_i'", "(prime (script x i _))"),
    ("x_i'^2", "(script (prime (script x i _)) _ 2)"),
    ("x^{''}", "(prime2 x)"),
    ("10^{-3}", "(script 10 _ (neg 3))"),
    (r"x^\frac12", "(script x _ (frac 1 2))"),
    ("(a + b)^2", "(script (group() (sum +a +b)) _ 2)"),
    (r"x_{\substack{i \\ j}}", "(script x (lines i j) _)"),
    (r"x_{i\ne j}", "(script x (rel i ne j) _)"),
    ("w_1x_1", "(mul (script w 1 _) (script x 1 _))"),
]


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["x^2^3", "x_1_2", "x^2'", "_1", "^T", "x^", "x_", "x_{}", "e^-x", "x_12", "x^10", "x_{i", "x^{2\\prime}",
     "{}^T", "2'"],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)


PLAIN = [
    ("x²", "(script x _ 2)"),
    ("x₀", "(script x 0 _)"),
    ("x1₀", "(script x1 0 _)"),
    ("Wᵀ", "(script W _ top)"),
    ("W⁻¹ᵀ", "(script W _ (neg (mul 1 top)))"),
    ("x⁻¹", "(script x _ (neg 1))"),
    ("a⁽ˡ⁻¹⁾", "(script a _ (group() (sum +l -1)))"),
    ("x.T", "(script x _ top)"),
    ("(A B).T", "(script (group() (mul A B)) _ top)"),
    ("w_5", "(script w 5 _)"),
    ("y_pred", "(script y pred _)"),
    ("x_(t-1)", "(script x (sum +t -1) _)"),
    ("x_{i,j}", "(script x (list i j) _)"),
    ("W_i²", "(script W i 2)"),
    ("x**2", "(script x _ 2)"),
    ("e^(-x)", "(script e _ (neg x))"),
    ("e^-x", "(script e _ (neg x))"),
    ("w^* + 1", "(sum +(script w _ *) +1)"),
    ("12uv²", "(mul 12 u (script v _ 2))"),
    ("f'(x)", "(mul (prime f) (group() x))"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    names = {"u", "v"} if "uv" in text else ()
    assert outline(parse_plain(text, names=names)) == expected


@pytest.mark.parametrize("text", ["h_t-1", "x_i+1", "e^2x", "x^y^z", "x^a_1", "_1", "x_", "x^", "W[1]", "x_1y"])
def test_plain_refusals(text):
    with pytest.raises(NotationError):
        parse_plain(text)
