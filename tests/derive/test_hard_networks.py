"""Shifts, recurrences, heads, norms: one formula layer carries them, with no rule of their own."""

from __future__ import annotations

import pytest
from hard_networks import HARD_NETWORKS, attention, convolution, elman, strided_convolution

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import StepError, check_derivation, check_network
from symnn.derive import derive
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Inside, Tensor, Total
from symnn.network.build import network_of
from symnn.network.equations import Equation
from symnn.notes.find import find
from symnn.notes.read import network_from_document

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


@pytest.mark.parametrize("largest", [r"\max_j (W x + b)_j", r"\max_j a_j", r"\max(a)", r"\log \sum_j e^{a_j}"])
def test_the_largest_of_sums(largest: str) -> None:
    note = r"""
Let $x \in \mathbb{R}^d$ and $W \in \mathbb{R}^{k \times d}$.
$$ a = W x + b $$
$$ L = (%s)^2 $$
"""
    network = network_from_document(find(note % largest, name="note.md"))
    assert check_derivation(derive(network)) > 0
    assert check_network_gradients(network, sizes={"d": 2, "k": 3}).passed


BIDIRECTIONAL = r"""
Let $x_t \in \mathbb{R}^d$ for $t = 1, \dots, T$, and $h_0 = 0$, $g_{T+1} = 0$.
$$ h_t = \tanh(W_f x_t + U_f h_{t-1}) $$
$$ g_t = \tanh(W_b x_t + U_b g_{t+1}) $$
$$ L = \frac12 \sum_{t=1}^T \lVert V [h_t; g_t] - y_t \rVert^2 $$
"""


def test_two_recurrences_in_opposite_directions() -> None:
    network = network_from_document(find(BIDIRECTIONAL, name="note.md"))
    assert check_derivation(derive(network)) > 0
    assert check_network_gradients(network, sizes={"d": 2, "T": 3}).passed


def test_one_recurrence_in_both_directions_is_refused() -> None:
    steps = dimension("T")
    t = Index("t", steps)
    h, g, x = Tensor("h", (steps,)), Tensor("g", (steps,)), Tensor("x", (steps,))
    equations = [
        Equation(h, (t,), Inside(t - 1, steps) * g[t - 1] + x[t]),
        Equation(g, (t,), Inside(t + 1, steps) * h[t + 1] + x[t]),
        Equation(Tensor("L"), (), Total(g[t] ** 2, t)),
    ]
    with pytest.raises(StepError, match="both directions"):
        check_network(network_of(equations, inputs=["x"], loss="L"))
