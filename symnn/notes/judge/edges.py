"""What names depend on, as far as the derivatives of a statement tell."""

from __future__ import annotations

from collections.abc import Iterable

from symnn.formula.nodes import Tensor
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Group, Node
from symnn.notes.judge.differentials import Differentials
from symnn.notes.judge.naming import sortings
from symnn.notes.judge.world import World
from symnn.notes.read.names import parts_of
from symnn.notes.read.statements import Piece


def derivative_edges(world: World, pieces: Iterable[Piece]) -> dict[Tensor, frozenset[Tensor]]:
    """What names without a definition depend on, as far as the derivatives of a statement tell.

    ``∂z/∂y ∂y/∂x`` says that z is a function of y, and y of x. Where a longer way leads to the same end, the shorter one is
    that way summed up, and no way of its own.
    """
    edges: dict[Tensor, set[Tensor]] = {}
    for piece in pieces:
        for node in walk(piece.node):
            if not isinstance(node, Derivative) or node.order != 1:
                continue
            if node.numerator is None:
                continue
            top = _plain(world, node.numerator)
            by = _plain(world, node.denominators[0])
            if top is None or by is None or top == by:
                continue
            if top not in world.equations and top not in world.edges:
                edges.setdefault(top, set()).add(by)
    if not edges:
        return {}
    reduced = {top: set(ends) for top, ends in edges.items()}
    known = Differentials(world.equations, {t: frozenset(e) for t, e in {**world.edges, **edges}.items()})
    for top, ends in edges.items():
        for end in ends:
            others = reduced[top] - {end}
            if any(other != end and known.depends(other, end) for other in others):
                reduced[top].discard(end)
    return {top: frozenset(ends) for top, ends in reduced.items()}


def _plain(world: World, node: Node | None) -> Tensor | None:
    """The tensor that a bare name stands for; one is made for a name of which nothing is known."""
    while isinstance(node, Group):
        node = node.body
    parts = None if node is None else parts_of(node)
    if parts is None or node is None:
        return None
    for sorted_ in sortings(parts):
        if sorted_.indices or sorted_.raised:
            continue
        found = world.tensors.get(sorted_.key)
        if found is not None:
            return found
        if sorted_.key in world.symbols:
            return None
    if all(t.rank == 0 for t in world.tensors.values()):
        first = next((s for s in sortings(parts) if not s.indices and not s.raised), None)
        if (
            first is not None
            and first.key not in world.table.functions
            and first.key not in world.table.unknown_functions
        ):
            tensor = Tensor(first.key.identifier)
            world.tensors[first.key] = tensor
            world.nodes.setdefault(tensor.name, node)
            return tensor
    return None
