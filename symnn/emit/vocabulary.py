"""NumPy's functions, each with the definition that says what it computes.

They are elementwise functions of the formula layer, so that a law that uses them is proven, evaluated and printed like
any other formula. What SymPy has already (``exp``, ``log``, ``Abs``, ...) is listed by class.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import exp, log

from symnn.formula.nodes import Call, Elementwise, Tensor


def variable(name: str) -> Any:
    """A scalar that stands for any formula: the parameter of a function, the variable of a law."""
    return Tensor(name).entry()


_x = variable("x")

TANH = Elementwise("numpy.tanh", ("x",), (exp(_x) - exp(-_x)) / (exp(_x) + exp(-_x)))
EXPM1 = Elementwise("numpy.expm1", ("x",), exp(_x) - 1)
LOG1P = Elementwise("numpy.log1p", ("x",), log(1 + _x))

FUNCTIONS: dict[Elementwise, str] = {TANH: "tanh", EXPM1: "expm1", LOG1P: "log1p"}
"""Functions of NumPy that SymPy does not have in this form, by their definition."""

CLASSES: dict[type, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Abs: "abs",
    sympy.sign: "sign",
    sympy.sin: "sin",
    sympy.cos: "cos",
}
"""Functions of SymPy that NumPy has under its own name."""


def tanh(x: Any) -> Any:
    """``np.tanh``."""
    return Call(TANH, x)


def expm1(x: Any) -> Any:
    """``np.expm1``: accurate where the exponential is close to 1."""
    return Call(EXPM1, x)


def log1p(x: Any) -> Any:
    """``np.log1p``: accurate where the argument is close to 0."""
    return Call(LOG1P, x)
