"""The case in which a dimension is one: what is wrong there is wrong whatever the shapes are.

A claim whose shapes do not fit may only leave out a transpose or a sum over samples. Where a dimension is one, its axis
is gone, and with it such conventions; a claim that still fails is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, S

from symnn.formula.application import NamedFormula, resize
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Tensor
from symnn.formula.substitute import substitute_indices, transform
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision, by_numbers
from symnn.notes.judge.decision.pairs import pairs_of
from symnn.notes.judge.decision.trials import Trials
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.worlds.world import World

ONE = Integer(1)


def without(world: World, gone: Iterable[Expr]) -> World:
    """The world with some dimensions one, and the axes of that length left out."""
    ones: dict[Any, Expr] = {size: ONE for size in gone if size.is_Symbol}

    def slim(tensor: Tensor) -> Tensor:
        return Tensor(tensor.name, tuple(size for size in tensor.shape if size != 1 and size not in ones))

    def slimmed(formula: Any) -> Any:
        def visit(node: Any) -> Any | None:
            if isinstance(node, Entry):
                kept = [
                    i for i, size in zip(node.indices, node.tensor.shape, strict=True) if size != 1 and size not in ones
                ]
                return Entry(slim(node.tensor), *kept)
            return None

        found = resize(transform(formula, visit), ones)
        zero = {i: S.Zero for i in found.free_symbols if isinstance(i, Index) and i.dimension == 1}
        return substitute_indices(found.xreplace(ones), zero)

    made = world.copied()
    made.tensors = {key: slim(tensor) for key, tensor in world.tensors.items()}
    made.equations = {}
    for tensor, equation in world.equations.items():
        indices = tuple(i for i in equation.indices if i.dimension != 1 and i.dimension not in ones)
        made.equations[slim(tensor)] = NamedFormula(slim(tensor), indices, slimmed(equation.formula))
    made.edges = {slim(tensor): frozenset(map(slim, ends)) for tensor, ends in world.edges.items()}
    made.symbols = {key: value.xreplace(ones) for key, value in world.symbols.items()}
    made.facts = tuple(
        replace(fact, tensor=slim(fact.tensor)) for fact in world.facts if slim(fact.tensor).rank == fact.tensor.rank
    )
    return made


def wrong_where_a_dimension_is_one(reader: ClaimReader, left: Node, right: Node) -> Decision | None:
    """A refutation of ``left = right`` where one dimension, or every one, is one; None where there is none."""
    sizes = sorted({s for t in reader.world.tensors.values() for s in t.shape if s.is_Symbol}, key=str)
    for gone in [*([size] for size in sizes), sizes]:
        world = without(reader.world, gone)
        conventions = replace(reader.conventions, strict=False, columns=None)
        small = ClaimReader(world, conventions, Differentials(world.equations, world.edges))
        try:
            lefts, rights = small.read(left, Scope()), small.read(right, Scope())
            pairs = pairs_of(lefts, rights, conventions, tuple(small.free.values()))
        except NotUnderstood:
            continue
        found = by_numbers([Trials(pair, world, world.facts) for pair in pairs])
        if found.verdict == "refuted":
            shown = ", ".join(map(str, gone))
            return replace(found, reason=f"it is wrong where {shown} = 1, too")
    return None
