"""Functions that claims apply: elementary ones, reductions, declared operators, and those that the document defines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import sympy

from symnn.declare import Operator
from symnn.errors import SymnnError
from symnn.formula.application import Array, ShapeError
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.nodes import (
    Call,
    Delta,
    Elementwise,
    Extreme,
    Maximum,
    Minimum,
    Tensor,
    Total,
)
from symnn.network.arrays import Expression, expression, log_determinant
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.reading.blocks import family
from symnn.notes.judge.reading.products import product
from symnn.notes.judge.reading.trail import Taken, record
from symnn.notes.judge.reading.values import Value, best, fresh, scalar
from symnn.notes.read.expressions.functions import ELEMENTARY
from symnn.notes.read.expressions.matrices import determined
from symnn.notes.read.expressions.own_functions import is_standard
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.symbols import Definition

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope

REDUCTIONS = frozenset([
    "sum", "mean", "tr", "trace", "Tr", "diag", "max", "min", "norm", "square", "abs", "prod", "rowsum", "colsum",
])  # fmt: skip


def primed(function: Elementwise, primes: int) -> Elementwise:
    """The derivative of a function of one variable, as a function. Raises NotUnderstood for another."""
    if not primes:
        return function
    record(Taken(function))
    if function.body is None:
        for _ in range(primes):
            function = function.prime()
        return function
    if len(function.parameters) != 1:
        raise NotUnderstood(f"a prime on {function.name}, which has several arguments")
    body = function.body
    variable = Tensor(function.parameters[0]).entry()
    try:
        for _ in range(primes):
            body = differentiate(body, variable)
    except DifferentiationError as error:
        raise NotUnderstood(str(error)) from None
    return Elementwise(function.name + "'" * primes, function.parameters, body)


def elementary(
    reader: ClaimReader, name: str, head: Parts, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """``exp``, ``log_2`` and their like, entry by entry."""
    function: Any = ELEMENTARY[name]
    if len(arguments) != 1:
        raise NotUnderstood(f"{name} takes one argument")
    if primes:
        made = primed(Elementwise(name, ("x",), function(Tensor("x").entry())), primes)
        function = lambda x: Call(made, x)  # noqa: E731
    matrix = determined(arguments[0]) if name in ("log", "ln") and not primes and not head.subs else None
    if matrix is not None:
        return _log_determinants(reader.read(matrix, scope))
    values = reader.entrywise(function, [reader.read(arguments[0], scope)])
    if not head.subs:
        return values
    base = head.subs[0]
    if name != "log" or not isinstance(base, t.Number):
        raise NotUnderstood(f"a lowered part of {name} that is not understood")
    divisor = sympy.log(sympy.Integer(int(base.text)))
    return reader.entrywise(lambda value: value / divisor, [values])


def _log_determinants(values: Sequence[Value]) -> list[Value]:
    found = [value for value in values if value.rank == 2 and value.shape[0] == value.shape[1]]
    if not found:
        raise DoesNotFit("the determinant of what is no square matrix")
    return [Value(log_determinant(Expression(value.array)).array, cost=value.cost) for value in found]


def reduction(reader: ClaimReader, name: str, arguments: Sequence[Node], scope: Scope) -> list[Value]:
    """``sum``, ``tr``, ``diag``, ``max`` and their like, which look at all entries together."""
    parts = [reader.read(argument, scope) for argument in arguments]
    if name == "prod":
        return reduce(
            lambda a, b: product(
                "juxtaposed", a, b, strict=reader.conventions.strict, rows=reader.conventions.columns is False
            ),
            parts,
        )
    if name in ("max", "min") and len(parts) > 1:
        larger: Any = Maximum if name == "max" else Minimum
        return reduce(lambda a, b: reader.entrywise(larger, [a, b]), parts)
    if len(parts) != 1:
        raise NotUnderstood(f"{name} takes one argument")
    if name == "square":
        return reader.entrywise(lambda x: x**2, [parts[0]])
    if name == "abs":
        return reader.entrywise(sympy.Abs, [parts[0]])
    found = [value for value in (_reduced(name, value) for value in parts[0]) if value is not None]
    if not found:
        raise DoesNotFit(f"{name} of a number")
    return found


def _reduced(name: str, value: Value) -> Value | None:
    body, indices = value.array.body, value.array.indices
    if name in ("tr", "trace", "Tr"):
        if value.rank != 2 or value.shape[0] != value.shape[1]:
            return None
        index = indices[0].fresh()
        return replace(scalar(Total(value.array.at(index, index), index)), cost=value.cost)
    if name == "diag":
        if value.rank == 1:
            i, j = indices[0].fresh(), indices[0].fresh()
            return Value(Array((i, j), value.array.at(i) * Delta(i, j)), None, "", value.cost)
        if value.rank == 2 and value.shape[0] == value.shape[1]:
            index = indices[0].fresh()
            return Value(Array((index,), value.array.at(index, index)), None, "", value.cost)
        return None
    if value.rank == 0:
        return None
    if name in ("rowsum", "colsum"):
        if value.rank != 2:
            return None
        first, second = fresh(indices)
        own, other, turn = (first, second, "column") if name == "rowsum" else (second, first, "row")
        return Value(Array((own,), Total(value.array.at(first, second), other)), None, turn, value.cost)
    if name in ("max", "min"):
        inner = body if name == "max" else -body
        for index in reversed(indices):
            inner = Extreme(inner, index)
        return replace(scalar(inner if name == "max" else -inner), cost=value.cost)
    inner = body**2 if name == "norm" else body
    for index in reversed(indices):
        inner = Total(inner, index)
    if name == "mean":
        inner = inner / sympy.Mul(*value.shape)
    return replace(scalar(sympy.sqrt(inner) if name == "norm" else inner), cost=value.cost)


def operator(
    reader: ClaimReader, operator: Operator, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """A declared operator; an associative one with any number of arguments."""
    if operator.associative and len(arguments) > len(operator.parameters) and not primes:
        laid_out = family(reader, arguments, scope) if operator.name == "concat" else None
        if laid_out is not None:
            return laid_out
        parts = [reader.read(argument, scope) for argument in arguments]
        return reduce(lambda left, right: _operated(operator, [left, right]), parts)
    if len(arguments) != len(operator.parameters):
        raise NotUnderstood(f"{operator.name} takes {len(operator.parameters)} arguments, not {len(arguments)}")
    parts = [reader.read(argument, scope) for argument in arguments]
    if operator.is_elementwise and len(parts) == 1:
        constants = [c.symbol if c.default is None else sympy.sympify(c.default) for c in operator.constants]
        function = operator.function
        if primes:
            if constants:
                raise NotUnderstood(f"a prime on {operator.name}, which has constants")
            function = primed(function, primes)
        return reader.entrywise(lambda x: Call(function, x, *constants), [parts[0]])
    if primes:
        raise NotUnderstood(f"a prime on {operator.name}")
    return _operated(operator, parts)


def _operated(operator: Operator, parts: Sequence[Sequence[Value]]) -> list[Value]:
    """The values of an operator for those combinations of its arguments that fit."""
    found = []
    for combination in _combinations(parts):
        try:
            result: Expression = operator(*[expression(value.array) for value in combination])
        except (ShapeError, SymnnError):
            continue
        turn = combination[0].turn if result.array.rank == combination[0].rank else ""
        found.append(Value(result.array, None, turn, sum(v.cost for v in combination)))
    if not found:
        raise DoesNotFit(f"the shapes do not fit {operator.name}")
    return best(found)


def _combinations(parts: Sequence[Sequence[Value]]) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = [()]
    for values in parts:
        rows = [(*row, value) for row in rows for value in values][:16]
    return rows


def own(
    reader: ClaimReader, key: Key, definition: Definition, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """A function that the document defines."""
    parameters = definition.parameters or ()
    if len(parameters) != len(arguments):
        raise NotUnderstood(f"{key} takes {len(parameters)} arguments, not {len(arguments)}")
    written = tuple(parameter.node for parameter in parameters)
    tensor = reader.world.tensors.get(key)
    whole = not primes and written == tuple(arguments) and not is_standard(key)
    if whole and tensor is not None and tensor in reader.world.equations:
        return [Value(Array.of(tensor))]
    function = closed(reader, key, definition)
    if function is not None:
        parts = [reader.read(argument, scope) for argument in arguments]
        made = primed(function, primes)
        if len(parts) == 1:
            return reader.entrywise(lambda x: Call(made, x), [parts[0]])
        if all(values[0].rank == 0 for values in parts):
            return [scalar(Call(made, *[values[0].array.body for values in parts]))]
        raise NotUnderstood(f"{key} of arrays is not understood")
    if primes:
        return _primed_by_parameter(reader, key, definition, arguments, primes, scope)
    bound = {}
    for parameter, argument in zip(parameters, arguments, strict=True):
        parts_ = parts_of(parameter.node)
        name = None if parts_ is None else reader.world.table.labelled(parts_)
        if name is None:
            raise NotUnderstood(f"a parameter of {key} that is not understood")
        bound[name] = reader.read(argument, scope)[0]
    inner = replace(scope, parameters={**scope.parameters, **bound})
    return reader.read(definition.links[0].node, inner.deeper())


def _primed_by_parameter(
    reader: ClaimReader, key: Key, definition: Definition, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """``l'(θ)`` where the body of l mentions other names as well: the derivative by θ."""
    parameters = definition.parameters or ()
    tensor = reader.world.tensors.get(key)
    if len(parameters) != 1 or tensor is None or tuple(arguments) != (parameters[0].node,):
        raise NotUnderstood(f"a prime on {key}, which is not a function of one variable alone")
    parts = parts_of(parameters[0].node)
    name = None if parts is None else reader.world.table.labelled(parts)
    by = None if name is None else reader.world.tensors.get(name)
    if by is None or by.rank:
        raise NotUnderstood(f"a prime on {key} by an array")
    from symnn.notes.judge.gradients.derivatives import Target, differentiated

    return [differentiated(reader, Value(Array.of(tensor)), [Target(by, None)] * primes, constant_leaves=False)]


def closed(reader: ClaimReader, key: Key, definition: Definition) -> Elementwise | None:
    """The function as a named function of scalars; None when its body mentions anything but its parameters."""
    from symnn.notes.read.expressions.expressions import Reader
    from symnn.notes.read.expressions.own_functions import closed_function

    try:
        return closed_function(Reader(reader.world.model), key, definition)
    except (SymnnError, Clash, ValueError):
        return None
