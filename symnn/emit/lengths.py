"""Lengths: roots of sums of squares, whose squares must neither overflow nor round to zero.

With ``m = max_i |x[i]|`` the length of x is ``m sqrt(sum_i (x[i] / m)^2)``. The array that is computed is ``x' = x / m``,
so that ``x = x' m``; `symnn.emit.scales` accounts for the factor as it does for those of exponentials. No operator is
known here: a cosine does not depend on the factors of its vectors, and that shows in its formula.

Source: J. Blue, *A portable Fortran program to find the Euclidean norm of a vector*, ACM Transactions on Mathematical
Software 4, 1978.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sympy import Abs, Add, Mul, Pow, Rational, S, log

from symnn.emit.plan import Assignment
from symnn.emit.unify import unified
from symnn.formula.facts import Fact
from symnn.formula.index import Index
from symnn.formula.nodes import Cases, Compare, Entry, Extreme, Tensor, Total, subformulas, tensors
from symnn.formula.substitute import transform

HALF = Rational(1, 2)
_NOTE = "Entries are divided by the largest: their squares stay in range, and the factor is accounted for below."


@dataclass(frozen=True)
class Length:
    """A tensor that is divided by its largest absolute value along the axes that a sum of squares runs over."""

    of: Tensor
    indices: tuple[Index, ...]
    summed: frozenset[int]

    @property
    def kept(self) -> tuple[int, ...]:
        return tuple(axis for axis in range(len(self.indices)) if axis not in self.summed)

    @property
    def largest(self) -> Tensor:
        return Tensor(f"{self.of.name}_largest", tuple(self.of.shape[axis] for axis in self.kept))

    @property
    def divided(self) -> Tensor:
        return Tensor(f"{self.of.name}_divided", self.of.shape)

    @property
    def fact(self) -> Fact:
        return Fact("positive", self.largest)

    def scale_at(self, places: tuple[Any, ...]) -> dict[Any, Any]:
        return {log(self.largest.entry(*(places[axis] for axis in self.kept))): S.One}

    def entry(self, entry: Entry) -> Entry:
        """The entry that takes the place of one of the tensor."""
        return self.divided.entry(*entry.indices)

    def assignments(self) -> list[Assignment]:
        """The largest absolute value, 1 where all are 0, and the entries over it."""
        entry = self.of.entry(*self.indices)
        largest: Any = Abs(entry)
        for axis in sorted(self.summed):
            largest = Extreme(largest, self.indices[axis])
        kept = tuple(self.indices[axis] for axis in self.kept)
        size = Cases([(Compare("==", largest, S.Zero), S.One)], largest)
        return [
            Assignment(self.largest, kept, size, (_NOTE,), hidden=True),
            Assignment(self.divided, self.indices, entry / self.largest.entry(*kept), hidden=True),
        ]


def lengths(equations: Iterable[Assignment]) -> dict[Tensor, Length]:
    """The tensors whose squares are summed under a root, or are a sum of which another equation takes the root."""
    equations = list(equations)
    defined = {e.tensor: e.formula for e in equations}
    found: dict[Tensor, Length] = {}
    for root in _roots(equations):
        for squares, entry in _sums_of_squares(root, defined):
            summed = {entry.indices.index(index) for index in squares if index in entry.indices}
            known = found.get(entry.tensor)
            indices = (
                known.indices
                if known
                else tuple(
                    place.fresh() if isinstance(place, Index) else Index("i", size)
                    for place, size in zip(entry.indices, entry.tensor.shape, strict=True)
                )
            )
            found[entry.tensor] = Length(
                entry.tensor, indices, frozenset(summed) | (known.summed if known else frozenset())
            )
    return found


def concerned(equations: Iterable[Assignment], bases: Iterable[Tensor]) -> set[Tensor]:
    """The tensors whose equations are to be written in the divided entries.

    They are the sums of squares and their roots, and what is divided by one of these, or made into something that is.
    """
    equations = list(equations)
    of_squares: set[Tensor] = set()
    defined = {e.tensor: e.formula for e in equations}
    for equation in equations:
        for root in _roots([equation]):
            if any(True for _ in _sums_of_squares(root, defined)):
                of_squares |= {equation.tensor, *(t for t in tensors(root) if _is_sum_of_squares(defined.get(t)))}
    found = set(of_squares)
    for equation in equations:
        if any(tensors(base) & of_squares for base in _divisors(equation.formula)):
            used = tensors(equation.formula)
            found |= {t for t in used if t in defined and tensors(defined[t]) & set(bases)}
    return found


def _divisors(formula: Any) -> Iterator[Any]:
    return (node.base for node in subformulas(formula) if isinstance(node, Pow) and node.exp.could_extract_minus_sign())


def _roots(equations: Iterable[Assignment]) -> Iterator[Any]:
    """What square roots are taken of."""
    for equation in equations:
        for node in subformulas(equation.formula):
            if isinstance(node, Pow) and node.exp.is_Rational and (2 * node.exp).is_odd:
                yield node.base


def _sums_of_squares(root: Any, defined: dict[Tensor, Any]) -> Iterator[tuple[tuple[Index, ...], Entry]]:
    """The sum under a root, or the one that an entry under the root stands for: its indices, and what is squared."""
    if isinstance(root, Entry):
        root = defined.get(root.tensor)
    squared = _squared(root)
    if squared is not None and isinstance(squared[1], Entry):
        yield squared[0], squared[1]


def _is_sum_of_squares(formula: Any) -> bool:
    return _squared(formula) is not None


def _squared(formula: Any) -> tuple[tuple[Index, ...], Any] | None:
    """The indices and what is squared, in ``c sum_i u[i]^2`` with a number or a size c."""
    totals = [f for f in Mul.make_args(formula) if isinstance(f, Total)] if formula is not None else []
    if len(totals) != 1 or tensors(formula) != tensors(totals[0]):
        return None
    body: Any = totals[0]
    indices: list[Index] = []
    while isinstance(body, Total):
        indices.append(body.index)
        body = body.body
    if not isinstance(body, Pow) or body.exp != 2 or not tensors(body.base):
        return None
    return tuple(indices), body.base


def hoisted_lengths(equations: Iterable[Assignment], fresh: Callable[[str], str]) -> list[Assignment]:
    """Differences whose squares are summed under a root become equations of their own.

    `fresh` gives a name that is not taken.
    """
    equations = list(equations)
    defined = {e.tensor: e.formula for e in equations}
    made: list[Assignment] = []
    for root in _roots(equations):
        squared = _squared(defined.get(root.tensor) if isinstance(root, Entry) else root)
        if squared is None or not isinstance(squared[1], Add):
            continue
        if all(unified(known.formula, squared[1]) is None for known in made):
            indices = tuple(
                sorted((s for s in squared[1].free_symbols if isinstance(s, Index)), key=lambda s: s.sort_name)
            )
            tensor = Tensor(fresh("difference"), tuple(index.dimension for index in indices))
            made.append(Assignment(tensor, indices, squared[1], hidden=True))
    if not made:
        return equations
    result: list[Assignment] = []
    waiting = list(made)
    for equation in equations:
        formula = transform(equation.formula, lambda node: _replaced(node, made))
        used = tensors(formula)
        result += [known for known in waiting if known.tensor in used]
        waiting = [known for known in waiting if known.tensor not in used]
        result.append(replace(equation, formula=formula))
    return result


def _replaced(node: Any, made: Iterable[Assignment]) -> Any | None:
    if not isinstance(node, Add):
        return None
    for equation in made:
        for sign in (1, -1):
            values = unified(equation.formula, sign * node)
            if values is not None and set(equation.indices) <= values.keys():
                return sign * equation.tensor.entry(*(values[index] for index in equation.indices))
    return None
