"""The estimate of widths, against TeX itself."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from symnn.write.measure import MAX_DEPTH, latex_width, shrink, words_width

FORMULAS = [
    r"a_1 = W_1 x + b_1",
    r"\frac{\partial L}{\partial W_1} = \frac{\partial L}{\partial a_1} x^{\top}",
    r"\hat{y} = \sigma(a_2) = \frac{1}{1 + e^{-a_2}}",
    r"\sum_{i=1}^{n} w_i x_i",
    r"\left(\hat{y} - y\right) \odot \hat{y} \left(1 - \hat{y}\right)",
    r"\begin{cases} a_1 & \text{if } a_1 > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\operatorname{softmax}(z)_i = \frac{e^{z_i}}{\sum_{k} e^{z_k}}",
    r"\frac{n \gamma_i g_i - \sum_{j} \gamma_j g_j - \hat{x}_i \sum_{j} \gamma_j g_j \hat{x}_j}{n \sigma}",
    r"\sqrt{\frac{1}{n} \sum_i (x_i - \mu)^2 + \varepsilon}",
    r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}",
    r"\mathbb{R}^{m \times n}",
    r"h_t = \tanh(W x_t + U h_{t-1} + b)",
    r"L = -\sum_i t_i \log p_i",
    r"W_2^{\top} \left(\delta_2 \odot \mathrm{ReLU}'(a_1)\right)",
    r"\prod_{k=0}^{L} \left(1 - \sigma_k\right)",
    r"\mathbf{W}^{(\ell)} \mathbf{a}^{(\ell-1)}",
]
WORDS = ["chain rule", "it is a factor of the gradient", "SUM OF PRODUCTS"]


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_estimates_are_near_what_tex_sets(tmp_path):
    lines = [rf"\sbox0{{$\displaystyle {formula}$}}\typeout{{W:\the\wd0;\the\e}}" for formula in FORMULAS]
    lines += [rf"\sbox0{{{words}}}\typeout{{W:\the\wd0;\the\e}}" for words in WORDS]
    source = (
        r"\documentclass[11pt]{article}\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{amsmath,amssymb}"
        r"\begin{document}\newdimen\e \e=1em " + "\n".join(lines) + r"x\end{document}"
    )
    (tmp_path / "widths.tex").write_text(source)
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "widths.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    real = [float(width) / float(em) for width, em in re.findall(r"W:([\d.]+)pt;([\d.]+)pt", run.stdout)]
    estimates = [*map(latex_width, FORMULAS), *map(words_width, WORDS)]
    for text, estimate, width in zip([*FORMULAS, *WORDS], estimates, real, strict=True):
        assert 0.9 * width <= estimate <= 1.3 * width, text


def test_scripts_over_each_other_count_once():
    assert latex_width("x_{abc}^{abc}") == pytest.approx(latex_width("x_{abc}"))


def test_rows_of_a_table_count_as_columns():
    assert latex_width(r"\begin{bmatrix} a \\ b \\ c \end{bmatrix}") < 2 * latex_width("ab") + 2


@pytest.mark.parametrize("latex", ["{" * 500, r"\frac{" * 200, "}", r"\left", "^", r"\begin{", "\\"])
def test_broken_latex_has_some_width_too(latex):
    assert 0 <= latex_width(latex) < 1000


def test_depth_is_bounded():
    deep = "{" * (10 * MAX_DEPTH) + "x" + "}" * (10 * MAX_DEPTH)
    assert latex_width(deep) > 0


def test_columns_shrink_to_the_room():
    assert shrink([5.0, 5.0], 20.0) == [5.0, 5.0]
    assert sum(shrink([3.0, 50.0, 80.0], 60.0)) == pytest.approx(60.0)
