"""The definitions of a network's values, for putting them into formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sympy import Add, Mul, Pow, S, Symbol, exp, log

from symnn.emit.plan import Assignment
from symnn.emit.unify import power_of, scaled, unified
from symnn.formula.nodes import Entry, Tensor, Total, subformulas, tensors
from symnn.formula.normal import Normalizer
from symnn.formula.rational import expanded, reduced
from symnn.formula.substitute import inline, substitute_indices, transform, unfold_all

MAX_ROUNDS = 6


class Definitions:
    """What each computed tensor is, with elementwise operators unfolded."""

    def __init__(self, equations: Iterable[Assignment]) -> None:
        self._equations = {e.tensor: e for e in equations}
        self._unfolded: dict[Tensor, Any] = {}
        self._exponential: dict[Tensor, bool] = {}
        self._solved: list[tuple[Assignment, Any, Any]] | None = None

    def formula(self, tensor: Tensor) -> Any | None:
        """The formula of a tensor, or None for a leaf."""
        if tensor not in self._equations:
            return None
        if tensor not in self._unfolded:
            self._unfolded[tensor] = unfold_all(self._equations[tensor].formula)
        return self._unfolded[tensor]

    def at(self, entry: Entry) -> Any:
        """The definition of a computed tensor at the indices of an entry."""
        return inline(entry, entry.tensor, self._equations[entry.tensor].indices, self.formula(entry.tensor))

    def put_in(self, formula: Any, chosen: Callable[[Tensor], bool]) -> Any:
        """The formula with the definitions of the chosen tensors in their place, and so on."""
        for _ in range(MAX_ROUNDS):
            found = [t for t in sorted(tensors(formula), key=lambda t: t.name) if t in self._equations and chosen(t)]
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

    def is_quotient(self, tensor: Tensor) -> bool:
        """Whether a value is made of named exponentials and their sums, such as ``p = e / z``."""
        formula = self.formula(tensor)
        if formula is None or not self.may_vanish(tensor):
            return False
        inside = tensors(formula)
        return not formula.has(exp) and all(self.is_exponential(t) for t in inside)

    def is_function(self, tensor: Tensor) -> bool:
        """Whether a value may vanish and is more than an exponential: a logistic function, a softmax."""
        return self.may_vanish(tensor) and not isinstance(self.formula(tensor), exp)

    def without_exponentials(self, formula: Any) -> Any:
        """The formula with exponentials replaced by what follows from definitions such as ``s = e^a / (1 + e^a)``.

        Solved for its exponential that one says ``e^a = s / (1 - s)``.
        """

        def visit(node: Any) -> Any | None:
            if not isinstance(node, exp):
                return None
            for equation, argument, solution in self._kernels():
                for scale in (S.One, S.NegativeOne):
                    values = unified(argument, scaled(node.args[0], scale))
                    if values is not None and set(equation.indices) <= values.keys():
                        return substitute_indices(solution, values) ** scale
            return None

        return transform(formula, visit)

    def _kernels(self) -> list[tuple[Assignment, Any, Any]]:
        """Equations that determine an exponential: the equation, what is exponentiated, and the exponential."""
        if self._solved is None:
            self._solved = []
            for tensor, equation in self._equations.items():
                formula = self.formula(tensor)
                guesses = [node.args[0] for node in subformulas(formula) if isinstance(node, exp)]
                if not guesses or any(isinstance(node, Total) for node in subformulas(formula)):
                    continue
                solution = _solved_for_exponential(tensor.entry(*equation.indices), formula, guesses[0])
                if solution is not None:
                    self._solved.append((equation, guesses[0], solution))
        return self._solved

    def _exponentiates(self, formula: Any) -> bool:
        if isinstance(formula, exp):
            return True
        if isinstance(formula, Add):
            return any(_has_bare_exponential(term) for term in formula.args)
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


def _has_bare_exponential(formula: Any) -> bool:
    """Whether an exponential occurs outside of logarithms."""
    if isinstance(formula, exp):
        return True
    return not isinstance(formula, log) and any(_has_bare_exponential(argument) for argument in formula.args)


def _solved_for_exponential(name: Any, formula: Any, argument: Any) -> Any | None:
    """``name = formula`` solved for ``exp(argument)``, when the formula is a quotient of two linear ones in it."""
    kernel = Symbol("K", positive=True)
    replaced = transform(formula, lambda node: power_of(node, argument, kernel))
    if replaced.has(exp):
        return None
    normalizer = Normalizer()
    value = reduced(normalizer.normal(replaced))
    bottom = normalizer.polynomial_formula(expanded(value.denominator))
    difference = normalizer.normal(name * bottom - normalizer.polynomial_formula(value.numerator))
    position = normalizer.atom_number(kernel)
    powers = {dict(monomial).get(position, 0) for monomial in difference.numerator}
    if len(powers) != 2 or max(powers) - min(powers) != 1:
        return None
    parts = {
        power: normalizer.polynomial_formula(
            {m: c for m, c in difference.numerator.items() if dict(m).get(position, 0) == power}
        )
        for power in powers
    }
    low, high = (parts[power] / kernel**power for power in (min(powers), max(powers)))
    return -low / high
