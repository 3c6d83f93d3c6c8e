"""Roots of sums of squares: their factors come out, cancel, or are put back; everything else is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import sqrt

from symnn.emit import emit
from symnn.emit.errors import EmitError
from symnn.emit.lengths import concerned, hoisted_lengths, lengths
from symnn.emit.plan import Assignment
from symnn.emit.scales import Scaling
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Tensor, Total
from symnn.network.arrays import Expression, tensor, total
from symnn.network.arrays import sqrt as root
from symnn.network.build import Draft

N = dimension("n")
I_, K = Index("i", N), Index("k", N)
X, Y, R, U, S_ = Tensor("x", (N,)), Tensor("y", (N,)), Tensor("r"), Tensor("u", (N,)), Tensor("s")
UNIT = [Assignment(R, (), sqrt(Total(X[K] ** 2, K))), Assignment(U, (I_,), X[I_] / R.entry())]


def formulas(equations):
    return {e.tensor.name: e.formula for e in equations}


def test_the_largest_entry_is_taken_out_and_cancels():
    found = formulas(Scaling(UNIT, [U]).run())
    assert list(found) == ["x_largest", "x_divided", "r", "u"]
    assert found["u"] == Tensor("x_divided", (N,))[I_] / R.entry()


def test_a_length_that_is_wanted_gets_its_factor_back():
    found = formulas(Scaling(UNIT, [R]).run())
    assert found["r"] == Tensor("x_largest").entry() * sqrt(Total(Tensor("x_divided", (N,))[K] ** 2, K))


def test_a_root_of_a_sum_of_which_another_equation_gives_the_squares():
    equations = [Assignment(S_, (), Total(X[K] ** 2, K) / N), Assignment(R, (), sqrt(S_.entry()))]
    assert set(lengths(equations)) == {X}
    assert concerned(equations, [X]) == {S_, R}


@pytest.mark.parametrize("square", [Total(X[K] ** 2, K) + 1, Total(X[K] * Y[K], K), Total(X[K] ** 3, K), X[I_]])
def test_other_roots_are_left_alone(square):
    assert lengths([Assignment(R, (), sqrt(square))]) == {}


def test_differences_get_a_name_with_either_sign():
    equations = [
        Assignment(R, (), sqrt(Total((X[K] - Y[K]) ** 2, K))),
        Assignment(U, (I_,), (Y[I_] - X[I_]) / R.entry()),
    ]
    found = formulas(hoisted_lengths(equations, str))
    assert list(found) == ["difference", "r", "u"]
    assert found["u"] == -Tensor("difference", (N,))[I_] / R.entry()


def test_a_form_that_cannot_be_proven_is_an_error(monkeypatch):
    scaling = Scaling(UNIT, [U])
    monkeypatch.setattr(scaling, "descale", lambda formula: (formula, {}))
    with pytest.raises(EmitError, match="not shown to be equal"):
        scaling.run()


def module_of(loss: Expression) -> dict[str, object]:
    draft = Draft()
    draft.define("L", loss)
    module: dict[str, object] = {"__name__": "module"}
    exec(emit(draft.network(inputs=[])), module)  # noqa: S102
    return module


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1.0, 1e160, 1e300])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_and_gradients_for_every_size(size, dtype):
    if dtype == np.float32 and not 1e-30 < size < 1e30:
        size = size**0.1
    w, v = tensor("w", "m n"), tensor("v", "m n")
    cosine = total(w * v) / (root(total(w**2)) * root(total(v**2)))
    given = {"w": np.array([[3.0, 0.0], [0.0, 4.0]]) * size, "v": np.array([[1.0, 0.0], [0.0, 0.0]]) / size}
    given = {name: array.astype(dtype) for name, array in given.items()}
    loss, gradients = module_of(cosine)["value_and_grad"](given)  # type: ignore[operator]
    assert loss == pytest.approx(0.6, rel=1e-6)
    assert gradients["w"].dtype == dtype
    assert gradients["w"] * size == pytest.approx(np.array([[0.128, 0], [0, -0.096]]), rel=1e-5)


def test_a_vector_of_zeros_has_length_zero():
    assert module_of(root(total(tensor("w", "n") ** 2)))["forward"]({"w": np.zeros(3)})[0] == 0  # type: ignore[operator]
