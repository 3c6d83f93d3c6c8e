"""Hoisting: every application of an operator inside a formula becomes equations of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add

from symnn.formula.application import AXIS_LETTERS, Application, Array, Definition, NamedFormula, bind_shapes, resize
from symnn.formula.index import Index
from symnn.formula.nodes import (
    Binder,
    Call,
    Elementwise,
    Entry,
    Extreme,
    Inside,
    Tensor,
    Total,
    entries,
    subformulas,
    tensors,
)
from symnn.formula.ranges import always_inside
from symnn.formula.substitute import rebuild, substitute_entries, substitute_indices
from symnn.network.equations import Equation, Use, recurrent_groups
from symnn.network.kept import KeptState, averaged


class _Hoister:
    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.equations: list[Equation] = []
        self.states: list[KeptState] = []
        self.in_use: list[Equation] = []
        self.groups = 0
        self.before: dict[Any, Tensor] = {}
        self.applied: dict[Any, Tensor] = {}

    def name(self, wanted: str) -> str:
        """A name that is not taken yet, close to the wanted one."""
        return self.first_free(itertools.chain([wanted], (f"{wanted}_{n}" for n in itertools.count(2))))

    def part(self, whole: str) -> str:
        """A name for a part of a value: the name of the whole with the next number that is free."""
        return self.first_free(f"{whole}_{n}" for n in itertools.count(1))

    def first_free(self, candidates: Iterable[str]) -> str:
        candidate = next(name for name in candidates if name not in self.taken)
        self.taken.add(candidate)
        return candidate

    def equation(self, equation: Equation) -> None:
        formula = equation.formula
        if isinstance(formula, Application) and (*outer_indices(formula), *formula.places) == equation.indices:
            self.application(formula, equation, equation.name)
            return
        hoisted = self.formula(formula, equation.name)
        self.equations.append(
            Equation(equation.tensor, equation.indices, hoisted, None, equation.hidden, equation.place)
        )

    def formula(self, formula: Any, near: str) -> Any:
        """The formula with every application replaced by an entry of a new tensor."""
        if isinstance(formula, Application):
            return self.application(formula, None, near)
        if not formula.args or not formula.has(Application):
            return formula
        return rebuild(formula, [self.formula(argument, near) for argument in formula.args])

    def application(self, use: Application, target: Equation | None, near: str) -> Any:
        definition = use.definition
        outer = outer_indices(use)
        key = _wherever_it_stands(use, outer)
        if target is None and key in self.applied:
            return self.applied[key].entry(*outer, *use.places)
        binding = bind_shapes(definition, [a.shape for a in use.arguments], use.constants)
        arguments = []
        for parameter, array, has_shared in zip(definition.parameters, use.arguments, binding.has_shared, strict=True):
            needs_outer = bool(set(outer) & array.free_symbols)
            tensor = self.argument(array, outer if needs_outer else (), f"{near}_{parameter.name}")
            arguments.append((parameter, tensor, needs_outer, has_shared))
        lead = len(outer) + len(binding.shared)
        shape = tuple(d.xreplace(binding.dimensions) for d in definition.result.tensor.shape)
        lead_shape = (*(i.dimension for i in outer), *binding.shared)
        if target is None:
            result = Tensor(self.part(near), (*lead_shape, *shape))
        else:
            result = target.tensor
        self.applied.setdefault(key, result)
        if definition.is_composite:
            self.composite(use, result, lead_shape, arguments, binding.dimensions, outer, target)
            return result.entry(*outer, *use.places)
        self.groups += 1
        group = self.groups
        renamed: dict[Tensor, Tensor] = {}
        for let in definition.lets:
            small = resize(let.tensor, binding.dimensions)
            renamed[small] = Tensor(self.name(f"{let.tensor.name}_{result.name}"), (*lead_shape, *small.shape))
        used = tuple(
            (p.name, t, (*range(len(outer) if needs else 0), *range(len(outer), lead if shared else 0)))
            for p, t, needs, shared in arguments
        )
        lets = tuple((let.tensor.name, renamed[resize(let.tensor, binding.dimensions)]) for let in definition.lets)
        constants = dict(zip(definition.constants, use.constants, strict=True))

        def place(step: NamedFormula, leading: tuple[Index, ...]) -> tuple[tuple[Index, ...], Any]:
            """The indices and the formula of a step, in the tensors of the network."""
            own = tuple(resize(i, binding.dimensions).fresh() for i in step.indices)
            formula = substitute_indices(
                resize(step.formula, binding.dimensions).xreplace(constants),
                {resize(old, binding.dimensions): new for old, new in zip(step.indices, own, strict=True)},
            )
            return own, self.placed(formula, leading, arguments, renamed, binding.dimensions, len(outer))

        def indices_in_front() -> tuple[Index, ...]:
            return leading_indices(lead_shape, outer, outer if target is None else target.indices)

        for step in definition.steps:
            is_result = step is definition.steps[-1] or step.tensor == definition.result.tensor
            part = "" if is_result else step.tensor.name
            leading = indices_in_front()
            own, formula = place(step, leading)
            tensor = result if is_result else renamed[resize(step.tensor, binding.dimensions)]
            made = Use(definition.name, part, group, used, lets, lead, use.constants)
            hidden = not is_result or target is None or target.hidden
            where = target.place if target is not None else None
            self.equations.append(Equation(tensor, (*leading, *own), formula, made, hidden, where))
        if definition.updates:
            made = Use(definition.name, "", group, used, lets, lead, use.constants)
            self.keep(definition, made, result.name, indices_in_front(), place, renamed, binding.dimensions)
        return result.entry(*outer, *use.places)

    def keep(
        self,
        definition: Definition,
        made: Use,
        result: str,
        leading: tuple[Index, ...],
        place: Callable[[NamedFormula, tuple[Index, ...]], tuple[tuple[Index, ...], Any]],
        renamed: Mapping[Tensor, Tensor],
        dimensions: dict[Any, Any],
    ) -> None:
        """The updates of what an operator keeps, and its formulas in use. A state has no leading axes."""
        kept: dict[Tensor, Tensor] = {}
        for update in definition.updates:
            small = resize(update.tensor, dimensions)
            kept[small] = Tensor(self.name(f"{small.name}_{result}"), small.shape)

        def in_states(formula: Any) -> Any:
            return substitute_entries(formula, lambda e: kept[e.tensor].entry(*e.indices) if e.tensor in kept else None)

        for update in definition.updates:
            own, formula = place(update, leading)
            tensor = kept[resize(update.tensor, dimensions)]
            use = replace(made, part=update.tensor.name)
            equation = Equation(tensor, own, averaged(in_states(formula), leading), use, True)
            self.states.append(KeptState(equation, update.start, definition.rates))
        for step in definition.in_use:
            own, formula = place(step, leading)
            tensor = renamed[resize(step.tensor, dimensions)]
            use = replace(made, part=step.tensor.name)
            self.in_use.append(Equation(tensor, (*leading, *own), in_states(formula), use, True))

    def composite(
        self,
        use: Application,
        result: Tensor,
        lead_shape: Any,
        arguments: Any,
        dimensions: Any,
        outer: Any,
        target: Any,
    ) -> None:
        """An operator written with other operators: its equations stand on their own, under its names."""
        definition = use.definition
        constants = dict(zip(definition.constants, use.constants, strict=True))
        renamed: dict[Tensor, Tensor] = {}
        for step in definition.steps:
            is_result = step.tensor == definition.result.tensor
            own = tuple(resize(i, dimensions).fresh() for i in step.indices)
            leading = leading_indices(lead_shape, outer, outer if target is None else target.indices)
            formula = substitute_indices(
                resize(step.formula, dimensions).xreplace(constants),
                {resize(old, dimensions): new for old, new in zip(step.indices, own, strict=True)},
            )
            formula = self.placed(formula, leading, arguments, renamed, dimensions, len(outer))
            small = resize(step.tensor, dimensions)
            tensor = result if is_result else Tensor(self.name(step.tensor.name), (*lead_shape, *small.shape))
            renamed[small] = tensor
            place = target.place if target is not None else None
            hidden = not is_result or target is None or target.hidden
            self.equation(Equation(tensor, (*leading, *own), formula, None, hidden, place))

    def placed(self, formula: Any, leading: Any, arguments: Any, renamed: Any, dimensions: Any, n_outer: int) -> Any:
        """The operator's formula in the tensors of the network, at the shared leading indices."""
        table: dict[Tensor, tuple[Tensor, tuple[Index, ...]]] = {}
        for parameter, tensor, needs_outer, has_shared in arguments:
            lead = (leading[:n_outer] if needs_outer else ()) + (leading[n_outer:] if has_shared else ())
            table[resize(parameter, dimensions)] = (tensor, lead)
        for small, tensor in renamed.items():
            table[small] = (tensor, leading)

        def value(entry: Entry) -> Any | None:
            found = table.get(entry.tensor)
            return None if found is None else Entry(found[0], *found[1], *entry.indices)

        return substitute_entries(formula, value)

    def argument(self, array: Array, outer: tuple[Index, ...], near: str) -> Tensor:
        """A tensor that holds the argument, with the outer indices as leading axes."""
        body = array.body
        if isinstance(body, Entry) and body.indices == (*outer, *array.indices):
            return body.tensor
        shape = (*(i.dimension for i in outer), *array.shape)
        before = _tensor_before(body, outer)
        if before is not None:
            places = zip((*outer, *array.indices), AXIS_LETTERS, strict=False)
            canonical = substitute_indices(body, {old: Index(letter, old.dimension) for old, letter in places})
            if canonical in self.before:
                return self.before[canonical]
            near = f"{before.name}_prev"
        tensor = Tensor(self.name(near), shape)
        if before is not None:
            self.before[canonical] = tensor
        self.equation(Equation(tensor, (*outer, *array.indices), body, None, True))
        return tensor


def _wherever_it_stands(use: Application, outer: tuple[Index, ...]) -> Any:
    """What tells an application of an operator from others, whatever the letters of its indices are."""
    letters = {index: Index(f"outer{place}", index.dimension) for place, index in enumerate(outer)}
    arguments = []
    for argument in use.arguments:
        axes = [Index(f"axis{place}", index.dimension) for place, index in enumerate(argument.indices)]
        arguments.append(substitute_indices(argument.at(*axes), letters))
    return use.definition.name, tuple(letters.values()), tuple(arguments), use.constants


def _tensor_before(body: Any, outer: tuple[Index, ...]) -> Tensor | None:
    """The tensor whose value one step earlier a formula is, with or without what it starts from; None for others."""
    found = {entry.tensor for entry in entries(body) if any(index - 1 in entry.indices for index in outer)}
    parts = {node for node in subformulas(body) if isinstance(node, Call | Total | Application)}
    return next(iter(found)) if len(found) == 1 and not parts else None


def leading_indices(shape: Any, outer: tuple[Index, ...], near: tuple[Index, ...]) -> tuple[Index, ...]:
    """Indices for the shared leading axes, with the letters of those that stand there in the document.

    Those that the document does not write itself get no letter of the operator's own axes.
    """
    given = [index.name for index in near]
    own = {index.name for index in outer}
    letters = [name if name in own or name not in AXIS_LETTERS else "bcd"[n % 3] for n, name in enumerate(given)]
    letters += ["bcd"[n % 3] for n in range(len(letters), len(shape))]
    return tuple(Index(letter, d).fresh() for letter, d in zip(letters, shape, strict=False))


def outer_indices(use: Application) -> tuple[Index, ...]:
    """The indices of the surrounding formula that the arguments mention, in order of appearance."""
    found: dict[Index, None] = {}
    for argument in use.arguments:
        for node in subformulas(argument.body):
            if isinstance(node, Index) and node in argument.free_symbols:
                found.setdefault(node)
    return tuple(found)


def _names_in_use(formula: Any) -> set[str]:
    """The tensors of a formula, without those inside the definitions of the operators that it applies."""
    if isinstance(formula, Application):
        return set().union(*(_names_in_use(argument.body) for argument in formula.arguments))
    if isinstance(formula, Tensor):
        return {formula.name}
    return set().union(*map(_names_in_use, formula.args)) if formula.args else set()


@dataclass(frozen=True)
class Hoisted:
    """Equations without applications, and what the operators keep between steps of training.

    `in_use` are other equations for some of the values, once training is over.
    """

    equations: tuple[Equation, ...]
    states: tuple[KeptState, ...]
    in_use: tuple[Equation, ...]


def hoist(equations: Iterable[Equation], taken: Iterable[str] = ()) -> tuple[Equation, ...]:
    """The equations of `hoisted`.

    >>> from symnn.declare import registry
    >>> from symnn.network.arrays import tensor
    >>> p = registry.find("softmax")(tensor("z", "n"))
    >>> [e.name for e in hoist([Equation(Tensor("p", p.shape), p.array.indices, p.array.body)])]
    ['e_p', 'z_p', 'p']
    """
    return hoisted(equations, taken).equations


def hoisted(equations: Iterable[Equation], taken: Iterable[str] = ()) -> Hoisted:
    """Equations without applications: each application's intermediate values and result are equations of their own."""
    given = list(equations)
    names = {e.name for e in given} | set(taken)
    for equation in given:
        names |= _names_in_use(equation.formula)
    hoister = _Hoister(names)
    for equation in given:
        hoister.equation(equation)
    return Hoisted(tuple(hoister.equations), tuple(hoister.states), tuple(hoister.in_use))


def split_activations(equations: Iterable[Equation]) -> tuple[Equation, ...]:
    """Give the argument of an activation a name of its own when it is a sum.

    ``h = tanh(W x + b)`` becomes ``a = W x + b`` and ``h = tanh(a)``: the adjoint of ``a`` is then derived once and
    used by every gradient, and the derivative of the activation can be written in ``h``, also inside a recurrence.
    """
    given = list(equations)
    hoister = _Hoister({t.name for e in given for t in e.formula.atoms(Tensor)} | {e.name for e in given})
    recurrent = frozenset[Tensor]().union(*recurrent_groups(given))
    splits = [e for e in given if e.tensor in recurrent and e.use is None and any(map(_splits, subformulas(e.formula)))]
    short = next((letter for letter in "az" if letter not in hoister.taken), None) if len(splits) == 1 else None
    result: list[Equation] = []
    for equation in given:
        if equation.use is not None:  # an operator's own equations are differentiated by its lemma
            result.append(equation)
            continue
        made: list[Equation] = []
        near = short if short is not None and equation in splits else f"a_{equation.name}"

        def split(node: Any, equation: Equation = equation, made: list[Equation] = made, near: str = near) -> Any:
            """The formula with a name for every argument that is to have one, the innermost first."""
            if isinstance(node, Tensor | Elementwise | Index) or not node.args:
                return node
            if isinstance(node, Binder):
                node = rebuild(node, [split(node.body), node.index])
            else:
                node = rebuild(node, [split(argument) for argument in node.args])
            if not _splits(node):
                return node
            argument, *constants = (node.body,) if isinstance(node, Extreme) else node.arguments
            bound = {s for s in argument.free_symbols if isinstance(s, Index)} - set(equation.indices)
            indices = (
                *(i for i in equation.indices if i in argument.free_symbols),
                *sorted(bound, key=lambda index: (index.name, index.serial)),
            )
            tensor = Tensor(hoister.name(near), tuple(i.dimension for i in indices))
            made.append(Equation(tensor, indices, argument, None, True, equation.place))
            if isinstance(node, Extreme):
                return Extreme(tensor.entry(*indices), node.index)
            return Call(node.function, tensor.entry(*indices), *constants)

        formula = split(equation.formula)
        result += [*made, replace(equation, formula=formula)]
    return tuple(result)


def _splits(node: Any) -> bool:
    """Whether a node is a function, or the largest, of sums that can have a name: they have a value at every index."""
    if not isinstance(node, Call | Extreme):
        return False
    argument, *constants = (node.body,) if isinstance(node, Extreme) else node.arguments
    if not _is_sum(argument) or any(entries(constant) for constant in constants):
        return False
    guarded = {(n.position, n.length) for n in subformulas(argument) if isinstance(n, Inside)}
    return all(
        (place, size) in guarded or always_inside(place, size)
        for entry in entries(argument)
        for place, size in zip(entry.indices, entry.tensor.shape, strict=True)
    )


def _is_sum(formula: Any) -> bool:
    """Whether a formula adds up several values or entries."""
    return bool(formula.has(Total)) or (isinstance(formula, Add) and len(tensors(formula)) > 1)


def flattened(definition: Definition) -> Definition:
    """A definition with the equations of the operators that it uses put in; itself when it uses none."""
    if not definition.is_composite:
        return definition
    equations = [Equation(step.tensor, step.indices, step.formula) for step in definition.steps]
    written_out = hoist(equations, [parameter.name for parameter in definition.parameters])
    steps = [NamedFormula(e.tensor, e.indices, e.formula) for e in written_out]
    return Definition(definition.name, definition.parameters, definition.constants, steps)


__all__ = ["flattened", "hoist", "split_activations"]
