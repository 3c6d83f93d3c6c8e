"""Functions in claims: elementary ones, declared operators, those that the document defines, and unknown ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from symnn.formula.application import Array
from symnn.formula.nodes import (
    AllOf,
    Bracket,
    Call,
    Compare,
    Elementwise,
)
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.reading import functions
from symnn.notes.judge.reading.array_marks import shows_arrays
from symnn.notes.judge.reading.products import product
from symnn.notes.judge.reading.values import Value, best, scalar
from symnn.notes.read.expressions.functions import ELEMENTARY, operator_named
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.symbols import is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope

FUNCTION_LETTERS = frozenset(["f", "g", "F", "G", "phi", "psi", "Phi", "Psi", "sigma", "varphi"])
EXPECTATIONS = frozenset(["E", "P", "Pr", "Var", "Cov", "p"])
WORDS = ("text", "mathrm", "operatorname", "mathsf", "mathit", "mathtt", "textrm")


def bracket_of(node: Node | None) -> t.Group | t.Sequence | None:
    """The round or square bracket that a factor is, without its scripts."""
    while isinstance(node, t.Script):
        node = node.base
    return node if isinstance(node, t.Group | t.Sequence) and node.left in ("(", "[") else None


def arguments_in(bracket: t.Group | t.Sequence) -> tuple[Node, ...]:
    """What stands in a bracket, separated by commas or semicolons."""
    if isinstance(bracket, t.Group):
        return (bracket.body,)
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
        bracket = bracket_of(following)
        return isinstance(bracket, t.Group) and _holds_relation(bracket)
    if parts is None or following is None:
        return False
    table = reader.world.table
    key = replace(function_key(reader, parts), primes=0)
    bracket = bracket_of(following)
    if key in scope.parameters or (key.base in scope.letters and not parts.primes):
        return False
    if key in table.functions or key in table.unknown_functions:
        return bracket is not None
    if _is_expectation(reader, key, bracket):
        return True
    if key in reader.world.tensors and isinstance(bracket, t.Sequence) and not parts.primes:
        return _spells_out(reader, key, bracket)
    if key in reader.world.symbols or (key in reader.world.tensors and not parts.primes):
        return False
    base = parts.key.base
    if parts.primes and bracket is not None:
        return True
    if base in EXPECTATIONS and bracket is not None and (bracket.left == "[" or _holds_relation(bracket)):
        return True
    if base in ELEMENTARY or base in functions.REDUCTIONS or operator_named(replace(parts, primes=0)) is not None:
        if parts.accents:
            return False
        return bracket is not None or (len(base) > 1 and base != "sigma")
    if bracket is None or bracket.left == "[":
        return False
    if isinstance(bracket, t.Sequence):
        return True
    word = len(base) > 1 and parts.base.font in WORDS
    return word or (base in FUNCTION_LETTERS and not parts.accents)


def _is_expectation(reader: ClaimReader, key: Key, bracket: Node | None) -> bool:
    """Whether ``E[…]`` is an expectation: the document does not say that E is anything else."""
    if key != Key("E") or bracket is None or getattr(bracket, "left", "") != "[":
        return False
    table = reader.world.table
    return not any(key in place for place in (table.definitions, table.declarations, table.given))


def _is_differential_of(reader: ClaimReader, factor: Node) -> bool:
    """Whether a d before a factor makes a differential of it: of a name where the document writes them, or of a formula in brackets.

    ``d(x)`` may be a function, and ``d (a + b)`` a product with a distance, where the document says anything of d.
    """
    if reader.conventions.differentials and parts_of(factor) is not None:
        return True
    table, bracket = reader.world.table, bracket_of(factor)
    known = any(
        Key("d") in place
        for place in (table.definitions, table.functions, table.declarations, table.given, table.sizes)
    )
    return not known and isinstance(bracket, t.Group) and bracket.left == "(" and shows_arrays(bracket)


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


def _holds_relation(bracket: Node | None) -> bool:
    """Whether a bracket holds a condition: not the limits of a sum in it."""
    found = bracket_of(bracket)
    items = () if found is None else arguments_in(found)
    return any(isinstance(item, t.Relation | t.Given) for item in items)


def product_of(reader: ClaimReader, node: t.Product, scope: Scope) -> list[Value]:
    """The values of a product, with calls put together."""
    if node.operator not in ("juxtaposed", "cdot", "times", "ast", "odot", "circ", "otimes", "matmul"):
        raise NotUnderstood(f"the product sign {node.operator} is not understood")
    if node.operator == "juxtaposed":
        if any(
            before == t.Name("d") and _is_differential_of(reader, factor)
            for before, factor in itertools.pairwise(node.factors)
        ):
            raise NotUnderstood("differentials are not understood here")
        grouped = with_differentials(reader, node)
        if not isinstance(grouped, t.Product):
            return reader.read(grouped, scope)
        node = grouped
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
        result = product(
            node.operator, result, values, strict=reader.conventions.strict, rows=reader.conventions.columns is False
        )
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


def with_differentials(reader: ClaimReader, node: t.Product) -> Node:
    """``dz a^T`` and ``W^T dz`` with each ``dz`` as one factor, where nothing is called d; ``dz^T`` is the transpose of that."""
    table, world = reader.world.table, reader.world
    d = Key("d")
    if reader.conventions.loss is None or table.knows(d) or d in world.tensors or d in world.symbols:
        return node
    factors: list[Node] = []
    for factor in node.factors:
        before = factors[-1] if factors else None
        if not (isinstance(before, t.Name) and before == t.Name("d") and parts_of(factor) is not None):
            factors.append(factor)
        elif isinstance(factor, t.Script) and is_transpose(factor.sup):
            inner = factor.base if factor.sub is None else t.Script(factor.base, sub=factor.sub, span=factor.span)
            factors[-1] = t.Script(t.Group(t.Product("juxtaposed", (before, inner)), "(", ")"), sup=factor.sup)
        else:
            factors[-1] = t.Product("juxtaposed", (before, factor))
    if len(factors) == len(node.factors) or (len(factors) == 1 and isinstance(factors[0], t.Product)):
        return node
    return factors[0] if len(factors) == 1 else replace(node, factors=tuple(factors))


def _differential(reader: ClaimReader, node: t.Product, scope: Scope) -> list[Value] | None:
    """``dW`` for the gradient of the loss by W, where nothing else is called d."""
    from symnn.notes.judge.gradients import derivatives

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
        return functions.own(reader, key, defined[0], arguments, primes, scope)
    spelled = reader.world.tensors.get(key)
    if spelled is not None and len(arguments) > 1 and not primes:
        reader.touched.add(spelled)
        return [Value(Array.of(spelled))]
    base = head.key.base
    if base in ELEMENTARY and not head.accents and key not in table.unknown_functions:
        return functions.elementary(reader, base, head, arguments, primes, scope)
    if base in functions.REDUCTIONS and not primes:
        return functions.reduction(reader, base, arguments, scope)
    operator = operator_named(replace(head, primes=0)) if not head.subs else None
    if operator is not None and key not in table.unknown_functions:
        return functions.operator(reader, operator, arguments, primes, scope)
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
    function = functions.primed(operator.function, primes)
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


def _indicator(reader: ClaimReader, relation: t.Relation, scope: Scope) -> Value:
    parts = reader.comparisons(relation, scope)
    if any(left.rank or right.rank for _, left, right in parts):
        raise NotUnderstood("an indicator of arrays")
    held = [Compare(operator, left.array.body, right.array.body) for operator, left, right in parts]
    return scalar(Bracket(held[0] if len(held) == 1 else AllOf(*held)))
