"""Derivatives of what a document defines, with every path counted.

``dF/dX = ∂F/∂X + Σ_Y ∂F/∂Y dY/dX`` over the names Y in F that depend on X through their own definitions. The
derivative of each name is worked out once. A name without a definition has a derivative only where the document says
what it depends on (an edge); that derivative is an unknown array, the same one wherever it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Mul, S

from symnn.formula.application import Array, NamedFormula, axis_indices, unfold_applications
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Tensor, entries, tensors, total
from symnn.formula.substitute import substitute_indices
from symnn.notes.judge.budget import spend
from symnn.notes.judge.errors import NotUnderstood, Recurrent
from symnn.notes.judge.trail import Taken, record

MAX_DEPTH = 60


class Differentials:
    """Derivatives in one world.

    `equations` are the definitions; `edges` tells for a tensor without a definition what it depends on directly.
    `opaque` collects the unknown derivatives that were made.
    """

    def __init__(
        self, equations: Mapping[Tensor, NamedFormula], edges: Mapping[Tensor, frozenset[Tensor]] | None = None
    ) -> None:
        self.equations = equations
        self.edges: Mapping[Tensor, frozenset[Tensor]] = edges or {}
        self.used_edges: set[tuple[Tensor, Tensor]] = set()
        self._known: dict[tuple[Tensor, Tensor], NamedFormula | None] = {}
        self._parents: dict[Tensor, frozenset[Tensor]] = {}
        self._holding: dict[frozenset[Tensor], Differentials] = {}

    # -- what depends on what ---------------------------------------------------------------------------------------

    def parents(self, tensor: Tensor) -> frozenset[Tensor]:
        """The tensors that occur in a definition, or the ends of the edges of a name without one."""
        found = self._parents.get(tensor)
        if found is None:
            equation = self.equations.get(tensor)
            found = self.edges.get(tensor, frozenset()) if equation is None else frozenset(tensors(equation.formula))
            self._parents[tensor] = found
        return found

    def depends(self, tensor: Tensor, on: Tensor) -> bool:
        """Whether there is a path from one tensor to the other."""
        stack, seen = [tensor], set()
        while stack:
            top = stack.pop()
            if top == on:
                return True
            if top not in seen:
                seen.add(top)
                stack.extend(self.parents(top))
        return False

    # -- derivatives --------------------------------------------------------------------------------------------------

    def of_formula(self, formula: Any, by: Tensor, places: tuple[Any, ...], depth: int = 0) -> Any:
        """The derivative of a formula by the entry ``by[places]``, through all names on the way.

        Raises NotUnderstood where a rule is missing, or for a recurrence.
        """
        spend(5)
        if depth > MAX_DEPTH:
            raise NotUnderstood("the definitions are nested too deeply")
        formula = unfold_applications(formula)
        terms = []
        for tensor in sorted(tensors(formula), key=lambda t: (t.name, str(t.shape))):
            if tensor == by:
                terms.append(_partial(formula, by.entry(*places)))
                continue
            if not self.depends(tensor, by):
                continue
            through = self.of_tensor(tensor, by, depth + 1)
            own = axis_indices(tensor.shape)
            inner = _partial(formula, tensor.entry(*own))
            if inner is S.Zero:
                continue
            values = dict(zip(through.indices, (*own, *places), strict=True))
            terms.append(eliminate_deltas(total(inner * substitute_indices(through.formula, values), *own)))
        return eliminate_deltas(Add(*terms))

    def of_tensor(self, tensor: Tensor, by: Tensor, depth: int = 0) -> NamedFormula:
        """``d tensor[i] / d by[j]``, as a formula over the axes of both."""
        key = (tensor, by)
        if key in self._known:
            found = self._known[key]
            if found is None:
                raise Recurrent(f"{tensor.name} depends on itself: a recurrence")
            return found
        self._known[key] = None
        first, second = axis_indices(tensor.shape), axis_indices(by.shape)
        formula: Any
        if tensor == by:
            formula = Mul(*[Delta(a, b) for a, b in zip(first, second, strict=True)])
        elif tensor in self.equations:
            equation = self.equations[tensor]
            body = substitute_indices(equation.formula, dict(zip(equation.indices, first, strict=True)))
            formula = self.of_formula(body, by, second, depth)
        else:
            formula = self._by_edges(tensor, first, by, second, depth)
        made = NamedFormula(tensor, (*first, *second), formula)
        self._known[key] = made
        return made

    def _by_edges(
        self, tensor: Tensor, first: tuple[Index, ...], by: Tensor, second: tuple[Index, ...], depth: int
    ) -> Any:
        terms = []
        for parent in sorted(self.edges.get(tensor, frozenset()), key=lambda t: t.name):
            if not self.depends(parent, by):
                continue
            self.used_edges.add((tensor, parent))
            through = self.of_tensor(parent, by, depth + 1)
            own = axis_indices(parent.shape)
            local = unknown_derivative(tensor, parent).entry(*first, *own)
            values = dict(zip(through.indices, (*own, *second), strict=True))
            terms.append(eliminate_deltas(total(local * substitute_indices(through.formula, values), *own)))
        return Add(*terms)

    def array(self, value: Array, by: Tensor, places: tuple[Any, ...] | None) -> Array:
        """The derivative of an array by a tensor, or by one entry of it: the axes of the array, then those of the tensor."""
        record(Taken(value, by, places))
        own = tuple(index.fresh() for index in value.indices)
        second = axis_indices(by.shape) if places is None else ()
        formula = self.of_formula(value.at(*own), by, second if places is None else places)
        return Array((*own, *second), formula)

    def holding(self, fixed: frozenset[Tensor]) -> Differentials:
        """The derivatives where some values are held fixed: no path goes through them."""
        if not fixed:
            return self
        if fixed not in self._holding:
            equations = {tensor: equation for tensor, equation in self.equations.items() if tensor not in fixed}
            edges = {tensor: ends for tensor, ends in self.edges.items() if tensor not in fixed}
            self._holding[fixed] = Differentials(equations, edges)
        return self._holding[fixed]


def unknown_derivative(tensor: Tensor, by: Tensor) -> Tensor:
    """The array that stands for the derivative of a name that has no definition."""
    return Tensor(f"∂{tensor.name}/∂{by.name}", (*tensor.shape, *by.shape))


def _partial(formula: Any, entry: Entry) -> Any:
    """The derivative by one entry, other names held fixed."""
    if not any(found.tensor == entry.tensor for found in entries(formula)):
        return S.Zero
    try:
        return eliminate_deltas(differentiate(formula, entry))
    except DifferentiationError as error:
        raise NotUnderstood(str(error)) from None
