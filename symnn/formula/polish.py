"""Choosing the form of a formula that is easiest to read.

Every candidate has the same normal form; the choice costs beauty at worst, never correctness.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import lcm
from typing import Any

from sympy import Abs, Add, Basic, Expr, Integer, Mul, Pow, Rational, S, sign

from symnn.formula.conditions import short_conditions
from symnn.formula.index import Index
from symnn.formula.nodes import Binder, Bracket, Cases, Elementwise, Entry, Tensor
from symnn.formula.normal import SHALLOW, Normalizer, TooLarge
from symnn.formula.polynomial import factors
from symnn.formula.rational import Rational as Fractional
from symnn.formula.rational import reduced
from symnn.formula.substitute import rebuild, substitute_indices

MAX_TERMS_APART = 8
SUM_LETTERS = "ijklpqrs"


def complexity(formula: Any, in_fraction: bool = False) -> int:
    """How much there is to read: nodes, with sums, fractions within fractions and functions counted extra."""
    if isinstance(formula, Index | Integer):
        return 1
    if isinstance(formula, Rational):
        return 2
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return 1
    if isinstance(formula, Entry):
        return 2
    if isinstance(formula, Mul | Pow):
        return _complexity_of_product(formula, in_fraction)
    inside = sum(complexity(argument, in_fraction) for argument in formula.args)
    return inside + (2 if isinstance(formula, Binder) else 1)


def _complexity_of_product(formula: Any, in_fraction: bool) -> int:
    below = [f for f in Mul.make_args(formula) if isinstance(f, Pow) and f.exp.could_extract_minus_sign()]
    above = [f for f in Mul.make_args(formula) if not (isinstance(f, Pow) and f.exp.could_extract_minus_sign())]
    nested = in_fraction or bool(below)
    cost = 0
    for factor in above:
        if isinstance(factor, Pow):
            cost += complexity(factor.base, nested) + complexity(factor.exp, nested) + 2
        else:
            cost += complexity(factor, nested)
    for factor in below:
        exponent = -factor.exp
        cost += complexity(factor.base, True) + (0 if exponent is S.One else complexity(exponent, True) + 2)
    if below:
        cost += 4 if in_fraction else 1
    signs = sum(1 for factor in above if factor is S.NegativeOne)
    return cost + max(0, len(above) + len(below) - 1 - signs)


def factored(normalizer: Normalizer, value: Fractional) -> Expr:
    """The value with its numerator factored."""
    value = reduced(value)
    if value.is_zero:
        return S.Zero
    unit, monomial, parts = factors(value.numerator)
    shown = []
    for polynomial, exponent in parts:
        part = normalizer.polynomial_formula(polynomial)
        if _wants_turning(part):
            part, unit = -part, unit * (-1) ** exponent
        part, unit = _with_whole_numbers(part, unit, exponent)
        shown.append(Pow(part, exponent))
    bottom = []
    for key, exponent in value.denominator.items():
        part = normalizer.polynomial_formula(dict(key))
        if _wants_turning(part):
            part, unit = -part, unit * (-1) ** exponent
        bottom.append(Pow(part, -exponent))
    if unit < 0:
        # A minus sign in front and half the signs inside: turn a factor round instead.
        for place, part in enumerate(shown):
            if isinstance(part, Add) and _constant_of(part) == 0 and _negatives(part) > 0:
                shown[place], unit = -part, -unit
                break
    number = Rational(unit.numerator, unit.denominator)
    return Mul(number, normalizer.monomial_formula(monomial), *shown, *bottom)


def _with_whole_numbers(part: Expr, unit: Any, exponent: int) -> tuple[Expr, Any]:
    """A sum with fractions multiplied by what makes them whole, where the number in front has it: 2 (1/2 - y)."""
    terms = [term.as_coeff_Mul() for term in Add.make_args(part)]
    shared = lcm(*(int(number.q) for number, _ in terms if number.is_Rational))
    if shared == 1 or unit.numerator % shared**exponent:
        return part, unit
    return Add(*(number * shared * rest for number, rest in terms)), unit / shared**exponent


def _constant_of(formula: Expr) -> Any:
    return sum(term for term in Add.make_args(formula) if term.is_number)


def _negatives(formula: Expr) -> int:
    return sum(1 for term in Add.make_args(formula) if term.could_extract_minus_sign())


def _wants_turning(formula: Expr) -> bool:
    """A number among the terms should be positive (``1 - y``); else most signs should be."""
    constant = _constant_of(formula)
    if constant != 0:
        return bool(constant < 0)
    return 2 * _negatives(formula) > len(Add.make_args(formula))


def candidates(normalizer: Normalizer, formula: Any) -> list[Any]:
    """The formula as it is, factored, multiplied out, and with each term factored on its own."""
    found = [formula, *_whole_forms(normalizer, formula)]
    if formula.has(Bracket, Cases):
        found += [short_conditions(form) for form in found]
    if isinstance(formula, Add) and len(formula.args) <= MAX_TERMS_APART:
        found.append(Add(*[simplest([term, *_whole_forms(normalizer, term)]) for term in formula.args]))
    return found


def _whole_forms(normalizer: Normalizer, formula: Any) -> list[Any]:
    """The forms of the formula as one fraction: with functions as they are written, and with them written out."""
    found = []
    if formula.has(*SHALLOW):
        merged = absolute_values(formula)
        found += [merged, *_fractions(normalizer.shallow(), merged)]
        signed = _signed(formula)
        if signed != formula:
            found += map(absolute_values, _fractions(normalizer.shallow(), signed))
    return found + _fractions(normalizer, formula)


def _fractions(normalizer: Normalizer, formula: Any) -> list[Any]:
    try:
        value = normalizer.normal(formula)
        return [factored(normalizer, value), normalizer.formula(reduced(value))]
    except (TooLarge, ZeroDivisionError):
        return []


def absolute_values(formula: Any) -> Any:
    """Products of a quantity and its sign written as absolute values: ``x sign(x) = |x|`` and ``|x| sign(x) = x``."""
    if isinstance(formula, Tensor | Elementwise | Entry) or not formula.args:
        return formula
    result = rebuild(formula, [absolute_values(a) if isinstance(a, Basic) else a for a in formula.args])
    if not isinstance(result, Mul):
        return result
    factors_left = list(result.args)
    for factor in result.args:
        if isinstance(factor, sign):
            for partner, product in ((factor.args[0], Abs(factor.args[0])), (Abs(factor.args[0]), factor.args[0])):
                if factor in factors_left and partner in factors_left:
                    factors_left.remove(factor)
                    factors_left[factors_left.index(partner)] = product
    return Mul(*factors_left)


def _signed(formula: Any) -> Any:
    """Absolute values of what also occurs with its sign, as products: terms may have the signs in common."""
    signs = {node.args[0] for node in formula.atoms(sign)}
    return formula.xreplace(
        {node: node.args[0] * sign(node.args[0]) for node in formula.atoms(Abs) if node.args[0] in signs}
    )


def polish(normalizer: Normalizer, formula: Any) -> Any:
    """The candidate that is shortest to read; the given form wins a tie."""
    return simplest(candidates(normalizer, formula))


def shortest(formula: Any) -> Any:
    """The shortest candidate that the normal form shows to be equal.

    Absolute values and signs are brought together in ways that the normal form does not follow where it divides by
    them; every other candidate comes from the normal form itself.
    """
    found = candidates(Normalizer(), formula)
    if not formula.has(Abs, sign):
        return simplest(found)
    return next(form for form in sorted(found, key=complexity) if form == formula or _are_equal(form, formula))


def _are_equal(one: Any, other: Any) -> bool:
    """Whether the normal form shows two formulas equal; it has none where one divides by zero in some case."""
    try:
        return Normalizer().equal(one, other)
    except ZeroDivisionError:
        return False


def simplest(found: Iterable[Any]) -> Any:
    """The least complex formula, the first one at a tie."""
    return min(found, key=complexity)


def readable_indices(formula: Any, taken: Iterable[Index] = ()) -> Any:
    """Bound indices renamed to letters that are free, in the order in which they are met."""
    used = {index.name for index in taken} | {i.name for i in formula.free_symbols if isinstance(i, Index)}
    return _renamed(formula, used)


def _renamed(formula: Any, used: set[str]) -> Any:
    if isinstance(formula, Binder):
        letter = formula.index.name
        if letter.startswith("_") or letter in used:
            letter = next((c for c in SUM_LETTERS if c not in used), f"k{len(used)}")
        index = Index(letter, formula.index.dimension)
        body = substitute_indices(formula.body, {formula.index: index})
        return formula.func(_renamed(body, used | {letter}), index)
    if isinstance(formula, Tensor | Elementwise) or not formula.args:
        return formula
    return rebuild(formula, [_renamed(argument, used) for argument in formula.args])
