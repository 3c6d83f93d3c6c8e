"""Functions and big operators: how far their argument reaches."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex, parse_plain
from symnn.notation.outline import outline

LATEX = [
    (r"\log x", "(call log x)"),
    (r"\log(x)", "(call log x)"),
    (r"\log{h(x)}", "(call log (mul h (group() x)))"),
    (r"\log x y", "(loose-call log (mul x y))"),
    (r"\log x \cdot y", "(cdot (loose-call log x) y)"),
    (r"\log x / y", "(slash (loose-call log x) y)"),
    (r"t \log x \cdot y", "(cdot (mul t (loose-call log x)) y)"),
    (r"\log x + y", "(sum +(call log x) +y)"),
    (r"\log p \log q", "(mul (call log p) (call log q))"),
    (r"\log \hat{y}_{n,i}", "(call log (script y~hat (list n i) _))"),
    (r"y \log h", "(mul y (call log h))"),
    (r"(1 - y) \log(1 - h)", "(mul (group() (sum +1 -y)) (call log (sum +1 -h)))"),
    (r"\log(x)(y)", "(mul (call log x) (group() y))"),
    (r"\log p(x)", "(loose-call log (mul p (group() x)))"),
    (r"\log|x|", "(call log (group|| x))"),
    (r"\log \sum_j e^{z_j}", "(call log (sum j _ (script e _ (script z j _))))"),
    (r"\log^2 x", "(call (script log _ 2) x)"),
    (r"\log_2(x)", "(call (script log 2 _) x)"),
    (r"\tanh^2z_2", "(call (script tanh _ 2) (script z 2 _))"),
    (r"\tanh(x)^2", "(script (call tanh x) _ 2)"),
    (r"\exp\{x\}", "(call exp x)"),
    (r"\tanh", "tanh"),
    (r"\tanh = f", "(rel tanh = f)"),
    (r"\max(0, x)", "(call max 0 x)"),
    (r"\max\{0, x\}", "(call max 0 x)"),
    (r"\max_i x_i", "(max i _ (script x i _))"),
    (r"\max_i(x_i)", "(max i _ (group() (script x i _)))"),
    (r"x_{\max}", "(script x max _)"),
    (r"\operatorname{softmax}(z)", "(call softmax:operatorname z)"),
    (r"\operatorname{softmax}(z)_i", "(script (call softmax:operatorname z) i _)"),
    (r"\operatorname{ReLU}'(z)", "(call (prime ReLU:operatorname) z)"),
    (r"\operatorname{diag}(x)^{-1}", "(script (call diag:operatorname x) _ (neg 1))"),
    (r"\operatorname*{arg\,min}_w L", "(argmin w _ L)"),
    (r"\arg\max_k p_k", "(argmax k _ (script p k _))"),
    (r"\underset{w}{\operatorname{argmin}} L", "(argmin w _ L)"),
    (r"\mathop{\mathrm{argmax}}_k p", "(argmax k _ p)"),
    (r"\sum_{i=1}^n w_i x_i", "(sum (rel i = 1) n (mul (script w i _) (script x i _)))"),
    (r"\sum_i a_i + b", "(sum +(sum i _ (script a i _)) +b)"),
    (r"\sum_i a_i \cdot b_i", "(sum i _ (cdot (script a i _) (script b i _)))"),
    (r"\sum_i a_i \sum_j b_j", "(sum i _ (mul (script a i _) (sum j _ (script b j _))))"),
    (r"\sum w_i = 0", "(rel (sum _ _ (script w i _)) = 0)"),
    (r"- \sum_k t_k \log y_k", "(neg (sum k _ (mul (script t k _) (call log (script y k _)))))"),
    (r"\sum_k -t_k", "(sum k _ (neg (script t k _)))"),
    (r"\frac1N \sum\limits_{i} x_i", "(mul (frac 1 N) (sum i _ (script x i _)))"),
    (r"\sum{\delta^o w^{o}}", "(sum _ _ (mul (script delta _ o) (script w _ o)))"),
    (r"\prod_{j=i+1}^{t} c_j", "(prod (rel j = (sum +i +1)) t (script c j _))"),
    (r"\lim\limits_{z\to\infty} g(z)", "(lim (rel z to infty) _ (mul g (group() z)))"),
    (r"\mathbb{E}[x]", "(expectation _ _ (group[] x))"),
    (r"\mathbb{E}_{x \sim p}\left[f(x)\right] y",
     "(mul (expectation (rel x sim p) _ (group[] (mul f (group() x)))) y)"),
    (r"\mathbb{E}[x^2] - \mathbb{E}[x]^2",
     "(sum +(expectation _ _ (group[] (script x _ 2))) -(script (expectation _ _ (group[] x)) _ 2))"),
    (r"\mathbb{E}", "E:mathbb"),
    ("exp(x)", "(call exp x)"),
    ("softmax(z)", "(mul softmax (group() z))"),
    ("max(0, x)", "(call max 0 x)"),
    ("log x", "(call log x)"),
    ("MAE", "(mul M A E)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LATEX)
def test_latex(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    "text",
    [r"\log(x)^2", r"\log{1 + x}", r"\log{x} y", r"\sum", r"\sum_i = 2", r"\sum{a + b}", r"\log -x", r"\sum_i^n_j x",
     r"\arg x", r"\operatorname{a+b}(x)", r"\lim_{h \to 0}", r"\underset{i}{x}"],
)  # fmt: skip
def test_refusals(text):
    with pytest.raises(NotationError):
        parse_latex(text)


def test_known_names_keep_letters_together():
    assert outline(parse_latex("MAE = x", names={"MAE"})) == "(rel MAE = x)"


PLAIN = [
    ("-log(0.8) = 0.22", "(rel (neg (call log 0.8)) = 0.22)"),
    ("sum_i w_i x_i", "(sum i _ (mul (script w i _) (script x i _)))"),
    ("Σ_(i=1)^n x_i", "(sum (rel i = 1) n (script x i _))"),
    ("Σ ∂E/∂w", "(sum _ _ (partial-slash E [w] _))"),
    ("Σ = 1", "(rel Sigma = 1)"),
    ("argmin_{x1,x2} f(x1,x2)", "(argmin (list x1 x2) _ (mul f (list() x1 x2)))"),
    ("sigmoid(x)×(1-sigmoid(x))", "(times (mul sigmoid (group() x)) (group() (sum +1 -(mul sigmoid (group() x)))))"),
    ("𝔼_x[f(x)]", "(expectation x _ (group[] (mul f (group() x))))"),
    ("√(x + 1)", "(root (sum +x +1))"),
    ("√2", "(root 2)"),
    ("sqrt(x)", "(root x)"),
]


@pytest.mark.parametrize(("text", "expected"), PLAIN)
def test_plain(text, expected):
    assert outline(parse_plain(text)) == expected


@pytest.mark.parametrize("text", ["log(x)²", "sqrt x", "√2x", "√x²", "E[x]"])
def test_plain_refusals(text):
    with pytest.raises(NotationError):
        parse_plain(text)
