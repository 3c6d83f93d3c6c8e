"""Constants of operators in the calls of a note."""

from __future__ import annotations

import pytest
from sympy import Rational, Symbol

from symnn.notes.find import find
from symnn.notes.read import network_from_document
from symnn.notes.read.errors import ReadingError

DECLARED = r"Let $x, t \in \mathbb{R}^n$ and $w \in \mathbb{R}^n$." + "\n\n"


def network(formula: str, more: str = ""):
    text = f"{DECLARED}$$ h = {formula} $$\n\n$$ L = \\frac12 \\lVert h - t \\rVert^2 $$\n\n{more}"
    return network_from_document(find(text, name="note.md"))


def formula_of(written: str):
    found = network(written)
    return found.equation(found.tensor("h")).formula


@pytest.mark.parametrize("call", [r"(w \odot x, 0.2)", r"(w \odot x; 0.2)", r"(w \odot x; \mathrm{slope} = 0.2)"])
def test_a_number_behind_the_arguments(call: str) -> None:
    assert formula_of(r"\operatorname{LeakyReLU}" + call).arguments[1] == Rational(1, 5)


def test_left_out_it_is_the_default() -> None:
    assert formula_of(r"\operatorname{LeakyReLU}(w \odot x)").arguments[1] == Rational(1, 100)


def test_a_name_that_nothing_defines_is_a_constant() -> None:
    found = network(r"\operatorname{ELU}(w \odot x; a)")
    assert found.hyperparameters == (Symbol("a", positive=True),)
    assert [p.name for p in found.parameters] == ["w"]


def test_an_operator_on_numbers_takes_a_value_of_the_network() -> None:
    found = network(r"\operatorname{ELU}(w \odot x; a)", r"$$ a = \exp(c) $$")
    assert {p.name for p in found.parameters} == {"w", "c"}


def test_constants_of_an_operator_on_arrays() -> None:
    found = network(r"\operatorname{RMSNorm}(x, w; \varepsilon)")
    assert found.hyperparameters == (Symbol("epsilon", positive=True),)
    assert found.equation(found.tensor("h")).use.constants == (Symbol("epsilon", positive=True),)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (r"\operatorname{LeakyReLU}(w \odot x; 1, 2)", "leaky_relu takes 1 arguments"),
        (r"\operatorname{LeakyReLU}(w \odot x; -1)", "slope of leaky_relu must be positive, not -1"),
        (r"\operatorname{LeakyReLU}(w \odot x; \mathrm{steepness} = 2)", "leaky_relu takes x, slope, and not this"),
        (r"\operatorname{RMSNorm}(x, w; x)", "eps of rms_norm must be a number or a constant"),
    ],
)
def test_what_does_not_fit_is_refused(call: str, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        network(call)
