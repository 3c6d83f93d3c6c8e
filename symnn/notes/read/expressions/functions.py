r"""Functions: elementary ones, declared operators, and those that a document defines itself.

A definition in the document comes before everything else. A function that is written out in its parameters alone is
kept under its name, so that derivations can cite its derivative; any other is put in where it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import sympy

from symnn.declare import Operator, registry
from symnn.formula.application import Array
from symnn.formula.index import fresh_index
from symnn.formula.nodes import Delta, Elementwise, Maximum, Minimum, Total
from symnn.network import arrays
from symnn.network.arrays import Expression, expression
from symnn.notation.tree import Group, Node, Number, Script
from symnn.notation.tree import Sequence as SequenceNode
from symnn.notes.read.expressions.constants import constants_of, listed
from symnn.notes.read.expressions.lists import concatenated, family_of
from symnn.notes.read.expressions.matrices import determined, log_determinant
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, Parts
from symnn.notes.read.passages import Spot
from symnn.notes.read.shapes.constraints import Choice, Operated
from symnn.notes.read.shapes.shapes import Clash
from symnn.notes.read.shapes.terms import Term

if TYPE_CHECKING:
    from symnn.notes.read.expressions.arithmetic import Arithmetic
    from symnn.notes.read.scope import Scope

ELEMENTARY: dict[str, Callable[[Any], Any]] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "ln": sympy.log,
    "sqrt": sympy.sqrt,
    "erf": sympy.erf,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": lambda x: sympy.sin(x) / sympy.cos(x),
    "sinh": lambda x: (sympy.exp(x) - sympy.exp(-x)) / 2,
    "cosh": lambda x: (sympy.exp(x) + sympy.exp(-x)) / 2,
    "lg": lambda x: sympy.log(x) / sympy.log(10),
    "abs": sympy.Abs,
    "sgn": sympy.sign,
    "sign": sympy.sign,
}
REDUCTIONS = ("sum", "mean", "tr", "trace", "diag", "max", "min", "norm")
# Letters that stand for functions by long custom; with brackets after them they are never a factor.
_FUNCTION_LETTERS = frozenset(["f", "g", "F", "G", "phi", "psi", "Phi", "Psi"])


def operator_named(parts: Parts) -> Operator | None:
    """The declared operator of this name, if the name has no accent."""
    key = parts.key
    if key.accents or key.style or (len(key.base) == 1):
        return None
    return registry.find(key.base)


def is_function(reader: Arithmetic, parts: Parts, following: Node | None, scope: Scope) -> bool:
    """Whether a factor of a product is a function and the factor after it its argument."""
    table = reader.model.table
    key = table.labelled(Parts(parts.base, parts.accents, 0, parts.subs, ())) or parts.key
    bracket = _bracket(following)
    if key in scope.parameters or key.bare in scope.parameters:
        return False
    if key in table.functions or key in table.unknown_functions:
        return bracket is not None
    if table.knows(key) or (key in table.sizes) or key.base in scope.letters:
        return False
    base = parts.key
    if key.labels and base.base != "log":
        return False
    known = base.base in ELEMENTARY or base.base in REDUCTIONS or operator_named(parts) is not None
    if known:
        return bracket is not None or (len(base.base) > 1 and base.base != "sigma")
    if bracket is None or parts.sups:
        return False
    several = isinstance(bracket, SequenceNode) and bracket.left == "("
    word = len(base.base) > 1 and parts.base.font in (
        "text",
        "mathrm",
        "operatorname",
        "mathsf",
        "mathit",
        "mathtt",
    )
    round_ = bracket.left == "(" if isinstance(bracket, Group | SequenceNode) else False
    return several or (round_ and (word or (base.base in _FUNCTION_LETTERS and not base.accents)))


def _bracket(node: Node | None) -> Node | None:
    while isinstance(node, Script):
        node = node.base
    return node if isinstance(node, Group | SequenceNode) and node.left in ("(", "[") else None


def names_function(reader: Arithmetic, key: Key, scope: Scope) -> bool:
    """Whether a name that stands alone can only be a function."""
    table = reader.model.table
    if table.knows(key) or key in table.sizes or key in table.functions or key.labels or key.accents:
        return False
    if key in table.unknown_functions:
        return True
    return len(key.base) > 1 and key.base != "sigma" and (
        key.base in ELEMENTARY or (key.base in REDUCTIONS) or registry.find(key.base) is not None
    )  # fmt: skip


def apply(reader: Arithmetic, head: Parts, arguments: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    """A function with its arguments. Raises ReadingError for one that nobody knows."""
    if head.primes:
        raise spot.error("a derivative has no place in a definition", hint="define values; symnn derives them")
    term = _applied(reader, head, arguments, scope, spot)
    for sup in head.sups:
        if is_transpose(sup):
            raise spot.error("is the function or its value transposed?", hint="put brackets around the value")
        if isinstance(sup, Number):
            term = reader.power(term, reader.read(sup, scope), spot)
        else:
            raise spot.error("a raised part of a function that is not understood")
    return term


def _applied(reader: Arithmetic, head: Parts, arguments: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    table = reader.model.table
    key = table.labelled(Parts(head.base, head.accents, 0, head.subs, ())) or head.key
    defined = table.nearest(table.functions, key, scope.section)
    if defined and key not in reader.model.calls:
        from symnn.notes.read.expressions.own_functions import own

        return own(reader, key, defined[0], arguments, scope, spot)
    if defined:
        raise spot.error(f"the definition of {key} goes round in a circle")
    name = head.key.base
    if name in ELEMENTARY and not head.key.accents:
        return _elementary(reader, name, head, arguments, scope, spot)
    if name in REDUCTIONS:
        return _reduction(reader, name, arguments, scope, spot)
    if key in table.unknown_functions:
        unknown = Elementwise(key.identifier, ("x",))
        return reader.entrywise(_caller(unknown), [reader.read(a, scope) for a in arguments], spot)
    operator = registry.find(key.identifier) if key.labels and not key.primes else operator_named(head)
    if operator is not None and (key.labels or not head.subs):
        return _operator(reader, operator, arguments, scope, spot)
    raise spot.error(
        f"the function {key} is not known",
        hint=f"define it, such as {key}(z) = …, or declare it as {key}: R → R; "
        "`symnn operators` lists the functions that are known",
    )


def _caller(function: Elementwise) -> Callable[..., Any]:
    from symnn.formula.nodes import Call

    return lambda *bodies: Call(function, *bodies)


def _one(reader: Arithmetic, name: str, arguments: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    if len(arguments) != 1:
        raise spot.error(f"{name} takes one argument, not {len(arguments)}")
    return reader.read(arguments[0], scope)


def _elementary(
    reader: Arithmetic, name: str, head: Parts, arguments: Sequence[Node], scope: Scope, spot: Spot
) -> Term:
    function = ELEMENTARY[name]
    if name in ("log", "ln") and not head.subs and len(arguments) == 1:
        matrix = determined(arguments[0])
        if matrix is not None:
            return log_determinant(reader, matrix, scope, spot)
    term = reader.entrywise(function, [_one(reader, name, arguments, scope, spot)], spot)
    if not head.subs:
        return term
    base = head.subs[0]
    if name != "log" or not isinstance(base, Number):
        raise spot.error(f"a lowered part of {name} that is not understood")
    divisor = sympy.log(sympy.Integer(int(base.text)))
    return reader.entrywise(lambda value: value / divisor, [term], spot)


def _reduction(reader: Arithmetic, name: str, arguments: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    solver = reader.solver
    if name in ("max", "min") and len(arguments) > 1:
        larger = Maximum if name == "max" else Minimum

        def fold(*values: Any) -> Any:
            result = values[0]
            for value in values[1:]:
                result = larger(result, value)
            return result

        term = reader.entrywise(fold, [reader.read(argument, scope) for argument in arguments], spot)
        term.number = None
        return term
    body = _one(reader, name, arguments, scope, spot)
    scalar = solver.shape([], spot)
    if name in ("tr", "trace"):
        size = solver.dim(None, spot)
        _demand(reader, body, [size, size])

        def trace() -> Expression:
            array = body.build().array
            index = fresh_index("i", array.shape[0])
            return Expression(Array((), Total(array.at(index, index), index)))

        return Term(scalar, trace, spot, free=body.free)
    if name == "diag":
        return _diagonal(reader, body, spot)
    try:
        solver.at_least(body.shape, 1)
    except Clash as clash:
        raise spot.error(f"{name} of a number: {clash.message}") from None
    reduce: Callable[[Any], Expression] = {
        "sum": arrays.total,
        "mean": arrays.mean,
        "max": arrays.largest,
        "min": lambda value: -arrays.largest(-value),
        "norm": lambda value: arrays.sqrt(arrays.total(value**2)),
    }[name]
    return Term(scalar, lambda: reduce(body.build()), spot, free=body.free)


def _demand(reader: Arithmetic, term: Term, dims: list[Any]) -> None:
    from symnn.notes.read.shapes.constraints import Same

    reader.solver.add(Same(term.shape, reader.solver.shape(dims, term.spot), term.spot), [term.shape])


def _diagonal(reader: Arithmetic, body: Term, spot: Spot) -> Term:
    """The diagonal matrix of a vector, or the diagonal of a matrix."""
    solver = reader.solver
    result = solver.shape(origin=spot)
    choice = Choice(
        (body.shape, result),
        ((("n",), ("n", "n")), (("n", "n"), ("n",))),
        ("diagonal matrix", "diagonal"),
        spot,
    )
    solver.add(choice, choice.shapes)

    def build() -> Expression:
        array = body.build().array
        i = fresh_index("i", array.shape[0])
        if array.rank == 2:
            return Expression(Array((i,), array.at(i, i)))
        j = fresh_index("j", array.shape[0])
        return Expression(Array((i, j), array.at(i) * Delta(i, j)))

    return Term(result, build, spot, free=body.free)


def _operator(reader: Arithmetic, operator: Operator, arguments: Sequence[Node], scope: Scope, spot: Spot) -> Term:
    """A declared operator, kept under its name. An associative one is applied to its arguments from the left."""
    arguments, count = listed(arguments), len(operator.parameters)
    if operator.associative and len(arguments) > count:
        if operator.name == "concat" and family_of(arguments) is not None:
            return concatenated(reader, arguments, scope, spot)
        terms = [reader.read(argument, scope) for argument in arguments]
        return reduce(lambda left, right: _operated(reader, operator, [left, right], {}, spot), terms)
    if not count <= len(arguments) <= count + len(operator.constants):
        wanted = ", ".join(parameter.name for parameter in operator.parameters)
        raise spot.error(f"{operator.name} takes {count} arguments ({wanted}), not {len(arguments)}")
    constants = constants_of(reader, operator, arguments[count:], scope)
    terms = [reader.read(argument, scope) for argument in arguments[:count]]
    return _operated(reader, operator, terms, constants, spot)


def _operated(
    reader: Arithmetic, operator: Operator, terms: Sequence[Term], constants: dict[str, Any], spot: Spot
) -> Term:
    """A declared operator of terms."""

    def value(*values: Any) -> Expression:
        built = {n: c.build().array.body if isinstance(c, Term) else c for n, c in constants.items()}
        return operator(*values, **built)

    free: frozenset[Any] = frozenset().union(*(term.free for term in terms))
    if operator.is_elementwise:
        term = reader.entrywise(lambda *bodies: value(*map(expression, bodies)).array.body, terms, spot)
        return Term(term.shape, lambda: value(*[t.build() for t in terms]), spot, free=free)
    result = reader.solver.shape(origin=spot)
    pattern = tuple(tuple(str(size) for size in tensor.shape) for tensor in operator.parameters)
    sizes = [size.xreplace(operator.values(constants)) for size in operator.definition.result.tensor.shape]
    pattern = (*pattern, tuple(map(str, sizes)))
    computed = tuple(size for size in sizes if not size.is_number and not size.is_Symbol)
    shapes = tuple(term.shape for term in terms)
    reader.solver.add(Operated(shapes, result, pattern, spot, computed=computed), (*shapes, result))
    return Term(result, lambda: value(*[term.build() for term in terms]), spot, free=free)
