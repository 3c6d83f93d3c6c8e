"""Derivatives of random formulas against differences, and deltas that go away without changing a value."""

import random
from fractions import Fraction

import pytest
import random_formulas as make
from flint import arb
from hypothesis import given
from hypothesis import strategies as st
from random_formulas import FREE, TENSORS, assignments, disagreement, formulas, thorough, value_at
from sympy import Abs, exp, sign

from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.evaluate import Assignment
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import (
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
    tensors,
)
from symnn.formula.normal import Normalizer, TooLarge

n, m = dimension("n"), dimension("m")
i, j = Index("i", n), Index("j", n)
x, y = Tensor("x", (n,)), Tensor("y", (n,))
BITS = 400
CLOSE = arb(2) ** -30


@st.composite
def entries_of(draw, indices=FREE):
    """An entry of some tensor at free indices."""
    tensor = draw(st.sampled_from(TENSORS))
    return tensor.entry(*[draw(st.sampled_from([k for k in indices if k.dimension == d])) for d in tensor.shape])


def moved(assignment, entry, at, step):
    """The numbers with one entry moved."""
    place = tuple(assignment.whole(index, at) for index in entry.indices)
    values = {tensor: dict(numbers) for tensor, numbers in assignment.values.items()}
    values[entry.tensor][place] += step
    return Assignment(assignment.dimensions, values, assignment.scalars)


def difference(formula, entry, assignment, at, halvings):
    """The central difference for the step ``2**-halvings``, or None where the formula has no value."""
    step = Fraction(1, 2**halvings)
    above = value_at(formula, moved(assignment, entry, at, step), at, BITS)
    below = value_at(formula, moved(assignment, entry, at, -step), at, BITS)
    return None if above is None or below is None else (above - below) * arb(2) ** (halvings - 1)


def tolerance(left, right):
    return (1 + abs(left) + abs(right)) * CLOSE


def differs(formula, derivative, entry, assignment):
    """Where the derivative is not the limit of differences, of the places where the differences have settled."""
    for at in make.places(assignment)[:12]:
        slope = value_at(derivative, assignment, at, BITS)
        far, near = (difference(formula, entry, assignment, at, halvings) for halvings in (60, 70))
        if slope is None or far is None or near is None or not abs(far - near) <= tolerance(far, near):
            continue
        if abs(slope - near) > 2 * tolerance(slope, near):
            return at, slope, near
    return None


@thorough(200)
@given(formulas(smooth=True), entries_of(), assignments(generic=True))
def test_the_derivative_is_the_limit_of_differences(formula, entry, assignment):
    assert differs(formula, differentiate(formula, entry), entry, assignment) is None


@thorough(200)
@given(formulas(), entries_of(), assignments(generic=True))
def test_away_from_kinks_too(formula, entry, assignment):
    assert differs(formula, differentiate(formula, entry), entry, assignment) is None


@thorough(50)
@given(formulas(depth=4), entries_of(), assignments(generic=True))
def test_larger_formulas(formula, entry, assignment):
    assert differs(formula, differentiate(formula, entry), entry, assignment) is None


@thorough(60)
@given(formulas(depth=2, smooth=True), entries_of(), entries_of(), assignments(generic=True))
def test_the_second_derivative_is_that_of_the_first(formula, first, second, assignment):
    slope = differentiate(formula, first)
    assert differs(slope, differentiate(slope, second), second, assignment) is None


@thorough(200)
@given(formulas(), entries_of(), assignments())
def test_deltas_are_eliminated_without_changing_the_value(formula, entry, assignment):
    slope = differentiate(formula, entry)
    shorter = eliminate_deltas(slope)
    assert disagreement(slope, shorter, assignment) is None
    assert disagreement(formula, eliminate_deltas(formula), assignment) is None


@thorough(100)
@given(formulas(depth=2), st.sampled_from(make.VECTORS), assignments())
def test_a_sum_against_a_weight_sifts(formula, tensor, assignment):
    # sum_k w[k] d f / d x[k], as every adjoint is: the index of the entry is bound outside
    index = Index("k", tensor.shape[0])
    weight = Tensor("B" if tensor.shape[0] == m else "A", (tensor.shape[0], n))
    whole = Total(weight.entry(index, FREE[0]) * differentiate(formula, tensor.entry(index)), index)
    assert disagreement(whole, eliminate_deltas(whole), assignment) is None


def test_elimination_is_what_the_normal_form_finds():
    shown = 0
    for seed in range(120):
        source = random.Random(seed)
        formula = make.formula_of(source, depth=3, smooth=True)
        tensor = source.choice([t for t in TENSORS if t.rank])
        at = [source.choice([k for k in FREE if k.dimension == d]) for d in tensor.shape]
        slope = differentiate(formula, tensor.entry(*at))
        try:
            assert Normalizer().equal(slope, eliminate_deltas(slope)), slope
            shown += 1
        except (TooLarge, ZeroDivisionError):
            continue
    assert shown > 100


@pytest.mark.parametrize(
    ("formula", "slope"),
    [
        (Maximum(0, x[i]), 0),
        (Maximum(x[i], 0), 0),
        (Minimum(0, x[i]), 0),
        (Abs(x[i]), 0),
        (sign(x[i]), 0),
        (Cases([(Compare(">", x[i], 0), x[i])], 2 * x[i]), 2),
        (Cases([(Compare(">=", x[i], 0), x[i])], 2 * x[i]), 1),
    ],
    ids=str,
)
def test_the_subgradient_at_a_kink_is_the_stated_one(formula, slope):
    numbers = Assignment({n: 1}, {x: {(0,): 0}})
    assert value_at(differentiate(formula, x[i]), numbers, {i: 0}) == slope


def test_the_first_of_several_largest_entries_takes_the_derivative():
    slope = differentiate(Extreme(x[i], i), x[j])
    numbers = Assignment({n: 4}, {x: {(0,): 1, (1,): 3, (2,): 3, (3,): 2}})
    assert [value_at(slope, numbers, {j: place}) for place in range(4)] == [0, 1, 0, 0]


@pytest.mark.parametrize(
    ("body", "count"),
    [(x[i], 1), (x[2 * i] * Inside(2 * i, n), 1), (x[i + 1] * Inside(i + 1, n), 1), (x[n - 1 - i], 1)],
    ids=str,
)
def test_an_affine_index_is_solved_or_kept(body, count):
    slope = eliminate_deltas(differentiate(Total(y[i] * body, i), x[j]))
    numbers = make.assignment_of(random.Random(count))
    assert differs(Total(y[i] * body, i), slope, x[j], numbers) is None


def test_a_fraction_of_an_index_is_no_solution():
    # i = j / 2 has no value for odd j: the sum over i must stay
    kept = eliminate_deltas(Total(Delta(i, j / 2) * y[i], i))
    assert kept == Total(Delta(i, j / 2) * y[i], i)


def test_an_unknown_function_has_an_unknown_derivative():
    f = Elementwise("f", ("t",))
    slope = differentiate(Call(f, exp(x[i])), x[i])
    assert slope == Call(f.prime(), exp(x[i])) * exp(x[i])
    assert differentiate(Call(f, y[i]), x[i]) == 0


def test_what_no_rule_covers_is_refused():
    from sympy import atan

    with pytest.raises(DifferentiationError, match="no rule differentiates atan"):
        differentiate(atan(x[i]), x[j])


def test_the_random_formulas_depend_on_what_they_are_differentiated_by():
    # else the properties above would compare zeros
    depends = 0
    for seed in range(200):
        source = random.Random(seed)
        formula = make.formula_of(source, depth=3)
        depends += bool(tensors(formula) & set(TENSORS[3:])) and any(isinstance(e, Entry) for e in formula.atoms(Entry))
    assert depends > 120
