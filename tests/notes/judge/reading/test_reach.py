"""What a derivative sign without brackets is the derivative of, and what is only told and not claimed."""

from __future__ import annotations

import pytest
from verdicts import claims_of, verdict


@pytest.mark.parametrize("claim", [
    r"\frac{d}{dx} x^2 + 3x = 2x + 3",
    r"\frac{d}{dx} x^2 + 3x = 2x + 3x",
    r"\frac{d}{dx} x^3 - x + 1 = 3x^2 - 1",
])  # fmt: skip
def test_without_brackets_it_may_reach_over_all_terms(claim):
    assert verdict(claim) == "proved"


@pytest.mark.parametrize("claim", [
    r"\frac{d}{dx} x^2 + 3x = 2x + 4",
    r"\frac{d}{dx} \left( x^2 + 3x \right) + 1 = 2x + 3",
    r"\frac{d}{dx} x^2 + \frac{d}{dx} 3x + 1 = 2x + 3",
])  # fmt: skip
def test_no_way_to_read_it_holds(claim):
    assert verdict(claim) == "refuted"


def test_it_reaches_over_a_bias_in_both_links_of_a_chain():
    chain = r"\frac{\partial s}{\partial v} = \frac{\partial}{\partial v} v u + c = u"
    *_, first, second = claims_of(f"$$ s = v u + c $$\n\n$$ {chain} $$\n")
    assert [first.verdict, second.verdict] == ["proved", "proved"]
    assert first.source.endswith("v u + c")


def test_names_that_are_set_equal_claim_nothing():
    assert "refuted" not in {claim.verdict for claim in claims_of(r"We start with $a_1 = a_2 = c_1 = c_2 = 10^{-3}$.")}


def test_products_of_unknown_names_claim_nothing():
    assert verdict(r"k m = p m") != "refuted"


@pytest.mark.parametrize(("formula", "expected"), [
    (r"mse(t, o) = mean((t - o)^2)", "proved"),
    (r"mse(t, o) = mean((t + o)^2)", "refuted"),
    (r"crossentropy(t, o) = -(t \cdot \log(o) + (1 - t) \cdot \log(1 - o))", "definition"),
])  # fmt: skip
def test_losses_under_names_in_plain_letters(formula, expected):
    assert claims_of(f"$$ {formula} $$")[0].verdict == expected


SIGMOID = r"\sigma(z) = \frac{1}{1 + e^{-z}}"


def test_a_letter_for_any_activation_may_be_the_identity():
    assert verdict(r"\sigma(z) = z") == "definition"
    assert verdict(r"\sigma(z) = \frac{1}{1 + e^{z}}") == "refuted"


def test_a_derivative_of_a_name_without_a_definition_may_be_told():
    note = rf"$$ {SIGMOID} $$  $$ o = \sigma(1.5) $$ $$ \frac{{\partial o}}{{\partial s}} = o (1 - o) $$"
    *_, claim = claims_of(note)
    assert claim.verdict != "refuted"


@pytest.mark.parametrize(("formula", "expected"), [
    (r"\text{ELU}(u) = \begin{cases} u & u > 0 \\ a (e^u - 1) & u \le 0 \end{cases}".replace(" a ", r" \alpha "), "proved"),
    (r"\text{ELU}(u) = \begin{cases} u & u > 0 \\ \alpha (e^u + 1) & u \le 0 \end{cases}", "refuted"),
    (r"\text{SELU}(u) &= s u && \text{if } u > 0 \\ &= s \alpha (e^u - 1) && \text{otherwise}".replace("s ", r"\text{scale} "), "proved"),
])  # fmt: skip
def test_a_named_function_is_compared_below_zero_as_well(formula, expected):
    assert claims_of(f"$$ {formula} $$")[0].verdict == expected


def test_a_chain_of_places_before_the_first_one_is_not_judged():
    note = (r"$$ z^l = w^l a^{l-1} + b^l, \quad a^l = g(z^l) $$" "\n\n" r"$$ u = x $$ $$ x =: a^0 $$" "\n\n"
            r"$$ C = (u - y)^2, \quad \delta^l := \frac{\partial C}{\partial z^l} $$" "\n\n"
            r"$$ \delta^l = \frac{\partial C}{\partial z^l} $$")  # fmt: skip
    assert claims_of(note)[-1].verdict != "refuted"


def test_a_two_layer_network_ends_at_its_second_layer():
    general = r"$$ \delta^{(l)} = \frac{\partial L}{\partial z^{(l)}} = (V^{(l+1)\top} \delta^{(l+1)}) \odot \sigma'(z^{(l)}) $$"
    network = r"Now $a^{(1)} = \sigma(V^{(1)} x)$, $p = \sigma(V^{(2)} a^{(1)})$, $L = \text{loss}(p, y)$:"
    claim = r"$\delta^{(2)} = \frac{\partial L}{\partial p} \cdot \sigma'(z^{(2)})$"
    assert claims_of("\n\n".join((general, network, claim)))[-1].verdict != "refuted"
