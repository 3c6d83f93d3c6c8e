"""Numbers made of sizes, hyperparameters and constants as Python code.

Everything is Python's own arithmetic: a Python number does not widen the float32 array it meets, a NumPy number would.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Add, Mul, Pow

from symnn.emit.errors import EmitError
from symnn.emit.vocabulary import CLASSES, FUNCTIONS
from symnn.formula.index import LayerSize
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Cases,
    Compare,
    Delta,
    Inside,
    Maximum,
    Minimum,
)
from symnn.formula.substitute import unfold

COMPARE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)
"""How tightly a piece of code binds."""


def number_text(formula: Any, size: Callable[[Any], str]) -> tuple[str, int]:
    """A number of sizes, hyperparameters and constants as Python code, and how tightly it binds.

    Everything is Python's own arithmetic, so that no NumPy number widens a float32 array.

    >>> number_text(sympy.Rational(1, 3) / sympy.sqrt(sympy.Symbol("n")), str)
    ('1 / (3 * n**0.5)', 2)
    """
    if isinstance(formula, sympy.Integer):
        return str(formula), ATOM if formula >= 0 else SIGN
    if isinstance(formula, sympy.Rational):
        return _fraction_text(formula)
    if isinstance(formula, sympy.Float):
        return repr(float(formula)), ATOM if formula >= 0 else SIGN
    if formula is sympy.pi:
        return "np.pi", ATOM
    if formula is sympy.E:
        return "np.e", ATOM
    if isinstance(formula, sympy.Symbol):
        return size(formula), ATOM
    if isinstance(formula, LayerSize):
        return size(formula), ATOM
    if isinstance(formula, Add):
        shown = ""
        for term in sorted(formula.args, key=lambda t: (_negative(t), t.is_number)):
            text, level = number_text(-term if _negative(term) else term, size)
            text = f"({text})" if level < PRODUCT else text
            shown += (f" {'-' if _negative(term) else '+'} " if shown else "-" if _negative(term) else "") + text
        return shown, SUM
    if isinstance(formula, Mul):
        return _product_text(formula, size)
    if isinstance(formula, Pow):
        if _negative(formula.exp):
            return _product_text(formula, size)
        base, level = number_text(formula.base, size)
        exponent = "0.5" if formula.exp is sympy.S.Half else _tight(number_text(formula.exp, size), ATOM)
        simple = base.replace(".", "").isidentifier() or base.isdigit()
        plain = exponent.replace(".", "").isalnum()
        return f"{_tight((base, level), ATOM)}{'**' if simple and plain else ' ** '}{exponent}", POWER
    return _function_text(formula, size)


def _function_text(formula: Any, size: Callable[[Any], str]) -> tuple[str, int]:
    def text(part: Any) -> str:
        return number_text(part, size)[0]

    match formula:
        case sympy.floor():
            above, below = sympy.together(formula.args[0]).as_numer_denom()
            return f"{_tight(number_text(above, size), PRODUCT)} // {_tight(number_text(below, size), ATOM)}", PRODUCT
        case Maximum() | Minimum():
            name = "max" if isinstance(formula, Maximum) else "min"
            return f"{name}({text(formula.args[0])}, {text(formula.args[1])})", ATOM
        case Bracket():
            return f"float({_condition_text(formula.condition, size)})", ATOM
        case Inside():
            return f"float(0 <= {text(formula.position)} < {text(formula.length)})", ATOM
        case Delta():
            return f"float({text(formula.difference)} == 0)", ATOM
        case Cases():
            shown = "".join(f"{text(v)} if {_condition_text(c, size)} else " for c, v in formula.branches)
            return f"({shown}{text(formula.default)})", ATOM
        case Call() if formula.function not in FUNCTIONS and formula.function.body is not None:
            return number_text(unfold(formula), size)
    argument = formula.args[-1]
    name = FUNCTIONS[formula.function] if isinstance(formula, Call) else CLASSES.get(type(formula), "")
    if not name:
        raise EmitError(f"NumPy has no function for {type(formula).__name__}, which occurs in {formula}")
    return f"float(np.{name}({text(argument)}))", ATOM


def _condition_text(condition: Any, size: Callable[[Any], str]) -> str:
    if isinstance(condition, AllOf):
        return " and ".join(_condition_text(part, size) for part in condition.args)
    if not isinstance(condition, Compare):
        raise EmitError(f"not a condition: {condition}")
    sides = [_tight(number_text(side, size), SUM) for side in (condition.left, condition.right)]
    return f"{sides[0]} {condition.operator} {sides[1]}"


def _fraction_text(value: sympy.Rational) -> tuple[str, int]:
    decimal = repr(float(value))
    exact = sympy.Rational(decimal) == value
    if exact and len(decimal) < 12:
        return decimal, ATOM if value >= 0 else SIGN
    return f"{value.p} / {value.q}", PRODUCT


def _product_text(formula: Any, size: Callable[[Any], str]) -> tuple[str, int]:
    if _negative(formula):
        text = _tight(number_text(-formula, size), PRODUCT)
        return f"-{text}", SIGN
    top, bottom = formula.as_numer_denom()
    parts = []
    for side in (top, bottom):
        texts = [_tight(number_text(f, size), POWER) for f in Mul.make_args(side) if f is not sympy.S.One]
        parts.append(" * ".join(texts))
    above, below = parts
    if not below:
        return above, PRODUCT
    return f"{above or '1'} / {f'({below})' if ' * ' in below else below}", PRODUCT


def _tight(shown: tuple[str, int], level: int) -> str:
    return f"({shown[0]})" if shown[1] < level else shown[0]


def _negative(term: Any) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)
