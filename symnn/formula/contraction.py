"""Sums over an index, as contractions in canonical form.

A sum is distributed over the terms of its body; factors without the bound index are pulled out; deltas are solved for
the bound index and leave a range condition; nested sums are merged and split again into connected components. Each
component becomes one atom whose bound indices carry canonical names, so that sums that differ in the names or the
order of their bound indices are one atom.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Mul, Pow

from symnn.formula.apart import apart
from symnn.formula.index import Index, LayerSize
from symnn.formula.matrices import Inverse
from symnn.formula.nodes import Binder, Bracket, Delta, Elementwise, Entry, Inside, Tensor, Total
from symnn.formula.polynomial import Monomial, Polynomial, TooLarge, multiply_monomials, power_of_monomial
from symnn.formula.ranges import always_inside
from symnn.formula.rational import Rational, number, plus, reduced, times
from symnn.formula.substitute import substitute_indices

if TYPE_CHECKING:
    from symnn.formula.normal import Normalizer

CANONICAL = re.compile(r"_[0-9]+_[0-9]+")
MAX_INDICES = 8
MAX_ORDERINGS = 720
Factors = list[tuple[Expr, Any]]


def contract(normalizer: Normalizer, body: Rational, index: Index) -> Rational:
    """The sum of `body` over `index`."""
    body = reduced(body)
    outside: dict[Any, int] = {}
    inverses: list[int] = []
    divisors: list[Polynomial] = []
    exponents: list[int] = []
    for key, exponent in body.denominator.items():
        factor = normalizer.polynomial_formula(dict(key))
        if index in factor.free_symbols:
            inverses.append(normalizer.atom_number(Pow(factor, -1, evaluate=False)))
            divisors.append(dict(key))
            exponents.append(exponent)
        else:
            outside[key] = exponent
    terms = [(body.numerator, tuple(exponents))]
    if normalizer.is_apart and divisors:
        terms = apart(body.numerator, divisors, exponents, lambda position: _rank(normalizer.atoms[position]))
    result = number(0)
    for numerator, powers in terms:
        below = tuple(sorted((i, e) for i, e in zip(inverses, powers, strict=True) if e))
        for monomial, coefficient in numerator.items():
            term = _contract_term(normalizer, multiply_monomials(monomial, below), index)
            result = plus(result, times(Rational({(): coefficient}), term))
    return normalizer.tidy(Rational(result.numerator, _merged(result.denominator, outside)))


def _rank(expression: Expr) -> tuple[str, str]:
    """An order of atoms that looks at the names of indices last."""
    blank = {i: Index("_", 1) for i in expression.free_symbols if isinstance(i, Index)}
    return text(expression, blank), text(expression, {})


def _merged(left: Any, right: Any) -> dict[Any, int]:
    merged = dict(left)
    for key, exponent in right.items():
        merged[key] = merged.get(key, 0) + exponent
    return merged


def _contract_term(normalizer: Normalizer, monomial: Monomial, index: Index) -> Rational:
    kept: list[Any] = []
    bound: Factors = []
    for position, exponent in monomial:
        if index in normalizer.atoms[position].free_symbols:
            bound.append((normalizer.atoms[position], exponent))
        else:
            kept.append((position, exponent))
    outside = Rational({tuple(kept): Fraction(1)})
    if not bound:
        return times(outside, normalizer.normal(index.dimension))
    solved = _solve_delta(normalizer, bound, [index])
    if solved is None:
        solved = _narrow(normalizer, bound, index)
    if solved is None:
        indices, opened = _open_sums(normalizer, bound, index)
        solved = _solve_delta(normalizer, opened, indices) if len(indices) > 1 else None
        if solved is None:
            solved = _cancel_inverse(normalizer, opened, indices)
        if solved is None:
            return times(outside, _components(normalizer, opened, indices))
    return normalizer.times(outside, solved)


def _solve_delta(normalizer: Normalizer, factors: Factors, indices: list[Index]) -> Rational | None:
    """Use one delta that determines a bound index; None when there is none."""
    for place, (factor, _) in enumerate(factors):
        if not isinstance(factor, Delta):
            continue
        for index in reversed(indices):
            solution = solve_for(factor.difference, index)
            if solution is None:
                continue
            rest = factors[:place] + factors[place + 1 :]
            product = Mul(*[Pow(base, exponent_formula(e)) for base, e in rest])
            replaced = substitute_indices(product, {index: solution}) * Inside(solution, index.dimension)
            value = normalizer.normal(replaced)
            for other in reversed([i for i in indices if i != index]):
                value = contract(normalizer, value, other)
            return value
    return None


def _narrow(normalizer: Normalizer, factors: Factors, index: Index) -> Rational | None:
    """A sum with a range condition on its index alone is a sum over that range: ``sum_k f(k) [0 <= k - n < m]``.

    None when there is no such condition, or when the range may go beyond the values of the index.
    """
    for place, (factor, _) in enumerate(factors):
        if not isinstance(factor, Inside) or factor.position.atoms(Index) != {index} or factor.length.has(LayerSize):
            continue
        narrow = Index(index.name, factor.length).fresh()
        solution = solve_for(factor.position - narrow, index)
        if solution is None or not always_inside(solution, index.dimension):
            continue
        rest = factors[:place] + factors[place + 1 :]
        product = Mul(*[Pow(base, exponent_formula(e)) for base, e in rest])
        value = normalizer.normal(substitute_indices(product, {index: solution}))
        return contract(normalizer, value, narrow)
    return None


def _cancel_inverse(normalizer: Normalizer, factors: Factors, indices: list[Index]) -> Rational | None:
    """``sum_k A^-1[i, k] A[k, j] = delta(i, j)``, and the same from the other side; None when there is no such pair."""
    for base, exponent in factors:
        if not isinstance(base, Inverse) or exponent != 1 or not isinstance(base.matrix.body, Entry):
            continue
        for side, bound in enumerate(base.places):
            if bound not in indices or not isinstance(bound, Index):
                continue
            touching = [(b, e) for b, e in factors if bound in b.free_symbols and b is not base]
            if len(touching) != 1 or touching[0][1] != 1 or not isinstance(touching[0][0], Entry):
                continue
            other = touching[0][0]
            # side 1: A^-1[i, k] A[k, j]; side 0: A[i, k] A^-1[k, j]
            free = other.indices[side] if other.tensor.rank == 2 else None
            expected = base.matrix.at(bound, free) if side == 1 else base.matrix.at(free, bound)
            if free is None or bound in free.free_symbols or expected != other:
                continue
            rest = [item for item in factors if item[0] is not base and item[0] is not other]
            product = Mul(*[Pow(b, exponent_formula(e)) for b, e in rest])
            value = normalizer.normal(product * Delta(base.places[1 - side], free))
            for index in reversed([i for i in indices if i != bound]):
                value = contract(normalizer, value, index)
            return value
    return None


def solve_for(difference: Expr, index: Index) -> Expr | None:
    """The value of `index` at which an affine difference is zero, when the index has coefficient 1 or -1."""
    expanded = sympy.expand(difference)
    coefficient = expanded.coeff(index)
    if coefficient not in (1, -1):
        return None
    solution = sympy.expand(index - coefficient * expanded)
    # Without whole coefficients the solution may fall between two values of the index.
    return solution if solution.is_integer and index not in solution.free_symbols else None


def implied_by(delta: Delta, condition: Any) -> bool:
    """Whether a range condition holds wherever the delta is not zero: ``delta(a, i)`` puts ``a`` in the range of i."""
    return isinstance(condition, Inside) and any(
        solve_for(delta.difference, index) == condition.position and index.dimension == condition.length
        for index in delta.difference.atoms(Index)
    )


def exponent_formula(exponent: Any) -> Expr:
    return sympy.Rational(exponent.numerator, exponent.denominator)


def _open_sums(normalizer: Normalizer, factors: Factors, index: Index) -> tuple[list[Index], Factors]:
    """Merge sums nested in the factors into one contraction over several indices."""
    indices = [index]
    opened: Factors = []
    for base, exponent in factors:
        inside = normalizer.contractions.get(normalizer.numbers.get(base, -1))
        copies = exponent if isinstance(exponent, int) else 0
        if inside is None or copies < 1 or len(indices) + copies * len(inside[0]) > MAX_INDICES:
            opened.append((base, exponent))
            continue
        for _ in range(copies):
            renamed = {old: old.fresh() for old in inside[0]}
            indices.extend(renamed.values())
            opened.extend((substitute_indices(b, renamed), e) for b, e in _factors(normalizer, inside[1]))
    return indices, _collected(opened)


def _factors(normalizer: Normalizer, monomial: Any) -> Factors:
    return [(normalizer.atoms[position], exponent) for position, exponent in monomial]


def _collected(factors: Factors) -> Factors:
    together: dict[Expr, Any] = {}
    for base, exponent in factors:
        together[base] = together.get(base, 0) + exponent
    return [(base, exponent) for base, exponent in together.items() if exponent]


def _components(normalizer: Normalizer, factors: Factors, indices: list[Index]) -> Rational:
    """Split into parts that share no bound index; each part becomes one atom."""
    result = number(1)
    remaining = list(factors)
    left = set(indices)
    while left:
        group = {min(left, key=lambda i: i.sort_name)}
        inside: Factors = []
        grown = True
        while grown:
            grown = False
            for item in list(remaining):
                touched = item[0].free_symbols & left
                if touched & group:
                    group |= touched
                    inside.append(item)
                    remaining.remove(item)
                    grown = True
        left -= group
        if not inside:
            (alone,) = group
            result = normalizer.times(result, normalizer.normal(alone.dimension))
        else:
            result = normalizer.times(result, _component(normalizer, inside, sorted(group, key=lambda i: i.sort_name)))
    for base, exponent in remaining:
        result = normalizer.times(result, normalizer.normal(Pow(base, exponent_formula(exponent))))
    return result


def _component(normalizer: Normalizer, factors: Factors, indices: list[Index]) -> Rational:
    known = _by_fact(normalizer, factors, indices)
    if known is not None:
        return known
    height = 1 + max((height_of(base, indices) for base, _ in factors), default=0)
    best: tuple[Any, dict[Index, Index]] | None = None
    for order in _orderings(factors, indices):
        names = {index: Index(f"_{height}_{place}", index.dimension) for place, index in enumerate(order)}
        key = sorted((text(base, names), str(exponent)) for base, exponent in factors)
        if best is None or key < best[0]:
            best = (key, names)
    assert best is not None
    names = best[1]
    renamed: Factors = []
    for base, exponent in factors:
        renamed.append((_rename(base, names), exponent))
    ordered = sorted(names.values(), key=lambda i: i.sort_name)
    turned = _turned(normalizer, renamed, ordered)
    if turned is not None:
        return turned
    body = Mul(*[Pow(base, exponent_formula(exponent), evaluate=base.func is not Pow) for base, exponent in renamed])
    expression: Expr = body
    for index in reversed(ordered):
        expression = Total(expression, index)
    value = known_value(normalizer.known_sums, expression)
    if value is not None:
        return normalizer.normal(value)
    position = normalizer.atom_number(expression)
    monomial = tuple(sorted((normalizer.atom_number(base), exponent) for base, exponent in renamed))
    normalizer.contractions.setdefault(position, (tuple(ordered), monomial))
    return Rational({((position, 1),): Fraction(1)})


def _turned(normalizer: Normalizer, factors: Factors, indices: Sequence[Index]) -> Rational | None:
    """The sum again, where a comparison such as ``[j < i]`` faces another way under the canonical names.

    Which of ``[j < i]`` and ``[i < j]`` is kept depends on names where nothing else tells them apart. None when all of
    them face the right way.
    """
    if normalizer.is_turning or not any(isinstance(base, Bracket) for base, _ in factors):
        return None
    # Names that stand where canonical ones do in the order of names, but count for no height.
    names = {index: Index(f"_{place}", index.dimension).fresh() for place, index in enumerate(indices)}
    own = [(_rename(base, names), exponent) for base, exponent in factors]
    compared = [base for base, _ in own if isinstance(base, Bracket)]
    if all(normalizer.normal(base) == normalizer.atom(base) for base in compared):
        return None
    normalizer.is_turning = True
    try:
        value = normalizer.normal(Mul(*[Pow(base, exponent_formula(exponent)) for base, exponent in own]))
        for index in reversed(names.values()):
            value = contract(normalizer, value, index)
    finally:
        normalizer.is_turning = False
    return value


def known_value(known: Mapping[Expr, Expr], expression: Expr) -> Expr | None:
    """The value of a sum that is known, also at other free indices than those it was stated with."""
    for pattern, value in known.items():
        found: dict[Index, Expr] = {}
        free = {s for s in pattern.free_symbols if isinstance(s, Index)}
        if _matches(pattern, expression, free, found) and _stays_free(found, expression):
            return substitute_indices(value, found)
    return None


def _stays_free(found: Mapping[Index, Expr], expression: Expr) -> bool:
    """Whether no free index was matched with a bound one: a sum over a row is not a trace."""
    bound = {binder.index for binder in expression.atoms(Binder)}
    return all(bound.isdisjoint(place.free_symbols) for place in found.values())


def _matches(pattern: Any, formula: Any, free: set[Index], found: dict[Index, Expr]) -> bool:
    """Whether a formula is the pattern with other index expressions in place of its free indices."""
    if isinstance(pattern, Index) and pattern in free:
        return bool(found.setdefault(pattern, formula) == formula)
    if pattern.func is not formula.func or len(pattern.args) != len(formula.args):
        return False
    if not pattern.args:
        return bool(pattern == formula)
    return all(_matches(a, b, free, found) for a, b in zip(pattern.args, formula.args, strict=True))


def _rename(base: Expr, names: dict[Index, Index]) -> Expr:
    if isinstance(base, Pow) and base.exp == -1:
        return Pow(substitute_indices(base.base, names), -1, evaluate=False)
    return substitute_indices(base, names)


def _by_fact(normalizer: Normalizer, factors: Factors, indices: list[Index]) -> Rational | None:
    """A declared sum: ``sum_i t[i] = 1``."""
    plain = [base for base, exponent in factors if isinstance(base, Entry) and exponent == 1]
    guards = [base for base, _ in factors if isinstance(base, Inside)]
    if len(plain) != 1 or len(indices) != 1 or len(guards) > 1 or len(factors) != 1 + len(guards):
        return None
    entry = plain[0]
    for fact in normalizer.facts:
        if fact.kind == "sum" and fact.tensor == entry.tensor and fact.value is not None:
            at_axis = entry.indices[fact.axis]
            others = [i for place, i in enumerate(entry.indices) if place != fact.axis % entry.tensor.rank]
            whole = indices[0].dimension == entry.tensor.shape[fact.axis]
            reach = [] if fact.length is None else [Inside(indices[0], fact.length)]
            whole = whole and guards == reach
            if whole and at_axis == indices[0] and all(indices[0] not in other.free_symbols for other in others):
                normalizer.used.add(fact)
                return normalizer.normal(fact.value)
    return None


def is_canonical(index: Index) -> bool:
    """Whether this is a name that the normal form gives to bound indices."""
    return index.serial == 0 and CANONICAL.fullmatch(index.name) is not None


def height_of(formula: Any, bound: Sequence[Index] = ()) -> int:
    """The largest height of a canonical name in a formula, so that a name one higher captures nothing.

    Names in `bound` are about to be replaced and do not count.
    """
    free = formula.free_symbols.difference(bound)
    outside = max((_height(i) for i in free if isinstance(i, Index) and is_canonical(i)), default=0)
    return max(outside, _nesting(formula))


def _nesting(formula: Any) -> int:
    if isinstance(formula, Binder) and is_canonical(formula.index):
        return _height(formula.index)
    if isinstance(formula, Index):
        return _height(formula) if is_canonical(formula) else 0
    if isinstance(formula, Tensor | Elementwise | Entry) or not formula.args:
        return 0
    return max(_nesting(argument) for argument in formula.args)


def _height(index: Index) -> int:
    return int(index.name.split("_")[1])


def _orderings(factors: Factors, indices: list[Index]) -> Any:
    """The orders of the bound indices worth trying: those that agree with a naming-independent ranking."""
    classes: dict[Any, list[Index]] = {}
    for index in indices:
        blank = {other: Index("_", other.dimension) for other in indices if other != index}
        mark = {**blank, index: Index("_here", index.dimension)}
        signature = tuple(sorted((text(b, mark), str(e)) for b, e in factors if index in b.free_symbols))
        classes.setdefault((str(index.dimension), signature), []).append(index)
    groups = [classes[key] for key in sorted(classes)]
    count = 1
    for group in groups:
        for place in range(2, len(group) + 1):
            count *= place
    if count > MAX_ORDERINGS:
        raise TooLarge(f"{count} orders of bound indices")
    for choice in itertools.product(*(itertools.permutations(group) for group in groups)):
        yield [index for group in choice for index in group]


def text(formula: Any, names: dict[Index, Index]) -> str:
    """A string that is the same for formulas that differ only in the names of the indices in `names`."""
    if isinstance(formula, Index):
        shown = names.get(formula, formula)
        return f"{shown.name}.{shown.serial}"
    if isinstance(formula, Entry):
        return f"{formula.tensor.name}[{','.join(text(i, names) for i in formula.indices)}]"
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return str(formula)
    inside = [text(argument, names) for argument in formula.args]
    if formula.is_Add or formula.is_Mul:
        inside.sort()
    return f"{type(formula).__name__}({','.join(inside)})"


__all__ = ["contract", "implied_by", "power_of_monomial", "solve_for"]
