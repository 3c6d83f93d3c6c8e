"""Derivatives of elementwise operators, folded into the operator's own output where that is shorter.

From ``y = 1/(1 + e^-x)`` the kernel ``e^-x = (1 - y)/y`` is solved for, and ``e^-x/(1 + e^-x)^2`` becomes
``y (1 - y)``. Nothing here knows an operator: the definition is inverted as a rational function of one opaque atom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from sympy import Expr, Pow, S, exp, log

from symnn.formula.differentiate import differentiate
from symnn.formula.nodes import Bracket, Call, Cases, Elementwise, Entry, Maximum, Minimum, Partial, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, complexity, simplest
from symnn.formula.polynomial import Polynomial, add, content
from symnn.formula.rational import Rational, expanded, number, plus, reduced
from symnn.formula.substitute import substitute_entries

OUTPUT = Tensor("__output__")


@dataclass(frozen=True)
class ElementwiseLemma:
    """The derivative of an elementwise operator with respect to one argument.

    `plain` is what the rules give, in the parameters; `folded` may also use the output; `forms` holds every form that
    was considered, shortest first. All are equal by the definition.
    """

    function: Elementwise
    argument: int
    plain: Expr
    folded: Expr
    forms: tuple[Expr, ...]

    def at(self, call: Call) -> Any:
        """The derivative at the call's arguments."""
        values = {Tensor(name): value for name, value in zip(self.function.parameters, call.arguments, strict=True)}
        values[OUTPUT] = call

        def value(entry: Entry) -> Any | None:
            return values.get(entry.tensor)

        return substitute_entries(self.folded, value)


@lru_cache(maxsize=512)
def elementwise_lemma(function: Elementwise, argument: int) -> ElementwiseLemma:
    """Derive the lemma. Raises ValueError for a function without a definition."""
    if function.body is None:
        raise ValueError(f"{function.name} has no definition")
    variable = Tensor(function.parameters[argument]).entry()
    plain = differentiate(function.body, variable, through_lemmas)
    normalizer = Normalizer()
    forms: list[Any] = []
    if isinstance(function.body, Cases) and isinstance(plain, Cases):
        forms.append(_fold_branches(normalizer, function.body, plain, variable))
    elif not isinstance(plain, Cases):
        for start in candidates(normalizer, plain):
            forms.append(start)
        folded = fold_into_output(normalizer, function.body, plain, variable)
        if folded is not None:
            forms.extend(candidates(normalizer, folded))
    else:
        forms.append(plain)
    forms = sorted(dict.fromkeys([*forms, plain]), key=complexity)
    return ElementwiseLemma(function, argument, plain, forms[0], tuple(forms))


def through_lemmas(call: Call, entry: Entry) -> Any:
    """The chain rule with lemmas: ``sum_k f_k(u) u_k'``."""
    terms = []
    for place, argument in enumerate(call.arguments):
        if entry.tensor in tensors(argument):
            terms.append(elementwise_lemma(call.function, place).at(call) * Partial(argument, entry))
    return sympy.Add(*terms)


def _fold_branches(normalizer: Normalizer, body: Cases, plain: Cases, variable: Entry) -> Any:
    pairs = [(c, v, d) for (c, v), (_, d) in zip(body.branches, plain.branches, strict=True)]
    branches = [(c, _shortest(normalizer, v, d, variable)) for c, v, d in pairs]
    return Cases(branches, _shortest(normalizer, body.default, plain.default, variable))


def _shortest(normalizer: Normalizer, value: Any, derivative: Any, variable: Entry) -> Any:
    found = candidates(normalizer, derivative)
    folded = fold_into_output(normalizer, value, derivative, variable)
    if folded is not None:
        found += candidates(normalizer, folded)
    return simplest(found)


def fold_into_output(normalizer: Normalizer, body: Any, derivative: Any, variable: Entry) -> Any | None:
    """The derivative written in the output, or None when the definition cannot be solved for what it contains."""
    try:
        solved = _solve_kernel(normalizer, body, variable)
        if solved is None:
            return None
        kernel, unit, value = solved
        return _replace_kernel(normalizer, derivative, variable, kernel, unit, value)
    except (TooLarge, ZeroDivisionError):
        return None


def _solve_kernel(normalizer: Normalizer, body: Any, variable: Entry) -> tuple[int, Fraction, Rational] | None:
    """The one atom that depends on the variable, the exponent in which it occurs, and its value in the output."""
    output = OUTPUT.entry()
    inside = normalizer.normal(body)
    value = normalizer.normal(output)
    single = inside.monomial
    if single is not None and len(single[0]) == 1:
        base = normalizer.atoms[single[0][0][0]]
        exponent = single[0][0][1]
        if isinstance(base, log) and exponent == 1:
            value = normalizer.normal(exp(output / sympy.Rational(single[1].numerator, single[1].denominator)))
            inside = normalizer.normal(base.args[0])
        elif isinstance(exponent, Fraction):
            power = Pow(output / sympy.Rational(single[1].numerator, single[1].denominator), exponent.denominator)
            value = normalizer.normal(power)
            inside = normalizer.whole_power(normalizer.normal(base), exponent.numerator)
    inside = reduced(inside)
    bottom = expanded(inside.denominator)
    found = dependent_atoms(normalizer, (inside.numerator, bottom), variable)
    if len(found) != 1:
        return None
    (kernel,) = found
    # value * bottom - numerator = 0, a polynomial in kernel ** unit.
    equation = plus(normalizer.times(value, Rational(bottom)), Rational(inside.numerator), -1)
    if equation.denominator:
        equation = Rational(equation.numerator)
    powers = by_power(equation.numerator, kernel)
    lowest = min(powers)
    powers = {exponent - lowest: rest for exponent, rest in powers.items()}
    steps = [exponent for exponent in powers if exponent]
    if len(steps) != 1:
        return None
    unit = Fraction(steps[0])
    solution = normalizer.times(
        normalizer.negative(Rational(powers.get(0, {}))), normalizer.inverse(Rational(powers[steps[0]]))
    )
    return kernel, unit, solution


def dependent_atoms(normalizer: Normalizer, polynomials: Iterable[Polynomial], variable: Entry) -> set[int]:
    """The atoms in which the variable occurs."""
    atoms = {a for p in polynomials for m in p for a, _ in m}
    return {a for a in atoms if variable.tensor in tensors(normalizer.atoms[a])}


def by_power(polynomial: Polynomial, kernel: int) -> dict[Any, Polynomial]:
    """The polynomial as a polynomial in one atom: exponent to coefficient."""
    powers: dict[Any, Polynomial] = {}
    for monomial, coefficient in polynomial.items():
        exponent = dict(monomial).get(kernel, 0)
        rest = tuple(item for item in monomial if item[0] != kernel)
        powers[exponent] = add(powers.get(exponent, {}), {rest: coefficient})
    return powers


def _replace_kernel(
    normalizer: Normalizer, derivative: Any, variable: Entry, kernel: int, unit: Fraction, value: Rational
) -> Any | None:
    inside = reduced(normalizer.normal(derivative))
    bottom = expanded(inside.denominator)
    if dependent_atoms(normalizer, (inside.numerator, bottom), variable) - {kernel}:
        return None
    top_value = _at_kernel(normalizer, inside.numerator, kernel, unit, value)
    bottom_value = _at_kernel(normalizer, bottom, kernel, unit, value)
    if top_value is None or bottom_value is None or bottom_value.is_zero:
        return None
    result = reduced(normalizer.times(top_value, normalizer.inverse(bottom_value)))
    return normalizer.formula(result)


def _at_kernel(
    normalizer: Normalizer, polynomial: Polynomial, kernel: int, unit: Fraction, value: Rational
) -> Rational | None:
    result = number(0)
    for exponent, rest in by_power(polynomial, kernel).items():
        times = Fraction(exponent) / unit
        if times.denominator != 1:
            return None
        result = plus(result, normalizer.times(Rational(rest), normalizer.whole_power(value, times.numerator)))
    return result


__all__ = ["OUTPUT", "Bracket", "ElementwiseLemma", "Maximum", "Minimum", "S", "content", "elementwise_lemma"]
