"""Putting the definitions of a world into a formula, down to the leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from symnn.formula.application import NamedFormula, unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import Tensor, tensors
from symnn.formula.normal import TooLarge
from symnn.formula.substitute import instantiated, substitute_entries
from symnn.notes.judge.process.budget import spend

if TYPE_CHECKING:
    from symnn.notes.judge.worlds.world import World

MAX_INLINED = 4000
"""Nodes of a formula with all definitions put in."""


def inlined(formula: Any, world: World, kept: frozenset[Tensor] = frozenset()) -> Any:
    """The formula with every definition put in but those of `kept`, down to the leaves. Raises TooLarge beyond a bound.

    A name that its own definition mentions is kept too; definitions that go round in a wider circle have no end. Names that
    others are made from come last: what cancels by name is then gone before it grows.
    """
    formula = unfold_applications(formula)
    below = _Below(world, kept)
    while True:
        spend()
        ready = [tensor for tensor in tensors(formula) if below.is_put_in(tensor)]
        if not ready:
            return formula
        first = [t for t in ready if not any(t in below.of(other) for other in ready)]
        formula = unfold_applications(_put_in(formula, {tensor: world.equations[tensor] for tensor in first}))
        if formula_size(formula) > MAX_INLINED:
            raise TooLarge("the definitions put in")


class _Below:
    """What the definitions that are put in are made from."""

    def __init__(self, world: World, kept: frozenset[Tensor]) -> None:
        self._equations = world.equations
        self._kept = kept
        self._found: dict[Tensor, set[Tensor]] = {}
        self._begun: set[Tensor] = set()

    def is_put_in(self, tensor: Tensor) -> bool:
        equation = self._equations.get(tensor)
        return equation is not None and tensor not in self._kept and tensor not in tensors(equation.formula)

    def of(self, tensor: Tensor) -> set[Tensor]:
        """The names below one, near and far. Raises TooLarge where it is among them itself."""
        if tensor not in self._found:
            if tensor in self._begun:
                raise TooLarge("the definitions put in")
            self._begun.add(tensor)
            near = {other for other in tensors(self._equations[tensor].formula) if self.is_put_in(other)}
            self._found[tensor] = near.union(*(self.of(other) for other in near))
        return self._found[tensor]


def _put_in(formula: Any, equations: Mapping[Tensor, NamedFormula]) -> Any:
    """Definitions put in at once; the same entry is replaced by the same formula everywhere."""
    made: dict[Any, Any] = {}

    def value(entry: Any) -> Any | None:
        equation = equations.get(entry.tensor)
        if equation is None:
            return None
        if entry not in made:
            made[entry] = instantiated(equation.formula, dict(zip(equation.indices, entry.indices, strict=True)))
        return made[entry]

    closed = all(_is_closed(equation.formula, equation.indices) for equation in equations.values())
    return substitute_entries(formula, value, closed=closed)


def _is_closed(body: Any, indices: tuple[Index, ...]) -> bool:
    return {symbol for symbol in body.free_symbols if isinstance(symbol, Index)} <= set(indices)


def formula_size(formula: Any) -> int:
    """How many nodes a formula has, as far as anybody wants to know."""
    count, stack = 0, [formula]
    while stack:
        node = stack.pop()
        count += 1
        if count > MAX_INLINED:
            return count
        stack.extend(node.args)
    return count
