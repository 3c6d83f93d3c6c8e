"""Numeric evaluation in ball arithmetic.

Every value is a ball that is guaranteed to hold the exact one (F. Johansson, *Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic*, IEEE Trans. Computers 66, 2017). Two formulas whose balls do not overlap are
different; balls that overlap prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flint import arb

from symnn.formula.assignment import Assignment, EvaluationError, Undetermined, ball, positions, precision
from symnn.formula.compiled import Compiled
from symnn.formula.index import Index, as_formula
from symnn.formula.steps import Run


def evaluate(formula: Any, assignment: Assignment, indices: Mapping[Index, int] | None = None) -> arb:
    """The value of a formula at the working precision.

    Raises `Undetermined` when a comparison or a domain is not decided at this precision, `EvaluationError` when a
    value is missing or an argument is outside a domain.

    >>> from symnn.formula.index import dimension
    >>> from symnn.formula.nodes import Tensor, Total
    >>> n = dimension("n"); k = Index("k", n); x = Tensor("x", (n,))
    >>> evaluate(Total(x[k] ** 2, k), Assignment({n: 2}, {x: {(0,): 3, (1,): 4}}))
    25.0000000000000
    """
    return Evaluation(assignment).value(formula, indices)


class Evaluation:
    """The values of formulas at one assignment and one precision: a sum is carried out once for all places that share it."""

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment
        self._run = Run(assignment)

    def value(self, formula: Any, indices: Mapping[Index, int] | None = None) -> arb:
        """The value of a formula, as that of `evaluate`."""
        return _compiled(as_formula(formula)).value(self._run, indices or {})


@lru_cache(maxsize=512)
def _compiled(formula: Any) -> Compiled:
    # the definitions of a network are evaluated at many points and places
    return Compiled(formula)


__all__ = [
    "Assignment", "Evaluation", "EvaluationError", "Undetermined", "ball", "evaluate", "positions", "precision",
]  # fmt: skip
