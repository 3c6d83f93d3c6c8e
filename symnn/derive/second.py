"""Second derivatives: Hessian-vector products and Hessians.

The gradient is differentiated once more, along a direction, by the same rules: every value and every adjoint gets a
tangent, an equation of its own, so that the work stays linear in the number of equations (B. Pearlmutter, *Fast exact
multiplication by the Hessian*, Neural Computation 6, 1994). A Hessian block is what the tangents give for a unit
direction, with everything put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import S

from symnn.derive.derivation import Derivation
from symnn.derive.elementwise import through_lemmas
from symnn.derive.fold import fold, name_definition
from symnn.derive.sweep import DeriveError
from symnn.formula.application import NamedFormula, axis_indices
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import differentiate
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Tensor, tensors, total
from symnn.formula.normal import Normalizer
from symnn.formula.polish import candidates, complexity, readable_indices, simplest
from symnn.formula.substitute import inline, substitute_entries, substitute_indices
from symnn.network.equations import Network

TANGENT = "˙"
MAX_FOLDED = 60
"""How complex a block of a Hessian may be to be written in the names of the operators' intermediate values."""


def tangent_tensor(of: Tensor) -> Tensor:
    """The tensor that holds the derivative of a value along the direction."""
    return Tensor(TANGENT + of.name, of.shape)


@dataclass(frozen=True)
class SecondOrder:
    """Tangents of values and adjoints along a direction in the parameters.

    `tangents` are in the order of computation: those of the forward pass, then those of the adjoints. The tangent of
    a parameter in `along` is the direction itself and has no equation.
    """

    derivation: Derivation
    tangents: tuple[NamedFormula, ...]
    along: tuple[Tensor, ...]

    def product(self, parameter: Tensor) -> NamedFormula:
        """The Hessian-vector product's part for one parameter: the tangent of its adjoint."""
        wanted = tangent_tensor(self.derivation.adjoint(parameter.name).tensor)
        for tangent in self.tangents:
            if tangent.tensor == wanted:
                return tangent
        raise DeriveError(f"the gradient of {parameter.name} does not change along the direction")


def second_order(derivation: Derivation, along: tuple[Tensor, ...] | None = None) -> SecondOrder:
    """Derive the tangents of all values and adjoints along a direction in the parameters (or only in `along`)."""
    network = derivation.network
    along = network.parameters if along is None else along
    moving = set(along)
    rows = [NamedFormula(e.tensor, e.indices, e.formula) for e in network.equations if e.tensor not in moving]
    adjoints = [NamedFormula(a.tensor, a.indices, a.formula) for a in derivation.live()]
    if not any(network.loss in tensors(row.formula) for row in adjoints):
        rows = [row for row in rows if row.tensor != network.loss]
    rows += adjoints
    still: set[Tensor] = set()
    while True:
        found, stopped = _tangents(rows, moving, still, network)
        if not stopped:
            return SecondOrder(derivation, _used(found, derivation), along)
        still |= stopped


def _tangents(
    rows: list[NamedFormula], moving: set[Tensor], still: set[Tensor], network: Network
) -> tuple[list[NamedFormula], set[Tensor]]:
    """The tangent of every row that moves, and the rows that were taken to move before they were seen not to.

    In a recurrence a row uses tangents of rows that come after it (or its own), so these are assumed to move.
    """
    reached = _reached(rows, moving) - still
    known: dict[Tensor, Tensor] = {tensor: tangent_tensor(tensor) for tensor in moving | reached}
    groups = _groups(network)
    found: list[NamedFormula] = []
    used: set[Tensor] = set()
    stopped: set[Tensor] = set()
    for row in rows:
        if row.tensor not in reached:
            continue
        formula = _tangent(row, known, network.facts)
        if formula is None:
            del known[row.tensor]
            stopped |= {row.tensor} & used
            continue
        group = groups.get(row.tensor, [])
        if group and row.tensor == group[-1].tensor:
            formula = _folded(formula, row, group, found, network.facts)
        used |= tensors(row.formula)
        found.append(NamedFormula(tangent_tensor(row.tensor), row.indices, formula))
    return found, stopped


def _reached(rows: list[NamedFormula], moving: set[Tensor]) -> set[Tensor]:
    """The tensors that are computed from moving ones."""
    reached: set[Tensor] = set()
    before = -1
    while len(reached) != before:
        before = len(reached)
        for row in rows:
            if tensors(row.formula) & (moving | reached):
                reached.add(row.tensor)
    return reached


def _groups(network: Network) -> dict[Tensor, list[NamedFormula]]:
    """The equations of each operator that has intermediate values, by the tensors they define."""
    groups: dict[int, list[NamedFormula]] = {}
    for e in network.equations:
        if e.use is not None and e.use.lets:
            groups.setdefault(e.use.group, []).append(NamedFormula(e.tensor, e.indices, e.formula))
    return {row.tensor: group for group in groups.values() for row in group}


def _folded(formula: Any, row: NamedFormula, group: list[NamedFormula], found: list[NamedFormula], facts: Any) -> Any:
    """The tangent of an operator's result with those of its intermediate values put in, in the operator's names."""
    inner = {tangent_tensor(step.tensor) for step in group[:-1]}
    whole = formula
    for tangent in reversed(found):
        if tangent.tensor in inner:
            whole = inline(whole, tangent.tensor, tangent.indices, tangent.formula)
    return readable_indices(fold(eliminate_deltas(whole), group).formula, row.indices)


def _used(found: list[NamedFormula], derivation: Derivation) -> tuple[NamedFormula, ...]:
    """The tangents that some Hessian-vector product needs."""
    waiting = [tangent_tensor(derivation.adjoint(p.name).tensor) for p in derivation.network.parameters]
    by_tensor = {tangent.tensor: tangent for tangent in found}
    wanted: set[Tensor] = set()
    while waiting:
        tensor = waiting.pop()
        if tensor in by_tensor and tensor not in wanted:
            wanted.add(tensor)
            waiting += tensors(by_tensor[tensor].formula)
    return tuple(tangent for tangent in found if tangent.tensor in wanted)


def _tangent(row: NamedFormula, known: dict[Tensor, Tensor], facts: Any) -> Any | None:
    """``sum_u sum_j d formula / d u[j] * tangent of u[j]``."""
    value: Any = S.Zero
    for tensor in sorted(tensors(row.formula) & known.keys(), key=lambda t: t.name):
        indices = axis_indices(tensor.shape)
        derivative = differentiate(row.formula, tensor.entry(*indices), through_lemmas)
        derivative = name_definition(derivative, row)
        value = value + eliminate_deltas(total(derivative * known[tensor].entry(*indices), *indices))
    if value is S.Zero:
        return None
    return readable_indices(simplest(candidates(Normalizer(facts), value)), row.indices)


def hessian(derivation: Derivation, row: Tensor, column: Tensor) -> NamedFormula:
    """The block ``d²L / d row[i] d column[j]`` in closed form, with every tangent put in.

    Raises DeriveError when a derivative loops through a recurrence, which has no closed form.
    """
    return hessian_block(second_order(derivation, (column,)), row, column)


def hessian_block(directions: SecondOrder, row: Tensor, column: Tensor) -> NamedFormula:
    """The same from the tangents along `column` alone, which the blocks of one column share."""
    derivation = directions.derivation
    by_tensor = {t.tensor: t for t in directions.tangents}
    product = by_tensor.get(tangent_tensor(derivation.adjoint(row.name).tensor))
    own = derivation.adjoint(row.name).indices
    letters = {i.name for i in own}
    names = [letter for letter in "ijklpqrsuv" if letter not in letters]
    places = tuple(Index(names[n], d) for n, d in enumerate(column.shape))
    block = Tensor(f"H_{row.name}_{column.name}", (*row.shape, *column.shape))
    if product is None:
        return NamedFormula(block, (*own, *places), S.Zero)
    formula = product.formula
    for tangent in reversed(directions.tangents):
        formula = inline(formula, tangent.tensor, tangent.indices, tangent.formula)
    loops = sorted(t.name for t in tensors(formula) & by_tensor.keys())
    if loops:
        raise DeriveError(f"the Hessian loops through {', '.join(loops)}: it has no closed form")
    unit = tangent_tensor(column)

    def at_unit(entry: Entry) -> Any | None:
        if entry.tensor != unit:
            return None
        result: Any = S.One
        for place, index in zip(entry.indices, places, strict=True):
            result = result * Delta(place, index)
        return result

    formula = eliminate_deltas(substitute_entries(formula, at_unit))
    normalizer = Normalizer(derivation.network.facts)
    shown = simplest(candidates(normalizer, formula))
    if complexity(shown) <= MAX_FOLDED:
        for group in {id(group): group for group in _groups(derivation.network).values()}.values():
            shown = simplest([shown, fold(shown, group).formula])
    return NamedFormula(block, (*own, *places), readable_indices(shown, (*own, *places)))


def symmetric_in_value(block: NamedFormula, rank: int, facts: Any = ()) -> bool:
    """Whether a diagonal block equals its transpose, by the normal form."""
    first, second = block.indices[:rank], block.indices[rank:]
    between = {i: i.fresh() for i in first}
    swapped = substitute_indices(block.formula, between)
    swapped = substitute_indices(swapped, dict(zip(second, first, strict=True)))
    swapped = substitute_indices(swapped, dict(zip(between.values(), second, strict=True)))
    return Normalizer(facts).equal(block.formula, swapped)
