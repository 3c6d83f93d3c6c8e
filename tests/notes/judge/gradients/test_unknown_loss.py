"""Losses that a note does not define: any function of what it computes last."""

from __future__ import annotations

import pytest
from verdicts import claims_of, last_claim, said_of

FORWARD = (
    r"\mu_B {gets} \frac{{1}}{{m}} \sum_{{i=1}}^m x_i",
    r"\sigma_B^2 {gets} \frac{{1}}{{m}} \sum_{{i=1}}^m (x_i - \mu_B)^2",
    r"\hat{{x}}_i {gets} \frac{{x_i - \mu_B}}{{\sqrt{{\sigma_B^2 + \epsilon}}}}",
    r"y_i {gets} \gamma \hat{{x}}_i + \beta",
)
BACKWARD = (
    r"\frac{\partial \ell}{\partial \hat{x}_i} = \frac{\partial \ell}{\partial y_i} \cdot \gamma",
    r"\frac{\partial \ell}{\partial \sigma_B^2} = \sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i} \cdot (x_i - \mu_B)"
    r" \cdot \frac{-1}{2} (\sigma_B^2 + \epsilon)^{-3/2}",
    r"\frac{\partial \ell}{\partial \mu_B} = \left( \sum_{i=1}^m \frac{\partial \ell}{\partial \hat{x}_i} \cdot"
    r" \frac{-1}{\sqrt{\sigma_B^2 + \epsilon}} \right) + \frac{\partial \ell}{\partial \sigma_B^2} \cdot"
    r" \frac{\sum_{i=1}^m -2 (x_i - \mu_B)}{m}",
    r"\frac{\partial \ell}{\partial x_i} = \frac{\partial \ell}{\partial \hat{x}_i} \cdot \frac{1}{\sqrt{\sigma_B^2 + \epsilon}}"
    r" + \frac{\partial \ell}{\partial \sigma_B^2} \cdot \frac{2 (x_i - \mu_B)}{m} + \frac{\partial \ell}{\partial \mu_B} \cdot \frac{1}{m}",
    r"\frac{\partial \ell}{\partial \gamma} = \sum_{i=1}^m \frac{\partial \ell}{\partial y_i} \cdot \hat{x}_i",
    r"\frac{\partial \ell}{\partial \beta} = \sum_{i=1}^m \frac{\partial \ell}{\partial y_i}",
)


def forward(gets: str) -> tuple[str, ...]:
    return tuple(formula.format(gets=gets) for formula in FORWARD)


@pytest.mark.parametrize("gets", ["=", r"\leftarrow"])
def test_batch_normalisation(gets: str) -> None:
    note = [f"$$ {formula} $$" for formula in (*forward(gets), *BACKWARD)]
    assert [claim.verdict for claim in said_of(*note)] == ["proved"] * len(BACKWARD)


@pytest.mark.parametrize(
    ("wrong", "slip"),
    [
        (BACKWARD[0].replace(r"\gamma", r"\beta"), "wrong variable"),
        (BACKWARD[1].replace(r"\frac{-1}{2}", r"\frac{1}{2}"), "sign"),
        (BACKWARD[3].replace(r"\frac{2 (x_i - \mu_B)}{m}", r"\frac{x_i - \mu_B}{m}"), "factor"),
        (BACKWARD[4].replace(r"\cdot \hat{x}_i", r"\cdot x_i"), "wrong variable"),
        (BACKWARD[5].replace(r"= \sum", r"= \frac{1}{m} \sum"), "factor"),
    ],
)
def test_batch_normalisation_with_a_slip(wrong: str, slip: str) -> None:
    found = last_claim(*forward("="), BACKWARD[0], wrong)
    assert (found.verdict, found.slip) == ("refuted", slip)


def test_a_capital_sigma_with_a_range_is_a_sum() -> None:
    formulas = (*forward("=")[:-1], *forward("=")[-1:], BACKWARD[5])
    assert last_claim(*(formula.replace(r"\sum", r"\Sigma") for formula in formulas)).verdict == "proved"


LAYER = (
    r"z = W x + b",
    r"a = \sigma(z)",
    r"\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a} \odot \sigma'(z)",
)


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial a} = 2 a",
        r"\frac{\partial L}{\partial z} = a \odot \sigma'(z)",
        r"\frac{\partial L}{\partial W} = \frac{\partial L}{\partial z} x^\top + 2 W",
    ],
)
def test_what_says_something_of_the_loss_is_left_open(claim: str) -> None:
    assert last_claim(*LAYER, claim).verdict == "undecided"


@pytest.mark.parametrize(
    "claim", [r"\frac{\partial L}{\partial h} = A^\top u", r"\frac{\partial L}{\partial h} = - A^\top u"]
)
def test_another_output_leaves_it_open(claim: str) -> None:
    heads = (r"h = \sigma(W x)", r"u = A h", r"v = B h")
    claim = claim.replace("A^\\top u", r"A^\top \frac{\partial L}{\partial u}")
    assert (
        last_claim(*heads[:2], r"\frac{\partial L}{\partial h} = A^\top \frac{\partial L}{\partial u}").verdict
        == "proved"
    )
    assert last_claim(*heads, claim).verdict == "undecided"


def test_second_derivatives_of_an_unknown_loss_are_not_zero() -> None:
    assert last_claim(*LAYER, r"\frac{\partial^2 L}{\partial a^2} = 0").verdict == "undecided"


def test_an_update_rule_defines_nothing() -> None:
    note = "$$ w \\leftarrow w - \\eta g $$\n\n$$ v \\leftarrow \\beta w $$\n"
    assert all("=" not in claim.source for claim in claims_of(note) if claim.verdict in ("proved", "refuted"))


def test_a_set_of_what_is_there_is_no_output() -> None:
    formulas = [*forward("="), *BACKWARD]
    note = "The batch is $B = \\{x_1, \\dots, x_m\\}$.\n\n" + "\n\n".join(f"$$ {formula} $$" for formula in formulas)
    assert claims_of(note)[-3].verdict in ("proved", "agrees")
