"""Derivatives as textbooks write them, by hand, against what folding finds. Only tests know them."""

import pytest
from operator_points import in_parameters
from sympy import Abs, Rational, S, exp, log, pi, sign, sqrt, symbols

from symnn.declare import registry
from symnn.derive.elementwise import OUTPUT, elementwise_lemma
from symnn.derive.lemmas import operator_lemma
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import AllOf, Call, Cases, Compare, Tensor, Total
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import substitute_indices

x, y = Tensor("x").entry(), OUTPUT.entry()
p, t, z = (Tensor(name).entry() for name in ("prediction", "target", "logits"))
alpha, slope, beta, rate, mask = (Tensor(name).entry() for name in ("alpha", "slope", "beta", "rate", "mask"))
delta = Tensor("delta").entry()


def sigma(u):
    return Call(registry.find("sigmoid").function, u)


def positive(u):
    return Compare(">", u, 0)


FOLDED = {
    ("identity", "x"): S.One,
    ("step", "x"): S.Zero,
    ("sigmoid", "x"): y * (1 - y),
    ("tanh", "x"): 1 - y**2,
    ("log_sigmoid", "x"): 1 / (1 + exp(x)),
    ("relu", "x"): Cases([(positive(x), 1)], 0),
    ("leaky_relu", "x"): Cases([(positive(x), 1)], slope),
    ("prelu", "x"): Cases([(positive(x), 1)], slope),
    ("prelu", "slope"): Cases([(positive(x), 0)], x),
    ("elu", "x"): Cases([(positive(x), 1)], y + alpha),
    ("softplus", "x"): 1 - exp(-y),
    ("softsign", "x"): (1 + Abs(x)) ** -2,
    ("square", "x"): 2 * x,
    ("squared_error", "prediction"): 2 * p - 2 * t,
    ("half_squared_error", "prediction"): p - t,
    ("absolute_error", "prediction"): sign(p - t),
    ("huber", "prediction"): Cases([(Compare("<=", Abs(p - t), delta), p - t)], delta * sign(p - t)),
    ("binary_cross_entropy", "prediction"): (p - t) / (p * (1 - p)),
    ("binary_cross_entropy_with_logits", "logits"): sigma(z) - t,
    ("poisson", "prediction"): 1 - t / p,
    ("hinge", "prediction"): Cases([(Compare("<", t * p, 1), -t)], 0),
    ("hard_tanh", "x"): Cases([(AllOf(Compare(">", x, -1), Compare("<", x, 1)), 1)], 0),
    ("hard_sigmoid", "x"): Cases([(AllOf(Compare(">", x, -3), Compare("<", x, 3)), Rational(1, 6))], 0),
    ("dropout", "x"): mask / (1 - rate),
}


IN_OUTPUT = {
    "sigmoid": y * (1 - y),
    "tanh": 1 - y**2,
    "log_sigmoid": 1 - exp(y),
    "softplus": 1 - exp(-y),
    "softsign": (1 - Abs(y)) ** 2,
    "gelu": None,
    "silu": None,
}


@pytest.mark.parametrize("name", IN_OUTPUT)
def test_the_derivative_in_terms_of_the_output_where_there_is_one(name):
    assert elementwise_lemma(registry.find(name).function, 0).in_output == IN_OUTPUT[name]


@pytest.mark.parametrize(("name", "parameter"), FOLDED, ids=lambda value: value)
def test_an_elementwise_derivative_ends_in_its_textbook_form(name, parameter):
    op = registry.find(name)
    place = [q.name for q in op.parameters].index(parameter)
    assert elementwise_lemma(op.function, place).folded == FOLDED[name, parameter]


def test_softplus_and_silu_have_their_other_forms():
    derivative = elementwise_lemma(registry.find("softplus").function, 0).plain
    assert Normalizer().equal(derivative, sigma(x))
    derivative = elementwise_lemma(registry.find("silu").function, 0).folded
    assert Normalizer().equal(derivative, sigma(beta * x) * (1 + beta * x * (1 - sigma(beta * x))))


def test_gelu_has_the_normal_density_in_it():
    derivative = elementwise_lemma(registry.find("gelu").function, 0).folded
    density = exp(-(x**2) / 2) / sqrt(2 * pi)
    from sympy import erf

    assert Normalizer().equal(derivative, (1 + erf(x / sqrt(2))) / 2 + x * density)


# -- operators on vectors and matrices ------------------------------------------------------------------------

n, m, N, d = map(dimension, "nmNd")
i, j, k, b = Index("i", n), Index("j", n), Index("k", n), Index("b", N)
g, out, e = Tensor("g", (n,)), Tensor("y", (n,)), Tensor("e", (n,))
gamma, xhat = Tensor("gamma", (n,)), Tensor("xhat", (n,))
A, X, scalar = Tensor("A", (n, n)), Tensor("x", (n,)), Tensor("g").entry()
mu, sd, r = Tensor("mu").entry(), Tensor("sigma").entry(), Tensor("r").entry()
pred, targ = Tensor("prediction", (n,)), Tensor("target", (n,))
logits_p, eps = Tensor("p", (n,)), symbols("eps", positive=True)

LEMMAS = {
    ("softmax", "x"): out[i] * (g[i] - Total(g[j] * out[j], j)),
    ("log_softmax", "x"): g[i] - exp(out[i]) * Total(g[j], j),
    ("log_sum_exp", "x"): scalar * e[i] / Tensor("z").entry(),
    ("layer_norm", "x"): (
        n * gamma[i] * g[i] - Total(gamma[j] * g[j], j) - xhat[i] * Total(gamma[j] * g[j] * xhat[j], j)
    )
    / (n * sd),
    ("layer_norm", "gamma"): g[i] * xhat[i],
    ("layer_norm", "beta"): g[i],
    ("rms_norm", "x"): (n * gamma[i] * g[i] - xhat[i] * Total(gamma[j] * g[j] * xhat[j], j)) / (n * r),
    ("l2_normalization", "x"): (g[i] - out[i] * Total(g[j] * out[j], j)) / r,
    ("euclidean_norm", "x"): scalar * X[i] / Tensor("y").entry(),
    ("root_mean_squared_error", "prediction"): scalar * (pred[i] - targ[i]) / (n * Tensor("y").entry()),
    ("mean_squared_error", "prediction"): 2 * scalar * (pred[i] - targ[i]) / n,
    ("categorical_cross_entropy", "prediction"): -scalar * targ[i] / pred[i],
    ("categorical_cross_entropy_with_logits", "logits"): scalar * (logits_p[i] * Total(targ[j], j) - targ[i]),
    ("kl_divergence", "target"): scalar * (log(targ[i] / pred[i]) + 1),
    ("quadratic_form", "x"): scalar * (Total(A[i, j] * X[j], j) + Total(A[j, i] * X[j], j)),
}


@pytest.mark.parametrize(("name", "parameter"), LEMMAS, ids=lambda value: value)
def test_an_adjoint_ends_in_its_textbook_form(name, parameter):
    op = registry.find(name)
    place = [q.name for q in op.parameters].index(parameter)
    lemma = operator_lemma(op.definition, place)
    found = substitute_indices(lemma.formula, dict(zip(lemma.indices, (i,), strict=True)))
    assert Normalizer().equal(found, LEMMAS[name, parameter]), found


def test_layer_norm_uses_the_invariants_of_its_names():
    lemma = operator_lemma(registry.find("layer_norm").definition, 0)
    sums = {str(left): right for left, right in lemma.folded.sums}
    assert sums["total(_1_0, xhat[_1_0])"] == 0
    assert Normalizer().equal(sums["total(_1_0, xhat[_1_0]**2)"], n - n * eps / sd**2)


def test_batch_norm_is_layer_norm_over_the_batch():
    lemma = operator_lemma(registry.find("batch_norm").definition, 0)
    row, column = lemma.indices
    x_hat, up, scale = Tensor("xhat", (N, d)), Tensor("g", (N, d)), Tensor("gamma", (d,))
    deviation = Tensor("sigma", (d,))
    expected = scale[column] / (N * deviation[column]) * (
        N * up[row, column] - Total(up[b, column], b) - x_hat[row, column] * Total(up[b, column] * x_hat[b, column], b)
    )  # fmt: skip
    assert Normalizer().equal(lemma.formula, expected)


def test_attention_goes_through_the_softmax_of_its_rows():
    op = registry.find("scaled_dot_product_attention")
    lemma = operator_lemma(op.definition, 0)
    keys, width, v = dimension("m"), dimension("d"), dimension("v")
    row, column = lemma.indices
    a, c, q = Index("a", keys), Index("c", keys), Index("q", v)
    weights, values, keys_of, up = (
        Tensor("P", (n, keys)), Tensor("V", (keys, v)), Tensor("K", (keys, width)), Tensor("g", (n, v)),
    )  # fmt: skip

    def dp(place):
        return Total(up[row, q] * values[place, q], q)

    ds = weights[row, a] * (dp(a) - Total(weights[row, c] * dp(c), c))
    expected = Total(ds * keys_of[a, column], a) / sqrt(width)
    assert Normalizer().equal(lemma.formula, expected)


# -- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("MSE", "mean_squared_error"),
        ("mean squared error", "mean_squared_error"),
        ("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"),
        ("mean_squared_logarithmic_error", "mean_squared_logarithmic_error"),
        ("MAPE", "mean_absolute_percentage_error"),
        ("binary_crossentropy", "binary_cross_entropy"),
        ("categorical_crossentropy", "categorical_cross_entropy"),
        ("BinaryFocalCrossentropy", "focal_loss"),
        ("KLDivergence", "kl_divergence"),
        ("CosineSimilarity", "cosine_similarity"),
        ("BCEWithLogits", "binary_cross_entropy_with_logits"),
        ("hard_tanh", "hard_tanh"),
        ("Hardswish", "hard_swish"),
        ("LeakyReLU", "leaky_relu"),
        ("SiLU", "silu"),
        ("swish", "silu"),
        ("Heaviside", "step"),
        ("LogSoftmax", "log_softmax"),
        ("LayerNormalization", "layer_norm"),
        ("BatchNorm", "batch_norm"),
        ("logit", None),
        ("f", None),
        ("L", None),
    ],
)
def test_names_of_the_common_libraries_are_known(name, means):
    found = registry.find(name)
    assert (found.name if found else None) == means


def test_means_and_sums_are_reductions_of_one_formula():
    for mean_name, by in (("mean_squared_error", n), ("sum_of_squared_errors", 1)):
        reduced, plain = registry.find(mean_name), registry.find("squared_error")
        body = reduced.definition.result.formula
        one = plain.function.body
        at = {q: Tensor(q.name, (n,)) for q in plain.parameters}
        assert set(at.values()) == set(reduced.parameters)
        assert Normalizer().equal(body * by, Total((pred[k] - targ[k]) ** 2, k))
        assert Normalizer().equal(one, (p - t) ** 2)


def test_a_reduction_keeps_the_intermediate_names_per_sample():
    reduced = registry.find("mean_categorical_cross_entropy_with_logits")
    assert [step.tensor.name for step in reduced.definition.lets] == ["e", "s", "p"]
    assert [step.tensor.shape for step in reduced.definition.lets] == [(N, n), (N,), (N, n)]
    scores, classes = Tensor("logits", (N, n)), Tensor("target", (N, n))
    whole = in_parameters(reduced.definition.result.formula, reduced.definition.lets)
    log_sum = log(Total(exp(scores[b, j]), j))
    assert Normalizer().equal(whole, Total(Total(classes[b, i] * (log_sum - scores[b, i]), i), b) / N)
    assert reduced.summary == "The mean over the samples of: the cross-entropy of the softmax of scores."


def test_a_domain_is_readable():
    shown = [str(requirement) for requirement in registry.find("mean_absolute_percentage_error").domain]
    assert shown == ["target[i] != 0"]
    shown = [str(requirement) for requirement in registry.find("binary_cross_entropy").domain]
    assert shown == ["prediction > 0", "prediction < 1"]


def test_defaults_are_exact():
    op = registry.find("selu")
    assert next(c.default for c in op.constants) * 10**31 % 1 == 0
    assert op(p).array.body.arguments[1] == Rational("1.0507009873554804934193349852946")
