"""Second derivatives: how every value and every adjoint changes along a direction in the parameters.

The gradient is differentiated once more, along a direction, by the same rules: every value and every adjoint gets a
tangent, an equation of its own, so that the work stays linear in the number of equations (B. Pearlmutter, *Fast exact
multiplication by the Hessian*, Neural Computation 6, 1994). Every tangent is a chain of steps that the kernel replays.
"""

from __future__ import annotations

from typing import Any

from sympy import S

from symnn.derive.derivation import Adjoint, Derivation, SecondOrder, Step, Tangent, adjoint_tensor, tangent_tensor
from symnn.derive.elementwise import through_lemmas
from symnn.derive.fold import fold, name_definition
from symnn.derive.sweep import DeriveError
from symnn.formula.application import NamedFormula, axis_indices
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Partial, Tensor, tensors, total
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, complexity, readable_indices, shortest, simplest
from symnn.formula.substitute import inline
from symnn.network.equations import Equation, Network


def free_of_facts(network: Network, along: tuple[Tensor, ...] | None = None) -> Network:
    """The network without declared equations about what moves.

    A gradient in which ``A = Aᵀ`` was used holds where A is symmetric and nowhere else, so it may not be
    differentiated by A.
    """
    moving = network.parameters if along is None else along
    return network.with_(facts=tuple(f for f in network.facts if f.kind == "positive" or f.tensor not in moving))


def second_order(derivation: Derivation, along: tuple[Tensor, ...] | None = None) -> SecondOrder:
    """Derive the tangents of all values and adjoints along a direction in the parameters (or only in `along`).

    Raises DeriveError where a gradient does not change, and for sizes that differ from layer to layer.
    """
    network = derivation.network
    if network.widths is not None:
        raise DeriveError("second derivatives are not derived where sizes differ from layer to layer")
    along = network.parameters if along is None else along
    rows: list[Equation | Adjoint] = [e for e in network.equations if e.tensor not in along]
    adjoints = derivation.live()
    if not any(network.loss in tensors(adjoint.formula) for adjoint in adjoints):
        rows = [row for row in rows if row.tensor != network.loss]
    rows += adjoints
    still: set[Tensor] = set()
    while True:
        sweep = _Sweep(network, rows, set(along), still)
        if not sweep.stopped:
            return SecondOrder(along, _used(sweep.found, derivation))
        still |= sweep.stopped


class _Sweep:
    """The tangent of every row that moves, and the rows that were taken to move before they were seen not to.

    In a recurrence a row uses tangents of rows that come after it (or its own), so these are assumed to move.
    """

    def __init__(
        self, network: Network, rows: list[Equation | Adjoint], moving: set[Tensor], still: set[Tensor]
    ) -> None:
        self.network = network
        self.found: list[Tangent] = []
        self.stopped: set[Tensor] = set()
        reached = _reached(rows, moving) - still
        self.moving = moving | reached
        self.groups = operator_groups(network)
        used: set[Tensor] = set()
        for row in rows:
            if row.tensor not in reached:
                continue
            tangent = self._tangent(row)
            if tangent is None:
                self.moving.discard(row.tensor)
                self.stopped |= {row.tensor} & used
                continue
            used |= tensors(row.formula)
            self.found.append(tangent)

    def _tangent(self, row: Equation | Adjoint) -> Tangent | None:
        """``sum_u sum_j d formula / d u[j] * tangent of u[j]``, in the names of the network."""
        definition = NamedFormula(row.tensor, row.indices, row.formula)
        start: Any = S.Zero
        value: Any = S.Zero
        for tensor in sorted(tensors(row.formula) & self.moving, key=lambda t: t.name):
            indices = axis_indices(tensor.shape)
            entry, change = tensor.entry(*indices), tangent_tensor(tensor).entry(*indices)
            start = start + total(Partial(row.formula, entry) * change, *indices)
            derivative = name_definition(differentiate(row.formula, entry, through_lemmas), definition)
            value = value + eliminate_deltas(total(derivative * change, *indices))
        if value is S.Zero:
            return None
        shown = readable_indices(shortest(value), row.indices)
        steps = [
            Step("tangent rule", start, start, says="the change is the sum over all that moves"),
            Step("definition", start, shown, (row.tensor.name,), says="local derivatives, in the names of the network"),
        ]
        steps += self._folded(shown, row)
        with_facts = fact_step(steps[-1].after, row.indices, self.network)
        return Tangent(row.tensor, row.indices, (*steps, *with_facts))

    def _folded(self, formula: Any, row: Equation | Adjoint) -> list[Step]:
        """The tangent of an operator's result with those of its intermediate values put in, in the operator's names."""
        group = self.groups.get(row.tensor, [])
        if not group or row.tensor != group[-1].tensor:
            return []
        inner = {step.tensor for step in group[:-1]}
        whole = formula
        used = []
        for tangent in reversed(self.found):
            if tangent.of in inner and tangent.tensor in tensors(whole):
                whole = inline(whole, tangent.tensor, tangent.indices, tangent.formula)
                used.append(tangent.tensor.name)
        whole = readable_indices(eliminate_deltas(whole), row.indices)
        shown = readable_indices(fold(whole, group).formula, row.indices)
        says = "the tangents of the intermediate values put in"
        names = tuple(step.tensor.name for step in group)
        return [
            Step("tangent", formula, whole, tuple(used), says=says),
            Step("definition", whole, shown, names, says="in the names of the operator"),
        ]


def fact_step(formula: Any, indices: tuple[Index, ...], network: Network) -> list[Step]:
    """The step that uses declared facts, where that makes the formula shorter."""
    if not any(fact.tensor in tensors(formula) for fact in network.facts):
        return []
    normalizer = Normalizer(network.facts)
    shown = readable_indices(simplest(candidates(normalizer, formula)[1:] or [formula]), indices)
    if not normalizer.used or complexity(shown) >= complexity(formula):
        return []
    positions = tuple(n for n, fact in enumerate(network.facts) if fact in normalizer.used)
    says = "because " + " and ".join(str(network.facts[n]) for n in positions)
    return [Step("fact", formula, shown, positions, says=says)]


def _reached(rows: list[Equation | Adjoint], moving: set[Tensor]) -> set[Tensor]:
    """The tensors that are computed from moving ones."""
    reached: set[Tensor] = set()
    before = -1
    while len(reached) != before:
        before = len(reached)
        for row in rows:
            if tensors(row.formula) & (moving | reached):
                reached.add(row.tensor)
    return reached


def operator_groups(network: Network) -> dict[Tensor, list[NamedFormula]]:
    """The equations of each operator that has intermediate values, by the tensors they define."""
    groups: dict[int, list[NamedFormula]] = {}
    for e in network.equations:
        if e.use is not None and e.use.lets:
            groups.setdefault(e.use.group, []).append(NamedFormula(e.tensor, e.indices, e.formula))
    return {row.tensor: group for group in groups.values() for row in group}


def _used(found: list[Tangent], derivation: Derivation) -> tuple[Tangent, ...]:
    """The tangents that some Hessian-vector product needs, or that were put into one of these."""
    waiting = [tangent_tensor(adjoint_tensor(p)) for p in derivation.network.parameters]
    by_tensor = {tangent.tensor: tangent for tangent in found}
    wanted: set[Tensor] = set()
    while waiting:
        tensor = waiting.pop()
        if tensor in by_tensor and tensor not in wanted:
            wanted.add(tensor)
            waiting += [t for step in by_tensor[tensor].steps for t in tensors(step.after)]
    return tuple(tangent for tangent in found if tangent.tensor in wanted)
