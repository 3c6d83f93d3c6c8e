"""Penalties on parameters."""

from symnn.declare import operator
from symnn.network.arrays import absolute, total


@operator(
    latex=r"\Omega_1",
    aliases=("l1_regularization", "l1_regularizer", "lasso_penalty", "lasso"),
    kind="regularizer",
    names={"weight": "w", "strength": r"\lambda"},
    source="R. Tibshirani, Regression shrinkage and selection via the lasso, 1996",
)
def l1_penalty(weight: "n", *, strength: "positive" = 1) -> "":
    """The sum of the absolute values, times a strength."""
    return strength * total(absolute(weight))


@operator(
    latex=r"\Omega_2",
    aliases=("l2_regularization", "l2_regularizer", "ridge_penalty", "ridge"),
    kind="regularizer",
    names={"weight": "w", "strength": r"\lambda"},
    source="A. Hoerl, R. Kennard, Ridge regression, 1970",
)
def l2_penalty(weight: "n", *, strength: "positive" = 1) -> "":
    """The sum of the squares, times a strength."""
    return strength * total(weight**2)


@operator(
    latex=r"\Omega_{1,2}",
    aliases=("elastic_net", "l1_l2_penalty"),
    kind="regularizer",
    names={"weight": "w"},
    source="H. Zou, T. Hastie, Regularization and variable selection via the elastic net, 2005",
)
def elastic_net_penalty(weight: "n", *, l1: "positive" = 1, l2: "positive" = 1) -> "":
    """The L1 and the L2 penalty together."""
    return l1 * total(absolute(weight)) + l2 * total(weight**2)
