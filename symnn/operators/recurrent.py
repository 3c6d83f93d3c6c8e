"""One step of a recurrent network: the next state from the input and the state before."""

from symnn.declare import let, operator
from symnn.operators.activations import sigmoid, tanh


@operator(
    latex=r"\operatorname{RNN}",
    aliases=("elman_cell", "simple_rnn_cell", "vanilla_rnn_cell"),
    kind="recurrent",
    source="J. Elman, Finding structure in time, Cognitive Science 14, 1990",
)
def rnn_cell(x: "d", h: "n", W: "n d", U: "n n", b: "n") -> "n":
    """The hyperbolic tangent of an affine map of the input and the state before."""
    a = let("a", W @ x + U @ h + b)
    return tanh(a)


@operator(
    latex=r"\operatorname{GRU}",
    aliases=("gated_recurrent_unit", "gru_cell"),
    kind="recurrent",
    source="K. Cho et al., Learning phrase representations using RNN encoder-decoder, 2014",
)
def gru(
    x: "d", h: "n",
    W_z: "n d", U_z: "n n", b_z: "n",
    W_r: "n d", U_r: "n n", b_r: "n",
    W_n: "n d", U_n: "n n", b_n: "n",
) -> "n":  # fmt: skip
    """A mixture of the state before and a candidate, weighted by an update gate."""
    z = let("z", sigmoid(W_z @ x + U_z @ h + b_z))
    r = let("r", sigmoid(W_r @ x + U_r @ h + b_r))
    c = let("c", tanh(W_n @ x + U_n @ (r * h) + b_n), latex=r"\tilde{h}")
    return (1 - z) * h + z * c
