"""Where a quantity is zero: nowhere to speak of, or on a set that counts.

A subgradient is a matter of convention at a kink such as ``x = 0``, which is a set of measure zero. ``x - max_k x_k``
is zero far more often, and ``x_i - x_j`` is zero for all x when i = j: what holds away from their zeros does not hold
almost everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import S

from symnn.formula.index import Index
from symnn.formula.nodes import Bracket, Compare, Entry, Tensor, tensors
from symnn.formula.polynomial import Monomial, Polynomial, add
from symnn.formula.rational import Rational, reduced

if TYPE_CHECKING:
    from symnn.formula.normal import Normalizer


def is_null_set(normalizer: Normalizer, quantity: Any) -> bool:
    """Whether the quantity is shown to be zero only on a set of measure zero, for all values of its indices.

    It is, when it is a polynomial in one entry of a tensor that occurs nowhere else in it, and some coefficient is not
    zero almost everywhere: then at most finitely many values of that entry are zeros, whatever the other values are.
    False means "not shown".
    """
    return _nonzero(normalizer, reduced(normalizer.normal(quantity)).numerator)


def _nonzero(normalizer: Normalizer, polynomial: Polynomial) -> bool:
    """Whether the polynomial is not zero almost everywhere."""
    if not polynomial:
        return False
    negated = {monomial: -coefficient for monomial, coefficient in polynomial.items()}
    if normalizer.is_positive(Rational(polynomial)) or normalizer.is_positive(Rational(negated)):
        return True
    positions = sorted({position for monomial in polynomial for position, _ in monomial})
    for position in positions:
        atom = normalizer.atoms[position]
        others = _tensors_of(normalizer, (p for p in positions if p != position))
        if not _varies(normalizer, position, atom, others):
            continue
        coefficients: dict[Any, Polynomial] = {}
        for monomial, coefficient in polynomial.items():
            exponent = dict(monomial).get(position, 0)
            rest = tuple(item for item in monomial if item[0] != position)
            coefficients[exponent] = add(coefficients.get(exponent, {}), {rest: coefficient})
        if any(_nonzero(normalizer, rest) for rest in coefficients.values()):
            return True
    return False


def _varies(normalizer: Normalizer, position: int, atom: Any, others: set[Tensor]) -> bool:
    """Whether the atom is a polynomial that is not constant in an entry of a tensor that `others` do not have."""
    if isinstance(atom, Entry):
        return _is_free(normalizer, atom.tensor, others)
    contraction = normalizer.contractions.get(position)
    if contraction is None:
        return False
    indices, monomial = contraction
    for place, exponent in monomial:
        factor = normalizer.atoms[place]
        rest = tuple(item for item in monomial if item[0] != place)
        inside = others | _tensors_of(normalizer, (p for p, _ in rest))
        if (
            isinstance(factor, Entry)
            and exponent > 0
            and _is_free(normalizer, factor.tensor, inside)
            and _places_apart(factor, indices)
            and _nonzero_monomial(normalizer, rest)
        ):
            return True
    return False


def _nonzero_monomial(normalizer: Normalizer, monomial: Monomial) -> bool:
    return _nonzero(normalizer, {monomial: Fraction(1)})


def _places_apart(entry: Entry, indices: Iterable[Index]) -> bool:
    """Whether different values of the bound indices mean different entries."""
    return all(index in entry.indices for index in indices)


def _is_free(normalizer: Normalizer, tensor: Tensor, others: set[Tensor]) -> bool:
    """Whether an entry can take any value, whatever the others are: no fact binds the tensor's entries together."""
    return tensor not in others and all(f.tensor != tensor or f.kind == "positive" for f in normalizer.facts)


def _tensors_of(normalizer: Normalizer, positions: Iterable[int]) -> set[Tensor]:
    found: set[Tensor] = set()
    for position in positions:
        found |= tensors(normalizer.atoms[position])
    return found


def is_zero_bracket(expression: Any) -> bool:
    """Whether the atom is ``[left = 0]`` for a quantity that is not an index expression."""
    if not isinstance(expression, Bracket) or not isinstance(expression.condition, Compare):
        return False
    condition = expression.condition
    return condition.operator == "==" and condition.right is S.Zero and bool(condition.left.atoms(Entry))


def is_null_term(normalizer: Normalizer, term: Monomial) -> bool:
    """Whether a term has a factor ``[left = 0]`` for a quantity that is not zero almost everywhere."""
    atoms = [normalizer.atoms[position] for position, _ in term]
    return any(is_zero_bracket(atom) and is_null_set(normalizer, atom.condition.left) for atom in atoms)


def is_without_value(normalizer: Normalizer, term: Monomial, denominator: Mapping[Any, int]) -> bool:
    """Whether a term is divided by what its own condition says is zero, as ``[t = 0] / t``.

    The term is 0 where ``t`` is not, and where ``t`` is 0 the formula that it comes from has no value.
    """
    zero = {a.condition.left for n, _ in term if is_zero_bracket(a := normalizer.atoms[n])}
    if not zero:
        return False
    below = {normalizer.atoms[n] for n, exponent in term if exponent < 0}
    below |= {normalizer.polynomial_formula(dict(key)) for key in denominator}
    return bool(zero & below)
