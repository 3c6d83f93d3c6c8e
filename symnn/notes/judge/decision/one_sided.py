"""Names that stand on one side of a claim only, and names whose definitions do not fit: nothing is refuted by these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Mul, Symbol

from symnn.formula.nodes import Call, Entry, Tensor
from symnn.formula.nodes import tensors as tensors_in
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Node
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.gradients.shorthand import is_loss
from symnn.notes.judge.unroll.standins import is_stand_in
from symnn.notes.judge.worlds.world import World
from symnn.notes.read.names import parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Statement


def one_sided(world: World, first: set[Any], second: set[Any]) -> str:
    """A name without a definition that only one side mentions: the claim may be what says what it is."""
    spread = [_spread(world, found) for found in (first, second)]
    for own, other in (spread, reversed(spread)):
        for name in sorted(own - other, key=str):
            if isinstance(name, str):
                if is_stand_in(name) or any(name == key.identifier for key in world.table.unknown_functions):
                    continue
                return name
            if name in world.equations or name in world.edges or _stands_in_definition(world, name):
                continue
            if not _has_sibling(world, name, other):
                return str(name.name)
    return ""


def open_value(world: World, names: set[Any], statements: Iterable[Statement]) -> str:
    """A name without a definition that the document differentiates: it is made from others, and nothing says how."""
    loose = [name for name in names if isinstance(name, Tensor) and name not in world.equations | world.edges]
    if not loose:
        return ""
    made = set()
    for statement in statements:
        for node in (statement.first.node, *(step.right.node for step in statement.steps)):
            for part in walk(node):
                parts = (
                    parts_of(part.numerator) if isinstance(part, Derivative) and part.numerator is not None else None
                )
                if parts is not None and not is_loss(parts):
                    made.add(parts.key.bare)
    keys = {name: world.key_of(name) for name in loose}
    return next(
        (str(name.name) for name, key in sorted(keys.items(), key=str) if key is not None and key.bare in made), ""
    )


def are_two_names(world: World, pair: Pair | None) -> bool:
    """Whether both sides are values that nothing defines, or products of such: ``α_1 = α_2`` and ``tn = fn`` claim nothing."""
    sides = () if pair is None else (pair.left, pair.right)
    factors = [factor for side in sides for factor in Mul.make_args(side)]
    return bool(factors) and all(
        isinstance(factor, Symbol)
        or (isinstance(factor, Entry) and factor.tensor not in world.equations and factor.tensor not in world.edges)
        for factor in factors
    )


def _has_sibling(world: World, name: Tensor, others: set[Any]) -> bool:
    """Whether the other side has the same letter with other labels: ``a_{22}`` beside ``a_{21}``."""
    key = world.key_of(name)
    if key is None or not key.labels:
        return False
    keys = (world.key_of(other) for other in others if isinstance(other, Tensor))
    return any(other is not None and other.bare == key.bare for other in keys)


def _spread(world: World, found: set[Any]) -> set[Any]:
    tensors = {name for name in found if isinstance(name, Tensor)}
    functions = {name for name in found if isinstance(name, str)}
    for tensor in world.closure(tensors):
        tensors.add(tensor)
        equation = world.equations.get(tensor)
        if equation is not None:
            functions |= {call.function.name for call in equation.formula.atoms(Call) if call.function.body is None}
    return tensors | functions


def _stands_in_definition(world: World, tensor: Tensor) -> bool:
    """Whether a definition uses the name: then it is data or a parameter, the same one everywhere."""
    return any(tensor in tensors_in(equation.formula) for equation in world.equations.values())


def loss_as_array(world: World, nodes: tuple[Node, ...]) -> str:
    """The name of a loss that is differentiated and has a shape: definitions have met there that do not belong together."""
    for part in (part for node in nodes for part in walk(node)):
        parts = None
        if isinstance(part, Derivative):
            parts = parts_of(
                part.numerator if part.operand is None and part.numerator is not None else part.operand or part
            )
        if parts is not None and parts.base.base in LOSS_NAMES and not parts.subs and not parts.sups:
            tensor = world.tensors.get(parts.key)
            if tensor is not None and tensor.rank:
                return str(tensor.name)
    return ""
