"""Whatever comes in, a parser returns a tree or a NotationError with a place, and it does so in time."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from symnn.notation import NotationError, parse_latex, parse_plain, to_latex, to_mathml, to_text, walk

LATEX_PIECES = r"""
\frac { } ( ) [ ] \{ \} | \| \left( \right) \left. \right| \left\{ \right. \sum \prod \max \log \exp \partial \nabla
d x / ^ _ ' , ; : . = < \le \to + - \cdot \odot \text{if} \text{ReLU} \text{a\ b} \quad \\ & \begin{aligned}
\end{aligned} \begin{cases} \end{cases} \begin{bmatrix} \end{bmatrix} \mathbf \mathrm{d} \hat \sqrt \operatorname{f}
\mathbb{E} 1 23 0.5 a W \alpha \delta \dots \underbrace \color{red} \over \not \mid \displaylines \underset \arg
\mathop \bf \stackrel ? 가 ŷ # % ~ $ \! \hspace{1cm} \substack \prime \tag{1} é √ ² {,} e^ 1e5
""".split()  # noqa: SIM905 (a list would be a page long)
PLAIN_PIECES = """
x y W x1 y_pred y_1 d dx dy ∂ ∇ Σ √ ( ) [ ] { } | ‖ / * ** @ × · ⊙ + - = < <- -> → ≈ ≤ ² ₁ ᵀ ^ _ ' , ; : . .T if else
otherwise for max min log exp sum_ sum_i lim 1 2.5 1e-3 가나 ŷ α … ... 𝔼 ! % sqrt ⁻¹ ~ ? min_ argmax_x
""".split()  # noqa: SIM905
FORMULAS = [
    r"\frac{\partial L}{\partial W^{(l)}} = \frac{\partial L}{\partial a^{(l)}} \cdot \frac{\partial a}{\partial z}",
    r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\displaylines{ s = b + w_1 x_1 + \cdots + w_M x_M = \mathrm{w}^T \mathrm{x} \\ h = \sigma(s) }",
    r"L(y,\hat{y}) = - \frac{1}{N} \sum_{n \in N} \sum_{i \in C} y_{n,i} \log\hat{y}_{n,i}",
    r"-\underbrace{\{y \log h\}}_A + \underbrace{\{(1 - y) \log(1 - h)\}}_B",
    r"\begin{aligned} a &= \tanh(z_1) \\ &= \left. \frac{d}{dx} [f] \right|_{x=0} \end{aligned}",
    "∂Error/∂w5 = ∂Error/∂y_pred × ∂y_pred/∂w5 = 26 × 1 = 26",
    "f(x1,x2) = ((2x1 + x2)² + 3x2²)³",
    "h_t = tanh(W x_t + U h_(t-1) + b), y = 1 if x > 0 else 0",
]
SECONDS = 2.0  # far above what any input of this size needs, to stand a busy machine


def soup(pieces: list[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda parts, glue: glue.join(parts), st.lists(st.sampled_from(pieces), max_size=25), st.sampled_from(["", " "])
    )


@st.composite
def mutated(draw) -> str:
    text = draw(st.sampled_from(FORMULAS))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 8)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            text = text[:start] + text[stop:]
        elif kind == 1:
            text = text[:start] + draw(st.sampled_from(LATEX_PIECES + PLAIN_PIECES)) + text[start:]
        elif kind == 2:
            text = text[:stop] + text[start:]
        else:
            text = text[:start] + draw(st.characters()) + text[stop:]
    return text


def check(parse, text: str) -> None:
    began = time.process_time()
    try:
        found = parse(text)
    except NotationError as error:
        found = error
    if isinstance(found, NotationError):
        assert str(found).startswith("line ")
        assert 0 <= found.span[0] <= found.span[1] <= len(text)
    else:
        assert all(n.span is None or 0 <= n.span[0] <= n.span[1] <= len(text) for n in walk(found))
        assert to_latex(found) is not None
        assert to_text(found) is not None
        assert to_mathml(found).startswith("<math>")
    assert time.process_time() - began < SECONDS


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(soup(LATEX_PIECES), mutated(), st.text(max_size=40)))
@example(text="\\")
@example(text=r"\frac\frac\frac")
@example(text="|" * 50)
def test_latex(text):
    check(parse_latex, text)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(soup(PLAIN_PIECES), mutated(), st.text(max_size=40)))
@example(text=".²")
@example(text="_")
def test_plain(text):
    check(parse_plain, text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000, "{" * 10_000, "x^{" * 5_000, r"\frac{" * 3_000, r"\log " * 3_000, r"\sum " * 3_000,
        r"\hat " * 3_000,
        r"\mathbf " * 2_000, r"\nabla " * 2_500, r"\frac{d}{dx} " * 1_500, "-" * 19_000, "'" * 19_000, "d" * 19_000,
        "d/" * 9_000, "|x" * 9_000, "||" * 9_000, r"\left(" * 3_000, r"\begin{aligned}" * 1_000, "a & b \\\\ " * 2_000,
        r"\color{red} " * 1_500, r"\bf " * 6_000, "1/" * 9_000, "a if b, " * 2_000, "x_" * 9_000, "e^-" * 6_000,
        "√" * 9_000, "∂" * 9_000, "dx/" * 6_000, r"\text{a}" * 2_500, "a = " * 4_000, "+" * 19_000, "," * 19_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_long_inputs_take_linear_time(text):
    check(parse_latex, text)
    check(parse_plain, text)


@pytest.mark.parametrize("parse", [parse_latex, parse_plain])
def test_limits_are_named(parse):
    with pytest.raises(NotationError, match="more than 20000 characters"):
        parse("x" * 20_001)
    with pytest.raises(NotationError, match="nested deeper than 60 levels"):
        parse("(" * 61 + "x" + ")" * 61)
    assert parse("(" * 60 + "x" + ")" * 60)
    assert parse("+".join(["x"] * 10_000))
