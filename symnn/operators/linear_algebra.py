"""Functions of vectors and matrices."""

from symnn.declare import Stable, let, operator
from symnn.network.arrays import exp, inverse, log, log_determinant, same_place, sqrt, tabulate, total, trace

COOKBOOK = "K. Petersen, M. Pedersen, The Matrix Cookbook, 2012"


@operator(latex=r"\operatorname{tr}_3", kind="linear algebra", source=f"{COOKBOOK}, section 2.5")
def trace_of_product(A: "m n", X: "n p", B: "p m") -> "":
    """The trace of a product of three matrices."""
    return trace(A @ X @ B)


@operator(
    latex=r"\operatorname{LS}",
    aliases=("residual_norm_squared",),
    kind="linear algebra",
    source="G. Golub, C. Van Loan, Matrix Computations, 5.3",
)
def least_squares(A: "m n", x: "n", b: "m") -> "":
    """The squared length of the residual of a linear system."""
    r = let("r", A @ x - b)
    return total(r**2)


@operator(latex=r"\operatorname{quad}", kind="linear algebra", source=f"{COOKBOOK}, section 2.4.2")
def quadratic_form(x: "n", A: "n n") -> "":
    """A vector times a matrix times the vector."""
    return total(x * (A @ x))


@operator(
    latex=r"\operatorname{norm}_2",
    aliases=("euclidean_length", "l2_norm", "vector_norm"),
    kind="linear algebra",
    domain=lambda x: [total(x**2) > 0],
)
def euclidean_norm(x: "n") -> "":
    """The length of a vector."""
    return sqrt(total(x**2))


@operator(
    latex=r"\operatorname{norm}_F",
    aliases=("matrix_norm",),
    kind="linear algebra",
    domain=lambda A: [total(A**2) > 0],
)
def frobenius_norm(A: "m n") -> "":
    """The root of the sum of the squares of a matrix."""
    return sqrt(total(A**2))


@operator(latex=r"\operatorname{norm}_F^2", aliases=("frobenius_norm_squared",), kind="linear algebra")
def squared_frobenius_norm(A: "m n") -> "":
    """The sum of the squares of a matrix."""
    return total(A**2)


@operator(
    latex=r"\operatorname{LSE}",
    aliases=("lse",),
    kind="linear algebra",
    stable=Stable(shift="x"),
    source="S. Boyd, L. Vandenberghe, Convex Optimization, 3.1.5",
)
def log_sum_exp(x: "n") -> "":
    """The logarithm of the sum of the exponentials: a smooth maximum."""
    e = let("e", exp(x))
    z = let("z", total(e), latex="Z")
    return log(z)


@operator(
    latex=r"\operatorname{inv}",
    aliases=("matrix_inverse",),
    kind="linear algebra",
    domain=lambda A: [exp(log_determinant(A)) > 0],
    source="J. Magnus, H. Neudecker, Matrix Differential Calculus, chapter 8",
)
def inverse_(A: "n n") -> "n n":
    """The matrix whose product with the given one is the identity."""
    return inverse(A)


@operator(
    latex=r"\operatorname{logdet}",
    aliases=("logdet", "log_determinant", "log_abs_det"),
    kind="linear algebra",
    domain=lambda A: [exp(log_determinant(A)) > 0],
    source="J. Magnus, H. Neudecker, Matrix Differential Calculus, chapter 8",
)
def log_det(A: "n n") -> "":
    """The logarithm of the absolute value of the determinant."""
    return log_determinant(A)


@operator(
    latex=r"\operatorname{concat}",
    aliases=("concatenate", "concatenation", "cat", "hstack"),
    kind="linear algebra",
    source="G. Golub, C. Van Loan, Matrix Computations, 4th ed. 2013, section 1.3 (block matrices)",
    associative=True,
)
def concat(a: "n", b: "m") -> "n+m":
    """The entries of one vector, and behind them those of another; of matrices, row by row."""
    n, m = a.shape[0], b.shape[0]
    return tabulate((n + m,), lambda k: a.padded(k) + b.padded(k - n))


@operator(
    latex=r"\operatorname{flatten}",
    kind="linear algebra",
    source="G. Golub, C. Van Loan, Matrix Computations, 4th ed. 2013, section 1.3.7 (by rows instead of columns)",
)
def flatten(x: "m n") -> "m*n":
    """The rows of a matrix, one behind the other."""
    rows, columns = x.shape
    return tabulate(
        (rows * columns,),
        lambda k: total(tabulate((rows, columns), lambda i, j: x[i, j] * same_place(k, columns * i + j))),
    )


@operator(
    latex=r"\operatorname{concat\_heads}",
    aliases=("merge_heads",),
    kind="linear algebra",
    source="A. Vaswani et al., Attention is all you need, 2017, section 3.2.2",
)
def concat_heads(x: "h n d") -> "n h*d":
    """The heads of an attention, side by side."""
    heads, rows, columns = x.shape
    return tabulate(
        (rows, heads * columns),
        lambda i, k: total(tabulate((heads, columns), lambda a, j: x[a, i, j] * same_place(k, columns * a + j))),
    )
