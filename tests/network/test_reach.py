"""How far each axis goes in each layer."""

from __future__ import annotations

import pytest
from layered import network_of_text
from sympy import Symbol

from symnn.formula.index import Index, LayerSize, dimension
from symnn.formula.nodes import Delta, Entry, Inside, Tensor, Total
from symnn.network.equations import Equation
from symnn.network.reach import infer
from symnn.network.widths import LAYER, WidthClash, WidthError

N, L = dimension("N"), dimension("L")
ell, i, k = Index("l", L), Index("i", N), Index("k", N)
W, a, x, u = Tensor("W", (L, N, N)), Tensor("a", (L, N)), Tensor("x", (N,)), Tensor("u", (N,))


def test_sizes_are_as_different_as_the_formulas_allow() -> None:
    step = Total(W[ell, i, k] * (a[ell - 1, k] * Inside(ell - 1, L) + x[k] * Delta(ell, 0)), k)
    axes = infer([Equation(a, (ell, i), step)], N, L).axes
    assert axes["W"] == (L, LayerSize("n", LAYER + 1), LayerSize("n", LAYER))
    assert axes["x"] == (LayerSize("n", 0),)


def test_a_residual_connection_needs_layers_of_one_size() -> None:
    step = Total(W[ell, i, k] * a[ell - 1, k] * Inside(ell - 1, L), k) + a[ell - 1, i] * Inside(ell - 1, L)
    axes = infer([Equation(a, (ell, i), step)], N, L).axes
    assert set(axes["a"][1:]) == {Symbol("n", integer=True, positive=True)}


def test_declared_sizes_keep_their_names() -> None:
    step = Total(W[ell, i, k] * (a[ell - 1, k] * Inside(ell - 1, L) + x[k] * Delta(ell, 0)), k)
    declared = {"W": (None, LayerSize("d", LAYER + 1), LayerSize("d", LAYER)), "x": (dimension("D"),)}
    widths = infer([Equation(a, (ell, i), step)], N, L, declared)
    assert widths.axes["a"] == (L, LayerSize("d", LAYER + 1))
    assert widths.same == {dimension("D"): LayerSize("d", 0)}


@pytest.mark.parametrize(
    "declared",
    [
        {"W": (None, LayerSize("d", LAYER), LayerSize("d", LAYER + 1))},
        {"W": (None, LayerSize("d", LAYER), LayerSize("d", LAYER))},
        {"x": (dimension("D"),), "u": (dimension("E"),)},
    ],
)
def test_sizes_that_do_not_fit_are_refused(declared: dict[str, tuple[object, ...]]) -> None:
    step = Total(W[ell, i, k] * (a[ell - 1, k] * Inside(ell - 1, L) + (x[k] + u[k]) * Delta(ell, 0)), k)
    with pytest.raises(WidthClash):
        infer([Equation(a, (ell, i), step)], N, L, declared)


@pytest.mark.parametrize(
    "formula",
    [
        Total(x[k], k) / N,
        Total(Entry(x, k + 1) * Inside(k + 1, N), k),
    ],
)
def test_what_depends_on_the_length_of_an_axis_is_refused(formula: object) -> None:
    with pytest.raises(WidthError):
        infer([Equation(Tensor("s", ()), (), formula)], N, L)


def test_no_axis_has_the_size_of_a_layer() -> None:
    with pytest.raises(ValueError, match="no dimension"):
        Index("i", LayerSize("n", ell))


def test_notes_say_the_sizes() -> None:
    widths = network_of_text().widths
    assert widths is not None
    assert widths.axes["W"] == (dimension("L"), LayerSize("n", LAYER + 1), LayerSize("n", LAYER))
    assert widths.axes["y"] == (LayerSize("n", dimension("L")),)
