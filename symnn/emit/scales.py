"""Exponentials that are summed: a common factor is taken out, so that nothing overflows.

Softmax, log-sum-exp, attention and everything else that divides by a sum of exponentials, or takes its logarithm, has
the form ``e[i] = exp(u[i])``, ``z = sum_i e[i]``. With ``m = max_i u[i]`` the array that is computed is
``e'[i] = exp(u[i] - m)``, so that ``e = e' exp(m)`` and ``z = z' exp(m)``: e and z carry the *scale* m. Scales add up
in products, cancel in quotients, and come out of logarithms as ``log z = log z' + m``. Where a formula mixes scales
the factor is put back. No operator is known here: what is invariant under a shift shows in its formula.

Every rewritten equation is proven: the old formula with ``e' exp(m)`` in the place of e equals the new one.

Source: N. Higham, P. Blanchard, D. Higham, *Accurately computing the log-sum-exp and softmax functions*, IMA Journal
of Numerical Analysis 41, 2021.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Add, Expr, Mul, Pow, S, exp, log

from symnn.emit.errors import EmitError
from symnn.emit.lengths import concerned, lengths
from symnn.emit.plan import Assignment
from symnn.emit.unify import unified
from symnn.formula.index import Index
from symnn.formula.nodes import Elementwise, Entry, Extreme, Tensor, Total, subformulas, tensors
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import rebuild, substitute_entries, substitute_indices, transform

Scale = Mapping[Expr, Expr]
"""A linear combination of entries: the logarithm of a factor."""


@dataclass(frozen=True)
class Exponential:
    """A tensor ``of[indices] = exp(argument)`` that is computed as ``exp(argument - largest)``."""

    of: Tensor
    indices: tuple[Index, ...]
    argument: Any
    summed: frozenset[int]

    @property
    def kept(self) -> tuple[int, ...]:
        return tuple(axis for axis in range(len(self.indices)) if axis not in self.summed)

    @property
    def largest(self) -> Tensor:
        return Tensor(f"{self.of.name}_max", tuple(self.of.shape[axis] for axis in self.kept))

    @property
    def shifted(self) -> Tensor:
        return Tensor(f"{self.of.name}_shifted", self.of.shape)

    def scale_at(self, places: tuple[Any, ...]) -> Scale:
        return {self.largest.entry(*(places[axis] for axis in self.kept)): S.One}

    def assignments(self, original: Assignment) -> list[Assignment]:
        """The three equations that take the place of the one."""
        largest = self.argument
        for axis in self.summed:
            largest = Extreme(largest, self.indices[axis])
        kept = tuple(self.indices[axis] for axis in self.kept)
        at_largest = self.largest.entry(*kept)
        note = (
            f"The largest exponent is subtracted: {self.of.name} stays in range, and the factor is accounted for below."
        )
        return [
            Assignment(self.largest, kept, largest, (note,), hidden=True),
            Assignment(self.shifted, self.indices, self.argument - at_largest, hidden=True),
            replace(original, formula=exp(self.shifted.entry(*self.indices))),
        ]


class Scaling:
    """Rewrites equations so that exponentials that are summed stay in range."""

    def __init__(self, equations: Iterable[Assignment], wanted: Iterable[Tensor]) -> None:
        self.equations = list(equations)
        self.wanted = set(wanted)
        self.exponentials = {e.of: e for e in self._exponentials()}
        self.lengths = lengths(self.equations)
        self.normalizer = Normalizer(tuple(length.fact for length in self.lengths.values()))
        self.scales: dict[Tensor, tuple[tuple[Index, ...], Scale]] = {}
        self._dividing = False

    def run(self) -> list[Assignment]:
        """The equations, rewritten. Raises EmitError when a rewriting cannot be proven."""
        result: list[Assignment] = []
        divided = concerned(self.equations, self.lengths) if self.lengths else set()
        waiting = dict(self.lengths)
        for equation in self.equations:
            known = self.exponentials.get(equation.tensor)
            used = tensors(equation.formula)
            if known is not None:
                self.scales[known.of] = (known.indices, known.scale_at(known.indices))
                result += known.assignments(equation)
            elif used & self.scales.keys() or equation.tensor in divided:
                self._dividing = bool(used & self.lengths.keys())
                for tensor in [t for t in waiting if t in used]:
                    result += waiting.pop(tensor).assignments()
                result.append(self._rewritten(equation))
            else:
                result.append(equation)
        return result

    def _rewritten(self, equation: Assignment) -> Assignment:
        formula, scale = self.descale(equation.formula)
        if equation.tensor in self.wanted:
            formula, scale = _put_back(formula, scale), {}
        self._prove(equation, formula, scale)
        if scale:
            self.scales[equation.tensor] = (equation.indices, scale)
        return replace(equation, formula=formula)

    # -- which exponentials -----------------------------------------------------------------------------------

    def _exponentials(self) -> Iterable[Exponential]:
        """Exponentials that are summed by something whose size matters only relative to them."""
        defined = {e.tensor: e for e in self.equations}
        for equation in self.equations:
            if not isinstance(equation.formula, exp):
                continue
            summed: set[int] = set()
            for other in self.equations:
                for node in subformulas(other.formula):
                    if isinstance(node, Total) and self._matters(node, other, defined):
                        summed |= _summed_axes(node, equation.tensor)
            if summed:
                yield Exponential(equation.tensor, equation.indices, equation.formula.args[0], frozenset(summed))

    def _matters(self, node: Total, where: Assignment, defined: Mapping[Tensor, Assignment]) -> bool:
        """Whether something divides by the sum or takes its logarithm."""
        if any(node in subformulas(inside) for inside in _divisors(where.formula)):
            return True
        users = [where.tensor] if node in Mul.make_args(where.formula) else []
        return any(
            tensor in tensors(inside)
            for tensor in users
            for other in self.equations
            for inside in _divisors(other.formula)
        )

    # -- formulas ---------------------------------------------------------------------------------------------

    def descale(self, formula: Any) -> tuple[Any, Scale]:
        """A formula in the arrays that are computed, and its scale: ``old = new * exp(scale)``."""
        if not self._has_scale(formula):
            return formula, {}
        match formula:
            case Entry() if formula.tensor in self.lengths:
                length = self.lengths[formula.tensor]
                return length.entry(formula), length.scale_at(formula.indices)
            case Entry():
                indices, scale = self.scales[formula.tensor]
                values = dict(zip(indices, formula.indices, strict=True))
                return formula, {substitute_indices(e, values): c for e, c in scale.items()}
            case Mul():
                parts = [self.descale(factor) for factor in formula.args]
                return Mul(*[part for part, _ in parts]), _added(*[scale for _, scale in parts])
            case Pow() if not tensors(formula.exp):
                base, scale = self.descale(formula.base)
                return Pow(base, formula.exp), {e: c * formula.exp for e, c in scale.items()}
            case Add():
                return self._sum(formula)
            case Total():
                body, scale = self.descale(formula.body)
                inner = {e: c for e, c in scale.items() if formula.index in e.free_symbols}
                outer = {e: c for e, c in scale.items() if e not in inner}
                return Total(_put_back(body, inner), formula.index), outer
            case log():
                return self._logarithm(formula.args[0]), {}
        return self._plain(formula), {}

    def _has_scale(self, formula: Any) -> bool:
        used = tensors(formula)
        return bool(used & self.scales.keys() or (self._dividing and used & self.lengths.keys()))

    def _plain(self, formula: Any) -> Any:
        """A node that is not looked into: its arguments get their factors back."""
        if isinstance(formula, Tensor | Elementwise | Index) or not formula.args:
            return formula
        arguments = [_put_back(*self.descale(a)) if isinstance(a, Expr) else self._plain(a) for a in formula.args]
        return rebuild(formula, arguments)

    def _sum(self, formula: Add) -> tuple[Any, Scale]:
        parts = [self.descale(term) for term in formula.args]
        first = parts[0][1]
        if all(scale == first for _, scale in parts):
            return Add(*[part for part, _ in parts]), first
        return Add(*[_put_back(part, scale) for part, scale in parts]), {}

    def _logarithm(self, argument: Any) -> Any:
        """``log(f exp(s)) = log f + s``; the logarithm of an exponential is what was exponentiated."""
        body, scale = self.descale(argument)
        if isinstance(body, Entry) and body.tensor in self.exponentials:
            shown = self.exponentials[body.tensor].shifted.entry(*body.indices)
        else:
            shown = log(body)
        return Add(shown, *[Mul(c, e) for e, c in scale.items()])

    # -- proof ------------------------------------------------------------------------------------------------

    def _prove(self, equation: Assignment, formula: Any, scale: Scale) -> None:
        """Compare the old formula, with ``e' exp(m)`` for e, with the new one times its own factor."""

        def with_factor(entry: Entry) -> Any | None:
            if not self._has_scale(entry):
                return None
            _, own = self.descale(entry)
            length = self.lengths.get(entry.tensor)
            return _put_back(self._opened(entry) if length is None else length.entry(entry), own)

        old = substitute_entries(equation.formula, with_factor)
        new = substitute_entries(_put_back(formula, scale), lambda entry: self._opened(entry))
        if not self.normalizer.equal(old, new):
            raise EmitError(
                f"internal: the safe form of {equation.tensor.name} is not shown to be equal to its formula"
            )

    def _opened(self, entry: Entry) -> Any:
        known = self.exponentials.get(entry.tensor)
        return exp(known.shifted.entry(*entry.indices)) if known is not None else entry


def _put_back(formula: Any, scale: Scale) -> Any:
    """The formula times ``exp(scale)``."""
    if not scale:
        return formula
    return formula * exp(Add(*[Mul(c, e) for e, c in scale.items()]))


def _added(*scales: Scale) -> Scale:
    total: dict[Expr, Expr] = {}
    for scale in scales:
        for entry, coefficient in scale.items():
            total[entry] = total.get(entry, S.Zero) + coefficient
    return {entry: coefficient for entry, coefficient in total.items() if coefficient != 0}


def _divisors(formula: Any) -> Iterable[Any]:
    """What the formula divides by or takes the logarithm of."""
    for node in subformulas(formula):
        if isinstance(node, Pow) and node.exp.is_negative:
            yield node.base
        elif isinstance(node, log):
            yield node.args[0]


def _summed_axes(node: Total, tensor: Tensor) -> set[int]:
    """The axes of the tensor along which the sum runs."""
    return {
        entry.indices.index(node.index)
        for entry in subformulas(node.body)
        if isinstance(entry, Entry) and entry.tensor == tensor and node.index in entry.indices
    }


def hoisted(equations: Iterable[Assignment], fresh: Any) -> list[Assignment]:
    """Exponentials inside sums become equations of their own; equal ones are one equation.

    `fresh` gives a name that is not taken.
    """
    return _Hoister(list(equations), fresh).run()


class _Hoister:
    def __init__(self, equations: list[Assignment], fresh: Any) -> None:
        self.equations = equations
        self.fresh = fresh
        self.known = [e for e in equations if isinstance(e.formula, exp)]
        self.made: list[Assignment] = []

    def run(self) -> list[Assignment]:
        summed = [e.formula for e in self.known]
        for equation in self.equations:
            for node in subformulas(equation.formula):
                if isinstance(node, Total):
                    summed += [
                        f for f in Mul.make_args(node.body) if isinstance(f, exp) and node.index in f.free_symbols
                    ]
        if not summed:
            return self.equations
        result: list[Assignment] = []
        for equation in self.equations:
            if equation in self.known:
                result.append(equation)
                continue
            before = len(self.made)
            formula = transform(equation.formula, lambda node: self._replaced(node, summed))
            result += self.made[before:]
            result.append(replace(equation, formula=formula))
        return result

    def _replaced(self, node: Any, summed: list[Any]) -> Any | None:
        if not isinstance(node, exp) or not any(unified(s, node) is not None for s in summed):
            return None
        for equation in (*self.known, *self.made):
            values = unified(equation.formula, node)
            if values is not None and set(equation.indices) <= values.keys():
                return equation.tensor.entry(*(values[index] for index in equation.indices))
        indices = _indices(node)
        tensor = Tensor(self.fresh("exponential"), tuple(i.dimension for i in indices))
        self.made.append(Assignment(tensor, indices, node, hidden=True))
        return tensor.entry(*indices)


def _indices(formula: Any) -> tuple[Index, ...]:
    """The free indices, in the order in which they are met in entries."""
    found: dict[Index, None] = {}
    for node in sorted(
        (n for n in subformulas(formula) if isinstance(n, Entry)),
        key=lambda n: (-len(n.indices), n.tensor.name),
    ):
        for place in node.indices:
            if isinstance(place, Index) and place in formula.free_symbols:
                found.setdefault(place)
    for index in sorted((s for s in formula.free_symbols if isinstance(s, Index)), key=lambda s: s.sort_name):
        found.setdefault(index)
    return tuple(found)
