"""Definitions that are written in another way, and totals that share a letter with their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from symnn.network.equations import Network
from symnn.notes.find import find
from symnn.notes.judge.judge import judge_document

DECLARED = "Let $x \\in \\mathbb{R}^n$ and $W \\in \\mathbb{R}^{m \\times n}$.\n\n"
TOTAL = r"""
Let $x_t \in \mathbb{R}^n$ for $t = 1, \dots, T$.
$$ h_t = \tanh(W x_t + U h_{t-1}) $$
$$ J_t = \frac12 \lVert h_t - y_t \rVert^2 $$
$$ J = \frac{1}{T} \sum_{t=1}^T J_t $$
"""


@pytest.mark.parametrize("name", [r"\tanh", r"\sigma", r"\operatorname{ReLU}"])
def test_a_function_by_its_name(name: str, read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    functions = {
        r"\tanh": np.tanh,
        r"\sigma": lambda z: 1 / (1 + np.exp(-z)),
        r"\operatorname{ReLU}": lambda z: z * (z > 0),
    }
    network = read(f"{DECLARED}$$ L = \\sum f(W x), \\quad f = {name} $$\n")
    value, a = values_at(network, {"n": 2, "m": 3})
    assert np.isclose(value, functions[name](a["W"] @ a["x"]).sum())


def test_a_name_that_is_no_function_stays_what_it_is(read: Callable[..., Network]) -> None:
    network = read(f"{DECLARED}$$ g = W x $$\n\n$$ f = g $$\n\n$$ L = \\lVert f \\rVert^2 $$\n")
    assert {equation.name for equation in network.equations} == {"f", "g", "L"}


@pytest.mark.parametrize(
    ("definition", "power"),
    [(r"\log \sigma^2 = W x", 0.5), (r"\log \sigma = W x", 1), (r"\ln \sigma_j^2 = \sum_i W_{ji} x_i", 0.5)],
)
def test_a_logarithm_defines_what_is_under_it(
    definition: str, power: float, read: Callable[..., Network], values_at: Callable[..., Any]
) -> None:
    network = read(f"{DECLARED}$$ {definition} $$\n\n$$ L = \\sum_j (\\sigma_j^2 - \\log \\sigma_j^2) $$\n")
    value, a = values_at(network, {"n": 2, "m": 3})
    sigma = np.exp(power * (a["W"] @ a["x"]))
    assert np.isclose(value, np.sum(sigma**2 - 2 * np.log(sigma)))


def test_a_logarithm_of_something_that_is_defined_is_a_claim() -> None:
    note = "$$ s = a + b $$\n\n$$ \\sigma = e^{s} $$\n\n$$ \\log \\sigma = s $$\n\n$$ \\log \\sigma = 2 s $$\n"
    verdicts = [claim.verdict for claim in judge_document(find(note, name="note.md")).claims]
    assert verdicts[2:] == ["proved", "refuted"]


def test_a_total_and_its_parts(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(TOTAL)
    value, a = values_at(network, {"n": 2, "m": 3, "T": 3})
    h, loss = a["h_0"], 0.0
    for t in range(3):
        h = np.tanh(a["W"] @ a["x"][t] + a["U"] @ h)
        loss += np.sum((h - a["y"][t]) ** 2) / 6
    assert np.isclose(value, loss)


def test_the_total_is_asked_for_and_printed_by_its_letter(read: Callable[..., Network]) -> None:
    from symnn.notation import to_latex

    network = read(TOTAL, of="J")
    assert to_latex(network.names[network.loss.name]) == "J"


def test_twice_pi_is_a_number_where_pi_is_an_array(read: Callable[..., Network], values_at: Callable[..., Any]) -> None:
    network = read(r"$$ \pi = \operatorname{softmax}(\alpha) $$ $$ L = \sum_{k=1}^K \pi_k \sqrt{2 \pi} s_k $$")
    value, a = values_at(network, {"K": 3})
    e = np.exp(a["alpha"])
    assert np.isclose(value, np.sqrt(2 * np.pi) * (e / e.sum()) @ a["s"])
