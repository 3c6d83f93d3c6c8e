"""Derivations as JSON: the round trip keeps every formula, and what is no derivation is refused."""

from __future__ import annotations

import json

import pytest
from hard_networks import HARD_NETWORKS
from networks import NETWORKS
from sympy import Symbol

from symnn.check.kernel import replay
from symnn.check.serialize import MAX_DEPTH, FormatError, decode, encode, from_json, to_json
from symnn.derive import derive
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Tensor, Total
from symnn.formula.normal import Normalizer

SMALL = {**NETWORKS, "Elman": HARD_NETWORKS["Elman"], "convolution": HARD_NETWORKS["convolution"]}


@pytest.mark.parametrize("name", SMALL)
def test_round_trip(name: str) -> None:
    derivation = derive(SMALL[name]())
    text = json.dumps(to_json(derivation))
    again = from_json(json.loads(text))
    assert json.dumps(to_json(again)) == text
    for left, right in zip(derivation.adjoints, again.adjoints, strict=True):
        assert [s.rule for s in left.steps] == [s.rule for s in right.steps]
        assert left.formula == right.formula
        assert left.indices == right.indices
    assert replay(text).passed


def test_the_text_does_not_depend_on_what_was_derived_before() -> None:
    build = SMALL["softmax regression"]
    first = json.dumps(to_json(derive(build())))
    derive(SMALL["Elman"]())
    assert json.dumps(to_json(derive(build()))) == first


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"format": "something else"}', '{"format": "symnn derivation", "version": 99}',
     '{"format": "symnn derivation", "version": 1}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_derivation_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        replay(text)


@pytest.mark.parametrize(
    "data",
    [
        ["__import__", "os"],
        ["entry", ["tensor", "x", ["tuple", 2]]],
        ["tensor"],
        ["number", "1", "0"],
        ["compare", "<>", 1, 2],
        ["index", "i"],
        {"a": 1},
        1.5,
        None,
        True,
    ],
)
def test_malformed_formulas_are_refused(data: object) -> None:
    with pytest.raises(FormatError):
        decode(data)


def test_deep_nesting_is_refused() -> None:
    data: object = 1
    for _ in range(MAX_DEPTH + 2):
        data = ["exp", data]
    with pytest.raises(FormatError, match="deeply"):
        decode(data)


def test_text_is_never_executed() -> None:
    name = "__import__('os').system('false')"
    symbol = decode(["symbol", name, False, True])
    assert isinstance(symbol, Symbol)
    assert symbol.name == name


def test_bound_indices_stay_apart() -> None:
    n = dimension("n")
    k, other = Index("k", n).fresh(), Index("k", n).fresh()
    x = Tensor("x", (n,))
    formula = Total(Total(x[k] * x[other], other), k)
    again = decode(json.loads(json.dumps(encode(formula))))
    assert again.index != again.body.index
    assert Normalizer().equal(again, formula)
