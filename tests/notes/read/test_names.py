"""Names: keys, identifiers, labels."""

from __future__ import annotations

import pytest

from symnn.notation.latex import parse_latex
from symnn.notes.read.names import Key, is_word, label_text, parts_of

IDENTIFIERS = {
    r"W_1": "W_1",
    r"W_{12}": "W_12",
    r"\gamma": "gamma",
    r"\varepsilon": "epsilon",
    r"\hat{y}": "yhat",
    r"\hat{y}_{out}": "yhat_out",
    r"\tilde{\hat{y}}": "yhattilde",
    r"h'": "h_prime",
    r"h''": "h_prime2",
    r"y_{\text{pred}}": "y_pred",
    r"\lambda": "lambda_",
    r"\mathcal{L}": "L",
    r"\mathbf{x}_0": "x_0",
    r"w_{i,j}": "w_i_j",
    r"a^{(1)}": "a_1",
    r"a^{[2]}_3": "a_2_3",
    r"w^*": "w_star",
    r"\text{손실}": "손실",
}


@pytest.mark.parametrize("written", IDENTIFIERS)
def test_identifier_with_every_script_as_a_label(written: str) -> None:
    parts = parts_of(parse_latex(written))
    assert parts is not None
    labels = [f"^{label_text(s)}" for s in parts.sups] + [f"_{label_text(s)}" for s in parts.subs]
    assert parts.key.labelled(*labels).identifier == IDENTIFIERS[written]
    assert IDENTIFIERS[written].isidentifier()


def test_accents_and_scripts_go_to_the_base() -> None:
    one, other = parts_of(parse_latex(r"\hat{W_1}")), parts_of(parse_latex(r"\hat{W}_1"))
    assert one is not None
    assert other is not None
    assert (one.key, one.subs) == (other.key, other.subs) == (Key("W", accents=("hat",)), one.subs)


def test_fonts_only_dress_a_letter_but_script_letters_are_others() -> None:
    keys = [
        parts.key for s in ("x", r"\mathbf{x}", r"\mathrm{x}", r"\boldsymbol{x}") if (parts := parts_of(parse_latex(s)))
    ]
    assert set(keys) == {Key("x")}
    parts = parts_of(parse_latex(r"\mathcal{L}"))
    assert parts is not None
    assert parts.key == Key("L", "cal")


@pytest.mark.parametrize("written", ["a + b", "f(x)", "(a)_1", r"\frac{a}{b}", "2"])
def test_no_name(written: str) -> None:
    assert parts_of(parse_latex(written)) is None


@pytest.mark.parametrize(
    ("written", "text"),
    [("W_{t-1}", "tminus1"), ("W_{i,j}", "i_j"), ("W_{ij}", "ij"), (r"W_{a_1}", "a_1"), (r"W_{\frac12}", None),
     (r"W_{\dots}", None), ("W_{-1}", "minus1")],
)  # fmt: skip
def test_label_text(written: str, text: str | None) -> None:
    parts = parts_of(parse_latex(written))
    assert parts is not None
    assert label_text(parts.subs[0]) == text


def test_words_are_labels() -> None:
    words = {
        s: is_word(parse_latex(s)) for s in ("i", r"\ell", r"\alpha", r"\text{out}", r"\mathrm{in}", r"\mathrm{i}")
    }
    assert words == {"i": False, r"\ell": False, r"\alpha": False, r"\text{out}": True, r"\mathrm{in}": True,
                     r"\mathrm{i}": True}  # fmt: skip
