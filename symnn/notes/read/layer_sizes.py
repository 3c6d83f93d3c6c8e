r"""Sizes that a document gives for every layer: ``W^{(\ell)} \in \mathbb{R}^{n_\ell \times n_{\ell-1}}``.

All layers of a family are kept in one array, so while shapes are worked out these sizes are all one: that of the longest
layer. What the document says of each is kept beside it, and checked against the formulas when all of them are known
(`symnn.network.widths`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symnn.formula.index import LayerSize, dimension
from symnn.formula.nodes import Inside
from symnn.network.reach import infer
from symnn.network.widths import LAYER, WidthError, Widths
from symnn.notation.traverse import walk
from symnn.notation.tree import Group, Node, Number, Script
from symnn.notes.read.expressions.trees import letters_in
from symnn.notes.read.names import Key, parts_of

if TYPE_CHECKING:
    from symnn.notes.read.shapes.model import Model
    from symnn.notes.read.shapes.terms import Letter, Variable
    from symnn.notes.read.symbols import Table


def sized_by_layer(table: Table) -> frozenset[Key]:
    r"""The names of sizes with an index: the n of ``W^{(\ell)} \in \mathbb{R}^{n_\ell \times n_{\ell-1}}``."""
    found: set[Key] = set()
    for declarations in table.declarations.values():
        for declaration in declarations:
            letters = {letter for node in declaration.indices for letter in letters_in(node)}
            for node in walk(declaration.set_.node) if letters else ():
                parts = parts_of(node) if isinstance(node, Script) else None
                if (
                    parts is not None
                    and parts.base.font != "mathbb"
                    and parts.base.base != "ℝ"
                    and any(letters_in(s) & letters for s in (*parts.subs, *parts.sups))
                ):
                    found.add(parts.key)
    return frozenset(found)


def longest_size(names: Iterable[Key]) -> Expr | None:
    """The size that stands for all of them while shapes are worked out."""
    first = min((key.identifier for key in names), default=None)
    return None if first is None else dimension(f"{first}_max")


def layer_size(node: Node, names: frozenset[Key], size: Callable[[Node], Expr]) -> LayerSize | None:
    r"""The size of a layer, ``n_\ell``, ``n^{[l-1]}`` or ``n_0``; None for another node. `size` reads the layer."""
    parts = parts_of(node) if isinstance(node, Script) else None
    if parts is None or parts.key not in names:
        return None
    scripts = [*parts.subs, *parts.sups]
    if len(scripts) != 1 or parts.primes:
        return None
    script = scripts[0]
    layer = sympy.Integer(0) if isinstance(script, Number) and script.text == "0" else size(_inside(script))
    return LayerSize(parts.key.identifier, sympy.expand(layer))


def _inside(script: Node) -> Node:
    return script.body if isinstance(script, Group) and script.left in ("(", "[") else script


def first_layer(table: Table, letter: str) -> int:
    """Where the document counts layers from: 0 where every range of the letter says so, else 1."""
    said = {
        int(entry.first.text)
        for statement in table.statements
        for entry in statement.ranges
        if entry.letter.base == letter and isinstance(entry.first, Number) and entry.first.text.isdigit()
    }
    return 0 if said == {0} else 1


def counted_from_zero(size: Any, table: Table, letters: Mapping[str, Any]) -> Any:
    """A size of which the letters are the places of layers, counted from 0; `letters` says what stands for them."""
    values = {dimension(name): place + first_layer(table, name) for name, place in letters.items()}
    return size.xreplace(values)


@dataclass(frozen=True)
class SizesTold:
    """What a declaration says of the axes of an array; of a family with `LAYER` for its layer, the first index."""

    variable: Variable
    sizes: tuple[Any, ...]
    is_layered: bool


def sizes_told(variable: Variable, indices: Sequence[Node], sizes: Sequence[Any], table: Table) -> SizesTold:
    """What a declaration says of the axes of a variable."""
    letters = [letter for node in indices for letter in sorted(letters_in(node))]
    own = tuple(counted_from_zero(size, table, dict.fromkeys(letters, LAYER)) for size in sizes)
    layered = any(size.has(LAYER) for size in own)
    return SizesTold(variable, (*(None for _ in indices), *own), layered)


def limit(letter: Letter, bound: LayerSize, others: Mapping[str, Letter], model: Model) -> Any:
    r"""The range condition of the j in ``\sum_{j=1}^{n_\ell}``."""
    places = {name: other.index(model.solver) for name, other in others.items()}
    return Inside(letter.index(model.solver), counted_from_zero(bound, model.table, places))


def widths_of(model: Model, equations: Sequence[Any]) -> Widths | None:
    """How far each axis goes in each layer; None where all layers have the same sizes.

    Raises ReadingError where the sizes that the document declares do not fit the formulas.
    """
    if model.longest is not None:
        told = [v for v in model.sizes_told if v.is_layered]
        layers = {model.solver.value(model.solver.dims(v.variable.shape)[0]) for v in told}
        declared = {v.variable.name: v.sizes for v in model.sizes_told}
        spot = next(v.variable.declared or v.variable.spot for v in told)
        if len(layers) != 1 or not all(isinstance(size, sympy.Symbol) for size in layers):
            shown = ", ".join(sorted(map(str, layers))) or "nothing"
            raise spot.error(f"sizes that differ from layer to layer need a name for the number of layers, not {shown}")
        try:
            return infer(equations, model.longest, next(iter(layers)), declared)
        except WidthError as error:
            raise spot.error(f"the sizes of the layers do not fit: {error}") from None
    return None


__all__ = [
    "SizesTold",
    "counted_from_zero",
    "first_layer",
    "layer_size",
    "limit",
    "longest_size",
    "sized_by_layer",
    "sizes_told",
    "widths_of",
]
