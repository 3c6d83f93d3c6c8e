"""Errors planted in second derivatives: every one must be refused, and what is right is accepted."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from networks import NETWORKS
from slips import slips
from sympy import Expr, Mul, S

from symnn.check.kernel import StepError, check_derivation, replay
from symnn.check.serialize import dumps, from_json
from symnn.derive import derive
from symnn.derive.derivation import Derivation, SecondOrder, Tangent, tangent_tensor
from symnn.formula.evaluate import Assignment, EvaluationError, Undetermined, evaluate, positions
from symnn.formula.facts import Fact
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Inside, Tensor, Total
from symnn.network.arrays import tensor, total
from symnn.network.build import Draft, network_of
from symnn.network.equations import Equation, Network
from symnn.network.values import random_leaves, with_definitions


def recurrence() -> Network:
    """``h[t] = (w x[t] + u h[t-1])²`` with half the squared error: the smallest network with a loop."""
    steps = dimension("T")
    t = Index("t", steps)
    x, y, h = (Tensor(name, (steps,)) for name in "xyh")
    w, u = Tensor("w").entry(), Tensor("u").entry()
    inside = w * x[t] + u * Inside(t - 1, steps) * h[t - 1]
    equations = [Equation(h, (t,), inside**2), Equation(Tensor("L"), (), Total((h[t] - y[t]) ** 2, t) / 2)]
    return network_of(equations, inputs=["x"], targets=["y"], loss="L")


EVERY = {**NETWORKS, "recurrence": recurrence}
BASES = ["logistic regression", "softmax regression", "nested function", "recurrence"]


@cache
def derivation_of(name: str) -> Derivation:
    return derive(EVERY[name](), order=2)


def second_of(derivation: Derivation) -> SecondOrder:
    assert derivation.second is not None
    return derivation.second


def planted(derivation: Derivation, **changes: Any) -> Derivation:
    return replace(derivation, second=replace(second_of(derivation), **changes))


def with_tangent(derivation: Derivation, place: int, change: Callable[[Tangent], Tangent]) -> Derivation:
    tangents = second_of(derivation).tangents
    return planted(derivation, tangents=(*tangents[:place], change(tangents[place]), *tangents[place + 1 :]))


def with_last(item: Any, formula: Any) -> Any:
    return replace(item, steps=(*item.steps[:-1], replace(item.steps[-1], after=formula)))


@cache
def values(name: str) -> Assignment:
    """Numbers for everything: leaves, directions, values, adjoints, tangents."""
    derivation = derivation_of(name)
    network, second = derivation.network, second_of(derivation)
    generator = random.Random(11)
    sizes = dict.fromkeys(network.dimensions, 2)
    leaves = random_leaves(network, sizes, generator)
    direction = {
        tangent_tensor(p): {q: Fraction(generator.randint(1, 9), 7) for q in positions(leaves.shape(p))}
        for p in network.parameters
    }
    moved = replace(leaves, values={**leaves.values, **direction})
    return with_definitions(moved, (*network.equations, *derivation.adjoints, *second.tangents))


def differs(name: str, indices: Any, before: Any, after: Any) -> bool:
    everything = values(name)
    for position in positions(tuple(everything.size(i.dimension) for i in indices)):
        at = dict(zip(indices, position, strict=True))
        try:
            if not evaluate(before, everything, at).overlaps(evaluate(after, everything, at)):
                return True
        except Undetermined:
            continue
        except (EvaluationError, KeyError):
            return True
    return False


def refused(derivation: Derivation) -> str:
    with pytest.raises(StepError) as error:
        check_derivation(derivation)
    return str(error.value)


@pytest.mark.parametrize("name", [*BASES, "custom neurons"])
def test_second_derivatives_replay_also_from_json(name: str) -> None:
    derivation = derivation_of(name)
    first = check_derivation(replace(derivation, second=None))
    text = dumps(derivation)
    again = from_json(json.loads(text))
    assert dumps(again) == text
    report = replay(text)
    assert report.passed
    assert report.steps > first


@pytest.mark.parametrize("name", BASES)
def test_a_slip_in_a_tangent_is_refused(name: str) -> None:
    derivation = derivation_of(name)
    generator = random.Random(name)
    mutants = [
        (place, kind, formula)
        for place, tangent in enumerate(second_of(derivation).tangents)
        for kind, formula in slips(tangent.formula)
        if formula != tangent.formula and differs(name, tangent.indices, tangent.formula, formula)
    ]
    assert len(mutants) >= 6
    for place, kind, formula in generator.sample(mutants, 6):
        changed = with_tangent(derivation, place, lambda tangent, formula=formula: with_last(tangent, formula))
        assert refused(changed), f"{kind}: {formula}"


@pytest.mark.parametrize("name", ["logistic regression", "softmax regression", "nested function"])
def test_a_slip_in_a_block_of_the_hessian_is_refused(name: str) -> None:
    derivation = derivation_of(name)
    columns = second_of(derivation).columns
    mutants = []
    for number, column in enumerate(columns):
        for place, block in enumerate(column.blocks):
            for _, formula in slips(block.formula):
                if formula != block.formula and differs(name, block.indices, block.formula, formula):
                    blocks = (*column.blocks[:place], with_last(block, formula), *column.blocks[place + 1 :])
                    mutants.append((*columns[:number], replace(column, blocks=blocks), *columns[number + 1 :]))
    assert len(mutants) >= 5
    for changed in random.Random(name).sample(mutants, 4):
        assert refused(planted(derivation, columns=changed))


@pytest.mark.parametrize("name", BASES)
def test_a_whole_tangent_that_is_twice_as_large_is_refused(name: str) -> None:
    """Every step still follows from the one before; the first is not the sum over all that moves."""

    def doubled(tangent: Tangent) -> Tangent:
        steps = tuple(replace(s, before=2 * s.before, after=2 * s.after) for s in tangent.steps)
        return replace(tangent, steps=steps)

    derivation = derivation_of(name)
    for place, tangent in enumerate(second_of(derivation).tangents):
        if all(isinstance(s.before, Expr) for s in tangent.steps):
            assert "sum over all that moves" in refused(with_tangent(derivation, place, doubled))


@pytest.mark.parametrize("name", BASES)
def test_a_missing_tangent_is_refused(name: str) -> None:
    derivation = derivation_of(name)
    tangents = second_of(derivation).tangents
    for place in range(len(tangents)):
        left = (*tangents[:place], *tangents[place + 1 :])
        assert refused(planted(derivation, tangents=left))


def test_leaving_out_every_tangent_is_refused() -> None:
    """A gradient that moves may not be passed off as one that does not."""
    assert "missing" in refused(planted(derivation_of("logistic regression"), tangents=(), columns=()))


def test_a_tangent_before_what_it_needs_is_refused() -> None:
    derivation = derivation_of("logistic regression")
    assert "too early" in refused(planted(derivation, tangents=second_of(derivation).tangents[::-1]))


def test_a_tangent_in_terms_of_itself_is_refused() -> None:
    derivation = derivation_of("logistic regression")
    place = len(second_of(derivation).tangents) - 1

    def circular(tangent: Tangent) -> Tangent:
        own = tangent.tensor.entry(*tangent.indices)
        return with_last(tangent, own)

    assert refused(with_tangent(derivation, place, circular))


def test_a_block_of_another_column_is_refused() -> None:
    derivation = derivation_of("softmax regression")
    first, second, *others = second_of(derivation).columns
    swapped = (replace(first, blocks=second.blocks), replace(second, blocks=first.blocks), *others)
    assert "this column" in refused(planted(derivation, columns=swapped))


def test_a_zero_block_of_what_moves_is_refused() -> None:
    derivation = derivation_of("logistic regression")
    (column,) = second_of(derivation).columns
    (block,) = column.blocks
    zero = replace(block, steps=(replace(block.steps[0], before=S.Zero, after=S.Zero),))
    assert "change of the gradient" in refused(planted(derivation, columns=(replace(column, blocks=(zero,)),)))


def test_a_direction_that_is_left_over_is_refused() -> None:
    derivation = derivation_of("logistic regression")
    (column,) = second_of(derivation).columns
    (block,) = column.blocks
    short = replace(block, steps=block.steps[:2])
    assert "left over" in refused(planted(derivation, columns=(replace(column, blocks=(short,)),)))


def test_a_direction_in_the_data_is_refused() -> None:
    derivation = derivation_of("logistic regression")
    along = (derivation.network.tensor("X"),)
    assert "no direction" in refused(planted(derivation, along=along))


def quadratic() -> Draft:
    draft = Draft()
    x, a = tensor("x", "n"), tensor("A", "n n")
    draft.define("L", total(x * (a @ x)))
    return draft


def test_a_gradient_that_rests_on_a_fact_is_not_differentiated_where_the_fact_may_fail() -> None:
    """With ``A = Aᵀ`` the gradient is 2 A x; its change along A is not 2 Ȧ x, which holds for symmetric Ȧ only."""
    network = quadratic().network()
    symmetric = network.with_(facts=(Fact("symmetric", network.tensor("A")),))
    right = derive(symmetric, order=2)
    assert check_derivation(right)
    assert not right.network.facts
    fixed = derive(symmetric.with_(parameters=(network.tensor("x"),), inputs=(network.tensor("A"),)), order=2)
    assert check_derivation(fixed)
    assert any(step.rule == "fact" for a in fixed.adjoints for step in a.steps)
    forged = replace(derive(symmetric), second=right.second)
    assert refused(forged)


def test_a_unit_direction_of_another_length_is_refused() -> None:
    derivation = derivation_of("softmax regression")
    columns = second_of(derivation).columns
    column = columns[0]
    block = column.blocks[0]
    place = next(n for n, step in enumerate(block.steps) if step.rule == "unit direction")
    steps = [
        replace(s, before=s.before if n == place else Mul(2, s.before), after=Mul(2, s.after)) if n >= place else s
        for n, s in enumerate(block.steps)
    ]
    changed = replace(column, blocks=(replace(block, steps=tuple(steps)), *column.blocks[1:]))
    assert "unit direction" in refused(planted(derivation, columns=(changed, *columns[1:])))
