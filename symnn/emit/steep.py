"""Steep functions of an argument that is rounded: the digits that rounding takes from it are made up for.

The logistic function of ``1.702 x`` is hundreds of units in the last place off where it is tiny, only because
``1.702 x`` is rounded. Where that costs more than a few units, the argument is computed again as the sum of two numbers, and
the difference counts with the slope: ``f(u + e) = f(u) + e f'(u)``. The slope is the derivative of f, by the rules of
the formula layer.

This is done for functions of one number whose argument is a polynomial in it. No function is known here by name: how
steep one is, and where, is measured (`symnn.emit.steepness`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sympy
from sympy import Abs, Mul, Poly, S, exp

from symnn.derive.elementwise import OUTPUT, elementwise_lemma
from symnn.emit.helpers import Lines, says
from symnn.emit.laws import LAWS, WEIGHTED, Law, W, X, proven
from symnn.emit.names import identifier
from symnn.emit.plan import Assignment
from symnn.emit.recognise import Recogniser
from symnn.emit.steepness import Sides, steep_sides
from symnn.emit.twofold import coefficient_code, is_rounded
from symnn.emit.vocabulary import EXPM1, variable
from symnn.formula.index import Index
from symnn.formula.nodes import Call, Elementwise, Entry, Maximum, Minimum, entries, subformulas
from symnn.formula.substitute import substitute_entries, transform

MAX_DEGREE = 8
PIECE = 8192
"""So many places are looked after at a time: small arrays stay in fast memory."""
SAYS = (
    "Where the function is steep, its argument has twice the digits: what rounding takes from it counts with the slope."
)
FUNCTIONS: dict[Elementwise, Any] = {EXPM1: exp(X) - 1, **{law.function: law.left for law in LAWS}}
"""The functions that stand in safe formulas, in the variable of the laws."""
KNOWN = (*LAWS, *WEIGHTED.values())
PLACE = variable("place")
"""The number of which an argument and a weight are polynomials."""


class Sharpener:
    """Puts functions of the module in the place of steep functions of rounded arguments; `laws` are these functions.

    A function that vanishes is taken together with the weight it is multiplied by, where that is a polynomial in the
    same number: the product may have all its digits where the function has not.
    """

    def __init__(self) -> None:
        self.laws: list[Law] = []
        self._known: dict[tuple[Any, Any, Any], Law | None] = {}

    def sharpened(self, equations: Iterable[Assignment]) -> list[Assignment]:
        """The equations with such functions, equal to the given ones."""
        return [replace(e, formula=transform(e.formula, self._visit)) for e in equations]

    def _visit(self, node: Any) -> Any | None:
        if isinstance(node, Mul):
            return self._product(node)
        found = _applied(node)
        if found is None:
            return None
        function, argument, entry = found
        law = self._law_for(function, argument, S.One)
        return None if law is None else Call(law.function, entry)

    def _product(self, product: Mul) -> Any | None:
        """A product of a function that vanishes and a weight."""
        calls = [f for f in product.args if isinstance(f, Call) and f.function in WEIGHTED]
        found = _applied(calls[0]) if len(calls) == 1 else None
        if found is None:
            return None
        function, argument, entry = found
        weights = [factor for factor in product.args if factor is not calls[0] and _is_weight(factor, entry)]
        if not weights:
            return None
        others = [transform(f, self._visit) for f in product.args if f is not calls[0] and f not in weights]
        law = self._law_for(function, argument, substitute_entries(Mul(*weights), lambda _: X))
        if law is not None:
            return Mul(*others, Call(law.function, entry))
        weighted = proven(WEIGHTED[calls[0].function])
        return Mul(*others, Call(weighted.function, *calls[0].arguments, Mul(*weights)))

    def _law_for(self, function: Any, argument: Any, weight: Any) -> Law | None:
        key = (function, argument, weight)
        if key not in self._known:
            self._known[key] = self._law(*key)
        return self._known[key]

    def _law(self, function: Any, argument: Any, weight: Any) -> Law | None:
        """The function of the module; None where none is needed, or the argument has a form that is not known."""
        coefficients = _coefficients(argument)
        codes = [coefficient_code(c, lambda symbol: identifier(str(symbol))) for c in coefficients or ()]
        pairs = [code for code in codes if code is not None]
        if not pairs or len(pairs) < len(codes):
            return None
        definition = _defined(function)
        sides = steep_sides(definition, argument)
        if sides is None:
            return None
        made = f"steep_{_name(function)}"
        others = sum(law.name.startswith(made) for law in self.laws)
        left = weight * substitute_entries(definition, lambda entry: argument)
        law = Law(
            f"{made}_{others + 1}" if others else made,
            left,
            None,
            SAYS,
            constants=tuple(sorted(left.free_symbols - X.free_symbols, key=str)),
            shared=("twofold", "quotient") if any("_quotient" in pair for pair in pairs) else ("twofold",),
            chooses=True,
        )
        weighs = weight is not S.One
        value = Call(WEIGHTED[function.function].function, X, W) if weighs else function
        slope = Recogniser().safe(_slope(definition, weighs))
        used = [node.function for part in (value, slope) for node in subformulas(part) if isinstance(node, Call)]
        lines = tuple(_lines(value, slope, argument, weight, pairs, sides, law))
        law = replace(law, needs=tuple(other.name for other in KNOWN if other.function in used), code=lambda: lines)
        self.laws.append(law)
        return law


def _of_number(formula: Any, entry: Entry) -> Any | None:
    """A formula of one number in the variable of the laws; None where it depends on anything else."""
    if entries(formula) != {entry}:
        return None
    found = substitute_entries(formula, lambda _: X)
    return None if any(isinstance(symbol, Index) for symbol in found.free_symbols) else found


def _applied(node: Any) -> tuple[Any, Any, Entry] | None:
    """A function of one number: the function and its argument in the variable of the laws, and the number."""
    if not (isinstance(node, exp) or (isinstance(node, Call) and node.function in FUNCTIONS)):
        return None
    read = entries(node)
    if len(read) != 1:
        return None
    (entry,) = read
    argument = _of_number(node.args[-1], entry)
    if argument is None:
        return None
    function = exp(X) if isinstance(node, exp) else Call(node.function, X)
    inner = _beneath(argument)
    if inner is not None:
        wrapped = argument.xreplace({inner: X})
        return substitute_entries(function, lambda _: wrapped), inner, entry
    return function, argument, entry


def _beneath(argument: Any) -> Any | None:
    """The polynomial p of ``min(p, 0)`` or ``-|p|``; None where the argument is another one."""
    _, factors = argument.as_coeff_mul()
    if len(factors) != 1 or not isinstance(factors[0], Abs | Minimum | Maximum):
        return None
    inner = [part for part in factors[0].args if entries(part)]
    return inner[0] if len(inner) == 1 and len(entries(factors[0])) == 1 else None


def _is_weight(factor: Any, entry: Entry) -> bool:
    """Whether a factor is a polynomial in the number that a function is taken of."""
    inside = _of_number(factor, entry)
    return inside is not None and _polynomial(inside) is not None


def _defined(function: Any) -> Any:
    """The function without the names of the laws."""
    if isinstance(function, Call):
        return substitute_entries(FUNCTIONS[function.function], lambda _: function.args[-1])
    return function


def _coefficients(argument: Any) -> list[Any] | None:
    """The coefficients of a polynomial that is rounded, that of 1 first; None for anything else."""
    polynomial = _polynomial(argument)
    if polynomial is None:
        return None
    found = list(reversed(polynomial.all_coeffs()))
    if not 2 <= len(found) <= MAX_DEGREE + 1:
        return None
    if len(found) == 2 and found[0] == 0 and not is_rounded(found[1]):
        return None
    return found


def _polynomial(formula: Any) -> Any | None:
    """A formula as a polynomial in the variable of the laws; None where it is none."""
    number = sympy.Dummy("x")
    replaced = formula.xreplace({X: number})
    return Poly(replaced, number) if not entries(replaced) and replaced.is_polynomial(number) else None


def _name(function: Any) -> str:
    """What the function is called in the name of the one that takes its place."""
    if not isinstance(function, Call):
        return "exp"
    return next((law.name for law in LAWS if law.function == function.function), "expm1")


def _slope(definition: Any, weighs: bool) -> Any:
    """The derivative of a function, in its value where that is there."""
    lemma = elementwise_lemma(Elementwise("f", ("x",), definition), 0)
    return lemma.plain if weighs or lemma.in_output is None else lemma.in_output


def _lines(
    value: Any, slope: Any, argument: Any, weight: Any, coefficients: list[str], sides: Sides, law: Law
) -> list[str]:
    """The function of the module."""
    names = [identifier(str(symbol)) for symbol in law.constants]
    lines = Lines("x", helpers=KNOWN)
    lines.compute("u", transform(argument, _literal))
    placed = substitute_entries(weight, lambda _: PLACE)
    lines.compute("y", substitute_entries(value, lambda entry: placed if entry == W else None), {X: "u", PLACE: "x"})
    correction = Lines("x_k", "u_k", "y_k", helpers=KNOWN)
    correction.compute("slope", slope * placed, {X: "u_k", PLACE: "x_k", OUTPUT.entry(): "y_k"})
    split = [name for name in names if any(f"{name}_numerator" in pair for pair in coefficients)]
    body = [
        *lines.written(),
        f"steep = np.flatnonzero({_condition(sides)})",
        "if not steep.size:",
        "    return y",
        *(f"{name}_numerator, {name}_denominator = float({name}).as_integer_ratio()" for name in split),
        "coefficients = (",
        *(f"    {pair}," for pair in reversed(coefficients)),
        ")",
        f"for places in np.array_split(steep, steep.size // {PIECE} + 1):",
        "    x_k, u_k, y_k = x.take(places), u.take(places), y.take(places)",
        "    first, second = _twofold(coefficients, x_k)",
        *(f"    {line}" for line in correction.written()),
        f"    np.put(y, places, y_k + ((first - u_k) + second) * {correction.names['slope']})",
        "return y",
    ]
    head = f"def _{law.name}({', '.join(['x', *names])}):"
    return [head, *(f"    {line}".rstrip() for line in (*says(law), *body))]


def _condition(sides: Sides) -> str:
    """Code for where help is needed; where the value is 0 or infinite there is nothing to help."""
    below, above = (None if edge is None else f"{edge:g}" for edge in (sides.below, sides.above))
    if sides.below is not None and sides.above is not None:
        outside = f"(np.abs(u) > {min(-sides.below, sides.above):g})"
    else:
        outside = f"(u < {below})" if above is None else f"(u > {above})"
    ends = [" & (y != 0)"] if sides.vanishes else []
    ends += [" & np.isfinite(y)"] if sides.grows else []
    return outside + "".join(ends)


def _literal(node: Any) -> Any | None:
    """The nearest float for a number that is a product of roots: computed step by step it is less exact."""
    if isinstance(node, Mul):
        numbers = [factor for factor in node.args if factor.is_number]
        if not Mul(*numbers).is_Rational:
            rest = [transform(factor, _literal) for factor in node.args if not factor.is_number]
            return Mul(sympy.Float(Mul(*numbers).evalf(30), 17), *rest)
    return None
