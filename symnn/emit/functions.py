"""The bodies of ``forward``, ``backward`` and ``hvp``: what each computes, and what the first keeps for the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy

from symnn.derive.derivation import ADJOINT, TANGENT, tangent_tensor
from symnn.emit.code import Root, Writer, beneath_views, is_inline
from symnn.emit.errors import EmitError
from symnn.emit.function import Body, Function
from symnn.emit.layers import is_list, sequenced_by_layer
from symnn.emit.lower import Lowering
from symnn.emit.names import Scope, identifier, identifiers
from symnn.emit.operations import Shape, Value
from symnn.emit.plan import NEXT, Assignment, Plan, next_tensor
from symnn.emit.program import Program
from symnn.emit.reader import Stored
from symnn.emit.recurrences import Recurrence, sequenced
from symnn.formula.nodes import Tensor

NEXT_VARIABLE = NEXT.strip()


@dataclass(frozen=True)
class Kept:
    """An item of the cache, its shape, and the reason why it is there."""

    name: str
    shape: Shape
    reason: str


class Functions:
    """Lowers a plan and writes the functions; `hvp` is None where the plan has no products of the Hessian.

    Raises EmitError when a name is no identifier or a formula has no NumPy form.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        network = plan.network
        self.data = (*network.inputs, *network.targets)
        computed = {t.name for t in self.data} | {a.tensor.name for a in plan.forward}
        self.parameters = tuple(p for p in network.parameters if p.name not in computed)
        shown = [t.name for t in (*self.data, *self.parameters)]
        shown += [a.tensor.name for a in plan.forward if not a.hidden]
        shown += [u.tensor.name for u in network.updates]
        constants = (*network.hyperparameters, *network.rates)
        self.names = identifiers([*shown, *map(str, constants)])
        if network.updates and "state" in self.names.values():
            raise EmitError("the name 'state' is needed for what is kept between steps; rename it in the note")
        self.hyperparameters = {s: self.names[str(s)] for s in constants}
        self.scope = Scope(self.names.values())
        self.own: set[str] = set()
        self.program = Program()
        adjoints = {a.tensor.name: a.tensor.name.removeprefix(ADJOINT) for a in plan.backward}
        self.widths = None if network.widths is None else network.widths.like(adjoints)
        self.lowering = Lowering(self.program, {law.function: law for law in plan.laws}, widths=self.widths)
        self.leaves: dict[Value, str] = {}
        for tensor in (*self.data, *self.parameters):
            value = self.program.leaf(self.names[tensor.name], tensor.shape)
            self.leaves[value] = self.names[tensor.name]
            self.lowering.arrays[tensor] = Stored(value, tuple(range(tensor.rank)))
            if is_list(tensor, network.widths):
                if tensor not in self.parameters:
                    raise EmitError(f"{tensor.name} is data with a part for every layer, which has no NumPy form")
                self.lowering.reader.lists.add(tensor)
        self.forward_roots = self._roots(plan.forward)
        self.requirements = tuple(self.lowering.reader.requirements)
        self.backward_roots = self._roots(plan.backward)
        self.moved: dict[Value, str] = {}
        self.directions = self._directions()
        self.second_roots = self._roots(plan.second)
        self.states = self._states()
        self.update_roots = self._roots(plan.updates)
        self.gradients = {self._known(name): self._gradient(name, adjoint) for name, adjoint in plan.gradients}
        self.products = {self._known(name): self._gradient(name, tangent) for name, tangent in plan.products}
        self.updates = {self._known(u.tensor.name): self._full(next_tensor(u.tensor)) for u in plan.network.updates}
        self.loss = self._full(plan.loss)
        self.kept = self._needed_by_backward()
        self.backward, self.results = self._later(self.backward_roots, self.gradients, self.kept)
        self.hvp: Body | None = None
        self.product_results: dict[str, str] = {}
        if plan.products:
            self.hvp, self.product_results = self._hvp()
        self.next_state: Body | None = None
        self.next_results: dict[str, str] = {}
        if plan.updates:
            given = {**self.kept, **self.states}
            self.next_state, self.next_results = self._later(self.update_roots, self.updates, given, NEXT_VARIABLE)
            self.kept.update((value, name) for value, name in given.items() if value not in self.states)
        self.forward, self.loss_code = self._forward()

    # -- lowering ---------------------------------------------------------------------------------------------

    def _directions(self) -> dict[Value, str]:
        """The arrays of the direction, by the names of their variables."""
        found: dict[Value, str] = {}
        for parameter_name, _ in self.plan.products:
            tensor = self.plan.network.tensor(parameter_name)
            name = self.scope.fresh(f"{self._known(parameter_name)}_dot")
            value = self.program.leaf(name, tensor.shape)
            found[value] = name
            self.moved[value] = self._known(parameter_name)
            self.lowering.arrays[tangent_tensor(tensor)] = Stored(value, tuple(range(tensor.rank)))
        return found

    def _states(self) -> dict[Value, str]:
        """The arrays of the state before the step, by the names of their variables."""
        found: dict[Value, str] = {}
        for update in self.plan.network.updates:
            name = self._known(update.tensor.name)
            value = self.program.leaf(name, update.tensor.shape)
            found[value] = name
            self.lowering.arrays[update.tensor] = Stored(value, tuple(range(update.tensor.rank)))
        return found

    def _roots(self, assignments: Sequence[Assignment]) -> list[Root]:
        roots: list[Root] = []
        widths = self.plan.network.widths
        items = sequenced(assignments, self._own_name) if widths is None else sequenced_by_layer(assignments, widths)
        for item in items:
            if isinstance(item, Recurrence):
                names = {a.tensor: self._name(a) for a in item.assignments}
                stored = self.lowering.recurrence(item, names)
                roots += [Root(stored[a.tensor].value, names[a.tensor], a.notes) for a in item.assignments]
            else:
                made = self.lowering.equation(item.tensor, item.indices, item.formula)
                roots.append(Root(made.value, self._name(item), item.notes))
        return roots

    def _own_name(self, wanted: str) -> str:
        """A name for a tensor that neither the network nor its adjoints have."""
        name = self.scope.fresh(self._derived(wanted) or wanted)
        self.own.add(name)
        return name

    def _name(self, assignment: Assignment) -> str:
        name = assignment.tensor.name
        if name in self.own:
            return name
        if not assignment.hidden and name in self.names:
            return self.names[name]
        return self.scope.fresh(self._derived(name) or identifier(name))

    def _derived(self, name: str) -> str:
        """The identifier of an adjoint, a tangent or a next value; empty for anything else."""
        if name.startswith(NEXT):
            return f"{NEXT_VARIABLE}_{self._known(name.removeprefix(NEXT))}"
        if name.startswith(TANGENT):
            of = name.removeprefix(TANGENT)
            return f"{self._derived(of) or self._known(of)}_dot"
        return f"d_{self._known(name.removeprefix(ADJOINT))}" if name.startswith(ADJOINT) else ""

    def _known(self, name: str) -> str:
        return self.names.get(name) or identifier(name)

    def _gradient(self, name: str, adjoint: Tensor | None) -> Value:
        if adjoint is None:
            return self.program.fill(self.program.number(sympy.S.Zero), self.plan.network.tensor(name).shape)
        return self._full(adjoint)

    def _full(self, tensor: Tensor) -> Value:
        """The array of a tensor with all its axes."""
        stored = self.lowering.arrays[tensor]
        axes = sorted(stored.axes)
        value = self.program.transpose(stored.value, [stored.axes.index(axis) for axis in axes])
        first = min(axes, default=tensor.rank)
        while first > 0 and tensor.shape[first - 1] is sympy.S.One:
            first -= 1
        missing = [axis - first for axis in range(first, tensor.rank) if axis not in axes]
        return self.program.fill(self.program.expand(value, missing), tensor.shape)

    def tensor_of(self, name: str) -> Tensor:
        """The data or parameter of this name."""
        return next(t for t in (*self.data, *self.parameters) if self.names[t.name] == name)

    def is_list(self, value: Value) -> bool:
        """Whether a value is a list of arrays of different shapes, one for each layer."""
        widths = self.plan.network.widths
        return widths is not None and value.shape[:1] == (widths.layers,) and widths.longest in value.shape

    # -- what is kept -----------------------------------------------------------------------------------------

    def _needed_by_backward(self) -> dict[Value, str]:
        """The values of forward that backward or hvp mentions, with their names, in order of computation."""
        named = dict(self.leaves)
        for root in self.forward_roots:
            value = beneath_views(root.value)
            if not is_inline(value):
                named.setdefault(value, root.name)
        needed = _frontier(self._results_of_later(), named)
        return {value: name for value, name in named.items() if value in needed}

    def _results_of_later(self) -> list[Value]:
        """What the functions after forward return."""
        return [*self.gradients.values(), *self.products.values(), *self.updates.values()]

    def reasons(self) -> list[Kept]:
        """Why each item of the cache is needed."""
        users: dict[Value, list[str]] = {value: [] for value in self.kept}
        live = _reachable(self._results_of_later(), self.kept)
        roots = (*self.backward_roots, *self.second_roots, *self.update_roots)
        own = {beneath_views(r.value): r.name for r in roots if beneath_views(r.value) in live}
        for value, name in own.items():
            stops = own.keys() - {value} | self.kept.keys()
            for used in _frontier(value.arguments, stops) & self.kept.keys():
                users[used].append(name)
        return [Kept(name, value.shape, _listed(users[value]) or "its shape") for value, name in self.kept.items()]

    # -- the two functions ------------------------------------------------------------------------------------

    def _forward(self) -> tuple[Body, str]:
        live = _reachable([self.loss, *self.kept], self.leaves)
        roots = [root for root in self.forward_roots if beneath_views(root.value) in live]
        function = Function(self, self.leaves)
        loss = Root(self.loss, self.scope.fresh("loss"))
        function.write([*roots, loss], {self.loss, *self.kept})
        code = function.writer.name_of(self.loss)
        return function.body(function.requirements()), code

    def computed(self, tensors: Mapping[str, Tensor]) -> tuple[Body, dict[str, str]]:
        """A function that computes tensors of the forward pass, and the code of each by its name."""
        wanted = {name: self._full(tensor) for name, tensor in tensors.items()}
        live = _reachable(wanted.values(), self.leaves)
        function = Function(self, self.leaves)
        function.write([r for r in self.forward_roots if beneath_views(r.value) in live], set(wanted.values()))
        codes = _results(function.writer, wanted, self.leaves, self.is_list)
        return function.body(function.requirements()), codes

    def _hvp(self) -> tuple[Body, dict[str, str]]:
        given = {**self.kept, **self.directions}
        body, results = self._later((*self.backward_roots, *self.second_roots), self.products, given)
        self.kept.update((value, name) for value, name in given.items() if value not in self.directions)
        return body, results

    def _later(
        self, candidates: Sequence[Root], wanted: dict[str, Value], given: dict[Value, str], prefix: str = "d"
    ) -> tuple[Body, dict[str, str]]:
        """A function that computes the wanted values from those given; it may find that it needs more of forward."""
        live = _reachable(wanted.values(), given)
        roots = [root for root in candidates if beneath_views(root.value) in live]
        results = [Root(value, self.scope.fresh(f"{prefix}_{name}")) for name, value in wanted.items()]
        function = Function(self, given)
        function.write([*roots, *results], set(wanted.values()))
        codes = _results(function.writer, wanted, given, self.is_list)
        return function.body(), codes


def _results(
    writer: Writer, wanted: dict[str, Value], given: Collection[Value], is_list: Callable[[Value], bool]
) -> dict[str, str]:
    """The code of each result; an array that someone else holds too is copied."""
    results: dict[str, str] = {}
    seen: set[Value] = set()
    for name, value in wanted.items():
        code = writer.name_of(value)
        shared = value.owner in given or value.owner in seen
        if is_list(value):
            results[name] = f"[part.copy() for part in {code}]" if shared else code
        else:
            results[name] = f"{code}.copy()" if shared else code
        seen.add(value.owner)
    return results


def _frontier(values: Iterable[Value], stops: Collection[Value]) -> set[Value]:
    """The stops that the values are made of."""
    found: set[Value] = set()
    seen: set[Value] = set()
    stack = list(values)
    while stack:
        value = stack.pop()
        if value in stops:
            found.add(value)
        elif value not in seen:
            seen.add(value)
            stack.extend(value.arguments)
    return found


def _reachable(values: Iterable[Value], stops: Collection[Value]) -> set[Value]:
    """Everything the values are made of; what lies behind a stop does not count."""
    seen: set[Value] = set()
    stack = list(values)
    while stack:
        value = stack.pop()
        if value not in seen:
            seen.add(value)
            if value not in stops:
                stack.extend(value.arguments)
    return seen


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
