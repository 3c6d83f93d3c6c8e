"""The solver: unification, taking back, clashes that name both sides."""

from __future__ import annotations

import pytest
import sympy

from symnn.formula.index import dimension
from symnn.notes.read.passages import Passage, Spot
from symnn.notes.read.shapes.constraints import (
    Affine,
    Broadcast,
    Choice,
    Leading,
    Operated,
    Transposed,
    Within,
)
from symnn.notes.read.shapes.shapes import Clash, Shape, Solver

N, M, K = dimension("n"), dimension("m"), dimension("k")


@pytest.fixture
def spot() -> Spot:
    from symnn.errors import Place

    return Spot(Passage("a + b", "plain", (), lambda start, end: Place("note.md", 1, start + 1, end + 1)), 0, 1)


@pytest.fixture
def solver() -> Solver:
    return Solver()


def known(solver: Solver, *sizes: object) -> Shape:
    return solver.shape([solver.dim(sympy.sympify(size)) for size in sizes])


def test_dimensions_unify_and_keep_their_value(solver: Solver) -> None:
    a, b, c = solver.dim(), solver.dim(N), solver.dim()
    solver.unify_dims(a, c)
    solver.unify_dims(a, b)
    assert solver.value(c) == N
    with pytest.raises(Clash, match="m and n differ"):
        solver.unify_dims(solver.dim(M), c)


def test_shapes_unify_axis_by_axis(solver: Solver) -> None:
    open_, given = solver.shape(), known(solver, M, N)
    solver.unify(open_, given)
    assert solver.values(open_) == (M, N)
    with pytest.raises(Clash, match=r"shapes \(m, n\) and \(n\) do not fit"):
        solver.unify(open_, known(solver, N))


def test_an_attempt_that_fails_leaves_nothing_behind(solver: Solver, spot: Spot) -> None:
    a, b = solver.shape(), known(solver, N)
    solver.add(Broadcast((a, b), b, spot), (a, b))

    def action() -> None:
        solver.set_dims(a, (solver.dim(M),))

    assert isinstance(solver.attempt(action), Clash)
    assert solver.rank(a) is None
    assert solver.attempt(lambda: solver.set_rank(a, 1)) is None
    assert solver.values(a) == (N,)


def test_least_rank(solver: Solver) -> None:
    shape = solver.shape()
    solver.at_least(shape, 2)
    with pytest.raises(Clash, match="at least 2 axes"):
        solver.unify(shape, known(solver, N))
    with pytest.raises(Clash, match="at least 1 axis is needed, but the shape is scalar"):
        solver.at_least(solver.shape([]), 1)


def test_broadcast_settles_the_result_and_the_last_operand(solver: Solver, spot: Spot) -> None:
    matrix, row, scalar, result = known(solver, M, N), solver.shape([solver.dim()]), solver.shape([]), solver.shape()
    solver.add(Broadcast((matrix, row, scalar), result, spot), (matrix, row, scalar, result))
    solver.propagate()
    assert solver.values(result) == (M, N)
    assert solver.values(row) == (N,)
    missing = solver.shape()
    solver.add(Broadcast((missing, scalar), row, spot), (missing, row))
    solver.propagate()
    assert solver.values(missing) == (N,)


def test_broadcast_to_a_number_makes_all_operands_numbers(solver: Solver, spot: Spot) -> None:
    one, other = solver.shape(), solver.shape()
    solver.add(Broadcast((one, other), solver.shape([]), spot), (one, other))
    solver.propagate()
    assert solver.rank(one) == solver.rank(other) == 0


def test_broadcast_never_widens_all_operands(solver: Solver, spot: Spot) -> None:
    one = known(solver, N)
    solver.add(Broadcast((one, one), known(solver, M, N), spot), (one,))
    with pytest.raises(Clash):
        solver.propagate()


@pytest.mark.parametrize(("given", "turned"), [((), ()), ((N,), (N,)), ((M, N), (N, M)), ((K, M, N), (K, N, M))])
def test_transposed_works_both_ways(
    solver: Solver, spot: Spot, given: tuple[object, ...], turned: tuple[object, ...]
) -> None:
    for forward in (True, False):
        one, other = known(solver, *given), solver.shape()
        solver.add(Transposed(*((one, other) if forward else (other, one)), spot), (one, other))
        solver.propagate()
        assert solver.values(other) == turned


def test_leading_axes(solver: Solver, spot: Spot) -> None:
    whole, rest = solver.shape(), known(solver, N)
    solver.add(Leading(whole, (solver.dim(M),), rest, spot), (whole, rest))
    solver.propagate()
    assert solver.values(whole) == (M, N)
    part = solver.shape()
    solver.add(Leading(whole, (solver.dim(), solver.dim()), part, spot), (whole, part))
    solver.propagate()
    assert solver.rank(part) == 0


def test_choice_strikes_out_what_does_not_fit(solver: Solver, spot: Spot) -> None:
    left, right, result = known(solver, M, N), solver.shape(), solver.shape()
    patterns = ((("m", "k"), ("k",), ("m",)), (("k",), ("k",), ()), ((), ("n",), ("n",)))
    choice = Choice((left, right, result), patterns, ("matrix", "dot", "number"), spot)
    solver.add(choice, choice.shapes)
    solver.propagate()
    assert choice.chosen == 0
    assert solver.values(right) == (N,)
    assert solver.values(result) == (M,)


def test_choice_waits_and_knows_letters(solver: Solver, spot: Spot) -> None:
    left, right = known(solver, N), solver.shape([solver.dim()])
    choice = Choice((left, right), ((("n",), ("n",)), (("m",), ("n",))), ("same", "any"), spot)
    solver.add(choice, choice.shapes)
    solver.propagate()
    assert choice.chosen is None
    solver.set_dim(solver.dims(right)[0], M, spot)
    solver.propagate()
    assert choice.chosen == 1


def test_choice_without_a_meaning_names_the_shapes(solver: Solver, spot: Spot) -> None:
    choice = Choice((known(solver, M, N), known(solver, K)), (((), ()),), ("numbers",), spot)
    solver.add(choice, choice.shapes)
    with pytest.raises(Clash, match=r"factors of shapes \(m, n\) do not fit together to a result of shape \(k\)"):
        solver.propagate()


def test_operated_shares_leading_axes(solver: Solver, spot: Spot) -> None:
    argument, weight, result = known(solver, M, N), known(solver, N), solver.shape()
    solver.add(Operated((argument, weight), result, (("n",), ("n",), ("n",)), spot), (argument, weight, result))
    solver.propagate()
    assert solver.values(result) == (M, N)
    assert solver.values(weight) == (N,)


def test_affine_solves_for_what_is_open(solver: Solver, spot: Spot) -> None:
    axis, outer, inner = solver.dim(N), solver.dim(), solver.dim(K)
    affine = Affine(axis, ((1, outer), (1, inner)), 0, spot)
    affine.propagate(solver)
    assert solver.value(outer) == N - K + 1
    axis = solver.dim()
    Affine(axis, ((2, solver.dim(M)), (1, solver.dim(K))), 1, spot).propagate(solver)
    assert solver.value(axis) == sympy.expand(2 * (M - 1) + K - 1 + 2)


@pytest.mark.parametrize(("walked", "shift", "fits"), [(N, 0, True), (N - 1, 1, True), (N - 2, 0, True), (N, 1, False),
                                                       (M, 0, False)])  # fmt: skip
def test_within(solver: Solver, spot: Spot, walked: sympy.Expr, shift: int, fits: bool) -> None:
    constraint = Within(solver.dim(N), solver.dim(walked), shift, spot)
    if fits:
        constraint.propagate(solver)
        assert constraint.done
    else:
        with pytest.raises(Clash, match="the axis has n"):
            constraint.propagate(solver)
