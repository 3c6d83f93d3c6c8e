"""Array algebra: shapes are checked at once, values are those of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symnn.formula.application import ShapeError
from symnn.formula.evaluate import Assignment, evaluate, positions
from symnn.formula.index import dimension
from symnn.network.arrays import (
    Expression,
    absolute,
    exp,
    inverse,
    largest,
    log_determinant,
    maximum,
    mean,
    minimum,
    sqrt,
    tensor,
    total,
    trace,
    where,
)

SIZES = {"n": 3, "m": 2, "k": 4}
A, B, M = tensor("A", "m n"), tensor("B", "n k"), tensor("M", "n n")
X, Y, V = tensor("X", "n"), tensor("Y", "n"), tensor("V", "m")
LEAVES = {"A": A, "B": B, "M": M, "X": X, "Y": Y, "V": V}


def numbers() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    sizes = {dimension(name): size for name, size in SIZES.items()}
    return {name: generator.integers(-9, 9, [sizes[d] for d in leaf.shape]) + 0.5 for name, leaf in LEAVES.items()}


def value(expression: Expression, arrays: dict[str, Any]) -> Any:
    dimensions = {dimension(name): size for name, size in SIZES.items()}
    values = {}
    for name, leaf in LEAVES.items():
        plain = leaf.array.plain_tensor()
        assert plain is not None
        values[plain] = {p: Fraction(float(arrays[name][p])) for p in positions(arrays[name].shape)}
    assignment = Assignment(dimensions, values)
    shape = tuple(assignment.size(d) for d in expression.shape)
    result = np.zeros(shape)
    for place in positions(shape):
        indices = dict(zip(expression.array.indices, place, strict=True))
        result[place] = float(evaluate(expression.array.body, assignment, indices))
    return result


CASES: dict[str, tuple[Expression, Callable[[dict[str, Any]], Any]]] = {
    "matrix times vector": (A @ X, lambda a: a["A"] @ a["X"]),
    "vector times matrix": (V @ A, lambda a: a["V"] @ a["A"]),
    "matrix times matrix": (A @ B, lambda a: a["A"] @ a["B"]),
    "dot product": (X @ Y, lambda a: a["X"] @ a["Y"]),
    "transpose": (A.T @ V, lambda a: a["A"].T @ a["V"]),
    "broadcast over rows": (A + X, lambda a: a["A"] + a["X"]),
    "scalar and vector": (2 * X - 1, lambda a: 2 * a["X"] - 1),
    "Hadamard product": (X * Y, lambda a: a["X"] * a["Y"]),
    "quotient": (1 / X, lambda a: 1 / a["X"]),
    "power": (X**2, lambda a: a["X"] ** 2),
    "sum": (total(A), lambda a: a["A"].sum()),
    "sum over rows": (total(A, 0), lambda a: a["A"].sum(0)),
    "mean over columns": (mean(A, -1), lambda a: a["A"].mean(-1)),
    "largest": (largest(A, 1), lambda a: a["A"].max(1)),
    "maximum": (maximum(0, X), lambda a: np.maximum(0, a["X"])),
    "minimum": (minimum(X, Y), lambda a: np.minimum(a["X"], a["Y"])),
    "absolute": (absolute(X), lambda a: abs(a["X"])),
    "exponential": (exp(X / 4), lambda a: np.exp(a["X"] / 4)),
    "root": (sqrt(X**2 + 1), lambda a: np.sqrt(a["X"] ** 2 + 1)),
    "choice": (where(X > Y, X, 2 * Y), lambda a: np.where(a["X"] > a["Y"], a["X"], 2 * a["Y"])),
    "choice by two conditions": (
        where([X > -3, X < 3], X, 0),
        lambda a: np.where((a["X"] > -3) & (a["X"] < 3), a["X"], 0),
    ),
    "inverse": (inverse(M) @ X, lambda a: np.linalg.inv(a["M"]) @ a["X"]),
    "log-determinant": (log_determinant(M), lambda a: np.linalg.slogdet(a["M"])[1]),
    "trace": (trace(A @ B @ B.T @ A.T), lambda a: np.trace(a["A"] @ a["B"] @ a["B"].T @ a["A"].T)),
    "same index twice": (
        total(X * (A.T @ V)) * (X @ X),
        lambda a: (a["X"] * (a["A"].T @ a["V"])).sum() * (a["X"] ** 2).sum(),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_numpy(name: str) -> None:
    expression, expected = CASES[name]
    arrays = numbers()
    np.testing.assert_allclose(value(expression, arrays), expected(arrays), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "build",
    [lambda: A @ B.T, lambda: A @ V, lambda: X + V, lambda: A * V, lambda: X @ V, lambda: inverse(A), lambda: trace(A),
     lambda: log_determinant(X), lambda: X @ 2],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ShapeError):
        build()


def test_floats_are_refused_because_formulas_are_exact() -> None:
    with pytest.raises(TypeError, match="Fraction"):
        X * 0.1


def test_batched_matrix_product_shares_the_leading_axis() -> None:
    heads = tensor("Q", "h n d") @ tensor("K", "h d m")
    assert [str(d) for d in heads.shape] == ["h", "n", "m"]
