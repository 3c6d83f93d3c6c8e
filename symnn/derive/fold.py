"""Folding: writing an adjoint in the names that an operator gave.

Definitions are read from right to left (``exp(x)`` is ``e``), solved for an earlier name where they are linear in it
(``e = y Z``, ``x = mu + sigma xhat``), and the definitions of sums, rewritten that way, give the invariants
(``sum y = 1``, ``sum xhat = 0``). Which of these to apply is decided by how short the result is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Mul, Pow, S, exp, log

from symnn.formula.application import NamedFormula
from symnn.formula.nodes import Call, Entry, Tensor, entries, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, complexity, simplest
from symnn.formula.polynomial import add
from symnn.formula.rational import Rational, expanded, plus, reduced
from symnn.formula.substitute import inline, transform

MAX_SOLVED = 3


@dataclass(frozen=True)
class Solved:
    """``tensor[indices] = formula``, obtained from the definition of `source`."""

    source: str
    tensor: Tensor
    indices: tuple[Any, ...]
    formula: Any


def name_definition(formula: Any, definition: NamedFormula) -> Any:
    """Occurrences of a definition's right side replaced by its name, at the definition's own indices.

    Also powers of it: where ``s = sqrt(u)``, ``u^(-1/2)`` becomes ``1/s``.
    """
    right, name = definition.formula, definition.tensor.entry(*definition.indices)
    if isinstance(right, Entry | Add) or right.is_number:
        return formula
    base, exponent = (right.base, right.exp) if isinstance(right, Pow) else (right, S.One)

    def visit(node: Any) -> Any | None:
        if node == right:
            return name
        if isinstance(node, Pow) and node.base == base and exponent is not S.One and node.exp.is_number:
            ratio = node.exp / exponent
            return name**ratio if ratio.is_Integer else None
        return None

    if isinstance(right, Call) or right.args:
        return transform(formula, visit)
    return formula


def solved_forms(steps: Sequence[NamedFormula]) -> list[Solved]:
    """Definitions solved for an entry of an earlier name in which they are linear, at the same indices.

    A form that divides by data (something that is not one of the named intermediate values) is left out: it would
    not be defined where the datum is zero, although the gradient is.
    """
    found = []
    normalizer = Normalizer()
    named = {step.tensor for step in steps[:-1]}
    for step in steps:
        for entry in sorted(entries(step.formula), key=str):
            if set(entry.indices) <= set(step.indices) and len(set(entry.indices)) == len(entry.indices):
                value = _solve_linear(normalizer, step, entry)
                if value is not None and not _divides_by_data(value, named):
                    found.append(Solved(step.tensor.name, entry.tensor, entry.indices, value))
    return [*found, *(through for solved in found for through in _exponentials_of(solved, steps))]


def _exponentials_of(solved: Solved, steps: Sequence[NamedFormula]) -> Iterator[Solved]:
    """Exponentials of what was solved for: where ``x = y + log Z``, ``e = exp(x)`` is ``Z exp(y)``."""
    for step in steps:
        if isinstance(step.formula, exp) and solved.tensor in tensors(step.formula):
            value = inline(step.formula, solved.tensor, solved.indices, solved.formula)
            shown = simplest(candidates(Normalizer(), value)[1:] or [value])
            if solved.tensor not in tensors(shown) and step.tensor not in tensors(shown) and not shown.has(log):
                yield Solved(solved.source, step.tensor, step.indices, shown)


def _solve_linear(normalizer: Normalizer, step: NamedFormula, entry: Entry) -> Expr | None:
    try:
        inside = reduced(normalizer.normal(step.formula))
        bottom = expanded(inside.denominator)
        name = normalizer.normal(step.tensor.entry(*step.indices))
        equation = plus(normalizer.times(name, Rational(bottom)), Rational(inside.numerator), -1)
    except (TooLarge, ZeroDivisionError):
        return None
    position = normalizer.atom_number(entry)
    rest: dict[Any, Any] = {}
    slope: dict[Any, Any] = {}
    for monomial, coefficient in equation.numerator.items():
        exponent = dict(monomial).get(position, 0)
        without = tuple(item for item in monomial if item[0] != position)
        if any(_mentions(normalizer.atoms[a], entry.tensor) for a, _ in without):
            return None
        if exponent == 0:
            rest = add(rest, {without: coefficient})
        elif exponent == 1:
            slope = add(slope, {without: coefficient})
        else:
            return None
    if not slope:
        return None
    try:
        solution = normalizer.times(normalizer.negative(Rational(rest)), normalizer.inverse(Rational(slope)))
    except (TooLarge, ZeroDivisionError):  # the slope is zero in one of several cases
        return None
    return normalizer.formula(reduced(solution))


def _divides_by_data(formula: Any, named: set[Tensor]) -> bool:
    bottoms = [node.base for node in formula.atoms(Pow) if node.exp.could_extract_minus_sign()]
    return any(entry.tensor not in named for bottom in bottoms for entry in entries(bottom))


def _mentions(atom: Any, tensor: Tensor) -> bool:
    return any(entry.tensor == tensor for entry in entries(atom))


def invariants(steps: Sequence[NamedFormula], used: Sequence[Solved]) -> dict[Expr, Expr]:
    """Sums whose value follows from the definitions, once these are written in the solved forms.

    Maps sums in canonical form to their values: ``sum y = 1`` from ``Z = sum e`` and ``e = y Z``.
    """
    known: dict[Expr, Expr] = {}
    for _ in range(2):
        for step in steps:
            found = _invariant(step, used, known)
            if found is not None:
                known[found[0]] = found[1]
    return known


def _invariant(step: NamedFormula, used: Sequence[Solved], known: dict[Expr, Expr]) -> tuple[Expr, Expr] | None:
    left, right = step.tensor.entry(*step.indices), step.formula
    if isinstance(right, Pow) and right.exp == S.Half:
        left, right = left**2, right.base
    for solved in used:
        right = inline(right, solved.tensor, solved.indices, solved.formula)
    normalizer = Normalizer(known_sums=known)
    try:
        equation = reduced(plus(normalizer.normal(left), normalizer.normal(right), -1))
    except (TooLarge, ZeroDivisionError):
        return None
    sums = {a for m in equation.numerator for a, _ in m if a in normalizer.contractions}
    if len(sums) != 1:
        return None
    (position,) = sums
    slope: dict[Any, Any] = {}
    rest: dict[Any, Any] = {}
    for monomial, coefficient in equation.numerator.items():
        exponent = dict(monomial).get(position, 0)
        without = tuple(item for item in monomial if item[0] != position)
        if exponent not in (0, 1):
            return None
        target = slope if exponent else rest
        target.update(add(target, {without: coefficient}))
    if not slope:
        return None
    value = normalizer.times(normalizer.negative(Rational(rest)), normalizer.inverse(Rational(slope)))
    return normalizer.atoms[position], normalizer.formula(reduced(value))


@dataclass(frozen=True)
class Folded:
    """A formula in its shortest form, with what was used on the way."""

    formula: Any
    solved: tuple[Solved, ...]
    sums: tuple[tuple[Expr, Expr], ...]


def fold(formula: Any, steps: Sequence[NamedFormula]) -> Folded:
    """The shortest form of a formula that the definitions `steps` allow."""
    forms = solved_forms(steps)
    best = Folded(simplest(candidates(Normalizer(), formula)), (), ())
    for count in range(1, MAX_SOLVED + 1):
        for chosen in itertools.combinations(forms, count):
            if len({s.source for s in chosen}) < count or len({s.tensor for s in chosen}) < count:
                continue
            rewritten = formula
            for solved in chosen:
                rewritten = inline(rewritten, solved.tensor, solved.indices, solved.formula)
            sums = invariants(steps, chosen)
            shown = simplest(candidates(Normalizer(known_sums=sums), rewritten)[1:] or [rewritten])
            if complexity(shown) < complexity(best.formula):
                best = Folded(shown, chosen, tuple(sums.items()))
    return best


__all__ = ["Folded", "Mul", "Solved", "fold", "invariants", "name_definition", "solved_forms"]
