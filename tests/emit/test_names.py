"""Names of a note as Python identifiers."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symnn.emit.errors import EmitError
from symnn.emit.names import RESERVED, Scope, identifier, identifiers


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("W_1", "W_1"),
        ("W_{12}", "W_12"),
        ("\\gamma", "gamma"),
        ("γ", "gamma"),
        ("Γ", "Gamma"),
        ("λ", "lambda_"),
        ("\\lambda", "lambda_"),
        ("\\hat{y}", "yhat"),
        ("\\hat y", "yhat"),
        ("ŷ", "yhat"),
        ("\\widehat{\\beta}", "betahat"),
        ("\\bar{x}_1", "xbar_1"),
        ("\\mathbf{x}", "x"),
        ("\\hat{\\mathbf{y}}", "yhat"),
        ("a^{(2)}", "a_2"),
        ("x'", "x_prime"),
        ("y_out", "y_out"),
        ("ς", "sigma"),
        ("가중치", "가중치"),
        ("class", "class_"),
    ],
)
def test_identifiers(name, wanted):
    import unicodedata

    assert unicodedata.normalize("NFC", identifier(name)) == wanted


@given(st.text(max_size=12))
def test_whatever_comes_out_is_an_identifier(name):
    try:
        made = identifier(name)
    except EmitError:
        return
    assert made.isidentifier()
    assert not keyword.iskeyword(made)


@given(st.lists(st.text(min_size=1, max_size=4), max_size=6))
def test_different_names_get_different_identifiers(names):
    try:
        made = identifiers(names)
    except EmitError:
        return
    assert len(set(made.values())) == len(set(names))
    assert not set(made.values()) & RESERVED


def test_a_clash_names_both():
    with pytest.raises(EmitError, match="'γ' and 'gamma' both become the Python identifier gamma"):
        identifiers(["γ", "gamma"])


def test_names_of_a_scope_are_given_out_once():
    scope = Scope(["t", "np"])
    assert [scope.fresh("t"), scope.fresh("t"), scope.fresh("np"), scope.fresh("if")] == ["t_2", "t_3", "np_2", "if_2"]
