"""Derivatives of what a document defines, with every path counted.

``dF/dX = ∂F/∂X + Σ_Y ∂F/∂Y dY/dX`` over the names Y in F that depend on X through their own definitions. The
derivative of each name is worked out once. A name without a definition has a derivative only where the document says
what it depends on (an edge); that derivative is an unknown array, the same one wherever it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Add, Mul, S

from symnn.formula.application import Array, NamedFormula, axis_indices, unfold_applications
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Tensor, entries, tensors, total
from symnn.formula.substitute import substitute_indices
from symnn.notes.judge.errors import NotUnderstood, Recurrent
from symnn.notes.judge.gradients.recurrent import Recurrences, places_of
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.trail import Taken, record

MAX_DEPTH = 60
MAX_STEPS = 3


class Differentials:
    """Derivatives in one world.

    `equations` are the definitions; `edges` tells for a tensor without a definition what it depends on directly.
    Derivatives through recurrences are arrays that are defined by recurrences of their own; `made` has these definitions.
    """

    def __init__(
        self, equations: Mapping[Tensor, NamedFormula], edges: Mapping[Tensor, frozenset[Tensor]] | None = None
    ) -> None:
        self.equations = equations
        self.edges: Mapping[Tensor, frozenset[Tensor]] = edges or {}
        self.used_edges: set[tuple[Tensor, Tensor]] = set()
        self.made: dict[Tensor, NamedFormula] = {}
        self._mark = ""
        self._recurrences: Recurrences | None = None
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
        if tensors(formula) & self.made.keys():
            raise Recurrent("a second derivative through a recurrence")
        for tensor in sorted(tensors(formula), key=lambda t: (t.name, str(t.shape))):
            if tensor == by:
                terms.append(_partial(formula, by.entry(*places)))
                if tensor not in self.recurrences:
                    continue
            if not self.depends(tensor, by):
                continue
            if tensor in self.recurrences and by in self.recurrences:
                terms += self._through_recurrence(formula, tensor, by, places, depth + 1)
                continue
            through = self.of_tensor(tensor, by, depth + 1)
            own = axis_indices(tensor.shape)
            inner = _partial(formula, tensor.entry(*own))
            if inner is S.Zero:
                continue
            values = dict(zip(through.indices, (*own, *places), strict=True))
            terms.append(eliminate_deltas(total(inner * substitute_indices(through.formula, values), *own)))
        return eliminate_deltas(Add(*terms))

    # -- recurrences ----------------------------------------------------------------------------------------------------

    @property
    def recurrences(self) -> Recurrences:
        """The names that depend on themselves."""
        if self._recurrences is None:
            self._recurrences = Recurrences(self.equations)
        return self._recurrences

    def _through_recurrence(
        self, formula: Any, tensor: Tensor, by: Tensor, places: tuple[Any, ...], depth: int
    ) -> list[Any]:
        """What a member of a recurrence adds to a derivative by a member, where their places are a known number of steps apart.

        An entry does not depend on what comes after it, and on what comes before through its definition. Its own direct
        occurrence is counted by the caller. Raises Recurrent where the distance is not known.
        """
        step = self.recurrences.direction[tensor]
        if step == 0 or step != self.recurrences.direction[by]:
            raise Recurrent(f"{tensor.name} depends on itself: a recurrence")
        terms = []
        for place in places_of(formula, tensor):
            ahead = sympy.expand((place - places[0]) * -step)
            if not ahead.is_Integer or ahead > MAX_STEPS:
                raise Recurrent(f"{tensor.name} depends on itself: a recurrence")
            if ahead < 0:
                continue
            own = (place, *axis_indices(tensor.shape[1:]))
            inner = _partial(formula, tensor.entry(*own))
            equation = self.equations[tensor]
            body = substitute_indices(equation.formula, dict(zip(equation.indices, own, strict=True)))
            outer = self.of_formula(body, by, places, depth)
            terms.append(eliminate_deltas(total(inner * outer, *own[1:])))
        return terms

    def _crosses(self, tensor: Tensor, by: Tensor) -> bool:
        """Whether a path from one tensor to the other leads through a recurrence."""
        return any(self.depends(tensor, member) and self.depends(member, by) for member in self.recurrences.direction)

    def _backwards(self, tensor: Tensor, by: Tensor, second: tuple[Index, ...], depth: int) -> Any:
        """The derivative of a number through a recurrence: summed over what uses the tensor directly."""
        terms = []
        for user in sorted((*self.equations, *self.edges), key=lambda t: (t.name, str(t.shape))):
            if by not in self.parents(user) or not self.depends(tensor, user):
                continue
            if user in self.recurrences.odd:
                raise Recurrent(f"{user.name} depends on itself: a recurrence")
            own = axis_indices(user.shape)
            if user in self.equations:
                equation = self.equations[user]
                body = substitute_indices(equation.formula, dict(zip(equation.indices, own, strict=True)))
                local = _partial(unfold_applications(body), by.entry(*second))
            else:
                self.used_edges.add((user, by))
                local = unknown_derivative(user, by).entry(*own, *second)
            if user != tensor:
                through = self.of_tensor(tensor, user, depth + 1)
                local = local * substitute_indices(through.formula, dict(zip(through.indices, own, strict=True)))
            terms.append(eliminate_deltas(total(local, *own)))
        return eliminate_deltas(Add(*terms))

    def _adjoint(self, tensor: Tensor, by: Tensor, second: tuple[Index, ...], depth: int) -> NamedFormula:
        """The derivative of a number by a member of a recurrence: an array that is defined by a recurrence of its own."""
        adjoint = Tensor(f"d{tensor.name}/d{by.name}{self._mark}", by.shape)
        made = NamedFormula(tensor, second, adjoint.entry(*second))
        self._known[tensor, by] = made
        own = axis_indices(by.shape)
        self.made[adjoint] = NamedFormula(adjoint, own, self._backwards(tensor, by, own, depth))
        return made

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
        if tensor.rank == 0 and tensor != by and by in self.recurrences and self.depends(tensor, by):
            return self._adjoint(tensor, by, second, depth)
        if tensor.rank == 0 and tensor != by and self._crosses(tensor, by):
            formula = self._backwards(tensor, by, second, depth)
        elif tensor == by:
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

    def array(self, value: Array, by: Tensor, places: tuple[Any, ...] | None, kept: tuple[Index, ...] = ()) -> Array:
        """The derivative of an array by a tensor, or by one entry of it: the axes of the array, then those of the tensor.

        `kept` are the indices among the places that stand for a whole axis.
        """
        record(Taken(value, by, places))
        own = tuple(index.fresh() for index in value.indices)
        second = axis_indices(by.shape) if places is None else kept
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
            self._holding[fixed]._mark = " | " + ", ".join(sorted(tensor.name for tensor in fixed))
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
