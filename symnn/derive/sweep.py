"""The reverse sweep: one named adjoint per named value, from the loss back.

Work is linear in the number of equations: every adjoint is derived from the equations that use its value and from
their adjoints, never from the whole network put into one expression.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from symnn.derive.derivation import Adjoint, Derivation, Step, adjoint_tensor
from symnn.derive.elementwise import through_lemmas
from symnn.derive.fold import name_definition
from symnn.derive.lemmas import Contribution, OperatorLemma, operator_lemma, vector_jacobian
from symnn.errors import SymnnError
from symnn.formula.application import Definition, axis_indices, bind_shapes, resize
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import carry_out
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Partial, Tensor, tensors, total
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, complexity, factored, readable_indices, shortest, simplest
from symnn.formula.substitute import inline, substitute_entries, substitute_indices
from symnn.network.equations import Equation, Network, Use
from symnn.network.families import families


class DeriveError(SymnnError):
    """A gradient cannot be derived: a parameter does not influence the loss, or no rule covers a formula."""


def derive(network: Network, wrt: tuple[Tensor, ...] | None = None) -> Derivation:
    """Derive the gradient of the loss for every parameter (or for `wrt`).

    Raises DeriveError when the loss does not depend on one of them.
    """
    return _Sweep(network, network.parameters if wrt is None else wrt).run()


class _Sweep:
    def __init__(self, network: Network, wrt: tuple[Tensor, ...]) -> None:
        self.network = network
        self.wrt = wrt
        self.consumers: dict[Tensor, list[Equation]] = {}
        for equation in network.equations:
            for tensor in tensors(equation.formula):
                self.consumers.setdefault(tensor, []).append(equation)
        self.places = {e.tensor: place for place, e in enumerate(network.equations)}
        self.groups: dict[int, list[Equation]] = {}
        for equation in network.equations:
            if equation.use is not None and equation.use.lets:
                self.groups.setdefault(equation.use.group, []).append(equation)
        self.inner = {e.tensor for group in self.groups.values() for e in group if e.use is not None and e.use.part}
        self.letters = families(network)
        self.adjoints: dict[Tensor, Adjoint] = {}
        self.definitions: dict[str, Definition] = {}

    def run(self) -> Derivation:
        reached = self._reached()
        for tensor in self.wrt:
            if tensor not in reached and tensor != self.network.loss:
                raise DeriveError(f"the loss {self.network.loss.name} does not depend on {tensor.name}")
        order = sorted(dict.fromkeys(self.network.all_tensors), key=self._turn)
        for tensor in order:
            if tensor in reached and tensor != self.network.loss and tensor not in self.inner:
                self.adjoints[tensor] = self._adjoint(tensor)
        return Derivation(self.network, tuple(self.adjoints.values()))

    def _turn(self, tensor: Tensor) -> tuple[int, int]:
        """When an adjoint's turn comes: values from the loss back, each before the leaves it is the first to use."""
        if tensor in self.places:
            return -self.places[tensor], 0
        users = self.consumers.get(tensor, [])
        return -min((self.places[e.tensor] for e in users), default=len(self.places)), 1

    def _reached(self) -> set[Tensor]:
        """The tensors on a path from what is differentiated for to the loss."""
        influenced = set(self.wrt)
        pending = list(influenced)
        while pending:
            for equation in self.consumers.get(pending.pop(), []):
                if equation.tensor not in influenced:
                    influenced.add(equation.tensor)
                    pending.append(equation.tensor)
        useful: set[Tensor] = set()
        pending = [self.network.loss]
        while pending:
            tensor = pending.pop()
            if tensor not in useful:
                useful.add(tensor)
                definition = self.network.equation(tensor)
                pending += [] if definition is None else tensors(definition.formula)
        return influenced & useful

    # -- one adjoint ------------------------------------------------------------------------------------------

    def _adjoint(self, tensor: Tensor) -> Adjoint:
        indices = tuple(i.over(i.dimension) for i in self._indices(tensor))
        start, value = S.Zero, S.Zero
        used: list[str] = []
        done: set[int] = set()
        for equation in self.consumers.get(tensor, []):
            use = equation.use
            if use is not None and use.group in self.groups:
                if use.group in done:
                    continue
                done.add(use.group)
                raw, term = self._through_operator(use, tensor, indices)
                used += [e.name for e in self.groups[use.group]]
            else:
                raw, contribution = self._through_equation(equation, tensor, indices)
                term = contribution.formula
                if contribution.folded:
                    used.append(equation.name)
            start, value = start + raw, value + term
        if value is S.Zero and start is S.Zero:
            raise DeriveError(f"nothing on the way to the loss uses {tensor.name}")
        names = tuple(dict.fromkeys(used))
        shown = self._readable(shortest(value), indices)
        steps = [Step("chain rule", start, start, (), says="the adjoint is the sum over all uses of the value")]
        steps.append(Step("definition", start, shown, names, says="local derivatives, in the names of the network"))
        fused: tuple[str, ...] = ()
        for put_in in (self._constants_put_in, self._put_in):
            step = put_in(shown, indices)
            if step is not None:
                shown, fused = step.after, (*fused, *map(str, step.uses))
                steps.append(step)
        with_facts = self._with_facts(shown, indices)
        if with_facts is not None:
            steps.append(with_facts)
        return Adjoint(tensor, adjoint_tensor(tensor), indices, tuple(steps), fused)

    def _indices(self, tensor: Tensor) -> tuple[Index, ...]:
        equation = self.network.equation(tensor)
        if equation is not None:
            used = equation.indices
        else:
            told = self.letters.get(tensor.name, ())
            used = axis_indices(tensor.shape)
            used = (*(Index(c, i.dimension) for c, i in zip(told, used, strict=False)), *used[len(told) :])
        letters: list[str] = []
        result = []
        for index in used:
            letter = index.name
            if letter in letters:
                letter = next(c for c in "ijklpqrsuv" if c not in letters)
            letters.append(letter)
            result.append(Index(letter, index.dimension))
        return tuple(result)

    def _weight(self, tensor: Tensor, indices: tuple[Any, ...]) -> Any:
        """The adjoint of a value at these indices; 1 for the loss itself."""
        if tensor == self.network.loss:
            return S.One
        return adjoint_tensor(tensor).entry(*indices)

    def _through_equation(
        self, equation: Equation, tensor: Tensor, indices: tuple[Index, ...]
    ) -> tuple[Any, Contribution]:
        """The contribution of one equation: as it stands before differentiating, and in its shortest form."""
        renamed = {old: old.fresh() for old in equation.indices}
        own = tuple(renamed.values())
        formula = substitute_indices(equation.formula, renamed)
        raw = total(self._weight(equation.tensor, own) * Partial(formula, tensor.entry(*indices)), *own)
        weight = adjoint_tensor(equation.tensor) if equation.tensor != self.network.loss else S.One
        return raw, vector_jacobian(weight, equation, tensor, indices)

    def _through_operator(self, use: Use, tensor: Tensor, indices: tuple[Index, ...]) -> tuple[Any, Any]:
        """The contribution of an operator with intermediate values, by its lemma."""
        group = self.groups[use.group]
        result = next(e for e in group if e.use is not None and not e.use.part)
        renamed = {old: old.fresh() for old in result.indices}
        own = tuple(renamed.values())
        whole = substitute_indices(result.formula, renamed)
        for equation in reversed(group):
            if equation is not result:
                whole = inline(whole, equation.tensor, equation.indices, equation.formula)
        raw = total(self._weight(result.tensor, own) * Partial(whole, tensor.entry(*indices)), *own)
        value = S.Zero
        for place, (_, argument, axes) in enumerate(use.arguments):
            if argument == tensor:
                value = value + self._lemma_at(use, place, result, axes, indices)
        if all(argument != tensor for _, argument, _ in use.arguments):
            raise DeriveError(f"{tensor.name} is used inside {use.operator}, but is none of its arguments")
        return raw, value

    def _lemma_at(
        self, use: Use, place: int, result: Equation, axes: tuple[int, ...], indices: tuple[Index, ...]
    ) -> Any:
        from symnn.declare import registry

        declared = registry.find(use.operator)
        if declared is None:
            raise DeriveError(f"the operator {use.operator} is not declared")
        lemma = operator_lemma(declared.definition, place)
        return instantiate(lemma, use, result, axes, indices, self._weight)

    # -- forms ------------------------------------------------------------------------------------------------

    def _readable(self, formula: Any, indices: tuple[Index, ...]) -> Any:
        return readable_indices(formula, indices)

    def _constants_put_in(self, formula: Any, indices: tuple[Index, ...]) -> Step | None:
        """The adjoints on the right that are constants (1, 1/B) replaced by their values: a name for one helps nobody."""
        present = tensors(formula)
        constant = [a for a in self.adjoints.values() if a.tensor in present and a.is_constant]
        if not constant:
            return None
        shown = formula
        for source in constant:
            shown = inline(shown, source.tensor, source.indices, source.formula)
        shown = self._readable(shortest(eliminate_deltas(shown)), indices)
        return Step("adjoint", formula, shown, tuple(a.of.name for a in constant), says="adjoints put in")

    def _put_in(self, formula: Any, indices: tuple[Index, ...]) -> Step | None:
        """The adjoints on the right replaced by their values, where that makes the whole shorter (p - t)."""
        by_tensor = {a.tensor: a for a in self.adjoints.values()}
        upstream = [by_tensor[t] for t in sorted(tensors(formula) & by_tensor.keys(), key=lambda t: t.name)]
        if len(upstream) != 1 or not _divides(upstream[0].formula):
            return None
        (source,) = upstream
        replaced = eliminate_deltas(inline(formula, source.tensor, source.indices, source.formula))
        normalizer = Normalizer()
        try:
            value = normalizer.normal(replaced)
        except (TooLarge, ZeroDivisionError):
            return None
        shown = simplest([factored(normalizer, value), *candidates(normalizer, replaced)])
        shown = self._readable(shown, indices)
        if complexity(shown) >= complexity(formula) + complexity(source.formula) or _divides(shown):
            return None
        says = f"the adjoint of {source.of.name} put in; what divides cancels"
        return Step("adjoint", formula, shown, (source.of.name,), says=says)

    def _with_facts(self, formula: Any, indices: tuple[Index, ...]) -> Step | None:
        if not self.network.facts or not any(f.tensor in tensors(formula) for f in self.network.facts):
            return None
        normalizer = Normalizer(self.network.facts)
        shown = self._readable(simplest(candidates(normalizer, formula)[1:] or [formula]), indices)
        if not normalizer.used or complexity(shown) >= complexity(formula):
            return None
        positions = tuple(n for n, fact in enumerate(self.network.facts) if fact in normalizer.used)
        says = "because " + " and ".join(str(self.network.facts[n]) for n in positions)
        return Step("fact", formula, shown, positions, says=says)


def _divides(formula: Any) -> bool:
    """Whether the formula divides by something that depends on the data."""
    from sympy import Pow

    return any(tensors(node.base) for node in formula.atoms(Pow) if node.exp.could_extract_minus_sign())


def instantiate(
    lemma: OperatorLemma, use: Use, result: Equation, axes: tuple[int, ...], indices: tuple[Index, ...], weight: Any
) -> Any:
    """An operator's lemma in the tensors of a network, at the indices of the argument's adjoint.

    `axes` are the shared leading axes that the argument has. Over those that it lacks (a parameter is used for every
    row) the contributions are summed.
    """
    definition = lemma.definition
    own_shapes = [
        tensor.shape[len(tensor.shape) - p.rank :]
        for (_, tensor, _), p in zip(use.arguments, definition.parameters, strict=True)
    ]
    dimensions = bind_shapes(definition, own_shapes, use.constants).dimensions
    held = dict(zip(axes, indices, strict=False))
    own = indices[len(axes) :]
    lead = tuple(held[n] if n in held else index.fresh() for n, index in enumerate(result.indices[: use.shared]))
    formula = resize(lemma.formula, dimensions)
    at = {resize(old, dimensions): new for old, new in zip(lemma.indices, own, strict=True)}
    formula = substitute_indices(formula, at)
    table: dict[Tensor, Any] = {}
    for (_, tensor, places), parameter in zip(use.arguments, definition.parameters, strict=True):
        prefix = tuple(lead[n] for n in places)
        table[resize(parameter, dimensions)] = lambda e, t=tensor, p=prefix: Entry(t, *p, *e.indices)
    for name, tensor in use.lets:
        small = next(s.tensor for s in definition.lets if s.tensor.name == name)
        # An intermediate value of a parameter alone lacks the axis of the batch.
        prefix = lead[len(lead) - (tensor.rank - small.rank) :]
        table[resize(small, dimensions)] = lambda e, t=tensor, p=prefix: Entry(t, *p, *e.indices)
    table[resize(definition.result.tensor, dimensions)] = lambda e: Entry(result.tensor, *lead, *e.indices)
    table[resize(lemma.upstream, dimensions)] = lambda e: weight(result.tensor, (*lead, *e.indices))

    def value(entry: Entry) -> Any | None:
        found = table.get(entry.tensor)
        return None if found is None else found(entry)

    # With numbers for strides, deltas may have solutions that the lemma could not know.
    placed = eliminate_deltas(substitute_entries(formula, value))
    summed = tuple(index for n, index in enumerate(lead) if n not in held)
    return eliminate_deltas(total(placed, *summed)) if summed else placed


__all__ = ["DeriveError", "carry_out", "derive", "instantiate", "name_definition", "through_lemmas"]
