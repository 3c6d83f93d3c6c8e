"""Elementwise activations and softmax."""

from symnn.declare import Stable, let, operator
from symnn.network.arrays import exp, maximum, total


@operator(latex=r"\operatorname{id}", aliases=("linear",), kind="activation")
def identity(x: "") -> "":
    """The input itself."""
    return x


@operator(
    latex=r"\sigma",
    aliases=("sigma", "logistic"),
    kind="activation",
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.2",
)
def sigmoid(x: "") -> "":
    """The logistic function: squashes a number into (0, 1)."""
    return 1 / (1 + exp(-x))


@operator(latex=r"\tanh", aliases=("hyperbolic tangent",), kind="activation")
def tanh(x: "") -> "":
    """The hyperbolic tangent: squashes a number into (-1, 1)."""
    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


@operator(latex=r"\operatorname{ReLU}", aliases=("rectifier",), kind="activation")
def relu(x: "") -> "":
    """The rectified linear unit: the positive part of a number."""
    return maximum(0, x)


@operator(latex=r"\operatorname{square}", kind="activation")
def square(x: "") -> "":
    """The square of a number."""
    return x**2


@operator(
    latex=r"\operatorname{softmax}",
    kind="activation",
    stable=Stable(shift="x"),
    source="C. Bishop, Pattern Recognition and Machine Learning, 4.3.4",
)
def softmax(x: "n") -> "n":
    """Exponentials, normalised to sum to one."""
    e = let("e", exp(x))
    z = let("z", total(e), latex="Z")
    return e / z
