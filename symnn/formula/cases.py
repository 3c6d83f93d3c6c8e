"""Conditions of compiled formulas: deltas, ranges, brackets, piecewise formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from flint import arb

from symnn.formula.assignment import Undetermined
from symnn.formula.nodes import AllOf, Bracket, Cases, Compare, Delta, Extreme
from symnn.formula.steps import Condition, Places, Run, Scope, Source, Step, integer, refused
from symnn.formula.substitute import substitute_indices

if TYPE_CHECKING:
    from symnn.formula.compiled import Compiler


def guard(compiler: Compiler, formula: Any, scope: Scope) -> Condition:
    """Whether a delta, a range condition or a bracket is 1."""
    if isinstance(formula, Bracket):
        return holds(compiler, formula.condition, scope)
    if isinstance(formula, Delta):
        difference = integer(formula.difference, scope)
        return lambda run, places: bool(difference(run, places) == 0)
    position, length = integer(formula.position, scope), integer(formula.length, scope)
    return lambda run, places: bool(0 <= position(run, places) < length(run, places))


def indicator(compiler: Compiler, formula: Any, scope: Scope) -> Step:
    """What computes a delta, a range condition or a bracket."""
    is_one = guard(compiler, formula, scope)
    return lambda run, places: arb(int(is_one(run, places)))


def cases(compiler: Compiler, formula: Cases, scope: Scope) -> Step:
    """What computes a piecewise formula: of its values only the one that holds."""
    branches = [
        (holds(compiler, condition, scope), compiler.step(value, scope)) for condition, value in formula.branches
    ]
    default = compiler.step(formula.default, scope)

    def step(run: Run, places: Places) -> arb:
        for applies, value in branches:
            if applies(run, places):
                return value(run, places)
        return default(run, places)

    return step


def holds(compiler: Compiler, condition: Any, scope: Scope) -> Condition:
    """What decides a condition."""
    if isinstance(condition, AllOf):
        parts = [holds(compiler, part, scope) for part in condition.args]
        return lambda run, places: all(part(run, places) for part in parts)
    if not isinstance(condition, Compare):
        return refused(f"not a condition: {condition}")
    left, right = compiler.step(condition.left, scope), compiler.step(condition.right, scope)

    def decided(run: Run, places: Places) -> bool:
        difference = left(run, places) - right(run, places)
        above, below, zero = difference > 0, difference < 0, difference == 0
        if not (above or below or zero):
            raise Undetermined(f"the comparison {condition} is not decided")
        return {
            "<": below, "<=": below or zero, ">": above, ">=": above or zero, "==": zero, "!=": above or below,
        }[condition.operator]  # fmt: skip

    if not condition.has(Extreme):
        return decided
    sources = source(compiler, condition.left, scope), source(compiler, condition.right, scope)

    def decided_by_source(run: Run, places: Places) -> bool:
        one = sources[0](run, places)
        if one is not None and one == sources[1](run, places):
            return condition.operator in ("==", "<=", ">=")
        return decided(run, places)

    return decided_by_source


def source(compiler: Compiler, formula: Any, scope: Scope) -> Source:
    """Where a value comes from: the formula at these places, and that of the one entry that is largest.

    Values from the same place are equal, however wide their balls are. None where there is no one place.
    """
    if not isinstance(formula, Extreme):
        if formula.has(Extreme):
            return lambda run, places: None
        free = [(s, scope[s]) for s in formula.free_symbols if s in scope]
        return lambda run, places: substitute_indices(formula, {s: sympy.Integer(places[slot]) for s, slot in free})
    slot, size = compiler.slot(), integer(formula.index.dimension, scope)
    inner = {**scope, formula.index: slot}
    body, origin = compiler.step(formula.body, inner), source(compiler, formula.body, inner)

    def found_at(run: Run, places: Places) -> Any:
        values, origins = [], []
        for place in range(size(run, places)):
            places[slot] = place
            values.append(body(run, places))
            origins.append(origin(run, places))
        for value, found in zip(values, origins, strict=True):
            if all(value > v or found == o for v, o in zip(values, origins, strict=True)):
                return found
        return None

    return found_at
