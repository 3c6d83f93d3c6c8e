"""Points: numbers for everything that a claim mentions, short ones first."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import Assignment, positions
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Entry, Tensor, subformulas
from symnn.network.sizes import sample_widths
from symnn.network.values import respect
from symnn.network.widths import Widths

SHORT = tuple(Fraction(n, 2) for n in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6))
SIZES = (2, 1, 3)  # of layers, where they differ
WHOLE = tuple(map(Fraction, (1, 1, 2, 2, 3, -1, -1, -2)))
STYLES = ("short", "signed", "positive", "unit", "small", "large")


@dataclass(frozen=True)
class Point:
    """Sizes, values of leaves, values of symbols."""

    sizes: Mapping[Any, int]
    leaves: Mapping[Tensor, Mapping[tuple[int, ...], Fraction]]
    symbols: Mapping[Any, Fraction]

    @property
    def assignment(self) -> Assignment:
        """The point as the evaluator takes it."""
        return Assignment(dict(self.sizes), dict(self.leaves), dict(self.symbols))

    def nearby(self, facts: Sequence[Fact], generator: random.Random) -> Point:
        """A point close by that lies on no kink; numbers that facts bind move along with them."""
        bound = {fact.tensor for fact in facts if fact.kind in ("sum", "binary")}
        moved: dict[Tensor, Mapping[tuple[int, ...], Fraction]] = {}
        for tensor, values in self.leaves.items():
            if tensor in bound:
                moved[tensor] = values
                continue
            changed: Mapping[tuple[int, ...], Fraction] = {
                p: v + Fraction(generator.randint(-999, 999), 10**7 + 19) for p, v in values.items()
            }
            for fact in facts:
                if fact.tensor == tensor and fact.kind == "symmetric":
                    changed = {p: changed[tuple(sorted(p))] for p in changed}
            moved[tensor] = changed
        symbols = {s: v + Fraction(generator.randint(1, 999), 10**7 + 19) for s, v in self.symbols.items()}
        return Point(self.sizes, moved, symbols)


def sizes_of(formulas: Iterable[Any], leaves: Iterable[Tensor]) -> tuple[Any, ...]:
    """The symbols that stand for dimensions."""
    found: set[Any] = set()
    for tensor in leaves:
        for size in tensor.shape:
            found |= size.free_symbols
    for formula in formulas:
        for node in subformulas(unfold_applications(formula)):
            if isinstance(node, Index):
                found |= node.dimension.free_symbols
            elif isinstance(node, sympy.Symbol) and node.is_integer and node.is_positive:
                found.add(node)
    return tuple(sorted(found, key=str))


def symbols_of(formulas: Iterable[Any], sizes: Iterable[Any]) -> tuple[Any, ...]:
    """The scalar symbols that are no dimension."""
    found: set[Any] = set()
    for formula in formulas:
        for node in subformulas(unfold_applications(formula)):
            if isinstance(node, sympy.Symbol) and not isinstance(node, Index):
                found.add(node)
    return tuple(sorted(found - set(sizes), key=str))


def least_sizes(formulas: Iterable[Any]) -> dict[Any, int]:
    """The least values of dimensions at which every fixed index has its place."""
    least: dict[Any, int] = {}
    for formula in formulas:
        for node in subformulas(unfold_applications(formula)):
            if isinstance(node, Entry):
                for place, size in zip(node.indices, node.tensor.shape, strict=True):
                    if place.is_Integer and size.is_Symbol:
                        least[size] = max(least.get(size, 1), int(place) + 1)
    return least


def draw(
    sizes: Sequence[Any],
    least: Mapping[Any, int],
    leaves: Sequence[Tensor],
    symbols: Sequence[Any],
    facts: Sequence[Fact],
    number: int,
    style: str,
    widths: Widths | None = None,
) -> Point:
    """A point in one of several styles; the same arguments give the same point. Raises SymnnError for facts that no sampler knows.

    With `widths`, layers get sizes that differ.
    """
    generator = random.Random(f"{number} {style}")
    least_of_all = 2 if style == "whole" else 0
    chosen = {
        size: max(least_of_all or 2 + (place + number) % 3, least.get(size, 1)) for place, size in enumerate(sizes)
    }
    if widths is not None:
        chosen = sample_widths(widths, chosen, number, SIZES)
    values: dict[Tensor, dict[tuple[int, ...], Any]] = {}
    for tensor in leaves:
        shape = tuple(_whole(size, chosen) for size in tensor.shape)
        values[tensor] = {p: number_in(generator, style) for p in positions(shape)}
    respect(facts, values, lambda size: _whole(size, chosen), generator)
    given = {s: abs(number_in(generator, style)) if s.is_positive else number_in(generator, style) for s in symbols}
    return Point(chosen, values, given)


def _whole(size: Expr, chosen: Mapping[Any, int]) -> int:
    value = size.xreplace({s: sympy.Integer(n) for s, n in chosen.items()})
    if not value.is_Integer or value < 1:
        raise SymnnError(f"the dimension {size} has no value")
    return int(value)


def number_in(generator: random.Random, style: str) -> Fraction:
    """A random number in a style; never zero."""
    match style:
        case "short":
            return generator.choice(SHORT)
        case "whole":
            return generator.choice(WHOLE)
        case "signed":
            return Fraction(generator.choice((-1, 1)) * generator.randint(1, 4000), 997)
        case "positive":
            return Fraction(generator.randint(1, 3000), 997)
        case "unit":
            return Fraction(generator.randint(1, 99), 100 + generator.randint(1, 9))
        case "small":
            return Fraction(generator.choice((-1, 1)) * generator.randint(1, 99), 10_007)
        case _:
            return Fraction(generator.choice((-1, 1)) * generator.randint(1000, 9000), 997)
