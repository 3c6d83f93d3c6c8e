"""One formula each: what it means when the shapes of its names are declared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symnn.network.equations import Network

DECLARED = (
    r"$x, y \in \mathbb{R}^n$, $z \in \mathbb{R}^m$, $A \in \mathbb{R}^{m \times n}$, $S \in \mathbb{R}^{n \times n}$, "
    r"$a, c \in \mathbb{R}$"
)

MEANINGS = {
    # products
    r"x^\top y": "total(k, x[k]*y[k])",
    r"x \cdot y": "total(k, x[k]*y[k])",
    r"x^T S x": "total(l, x[l]*total(k, x[k]*S[k, l]))",
    r"x S y": "total(l, y[l]*total(k, x[k]*S[k, l]))",
    r"z^\top A x": "total(l, x[l]*total(k, z[k]*A[k, l]))",
    r"y^\top A^\top z": "total(l, y[l]*total(k, z[k]*A[k, l]))",
    r"\operatorname{tr}(x y^\top)": "total(i, x[i]*y[i])",
    r"x^\top (x \odot y)": "total(k, x[k]**2*y[k])",
    r"x^\top (x \circ y)": "total(k, x[k]**2*y[k])",
    r"x^\top \operatorname{diag}(y) x": "total(l, x[l]*total(k, delta(k - l)*x[k]*y[k]))",
    r"x^\top (S + I_n) y": "total(l, y[l]*total(k, (delta(k - l) + S[k, l])*x[k]))",
    r"a \times c \cdot a": "a**2*c",
    r"2 a c^2 - 3 (a + c)(a - c)": "-(a - c)*(3*a + 3*c) + 2*a*c**2",
    r"\mathbf{1}^\top x": "total(k, x[k])",
    r"\mathbf 1_n^\top x": "total(k, x[k])",
    r"\frac{x^\top y}{a} + x^\top y / c": "total(k, x[k]*y[k])/c + total(k, x[k]*y[k])/a",
    # norms, squares, absolute values
    r"\|A x - z\|^2": "total(i, (-z[i] + total(k, x[k]*A[i, k]))**2)",
    r"\|x\|_1 + \|A\|_F^2": "total(i, Abs(x[i])) + total(i, total(j, A[i, j]**2))",
    r"\|x\|_2": "sqrt(total(i, x[i]**2))",
    r"\|x\|^3": "total(i, x[i]**2)**(3/2)",
    r"(x - y)^2": "total(i, (x[i] - y[i])**2)",
    r"|a|": "Abs(a)",
    # sums and maxima
    r"\sum (x - y)^2": "total(i, (x[i] - y[i])**2)",
    r"\sum_{i=1}^n (x - y)^2": "total(i, (x[i] - y[i])**2)",
    r"\sum_i (x_i - y_i)^2": "total(i, (x[i] - y[i])**2)",
    r"\sum_{i=1}^n \sum_{j=1}^n S_{ij} x_i y_j": "total(i, total(j, x[i]*y[j]*S[i, j]))",
    r"\sum_{i,j} S_{ij} x_i y_j": "total(i, total(j, x[i]*y[j]*S[i, j]))",
    r"\sum x_i y_i": "total(i, x[i]*y[i])",
    r"\sum_{i=0}^{n-1} x_i": "total(i, x[i])",
    r"\sum_{i=2}^{n} x_i": "total(i, x[i + 1])",
    r"\sum_{i=1}^{n-1} (x_{i+1} - x_i)^2": "total(i, (-x[i] + x[i + 1])**2)",
    r"\sum_{i=1}^n i x_i": "total(i, (i + 1)*x[i])",
    r"\sum_{i \in \{1, \dots, n\}} x_i": "total(i, x[i])",
    r"\sum_j (A x)_j": "total(j, total(k, x[k]*A[j, k]))",
    r"\sum_{i=1}^n (S^\top)_{ii}": "total(i, S[i, i])",
    r"\sum_{i,j} S^T_{ij} x_i": "total(i, total(j, x[i]*S[j, i]))",
    r"\max_i x_i": "extreme(i, x[i])",
    r"\min_i x_i": "-extreme(i, -x[i])",
    r"\max(0, a) + \min(a, c)": "max(0, a) + min(a, c)",
    # entries
    r"x_1 + 2 x_2": "x[0] + 2*x[1]",
    r"S_{12} - S_{2,1}": "S[0, 1] - S[1, 0]",
    r"(A x)_1": "total(k, x[k]*A[0, k])",
    r"x_n": "x[n - 1]",
    # functions
    r"\log_2 a + \ln c": "log(a)/log(2) + log(c)",
    r"\sin^2 a + \cos a": "sin(a)**2 + cos(a)",
    r"e^{a c} + \exp(-a)": "exp(a*c) + exp(-a)",
    r"\pi a + e": "pi*a + E",
    r"\sqrt{a} + \sqrt[3]{c}": "sqrt(a) + c**(1/3)",
    r"a^{-1} + a^{c}": "a**c + 1/a",
    r"-a^2 + (-c)^2": "-a**2 + c**2",
    r"\sigma(a) + \tanh c": "sigmoid(a) + tanh(c)",
    r"\text{ReLU}(a)^2": "relu(a)**2",
    r"\operatorname{mean}(x) + \operatorname{sum}(y)": "total(i, y[i]) + total(i, x[i])/n",
    r"\log \sum_j e^{x_j}": "log(total(j, exp(x[j])))",
    # cases
    r"\begin{cases} a & a > c \\ c & \text{otherwise} \end{cases}": "cases(a if a > c; else c)",
    r"\begin{cases} a & \text{if } 0 < a < c \\ c & \text{sonst} \end{cases}": "cases(a if 0 < a and a < c; else c)",
    r"\begin{cases} a & a \ge 0 \\ -a & a < 0 \end{cases}": "cases(a if a >= 0; else -a)",
}


@pytest.mark.parametrize("formula", MEANINGS)
def test_meaning(formula: str, read: Callable[..., Network]) -> None:
    network = read(f"{DECLARED}\n\n$$ L = {formula} $$\n")
    assert str(network.equations[-1].formula) == MEANINGS[formula]


SHAPES = {
    # what a definition gives, and the shape of what is defined
    "v = A x": "m",
    "v = x^\\top A^\\top": "m",
    "v = z x^\\top": "m n",
    "v = x z^\\top": "n m",
    "v = x \\otimes z": "n m",
    "v = a x": "n",
    "v = A^\\top A": "n n",
    "v = S \\odot S": "n n",
    "v = x \\odot y": "n",
    "v = e^{-x}": "n",
    "v = \\frac{x}{a}": "n",
    "v = \\max(0, A x)": "m",
    "v = A + \\mathbf 1_m x^\\top": "m n",
    "v_i = \\sum_j S_{ij} x_j": "n",
    "v_{ij} = x_i z_j": "n m",
    "v = \\operatorname{diag}(x)": "n n",
    "v = \\operatorname{diag}(S)": "n",
    "v = (x_1, x_2, a)": "3",
    "v = \\begin{bmatrix} a & c \\\\ 1 & 2 \\end{bmatrix}": "2 2",
    "v = \\operatorname{softmax}(A)": "m n",
    "v = \\begin{cases} x & x > 0 \\\\ 0 & \\text{otherwise} \\end{cases}": "n",
}


@pytest.mark.parametrize("formula", SHAPES)
def test_shape(formula: str, read: Callable[..., Network]) -> None:
    network = read(f"{DECLARED}\n\n$$ {formula} $$\n\n$$ L = \\|v\\|^2 $$\n")
    assert " ".join(map(str, network.tensor("v").shape)) == SHAPES[formula]


SCRIPTS = {
    # labels, indices, layers, transposes
    r"L = (W_1 x)^\top W_2 x": {"W_1", "W_2"},
    r"L = \| W^{(1)} x + b^{(1)} \|^2": {"W_1", "b_1"},
    r"L = \| W^{(1)T} x \|^2": {"W_1"},
    r"L = \| {W^{(1)}}^\top x \|^2": {"W_1"},
    r"L = \| W^{[2]} x \|^2": {"W_2"},
    r"L = \| W_{\text{out}} x \|^2": {"W_out"},
    r"L = \| W_{hx} x \|^2": {"W_hx"},
    r"L = a_{\mathrm{max}}^2": {"a_max"},
    r"L = \hat{\theta}^2 + \tilde{g}": {"thetahat", "gtilde"},
    r"L = \mathcal{M}^\top x": {"M"},
    r"L = \boldsymbol{\theta}^\top x + \mathbf{b}": {"theta", "b"},
    r"L = w^* a + w_0": {"w_star", "w_0"},
    r"L = \lambda \|w\|^2": {"w"},
}


@pytest.mark.parametrize("formula", SCRIPTS)
def test_names(formula: str, read: Callable[..., Network]) -> None:
    network = read(f"$x \\in \\mathbb{{R}}^n$\n\n$$ {formula} $$\n")
    assert {t.name for t in network.parameters} - {"a"} == SCRIPTS[formula]


def test_bold_and_plain_letters_are_one_name(read: Callable[..., Network]) -> None:
    network = read(r"$\mathbf{x} \in \mathbb{R}^n$" + "\n\n" + r"$$ L = \sum_i w_i x_i + \mathbf{w}^\top \mathbf{x} $$")
    assert [t.name for t in (*network.inputs, *network.parameters)] == ["x", "w"]


def test_own_names_come_before_conventions(read: Callable[..., Network]) -> None:
    network = read("$$ e = y - \\hat y $$\n\n$$ \\hat y = w x $$\n\n$$ L = e^2 $$")
    assert str(network.equations[-1].formula) == "e**2"
    network = read("$$ \\sigma(z) = z^2 $$\n\n$$ L = \\sigma(w) $$")
    assert str(network.equations[-1].formula.function.body) == "z**2"
    network = read("$$ \\sigma^2 = w^2 + 1 $$\n\n$$ L = \\frac{x}{\\sigma^2} $$")
    assert {e.name for e in network.equations} == {"sigma_2", "L"}


def test_a_function_equal_to_an_operator_is_that_operator(read: Callable[..., Network]) -> None:
    from symnn.declare import registry

    network = read("$$ \\sigma(z) = \\frac{1}{1 + e^{-z}} $$\n\n$$ L = \\sigma(w) $$")
    sigmoid = registry.find("sigmoid")
    assert sigmoid is not None
    assert network.equations[-1].formula.function == sigmoid.function


def test_dimensions_are_numbers_in_formulas(read: Callable[..., Network]) -> None:
    network = read(
        "$Q \\in \\mathbb{R}^{n \\times d_k}$, $d_k \\in \\mathbb{N}$\n\n$$ L = \\frac{\\|Q\\|^2}{\\sqrt{d_k}} $$"
    )
    assert str(network.equations[-1].formula) == "total(i, total(j, Q[i, j]**2))/sqrt(d_k)"
    assert not network.hyperparameters
    network = read("$x \\in \\mathbb{R}^d$ with $d = 3$\n\n$$ L = d \\, w^\\top x $$")
    assert str(network.tensor("x").shape) == "(3,)"
    assert str(network.equations[-1].formula) == "3*total(k, w[k]*x[k])"


def test_settings_are_neither_data_nor_learned(read: Callable[..., Network]) -> None:
    network = read("$\\lambda = 0.1$\n\n$$ L = (w x - y)^2 + \\lambda w^2 $$")
    assert [str(s) for s in network.hyperparameters] == ["lambda_"]
    assert network.values == {"lambda_": pytest.approx(0.1)}
    network = read("---\nconstants: [c]\n---\n\n$$ L = (w x - y)^2 + c w^2 $$")
    assert [t.name for t in network.parameters] == ["w"]


def test_plain_formulas(read: Callable[..., Network]) -> None:
    text = "```symnn\na1 = W1 @ x + b1\nh1 = relu(a1)\na2 = W2 @ h1 + b2\nL = 0.5*sum((a2 - y)**2)\n```\n"
    network = read(text)
    shown = [str(e) for e in network.equations]
    assert shown[0] == "a1[i] = b1[i] + total(k, x[k]*W1[i, k])"
    assert shown[-1] == "L = total(i, (a2[i] - y[i])**2)/2"


def test_front_matter(read: Callable[..., Network]) -> None:
    text = (
        "---\ntitle: Mine\nloss: E\ninputs: [u]\ntargets: [r]\nshapes:\n  u: n\n  W: m n\n"
        'facts:\n  - "\\\\sum_i r_i = 1"\n  - "W_2 = W_2^T"\n---\n\n'
        "$$ h = W u, \\quad p = \\operatorname{softmax}(W_2 h), \\quad E = -r^\\top \\log p $$\n"
    )
    network = read(text)
    assert network.title == "Mine"
    assert [t.name for t in network.inputs] == ["u"]
    assert [t.name for t in network.targets] == ["r"]
    assert str(network.tensor("W").shape) == "(m, n)"
    assert [str(f) for f in network.facts] == ["sum of r over axis 0 = 1", "W_2 = W_2^T"]


FACTS = {
    r"$\sum_k t_k = 1$": ["sum of t over axis 0 = 1"],
    r"$\mathbf{1}^\top t = 1$": ["sum of t over axis 0 = 1"],
    r"$t_k \in \{0, 1\}$": ["t is 0 or 1"],
    r"$t \in \{0, 1\}^K$ and $1 = \sum_{k=1}^{K} t_k$": ["sum of t over axis 0 = 1", "t is 0 or 1"],
    r"$S = S^\top$": ["S = S^T"],
    r"$s > 0$": ["s > 0"],
    r"$s \in \mathbb{R}_{+}$": ["s > 0"],
    # what is said of a defined value is a claim, and what is compared elsewhere is a condition
    r"$\sum_k p_k = 1$": [],
    r"$s > 0$, but $s < 1$": [],
    r"$s > 0$ or $s = 0$": [],
}


@pytest.mark.parametrize("stated", FACTS)
def test_facts(stated: str, read: Callable[..., Network]) -> None:
    text = f"{stated}\n\n$$ p = \\operatorname{{softmax}}(S z), \\quad L = -s \\sum_k t_k \\log p_k $$\n"
    assert [str(f) for f in read(text).facts] == FACTS[stated]


def test_a_condition_in_another_section_is_no_fact(read: Callable[..., Network]) -> None:
    text = "# A\n\nFor $x > 0$ the slope is 1.\n\n# B\n\n$$ L = (w x - y)^2 $$\n"
    assert not read(text).facts
