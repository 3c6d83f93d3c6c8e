"""Activations: elementwise functions, and softmax with its relatives."""

from fractions import Fraction

import sympy

from symnn.declare import Stable, let, operator
from symnn.network.arrays import absolute, erf, exp, log, maximum, minimum, sqrt, total, where

GOODFELLOW = "I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, 6.3"


@operator(latex=r"\operatorname{id}", aliases=("linear",), kind="activation")
def identity(x: "") -> "":
    """The input itself."""
    return x


@operator(
    latex=r"\operatorname{step}",
    aliases=("heaviside", "unit_step", "binary_step", "threshold"),
    kind="activation",
    source="F. Rosenblatt, The perceptron, Psychological Review 65, 1958",
)
def step(x: "") -> "":
    """The unit step: 1 from zero on, else 0."""
    return where(x >= 0, 1, 0)


@operator(
    latex=r"\sigma",
    aliases=("sigma", "logistic", "logistic_sigmoid", "expit"),
    kind="activation",
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.2",
)
def sigmoid(x: "") -> "":
    """The logistic function: squashes a number into (0, 1)."""
    return 1 / (1 + exp(-x))


@operator(
    latex=r"\operatorname{logsigmoid}",
    aliases=("logsigmoid",),
    kind="activation",
    stable=Stable(equal=lambda x: minimum(x, 0) - log(1 + exp(-absolute(x)))),
)
def log_sigmoid(x: "") -> "":
    """The logarithm of the logistic function."""
    return log(1 / (1 + exp(-x)))


@operator(latex=r"\tanh", aliases=("hyperbolic_tangent",), kind="activation", source=GOODFELLOW)
def tanh(x: "") -> "":
    """The hyperbolic tangent: squashes a number into (-1, 1)."""
    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


@operator(
    latex=r"\operatorname{ReLU}",
    aliases=("rectifier", "rectified_linear_unit", "rectified_linear"),
    kind="activation",
    source=GOODFELLOW,
)
def relu(x: "") -> "":
    """The rectified linear unit: the positive part of a number."""
    return maximum(0, x)


@operator(latex=r"\operatorname{ReLU6}", kind="activation")
def relu6(x: "") -> "":
    """The rectified linear unit, cut off at 6."""
    return minimum(6, maximum(0, x))


@operator(
    latex=r"\operatorname{LeakyReLU}",
    aliases=("lrelu",),
    kind="activation",
    names={"slope": r"\alpha"},
    source="A. Maas, A. Hannun, A. Ng, Rectifier nonlinearities improve neural network acoustic models, 2013",
)
def leaky_relu(x: "", *, slope: "positive" = Fraction(1, 100)) -> "":
    """A number where it is positive, a small multiple of it elsewhere."""
    return where(x > 0, x, slope * x)


@operator(
    latex=r"\operatorname{PReLU}",
    aliases=("parametric_relu",),
    kind="activation",
    names={"slope": r"\alpha"},
    source="K. He et al., Delving deep into rectifiers, 2015",
)
def prelu(x: "", slope: "") -> "":
    """A number where it is positive, a learned multiple of it elsewhere."""
    return where(x > 0, x, slope * x)


@operator(
    latex=r"\operatorname{ELU}",
    aliases=("exponential_linear_unit",),
    kind="activation",
    source="D. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by ELUs, 2016",
)
def elu(x: "", *, alpha: "positive" = 1) -> "":
    """A number where it is positive, an exponential that levels off at minus alpha elsewhere."""
    return where(x > 0, x, alpha * (exp(x) - 1))


@operator(
    latex=r"\operatorname{SELU}",
    aliases=("scaled_exponential_linear_unit",),
    kind="activation",
    names={"scale": r"\lambda"},
    source="G. Klambauer et al., Self-normalizing neural networks, 2017",
)
def selu(
    x: "",
    *,
    scale: "positive" = Fraction("1.0507009873554804934193349852946"),
    alpha: "positive" = Fraction("1.6732632423543772848170429916717"),
) -> "":
    """An exponential linear unit, scaled so that mean 0 and variance 1 are kept."""
    return scale * where(x > 0, x, alpha * (exp(x) - 1))


@operator(
    latex=r"\operatorname{GELU}",
    aliases=("gaussian_error_linear_unit",),
    kind="activation",
    source="D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016",
)
def gelu(x: "") -> "":
    """A number times the probability that a standard normal variable is below it."""
    return x / 2 * (1 + erf(x / sqrt(2)))


@operator(
    latex=r"\operatorname{GELU}_{\tanh}",
    aliases=("gelu_approximate", "approximate_gelu", "gelu_new"),
    kind="activation",
    source="D. Hendrycks, K. Gimpel, Gaussian error linear units, 2016",
)
def gelu_tanh(x: "") -> "":
    """The GELU with the hyperbolic tangent in place of the error function."""
    return x / 2 * (1 + tanh(sqrt(2 / sympy.pi) * (x + Fraction("0.044715") * x**3)))


@operator(
    latex=r"\operatorname{SiLU}",
    aliases=("swish", "sigmoid_linear_unit"),
    kind="activation",
    source="P. Ramachandran, B. Zoph, Q. Le, Searching for activation functions, 2017",
)
def silu(x: "", *, beta: "real" = 1) -> "":
    """A number times its own logistic function."""
    return x * sigmoid(beta * x)


@operator(
    latex=r"\operatorname{softplus}",
    aliases=("smooth_relu",),
    kind="activation",
    stable=Stable(equal=lambda x: maximum(x, 0) + log(1 + exp(-absolute(x)))),
    source="C. Dugas et al., Incorporating second-order functional knowledge for better option pricing, 2001",
)
def softplus(x: "") -> "":
    """A smooth form of the positive part."""
    return log(1 + exp(x))


@operator(
    latex=r"\operatorname{softsign}",
    kind="activation",
    source="X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward networks, 2010",
)
def softsign(x: "") -> "":
    """A number over one more than its absolute value."""
    return x / (1 + absolute(x))


@operator(latex=r"\operatorname{hardtanh}", kind="activation", source=GOODFELLOW)
def hard_tanh(x: "") -> "":
    """A number, cut off at -1 and 1."""
    return maximum(-1, minimum(1, x))


@operator(latex=r"\operatorname{clip}", aliases=("clamp",), kind="activation")
def clip(x: "", lower: "", upper: "") -> "":
    """A number, cut off at a lower and an upper bound."""
    return maximum(lower, minimum(upper, x))


@operator(latex=r"\operatorname{hardsigmoid}", kind="activation")
def hard_sigmoid(x: "") -> "":
    """A straight line from 0 at -3 to 1 at 3, cut off there."""
    return maximum(0, minimum(1, x / 6 + Fraction(1, 2)))


@operator(
    latex=r"\operatorname{hardswish}",
    aliases=("hard_silu",),
    kind="activation",
    source="A. Howard et al., Searching for MobileNetV3, 2019",
)
def hard_swish(x: "") -> "":
    """A number times its hard sigmoid."""
    return x * hard_sigmoid(x)


@operator(latex=r"\operatorname{square}", kind="activation")
def square(x: "") -> "":
    """The square of a number."""
    return x**2


@operator(
    latex=r"\operatorname{softmax}",
    aliases=("normalized_exponential",),
    kind="activation",
    stable=Stable(shift="x"),
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.4",
)
def softmax(x: "n") -> "n":
    """Exponentials, normalised to sum to one."""
    e = let("e", exp(x))
    z = let("z", total(e), latex="Z")
    return e / z


@operator(latex=r"\operatorname{logsoftmax}", aliases=("log_soft_max",), kind="activation")
def log_softmax(x: "n") -> "n":
    """The logarithms of the softmax."""
    e = let("e", exp(x))
    z = let("z", total(e), latex="Z")
    return x - log(z)
