"""Every printed formula is read back and compared in value with the formula it came from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from readback import Point, Reader

from symnn.formula.evaluate import Undetermined
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Bracket, Compare, Entry, Maximum, Tensor, tensors, total
from symnn.notation.latex import parse_latex
from symnn.notation.to_latex import to_latex
from symnn.notation.tree import Name
from symnn.write.notate import Names, NoMatrixForm, index_form, matrix_form
from symnn.write.notate.labels import label_indices

SIZES = {"m": 2, "n": 3, "k": 4}
DIMENSIONS = {name: dimension(name) for name in SIZES}
POOL = {
    name: (Index(a, DIMENSIONS[name]), Index(b, DIMENSIONS[name]))
    for name, a, b in zip("mnk", "ijl", "pqs", strict=True)
}
TENSORS = [
    Tensor(name, tuple(DIMENSIONS[d] for d in shape))
    for name, shape in {
        "a": "", "c": "", "u": "m", "v_1": "m", "x": "n", "yhat": "n", "z": "k", "A": "mn", "C": "mn", "B_2": "nk",
        "S": "mm", "T": "kmn", "∂x": "n", "∂A": "mn", "∂a": "",
    }.items()
]  # fmt: skip
NAMES = Names({}, Name("L"))


@st.composite
def an_entry(draw: Any) -> Any:
    tensor = draw(st.sampled_from(TENSORS))
    return Entry(tensor, *[draw(st.sampled_from(POOL[d.name])) for d in tensor.shape])


def grow(inner: Any) -> Any:
    whole = st.integers(-3, 3).filter(bool).map(sympy.Integer)
    half = st.sampled_from([sympy.Rational(1, 2), sympy.Rational(-2, 3), sympy.Rational(1, 100)])
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: sympy.Mul(*parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: sympy.Add(*parts)),
        st.tuples(st.one_of(whole, half), inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, whole).map(lambda pair: pair[0] + pair[1]),
        inner.map(lambda part: part**2),
        inner.map(lambda part: 1 / (part**2 + 1)),
        inner.map(lambda part: sympy.sqrt(part**2 + 2)),
        inner.map(lambda part: sympy.exp(-(part**2))),
        inner.map(lambda part: sympy.log(part**2 + 1)),
        inner.map(lambda part: Maximum(0, part)),
        inner.map(lambda part: Bracket(Compare(">", part, sympy.S.Zero))),
        st.tuples(inner, st.sampled_from("mnk"), st.integers(0, 1)).map(
            lambda t: total(t[0], POOL[t[1]][t[2]]) if POOL[t[1]][t[2]] in t[0].free_symbols else t[0]
        ),
    )


FORMULAS = st.recursive(an_entry(), grow, max_leaves=6)


def free_indices(formula: Any) -> tuple[Index, ...]:
    found = [i for i in formula.free_symbols if isinstance(i, Index)]
    return tuple(sorted(found, key=lambda i: i.sort_name))


def compare(node: Any, formula: Any, indices: Any, labels: int) -> None:
    for seed in (5, 6):
        at = Point(dict(zip(DIMENSIONS.values(), SIZES.values(), strict=True)), seed)
        at.need(formula)
        try:
            expected = at.exact(formula, indices)
            if np.isfinite(expected).all():
                break
        except Undetermined:
            continue  # a comparison of equal numbers
    else:
        return
    arrays = {NAMES.tensor(t): at.array(t) for t in tensors(formula)}
    read = Reader(arrays, {})
    shape = expected.shape[labels:]
    padded = shape if len(shape) != 1 else (shape[0], 1)
    for place in np.ndindex(expected.shape[:labels]):
        bound = {i.name: p for i, p in zip(indices[:labels], place, strict=True)}
        for tree in (node, parse_latex(to_latex(node))):
            got = np.asarray(read.value(tree, padded, bound))
            assert got.shape == padded, to_latex(node)
            np.testing.assert_allclose(
                got.reshape(shape), expected[place], rtol=1e-9, atol=1e-9, err_msg=to_latex(node)
            )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(formula=FORMULAS, random=st.randoms(use_true_random=False))
def test_matrix_form_reads_back(formula: Any, random: Any) -> None:
    indices = list(free_indices(formula))
    random.shuffle(indices)
    kept, bound = tuple(indices[:2]), indices[2:]
    kept = kept[: random.randint(0, 2)]
    formula = total(formula, *[i for i in indices if i not in kept])
    assert len(bound) >= 0
    if formula.is_number or not isinstance(formula, sympy.Expr):
        return
    try:
        node = matrix_form(formula, kept, NAMES)
    except NoMatrixForm:
        return
    labels = len([i for i in kept if i in label_indices(formula, kept)])
    compare(node, formula, kept, labels)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(formula=FORMULAS)
def test_index_form_reads_back(formula: Any) -> None:
    indices = free_indices(formula)
    if len(indices) > 3:
        formula, indices = total(formula, *indices[3:]), indices[:3]
    if formula.is_number:
        return
    compare(index_form(formula, NAMES, indices), formula, indices, len(indices))


m, n, k = DIMENSIONS.values()
i, j, q = Index("i", m), Index("j", n), Index("l", k)
A, C, x, u, v, a = (next(t for t in TENSORS if t.name == name) for name in ("A", "C", "x", "u", "v_1", "a"))
b = Tensor("b", (m,))


@pytest.mark.parametrize(
    ("formula", "indices", "latex"),
    [
        (total(A[i, j] * u[i], i), (j,), r"A^{\top} u"),
        (u[i] * x[j], (i, j), r"u x^{\top}"),
        (x[j] * u[i], (j, i), r"x u^{\top}"),
        (total(A[i, j] * x[j], j) + b[i], (i,), r"A x + b"),
        (total(2 * A[i, j] * (total(A[i, Index("l", n)] * x[Index("l", n)], Index("l", n)) - b[i]), i), (j,),
         r"2 A^{\top}(A x - b)"),
        (total(u[i] * v[i], i), (), r"u^{\top} v_{1}"),
        (total(u[i] ** 2, i), (), r"\lVert u \rVert^{2}"),
        (total((total(A[i, j] * x[j], j) - b[i]) ** 2, i), (), r"\lVert A x - b \rVert^{2}"),
        (total(total(A[i, j] ** 2, i), j), (), r"\lVert A \rVert_{F}^{2}"),
        (total(total(A[i, j] * C[i, j], i), j), (), r"\operatorname{tr}(A^{\top} C)"),
        (total(total(u[i] * A[i, j] * x[j], i), j), (), r"u^{\top} A x"),
        (A[i, j] * C[i, j], (i, j), r"A \odot C"),
        (A[i, j] * C[i, j], (j, i), r"(A \odot C)^{\top}"),
        (A[i, j] ** 2, (i, j), r"A \odot A"),
        (u[i] ** 2, (i,), r"u^{2}"),
        (total(A[i, j], j), (i,), r"A \mathbf{1}"),
        (a.entry() * sympy.S.One, (i,), r"a \mathbf{1}"),
        (u[i] + a.entry(), (i,), r"u + a \mathbf{1}"),
        (1 - u[i], (i,), r"1 - u"),
        (u[i] + x[j], (i, j), r"u \mathbf{1}^{\top} + \mathbf{1} x^{\top}"),
        (total(x[j], j), (), r"\sum_{j} x_{j}"),
    ],
)  # fmt: skip
def test_textbook_forms(formula: Any, indices: Any, latex: str) -> None:
    assert to_latex(matrix_form(formula, indices, NAMES)) == latex
