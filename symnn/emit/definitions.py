"""The definitions of a network's values, for putting them into formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sympy import Add, Mul, Pow, exp

from symnn.emit.plan import Assignment
from symnn.formula.nodes import Entry, Tensor, Total, subformulas, tensors
from symnn.formula.substitute import inline, unfold_all

MAX_ROUNDS = 6


class Definitions:
    """What each computed tensor is, with elementwise operators unfolded."""

    def __init__(self, equations: Iterable[Assignment]) -> None:
        self._equations = {e.tensor: e for e in equations}
        self._unfolded: dict[Tensor, Any] = {}
        self._exponential: dict[Tensor, bool] = {}

    def formula(self, tensor: Tensor) -> Any | None:
        """The formula of a tensor, or None for a leaf."""
        if tensor not in self._equations:
            return None
        if tensor not in self._unfolded:
            self._unfolded[tensor] = unfold_all(self._equations[tensor].formula)
        return self._unfolded[tensor]

    def put_in(self, formula: Any, chosen: Callable[[Tensor], bool]) -> Any:
        """The formula with the definitions of the chosen tensors in their place, and so on."""
        for _ in range(MAX_ROUNDS):
            found = [
                t
                for t in sorted(tensors(formula), key=lambda t: t.name)
                if t in self._equations and chosen(t)
            ]
            if not found:
                break
            for tensor in found:
                formula = inline(formula, tensor, self._equations[tensor].indices, self.formula(tensor))
        return formula

    def is_exponential(self, tensor: Tensor) -> bool:
        """Whether the value can become arbitrarily small, or large, because it is made of exponentials.

        It is when an exponential occurs in its formula outside of logarithms, or when it is a product or a quotient
        of such values, or a sum of exponentials over an index.
        """
        if tensor not in self._exponential:
            self._exponential[tensor] = False
            formula = self.formula(tensor)
            self._exponential[tensor] = formula is not None and self._exponentiates(formula)
        return self._exponential[tensor]

    def may_vanish(self, tensor: Tensor) -> bool:
        """Whether the computed value can be 0 although the exact one is not.

        A sum of exponentials cannot: it is computed with the largest exponent taken out, and is at least 1.
        """
        return self.is_exponential(tensor) and not isinstance(self.formula(tensor), Total)

    def _exponentiates(self, formula: Any) -> bool:
        if isinstance(formula, exp):
            return True
        if isinstance(formula, Add):
            return any(any(isinstance(n, exp) for n in subformulas(term)) for term in formula.args)
        if isinstance(formula, Mul):
            return any(self._exponentiates(factor) for factor in formula.args)
        if isinstance(formula, Pow):
            return self._exponentiates(formula.base)
        if isinstance(formula, Total):
            return any(self._is_plain(factor) for factor in Mul.make_args(formula.body))
        return isinstance(formula, Entry) and self.is_exponential(formula.tensor)

    def _is_plain(self, factor: Any) -> bool:
        """Whether a factor is an exponential, or a value that is nothing else."""
        if isinstance(factor, exp):
            return True
        if not isinstance(factor, Entry):
            return False
        formula = self.formula(factor.tensor)
        return formula is not None and any(isinstance(f, exp) for f in Mul.make_args(formula))
