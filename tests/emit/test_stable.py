"""Sums of exponentials, logarithms and divisions in the safe plan."""

from __future__ import annotations

import pytest
from sympy import Pow, exp, log

from symnn.derive import derive
from symnn.emit.definitions import Definitions
from symnn.emit.errors import EmitError
from symnn.emit.plan import Assignment, plan_of
from symnn.emit.scales import Scaling, hoisted
from symnn.emit.stable import stable
from symnn.emit.unify import unified
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Entry, Extreme, Tensor, Total, tensors
from symnn.network.batch import batched

N = dimension("n")
I_, K = Index("i", N), Index("k", N)
X, E, Z, P = Tensor("x", (N,)), Tensor("e", (N,)), Tensor("Z"), Tensor("p", (N,))


def softmax(bottom):
    return [
        Assignment(E, (I_,), exp(X[I_])),
        Assignment(Z, (), Total(E[K], K)),
        Assignment(P, (I_,), E[I_] / bottom),
    ]


def formulas(equations):
    return {e.tensor.name: e.formula for e in equations}


def test_the_largest_exponent_is_taken_out():
    found = formulas(Scaling(softmax(Z.entry()), [P]).run())
    assert list(found) == ["e_max", "e_shifted", "e", "Z", "p"]
    assert isinstance(found["e_max"], Extreme)
    assert found["p"] == E[I_] / Z.entry()
    assert found["e"] == exp(Tensor("e_shifted", (N,))[I_])


def test_a_logarithm_gets_the_exponent_back():
    wanted = Tensor("L")
    equations = [*softmax(Z.entry()), Assignment(wanted, (), log(Z.entry()) + log(E[0]))]
    found = formulas(Scaling(equations, [wanted]).run())["L"]
    largest = Tensor("e_max").entry()
    assert found == log(Z.entry()) + 2 * largest + Tensor("e_shifted", (N,))[0]


def test_a_value_that_is_wanted_as_it_is_gets_its_factor_back():
    """Not invariant under a shift: the factor does not cancel, and is put back."""
    found = formulas(Scaling(softmax(1 + Z.entry()), [P]).run())
    assert found["p"] == E[I_] * exp(Tensor("e_max").entry()) / (1 + Z.entry() * exp(Tensor("e_max").entry()))


def test_sums_that_nothing_divides_by_are_left_alone():
    equations = [Assignment(E, (I_,), exp(X[I_])), Assignment(Z, (), Total(E[K], K))]
    assert Scaling(equations, [Z]).run() == equations


def test_exponentials_inside_sums_get_a_name_and_equal_ones_share_it():
    equations = [Assignment(P, (I_,), exp(X[I_]) / Total(exp(X[K]), K))]
    found = hoisted(equations, str)
    assert [e.tensor.name for e in found] == ["exponential", "p"]
    assert {t.name for t in tensors(found[1].formula)} == {"exponential"}


def test_a_form_that_cannot_be_proven_is_an_error(monkeypatch):
    scaling = Scaling(softmax(Z.entry()), [P])
    monkeypatch.setattr(scaling, "descale", lambda formula: (formula * 2, {}))
    with pytest.raises(EmitError, match="not shown to be equal"):
        scaling.run()


def test_what_is_made_of_exponentials():
    s, h = Tensor("s", (N,)), Tensor("h", (N,))
    definitions = Definitions(
        [
            *softmax(Z.entry()),
            Assignment(s, (I_,), 1 / (1 + exp(-X[I_]))),
            Assignment(h, (I_,), 2 * X[I_] + log(1 + exp(X[I_]))),
        ]
    )
    assert all(definitions.is_exponential(t) for t in (E, Z, P, s))
    assert not definitions.is_exponential(X)
    assert not definitions.is_exponential(h)
    assert definitions.may_vanish(P)
    assert not definitions.may_vanish(Z)
    solved = definitions.without_exponentials(exp(X[K]) / (1 + exp(X[K])) ** 2)
    assert solved.has(Entry)
    assert not solved.has(exp)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_no_gradient_divides_by_a_probability(tools, reduction):
    for name in (
        "softmax_regression",
        "spelled_softmax",
        "one_line_softmax",
        "logistic_regression",
        "spelled_logistic",
    ):
        network = batched(tools.NETWORKS[name](), reduction)
        derivation = derive(network)
        plan = stable(plan_of(derivation.network, derivation.adjoints))
        for equation in plan.backward:
            for power in equation.formula.atoms(Pow):
                if power.exp.could_extract_minus_sign():
                    names = {t.name for t in tensors(power.base)}
                    assert names <= {"Z", "exponential"}, (name, equation.formula)


def test_unifying_needs_equal_formulas():
    assert unified(exp(X[I_]), exp(X[K])) == {I_: K}
    assert unified(exp(X[I_]), exp(2 * X[K])) is None
    assert unified(exp(X[I_]), exp(P[K])) is None
