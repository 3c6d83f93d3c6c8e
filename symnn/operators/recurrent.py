"""One step of a recurrent network: the next state from the input and the state before."""

from symnn.declare import let, operator
from symnn.operators.activations import sigmoid, tanh


@operator(
    latex=r"\operatorname{RNN}",
    aliases=("rnn", "elman_cell", "simple_rnn_cell", "vanilla_rnn_cell"),
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


@operator(
    latex=r"\operatorname{LSTM}_c",
    aliases=("LSTM_c", "long_short_term_memory", "lstm_cell"),
    kind="recurrent",
    source="S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997; F. Gers et al., Learning to forget, 2000",
)
def lstm_memory(
    x: "d", h: "n", c: "n",
    W_f: "n d", U_f: "n n", b_f: "n",
    W_i: "n d", U_i: "n n", b_i: "n",
    W_u: "n d", U_u: "n n", b_u: "n",
) -> "n":  # fmt: skip
    """The memory of the cell: a part of what it held and a part of a candidate."""
    f = let("f", sigmoid(W_f @ x + U_f @ h + b_f))
    i = let("i", sigmoid(W_i @ x + U_i @ h + b_i))
    u = let("u", tanh(W_u @ x + U_u @ h + b_u), latex=r"\tilde{c}")
    return f * c + i * u


@operator(
    latex=r"\operatorname{LSTM}_h",
    aliases=("LSTM_h", "lstm_output", "lstm_hidden_state"),
    kind="recurrent",
    source="S. Hochreiter, J. Schmidhuber, Long short-term memory, 1997",
)
def lstm_state(x: "d", h: "n", c: "n", W_o: "n d", U_o: "n n", b_o: "n") -> "n":
    """The state that the cell shows: its memory, squashed and gated; `c` is the memory of this step."""
    o = let("o", sigmoid(W_o @ x + U_o @ h + b_o))
    return o * tanh(c)
