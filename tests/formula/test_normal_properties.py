"""The normal form on random formulas: it keeps values, and never makes two different formulas equal."""

import random

import pytest
import random_formulas as make
import sympy
from hypothesis import given
from random_formulas import FREE, TENSORS, assignments, disagreement, formulas, is_real, thorough
from sympy import Abs, Rational, S, exp, log, sin, sqrt

from symnn.formula.evaluate import Assignment
from symnn.formula.facts import Fact
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Elementwise,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
)
from symnn.formula.normal import Normalizer, TooLarge, reduced
from symnn.formula.substitute import node_at, rebuild, replace_at, substitute_indices

n, m = dimension("n"), dimension("m")
i, j, k = Index("i", n), Index("j", n), Index("k", n)
a, b, c = (Tensor(name).entry() for name in "abc")
x, y, A = Tensor("x", (n,)), Tensor("y", (n,)), Tensor("A", (n, n))
REFUSALS = (TooLarge, ZeroDivisionError)


def normal(formula, normalizer=None):
    """The normal form as a formula; None where it is refused."""
    normalizer = normalizer or Normalizer()
    try:
        return normalizer.formula(reduced(normalizer.normal(formula)))
    except REFUSALS:
        return None


def equal(normalizer, left, right, **options):
    try:
        return normalizer.equal(left, right, **options)
    except REFUSALS:
        return False


@thorough(250)
@given(formulas(), assignments())
def test_the_normal_form_has_the_same_value(formula, assignment):
    found = normal(formula)
    assert found is None or disagreement(formula, found, assignment) is None


@thorough(60)
@given(formulas(depth=4), assignments())
def test_the_normal_form_of_larger_formulas_has_the_same_value(formula, assignment):
    found = normal(formula)
    assert found is None or disagreement(formula, found, assignment) is None


@thorough(120)
@given(formulas(), assignments())
def test_the_normal_form_of_a_normal_form_has_the_same_value(formula, assignment):
    # Bound names that one normalizer gave are the names that the next one gives.
    once = normal(formula)
    twice = normal(once) if once is not None else None
    assert twice is None or disagreement(formula, twice, assignment) is None


def rewritten(formula, source):
    """Another formula for the same: sums split, exchanged, renamed, products expanded, maxima turned round."""
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    if isinstance(formula, Total | Extreme):
        return rewritten_binder(formula, source)
    result = rebuild(formula, [rewritten(arg, source) for arg in formula.args])
    if isinstance(result, sympy.Mul) and source.random() < 0.5:
        return sympy.expand_mul(result, deep=False)
    if isinstance(result, Maximum):
        left, right = result.args
        return source.choice([result, Maximum(right, left), -Minimum(-left, -right)])
    return result


def rewritten_binder(formula, source):
    body, index = rewritten(formula.body, source), formula.index
    renamed = index.fresh()
    moved = formula.func(substitute_indices(body, {index: renamed}), renamed)
    if isinstance(formula, Extreme):
        return moved
    choices = [moved]
    if isinstance(body, sympy.Add):
        choices.append(sympy.Add(*[Total(term, index) for term in body.args]))
    if isinstance(body, sympy.Mul):
        outside = [factor for factor in body.args if index not in factor.free_symbols]
        inside = [factor for factor in body.args if index in factor.free_symbols]
        choices.append(sympy.Mul(*outside) * Total(sympy.Mul(*inside), index))
    if isinstance(body, Total) and body.index != index:
        choices.append(Total(Total(body.body, index), body.index))
    return source.choice(choices)


def test_rewritten_formulas_are_shown_equal():
    shown = refused = 0
    for seed in range(150):
        source = random.Random(seed)
        formula = make.formula_of(source, depth=3)
        other = rewritten(formula, source)
        assert disagreement(formula, other, make.assignment_of(source)) is None
        try:
            assert Normalizer().equal(formula, other), (formula, other)
            shown += 1
        except REFUSALS:
            refused += 1
    assert shown > 30 * refused


def nodes(formula, path=()):
    yield path, formula
    if not isinstance(formula, Tensor | Elementwise):
        for position, argument in enumerate(formula.args):
            yield from nodes(argument, (*path, position))


def mutated(formula, source):
    """The formula with a slip: an index, a tensor, a number or a sign changed somewhere."""
    path, node = source.choice(list(nodes(formula)))
    if isinstance(node, Index):
        is_bound = path and path[-1] == 1 and isinstance(node_at(formula, path[:-1]), Total | Extreme)
        names = [Index(name, node.dimension) for name in make.LETTERS] if is_bound else FREE
        new = source.choice([index for index in names if index.dimension == node.dimension])
    elif isinstance(node, Tensor):
        new = source.choice([tensor for tensor in TENSORS if tensor.shape == node.shape])
    elif isinstance(node, sympy.Rational):
        new = source.choice(make.NUMBERS)
    elif isinstance(node, sympy.Expr):
        new = source.choice([-node, node**2, node + 1])
    else:
        return formula
    return replace_at(formula, path, new)


def test_formulas_that_differ_in_value_are_never_equal():
    different = 0
    for seed in range(220):
        source = random.Random(seed)
        formula = make.formula_of(source, depth=source.choice([2, 3]))
        normalizer = Normalizer()
        for _ in range(4):
            other = mutated(formula, source)
            if not is_real(other):
                continue
            points = [make.assignment_of(source) for _ in range(2)]
            if any(disagreement(formula, other, point) is not None for point in points):
                different += 1
                assert not equal(normalizer, formula, other), (formula, other)
            if equal(normalizer, formula, other, almost_everywhere=True):
                point = make.assignment_of(source, generic=True)
                assert disagreement(formula, other, point) is None, (formula, other)
    assert different > 250


# -- facts ----------------------------------------------------------------------------------------------------


def facts_and_numbers(source):
    """Facts about the tensors, and numbers for which they hold."""
    given_numbers = make.assignment_of(source)
    tensors = {t.name: t for t in TENSORS}
    facts = [
        Fact("sum", tensors["x"], 0, S.One),
        Fact("sum", tensors["B"], 1, S.One),
        Fact("binary", tensors["y"]),
        Fact("binary", tensors["c"]),
        Fact("positive", tensors["u"]),
        Fact("positive", tensors["b"]),
        Fact("symmetric", tensors["A"]),
    ]
    chosen = [fact for fact in facts if source.random() < 0.7]
    values = {t: dict(v) for t, v in given_numbers.values.items()}
    for fact in chosen:
        numbers = values[fact.tensor]
        if fact.kind == "sum":
            rows = {place[:-1] for place in numbers}
            for row in rows:
                places = [place for place in numbers if place[:-1] == row]
                numbers[places[0]] = 1 - sum(numbers[place] for place in places[1:])
        elif fact.kind == "binary":
            numbers.update({place: source.choice([0, 1]) for place in numbers})
        elif fact.kind == "positive":
            numbers.update({place: abs(value) + 1 for place, value in numbers.items()})
        else:
            numbers.update({place: numbers[tuple(sorted(place))] for place in numbers})
    return chosen, Assignment(given_numbers.dimensions, values, given_numbers.scalars)


def test_facts_keep_the_value_where_they_hold():
    used = 0
    for seed in range(350):
        source = random.Random(seed)
        formula = make.formula_of(source, depth=3)
        facts, numbers = facts_and_numbers(source)
        normalizer = Normalizer(facts)
        found = normal(formula, normalizer)
        used += bool(normalizer.used)
        assert found is None or disagreement(formula, found, numbers) is None, (facts, formula, found)
    assert used > 20


def test_a_declared_sum_is_used_over_its_whole_axis_only():
    normalizer = Normalizer([Fact("sum", x, 0, S.One)])
    short = Index("p", m)
    assert normalizer.equal(Total(x[i], i), 1)
    assert not normalizer.equal(Total(x[short], short), 1)
    assert not normalizer.equal(Total(x[i - 1] * Inside(i - 1, n), i), 1)


# -- what once went wrong -------------------------------------------------------------------------------------


def test_canonical_names_capture_nothing():
    double = Total(Total(A[i, j] * x[i] * y[j], j), i)
    once = normal(double)
    assert normal(once) == once
    assert not Normalizer().equal(double, Total(A[i, i] * x[i] * y[i], i))
    assert not Normalizer().equal(once, Total(x[i] * A[i, i], i) * Total(y[i], i))
    free = Index("_1_0", n)
    assert not Normalizer().equal(Total(A[free, j], j), Total(A[j, j], j))
    assert not Normalizer().equal(Total(exp(A[free, j]), j), Total(exp(A[j, j]), j))
    assert Normalizer().equal(Total(exp(A[free, j]), j), Total(exp(A[free, k]), k))


def test_a_maximum_is_equal_whatever_its_index_is_called():
    assert Normalizer().equal(Extreme(A[i, j], j), Extreme(A[i, k], k))
    assert not Normalizer().equal(Extreme(A[i, j], j), Extreme(A[j, i], j))
    assert Normalizer().equal(Extreme(a, j), a)


@pytest.mark.parametrize(
    "quantity",
    [
        x[i] - Extreme(x[j], j),  # zero at the largest entry, whichever numbers there are
        x[i] - x[j],  # zero for i = j
        Total(x[i] ** 2, i) - Total(x[i], i) ** 2,  # zero for n = 1
        Maximum(0, x[i]) + Total(Maximum(0, x[j]), j),  # zero where every entry is negative
        Maximum(0, x[0]) + Maximum(0, x[1]) + Maximum(0, y[0]) + Maximum(0, y[1]) + Maximum(0, a),
        sin(a) ** 2 + sympy.cos(a) ** 2 - 1,  # zero everywhere
        Bracket(Compare("<", i, j)) * a,
    ],
    ids=str,
)
def test_zeros_that_count_are_no_kinks(quantity):
    assert not Normalizer().equal(Bracket(Compare("==", quantity, 0)), 0, almost_everywhere=True)


@pytest.mark.parametrize(
    "quantity",
    [x[i], x[i] - y[j], a * x[i] - 3, x[i] ** 2 - 4, 1 - a * b, Total(A[i, j] * x[j], j), Total(x[j] ** 2, j)],
    ids=str,
)
def test_kinks_are_left_out_almost_everywhere(quantity):
    bracket = Bracket(Compare("==", quantity, 0))
    assert Normalizer().equal(bracket, 0, almost_everywhere=True)
    assert not Normalizer().equal(bracket, 0)


def test_a_fact_may_make_a_kink_count():
    kink = Bracket(Compare("==", x[i], 0))
    assert not Normalizer([Fact("binary", x)]).equal(kink, 0, almost_everywhere=True)
    assert not Normalizer([Fact("sum", x, 0, S.Zero)]).equal(kink, 0, almost_everywhere=True)


def test_the_maximum_has_a_derivative_almost_everywhere():
    from symnn.formula.deltas import eliminate_deltas
    from symnn.formula.differentiate import differentiate

    slope = eliminate_deltas(differentiate(Extreme(x[i], i), x[j]))
    assert not Normalizer().equal(slope, 0, almost_everywhere=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sqrt(a**2), a),
        (sqrt(a * b), sqrt(a) * sqrt(b)),
        (log(a * b), log(a) + log(b)),
        (log(a**2), 2 * log(a)),
        (sqrt(a**2 * b), a * sqrt(b)),
        ((a**2) ** Rational(1, 3), a ** Rational(2, 3)),
        (Abs(a + b), Abs(a) + Abs(b)),
        (Maximum(a, b) * c, Maximum(a * c, b * c)),
        (Total(x[i], i) ** 2, Total(x[i] ** 2, i)),
        (Total(x[i] * y[i], i), Total(x[i], i) * Total(y[i], i)),
        (Total(a, i), a),
        (Total(Total(A[i, j] * A[j, i], j), i), Total(Total(A[i, j] ** 2, j), i)),
        (Total(x[i + 1] * Inside(i + 1, n), i), Total(x[i], i)),
        (Total(Delta(2 * i - j) * x[i], i), x[j]),
        (Total(Delta(i - j - 1), i), S.One),
        (Bracket(Compare(">", a, 0)), Bracket(Compare(">=", a, 0))),
        (exp(a * b), exp(a) * exp(b)),
        (exp(a) ** b, exp(a + b)),
        (Cases([(Compare(">", a, 0), b)], c), Cases([(Compare(">", b, 0), b)], c)),
        (Bracket(AllOf(Compare(">", a, 0), Compare(">", b, 0))), Bracket(Compare(">", a * b, 0))),
        (Call(Elementwise("f", ("t",)), a + b), Call(Elementwise("f", ("t",)), a)),
        (Call(Elementwise("f", ("t",), None, 1), a), Call(Elementwise("f", ("t",)), a)),
    ],
    ids=str,
)
def test_what_holds_sometimes_is_not_shown(left, right):
    assert not Normalizer().equal(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sqrt(a**2), Abs(a)),
        (sqrt(a**3), a ** Rational(3, 2)),
        (sqrt(sqrt(a)), a ** Rational(1, 4)),
        (Abs(a - b), Abs(b - a)),
        (Abs(a), Maximum(a, -a)),
        (Maximum(a, b), (a + b + Abs(a - b)) / 2),
        (Maximum(0, a) - Maximum(0, -a), a),
        (Abs(n * a), n * Abs(a)),
        (Maximum(0, a * exp(b)), exp(b) * Maximum(0, a)),
        (exp(2 * log(a)), a**2),
        (log(exp(a) * exp(b)), a + b),
        (Total(Total(A[i, j], j) * x[i], i), Total(Total(A[j, i] * x[j], j), i)),
        (Total(Delta(i - j - 1) * x[i], i), x[j + 1] * Inside(j + 1, n)),
        (1 / (1 + exp(-a)), exp(a) / (1 + exp(a))),
        (Total(exp(x[i] - a), i), exp(-a) * Total(exp(x[k]), k)),
    ],
    ids=str,
)
def test_what_holds_wherever_it_is_defined_is_shown(left, right):
    assert Normalizer().equal(left, right)


def test_sums_of_dimensions_do_not_send_sympy_round_in_circles():
    # SymPy looks for the sign of what it takes for a polynomial in n.
    formula = Abs(Total(x[i], i) ** 2 + n) + sqrt(exp(Total(S(2), i)) * a**2) + Abs(n + Total(S.One, i) ** 2)
    assert normal(formula) is not None


def test_the_rows_of_an_inverse_capture_nothing():
    from symnn.formula.application import Array
    from symnn.formula.matrices import Inverse

    inner = Inverse(Array((k, Index("l", n)), A[k, Index("l", n)] * A[i, j]), i, j)
    outer = Inverse(Array((i, j), inner), S.Zero, S.Zero)
    once = normal(outer)
    assert normal(once) == once
    assert disagreement(outer, once, make.assignment_of(random.Random(1), generic=True)) is None


def test_a_known_sum_of_rows_is_no_trace():
    key = normal(Total(A[i, j], j))
    normalizer = Normalizer(known_sums={key: S.One})
    assert normalizer.equal(Total(A[k, j], j), 1)
    assert normalizer.equal(Total(A[i + 1, j], j), 1)
    assert not normalizer.equal(Total(A[i, i], i), 1)
    assert not normalizer.equal(Total(A[j, i], j), 1)


def test_sums_of_fractions_are_divided_before_they_are_compared():
    def s(t):
        return 1 / (1 + exp(-t))

    b = Tensor("b").entry()
    assert Normalizer().equal(Total(1 - s(x[i]), i), n - Total(s(x[i]), i))
    assert Normalizer().equal(Total(s(b) - s(x[i]), i), n * s(b) - Total(s(x[j]), j))
    slope = Total(y[i] * s(x[i]) * (1 - s(x[i])), i)
    assert Normalizer().equal(slope, Total(y[i] * s(x[i]), i) - Total(y[i] * s(x[i]) ** 2, i))
    assert Normalizer().equal(Total(y[i] / (y[i] + x[i]), i), n - Total(x[k] / (x[k] + y[k]), k))
    assert not Normalizer().equal(Total(y[i] / (y[i] + x[i]), i), n - Total(x[k] / (2 * x[k] + y[k]), k))


@pytest.mark.parametrize("name", ["a", "h", "j", "z", "_1_0"])
def test_comparisons_of_a_bound_index_do_not_depend_on_its_name(name):
    def before(bound, free):
        return Total(Bracket(Compare("<", bound, free)) * Bracket(Compare("==", x[bound], x[free])), bound)

    assert normal(before(Index(name, n), i)) == normal(before(j, i))
    assert normal(before(Index(name, n), k)) == normal(before(i, k))


def test_a_term_without_a_value_is_no_difference():
    """``[t = 0] / t`` is 0 where t is not, and no number where t is 0; ``[t = 0]`` itself is a difference."""
    t, q = Tensor("t").entry(), Tensor("q").entry()
    at_zero = Bracket(Compare("==", t, 0))
    assert Normalizer().equal(q / t + at_zero * q / t, q / t)
    assert not Normalizer().equal(q / t + at_zero * q, q / t)
    assert not Normalizer().equal(q + at_zero / q, q)
    guarded, other = (Cases([(Compare("==", t, 0), value)], q / t) for value in (S.Zero, 5))
    assert Normalizer().equal(guarded, q / t)
    assert not Normalizer().equal(guarded, other)
