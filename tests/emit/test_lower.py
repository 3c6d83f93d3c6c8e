"""Formulas lowered to NumPy and run: the values are those of the formulas in ball arithmetic."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from symnn.emit.code import Root, Writer
from symnn.emit.errors import EmitError
from symnn.emit.helpers import helper_functions
from symnn.emit.laws import LAWS
from symnn.emit.lower import Lowering
from symnn.emit.module import fold_function
from symnn.emit.names import Scope
from symnn.emit.operations import Einsum, Matmul, Tensordot
from symnn.emit.program import Program
from symnn.emit.reader import Stored
from symnn.emit.recognise import Recogniser
from symnn.formula.evaluate import Assignment, Undetermined, evaluate, positions, precision
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Cases,
    Compare,
    Delta,
    Entry,
    Extreme,
    Inside,
    Maximum,
    Minimum,
    Tensor,
    Total,
    total,
)

N, M, K = dimension("n"), dimension("m"), dimension("k")
SIZES = {N: 3, M: 2, K: 4}
R, J = Index("i", N), Index("j", M)
A, B, C, X, Y, S, Q = (
    Tensor("A", (N, M)), Tensor("B", (M, K)), Tensor("C", (N, N)), Tensor("x", (N,)), Tensor("y", (M,)), Tensor("s"),
    Tensor("q", (N, M, K)),
)  # fmt: skip
LEAVES = (A, B, C, X, Y, S, Q)


def python_of(formula, indices, dtype=np.float64):
    """The code of a function of the leaves that computes ``[indices] formula``, and the values it is made of."""
    program = Program()
    lowering = Lowering(program, {law.function: law for law in LAWS})
    leaves = {}
    for tensor in LEAVES:
        value = program.leaf(tensor.name, tensor.shape)
        leaves[value] = tensor.name
        lowering.arrays[tensor] = Stored(value, tuple(range(tensor.rank)))
    shape = tuple(i.dimension for i in indices)
    result = Tensor("result", shape)
    stored = lowering.equation(result, indices, formula)
    first = min(stored.axes, default=len(shape))
    missing = [axis - first for axis in range(first, len(shape)) if axis not in stored.axes]
    value = program.fill(program.expand(stored.value, missing), shape)
    scope = Scope([*leaves.values(), "n", "m", "k"])
    writer = Writer(leaves, scope, str, lambda: "q.dtype")
    writer.write([Root(value, "result")])
    body = [*writer.lines, f"return {writer.name_of(value)}"]
    head = f"def run({', '.join(leaves.values())}):"
    helpers = "\n\n".join(["\n".join(lines) for lines in helper_functions(LAWS)] + [fold_function()])
    lines = ["import numpy as np", "", helpers, "", head, "    n, m, k = q.shape", *(f"    {line}" for line in body)]
    return "\n".join(lines) + "\n", value


def arrays(seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return {t.name: rng.normal(0, 1, [SIZES[d] for d in t.shape]).astype(dtype) for t in LEAVES}


def reference(formula, indices, values):
    known = {t: {p: float(values[t.name][p]) for p in positions(values[t.name].shape)} for t in LEAVES}
    assignment = Assignment(SIZES, known)
    result = np.empty([SIZES[i.dimension] for i in indices])
    with precision(160):
        for place in np.ndindex(result.shape):
            result[place] = float(evaluate(formula, assignment, dict(zip(indices, place, strict=True))).mid())
    return result


@pytest.fixture(scope="module")
def run(tmp_path_factory, tools):
    folder = tmp_path_factory.mktemp("lowered")
    counter = itertools.count()

    def runs(formula, indices, dtype=np.float64):
        code, value = python_of(formula, indices)
        module = tools.import_text(code, folder / f"lowered_{next(counter)}.py")
        values = arrays(dtype=dtype)
        before = {name: array.copy() for name, array in values.items()}
        with np.errstate(all="raise", under="ignore"):
            got = module.run(**values)
        for name, array in values.items():
            assert np.array_equal(array, before[name]), f"{name} was changed"
        return got, code, value

    return runs


k, v, p = Index("k", K), Index("l", N), Index("p", M)

FORMULAS = {
    "matrix product": (total(A[R, p] * B[p, k], p), (R, k)),
    "transposed product": (total(A[R, p] * B[p, k], p), (k, R)),
    "matrix times vector": (total(A[R, J] * Y[J], J), (R,)),
    "vector times matrix": (total(A[R, J] * X[R], R), (J,)),
    "quadratic form": (total(X[R] * C[R, v] * X[v], R, v), ()),
    "trace of a product": (total(A[R, J] * A[R, J], R, J), ()),
    "three matrices": (total(C[R, v] * A[v, p] * B[p, k], v, p), (R, k)),
    "batched product": (total(Q[R, J, k] * B[J, k], k), (R, J)),
    "two sums at once": (total(Q[R, J, k] * B[J, k], J, k), (R,)),
    "several rows": (total(Q[R, J, k] * C[v, R], R), (v, J, k)),
    "batch with matrices": (total(Q[R, J, k] * Q[R, p, k], k), (R, J, p)),
    "batch with several rows": (total(Q[R, J, k] * Q[v, J, k], k), (J, R, v)),
    "outer product": (X[R] * Y[J], (R, J)),
    "outer product turned": (X[R] * Y[J], (J, R)),
    "diagonal": (C[R, R], (R,)),
    "trace": (total(C[R, R], R), ()),
    "diagonal in a product": (total(C[R, R] * A[R, J], R), (J,)),
    "fixed position": (A[0, J] + A[R, 1], (R, J)),
    "sum of a vector that is not there": (total(Y[J], R), (J,)),
    "sum of a constant": (total(sympy.Integer(2), R, J), ()),
    "entry of a constant vector": (sympy.Integer(1), (R, J)),
    "product of sums": (total(X[R], R) * total(Y[J], J), ()),
    "a sum of outer products": (total(C[R, v] * X[v] + C[v, R] * X[v], v), (R,)),
    "kronecker": (total(Delta(R, v) * X[v], v) * Y[J], (R, J)),
    "kronecker with both indices free": (Delta(R, v) * X[R] + 1, (R, v)),
    "position": (R * X[R] + J, (R, J)),
    "range": (Inside(R - 1, N) * X[R], (R,)),
    "mask": (Bracket(Compare(">", X[R], 0)) * X[R], (R,)),
    "count": (total(Bracket(Compare(">", X[R], 0)), R), ()),
    "masks": (Bracket(AllOf(Compare(">", X[R], 0), Compare("<", Y[J], 1))) + 0, (R, J)),
    "mask plus mask": (Bracket(Compare(">", X[R], 0)) + Bracket(Compare("<", Y[J], 1)), (R, J)),
    "cases": (Cases([(Compare("<", X[R], 0), -X[R]), (Compare(">", X[R], 1), sympy.Integer(1))], X[R] ** 2), (R,)),
    "cases of numbers": (Cases([(Compare("<", X[R], 0), sympy.Integer(3))], sympy.Rational(1, 2)), (R,)),
    "cases with zero": (Cases([(Compare("<", X[R], 0), sympy.Integer(0))], sympy.exp(X[R])), (R,)),
    "maximum": (Maximum(X[R], Y[J]) + Minimum(X[R], 0), (R, J)),
    "largest": (Extreme(A[R, J], J) + Extreme(X[v], v), (R,)),
    "shifted exponentials": (sympy.exp(A[R, J] - Extreme(A[R, p], p)), (R, J)),
    "powers": (X[R] ** 3 - X[R] ** 2 + 1 / (1 + X[R] ** 4), (R,)),
    "roots": (sympy.sqrt(1 + X[R] ** 2) / (1 + X[R] ** 2) ** sympy.Rational(3, 2), (R,)),
    "sizes": (total(X[R], R) / N + sympy.sqrt(N) * S.entry(), ()),
    "elementary": (sympy.sin(X[R]) + sympy.cos(X[R]) + sympy.Abs(X[R]) + sympy.sign(X[R]), (R,)),
    "shifted": (Inside(R - 1, N) * X[R - 1], (R,)),
    "shifted the other way": (Inside(R + 1, N) * X[R + 1] * Y[J], (R, J)),
    "shifted out of a function": (Inside(R - 2, N) * sympy.exp(X[R - 2]), (R,)),
    "reversed": (X[N - 1 - R], (R,)),
    "convolution": (total(Inside(R + p, N) * X[R + p] * Y[p], p), (R,)),
    "convolution without guard": (total(B[p, R + J] * Y[p], p), (R, J)),
    "correlation": (total(Inside(R - p, N) * X[R - p] * Y[p], p), (R,)),
    "adjoint of a convolution": (total(Inside(k - v, M) * X[v] * Y[k - v], v), (k,)),
    "strided": (total(Inside(2 * J + v - 1, N) * X[2 * J + v - 1] * C[v, 0], v), (J,)),
    "adjoint of a strided convolution": (total(Inside(k + 1 - 2 * p, N) * X[k + 1 - 2 * p] * Y[p], p), (k,)),
    "dilated": (total(Inside(R + 2 * p, N) * X[R + 2 * p] * Y[p], p), (R,)),
    "two axes at once": (
        total(Inside(R + v, N) * Inside(J + p, M) * A[R + v, J + p] * C[v, 0] * Y[p], v, p), (R, J)
    ),
    "a guard outside of the inner sum": (
        total(Inside(R - v, N) * Total(C[R - v, Index("r", N)] * X[Index("r", N)], Index("r", N)) * X[v], v), (R,)
    ),
    "a window and its maximum": (Extreme(Inside(R + p, N) * X[R + p], p), (R,)),
    "three indices in one place": (total(Inside(R + J + v - 2, N) * X[R + J + v - 2] * X[v], v), (R, J)),
    "shifted diagonal": (Inside(R + 1, N) * C[R, R + 1], (R,)),
    "logistic": (1 / (1 + sympy.exp(-A[R, J])), (R, J)),
    "softplus of a scalar": (sympy.log(1 + sympy.exp(S.entry())), ()),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FORMULAS))
@pytest.mark.parametrize("safe", [False, True])
def test_values(run, name, safe):
    formula, indices = FORMULAS[name]
    wanted = reference(formula, indices, arrays())
    got, code, _ = run(Recogniser().safe(formula) if safe else formula, indices)
    assert np.shape(got) == wanted.shape
    assert np.max(np.abs(got - wanted), initial=0) <= 1e-13 * max(1, np.max(np.abs(wanted))), code


@pytest.mark.parametrize("name", list(FORMULAS))
def test_single_precision_is_kept(run, name):
    formula, indices = FORMULAS[name]
    got, code, _ = run(formula, indices, np.float32)
    assert np.asarray(got).dtype == np.float32, code


def operations(value):
    stack, found = [value], []
    while stack:
        top = stack.pop()
        found.append(top.operation)
        stack.extend(top.arguments)
    return found


@pytest.mark.parametrize(
    "name",
    ["matrix product", "transposed product", "matrix times vector", "vector times matrix", "three matrices",
     "batched product", "batch with matrices", "batch with several rows", "several rows"],
)  # fmt: skip
def test_products_become_matrix_products(run, name):
    _, code, value = run(*FORMULAS[name])
    made = operations(value)
    assert any(isinstance(o, Matmul | Tensordot) for o in made), code
    assert not any(isinstance(o, Einsum) for o in made), code


def test_einsum_is_for_two_arrays_only(run):
    for formula, indices in FORMULAS.values():
        for operation in operations(run(formula, indices)[2]):
            assert not isinstance(operation, Einsum) or operation.letters.count(",") == 1


def test_equal_subformulas_are_computed_once(run):
    _, code, _ = run(sympy.exp(A[R, J]) + Y[J] * sympy.sin(sympy.exp(A[R, J])), (R, J))
    assert code.split("def run")[1].count("np.exp") == 1


def test_no_general_power_of_an_array(run):
    _, code, _ = run(X[R] ** 3 + X[R] ** 5, (R,))
    assert "**3" not in code
    assert "** 3" not in code
    assert "np.power" not in code


def test_large_results_are_written_in_place(run):
    _, code, _ = run(sympy.exp(total(A[R, p] * B[p, k], p) + X[R]) * 2, (R, k))
    body = code.split("def run")[1]
    assert "+=" in body
    assert "out=" in body


def test_an_unknown_function_is_an_error():
    from symnn.formula.nodes import Call, Elementwise

    with pytest.raises(EmitError, match="f has no definition"):
        python_of(Call(Elementwise("f", ("x",)), X[R]), (R,))


def test_a_stray_index_is_an_error():
    with pytest.raises(EmitError, match="free index"):
        python_of(X[R], (J,))


# -- random formulas ------------------------------------------------------------------------------------------

ENTRIES = [
    lambda i, j: A[i, j], lambda i, j: X[i], lambda i, j: Y[j], lambda i, j: S.entry(), lambda i, j: C[i, i],
    lambda i, j: sympy.Rational(1, 3), lambda i, j: sympy.Integer(-2), lambda i, j: 1 / sympy.sqrt(N),
    lambda i, j: total(Q[i, j, Index("k", K)], Index("k", K)),
]  # fmt: skip


def formulas(i, j, depth):
    """Formulas with the free indices i (over n) and j (over m), bounded so that no value overflows."""
    leaf = st.sampled_from(ENTRIES).map(lambda make: make(i, j))
    if depth == 0:
        return leaf
    inner = formulas(i, j, depth - 1)
    pair = st.tuples(inner, inner)
    summed_i, summed_j = i.fresh(), j.fresh()
    return st.one_of(
        leaf,
        pair.map(lambda ab: ab[0] + ab[1]),
        pair.map(lambda ab: ab[0] * ab[1]),
        pair.map(lambda ab: ab[0] - 2 * ab[1]),
        pair.map(lambda ab: Maximum(*ab)),
        pair.map(lambda ab: ab[0] / (1 + ab[1] ** 2)),
        pair.map(lambda ab: Cases([(Compare(">", ab[0], 0), ab[1])], ab[0])),
        pair.map(lambda ab: Bracket(Compare("<", ab[0], ab[1])) * ab[1]),
        inner.map(lambda a: sympy.exp(-(a**2))),
        inner.map(lambda a: 1 / (1 + sympy.exp(a / (1 + a**2)))),
        inner.map(sympy.Abs),
        formulas(i, summed_j, depth - 1).map(lambda a: Total(A[i, summed_j] * a, summed_j)),
        formulas(summed_i, j, depth - 1).map(lambda a: Total(C[i, summed_i] * a, summed_i)),
        formulas(summed_i, j, depth - 1).map(lambda a: Extreme(a, summed_i)),
        formulas(summed_i, summed_j, depth - 1).map(
            lambda a: total(a * C[i, summed_i] * A[i, summed_j], summed_i, summed_j)
        ),
    )


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(formula=formulas(R, J, 3))
def test_random_formulas(run, formula):
    formula = sympy.sympify(formula)
    try:
        wanted = reference(formula, (R, J), arrays())
    except Undetermined:
        reject()  # two sides of a comparison are equal
    scale = max(1.0, float(np.max(np.abs(wanted))))
    for candidate in (formula, Recogniser().safe(formula)):
        got, code, _ = run(candidate, (R, J))
        assert got.shape == wanted.shape
        assert np.max(np.abs(got - wanted)) <= 1e-9 * scale, code


def test_entries_of_the_wrong_rank_cannot_be_made():
    with pytest.raises(ValueError, match="2 dimensions"):
        Entry(A, R)
