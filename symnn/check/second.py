"""Replaying second derivatives: tangents along a direction, and the blocks of the Hessian.

A tangent must start at ``dv[i] = sum over all u that move of sum_j dv[i]/du[j] du[j]``, where v has an equation in the
network or is an adjoint. What has no tangent must be seen not to move: its sum is zero. A block of the Hessian must
start at a tangent of a gradient and end without tangents, along a direction in which one entry of one parameter moves.

The directions are those of the parameters: `H v` is the change of the gradient along v (B. Pearlmutter, *Fast exact
multiplication by the Hessian*, Neural Computation 6, 1994).
"""

from __future__ import annotations

from typing import Any

from sympy import Mul, S

from symnn.check.steps import Named, StepError, check_chain, check_form, check_scope, runs_one_way, same
from symnn.derive.derivation import Adjoint, Block, Column, Derivation, Tangent, adjoint_tensor, tangent_tensor
from symnn.formula.application import axis_indices
from symnn.formula.differentiate import DifferentiationError
from symnn.formula.nodes import Delta, Partial, Tensor, tensors, total
from symnn.formula.normal import TooLarge
from symnn.formula.substitute import substitute_indices

RULE = "tangent rule"


def check_second(derivation: Derivation, definitions: dict[str, Named], adjoints: dict[str, Named]) -> int:
    """Replay the second derivatives, if there are any; returns the number of steps.

    `definitions` are the equations of the network and `adjoints` the adjoints, both already accepted. Raises StepError.
    """
    second = derivation.second
    if second is None:
        return 0
    rows = {**definitions, **{a.tensor.name: a for a in adjoints.values()}}
    whole = _Direction(derivation, rows, second.along)
    count = whole.replay(second.tangents)
    done: set[Tensor] = set()
    for column in second.columns:
        if column.parameter in done or column.parameter not in second.along:
            raise StepError(f"column {column.parameter.name}", 0, RULE, "there are two, or it does not move")
        done.add(column.parameter)
        count += _check_column(derivation, rows, column)
    return count


def _check_column(derivation: Derivation, rows: dict[str, Named], column: Column) -> int:
    alone = _Direction(derivation, rows, (column.parameter,))
    count = alone.replay(column.tangents)
    shown = [block.row.name for block in column.blocks]
    if len(set(shown)) != len(shown):
        raise StepError(f"column {column.parameter.name}", 0, RULE, "a block is derived twice")
    return count + sum(alone.block(block) for block in column.blocks)


class _Direction:
    """The tangents along a direction in some parameters."""

    def __init__(self, derivation: Derivation, rows: dict[str, Named], along: tuple[Tensor, ...]) -> None:
        self.network = derivation.network
        self.along = along
        self.definitions = rows
        self.rows = {named.tensor: named for named in rows.values() if named.tensor not in along}
        self.known = set(along)
        self.accepted: dict[str, Named] = {}
        if not along or not set(along) <= {*self.network.parameters}:
            raise StepError("direction", 0, RULE, "it is no direction in the parameters")
        for adjoint in derivation.adjoints:
            self._check_identity(adjoint)

    def _check_identity(self, adjoint: Adjoint) -> None:
        """An equation that is differentiated must hold wherever the direction leads, not only at one place."""
        moving = {tensor.name for tensor in self.along}
        for position, step in enumerate(adjoint.steps):
            where = f"adjoint of {adjoint.of.name}"
            if step.rule == "fact":
                facts = [self.network.facts[n] for n in step.uses]
                if any(fact.kind != "positive" and fact.tensor in self.along for fact in facts):
                    raise StepError(where, position, step.rule, "the fact is about what moves")
            if step.rule == "definition" and moving & set(step.uses):
                raise StepError(where, position, step.rule, "the definition is that of what moves")

    def replay(self, listed: tuple[Tangent, ...]) -> int:
        """Check tangents in the order of computation, and that all others are zero; returns the number of steps."""
        self.known |= {tangent.of for tangent in listed}
        own = {tangent.tensor for tangent in listed}
        directions = {tangent_tensor(tensor) for tensor in self.along}
        allowed = {*self.network.all_tensors, *(named.tensor for named in self.rows.values()), *directions}
        promised: set[Tensor] = set()
        count = 0
        for tangent in listed:
            where = f"tangent of {tangent.of.name}"
            if tangent.of not in self.rows or tangent.tensor.name in self.accepted:
                raise StepError(where, 0, RULE, "it has no equation, or it is derived twice")
            check_form(where, tangent)
            expected = self._start(self.rows[tangent.of], tangent)
            if tangent.steps[0].rule != RULE or not self._equal(where, expected, tangent.steps[0].before):
                raise StepError(where, 0, RULE, "it does not start at the sum over all that moves")
            check_chain(where, tangent.steps, self.definitions, self.accepted, self.network.facts)
            promised |= check_scope(where, tangent, allowed, own)
            allowed.add(tangent.tensor)
            self.accepted[tangent.tensor.name] = Named(tangent.tensor, tangent.indices, tangent.formula)
            count += len(tangent.steps)
        if not runs_one_way(listed):
            raise StepError("tangents", 0, RULE, "a recurrence of tangents does not close")
        products = {adjoint_tensor(parameter) for parameter in self.network.parameters}
        self._check_still({tensor for of in {*products, *(t.of for t in listed)} for tensor in self._needs(of)})
        return count

    def _needs(self, of: Tensor) -> set[Tensor]:
        """What an equation is computed from; for what has no tangent, itself."""
        return set(tensors(self.rows[of].formula)) if of in self.known else {of}

    def _check_still(self, waiting: set[Tensor]) -> None:
        """What has no tangent does not move: with the others at rest, its sum over all that moves is zero."""
        seen: set[Tensor] = set()
        while waiting:
            tensor = waiting.pop()
            if tensor in seen or tensor in self.known or tensor not in self.rows:
                continue
            seen.add(tensor)
            row = self.rows[tensor]
            if not self._equal(f"tangent of {tensor.name}", self._start(row, row), S.Zero):
                raise StepError(f"tangent of {tensor.name}", 0, RULE, "it is missing, although the value moves")
            waiting |= tensors(row.formula)

    def _start(self, row: Named, at: Tangent | Named) -> Any:
        """``sum over all u that move of sum_j d row / d u[j] * tangent of u[j]``, derivatives not carried out."""
        formula = substitute_indices(row.formula, dict(zip(row.indices, at.indices, strict=True)))
        result: Any = S.Zero
        for tensor in sorted(tensors(formula) & self.known, key=lambda t: t.name):
            own = tuple(index.fresh() for index in axis_indices(tensor.shape))
            change = tangent_tensor(tensor).entry(*own)
            result = result + total(Partial(formula, tensor.entry(*own)) * change, *own)
        return result

    def _equal(self, where: str, left: Any, right: Any) -> bool:
        try:
            return same(left, right)
        except (TooLarge, ZeroDivisionError, DifferentiationError) as error:
            raise StepError(where, 0, RULE, f"it cannot be replayed: {error}") from error

    def block(self, block: Block) -> int:
        """Check one block of the Hessian; returns the number of its steps."""
        where = f"Hessian block of {block.row.name} and {block.column.name}"
        shape = (*block.row.shape, *block.column.shape)
        if (block.column,) != self.along or block.row not in self.network.parameters or not block.steps:
            raise StepError(where, 0, RULE, "it does not belong to this column")
        if len(set(block.indices)) != len(shape) or shape != tuple(index.dimension for index in block.indices):
            raise StepError(where, 0, RULE, "its indices do not fit the shapes of the two")
        rows, places = block.indices[: block.row.rank], block.indices[block.row.rank :]
        gradient = adjoint_tensor(block.row)
        start = tangent_tensor(gradient).entry(*rows) if gradient in self.known else S.Zero
        if block.steps[0].rule != RULE or block.steps[0].before != start:
            raise StepError(where, 0, RULE, "it does not start at the change of the gradient")
        own = tuple(place.fresh() for place in places)
        unit = Named(tangent_tensor(block.column), own, Mul(*map(Delta, own, places)))
        derived = {unit.tensor.name: unit, **self.accepted}
        check_chain(where, block.steps, self.definitions, derived, self.network.facts, places)
        known = {*self.network.all_tensors, *(named.tensor for named in self.definitions.values())}
        if not tensors(block.steps[-1].after) <= known:
            raise StepError(where, len(block.steps) - 1, block.steps[-1].rule, "a direction is left over")
        return len(block.steps)
