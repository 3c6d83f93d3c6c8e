"""Domains, kinks and derivatives that are zero, as documents say them."""

from __future__ import annotations

import pytest

from symnn.declare import registry
from symnn.derive.elementwise import elementwise_lemma
from symnn.formula.nodes import Tensor
from symnn.write import render
from symnn.write.compose import document_of_operator
from symnn.write.compose.remarks import kinks_of


def text_of(name: str) -> str:
    operator = registry.find(name)
    assert operator is not None
    return " ".join(render(document_of_operator(operator), "text").split())


def kinks(name: str, parameter: str) -> set[str]:
    operator = registry.find(name)
    assert operator is not None
    place = [p.name for p in operator.parameters].index(parameter)
    lemma = elementwise_lemma(operator.function, place)
    return {str(kink) for kink in kinks_of(lemma.plain, Tensor(parameter).entry())}


@pytest.mark.parametrize(
    ("name", "parameter", "places"),
    [
        ("relu", "x", {"0"}),
        ("hard_tanh", "x", {"-1", "1"}),
        ("relu6", "x", {"0", "6"}),
        ("elu", "x", {"0"}),
        ("hinge", "prediction", {"1/target"}),
        ("absolute_percentage_error", "prediction", {"target"}),
        # These bend, but their derivatives do not jump.
        ("softsign", "x", set()),
        ("huber", "prediction", set()),
        ("squared_hinge", "prediction", set()),
        ("prelu", "slope", set()),
        ("gelu", "x", set()),
    ],
)
def test_kinks_are_where_the_derivative_jumps(name: str, parameter: str, places: set[str]) -> None:
    assert kinks(name, parameter) == places


def test_the_step_says_why_it_cannot_be_trained() -> None:
    assert "no gradient passes through step, so what comes before it cannot be trained" in text_of("step")
    assert "cannot be trained" not in text_of("relu")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mean_absolute_percentage_error", "It is defined where t_i ≠ 0 for every i."),
        ("absolute_percentage_error", "It is defined where t ≠ 0."),
        ("binary_cross_entropy", "It is defined where ŷ > 0 and ŷ < 1."),
        ("mean_squared_logarithmic_error", "It is defined where ŷ_i > -1 for every i and t_i > -1 for every i."),
    ],
)
def test_the_domain_is_a_fact_in_the_text(name: str, said: str) -> None:
    assert said in text_of(name)


def test_kinks_of_reduced_losses_are_said_too() -> None:
    assert "at ŷ_i = t_i the value 0 is taken, a subgradient" in text_of("mean_absolute_error")
    assert "subgradient" not in text_of("mean_huber")


def test_a_derivative_that_is_another_function_is_called_by_its_name() -> None:
    assert "= 1 - e^(-softplus(x)) the definition, read from right to left = σ(x) the definition of σ" in text_of(
        "softplus"
    )
    assert "= σ(-x)" in text_of("log_sigmoid")


def test_roots_and_decimals_stand_as_people_write_them() -> None:
    assert "GELU(x) = (1/2) x(erf(x/√(2)) + 1)" in text_of("gelu")
    assert "tanh(√(2/π) (0.044715 x³ + x))" in text_of("gelu_tanh")
