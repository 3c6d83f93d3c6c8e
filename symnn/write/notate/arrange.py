"""The order in which sums and products are written.

SymPy sorts terms and factors by its own lights and multiplies numbers into sums. Here they are put back the way people
write them: a common number in front, positive terms first, numbers before symbols before sums, the upstream adjoint
ahead of the local derivative.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from sympy import Add, Expr, Mul, Pow, S, exp

from symnn.derive.derivation import ADJOINT, TANGENT
from symnn.formula.index import Index
from symnn.formula.nodes import Bracket, Call, Cases, Entry, Extreme, Maximum, Minimum, Total, entries
from symnn.formula.polish import complexity
from symnn.formula.substitute import substitute_indices
from symnn.write.notate.build import decimal_text


@dataclass(frozen=True)
class Factor:
    """``base ** power`` with a positive or negative power, and where it stood."""

    base: Expr
    power: Expr

    @property
    def formula(self) -> Expr:
        return Pow(self.base, self.power)


@dataclass(frozen=True)
class Term:
    """``coefficient * total over bound of the product of factors``."""

    coefficient: Fraction
    factors: tuple[Factor, ...]
    bound: tuple[Index, ...]


def as_fraction(value: Any) -> Fraction:
    """A SymPy rational as a fraction."""
    return Fraction(int(value.p), int(value.q))


def term_of(formula: Expr, merge: bool = True) -> Term:
    """A product taken apart; the bodies of sums that are products themselves are opened.

    Without `merge`, the sums of a product with several of them stay factors.
    """
    if not merge and sum(isinstance(part, Total) for part in Mul.make_args(formula)) > 1:
        return _unmerged(formula)
    coefficient = Fraction(1)
    factors: list[Factor] = []
    bound: list[Index] = []
    pending: list[Expr] = [formula]
    while pending:
        part = pending.pop()
        if isinstance(part, sympy.Rational):
            coefficient *= as_fraction(part)
        elif isinstance(part, sympy.Float):
            coefficient *= Fraction(str(part))
        elif isinstance(part, Mul):
            pending.extend(reversed(part.args))
        elif isinstance(part, Total):
            body, index = part.body, part.index
            if index in bound or any(index in f.formula.free_symbols for f in (*factors, *map(_whole, pending))):
                renamed = index.fresh()
                body, index = substitute_indices(body, {index: renamed}), renamed
            if isinstance(body, Add):
                content, body = split_content(body)
                coefficient *= content
            bound.append(index)
            pending.append(body)
        elif isinstance(part, Pow) and isinstance(part.base, Mul) and part.exp is S.NegativeOne:
            pending.extend(Pow(f, -1) for f in reversed(part.base.args))
        elif isinstance(part, Pow):
            factors.append(Factor(part.base, part.exp))
        elif isinstance(part, Add):
            content, inner = split_content(part, thorough=True)
            coefficient *= content
            factors.append(Factor(inner, S.One))
        else:
            factors.append(Factor(part, S.One))
    return Term(coefficient, tuple(factors), tuple(bound))


def _unmerged(formula: Expr) -> Term:
    kept = [Factor(part, S.One) for part in Mul.make_args(formula) if isinstance(part, Total)]
    rest = term_of(Mul(*[part for part in Mul.make_args(formula) if not isinstance(part, Total)]))
    return Term(rest.coefficient, (*rest.factors, *kept), ())


def _whole(formula: Expr) -> Factor:
    return Factor(formula, S.One)


def split_content(formula: Add, thorough: bool = False) -> tuple[Fraction, Expr]:
    """A common number taken out of a sum: ``2 a - 2 b`` is ``2 (a - b)``, ``-a - b`` is ``-(a + b)``.

    Different denominators are only brought together when asked for: ``1/2 - a`` is ``(1 - 2 a)/2`` as a factor.
    Decimals are left as they are.

    >>> from sympy.abc import a, b
    >>> split_content(2 * a - 4 * b)
    (Fraction(2, 1), a - 2*b)
    """
    numbers = [as_fraction(c) for c, _ in (term.as_coeff_Mul(rational=True) for term in formula.args)]
    divisor = math.gcd(*(n.numerator for n in numbers))
    bottoms = {n.denominator for n in numbers}
    decimal = any(decimal_text(n) is not None for n in numbers)
    bottom = math.lcm(*bottoms) if (thorough and not decimal) or len(bottoms) == 1 else 1
    content = Fraction(divisor, bottom)
    if all(n < 0 for n in numbers):
        content = -content
    if content == 1 or content == 0:
        return Fraction(1), formula
    scale = sympy.Rational(content.numerator, content.denominator)
    return content, Add(*[term / scale for term in formula.args])


def _natural(text: str) -> tuple[Any, ...]:
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text) if part)


@lru_cache(maxsize=4096)
def _words(formula: Any) -> tuple[Any, ...]:
    """What decides where all else is equal: the formula as text."""
    return _natural(str(formula))


class ByText:
    """Where all else is equal, the order of the text. It is looked at only then: text is slow to make."""

    __slots__ = ("formula",)

    def __init__(self, formula: Any) -> None:
        self.formula = formula

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByText) and _words(self.formula) == _words(other.formula)

    def __lt__(self, other: ByText) -> bool:
        return _words(self.formula) < _words(other.formula)

    __hash__ = None  # type: ignore[assignment]


def is_adjoint(base: Any) -> bool:
    """Whether the factor is an entry of an adjoint."""
    return isinstance(base, Entry) and base.tensor.name.startswith((ADJOINT, TANGENT + ADJOINT))


def factor_key(factor: Factor, parameters: Iterable[str] = ()) -> tuple[Any, ...]:
    """Where a factor stands in a product: adjoints, constants, parameters, other names, functions, sums, conditions."""
    base = factor.base
    if is_adjoint(base):
        rank: float = 1.2
    elif isinstance(base, sympy.Symbol | sympy.NumberSymbol) or base.is_number:
        rank = 1
    elif isinstance(base, Entry):
        rank = 2 if base.tensor.name in parameters else 3
    elif isinstance(base, Bracket):
        rank = 9
    elif isinstance(base, Cases | Maximum | Minimum | Extreme | Total):
        rank = 8
    elif isinstance(base, exp):
        rank = 7
    elif isinstance(base, Call):
        rank = 4
    elif len(base.args) == 1:
        rank = 6
    else:
        rank = 1.5 if _is_error(base) else 5
    return (rank, (ByText(base),))


def _is_error(base: Expr) -> bool:
    """Whether this is a plain difference of two names, the way an error is written: it leads a product."""
    if not isinstance(base, Add) or len(base.args) != 2:
        return False
    pairs = [term.as_coeff_Mul(rational=True) for term in base.args]
    return all(isinstance(rest, Entry) for _, rest in pairs) and {c for c, _ in pairs} == {S.One, S.NegativeOne}


def ordered_factors(factors: Iterable[Factor], parameters: Iterable[str] = ()) -> list[Factor]:
    """Factors in the order in which they are written."""
    return sorted(factors, key=lambda factor: factor_key(factor, parameters))


def ordered_terms(formula: Add) -> list[Expr]:
    """Terms in the order in which they are written: positive ones first, a number where a reader expects it."""
    terms = list(formula.args)
    constant = [t for t in terms if t.is_number]
    others = [t for t in terms if not t.is_number]
    number_first = bool(constant) and constant[0] > 0 and _leads(others)

    def key(term: Expr) -> tuple[Any, ...]:
        minus = term_of(term).coefficient < 0
        if term.is_number:
            return (minus, 0 if number_first else 9, ())
        if _is_index_part(term):
            return (minus, 2 if minus else 1, ByText(term))
        has_adjoint = any(is_adjoint(e) for e in entries(term))
        axes = sum(1 for symbol in term.free_symbols if isinstance(symbol, Index))
        return (
            minus,
            1 if has_adjoint else 2,
            -axes,
            -_degree(term),
            any(_is_shifted(place) for entry in entries(term) for place in entry.indices),
            complexity(_bare(term)),
            ByText(_bare(term)),
        )

    return sorted(terms, key=key)


def _is_shifted(place: Any) -> bool:
    """Whether an index expression points at another step than its letter."""
    return isinstance(place, Add) and len(place.atoms(Index)) == 1


def _leads(others: Sequence[Expr]) -> bool:
    return all(term_of(t).coefficient < 0 for t in others) or any(t.has(exp) or t.has(Call) for t in others)


def _is_index_part(term: Expr) -> bool:
    return not term.has(Entry) and bool(term.atoms(Index))


def _bare(term: Expr) -> Expr:
    return term.as_coeff_Mul(rational=True)[1]


def _degree(term: Expr) -> int:
    """How many names are multiplied, at least: products come before single names."""
    count = 0
    for factor in term_of(term).factors:
        if factor.base.is_number:
            continue
        whole = int(factor.power) if factor.power.is_Integer and 0 < factor.power < 10 else 1
        count += whole if factor.base.has(Entry) else 0
    return count
