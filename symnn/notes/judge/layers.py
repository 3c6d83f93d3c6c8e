"""Claims about layers of different sizes: both sides with all range conditions written out.

A claim is read as if all layers were as long as the longest one. Before it is judged, every sum is cut off where its
layer ends, and the claim is about the entries that there are. A reading in which an index would run over axes of
different lengths proves and refutes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Mul, S

from symnn.formula.application import unfold_applications
from symnn.formula.facts import Fact
from symnn.formula.index import LayerSize
from symnn.formula.nodes import tensors
from symnn.network.masks import masked, masked_equation, masked_facts, reach
from symnn.network.reach import Survey, infer
from symnn.network.widths import Widths
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.read.expressions.trees import letters_in
from symnn.notes.read.layer_sizes import first_layer
from symnn.notes.read.names import parts_of

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope
    from symnn.notes.judge.worlds.world import World


@dataclass(frozen=True)
class Layered:
    """A claim on arrays as long as the longest layer; `domain` is 1 at the entries that there are."""

    pair: Pair
    world: World
    widths: Widths | None = None
    domain: Any = S.One

    def facts(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        """Facts about arrays whose sums go only as far as there are entries."""
        return tuple(facts) if self.widths is None else masked_facts(facts, self.widths)


def written_out(pair: Pair, world: World) -> Layered:
    """The claim and the definitions with all range conditions, where sizes differ from layer to layer.

    Raises WidthError where sizes do not fit, or where a formula does something else with such an axis than to sum over it.
    """
    longest = world.model.longest
    if longest is None:
        return Layered(pair, world)
    left, right = unfold_applications(pair.left), unfold_applications(pair.right)
    near = world.closure(tensors(left) | tensors(right))
    equations = {tensor: world.equations[tensor] for tensor in near if tensor in world.equations}
    layers = _layers(world)
    declared = {told.variable.name: told.sizes for told in world.model.sizes_told}
    ordered = sorted(equations.values(), key=lambda equation: equation.tensor.name)
    widths = infer(ordered, longest, layers, declared, [(left, right)])
    both = Survey(longest, layers)
    found = {**both.of(left), **both.of(right)}
    free = [index for index in pair.indices if index in found]
    domain = Mul(*[reach(left if index in left.free_symbols else right, index, widths) for index in free])
    cut = replace(pair, left=domain * masked(left, widths), right=domain * masked(right, widths))
    whole = world.copied()
    whole.equations = {tensor: masked_equation(equation, widths) for tensor, equation in equations.items()}
    return Layered(cut, whole, widths, domain)


def layer_limit(reader: ClaimReader, node: Node | None, scope: Scope) -> LayerSize | None:
    r"""The size ``n_{\ell+1}`` above a sum, where the document has a size for every layer; None for anything else.

    Raises NotUnderstood where layers do not count from 1, or where it is not certain which layer is meant.
    """
    parts = parts_of(node) if isinstance(node, t.Script) else None
    if parts is None or parts.key not in reader.world.model.layer_sizes:
        return None
    scripts = [*parts.subs, *parts.sups]
    letters = {letter for script in scripts for letter in letters_in(script)}
    if len(scripts) != 1 or any(first_layer(reader.world.table, letter) != 1 for letter in letters if letter.islower()):
        raise NotUnderstood("limits that are not understood")
    from symnn.notes.judge.reading.places import place_of

    if scripts[0] == t.Number("0"):
        return LayerSize(parts.key.identifier, 0)
    place = place_of(reader, scripts[0], _layers(reader.world), scope)
    return LayerSize(parts.key.identifier, sympy.expand(place + 1))


def _layers(world: World) -> Any:
    """The number of layers; a name for it where no family of layers is in sight."""
    solver = world.model.solver
    for told in world.model.sizes_told:
        if told.is_layered and solver.rank(told.variable.shape):
            size = solver.value(solver.dims(told.variable.shape)[0])
            if size is not None:
                return size
    return sympy.Symbol("_layers", integer=True, positive=True)


__all__ = ["Layered", "layer_limit", "written_out"]
