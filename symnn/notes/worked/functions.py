"""Functions of numbers: elementary ones and declared operators, and what is done with whole formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from symnn.declare import exact, registry
from symnn.formula.nodes import Call, Maximum, Minimum, Tensor, tensors
from symnn.formula.substitute import substitute_entries
from symnn.notes.read.expressions.functions import ELEMENTARY
from symnn.notes.worked.errors import Unclear

MAX_SIZE = 4000
_LOG = re.compile(r"log_?([2-9]|[1-9]\d{1,3})")
Function = Callable[..., Any]


def symbol(name: str) -> Any:
    """The number of this name in a formula."""
    return Tensor(name).entry()


def names_in(formula: Any) -> set[str]:
    """The names that a formula mentions."""
    return {tensor.name for tensor in tensors(formula)}


def put(formula: Any, values: Mapping[str, Any]) -> Any:
    """The formula with values put in for names, all at once."""
    return substitute_entries(formula, lambda entry: values.get(entry.tensor.name), closed=True)


def known_function(name: str) -> Function | None:
    """An elementary function, or a declared operator on numbers."""
    if name in ELEMENTARY:
        return ELEMENTARY[name]
    if name in ("max", "min"):
        return _folded(Maximum if name == "max" else Minimum)
    base = _LOG.fullmatch(name)
    if base is not None:
        return lambda x: sympy.log(x) / sympy.log(int(base[1]))
    if len(name) == 1:
        return None
    found = registry.find(name)
    if found is None or not found.is_elementwise or any(c.default is None for c in found.constants):
        return None
    function = found.function
    constants = [exact(constant.default) for constant in found.constants]
    return lambda *arguments: Call(function, *arguments, *constants)


def _folded(kind: Any) -> Function:
    def apply(*arguments: Any) -> Any:
        if len(arguments) < 2:
            raise Unclear("the largest of what is not said")
        result = arguments[0]
        for argument in arguments[1:]:
            result = kind(result, argument)
        return result

    return apply


def called(function: Function, arguments: Sequence[Any], name: str) -> Any:
    """A function at its arguments. Raises Unclear when it takes others."""
    try:
        return function(*arguments)
    except (TypeError, ValueError) as error:
        raise Unclear(f"{name} with {len(arguments)} arguments: {error}") from None


def sized(formula: Any) -> Any:
    """The formula itself. Raises Unclear when it has grown too large to work with."""
    count = 0
    stack = [formula]
    while stack:
        top = stack.pop()
        count += 1
        if count > MAX_SIZE:
            raise Unclear("the formula is too large")
        stack.extend(top.args)
    return formula
