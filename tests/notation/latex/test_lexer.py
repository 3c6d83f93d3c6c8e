"""LaTeX to tokens: commands, space, text, what is dropped, what is refused."""

from __future__ import annotations

import pytest

from symnn.notation import NotationError, parse_latex
from symnn.notation.latex import commands
from symnn.notation.latex.lexer import lex
from symnn.notation.outline import outline


def kinds(text, names=()):
    return [token.kind for token in lex(text, (), names)]


def test_tokens_know_their_place():
    assert [(t.value, t.span) for t in lex(r"a \alpha", (), ())] == [("a", (0, 1)), ("alpha", (2, 8))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a \, b", ["name", "name"]),
        (r"a \quad b", ["name", "quad", "name"]),
        (r"a \;\; b", ["name", "quad", "name"]),
        (r"a \; b", ["name", "name"]),
        (r"a \hspace{1cm} b", ["name", "quad", "name"]),
        (r"a \hspace{-1cm} b", ["name", "name"]),
        (r"a ~~ b", ["name", "quad", "name"]),
        (r"\limits \displaystyle \big a", ["name"]),
        (r"a \tag{1} \label{x_y} \nonumber", ["name"]),
        ("a % b c\n d", ["name", "name"]),
        (r"\text{if $x$ ok}", ["text", "name", "text"]),
        (r"\text{ }a", ["name"]),
        (r"a\\[2ex] b", ["name", "row", "name"]),
        (r"a \\ [b]", ["name", "row", "open", "name", "close"]),
        ("≤ × ∈ ∂ α", ["relation", "product", "relation", "differential", "name"]),
        ("a\u200bb", ["name", "name"]),
        ("f（x，y）", ["name", "open", "name", "comma", "name", "close"]),
        (r"\left. a \right|", ["open", "name", "close"]),
    ],
)
def test_kinds(text, expected):
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1{,}000", "1000"),
        ("0.50", "0.50"),
        (".5", ".5"),
        ("12", "12"),
        ("0{,}5", "0.5"),
        ("0{,}125", "0.125"),
        ("12{,}25", "12.25"),
    ],
)
def test_numbers_keep_their_digits(text, value):
    (token,) = lex(text, (), ())
    assert (token.kind, token.value) == ("number", value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ŷ_i", "(script y~hat i _)"),
        ("Ŷ", "Y~hat"),
        ("x̂", "x~hat"),
        ("ℝ", "R:mathbb"),
        (r"y\_pred", "y_pred"),
        (r"\text{y\_pred}", "y_pred:text"),
        ("softmax(z)", "(mul softmax (group() z))"),
        ("softmaxz", "(mul s o f t m a x z)"),
        (r"\hat{y}", "y~hat"),
        (r"\hat y", "y~hat"),
        (r"\hat{\mathbf{y}}", "y:mathbf~hat"),
        (r"\mathbf{\hat{y}}", "y:mathbf~hat"),
        (r"\tilde{\hat{y}}", "y~hat~tilde"),
        (r"\widehat{W x}", "(hat (mul W x))"),
        (r"\hat{W_1}", "(hat (script W 1 _))"),
        (r"\mathbf{w}_j^T", "(script w:mathbf j T)"),
        (r"\mathbf w", "w:mathbf"),
        (r"\mathbf{W_1}", "(script W:mathbf 1 _)"),
        (r"\boldsymbol{\theta}", "theta:boldsymbol"),
        (r"\bm{W x}", "(mul W:boldsymbol x:boldsymbol)"),
        (r"\mathrm{ReLU}(x)", "(mul ReLU:mathrm (group() x))"),
        (r"\mathrm{2}", "2"),
        (r"\mathbb{1}", "1:mathbb"),
        (r"\mathbf 1", "1:mathbf"),
        (r"\textrm{prod}(a)", "(mul prod:textrm (group() a))"),
        (r"{\bf W} x", "(mul W:mathbf x)"),
        (r"\mathcal L(w)", "(mul L:mathcal (group() w))"),
        (r"\ell_2", "(script ell 2 _)"),
    ],
)
def test_names(text, expected):
    assert outline(parse_latex(text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"a \foo b", r"unknown command \foo"),
        (r"\oint f", r"unknown command \oint"),
        (r"\begin{foo} a \end{foo}", "unknown environment 'foo'"),
        ("a $ b", "the character '$' (dollar sign) is not understood here"),
        ("a \\", "the formula ends with a backslash"),
        ("1e-3", "scientific notation or a product with e?"),
        (r"\text{a", "this brace is not closed"),
        (r"\text{\alpha}", "a command inside a text"),
        (r"\hspace a", r"\hspace without a length"),
        (r"\left a", "'a' is no bracket"),
        ("x²", "digits of another script are not read"),
        ("٣", "digits of another script are not read"),
        ("#1", "the character '#' (number sign) is not understood here"),
    ],
)
def test_what_is_unknown_is_named(text, message):
    with pytest.raises(NotationError) as caught:
        parse_latex(text)
    assert caught.value.message == message
    start, end = caught.value.span
    assert 0 <= start < end <= len(text)


def test_no_command_has_two_meanings():
    groups = [
        set(commands.SIMPLE), set(commands.SPACES), set(commands.DROPPED), set(commands.DROPPED_WITH_ARGUMENT),
        set(commands.TEXTS), set(commands.STRUCTURAL), set(commands.OPENS | commands.CLOSES) - set(commands.DROPPED),
    ]  # fmt: skip
    for index, group in enumerate(groups):
        for other in groups[index + 1 :]:
            assert not group & other


def test_a_raised_backtick_is_a_prime() -> None:
    assert [token.kind for token in lex(r"\sigma^{`}", (), ())][-2:] == ["prime", "rbrace"]


@pytest.mark.parametrize("text", ["a ` b", "`a`", "x^{a`}"])
def test_any_other_backtick_is_refused(text: str) -> None:
    with pytest.raises(NotationError, match="grave accent"):
        lex(text, (), ())


def test_orders_of_matrices_are_relations() -> None:
    assert [token.value for token in lex(r"A \succeq B \prec C", (), ()) if token.kind == "relation"] == [
        "succeq",
        "prec",
    ]
