"""Declarations: what they give, and what is refused."""

from fractions import Fraction

import pytest
import sympy

from symnn.declare import Constant, Reduced, let, nonzero, operator, registry
from symnn.formula.index import dimension
from symnn.formula.nodes import Call, Tensor, Total
from symnn.formula.normal import Normalizer
from symnn.network.arrays import exp, expression, log, tabulate, tensor, total
from symnn.registry import DeclarationError

# ruff: noqa: F722, F821


@pytest.fixture
def declared():
    """Names of operators to take out again."""
    names = []
    yield names
    for name in names:
        registry.remove(name)


def test_shapes_constants_and_names_come_from_the_declaration(declared):
    @operator(latex=r"\operatorname{AS}", aliases=("affine_scale",), kind="test", names={"x": r"\xi"}, source="a book")
    def scaled_sum(x: "m n", w: "n", *, rate: "positive", shift: "real" = Fraction(1, 3), k: "integer" = 2) -> "m":
        """A weighted sum.

        More about it, which is no summary.
        """
        s = let("s", x @ w, latex=r"\Sigma")
        return rate * s + shift * k

    declared.append("scaled_sum")
    m, n = dimension("m"), dimension("n")
    assert scaled_sum.parameters == (Tensor("x", (m, n)), Tensor("w", (n,)))
    assert scaled_sum.constants == (
        Constant("rate", "positive"), Constant("shift", "real", Fraction(1, 3)), Constant("k", "integer", 2),
    )  # fmt: skip
    assert [step.tensor.name for step in scaled_sum.definition.steps] == ["s", "y"]
    assert scaled_sum.latex_names == {"x": r"\xi", "s": r"\Sigma"}
    assert (scaled_sum.summary, scaled_sum.source) == ("A weighted sum.", "a book")
    assert registry.find("Affine-Scale") is scaled_sum
    assert not scaled_sum.is_elementwise
    with pytest.raises(DeclarationError, match="not elementwise"):
        _ = scaled_sum.function


def test_constants_are_given_by_name_or_stay_symbols(declared):
    @operator(kind="test")
    def powered(x: "", *, rate: "positive", shift: "real" = 2) -> "":
        """A test."""
        return rate * x + shift

    declared.append("powered")
    x = tensor("x")
    call = powered(x).array.body
    assert isinstance(call, Call)
    assert call.arguments[1:] == (sympy.Symbol("rate", positive=True), 2)
    assert powered(x, rate=0.1, shift=Fraction(1, 3)).array.body.arguments[1:] == (
        sympy.Rational(1, 10), sympy.Rational(1, 3),
    )  # fmt: skip
    with pytest.raises(TypeError, match="no constant slope"):
        powered(x, slope=1)


def test_kinds_of_constants():
    assert Constant("a", "positive").symbol.is_positive
    assert Constant("a", "real").symbol.is_real
    assert Constant("a", "real").symbol.is_positive is None
    assert Constant("a", "integer", 1).symbol == dimension("a")
    assert Constant("a", "natural").symbol.is_nonnegative
    kinds = ("positive", "real", "integer", "natural")
    assert [Constant("a", kind).whole for kind in kinds] == [False, False, True, True]


def test_a_domain_lists_conditions_at_indices(declared):
    @operator(kind="test", domain=lambda x, *, rate: [x > 0, nonzero(x - 1), rate < 1, total(x) > 2])
    def picky(x: "n", *, rate: "positive") -> "n":
        """A test."""
        return log(x) / (x - 1) / (1 - rate)

    declared.append("picky")
    assert [str(r) for r in picky.domain] == ["x[i] > 0", "x[i] - 1 != 0", "rate < 1", "total(i, x[i]) > 2"]
    assert [len(r.indices) for r in picky.domain] == [1, 1, 0, 0]


def test_reductions_are_operators_of_their_own(declared):
    mean_of = Reduced("mean", "mean_gap", r"\overline{\operatorname{gap}}", ("mgap",))
    reductions = (mean_of, Reduced("sum", "sum_of_gaps"))

    @operator(kind="test", domain=lambda a, b: [a > 0], reduced=reductions)
    def gap(a: "n", b: "n") -> "":
        """The gap between two vectors."""
        d = let("d", a - b)
        return total(d**2)

    declared += ["gap", "mean_gap", "sum_of_gaps"]
    mean_gap, sums = registry.find("mgap"), registry.find("sum_of_gaps")
    assert [p.shape for p in mean_gap.parameters] == [(dimension("N"), dimension("n"))] * 2
    assert mean_gap.definition.lets[0].tensor.shape == (dimension("N"), dimension("n"))
    assert mean_gap.summary == "The mean over the samples of: the gap between two vectors."
    assert mean_gap.latex == r"\overline{\operatorname{gap}}"
    assert sums.latex == r"\operatorname{sum\_of\_gaps}"
    assert [str(r) for r in sums.domain] == ["a[b, i] > 0"]
    ratio = sums.definition.result.formula / mean_gap.definition.result.formula
    assert Normalizer().equal(ratio, dimension("N"))
    assert isinstance(sums.definition.result.formula, Total)


def test_a_dimension_of_the_result_may_be_computed(declared):
    @operator(kind="test")
    def every_other(x: "n", *, step: "integer" = 2) -> "(n-1)//step+1":
        """A test."""
        return tabulate(((x.shape[0] - 1) // step + 1,), lambda i: x[step * i])

    declared.append("every_other")
    assert str(every_other(tensor("v", "7")).shape) == "(4,)"
    assert str(every_other(tensor("v", "7"), step=3).array.body.definition.name) == "every_other"
    assert every_other(tensor("v", "m"), step=1).shape == (dimension("m"),)


@pytest.mark.parametrize("written", ["n**2", "n/2", "f(n)", "n-", "__import__('os')"])
def test_other_dimensions_are_refused(written):
    def bad(x: "n"):
        """A test."""
        return x

    bad.__annotations__["return"] = written
    with pytest.raises(DeclarationError):
        operator(kind="test")(bad)
    assert registry.find("bad") is None


def refused(body, match):
    with pytest.raises(DeclarationError, match=match):
        operator(kind="test")(body)
    assert registry.find(body.__name__) is None


def test_declarations_that_do_not_fit_are_refused():
    def untyped(x) -> "":
        """A test."""

    def speechless(x: "") -> "":
        return x

    def endless(x: ""):
        """A test."""
        return x

    def misshapen(x: "n") -> "":
        """A test."""
        return x

    def unkind(x: "", *, c: "complex") -> "":
        """A test."""
        return x

    def twice(x: "") -> "":
        """A test."""
        let("a", x)
        return let("a", x)

    refused(untyped, "parameter x has no shape")
    refused(speechless, "one sentence")
    refused(endless, "shape of the result is missing")
    refused(misshapen, r"the result has shape \(n,\), declared ''")
    refused(unkind, "'positive', 'real', 'integer', 'natural'")
    refused(twice, "a is named twice")


def test_names_are_taken_once_in_any_spelling():
    def re_lu(x: "") -> "":
        """A test."""
        return x

    with pytest.raises(DeclarationError, match="relu is already declared, as relu"):
        operator(kind="test")(re_lu)


def test_let_is_for_declarations_only():
    with pytest.raises(DeclarationError, match="only for the body"):
        let("a", 1)


def test_a_vector_reduction_of_a_vector_is_refused():
    def wide(x: "n") -> "n":
        """A test."""
        return exp(x)

    with pytest.raises(DeclarationError, match="only a scalar per sample is reduced"):
        operator(kind="test", reduced=(Reduced("mean", "mean_wide"),))(wide)
    assert registry.find("wide") is None


def test_a_reduction_whose_name_is_taken_takes_the_operator_with_it():
    def fine(x: "n") -> "":
        """A test."""
        return total(x)

    with pytest.raises(DeclarationError, match="softmax is already declared"):
        operator(kind="test", reduced=(Reduced("mean", "mean_fine"), Reduced("sum", "softmax")))(fine)
    assert registry.find("fine") is None
    assert registry.find("mean_fine") is None


def test_an_expression_is_exact():
    with pytest.raises(TypeError, match="formulas are exact"):
        expression(0.5)
