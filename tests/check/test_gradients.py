"""The numeric check finds wrong gradients, and says where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from networks import NETWORKS, two_layer_perceptron

from symnn.check import gradients
from symnn.check.gradients import check_network_gradients
from symnn.derive import derive
from symnn.derive.derivation import Derivation
from symnn.network.equations import Network


@pytest.mark.parametrize("name", NETWORKS)
def test_formulas_and_emitted_code_agree_with_differences(name: str) -> None:
    report = check_network_gradients(NETWORKS[name]())
    assert report.passed, str(report)
    assert all(row.code is not None and row.code < 1e-11 for row in report.rows)


@pytest.mark.parametrize("factor", [-1, 2])
def test_a_wrong_gradient_is_off(monkeypatch: pytest.MonkeyPatch, factor: int) -> None:
    def wrong(network: Network) -> Derivation:
        derivation = derive(network)
        adjoints = []
        for adjoint in derivation.adjoints:
            if adjoint.of.name == "W_2":
                last = replace(adjoint.steps[-1], after=factor * adjoint.formula)
                adjoint = replace(adjoint, steps=(*adjoint.steps[:-1], last))
            adjoints.append(adjoint)
        return replace(derivation, adjoints=tuple(adjoints))

    monkeypatch.setattr(gradients, "derive", wrong)
    report = check_network_gradients(two_layer_perceptron(), code=False)
    assert not report.passed
    assert [row.name for row in report.rows if not row.passed] == ["W_2"]
    assert "OFF at W_2[" in str(report)


def test_sizes_can_be_chosen() -> None:
    report = check_network_gradients(two_layer_perceptron(), sizes={"n": 1, "m": 7}, code=False)
    assert dict(report.sizes) == {"n": "1", "m": "7"}
    assert {row.name: row.shape for row in report.rows}["W_1"] == "7x1"
