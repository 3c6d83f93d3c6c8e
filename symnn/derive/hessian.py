"""Hessians: what the tangents give for a unit direction, with everything put in.

A block of the Hessian is derived from the tangents along its column's parameter alone, so that it has a closed form
wherever nothing between that parameter and the gradient is a recurrence.
"""

from __future__ import annotations

import math
from typing import Any, Final

from sympy import Mul, S

from symnn.derive.derivation import Block, Column, Derivation, SecondOrder, Step, Tangent, tangent_tensor
from symnn.derive.fold import fold
from symnn.derive.second import fact_step, operator_groups, second_order
from symnn.derive.sweep import DeriveError
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Tensor, tensors
from symnn.formula.normal import Normalizer
from symnn.formula.polish import complexity, readable_indices, shortest
from symnn.formula.substitute import inline, substitute_indices

MAX_PARAMETERS: Final = 8
"""The Hessian of more parameters than this is not derived block by block."""

MAX_BLOCK: Final = 80
"""How complex a block may be to be written out."""

MAX_PUT_IN: Final = 2 * MAX_BLOCK
"""How complex a block may be before it is simplified; what is longer stays too long to be written out."""

MAX_FOLDED: Final = 60
"""How complex a block may be to be written in the names of the operators' intermediate values."""


def hessian_columns(derivation: Derivation, whole: SecondOrder) -> tuple[Column, ...]:
    """The blocks on and above the diagonal, as far as they are short; none for very many parameters."""
    parameters = derivation.network.parameters
    if len(parameters) > MAX_PARAMETERS:
        return ()
    columns = []
    for place, parameter in enumerate(parameters):
        directions = whole if len(parameters) == 1 else second_order(derivation, (parameter,))
        blocks: list[Block] = []
        long: list[str] = []
        looping: list[str] = []
        for row in parameters[: place + 1]:
            try:
                block = hessian_block(derivation, directions, row, MAX_PUT_IN)
            except DeriveError:
                looping.append(row.name)
                continue
            if block is None or complexity(block.formula) > MAX_BLOCK:
                long.append(row.name)
            else:
                blocks.append(block)
        columns.append(Column(parameter, directions.tangents, tuple(blocks), tuple(long), tuple(looping)))
    return tuple(columns)


def hessian(derivation: Derivation, row: Tensor, column: Tensor) -> Block:
    """The block ``d²L / d row[i] d column[j]`` in closed form, with every tangent put in.

    Raises DeriveError when a derivative loops through a recurrence, which has no closed form.
    """
    block = hessian_block(derivation, second_order(derivation, (column,)), row)
    assert block is not None
    return block


def hessian_block(
    derivation: Derivation, directions: SecondOrder, row: Tensor, longest: float = math.inf
) -> Block | None:
    """The same from the tangents along one parameter alone, which the blocks of its column share.

    None when it is more complex than `longest` before it is simplified.
    """
    (column,) = directions.along
    own = derivation.adjoint(row.name).indices
    places = column_indices(own, column)
    every = (*own, *places)
    product = directions.product(row)
    if product is None:
        return Block(row, column, every, (Step("tangent rule", S.Zero, S.Zero, says="nothing moves"),))
    start = product.tensor.entry(*own)
    formula, used = _all_put_in(start, directions.tangents)
    if complexity(formula) > longest:
        return None
    formula = readable_indices(formula, every)
    steps = [
        Step("tangent rule", start, start, says="a column of the Hessian is the change along a unit direction"),
        Step("tangent", start, formula, used, says="the tangents put in"),
    ]
    direction = unit_direction(column, places)
    formula = eliminate_deltas(inline(formula, *direction))
    formula = readable_indices(shortest(formula), every)
    steps.append(Step("unit direction", steps[-1].after, formula, (direction[0].name,), says="the unit direction"))
    if complexity(formula) <= MAX_FOLDED:
        steps += _folded(formula, every, derivation)
    steps += fact_step(steps[-1].after, every, derivation.network)
    return Block(row, column, every, tuple(steps))


def column_indices(own: tuple[Index, ...], column: Tensor) -> tuple[Index, ...]:
    """Indices for the column of a block, with letters that the row does not use."""
    letters = {i.name for i in own}
    names = [letter for letter in "ijklpqrsuv" if letter not in letters]
    return tuple(Index(names[n], size) for n, size in enumerate(column.shape))


def unit_direction(column: Tensor, places: tuple[Index, ...]) -> tuple[Tensor, tuple[Index, ...], Any]:
    """The direction in which one entry of a parameter moves and nothing else: 1 at `places`, 0 elsewhere."""
    own = tuple(place.fresh() for place in places)
    return tangent_tensor(column), own, Mul(*[Delta(a, b) for a, b in zip(own, places, strict=True)])


def _all_put_in(formula: Any, tangents: tuple[Tangent, ...]) -> tuple[Any, tuple[str, ...]]:
    used = []
    for tangent in reversed(tangents):
        if tangent.tensor in tensors(formula):
            formula = inline(formula, tangent.tensor, tangent.indices, tangent.formula)
            used.append(tangent.tensor.name)
    loops = sorted(t.name for t in tensors(formula) & {tangent.tensor for tangent in tangents})
    if loops:
        raise DeriveError(f"the Hessian loops through {', '.join(loops)}: it has no closed form")
    return formula, tuple(used)


def _folded(formula: Any, indices: tuple[Index, ...], derivation: Derivation) -> list[Step]:
    """The block in the names of the operators' intermediate values, where that is shorter."""
    shown = formula
    names: list[str] = []
    for group in {id(group): group for group in operator_groups(derivation.network).values()}.values():
        folded = fold(shown, group).formula
        if complexity(folded) < complexity(shown):
            shown = folded
            names += [step.tensor.name for step in group]
    if not names:
        return []
    shown = readable_indices(shown, indices)
    return [Step("definition", formula, shown, tuple(names), says="in the names of the operators")]


def symmetric_in_value(block: Block, rank: int, facts: Any = ()) -> bool:
    """Whether a diagonal block equals its transpose, by the normal form."""
    first, second = block.indices[:rank], block.indices[rank:]
    between = {i: i.fresh() for i in first}
    swapped = substitute_indices(block.formula, between)
    swapped = substitute_indices(swapped, dict(zip(second, first, strict=True)))
    swapped = substitute_indices(swapped, dict(zip(between.values(), second, strict=True)))
    return Normalizer(facts).equal(block.formula, swapped)
