"""Numbers at which two formulas differ, in ball arithmetic: a difference that is seen is real."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import sympy

from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, positions, precision
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor, subformulas, tensors

TRIALS = 6
BITS = 160
MAX_ENTRIES = 400  # larger arrays cost more time than the answer is worth


def differ(left: Any, right: Any) -> bool:
    """Whether random numbers show that two formulas are not equal. Their free indices are taken at 0.

    >>> from symnn.formula.nodes import Tensor
    >>> x = Tensor("x").entry()
    >>> differ(x**2, x**3), differ((x + 1) ** 2, x**2 + 2 * x + 1)
    (True, False)
    """
    generator = random.Random(20)
    names = sorted(tensors(left) | tensors(right), key=lambda t: t.name)
    symbols = {s for f in (left, right) for s in _symbols(f)}
    symbols |= {s for t in names for d in t.shape for s in d.free_symbols}
    indices = {i for f in (left, right) for i in f.free_symbols if isinstance(i, Index)}
    if sum(_least_size(tensor) for tensor in names) > MAX_ENTRIES:
        return False
    for trial in range(TRIALS):
        sizes = {s: 2 + (trial + n) % 3 for n, s in enumerate(sorted((s for s in symbols if s.is_integer), key=str))}
        scalars = {s: _number(generator, trial) for s in symbols if not s.is_integer}
        assignment = Assignment(sizes, {}, scalars)
        try:
            values = {t: _entries(t, assignment, generator, trial) for t in names}
            assignment = Assignment(sizes, values, scalars)
            at = dict.fromkeys(indices, 0)
            with precision(BITS):
                one, other = evaluate(left, assignment, at), evaluate(right, assignment, at)
                if not one.overlaps(other):
                    return True
        except EvaluationError:
            continue
    return False


def _least_size(tensor: Tensor) -> int:
    """How many entries a tensor has when every open dimension is 2."""
    return math.prod(int(d) if d.is_Integer else 2 for d in tensor.shape)


def _symbols(formula: Any) -> set[Any]:
    return {s for s in subformulas(formula) if isinstance(s, sympy.Symbol) and not isinstance(s, Index)}


def _number(generator: random.Random, trial: int) -> Fraction:
    low = -2000 if trial % 2 else 1
    return Fraction(generator.randint(low, 2000), 1000)


def _entries(
    tensor: Tensor, assignment: Assignment, generator: random.Random, trial: int
) -> dict[tuple[int, ...], Fraction]:
    return {place: _number(generator, trial) for place in positions(assignment.shape(tensor))}
