"""Losses of a prediction and a target."""

from symnn.declare import operator
from symnn.network.arrays import log, mean, total

from fractions import Fraction


@operator(latex=r"\operatorname{SE}", kind="loss")
def squared_error(prediction: "", target: "") -> "":
    """The squared difference."""
    return (prediction - target) ** 2


@operator(latex=r"\operatorname{MSE}", aliases=("mse", "mean squared error"), kind="loss")
def mean_squared_error(prediction: "n", target: "n") -> "":
    """The mean of the squared differences."""
    return mean((prediction - target) ** 2)


@operator(latex=r"\operatorname{HSE}", kind="loss")
def half_squared_error(prediction: "", target: "") -> "":
    """Half the squared difference, so that its derivative has no factor 2."""
    return Fraction(1, 2) * (prediction - target) ** 2


@operator(
    latex=r"\operatorname{BCE}",
    aliases=("bce", "binary_crossentropy", "log loss"),
    kind="loss",
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.2",
)
def binary_cross_entropy(prediction: "", target: "") -> "":
    """The negative log likelihood of a Bernoulli target."""
    return -(target * log(prediction) + (1 - target) * log(1 - prediction))


@operator(
    latex=r"\operatorname{CE}",
    aliases=("cce", "cross_entropy", "categorical_crossentropy"),
    kind="loss",
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.4",
)
def categorical_cross_entropy(prediction: "n", target: "n") -> "":
    """The negative log likelihood of a class, for a target distribution."""
    return -total(target * log(prediction))
