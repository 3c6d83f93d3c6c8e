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
from sympy import Abs, Expr, Mul, Pow, S, exp, log

from symnn.formula.conditions import short_conditions
from symnn.formula.differentiate import differentiate
from symnn.formula.nodes import Bracket, Call, Cases, Elementwise, Entry, Maximum, Minimum, Partial, Tensor, tensors
from symnn.formula.normal import Normalizer, TooLarge
from symnn.formula.polish import candidates, complexity, simplest
from symnn.formula.polynomial import Polynomial, add, atoms_of, content
from symnn.formula.rational import Rational, expanded, number, plus, reduced
from symnn.formula.substitute import substitute_entries

OUTPUT = Tensor("__output__")
SIZE = Tensor("__size__")


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

    @property
    def in_output(self) -> Expr | None:
        """The shortest form that the argument does not occur in, such as ``(1 - |y|)^2``; None if there is none."""
        variable = Tensor(self.function.parameters[self.argument])
        return next((form for form in self.forms if form.has(OUTPUT) and variable not in tensors(form)), None)

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
    body, slopes = _branched(function.body), _branched(plain)
    if isinstance(body, Cases) and isinstance(slopes, Cases):
        forms.append(_fold_branches(normalizer, body, slopes, variable))
    elif not isinstance(plain, Cases):
        for start in candidates(normalizer, plain):
            forms.append(start)
        folded = fold_into_output(normalizer, function.body, plain, variable)
        if folded is not None:
            forms.extend(candidates(normalizer, folded))
    else:
        forms.append(short_conditions(plain))
    forms = sorted(dict.fromkeys([*forms, plain]), key=complexity)
    return ElementwiseLemma(function, argument, plain, forms[0], tuple(forms))


def through_lemmas(call: Call, entry: Entry) -> Any:
    """The chain rule with lemmas: ``sum_k f_k(u) u_k'``."""
    terms = []
    for place, argument in enumerate(call.arguments):
        if entry.tensor in tensors(argument):
            terms.append(elementwise_lemma(call.function, place).at(call) * Partial(argument, entry))
    return sympy.Add(*terms)


def _branched(formula: Any) -> Any:
    """A factor in front of a piecewise formula, in front of each of its values."""
    pieces = [factor for factor in Mul.make_args(formula) if isinstance(factor, Cases)]
    if len(pieces) != 1:
        return formula
    rest = Mul(*[factor for factor in Mul.make_args(formula) if factor is not pieces[0]])
    return Cases([(c, rest * value) for c, value in pieces[0].branches], rest * pieces[0].default)


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
        solved = _solve_kernel(normalizer, body, variable, OUTPUT.entry())
        if solved is not None:
            return _replace_kernel(normalizer, derivative, variable, *solved)
        return _folded_by_size(normalizer, body, derivative, variable)
    except (TooLarge, ZeroDivisionError):
        return None


def _folded_by_size(normalizer: Normalizer, body: Any, derivative: Any, variable: Entry) -> Any | None:
    """The derivative in the absolute value of the output: ``y = x/(1 + |x|)`` gives ``|x| = |y|/(1 - |y|)``."""
    size = substitute_entries(body, lambda entry: Abs(variable) if entry == variable else None)
    if Abs(variable) not in body.atoms(Abs) or not normalizer.equal(Abs(body), size):
        return None
    normalizer, short = normalizer.shallow(), simplest(candidates(normalizer, derivative))
    solved = _solve_kernel(normalizer, size, variable, SIZE.entry())
    folded = None if solved is None else _replace_kernel(normalizer, short, variable, *solved)
    if folded is None:
        return None
    return simplest(candidates(normalizer, folded)).xreplace({SIZE.entry(): Abs(OUTPUT.entry())})


def _solve_kernel(
    normalizer: Normalizer, body: Any, variable: Entry, output: Any
) -> tuple[int, Fraction, Rational] | None:
    """The one atom that depends on the variable, the exponent in which it occurs, and its value in the output."""
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
    elif any(isinstance(normalizer.atoms[a], log) for a in atoms_of(inside.numerator)):
        # A sum with a logarithm: what it is the logarithm of may have the one exponential.
        value, inside = normalizer.normal(exp(output)), normalizer.normal(exp(body))
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
