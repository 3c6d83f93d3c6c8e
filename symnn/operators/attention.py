"""Attention: queries, keys and values; a batch and heads are leading axes."""

from symnn.declare import let, operator
from symnn.network.arrays import expression, sqrt
from symnn.operators.activations import softmax

VASWANI = "A. Vaswani et al., Attention is all you need, 2017"


@operator(
    latex=r"\operatorname{Attention}",
    aliases=("attention", "dot_product_attention", "sdpa"),
    kind="attention",
    source=VASWANI,
)
def scaled_dot_product_attention(Q: "n d", K: "m d", V: "m v") -> "n v":
    """Values weighted by how well their keys fit each query."""
    s = let("S", Q @ K.T / sqrt(expression(Q.shape[-1])))
    p = let("P", softmax(s))
    return p @ V


@operator(
    latex=r"\operatorname{Attention}_M",
    aliases=(
        "attention_M",
        "masked_scaled_dot_product_attention",
    ),
    kind="attention",
    source=VASWANI,
)
def masked_attention(Q: "n d", K: "m d", V: "m v", M: "n m") -> "n v":
    """Attention with a mask that is added to the scores: 0 where a key may be seen, very negative where not."""
    s = let("S", Q @ K.T / sqrt(expression(Q.shape[-1])) + M)
    p = let("P", softmax(s))
    return p @ V
