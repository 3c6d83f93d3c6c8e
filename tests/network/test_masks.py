"""Range conditions written out, and what the kernel says of derivations with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from layered import LAYERS, NOTE, SIZES, network_of_text
from sympy import Integer

from symnn.check.kernel import StepError, check_derivation
from symnn.check.serialize import dumps, from_json
from symnn.derive import DeriveError, derive
from symnn.derive.second import second_order
from symnn.formula.nodes import Inside, Total
from symnn.network.batch import batched
from symnn.network.masks import masked_derivation, masked_network

CROSS_ENTROPY = r"""
$$ p = \operatorname{softmax}(z^{(L)}) $$

$$ J = -\sum_k y_k \log p_k, \qquad \sum_k y_k = 1 $$
"""


@pytest.mark.parametrize("text", [NOTE, SIZES + LAYERS + CROSS_ENTROPY])
def test_derivations_replay_with_all_conditions(text: str) -> None:
    derivation = derive(network_of_text(text))
    assert check_derivation(masked_derivation(derivation)) == check_derivation(derivation)


def test_a_batch_replays() -> None:
    assert check_derivation(derive(batched(network_of_text()))) > 0


def test_sums_end_where_layers_do() -> None:
    for equation in masked_network(network_of_text()).equations:
        for total in equation.formula.atoms(Total):
            assert total.body.has(Inside)


def test_a_wrong_size_is_refused() -> None:
    derivation = derive(network_of_text())
    widths = derivation.network.widths
    axes = {**widths.axes, "b": (widths.axes["b"][0], Integer(1))}
    wrong = replace(derivation, network=derivation.network.with_(widths=replace(widths, axes=axes)))
    with pytest.raises(StepError):
        check_derivation(wrong)


def test_sizes_survive_json() -> None:
    import json

    derivation = from_json(json.loads(dumps(derive(network_of_text()))))
    assert derivation.network.widths.axes == network_of_text().widths.axes
    assert check_derivation(derivation) > 0


def test_second_derivatives_are_refused() -> None:
    with pytest.raises(DeriveError, match="sizes differ"):
        second_order(derive(network_of_text()))
