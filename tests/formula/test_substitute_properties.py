"""Substitution on random formulas: it puts in what it should, and no bound index captures anything."""

import random

import pytest
import random_formulas as make
from hypothesis import given
from hypothesis import strategies as st
from random_formulas import FREE, TENSORS, assignments, disagreement, formulas, thorough, value_at
from sympy import exp

from symnn.formula.application import Array, resize
from symnn.formula.evaluate import Assignment, positions
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Entry, Extreme, Tensor, Total
from symnn.formula.polish import readable_indices
from symnn.formula.substitute import inline, refresh, substitute_entries, substitute_indices

n, m = dimension("n"), dimension("m")
i, j, k = Index("i", n), Index("j", n), Index("k", n)
a, x, A = Tensor("a"), Tensor("x", (n,)), Tensor("A", (n, n))


@thorough(150)
@given(formulas(), st.data(), assignments())
def test_an_index_takes_the_value_of_what_replaces_it(formula, data, assignment):
    values = {}
    for index in FREE:
        new = data.draw(st.sampled_from([index, *FREE]))
        if new.dimension == index.dimension:
            values[index] = new + data.draw(st.integers(-1, 1))
    replaced = substitute_indices(formula, values)
    for at in make.places(assignment):
        inner = dict(at)
        for old, new in values.items():
            inner[old] = assignment.whole(new, at)
        if any(not 0 <= inner[index] < assignment.size(index.dimension) for index in FREE):
            continue
        one, other = value_at(replaced, assignment, at), value_at(formula, assignment, inner)
        assert one is None or other is None or one.overlaps(other), (formula, values, replaced)


@thorough(150)
@given(formulas(depth=2), formulas(depth=2, smooth=True), assignments(generic=True))
def test_a_definition_put_in_has_the_value_of_its_name(formula, body, assignment):
    # the definition may use free indices of the place where it is put in: j is free in x[i] = body
    tensor, own = Tensor("x", (n,)), (FREE[0],)
    replaced = inline(formula, tensor, own, body)
    for at in make.places(assignment):
        every = assignment.values[tensor]
        numbers = {place: value_at(body, assignment, {**at, own[0]: place[0]}) for place in every}
        if None in numbers.values():
            continue
        inside = Assignment(assignment.dimensions, {**assignment.values, tensor: numbers}, assignment.scalars)
        one, other = value_at(replaced, assignment, at), value_at(formula, inside, at)
        assert one is None or other is None or one.overlaps(other), (formula, body, replaced)


@thorough(100)
@given(formulas(), assignments())
def test_renaming_bound_indices_keeps_the_value(formula, assignment):
    assert disagreement(formula, refresh(formula), assignment) is None
    assert disagreement(formula, readable_indices(formula, FREE), assignment) is None


@thorough(60)
@given(formulas(), st.permutations(FREE[:3]))
def test_indices_are_exchanged_at_once(formula, order):
    there = dict(zip(FREE[:3], order, strict=True))
    back = {new: old for old, new in there.items()}
    again = substitute_indices(substitute_indices(formula, there), back)
    assignment = make.assignment_of(random.Random(str(order)))
    assert disagreement(formula, again, assignment) is None


@pytest.mark.parametrize("binder", [Total, Extreme])
def test_a_bound_index_does_not_capture_what_comes_in(binder):
    formula = binder(x[k] * A[j, k], k)
    moved = substitute_indices(formula, {j: k})
    assert moved.index != k
    assert moved.body.free_symbols == {k, moved.index}

    put_in = inline(formula, x, (i,), x[i] * A[i, k])  # k is free in the definition
    assert put_in.index != k
    assert k in put_in.free_symbols

    replaced = substitute_entries(formula, lambda entry: A[k, k] if entry.tensor == x else None)
    assert k in replaced.free_symbols


def test_the_entry_at_the_bound_index_is_replaced_at_it():
    replaced = substitute_entries(Total(x[k], k), lambda entry: exp(x[entry.indices[0]]))
    assert replaced == Total(exp(x[k]), k)


def test_an_array_is_a_binder_too():
    array = Array((k,), x[k] * a.entry())
    replaced = substitute_entries(array, lambda entry: x[k] if entry.tensor == a else None)
    (own,) = replaced.indices
    assert own != k
    assert replaced.body == x[own] * x[k]


def test_shadowed_indices_stay_apart():
    formula = x[k] * Total(x[k] * Total(x[k], k), k)
    assert substitute_indices(formula, {k: j}) == x[j] * Total(x[k] * Total(x[k], k), k)
    numbers = Assignment({n: 2}, {x: dict(zip(positions([2]), [2, 3], strict=True))})
    assert value_at(readable_indices(formula), numbers, {k: 1}) == 3 * 5 * 5


def test_every_tensor_is_in_some_formula():
    seen = set()
    for seed in range(100):
        seen |= {entry.tensor for entry in make.formula_of(random.Random(seed)).atoms(Entry)}
    assert seen >= set(TENSORS)


@thorough(120)
@given(formulas(), st.integers(0, 10**6))
def test_dimensions_are_replaced_without_capture(formula, seed):
    # p runs over m, and so may a bound index of the name i: with m = n they must stay apart
    source = random.Random(seed)
    resized = resize(formula, {m: n})
    size = source.randint(1, 3)
    numbers = make.assignment_of(source)
    square = Assignment({n: size, m: size}, {}, numbers.scalars)
    values = {t: {p: source.choice(make.NASTY) for p in positions(square.shape(t))} for t in TENSORS}
    before = Assignment(square.dimensions, values, numbers.scalars)
    after = Assignment(square.dimensions, {resize(t, {m: n}): v for t, v in values.items()}, numbers.scalars)
    for at in make.places(before)[:9]:
        moved = {resize(index, {m: n}): place for index, place in at.items()}
        if len(moved) < len(at):
            continue
        one, other = value_at(formula, before, at), value_at(resized, after, moved)
        assert one is None or other is None or one.overlaps(other), (formula, resized)


def test_indices_that_differ_in_the_dimension_alone_stay_apart():
    inner, outer = Index("i", m), Index("i", n)
    formula = Total(Tensor("B", (m, n))[inner, outer], inner)
    resized = resize(formula, {m: n})
    assert resized.index != outer
    assert outer in resized.free_symbols
