"""Losses of a prediction and a target, for one sample; means and sums over samples have names of their own.

Names and sign conventions are those of the common libraries; where a library scales (a percentage error by 100), the
operator is the unscaled formula of the textbooks unless its docstring says otherwise.
"""

from fractions import Fraction

from symnn.declare import Reduced, Stable, let, nonzero, operator
from symnn.network.arrays import absolute, exp, log, maximum, mean, sqrt, tabulate, total, where
from symnn.operators.activations import sigmoid

BISHOP = "C. Bishop, Pattern Recognition and Machine Learning, 4.3"
PREDICTED = {"prediction": r"\hat{y}", "target": "t"}
LOGITS = {"logits": "z", "target": "t"}


# -- regression -----------------------------------------------------------------------------------------------


@operator(
    latex=r"\operatorname{SE}",
    kind="loss",
    names=PREDICTED,
    reduced=(
        Reduced("mean", "mean_squared_error", r"\operatorname{MSE}", ("mse", "mse_loss", "l2_loss", "quadratic_loss")),
        Reduced("sum", "sum_of_squared_errors", r"\operatorname{SSE}", ("sse", "rss", "residual_sum_of_squares")),
    ),
)
def squared_error(prediction: "", target: "") -> "":
    """The squared difference."""
    return (prediction - target) ** 2


@operator(
    latex=r"\operatorname{HSE}",
    kind="loss",
    names=PREDICTED,
    reduced=(
        Reduced("mean", "half_mean_squared_error", r"\operatorname{HMSE}", ("half_mse",)),
        Reduced("sum", "half_sum_of_squared_errors", r"\operatorname{HSSE}", ("half_sse",)),
    ),
)
def half_squared_error(prediction: "", target: "") -> "":
    """Half the squared difference, so that its derivative has no factor 2."""
    return Fraction(1, 2) * (prediction - target) ** 2


@operator(
    latex=r"\operatorname{RMSE}",
    aliases=("rmse", "root_mean_square_error"),
    kind="loss",
    names=PREDICTED,
    domain=lambda prediction, target: [total((prediction - target) ** 2) > 0],
)
def root_mean_squared_error(prediction: "n", target: "n") -> "":
    """The root of the mean of the squared differences."""
    s = let("s", mean((prediction - target) ** 2))
    return sqrt(s)


@operator(
    latex=r"\operatorname{AE}",
    kind="loss",
    names=PREDICTED,
    reduced=(
        Reduced("mean", "mean_absolute_error", r"\operatorname{MAE}", ("mae", "l1_loss")),
        Reduced("sum", "sum_of_absolute_errors", r"\operatorname{SAE}", ("sae",)),
    ),
)
def absolute_error(prediction: "", target: "") -> "":
    """The absolute difference."""
    return absolute(prediction - target)


@operator(
    latex=r"\operatorname{APE}",
    kind="loss",
    names=PREDICTED,
    domain=lambda prediction, target: [nonzero(target)],
    reduced=(Reduced("mean", "mean_absolute_percentage_error", r"\operatorname{MAPE}", ("mape",)),),
)
def absolute_percentage_error(prediction: "", target: "") -> "":
    """The absolute difference in per cent of the target."""
    return 100 * absolute(prediction - target) / absolute(target)


@operator(
    latex=r"\operatorname{SLE}",
    kind="loss",
    names=PREDICTED,
    domain=lambda prediction, target: [prediction > -1, target > -1],
    reduced=(
        Reduced("mean", "mean_squared_logarithmic_error", r"\operatorname{MSLE}", ("msle", "mean_squared_log_error")),
    ),
)
def squared_logarithmic_error(prediction: "", target: "") -> "":
    """The squared difference of the logarithms of one more than each."""
    return (log(1 + prediction) - log(1 + target)) ** 2


@operator(
    latex=r"\operatorname{Huber}",
    aliases=("huber_loss",),
    kind="loss",
    names=PREDICTED,
    source="P. Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35, 1964",
    reduced=(Reduced("mean", "mean_huber", r"\operatorname{MHuber}", ("mean_huber_loss",)),),
)
def huber(prediction: "", target: "", *, delta: "positive" = 1) -> "":
    """Half the squared difference up to delta, a straight line beyond."""
    error = prediction - target
    size = absolute(error)
    return where(size <= delta, error**2 / 2, delta * (size - delta / 2))


@operator(
    latex=r"\operatorname{logcosh}",
    aliases=("log_cosh_loss",),
    kind="loss",
    names=PREDICTED,
    reduced=(Reduced("mean", "mean_log_cosh", r"\operatorname{MLogCosh}"),),
)
def log_cosh(prediction: "", target: "") -> "":
    """The logarithm of the hyperbolic cosine of the difference."""
    error = prediction - target
    return log((exp(error) + exp(-error)) / 2)


@operator(
    latex=r"\operatorname{Poisson}",
    aliases=("poisson_loss", "poisson_nll"),
    kind="loss",
    names=PREDICTED,
    domain=lambda prediction, target: [prediction > 0],
    reduced=(Reduced("mean", "mean_poisson", r"\operatorname{MPoisson}"),),
)
def poisson(prediction: "", target: "") -> "":
    """The negative log likelihood of a count, without what does not depend on the prediction."""
    return prediction - target * log(prediction)


# -- classification -------------------------------------------------------------------------------------------


@operator(
    latex=r"\operatorname{hinge}",
    aliases=("hinge_loss", "max_margin"),
    kind="loss",
    names=PREDICTED,
    source="C. Bishop, Pattern Recognition and Machine Learning, 7.1.2",
    reduced=(Reduced("mean", "mean_hinge", r"\operatorname{MHinge}"),),
)
def hinge(prediction: "", target: "") -> "":
    """How far a score falls short of the margin 1, for a target of -1 or 1."""
    return maximum(0, 1 - target * prediction)


@operator(
    latex=r"\operatorname{hinge}^2",
    aliases=("squared_hinge_loss",),
    kind="loss",
    names=PREDICTED,
    reduced=(Reduced("mean", "mean_squared_hinge", r"\operatorname{MHinge}^2"),),
)
def squared_hinge(prediction: "", target: "") -> "":
    """The square of how far a score falls short of the margin 1."""
    return maximum(0, 1 - target * prediction) ** 2


@operator(
    latex=r"\operatorname{BCE}",
    aliases=("bce", "bce_loss", "binary_crossentropy", "log_loss", "logistic_loss", "bernoulli_nll"),
    kind="loss",
    names=PREDICTED,
    source=f"{BISHOP}.2",
    domain=lambda prediction, target: [prediction > 0, prediction < 1],
    reduced=(
        Reduced("mean", "mean_binary_cross_entropy", r"\operatorname{MBCE}", ("mean_bce", "mean_binary_crossentropy")),
        Reduced("sum", "sum_of_binary_cross_entropies", r"\operatorname{SBCE}"),
    ),
)
def binary_cross_entropy(prediction: "", target: "") -> "":
    """The negative log likelihood of a Bernoulli target."""
    return -(target * log(prediction) + (1 - target) * log(1 - prediction))


@operator(
    latex=r"\operatorname{BCE}_\sigma",
    aliases=("bce_with_logits", "sigmoid_cross_entropy", "sigmoid_binary_cross_entropy"),
    kind="loss",
    names=LOGITS,
    source=f"{BISHOP}.2",
    stable=Stable(equal=lambda logits, target: maximum(logits, 0) - target * logits + log(1 + exp(-absolute(logits)))),
    reduced=(Reduced("mean", "mean_binary_cross_entropy_with_logits", r"\operatorname{MBCE}_\sigma"),),
)
def binary_cross_entropy_with_logits(logits: "", target: "") -> "":
    """The binary cross-entropy of the logistic function of a score."""
    p = sigmoid(logits)
    return -(target * log(p) + (1 - target) * log(1 - p))


@operator(
    latex=r"\operatorname{CE}",
    aliases=("cce", "cross_entropy", "crossentropy", "categorical_crossentropy", "softmax_loss"),
    kind="loss",
    names=PREDICTED,
    source=f"{BISHOP}.4",
    domain=lambda prediction, target: [prediction > 0],
    reduced=(
        Reduced("mean", "mean_categorical_cross_entropy", r"\operatorname{MCE}", ("mean_cross_entropy",)),
        Reduced("sum", "sum_of_categorical_cross_entropies", r"\operatorname{SCE}"),
    ),
)
def categorical_cross_entropy(prediction: "n", target: "n") -> "":
    """The negative log likelihood of a class, for a target distribution."""
    return -total(target * log(prediction))


@operator(
    latex=r"\operatorname{CE}_{\operatorname{softmax}}",
    aliases=("ce_with_logits", "cross_entropy_with_logits", "softmax_cross_entropy"),
    kind="loss",
    names=LOGITS,
    source=f"{BISHOP}.4",
    stable=Stable(shift="logits"),
    reduced=(
        Reduced("mean", "mean_categorical_cross_entropy_with_logits", r"\operatorname{MCE}_{\operatorname{softmax}}"),
    ),
)
def categorical_cross_entropy_with_logits(logits: "n", target: "n") -> "":
    """The cross-entropy of the softmax of scores."""
    e = let("e", exp(logits))
    s = let("s", total(e), latex="Z")
    p = let("p", e / s)
    return -total(target * log(p))


@operator(
    latex=r"\operatorname{FL}",
    aliases=("focal", "binary_focal_crossentropy", "binary_focal_cross_entropy"),
    kind="loss",
    names=PREDICTED,
    source="T. Lin et al., Focal loss for dense object detection, 2017",
    domain=lambda prediction, target, *, gamma, alpha: [prediction > 0, prediction < 1],
    reduced=(Reduced("mean", "mean_focal_loss", r"\operatorname{MFL}"),),
)
def focal_loss(prediction: "", target: "", *, gamma: "positive" = 2, alpha: "real" = Fraction(1, 4)) -> "":
    """A binary cross-entropy that counts well classified samples less."""
    hit = alpha * target * (1 - prediction) ** gamma * log(prediction)
    miss = (1 - alpha) * (1 - target) * prediction**gamma * log(1 - prediction)
    return -(hit + miss)


@operator(
    latex=r"D_{\mathrm{KL}}",
    aliases=("kl", "kld", "kl_div", "kullback_leibler", "kullback_leibler_divergence", "relative_entropy"),
    kind="loss",
    names=PREDICTED,
    source="S. Kullback, R. Leibler, On information and sufficiency, 1951",
    domain=lambda target, prediction: [target > 0, prediction > 0],
    reduced=(Reduced("mean", "mean_kl_divergence", r"\operatorname{MKL}"),),
)
def kl_divergence(target: "n", prediction: "n") -> "":
    """How far a distribution (second) is from a target distribution (first)."""
    return total(target * log(target / prediction))


# -- similarity and ranking -----------------------------------------------------------------------------------


@operator(
    latex=r"\operatorname{cossim}",
    aliases=("cosine", "cos_sim", "cosine_sim"),
    kind="loss",
    domain=lambda a, b: [total(a**2) > 0, total(b**2) > 0],
)
def cosine_similarity(a: "n", b: "n") -> "":
    """The cosine of the angle between two vectors."""
    p = let("p", sqrt(total(a**2)))
    q = let("q", sqrt(total(b**2)))
    s = let("s", total(a * b))
    return s / (p * q)


@operator(
    latex=r"\operatorname{rank}",
    aliases=("pairwise_logistic", "ranknet", "bpr", "auc_surrogate"),
    kind="loss",
    names={"positive": "s^+", "negative": "s^-"},
    source="C. Burges et al., Learning to rank using gradient descent, 2005",
)
def pairwise_ranking(positive: "m", negative: "n") -> "":
    """The mean over all pairs of how far a positive score is from beating a negative one: smooth, unlike 1 - AUC."""
    margin = tabulate((*positive.shape, *negative.shape), lambda i, j: positive[i] - negative[j])
    return -mean(log(sigmoid(margin)))


@operator(
    latex=r"\operatorname{rank}_{\operatorname{hinge}}",
    aliases=("pairwise_margin", "auc_hinge"),
    kind="loss",
    names={"positive": "s^+", "negative": "s^-"},
)
def pairwise_hinge(positive: "m", negative: "n") -> "":
    """The mean over all pairs of how far a positive score falls short of the margin 1 above a negative one."""
    margin = tabulate((*positive.shape, *negative.shape), lambda i, j: positive[i] - negative[j])
    return mean(maximum(0, 1 - margin))
