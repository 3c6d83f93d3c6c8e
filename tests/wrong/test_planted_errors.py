"""Errors planted in real derivations: every one must be refused.

A planted error changes one step (and what follows from it is kept consistent, so that the chain still fits together)
or the frame around the steps. Mutants that do not change a value are not errors and are left out.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from networks import NETWORKS
from slips import slips
from sympy import S

from symnn.check.kernel import StepError, check_derivation, replay
from symnn.check.serialize import to_json
from symnn.derive import derive
from symnn.derive.derivation import Adjoint, Derivation, Step
from symnn.derive.steps import elementwise_steps
from symnn.formula.evaluate import EvaluationError, Undetermined, evaluate, positions
from symnn.formula.facts import Fact
from symnn.formula.nodes import tensors
from symnn.formula.substitute import node_at, replace_at
from symnn.network.batch import batched
from symnn.network.values import random_leaves, with_definitions

BASES = [*NETWORKS, "batched softmax regression", "batched two-layer perceptron"]


def derivation_of(name: str) -> Derivation:
    if name.startswith("batched "):
        return derive(batched(NETWORKS[name.removeprefix("batched ")]()))
    return derive(NETWORKS[name]())


def differs(derivation: Derivation, adjoint: Adjoint, before: Any, after: Any) -> bool:
    """Whether two formulas for an adjoint have different values somewhere. Ill-formed mutants count as different."""
    network = derivation.network
    generator = random.Random(5)
    sizes = dict.fromkeys(network.dimensions, 2)
    for _ in range(6):
        leaves = random_leaves(network, sizes, generator)
        everything = with_definitions(leaves, (*network.equations, *derivation.adjoints))
        for position in positions(leaves.shape(adjoint.of)):
            indices = dict(zip(adjoint.indices, position, strict=True))
            try:
                left = evaluate(before, everything, indices)
            except Undetermined:
                continue
            try:
                right = evaluate(after, everything, indices)
            except (EvaluationError, KeyError):
                return True
            if not left.overlaps(right):
                return True
    return False


def with_last_formula(derivation: Derivation, place: int, formula: Any) -> Derivation:
    adjoint = derivation.adjoints[place]
    steps = (*adjoint.steps[:-1], replace(adjoint.steps[-1], after=formula))
    changed = replace(adjoint, steps=steps)
    return replace(derivation, adjoints=(*derivation.adjoints[:place], changed, *derivation.adjoints[place + 1 :]))


def is_refused(derivation: Derivation) -> bool:
    try:
        check_derivation(derivation)
    except StepError:
        return True
    return False


@pytest.mark.parametrize("name", BASES)
def test_the_derivation_itself_is_accepted(name: str) -> None:
    assert check_derivation(derivation_of(name)) > 0


@pytest.mark.parametrize("name", BASES)
def test_a_slip_in_a_result_is_refused(name: str) -> None:
    derivation = derivation_of(name)
    tried = 0
    for place, adjoint in enumerate(derivation.adjoints):
        for kind, formula in slips(adjoint.formula):
            if formula == adjoint.formula or not differs(derivation, adjoint, adjoint.formula, formula):
                continue
            tried += 1
            planted = with_last_formula(derivation, place, formula)
            assert is_refused(planted), f"{kind} in the adjoint of {adjoint.of.name} was accepted: {formula}"
    assert tried >= 5


@pytest.mark.parametrize("name", BASES)
def test_a_slip_in_the_first_formula_is_refused(name: str) -> None:
    derivation = derivation_of(name)
    for place, adjoint in enumerate(derivation.adjoints):
        first = adjoint.steps[0]
        wrong = Step(first.rule, -first.before, -first.after, first.uses, first.at, first.says)
        second = replace(adjoint.steps[1], before=wrong.after)
        changed = replace(adjoint, steps=(wrong, second, *adjoint.steps[2:]))
        others = (*derivation.adjoints[:place], changed, *derivation.adjoints[place + 1 :])
        with pytest.raises(StepError):
            check_derivation(replace(derivation, adjoints=others))


@pytest.mark.parametrize("name", BASES)
def test_a_consistent_sign_error_is_refused(name: str) -> None:
    """The whole chain of one adjoint negated: every step still follows from the one before."""
    derivation = derivation_of(name)
    adjoint = derivation.adjoints[0]
    steps = tuple(replace(s, before=-s.before, after=-s.after) for s in adjoint.steps)
    with pytest.raises(StepError, match="sum over all uses"):
        check_derivation(replace(derivation, adjoints=(replace(adjoint, steps=steps), *derivation.adjoints[1:])))


def test_a_dropped_path_is_refused() -> None:
    derivation = derivation_of("nested function")
    place = next(n for n, a in enumerate(derivation.adjoints) if a.of.name == "x_2")
    adjoint = derivation.adjoints[place]
    kept = adjoint.steps[0].before.args[0]
    chain = Step("chain rule", kept, kept)
    second = replace(adjoint.steps[1], before=kept, after=adjoint.steps[1].after.args[0])
    changed = replace(adjoint, steps=(chain, second))
    others = (*derivation.adjoints[:place], changed, *derivation.adjoints[place + 1 :])
    with pytest.raises(StepError, match="sum over all uses"):
        check_derivation(replace(derivation, adjoints=others))


def test_a_forged_fact_is_refused() -> None:
    derivation = derive(NETWORKS["softmax regression"]())
    place = next(n for n, a in enumerate(derivation.adjoints) if a.of.name == "z")
    network = derivation.network
    without = replace(derivation, network=network.with_(facts=()))
    with pytest.raises(StepError, match="no fact"):
        check_derivation(without)
    p = network.tensor("p")
    forged = network.with_(facts=(Fact("sum", p, 0, S.Zero),))
    with pytest.raises(StepError):
        check_derivation(replace(derivation, network=forged))
    assert derivation.adjoints[place].steps[-1].rule == "fact"


@pytest.mark.parametrize("rule", ["quotient", "product", "chain rule", "algebra", "differentiate", "no such rule"])
def test_a_wrong_rule_is_refused(rule: str) -> None:
    derivation = derivation_of("two-layer perceptron")
    adjoint = derivation.adjoint("a_2")
    place = derivation.adjoints.index(adjoint)
    changed = replace(adjoint, steps=(adjoint.steps[0], replace(adjoint.steps[1], rule=rule)))
    others = (*derivation.adjoints[:place], changed, *derivation.adjoints[place + 1 :])
    with pytest.raises(StepError):
        check_derivation(replace(derivation, adjoints=others))


def test_primitive_steps_refuse_another_rule_and_another_place() -> None:
    from symnn.check.kernel import Named, check_chain
    from symnn.declare import registry
    from symnn.derive.elementwise import OUTPUT
    from symnn.formula.differentiate import RULES

    sigmoid = registry.find("sigmoid")
    assert sigmoid is not None
    steps = elementwise_steps(sigmoid.function)
    known = {OUTPUT.name: Named(OUTPUT, (), sigmoid.function.body)}
    check_chain("sigmoid", steps, known)
    for position, step in enumerate(steps[:-1]):
        for rule in RULES:
            node = node_at(step.before, step.at)
            # -x is a product and a constant factor: two rules may give the same right result.
            if rule.applies(node.body, node.entry) and (
                replace_at(step.before, step.at, rule.apply(node.body, node.entry)) == step.after
            ):
                continue
            wrong = (*steps[:position], replace(step, rule=rule.name), *steps[position + 1 :])
            with pytest.raises(StepError):
                check_chain("sigmoid", wrong, known)
        wrong = (*steps[:position], replace(step, at=(*step.at, 0)), *steps[position + 1 :])
        with pytest.raises(StepError):
            check_chain("sigmoid", wrong, known)


def test_a_missing_gradient_is_refused() -> None:
    derivation = derivation_of("two-layer perceptron")
    with pytest.raises(StepError, match="missing"):
        check_derivation(replace(derivation, adjoints=derivation.adjoints[:-1]))


def test_an_adjoint_used_before_it_is_derived_is_refused() -> None:
    derivation = derivation_of("two-layer perceptron")
    with pytest.raises(StepError):
        check_derivation(replace(derivation, adjoints=tuple(reversed(derivation.adjoints))))


def test_an_adjoint_that_refers_to_itself_is_refused() -> None:
    derivation = derivation_of("two-layer perceptron")
    adjoint = derivation.adjoints[0]
    itself = adjoint.tensor.entry(*adjoint.indices)
    assert adjoint.tensor not in tensors(adjoint.formula)
    with pytest.raises(StepError):
        check_derivation(with_last_formula(derivation, 0, itself))


def test_replay_of_changed_json_is_refused() -> None:
    derivation = derivation_of("custom neurons")
    data = to_json(derivation)
    assert replay(json.dumps(data)).passed
    text = json.dumps(data)
    assert '["mul", 2' in text
    # The factor 2 of a power rule becomes 3 wherever the formulas have it.
    assert not replay(text.replace('["mul", 2', '["mul", 3')).passed
