"""Normalisation, and dropout with its mask as data."""

from fractions import Fraction

from symnn.declare import let, operator, state, update
from symnn.network.arrays import mean, sqrt, total


@operator(
    latex=r"\operatorname{LayerNorm}",
    aliases=("layer_normalization", "ln_norm"),
    kind="norm",
    source="J. Ba, J. Kiros, G. Hinton, Layer normalization, 2016",
)
def layer_norm(x: "n", gamma: "n", beta: "n", *, eps: "positive") -> "n":
    """Centre and scale a vector, then apply a learned affine map."""
    mu = let("mu", mean(x))
    sigma = let("sigma", sqrt(mean((x - mu) ** 2) + eps))
    xhat = let("xhat", (x - mu) / sigma, latex=r"\hat{x}")
    return gamma * xhat + beta


@operator(
    latex=r"\operatorname{RMSNorm}",
    aliases=("root_mean_square_norm", "rms_normalization"),
    kind="norm",
    source="B. Zhang, R. Sennrich, Root mean square layer normalization, 2019",
)
def rms_norm(x: "n", gamma: "n", *, eps: "positive") -> "n":
    """Scale a vector by its root mean square, then by a learned vector."""
    r = let("r", sqrt(mean(x**2) + eps))
    xhat = let("xhat", x / r, latex=r"\hat{x}")
    return gamma * xhat


@operator(
    latex=r"\operatorname{BatchNorm}",
    aliases=("batch_normalization", "bn_norm"),
    kind="norm",
    names={"momentum": r"\rho"},
    source="S. Ioffe, C. Szegedy, Batch normalization, 2015",
)
def batch_norm(x: "N d", gamma: "d", beta: "d", *, eps: "positive", momentum: "positive" = Fraction(1, 10)) -> "N d":
    """Centre and scale every feature over the batch (training mode), then apply a learned affine map."""
    running_mean = state("running_mean", "d", start=0, latex=r"\bar{\mu}")
    running_variance = state("running_variance", "d", start=1, latex=r"\bar{v}")
    mu = let("mu", mean(x, axis=0), in_use=running_mean)
    sigma = let("sigma", sqrt(mean((x - mu) ** 2, axis=0) + eps), in_use=sqrt(running_variance + eps))
    xhat = let("xhat", (x - mu) / sigma, latex=r"\hat{x}")
    # The variance that is kept estimates that of all data, without bias: it is divided by one sample less.
    unbiased = x.shape[0] / (x.shape[0] - 1) * (sigma**2 - eps)
    update(running_mean, momentum * mu + (1 - momentum) * running_mean)
    update(running_variance, momentum * unbiased + (1 - momentum) * running_variance)
    return gamma * xhat + beta


@operator(
    latex=r"\operatorname{normalize}",
    aliases=("l2_normalize", "unit_normalize", "l2_norm_layer"),
    kind="norm",
    domain=lambda x: [total(x**2) > 0],
)
def l2_normalization(x: "n") -> "n":
    """A vector over its Euclidean length."""
    r = let("r", sqrt(total(x**2)))
    return x / r


@operator(
    latex=r"\operatorname{dropout}",
    aliases=("inverted_dropout",),
    kind="norm",
    names={"mask": "m", "rate": "p"},
    source="N. Srivastava et al., Dropout, Journal of Machine Learning Research 15, 2014",
    domain=lambda x, mask, *, rate: [rate < 1],
)
def dropout(x: "", mask: "", *, rate: "positive") -> "":
    """A number times its mask (0 or 1), scaled so that the mean stays what it was."""
    return mask * x / (1 - rate)
