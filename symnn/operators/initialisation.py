"""The spread of initial weights, from the number of inputs and outputs of a layer."""

from symnn.network.arrays import sqrt
from symnn.recipes import part, recipe

FANS = {"fan_in": r"n_{\mathrm{in}}", "fan_out": r"n_{\mathrm{out}}", "variance": r"\sigma^2", "deviation": r"\sigma"}


def spread(variance):
    """Variance, standard deviation, and the bound of the uniform distribution that has them."""
    variance = part("variance", variance)
    part("deviation", sqrt(variance))
    part("bound", sqrt(3 * variance))


@recipe(
    kind="initialisation",
    aliases=("xavier", "glorot_uniform", "glorot_normal", "xavier_uniform", "xavier_normal"),
    names=FANS,
    source="X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward networks, 2010",
)
def glorot(fan_in: "", fan_out: ""):
    """Keeps the variance of activations and of adjoints, for activations that are straight at zero."""
    spread(2 / (fan_in + fan_out))


@recipe(
    kind="initialisation",
    aliases=("kaiming", "he_uniform", "he_normal", "kaiming_uniform", "kaiming_normal"),
    names=FANS,
    source="K. He et al., Delving deep into rectifiers, 2015",
)
def he(fan_in: ""):
    """Keeps the variance of activations, for rectifiers."""
    spread(2 / fan_in)


@recipe(
    kind="initialisation",
    aliases=("lecun_uniform", "lecun_normal"),
    names=FANS,
    source="Y. LeCun et al., Efficient BackProp, 1998",
)
def lecun(fan_in: ""):
    """Keeps the variance of activations that are straight at zero."""
    spread(1 / fan_in)
