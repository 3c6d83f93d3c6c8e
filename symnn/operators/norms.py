"""Normalisation, and dropout with its mask as data."""

from symnn.declare import let, operator
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
    source="S. Ioffe, C. Szegedy, Batch normalization, 2015",
)
def batch_norm(x: "N d", gamma: "d", beta: "d", *, eps: "positive") -> "N d":
    """Centre and scale every feature over the batch (training mode), then apply a learned affine map."""
    mu = let("mu", mean(x, axis=0))
    sigma = let("sigma", sqrt(mean((x - mu) ** 2, axis=0) + eps))
    xhat = let("xhat", (x - mu) / sigma, latex=r"\hat{x}")
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
