"""One suite for every operator: nothing here knows an operator by name, but for the lists that are asserted."""

import random
import re
from collections import Counter

import pytest
from operator_points import (
    are_close,
    entry_at,
    extreme_points,
    in_parameters,
    point,
    slope,
    sure_value,
    unfolded,
    value,
    weighed,
    weight,
)
from sympy import Symbol

from symnn.declare import DeclarationError, Operator, Stable, operator, registry
from symnn.derive import derive
from symnn.derive.elementwise import OUTPUT, elementwise_lemma
from symnn.derive.lemmas import operator_lemma
from symnn.emit.declared import declared_forms
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.evaluate import positions
from symnn.formula.nodes import Tensor, tensors, total
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import complexity
from symnn.formula.substitute import rename_tensors, substitute_entries, substitute_indices, unfold_all
from symnn.network.arrays import exp, expression, log, mean, sqrt, tensor
from symnn.network.arrays import total as summed
from symnn.network.build import Draft
from symnn.network.hoist import flattened

OPERATORS = registry.all()
SIZES = (0, 1, 2)

# Lemmas whose equality with the plain derivative the normal form does not show; balls at random points must do.
NOT_SHOWN: set[tuple[str, str]] = set()
every_operator = pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)


def lemma_in_parameters(op: Operator, place: int):
    """The operator's lemma at free indices, written out in its parameters and the weight."""
    lemma = operator_lemma(op.definition, place)
    formula = in_parameters(lemma.formula, flattened(op.definition).steps)
    return rename_tensors(formula, {lemma.upstream: weight(op)}), lemma.indices


def plain_adjoint(op: Operator, place: int, indices):
    """The same from the primitive rules alone."""
    array = unfolded(op)
    derivative = differentiate(unfold_all(array.body), op.parameters[place].entry(*indices))
    return eliminate_deltas(total(weight(op).entry(*array.indices) * derivative, *array.indices))


def lemma_at(op: Operator, place: int):
    """The lemma of an elementwise operator as a formula in its parameters."""
    lemma = elementwise_lemma(op.function, place)
    output = op.function.body
    return [substitute_entries(form, lambda e: output if e.tensor == OUTPUT else None) for form in lemma.forms]


# -- what is checked ------------------------------------------------------------------------------------------


def check_adjoint(op: Operator, step: int) -> None:
    """The adjoint of every parameter is the limit of differences of the unfolded definition."""
    whole, numbers = weighed(op), point(op, step, step)
    for place, parameter in enumerate(op.parameters):
        formula, indices = lemma_in_parameters(op, place)
        for entry in positions(numbers.shape(parameter)):
            found = value(formula, numbers, dict(zip(indices, entry, strict=True)))
            expected = slope(whole, numbers, parameter, entry)
            assert are_close(found, expected), (op.name, parameter, entry, found, expected)


def check_network(op: Operator) -> None:
    """A network that uses the operator has the same gradient."""
    draft = Draft()
    result = draft.define("out", op(*map(expression, op.parameters), **{c.name: c.symbol for c in op.constants}))
    draft.define("loss", summed(result * expression(weight(op))))
    network = draft.network(inputs=[weight(op).name])
    numbers, whole = point(op, 7, 1), weighed(op)
    derivation = derive(network)
    for parameter in op.parameters:
        adjoint = derivation.adjoint(parameter.name)
        formula = adjoint.formula
        for other in reversed(derivation.adjoints):
            formula = in_parameters(formula, [other]) if other.tensor in tensors(formula) else formula
        formula = in_parameters(formula, network.equations)
        entry = positions(numbers.shape(parameter))[-1]
        found = value(formula, numbers, dict(zip(adjoint.indices, entry, strict=True)))
        expected = slope(whole, numbers, parameter, entry)
        assert are_close(found, expected), (op.name, parameter, found, expected)


def is_shown(op: Operator, place: int) -> bool:
    """Whether the normal form shows that the lemma is the plain derivative, away from kinks."""
    formula, indices = lemma_in_parameters(op, place)
    try:
        return Normalizer().equal(formula, plain_adjoint(op, place, indices), almost_everywhere=True)
    except (TooLarge, ZeroDivisionError):
        return False


def check_lemma(op: Operator, not_shown: set[tuple[str, str]]) -> None:
    for place, parameter in enumerate(op.parameters):
        assert is_shown(op, place) != ((op.name, parameter.name) in not_shown), (op.name, parameter)


def check_extremes(op: Operator) -> None:
    """At huge, tiny, equal and zero entries the lemma has a value wherever the plain derivative has one: the same."""
    lemmas = [lemma_in_parameters(op, place) for place in range(len(op.parameters))]
    plain = [plain_adjoint(op, place, indices) for place, (_, indices) in enumerate(lemmas)]
    decided = 0
    whole = weighed(op)
    for numbers in extreme_points(op):
        assert sure_value(whole, numbers) is not None, op.name
        for parameter, (formula, indices), derivative in zip(op.parameters, lemmas, plain, strict=True):
            at = dict.fromkeys(indices, 0)
            expected = sure_value(derivative, numbers, at)
            if expected is None:
                continue
            found = sure_value(formula, numbers, at)
            assert found is not None, (op.name, parameter, formula)
            assert found.overlaps(expected), (op.name, parameter, found, expected)
            decided += 1
    assert decided > 0, f"no extreme point in the domain of {op.name}"


def check_elementwise(op: Operator) -> None:
    """Every form of an elementwise lemma has the value of the plain one."""
    for place in range(len(op.parameters)):
        lemma = elementwise_lemma(op.function, place)
        assert lemma.folded == min(lemma.forms, key=complexity)
        scalars = {c.symbol: Tensor(c.name).entry() for c in op.constants}
        numbers = point(op, 3, 0)
        inside = type(numbers)(
            numbers.dimensions,
            {**numbers.values, **{Tensor(c.name): {(): numbers.scalars[c.symbol]} for c in op.constants}},
            numbers.scalars,
        )
        expected = value(lemma.plain.xreplace(scalars), inside)
        for form in lemma_at(op, place):
            found = value(form, inside)
            assert found is not None, form
            assert expected is not None
            assert found.overlaps(expected), (op.name, form)


def check_stable(op: Operator) -> None:
    """What is declared to be equal is; what is declared not to change under a shift does not, or is shifted itself."""
    array = unfolded(op)
    normalizer = Normalizer()
    if op.stable is None:
        return
    if op.stable.equal is not None:
        form = expression(op.stable.equal(*map(expression, op.parameters))).array
        assert normalizer.equal(array.body, form.at(*array.indices)), op.name
    if op.stable.shift is not None:
        by = Symbol("by", real=True)
        moved = substitute_entries(array.body, lambda e: e + by if e.tensor.name == op.stable.shift else None)
        assert normalizer.equal(moved, array.body) or normalizer.equal(moved, array.body + by), op.name


def check_description(op: Operator) -> None:
    assert re.fullmatch(r"[A-Z0-9].*[^.]\.", op.summary), op.summary
    assert op.kind
    assert op.latex.count("{") == op.latex.count("}")
    assert registry.find(op.name) is op
    for alias in op.aliases:
        assert registry.find(alias) is op
        assert len(alias) > 1, f"{alias} would take the place of a variable"
    assert {c.name for c in op.constants}.isdisjoint({p.name for p in op.parameters})
    for name in ("g", "y", weight(op).name):
        assert name not in {p.name for p in op.parameters} | {s.tensor.name for s in op.definition.lets}


CHECKS = (
    lambda op: check_adjoint(op, 0),
    lambda op: check_adjoint(op, 1),
    lambda op: check_adjoint(op, 2),
    check_network,
    lambda op: check_lemma(op, NOT_SHOWN),
    check_extremes,
    lambda op: check_elementwise(op) if op.is_elementwise else None,
    check_stable,
    check_description,
)


@every_operator
@pytest.mark.parametrize("step", SIZES)
def test_the_adjoint_of_every_parameter_is_the_limit_of_differences(op, step):
    check_adjoint(op, step)


@every_operator
def test_a_network_with_the_operator_has_its_gradient(op):
    check_network(op)


@every_operator
def test_the_lemma_is_the_plain_derivative(op):
    check_lemma(op, NOT_SHOWN)


@every_operator
def test_the_lemma_has_a_value_wherever_the_plain_derivative_has_one(op):
    check_extremes(op)


@pytest.mark.parametrize("op", [op for op in OPERATORS if op.is_elementwise], ids=lambda op: op.name)
def test_every_form_of_an_elementwise_derivative_has_its_value(op):
    check_elementwise(op)


@every_operator
def test_what_is_declared_stable_follows_from_the_definition(op):
    check_stable(op)


@every_operator
def test_the_operator_is_described(op):
    check_description(op)


def test_the_list_of_what_is_not_shown_is_short():
    known = {(op.name, p.name) for op in OPERATORS for p in op.parameters}
    assert known >= NOT_SHOWN
    assert len(NOT_SHOWN) <= 2


def test_names_are_told_apart_without_case_underscores_and_hyphens():
    names = [(op.name, name) for op in OPERATORS for name in {op.name, *op.aliases}]
    plain = Counter((owner, re.sub(r"[_\- ]", "", name).lower()) for owner, name in names)
    owners: dict[str, set[str]] = {}
    for owner, name in plain:
        owners.setdefault(name, set()).add(owner)
    assert [name for name, several in owners.items() if len(several) > 1] == []


def test_the_suite_sees_kinks_domains_and_constants():
    # else the checks above would hold for want of cases
    assert len(OPERATORS) > 60
    assert sum(bool(op.domain) for op in OPERATORS) > 10
    assert sum(bool(op.constants) for op in OPERATORS) > 10
    assert sum(bool(op.definition.lets) for op in OPERATORS) > 10
    assert sum(op.definition.is_composite for op in OPERATORS) >= 2
    assert sum(op.stable is not None for op in OPERATORS) > 5


def test_an_operator_that_is_added_goes_through_all_of_it():
    @operator(latex=r"\operatorname{Mish'}", kind="activation")
    def mish_again(x: "") -> "":  # noqa: F722
        """A number times the hyperbolic tangent of its softplus."""
        s = 1 + exp(x)
        return x * (s**2 - 1) / (s**2 + 1)

    try:
        assert registry.find("mish_again") is mish_again
        for check in CHECKS:
            check(mish_again)
        find = registry.find
        known = expression(Tensor("x")) * find("tanh")(find("softplus")(Tensor("x")))
        assert Normalizer().equal(mish_again.function.body, known.array.body)
    finally:
        registry.remove("mish_again")
    assert registry.find("mish_again") is None


def test_a_formula_without_its_domain_is_noticed():
    @operator(kind="test")
    def wrong(x: "n") -> "n":  # noqa: F821
        """A logarithm of what may be negative, without a word about it."""
        return log(x)

    try:
        with pytest.raises(AssertionError, match="no value in its domain"):
            check_adjoint(wrong, 1)
    finally:
        registry.remove("wrong")


def test_a_wrong_shift_is_noticed_and_refused():
    @operator(kind="test", stable=Stable(shift="x"))
    def wrong(x: "n") -> "n":  # noqa: F821
        """A vector over its root mean square, which a shift changes."""
        return x / sqrt(mean(x**2) + 1)

    try:
        with pytest.raises(AssertionError):
            check_stable(wrong)
        draft = Draft()
        draft.define("loss", summed(wrong(tensor("w", "n"))))
        with pytest.raises(DeclarationError, match="neither stays the same nor is shifted itself"):
            declared_forms(draft.network().equations)
    finally:
        registry.remove("wrong")


def test_points_are_reproducible():
    op = random.Random(0).choice(OPERATORS)
    assert point(op, 1, 1) == point(op, 1, 1)


def test_indices_of_lemmas_are_free():
    for op in OPERATORS[:5]:
        for place in range(len(op.parameters)):
            entry, indices = entry_at(op.parameters[place])
            formula, own = lemma_in_parameters(op, place)
            moved = substitute_indices(formula, dict(zip(own, indices, strict=True)))
            assert moved.free_symbols.isdisjoint(set(own) - set(indices))
            assert entry.tensor == op.parameters[place]
