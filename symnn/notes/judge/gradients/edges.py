"""What names depend on, as far as the derivatives of a statement tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from symnn.formula.application import NamedFormula
from symnn.formula.nodes import Tensor
from symnn.notation.traverse import walk
from symnn.notation.tree import Derivative, Group, Nabla, Name, Node, Product
from symnn.notes.judge.gradients.differentials import Differentials
from symnn.notes.judge.links import names_in
from symnn.notes.judge.reading.sortings import sortings
from symnn.notes.judge.worlds.world import World
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.network import LOSS_NAMES
from symnn.notes.read.statements import Piece
from symnn.notes.read.symbols import Table


def derivative_edges(world: World, pieces: Iterable[Piece]) -> dict[Tensor, frozenset[Tensor]]:
    """What names without a definition depend on, as far as the derivatives of a statement tell.

    ``∂z/∂y ∂y/∂x`` says that z is a function of y, and y of x. Where a longer way leads to the same end, the shorter one is
    that way summed up, and no way of its own.
    """
    edges: dict[Tensor, set[Tensor]] = {}
    pieces = list(pieces)
    functions = _functions(pieces)
    for piece in pieces:
        for node in walk(piece.node):
            if not isinstance(node, Derivative) or node.order != 1:
                continue
            if node.numerator is None or node.numerator in functions:
                continue
            top = _plain(world, node.numerator)
            by = _plain(world, node.denominators[0])
            if top is None or by is None or top == by:
                continue
            if top not in world.equations and top not in world.edges:
                edges.setdefault(top, set()).add(by)
    if not edges:
        return {}
    return shortened(edges, world.equations, world.edges)


def _functions(pieces: Sequence[Piece]) -> set[Node]:
    """The names that stand before several different brackets: ``f`` of ``f(x + h) - f(x)`` is a function and no value."""
    found: dict[Node, set[Node]] = {}
    for piece in pieces:
        for node in walk(piece.node):
            if isinstance(node, Product) and node.operator == "juxtaposed":
                for head, bracket in zip(node.factors, node.factors[1:], strict=False):
                    if isinstance(head, Name) and isinstance(bracket, Group) and bracket.left == "(":
                        found.setdefault(head, set()).add(bracket)
    return {head for head, brackets in found.items() if len(brackets) > 1}


def differentiated_losses(piece: Piece) -> Iterator[tuple[Key, Node]]:
    """The losses that stand in derivatives of a piece, with what they are differentiated by."""
    yield from ((key, by) for key, _, denominators in _of_losses(piece.node) for by in denominators)


def losses_in(piece: Piece) -> Iterator[tuple[Key, Node]]:
    """The losses that stand in derivatives of a piece, as they are written there."""
    yield from ((key, top) for key, top, _ in _of_losses(piece.node))


def _of_losses(tree: Node) -> Iterator[tuple[Key, Node, tuple[Node, ...]]]:
    for node in walk(tree):
        if isinstance(node, Derivative) and node.numerator is not None:
            top, by = node.numerator, node.denominators
        elif isinstance(node, Nabla) and node.operand is not None and node.wrt is not None:
            top, by = node.operand, (node.wrt,)
        else:
            continue
        parts = parts_of(top)
        if parts is not None and parts.key.base in LOSS_NAMES and not (parts.subs or parts.sups or parts.primes):
            yield parts.key, top, by


def give_edges(world: World, losses: Mapping[Key, Sequence[Piece]]) -> None:
    """Make losses without a definition known to a world: numbers that depend on what they are differentiated by.

    Nothing is concluded where something on the way is not understood.
    """
    for key, pieces in losses.items():
        ends = {tensor for piece in pieces if (tensor := _indexed(world, piece.node)) is not None}
        known = world.tensors.get(key)
        if not ends or (known is not None and known.rank) or any(world.is_dark(end) for end in ends):
            continue
        tensor = world.tensors.setdefault(key, Tensor(key.identifier))
        world.edges[tensor] = shortened({tensor: ends}, world.equations, world.edges)[tensor]


def _indexed(world: World, node: Node) -> Tensor | None:
    """The tensor of a name, whole or at some indices."""
    while isinstance(node, Group):
        node = node.body
    parts = parts_of(node)
    if parts is None:
        return None
    return next((world.tensors[s.key] for s in sortings(parts) if s.key in world.tensors), None)


def shortened(
    edges: Mapping[Tensor, set[Tensor]],
    equations: Mapping[Tensor, NamedFormula],
    others: Mapping[Tensor, frozenset[Tensor]],
) -> dict[Tensor, frozenset[Tensor]]:
    """The edges without those whose end is also reached through another one: a shorter way is the longer one summed up."""
    reduced = {top: set(ends) for top, ends in edges.items()}
    known = Differentials(equations, {t: frozenset(e) for t, e in {**others, **edges}.items()})
    for top, ends in edges.items():
        for end in sorted(ends, key=lambda tensor: tensor.name):
            rest = reduced[top] - {end}
            if any(other != end and known.depends(other, end) for other in rest):
                reduced[top].discard(end)
    return {top: frozenset(ends) for top, ends in reduced.items()}


def hidden_path(table: Table, world: World, used: Iterable[tuple[Tensor, Tensor]], nodes: Iterable[Node]) -> str:
    """A way in the document from a name to one that a claim differentiates by, past the edges that were taken from the claim.

    What a definition mentions tells that much even where the definition is not understood. "" where there is no such way.
    """
    mentioned = _mentioned(table)
    ends: dict[Key, set[Key]] = {}
    for tensor, end in used:
        top, other = world.key_of(tensor), world.key_of(end)
        if top is not None and other is not None:
            ends.setdefault(top, set()).add(other)
    by = _denominators(table, nodes)
    for top, direct in ends.items():
        seen: set[Key] = set()
        stack = [top]
        while stack:
            key = stack.pop()
            if key in seen or (key in direct and key != top):
                continue
            seen.add(key)
            stack.extend(mentioned.get(key, ()))
        for key in sorted(by & seen - {top}, key=str):
            return f"{top} depends on {key} in a way that the claim leaves out"
    return ""


def leads_on(table: Table, world: World, nodes: Iterable[Node]) -> bool:
    """Whether a name without a definition in a world has one in a table, through which it may depend on what a claim differentiates by."""
    nodes = list(nodes)
    if any(isinstance(part, Nabla) for node in nodes for part in walk(node)):
        by = None
    else:
        by = _denominators(table, nodes)
    mentioned = _mentioned(table)
    for key, tensor in world.tensors.items():
        if tensor in world.equations or key not in mentioned:
            continue
        if by is None:
            return True
        ends = {world.key_of(end) for end in world.edges.get(tensor, ())}
        seen: set[Key] = set()
        stack = list(mentioned[key])
        while stack:
            other = stack.pop()
            if other in seen or other in ends:
                continue
            seen.add(other)
            if other not in world.tensors:  # what the world knows has its own turn
                stack.extend(mentioned.get(other, ()))
        if seen & by:
            return True
    return False


def _mentioned(table: Table) -> dict[Key, set[Key]]:
    """The names that the definition of each name mentions."""
    return {
        key: {name for definition in found[:1] for name in _names(table, definition.links[:1])}
        for found_in in (table.functions, table.definitions)
        for key, found in found_in.items()
    }


def _denominators(table: Table, nodes: Iterable[Node]) -> set[Key]:
    """The names by which some formulas differentiate."""
    return {
        key
        for node in nodes
        for part in walk(node)
        if isinstance(part, Derivative)
        for denominator in part.denominators
        if (parts := parts_of(denominator)) is not None and (key := table.labelled(parts)) is not None
    }


def _names(table: Table, links: Iterable[Piece]) -> Iterator[Key]:
    for node in names_in(link.node for link in links):
        parts = parts_of(node)
        key = None if parts is None else table.labelled(parts)
        if key is not None:
            yield key


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
