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
from symnn.emit.laws import LAWS
from symnn.emit.lower import Lowering, Stored
from symnn.emit.module import law_function
from symnn.emit.names import Scope
from symnn.emit.program import Einsum, Matmul, Program, Tensordot
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
I, J = Index("i", N), Index("j", M)
A, B, C, X, Y, S, Q = (
    Tensor("A", (N, M)), Tensor("B", (M, K)), Tensor("C", (N, N)), Tensor("x", (N,)), Tensor("y", (M,)), Tensor("s"),
    Tensor("q", (N, M, K)),
)  # fmt: skip
LEAVES = (A, B, C, X, Y, S, Q)


def python_of(formula, indices, dtype=np.float64):
    """The code of a function of the leaves that computes ``[indices] formula``, and the values it is made of."""
    program = Program()
    lowering = Lowering(program, {}, {law.function: law for law in LAWS})
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
    helpers = "\n\n".join("\n".join(law_function(law)) for law in LAWS if not law.short)
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


k, l, p = Index("k", K), Index("l", N), Index("p", M)

FORMULAS = {
    "matrix product": (total(A[I, p] * B[p, k], p), (I, k)),
    "transposed product": (total(A[I, p] * B[p, k], p), (k, I)),
    "matrix times vector": (total(A[I, J] * Y[J], J), (I,)),
    "vector times matrix": (total(A[I, J] * X[I], I), (J,)),
    "quadratic form": (total(X[I] * C[I, l] * X[l], I, l), ()),
    "trace of a product": (total(A[I, J] * A[I, J], I, J), ()),
    "three matrices": (total(C[I, l] * A[l, p] * B[p, k], l, p), (I, k)),
    "batched product": (total(Q[I, J, k] * B[J, k], k), (I, J)),
    "two sums at once": (total(Q[I, J, k] * B[J, k], J, k), (I,)),
    "several rows": (total(Q[I, J, k] * C[l, I], I), (l, J, k)),
    "batch with matrices": (total(Q[I, J, k] * Q[I, p, k], k), (I, J, p)),
    "batch with several rows": (total(Q[I, J, k] * Q[l, J, k], k), (J, I, l)),
    "outer product": (X[I] * Y[J], (I, J)),
    "outer product turned": (X[I] * Y[J], (J, I)),
    "diagonal": (C[I, I], (I,)),
    "trace": (total(C[I, I], I), ()),
    "diagonal in a product": (total(C[I, I] * A[I, J], I), (J,)),
    "fixed position": (A[0, J] + A[I, 1], (I, J)),
    "sum of a vector that is not there": (total(Y[J], I), (J,)),
    "sum of a constant": (total(sympy.Integer(2), I, J), ()),
    "entry of a constant vector": (sympy.Integer(1), (I, J)),
    "product of sums": (total(X[I], I) * total(Y[J], J), ()),
    "a sum of outer products": (total(C[I, l] * X[l] + C[l, I] * X[l], l), (I,)),
    "kronecker": (total(Delta(I, l) * X[l], l) * Y[J], (I, J)),
    "kronecker with both indices free": (Delta(I, l) * X[I] + 1, (I, l)),
    "position": (I * X[I] + J, (I, J)),
    "range": (Inside(I - 1, N) * X[I], (I,)),
    "mask": (Bracket(Compare(">", X[I], 0)) * X[I], (I,)),
    "count": (total(Bracket(Compare(">", X[I], 0)), I), ()),
    "masks": (Bracket(AllOf(Compare(">", X[I], 0), Compare("<", Y[J], 1))) + 0, (I, J)),
    "mask plus mask": (Bracket(Compare(">", X[I], 0)) + Bracket(Compare("<", Y[J], 1)), (I, J)),
    "cases": (Cases([(Compare("<", X[I], 0), -X[I]), (Compare(">", X[I], 1), sympy.Integer(1))], X[I] ** 2), (I,)),
    "cases of numbers": (Cases([(Compare("<", X[I], 0), sympy.Integer(3))], sympy.Rational(1, 2)), (I,)),
    "cases with zero": (Cases([(Compare("<", X[I], 0), sympy.Integer(0))], sympy.exp(X[I])), (I,)),
    "maximum": (Maximum(X[I], Y[J]) + Minimum(X[I], 0), (I, J)),
    "largest": (Extreme(A[I, J], J) + Extreme(X[l], l), (I,)),
    "shifted exponentials": (sympy.exp(A[I, J] - Extreme(A[I, p], p)), (I, J)),
    "powers": (X[I] ** 3 - X[I] ** 2 + 1 / (1 + X[I] ** 4), (I,)),
    "roots": (sympy.sqrt(1 + X[I] ** 2) / (1 + X[I] ** 2) ** sympy.Rational(3, 2), (I,)),
    "sizes": (total(X[I], I) / N + sympy.sqrt(N) * S.entry(), ()),
    "elementary": (sympy.sin(X[I]) + sympy.cos(X[I]) + sympy.Abs(X[I]) + sympy.sign(X[I]), (I,)),
    "shifted": (Inside(I - 1, N) * X[I - 1], (I,)),
    "shifted the other way": (Inside(I + 1, N) * X[I + 1] * Y[J], (I, J)),
    "shifted out of a function": (Inside(I - 2, N) * sympy.exp(X[I - 2]), (I,)),
    "reversed": (X[N - 1 - I], (I,)),
    "convolution": (total(Inside(I + p, N) * X[I + p] * Y[p], p), (I,)),
    "convolution without guard": (total(B[p, I + J] * Y[p], p), (I, J)),
    "correlation": (total(Inside(I - p, N) * X[I - p] * Y[p], p), (I,)),
    "adjoint of a convolution": (total(Inside(k - l, M) * X[l] * Y[k - l], l), (k,)),
    "strided": (total(Inside(2 * J + l - 1, N) * X[2 * J + l - 1] * C[l, 0], l), (J,)),
    "adjoint of a strided convolution": (total(Inside(k + 1 - 2 * p, N) * X[k + 1 - 2 * p] * Y[p], p), (k,)),
    "dilated": (total(Inside(I + 2 * p, N) * X[I + 2 * p] * Y[p], p), (I,)),
    "two axes at once": (
        total(Inside(I + l, N) * Inside(J + p, M) * A[I + l, J + p] * C[l, 0] * Y[p], l, p), (I, J)
    ),
    "a guard outside of the inner sum": (
        total(Inside(I - l, N) * Total(C[I - l, Index("r", N)] * X[Index("r", N)], Index("r", N)) * X[l], l), (I,)
    ),
    "a window and its maximum": (Extreme(Inside(I + p, N) * X[I + p], p), (I,)),
    "three indices in one place": (total(Inside(I + J + l - 2, N) * X[I + J + l - 2] * X[l], l), (I, J)),
    "shifted diagonal": (Inside(I + 1, N) * C[I, I + 1], (I,)),
    "logistic": (1 / (1 + sympy.exp(-A[I, J])), (I, J)),
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
    _, code, _ = run(sympy.exp(A[I, J]) + Y[J] * sympy.sin(sympy.exp(A[I, J])), (I, J))
    assert code.split("def run")[1].count("np.exp") == 1


def test_no_general_power_of_an_array(run):
    _, code, _ = run(X[I] ** 3 + X[I] ** 5, (I,))
    assert "**3" not in code
    assert "** 3" not in code
    assert "np.power" not in code


def test_large_results_are_written_in_place(run):
    _, code, _ = run(sympy.exp(total(A[I, p] * B[p, k], p) + X[I]) * 2, (I, k))
    body = code.split("def run")[1]
    assert "+=" in body
    assert "out=" in body


def test_an_unknown_function_is_an_error():
    from symnn.formula.nodes import Call, Elementwise

    with pytest.raises(EmitError, match="f has no definition"):
        python_of(Call(Elementwise("f", ("x",)), X[I]), (I,))


def test_a_stray_index_is_an_error():
    with pytest.raises(EmitError, match="free index"):
        python_of(X[I], (J,))


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
        formulas(summed_i, summed_j, depth - 1).map(lambda a: total(a * C[i, summed_i] * A[i, summed_j], summed_i, summed_j)),
    )


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(formula=formulas(I, J, 3))
def test_random_formulas(run, formula):
    formula = sympy.sympify(formula)
    try:
        wanted = reference(formula, (I, J), arrays())
    except Undetermined:
        reject()  # two sides of a comparison are equal
    scale = max(1.0, float(np.max(np.abs(wanted))))
    for candidate in (formula, Recogniser().safe(formula)):
        got, code, _ = run(candidate, (I, J))
        assert got.shape == wanted.shape
        assert np.max(np.abs(got - wanted)) <= 1e-9 * scale, code


def test_entries_of_the_wrong_rank_cannot_be_made():
    with pytest.raises(ValueError, match="2 dimensions"):
        Entry(A, I)
