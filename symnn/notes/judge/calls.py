"""Functions in claims: elementary ones, declared operators, those that the document defines, and unknown ones."""

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
from symnn.formula.index import Index
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Compare,
    Delta,
    Elementwise,
    Extreme,
    Maximum,
    Minimum,
    Tensor,
    Total,
)
from symnn.network.arrays import Expression, expression
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.products import product
from symnn.notes.judge.values import Value, best, combined, scalar
from symnn.notes.read.functions import ELEMENTARY, operator_named
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.shapes import Clash
from symnn.notes.read.symbols import Definition, is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.reader import ClaimReader, Scope

REDUCTIONS = frozenset(["sum", "mean", "tr", "trace", "Tr", "diag", "max", "min", "norm", "square", "abs", "prod"])
FUNCTION_LETTERS = frozenset(["f", "g", "F", "G", "phi", "psi", "Phi", "Psi", "sigma", "varphi"])
EXPECTATIONS = frozenset(["E", "P", "Pr", "Var", "Cov", "p"])
WORDS = ("text", "mathrm", "operatorname", "mathsf", "mathit", "mathtt", "textrm")


def bracket_of(node: Node | None) -> Node | None:
    """The round or square bracket that a factor is, without its scripts."""
    while isinstance(node, t.Script):
        node = node.base
    return node if isinstance(node, t.Group | t.Sequence) and node.left in ("(", "[") else None


def arguments_in(bracket: Node) -> tuple[Node, ...]:
    """What stands in a bracket, separated by commas or semicolons."""
    if isinstance(bracket, t.Group):
        return (bracket.body,)
    assert isinstance(bracket, t.Sequence)
    items: list[Node] = []
    for item in bracket.items:
        items.extend(item.items if isinstance(item, t.Sequence) and not item.left else (item,))
    return tuple(items)


def function_key(reader: ClaimReader, parts: Parts) -> Key:
    """The name of a function, without its primes and raised parts."""
    bare = Parts(parts.base, parts.accents, 0, parts.subs, ())
    return reader.world.table.labelled(bare) or parts.key


def is_head(reader: ClaimReader, node: Node, following: Node | None, scope: Scope) -> bool:
    """Whether a factor of a product is a function and the factor after it its argument."""
    parts = parts_of(node)
    if isinstance(node, t.Number) and node.text == "1":
        return isinstance(bracket_of(following), t.Group) and _holds_relation(following)
    if parts is None or following is None:
        return False
    table = reader.world.table
    key = replace(function_key(reader, parts), primes=0)
    bracket = bracket_of(following)
    if key in scope.parameters or (key.base in scope.letters and not parts.primes):
        return False
    if key in table.functions or key in table.unknown_functions:
        return bracket is not None
    if key in reader.world.tensors and isinstance(bracket, t.Sequence) and not parts.primes:
        return _spells_out(reader, key, bracket)
    if key in reader.world.symbols or (key in reader.world.tensors and not parts.primes):
        return False
    base = parts.key.base
    if parts.primes and bracket is not None:
        return True
    if base in EXPECTATIONS and bracket is not None and (bracket.left == "[" or _holds_relation(bracket)):
        return True
    if base in ELEMENTARY or base in REDUCTIONS or operator_named(replace(parts, primes=0)) is not None:
        if parts.accents:
            return False
        return bracket is not None or (len(base) > 1 and base != "sigma")
    if bracket is None or bracket.left == "[":
        return False
    if isinstance(bracket, t.Sequence):
        return True
    word = len(base) > 1 and parts.base.font in WORDS
    return word or (base in FUNCTION_LETTERS and not parts.accents)


def _spells_out(reader: ClaimReader, key: Key, bracket: t.Sequence) -> bool:
    """Whether a bracket only says what a value depends on: ``C(y, t)`` for the C that is made of y and t."""
    tensor = reader.world.tensors[key]
    if tensor not in reader.world.equations:
        return False
    below = reader.world.closure([tensor])
    for item in arguments_in(bracket):
        parts = parts_of(item)
        own = None if parts is None else reader.world.table.labelled(parts)
        if own is None or reader.world.tensors.get(own) not in below:
            return False
    return True


def _holds_relation(bracket: Node) -> bool:
    return any(isinstance(part, t.Relation | t.Given) for part in walk(bracket))


def product_of(reader: ClaimReader, node: t.Product, scope: Scope) -> list[Value]:
    """The values of a product, with calls put together."""
    if node.operator not in ("juxtaposed", "cdot", "times", "ast", "odot", "circ", "otimes", "matmul"):
        raise NotUnderstood(f"the product sign {node.operator} is not understood")
    if node.operator == "juxtaposed":
        change = _differential(reader, node, scope)
        if change is not None:
            return change
    parts = (
        units(reader, node.factors, scope)
        if node.operator == "juxtaposed"
        else [reader.read(f, scope) for f in node.factors]
    )
    result = parts[0]
    for values in parts[1:]:
        result = product(node.operator, result, values, strict=reader.conventions.strict)
    return result


def units(reader: ClaimReader, factors: Sequence[Node], scope: Scope) -> list[list[Value]]:
    """The factors of a juxtaposed product, with each function and its argument as one."""
    found: list[list[Value]] = []
    place = 0
    while place < len(factors):
        node = factors[place]
        following = factors[place + 1] if place + 1 < len(factors) else None
        if not is_head(reader, node, following, scope):
            found.append(reader.read(node, scope))
            place += 1
            continue
        assert following is not None
        bracket = bracket_of(following)
        arguments = (following,) if bracket is None else arguments_in(bracket)
        parts = parts_of(node)
        if parts is None:
            assert isinstance(arguments[0], t.Relation)
            values = [_indicator(reader, arguments[0], scope)]
        else:
            values = apply(reader, parts, arguments, scope)
        scripts: list[t.Script] = []
        top: Node = following
        while bracket is not None and isinstance(top, t.Script):
            scripts.append(top)
            top = top.base
        for script in reversed(scripts):
            if script.sub is not None:
                raise NotUnderstood("an index below a call is not understood")
            if script.sup is not None:
                values = reader.raised(values, script.sup, scope)
        found.append(values)
        place += 2
    return found


def _differential(reader: ClaimReader, node: t.Product, scope: Scope) -> list[Value] | None:
    """``dW`` for the gradient of the loss by W, where nothing else is called d."""
    from symnn.notes.judge import derivatives

    head = node.factors[0]
    if len(node.factors) != 2 or not isinstance(head, t.Name) or head.base != "d" or head.accents:
        return None
    if Key("d") in reader.world.tensors or Key("d") in reader.world.symbols:
        return None
    return derivatives.of_loss(reader, node.factors[1], scope)


def call(reader: ClaimReader, node: t.Call, scope: Scope) -> list[Value]:
    """A head that can only be a function. A loose argument may end before its last factor."""
    head = parts_of(node.head)
    if head is None:
        raise NotUnderstood("a function that is not understood")
    inner = node.arguments[0] if len(node.arguments) == 1 else None
    if node.loose and isinstance(inner, t.Product) and not _is_one_call(reader, inner, scope):
        raise NotUnderstood("where the argument of the function ends is not certain")
    return apply(reader, head, node.arguments, scope)


def _is_one_call(reader: ClaimReader, node: t.Product, scope: Scope) -> bool:
    """``σ(x)``: a function with its bracket, and nothing else."""
    two = node.operator == "juxtaposed" and len(node.factors) == 2
    return two and bracket_of(node.factors[1]) is not None and is_head(reader, node.factors[0], node.factors[1], scope)


def apply(reader: ClaimReader, head: Parts, arguments: Sequence[Node], scope: Scope) -> list[Value]:
    """A function with its arguments, its primes and its powers."""
    values = _applied(reader, head, arguments, scope)
    for sup in head.sups:
        if is_transpose(sup):
            raise NotUnderstood("is the function or its value transposed?")
        values = reader.raised(values, sup, scope)
    return values


def _applied(reader: ClaimReader, head: Parts, arguments: Sequence[Node], scope: Scope) -> list[Value]:
    table = reader.world.table
    key = replace(function_key(reader, head), primes=0)
    primes = head.primes
    if key.base in EXPECTATIONS and not (key in table.functions or key in table.definitions):
        raise NotUnderstood("a probability or an expectation is not understood")
    defined = table.nearest(table.functions, key, reader.world.section)
    if defined:
        return _own(reader, key, defined[0], arguments, primes, scope)
    spelled = reader.world.tensors.get(key)
    if spelled is not None and len(arguments) > 1 and not primes:
        reader.touched.add(spelled)
        return [Value(Array.of(spelled))]
    base = head.key.base
    if base in ELEMENTARY and not head.accents and key not in table.unknown_functions:
        return _elementary(reader, base, head, arguments, primes, scope)
    if base in REDUCTIONS and not primes:
        return _reduction(reader, base, arguments, scope)
    operator = operator_named(replace(head, primes=0)) if not head.subs else None
    if operator is not None and key not in table.unknown_functions:
        return _operator(reader, operator, arguments, primes, scope)
    if len(arguments) == 1:
        values = reader.read(arguments[0], scope)
        found = _by_operator_letter(reader, base, values, primes)
        unknown = Elementwise(key.identifier, ("x",), None, primes)
        reader.touched.add(key.identifier)
        kept = reader.entrywise(lambda x: Call(unknown, x), [values])
        return best([*found, *(v.costing(1, f"{key} is any function") for v in kept)])
    return [_unknown_of_several(reader, key, arguments, primes)]


def _by_operator_letter(reader: ClaimReader, base: str, values: list[Value], primes: int) -> list[Value]:
    """``σ`` of which the document does not say what it is: the logistic function."""
    from symnn.declare import registry

    if base != "sigma":
        return []
    operator = registry.find("sigmoid")
    if operator is None:
        return []
    function = primed(operator.function, primes)
    return reader.entrywise(lambda x: Call(function, x), [values])


def _unknown_of_several(reader: ClaimReader, key: Key, arguments: Sequence[Node], primes: int) -> Value:
    """``l(o, t)`` with an unknown l: the name that the document gave this value, if it gave one."""
    if primes:
        raise NotUnderstood(f"a prime on {key}, which has several arguments")
    called = tuple(arguments)
    for definitions in reader.world.table.definitions.values():
        for definition in definitions:
            from symnn.notes.read.symbols import call_parts

            found = call_parts(definition.links[0].node)
            if found is None or found[1] != called or replace(function_key(reader, found[0]), primes=0) != key:
                continue
            tensor = reader.world.tensors.get(definition.key)
            if tensor is not None and not definition.indices:
                return Value(Array.of(tensor))
    raise NotUnderstood(f"the function {key} is not known")


def primed(function: Elementwise, primes: int) -> Elementwise:
    """The derivative of a function of one variable, as a function. Raises NotUnderstood for another."""
    if not primes:
        return function
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


def _indicator(reader: ClaimReader, relation: t.Relation, scope: Scope) -> Value:
    parts = reader.comparisons(relation, scope)
    if any(left.rank or right.rank for _, left, right in parts):
        raise NotUnderstood("an indicator of arrays")
    held = [Compare(operator, left.array.body, right.array.body) for operator, left, right in parts]
    return scalar(Bracket(held[0] if len(held) == 1 else AllOf(*held)))


def _elementary(
    reader: ClaimReader, name: str, head: Parts, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    function: Any = ELEMENTARY[name]
    if len(arguments) != 1:
        raise NotUnderstood(f"{name} takes one argument")
    if primes:
        made = primed(Elementwise(name, ("x",), function(Tensor("x").entry())), primes)
        function = lambda x: Call(made, x)  # noqa: E731
    values = reader.entrywise(function, [reader.read(arguments[0], scope)])
    if not head.subs:
        return values
    base = head.subs[0]
    if name != "log" or not isinstance(base, t.Number):
        raise NotUnderstood(f"a lowered part of {name} that is not understood")
    divisor = sympy.log(sympy.Integer(int(base.text)))
    return reader.entrywise(lambda value: value / divisor, [values])


def _reduction(reader: ClaimReader, name: str, arguments: Sequence[Node], scope: Scope) -> list[Value]:
    parts = [reader.read(argument, scope) for argument in arguments]
    if name == "prod":
        return reduce(lambda a, b: product("juxtaposed", a, b, strict=reader.conventions.strict), parts)
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


def _operator(
    reader: ClaimReader, operator: Operator, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """A declared operator; also with its constants after the other arguments."""
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


def _own(
    reader: ClaimReader, key: Key, definition: Definition, arguments: Sequence[Node], primes: int, scope: Scope
) -> list[Value]:
    """A function that the document defines."""
    parameters = definition.parameters or ()
    if len(parameters) != len(arguments):
        raise NotUnderstood(f"{key} takes {len(parameters)} arguments, not {len(arguments)}")
    written = tuple(parameter.node for parameter in parameters)
    tensor = reader.world.tensors.get(key)
    if not primes and written == tuple(arguments) and tensor is not None and tensor in reader.world.equations:
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
    from symnn.notes.judge.derivatives import differentiated

    return [differentiated(reader, Value(Array.of(tensor)), [(by, None)] * primes, constant_leaves=False)]


def closed(reader: ClaimReader, key: Key, definition: Definition) -> Elementwise | None:
    """The function as a named function of scalars; None when its body mentions anything but its parameters."""
    from symnn.notes.read.expressions import Reader
    from symnn.notes.read.functions import closed_function

    try:
        return closed_function(Reader(reader.world.model), key, definition)
    except (SymnnError, Clash, ValueError):
        return None


__all__ = ["Index", "apply", "call", "combined", "product_of", "units"]
