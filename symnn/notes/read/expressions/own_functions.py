"""Functions that a document defines: values of other values, or functions of numbers that act entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from symnn.declare import registry
from symnn.formula.nodes import Call, Elementwise, Tensor
from symnn.formula.normal import Normalizer
from symnn.network.arrays import Expression, expression
from symnn.notation.traverse import walk
from symnn.notation.tree import Name, Node
from symnn.notes.read.expressions.functions import ELEMENTARY, REDUCTIONS, operator_named
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.shapes.terms import Term
from symnn.notes.read.symbols import Definition

if TYPE_CHECKING:
    from symnn.notes.read.expressions.arithmetic import Arithmetic
    from symnn.notes.read.scope import Scope


def own(
    reader: Arithmetic, key: Key, definition: Definition, arguments: Sequence[Node], scope: Scope, spot: Spot
) -> Term:
    """A function that the document defines."""
    from symnn.notes.read.scope import Scope as ScopeClass

    parameters = definition.parameters or ()
    if len(parameters) != len(arguments):
        raise spot.error(
            f"{key} takes {len(parameters)} arguments, not {len(arguments)}",
            related=[(f"{key} is defined here", definition.statement.spot)],
        )
    written = tuple(parameter.node for parameter in parameters)
    standard = is_standard(key) and closed_function(reader, key, definition) is not None
    if written == tuple(arguments) and not standard and all(_is_value(reader, node) for node in written):
        node = definition.node
        variable = reader.model.variable(key, node, spot, scope.section)
        return Term(variable.shape, lambda: expression(variable.tensor(reader.solver)), spot, variable)
    terms = [reader.read(argument, scope) for argument in arguments]
    function = closed_function(reader, key, definition)
    if function is not None:
        term = reader.entrywise(lambda *bodies: Call(function, *bodies), terms, spot)
        term.number = None
        return term
    keys = [parts.key for node in written if (parts := parts_of(node)) is not None]
    body = definition.links[0]
    inner = ScopeClass(body.passage, definition.section, {}, dict(zip(keys, terms, strict=True)))
    reader.model.calls.append(key)
    try:
        return reader.read(body.node, inner)
    finally:
        reader.model.calls.pop()


def is_standard(key: Key) -> bool:
    """Whether a name is that of a declared function of one number, which acts entry by entry whatever its argument is called."""
    operator = None if key.labels or key.accents or key.primes else registry.find(key.base)
    return operator is not None and operator.is_elementwise and len(key.base) > 1


def _is_value(reader: Arithmetic, node: Node) -> bool:
    parts = parts_of(node)
    key = None if parts is None else reader.model.table.labelled(parts)
    return key is not None and (reader.model.table.knows(key) or key in reader.model.variables)


def closed_function(reader: Arithmetic, key: Key, definition: Definition) -> Elementwise | None:
    """The function as a named function of scalars; None when its body mentions anything but its parameters.

    A function that equals the declared operator of its name is that operator.
    """
    made = reader.model.functions.get(id(definition))
    if made is None:
        made = (_closed_function(reader, key, definition),)
        reader.model.functions[id(definition)] = made
    return made[0]


def _closed_function(reader: Arithmetic, key: Key, definition: Definition) -> Elementwise | None:
    from symnn.notes.read.expressions.expressions import Reader as ReaderClass
    from symnn.notes.read.scope import Scope as ScopeClass
    from symnn.notes.read.shapes.model import Model

    body = definition.links[0]
    keys: list[Key] = []
    for parameter in definition.parameters or ():
        parts = parts_of(parameter.node)
        labelled = None if parts is None else reader.model.table.labelled(parts)
        if labelled is None:
            return None
        keys.append(labelled)
    for node in walk(body.node):
        parts = parts_of(node) if isinstance(node, Name) else None
        if parts is not None and parts.key not in {k.bare for k in keys} and not _is_universal(reader, parts):
            return None
    model = Model(reader.model.table)
    model.calls = [*reader.model.calls, key]
    tensors = [Tensor(k.identifier) for k in keys]
    terms = {
        k: Term(model.solver.shape([], body.spot), _constant_build(expression(tensor)), body.spot)
        for k, tensor in zip(keys, tensors, strict=True)
    }
    term = ReaderClass(model).read(body.node, ScopeClass(body.passage, definition.section, {}, terms))
    try:
        model.solver.propagate()
    except Clash:
        return None
    if model.variables or model.solver.rank(term.shape) != 0:
        return None
    formula = term.build().array.body
    names = tuple(tensor.name for tensor in tensors)
    operator = registry.find(key.base) if not (key.labels or key.accents or key.primes) else None
    if operator is not None and operator.is_elementwise and len(operator.function.parameters) == len(names):
        values = [tensor.entry() for tensor in tensors]
        if Normalizer().equal(formula, Call(operator.function, *values)):
            return operator.function
    return Elementwise(key.identifier, names, formula)


def _constant_build(value: Expression) -> Callable[[], Expression]:
    return lambda: value


def _is_universal(reader: Arithmetic, parts: Parts) -> bool:
    """Names that mean the same everywhere: functions, e, π; and words that are no values."""
    key = parts.key
    if key in reader.model.table.functions or key in reader.model.table.unknown_functions:
        return True
    if reader.model.table.knows(key):
        return False
    return (
        key.base in ("e", "pi") or key.base in ELEMENTARY or key.base in REDUCTIONS or operator_named(parts) is not None
    )
