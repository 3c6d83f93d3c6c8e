"""Which indices matrix notation hides, and which it must print.

An *axis* is hidden (``W x``), a *label* is printed (``h_t``): the leading axes of arrays with more than two, and
indices that are shifted. Axes of size 1 have only one place, so their indices say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Add, Mul, S

from symnn.formula.application import Application
from symnn.formula.index import Index
from symnn.formula.matrices import MatrixNode
from symnn.formula.nodes import Compare, Delta, Entry, Inside, Total, entries, subformulas
from symnn.formula.substitute import substitute_indices, transform


def without_units(formula: Any) -> Any:
    """A formula without the deltas that compare the one place of an axis of size 1 with a number."""

    def visit(node: Any) -> Any | None:
        if not isinstance(node, Delta):
            return None
        found = node.difference.atoms(Index)
        if any(index.dimension != 1 for index in found):
            return None
        return S.One if node.difference.xreplace(dict.fromkeys(found, S.Zero)) == 0 else S.Zero

    return transform(formula, visit) if formula.has(Delta) else formula


def without_unit_sums(formula: Any) -> Any:
    """A formula without sums over axes of size 1, and without the deltas that `without_units` drops."""

    def visit(node: Any) -> Any | None:
        if isinstance(node, Total) and node.index.dimension == 1:
            return without_unit_sums(substitute_indices(node.body, {node.index: S.Zero}))
        return None

    units = any(isinstance(node, Index) and node.dimension == 1 for node in subformulas(formula))
    return without_units(transform(formula, visit)) if units else formula


def multiplied_out(formula: Mul) -> Any:
    """A product with a sum that holds a delta, multiplied out: ``p_i (δ_ij - p_j)`` is ``diag(p) - p p^T``."""
    for place, factor in enumerate(formula.args):
        if isinstance(factor, Add) and any(isinstance(f, Delta) for t in factor.args for f in Mul.make_args(t)):
            rest = Mul(*formula.args[:place], *formula.args[place + 1 :])
            return Add(*[rest * term for term in factor.args])
    return formula


def spoken(entry: Entry) -> tuple[Any, ...]:
    """The indices of an entry without those on axes of size 1."""
    return tuple(at for at, size in zip(entry.indices, entry.tensor.shape, strict=True) if size != 1)


def only_place(entry: Entry, axis: int) -> bool:
    """Whether an index is the number 0 on an axis of size 1, so that it says nothing."""
    return bool(entry.indices[axis] == 0 and entry.tensor.shape[axis] == 1)


def told(entry: Entry) -> tuple[Any, ...]:
    """The indices of an entry that say something, where the rest leaves a vector or a number."""
    kept = tuple(at for axis, at in enumerate(entry.indices) if not only_place(entry, axis))
    return kept if len(entry.indices) <= 2 else entry.indices


def no_family(name: str) -> int:
    """Where no tensor is a family."""
    return 0


def label_indices(
    formula: Any, indices: Sequence[Index] = (), count: Callable[[str], int] = no_family, own: int = 0
) -> frozenset[Index]:
    """The indices that matrix notation cannot hide: leading axes of arrays with more than two, and shifted ones.

    `count` tells how many axes of a tensor tell the parts of a family apart; the formula has `own` of its own.
    """
    found: set[Index] = set(indices[: max(own, len(indices) - 2)])
    formula = without_units(formula)
    for entry in entries(formula):
        for place in entry.indices[: count(entry.tensor.name)]:
            found |= place.atoms(Index)
    places = [told(entry) for entry in entries(formula)]
    places += [node.places for node in subformulas(formula) if isinstance(node, Application | MatrixNode)]
    for node in subformulas(formula):
        if (isinstance(node, Delta) and not _plain_delta(node)) or isinstance(node, Inside):
            found |= node.atoms(Index)
        if isinstance(node, Compare):
            bare = [side for side in (node.left, node.right) if not entries(side)]
            found |= set().union(*(side.atoms(Index) for side in bare))
    while True:
        before = len(found)
        for place in places:
            lead = max(0, len(place) - 2)
            for position, at in enumerate(place):
                if not isinstance(at, Index) or at in found or at in place[:position]:
                    lead = max(lead, position + 1)
            if len(place) == 2 and place[0] == place[1] and place[0] not in found:
                lead = 0  # the diagonal, handled where it is summed
            for at in place[:lead]:
                found |= at.atoms(Index)
        if len(found) == before:
            return frozenset(found)


def _plain_delta(delta: Delta) -> bool:
    difference = delta.difference
    both = sorted(difference.atoms(Index), key=lambda index: index.sort_name)
    return (
        len(both) == 2
        and difference in (both[0] - both[1], both[1] - both[0])
        and (both[0].dimension == both[1].dimension)
    )
