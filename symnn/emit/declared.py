"""What operators declare about their own stability (`Stable`), proven before it is used.

Nothing has to be declared: laws are recognised in any formula, and sums of exponentials are shifted wherever they
occur. A declaration can offer a form that is cheaper; one that does not follow from the definition is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Symbol

from symnn.declare import Operator, registry
from symnn.emit.laws import X, holds
from symnn.formula.nodes import Call, Elementwise, Tensor, subformulas
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import inline, substitute_entries
from symnn.network.arrays import expression
from symnn.network.equations import Equation
from symnn.registry import DeclarationError


def declared_forms(equations: Iterable[Equation]) -> dict[Elementwise, Any]:
    """The safe forms that the elementwise operators of a network declare, in terms of their parameters.

    Raises DeclarationError for a declaration, of any operator of the network, that does not follow from its
    definition.
    """
    names: set[str] = set()
    functions: set[Elementwise] = set()
    for equation in equations:
        names |= {equation.use.operator} if equation.use is not None else set()
        functions |= {node.function for node in subformulas(equation.formula) if isinstance(node, Call)}
    found: dict[Elementwise, Any] = {}
    for name in sorted(names | {function.name for function in functions}):
        operator = registry.find(name)
        if operator is None or operator.stable is None:
            continue
        form = _checked(operator)
        if form is not None and operator.is_elementwise and operator.function in functions:
            found[operator.function] = form
    return found


_proven: dict[Any, Any] = {}


def _checked(operator: Operator) -> Any | None:
    """The declared form of an operator's result, or None; both declarations are proven, once."""
    key = (operator.definition, operator.stable)
    if key not in _proven:
        _proven[key] = _form(operator)
    return _proven[key]


def _form(operator: Operator) -> Any | None:
    stable = operator.stable
    assert stable is not None
    formula = operator.definition.result.formula
    for step in reversed(operator.definition.lets):
        formula = inline(formula, step.tensor, step.indices, step.formula)
    if stable.shift is not None:
        _check_shift(operator, formula, stable.shift)
    if stable.equal is None:
        return None
    constants = {constant.name: expression(constant.symbol) for constant in operator.constants}
    array = expression(stable.equal(*map(expression, operator.parameters), **constants)).array
    result = operator.definition.result
    form = array.at(*result.indices)
    if not (Normalizer().equal(formula, form) or _holds_for_one(operator, formula, form)):
        raise DeclarationError(f"{operator.name} is declared to be equal to {form}, but that does not follow")
    return form.xreplace({constant.symbol: Tensor(constant.name).entry() for constant in operator.constants})


def _check_shift(operator: Operator, formula: Any, parameter: str) -> None:
    """A number added to every entry of the parameter must change the result by itself, or not at all."""
    by = Symbol("shift", real=True)
    moved = substitute_entries(formula, lambda entry: entry + by if entry.tensor.name == parameter else None)
    normalizer = Normalizer()
    if not (normalizer.equal(moved, formula) or normalizer.equal(moved, formula + by)):
        raise DeclarationError(
            f"{operator.name} is declared to be stable under a shift of {parameter}, but its definition neither "
            "stays the same nor is shifted itself"
        )


def _holds_for_one(operator: Operator, formula: Any, form: Any) -> bool:
    """The same question for a function of one number, for either sign of it."""
    if len(operator.parameters) != 1 or operator.parameters[0].rank or operator.constants:
        return False
    (parameter,) = operator.parameters

    def in_x(side: Any) -> Any:
        return substitute_entries(side, lambda entry: X if entry.tensor == Tensor(parameter.name) else None)

    return holds(in_x(formula), in_x(form))
