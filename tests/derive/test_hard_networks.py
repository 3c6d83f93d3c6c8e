"""Shifts, recurrences, heads, norms: one formula layer carries them, with no rule of their own."""

from __future__ import annotations

import pytest
from hard_networks import HARD_NETWORKS, attention, convolution, elman, strided_convolution

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import check_derivation
from symnn.derive import derive

SIZES = {"T": 3, "n": 2, "d": 2, "o": 2, "H": 4, "W": 3, "P": 2, "Q": 2, "M": 2}


@pytest.mark.parametrize("name", HARD_NETWORKS)
def test_the_kernel_accepts_and_differences_agree(name: str) -> None:
    network = HARD_NETWORKS[name]()
    assert check_derivation(derive(network)) > 0
    report = check_network_gradients(network, sizes=SIZES, code=False)
    assert report.passed, str(report)


def test_backpropagation_through_time() -> None:
    found = {a.of.name: str(a.formula) for a in derive(elman()).adjoints}
    assert found["h"] == ("inside(t + 1, T)*total(j, U[j, i]*∂a[t + 1, j]) + total(q, V[q, i]*∂yhat[t, q])")
    assert found["a"] == "(1 - h[t, i]**2)*∂h[t, i]"
    assert found["W"] == "total(t, x[t, j]*∂a[t, i])"


def test_attention_has_the_row_sum_form() -> None:
    found = {a.of.name: str(a.formula) for a in derive(attention()).adjoints}
    assert found["S"] == "(∂P[i, j] - total(k, P[i, k]*∂P[i, k]))*P[i, j]"


def test_the_input_gradient_of_a_convolution_stays_inside_the_kernel() -> None:
    assert "inside(j - l, P)" in str(derive(convolution()).adjoint("x").formula)
    assert "inside(j - 2*k + 1, 3)" in str(derive(strided_convolution()).adjoint("x").formula)
