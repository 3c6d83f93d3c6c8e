"""One step of an optimiser: the new parameter and the new state from the gradient and the old ones.

The formulas descend: they are for a loss that is to become small.
"""

from symnn.network.arrays import absolute, maximum, sqrt
from symnn.recipes import part, recipe, update

SUTSKEVER = "I. Sutskever et al., On the importance of initialization and momentum in deep learning, 2013"
KINGMA = "D. Kingma, J. Ba, Adam: a method for stochastic optimization, 2015"
NAMES = {"theta": r"\theta", "gradient": "g", "rate": r"\eta", "velocity": "v"}


@recipe(
    kind="optimizer",
    aliases=("gradient_descent", "stochastic_gradient_descent", "steepest_descent"),
    names=NAMES,
    source="H. Robbins, S. Monro, A stochastic approximation method, 1951",
)
def sgd(theta: "", gradient: "", *, rate: "positive"):
    """A step against the gradient."""
    update("theta", theta - rate * gradient)


@recipe(
    kind="optimizer",
    aliases=("sgd_momentum", "heavy_ball", "polyak_momentum"),
    names=NAMES,
    source="B. Polyak, Some methods of speeding up the convergence of iteration methods, 1964",
)
def momentum(theta: "", gradient: "", velocity: "", *, rate: "positive", mu: "positive"):
    """Gradients add up to a velocity that fades; the parameter moves by it."""
    velocity = update("velocity", mu * velocity - rate * gradient)
    update("theta", theta + velocity)


@recipe(
    kind="optimizer",
    aliases=("nesterov_momentum", "nag", "nesterov_accelerated_gradient"),
    names=NAMES,
    source=SUTSKEVER,
)
def nesterov(theta: "", gradient: "", velocity: "", *, rate: "positive", mu: "positive"):
    """Momentum that looks ahead by one more step of the velocity."""
    velocity = update("velocity", mu * velocity - rate * gradient)
    update("theta", theta + mu * velocity - rate * gradient)


@recipe(
    kind="optimizer",
    aliases=("adaptive_gradient",),
    names=NAMES,
    source="J. Duchi, E. Hazan, Y. Singer, Adaptive subgradient methods, 2011",
)
def adagrad(theta: "", gradient: "", s: "", *, rate: "positive", eps: "positive"):
    """A step against the gradient over the root of all its squares so far."""
    s = update("s", s + gradient**2)
    update("theta", theta - rate * gradient / (sqrt(s) + eps))


@recipe(
    kind="optimizer",
    aliases=("root_mean_square_propagation",),
    names=NAMES,
    source="T. Tieleman, G. Hinton, Neural networks for machine learning, lecture 6.5, 2012",
)
def rmsprop(theta: "", gradient: "", s: "", *, rate: "positive", rho: "positive", eps: "positive"):
    """A step against the gradient over the root of the fading mean of its squares."""
    s = update("s", rho * s + (1 - rho) * gradient**2)
    update("theta", theta - rate * gradient / (sqrt(s) + eps))


@recipe(
    kind="optimizer",
    names={**NAMES, "distance": r"\Delta", "move": r"\delta"},
    source="M. Zeiler, ADADELTA: an adaptive learning rate method, 2012",
)
def adadelta(theta: "", gradient: "", s: "", distance: "", *, rho: "positive", eps: "positive"):
    """A step whose size is the ratio of the usual moves and the usual gradients."""
    s = update("s", rho * s + (1 - rho) * gradient**2)
    move = part("move", -sqrt(distance + eps) / sqrt(s + eps) * gradient)
    update("distance", rho * distance + (1 - rho) * move**2)
    update("theta", theta + move)


def moments(gradient, m, v, t, beta1, beta2):
    """The corrected fading means of the gradient and of its square."""
    m = update("m", beta1 * m + (1 - beta1) * gradient)
    v = update("v", beta2 * v + (1 - beta2) * gradient**2)
    return part("mhat", m / (1 - beta1**t)), part("vhat", v / (1 - beta2**t))


ADAM_NAMES = {**NAMES, "beta1": r"\beta_1", "beta2": r"\beta_2", "mhat": r"\hat{m}", "vhat": r"\hat{v}"}


@recipe(kind="optimizer", aliases=("adaptive_moment_estimation",), names=ADAM_NAMES, source=KINGMA)
def adam(
    theta: "", gradient: "", m: "", v: "", t: "",
    *, rate: "positive", beta1: "positive", beta2: "positive", eps: "positive",
):  # fmt: skip
    """A step by the fading mean of the gradient over the root of that of its square; t counts the steps from 1."""
    mhat, vhat = moments(gradient, m, v, t, beta1, beta2)
    update("theta", theta - rate * mhat / (sqrt(vhat) + eps))


@recipe(
    kind="optimizer",
    aliases=("adam_w", "adam_with_decoupled_weight_decay"),
    names={**ADAM_NAMES, "decay": r"\lambda"},
    source="I. Loshchilov, F. Hutter, Decoupled weight decay regularization, 2019",
)
def adamw(
    theta: "", gradient: "", m: "", v: "", t: "",
    *, rate: "positive", beta1: "positive", beta2: "positive", eps: "positive", decay: "positive",
):  # fmt: skip
    """Adam with a decay of the parameter that the gradient does not see."""
    mhat, vhat = moments(gradient, m, v, t, beta1, beta2)
    update("theta", theta - rate * (mhat / (sqrt(vhat) + eps) + decay * theta))


@recipe(kind="optimizer", names=ADAM_NAMES, source=f"{KINGMA}, section 7.1")
def adamax(
    theta: "", gradient: "", m: "", u: "", t: "",
    *, rate: "positive", beta1: "positive", beta2: "positive",
):  # fmt: skip
    """Adam with a fading maximum in place of the mean of the squares."""
    m = update("m", beta1 * m + (1 - beta1) * gradient)
    u = update("u", maximum(beta2 * u, absolute(gradient)))
    mhat = part("mhat", m / (1 - beta1**t))
    update("theta", theta - rate * mhat / u)
