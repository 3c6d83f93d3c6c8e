r"""Derivatives in claims: ``\frac{\partial L}{\partial W}``, ``\frac{d}{dx}[…]``, ``∇_w L``, ``dW``, values at a point."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sympy import Add

from symnn.formula.application import Array, unfold_applications
from symnn.formula.index import Index
from symnn.formula.nodes import Delta, Entry, Inside, Tensor, entries, tensors
from symnn.formula.substitute import substitute_entries
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.reading.values import Value, best
from symnn.notes.judge.unroll.instances import MARK, time_of
from symnn.notes.read.expressions.functions import operator_named
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.symbols import call_parts

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope


class Target(NamedTuple):
    """What is differentiated by: a tensor, and the place where it is one entry or a row; `kept` are the indices along a row."""

    tensor: Tensor
    places: tuple[Any, ...] | None
    kept: tuple[Index, ...] = ()


def derivative(reader: ClaimReader, node: t.Derivative, scope: Scope) -> list[Value]:
    """The values of a derivative. Raises NotUnderstood where a path is not known."""
    body = node.operand if node.numerator is None else node.numerator
    if body is None:
        raise NotUnderstood("a derivative of nothing")
    whole = node.numerator is not None and node.operand is None
    targets = [target(reader, denominator, scope) for denominator in node.denominators]
    sources = function_itself(reader, body, node.denominators, scope)
    if sources is None:
        sources = reader.read(body, scope)
    found = []
    fixed = held_fixed(reader, node, body, targets, scope)
    for source in sources:
        constant = not whole or not _is_name(body)
        found.append(differentiated(reader, source, targets, constant_leaves=constant, fixed=fixed))
    return best(found)


def held_fixed(
    reader: ClaimReader, node: t.Derivative, body: Node, targets: list[Target], scope: Scope
) -> frozenset[Tensor]:
    """What a partial derivative holds fixed.

    ``∂f(x, h, w)/∂w`` holds x and h fixed. Where a derivative by the entries of a recurrence stands in a product,
    ``∂L/∂h_t ∂h_t/∂w``, and only its direct dependence counts, what lies before is fixed.
    """
    called = call_parts(body)
    found: set[Tensor] = set()
    if node.symbol == "partial" and called is not None and len(called[1]) > 1:
        listed = {tensor for argument in called[1] if (tensor := _tensor_at(reader, argument, scope)) is not None}
        if all(target.tensor in listed for target in targets):
            found = listed - {target.tensor for target in targets}
    if any(node is part for part in reader.direct):
        own = _tensor_at(reader, body, scope)
        time = None if own is None else time_of(own)
        if time is not None:
            found |= {tensor for tensor in reader.world.equations if (at := time_of(tensor)) is not None and at < time}
    return frozenset(found - {wanted[0] for wanted in targets})


def _tensor_at(reader: ClaimReader, node: Node, scope: Scope) -> Tensor | None:
    """The tensor that a name stands for as a whole, or one entry of it."""
    if parts_of(node) is None:
        return None
    try:
        body = reader.read(node, scope)[0].array.body
    except NotUnderstood:
        return None
    return body.tensor if isinstance(body, Entry) else None


Direct = Literal["", "chained", "all"]
"""Which derivatives count the direct dependence only: none; those in a product with one by what they are the derivative of;
those by another value of the recurrence."""


def direct_derivatives(node: Node, which: Direct) -> list[t.Derivative]:
    """The derivatives of a tree that count the direct dependence only."""
    if which == "chained":
        return chained_derivatives(node)
    if which == "all":
        return [
            part for part in walk(node) if isinstance(part, t.Derivative) and all(map(_is_place, part.denominators))
        ]
    return []


def _is_place(node: Node) -> bool:
    return any(isinstance(part, t.Text) and part.content.startswith(MARK) for part in walk(node))


def chained_derivatives(node: Node) -> list[t.Derivative]:
    """The derivatives in a tree that stand in a product with one by what they are the derivative of."""
    found = []
    for part in walk(node):
        factors: tuple[Node, ...] = ()
        if isinstance(part, t.Product):
            called = call_parts(part)
            factors = part.factors if called is None else called[1]
        elif isinstance(part, t.Call):
            factors = part.arguments
        derivatives = [factor for factor in factors if isinstance(factor, t.Derivative)]
        ends = [end for factor in derivatives for end in factor.denominators]
        found += [factor for factor in derivatives if factor.numerator in ends]
    return found


def _is_name(node: Node) -> bool:
    return parts_of(node) is not None


def target(reader: ClaimReader, node: Node, scope: Scope) -> Target:
    """The tensor that is differentiated by, and the entry where it is only one."""
    while isinstance(node, t.Group) and node.left in ("(", "{"):
        node = node.body
    values = reader.read(node, scope)
    array = values[0].array
    body = _of_recurrence(reader, array.body)
    if not hasattr(body, "tensor"):
        raise NotUnderstood("a derivative by something that is no variable", node.span)
    if array.rank == 0:
        return Target(body.tensor, tuple(body.indices) or None)
    if array.plain_tensor() is None:
        if array.indices != tuple(body.indices[-array.rank :]) or set(array.indices) & set(body.indices[: -array.rank]):
            raise NotUnderstood("a derivative by a part of an array that is no row", node.span)
        kept = tuple(index.fresh() for index in array.indices)
        return Target(body.tensor, (*body.indices[: -array.rank], *kept), kept)
    return Target(body.tensor, None)


def _of_recurrence(reader: ClaimReader, body: Any) -> Any:
    """``h_{t-1}`` as what is differentiated by: the entry itself, and not what the recurrence starts from."""
    found = {entry for entry in entries(body) if entry.tensor in reader.differentials.recurrences}
    if isinstance(body, Entry) or len(found) != 1 or not body.has(Inside):
        return body
    (entry,) = found
    reader.exists.add((entry.indices[0], entry.tensor.shape[0]))
    return entry


def function_itself(reader: ClaimReader, body: Node, variables: tuple[Node, ...], scope: Scope) -> list[Value] | None:
    """``dσ/dz`` for a function σ that is no value: σ at z."""
    parts = parts_of(body)
    if parts is None or len(set(variables)) != 1:
        return None
    table = reader.world.table
    key = table.labelled(parts)
    if key is None or key in reader.world.tensors or key in reader.world.symbols or key in scope.parameters:
        return None
    from symnn.notes.judge.reading import calls

    known = key in table.functions or key in table.unknown_functions or operator_named(parts) is not None
    if not known and parts.key.base not in calls.FUNCTION_LETTERS:
        return None
    return calls.apply(reader, parts, (variables[0],), scope)


def differentiated(
    reader: ClaimReader,
    source: Value,
    targets: list[Target],
    *,
    constant_leaves: bool,
    fixed: frozenset[Tensor] = frozenset(),
) -> Value:
    """A value differentiated by one tensor after the other, all paths counted but those through what is `fixed`."""
    world = reader.world
    differentials = reader.differentials.holding(fixed)
    array = source.array
    own = source.rank
    for by, places, kept in targets:
        formula = unfold_applications(array.body)
        present = tensors(formula)
        reached = any(differentials.depends(tensor, by) for tensor in present)
        dark = [
            tensor
            for tensor in present
            if (tensor != by or tensor in differentials.recurrences)
            and world.is_dark(tensor)
            and not _through(reader, tensor, by)
        ]
        if dark:
            key = world.key_of(dark[0])
            why = world.refused.get(key, "") if key is not None else ""
            raise NotUnderstood(f"the definition of {dark[0].name} is not understood" + (f" ({why})" if why else ""))
        if not reached and not constant_leaves and not (present and all(time_of(tensor) == 0 for tensor in present)):
            loose = world.leaves(present)
            raise NotUnderstood(f"nothing says how {_listed(loose or present)} depends on {by.name}")
        array = differentials.array(array, by, places, kept)
    world.equations.update(differentials.made)
    return Value(array, own, source.turn, source.cost, source.said)


def _through(reader: ClaimReader, tensor: Tensor, by: Tensor) -> bool:
    return tensor in reader.differentials.edges


def _listed(found: Any) -> str:
    return ", ".join(sorted(tensor.name for tensor in found)[:4])


def nabla(reader: ClaimReader, node: t.Nabla, scope: Scope) -> list[Value]:
    r"""``∇_w L``, ``∇L(w)``, ``∇^2 L(w)``, ``∇f`` for a function of several numbers, ``∇L`` alone."""
    if node.operand is None:
        raise NotUnderstood("∇ alone is no value")
    twice = isinstance(node.power, t.Number) and node.power.text == "2"
    if node.power is not None and not twice:
        raise NotUnderstood("a power of ∇ that is not understood")
    sources = reader.read(node.operand, scope)
    if node.wrt is not None:
        by = target(reader, node.wrt, scope)
        order = [by, by] if twice else [by]
        return best([differentiated(reader, source, order, constant_leaves=False) for source in sources])
    called = call_parts(node.operand)
    if called is not None and len(called[1]) == 1:
        by = target(reader, called[1][0], scope)
        order = [by, by] if twice else [by]
        return best([differentiated(reader, source, order, constant_leaves=False) for source in sources])
    if twice:
        raise NotUnderstood("by what ∇ differentiates is not said")
    return _bare(reader, node, sources[0])


def _bare(reader: ClaimReader, node: t.Nabla, source: Value) -> list[Value]:
    """``∇f`` alone: by the parameters of f, or by each of the values that it depends on."""
    tensor = source.array.plain_tensor()
    if tensor is None or tensor.rank:
        raise NotUnderstood("by what ∇ differentiates is not said")
    found: list[Value] = []
    key = reader.world.key_of(tensor)
    functions = (
        [] if key is None else reader.world.table.nearest(reader.world.table.functions, key, reader.world.section)
    )
    if functions and functions[0].parameters and len(functions[0].parameters) > 1:
        parts = []
        for parameter in functions[0].parameters:
            name = parts_of(parameter.node)
            known = None if name is None else reader.world.table.labelled(name)
            by = None if known is None else reader.world.tensors.get(known)
            if by is None or by.rank:
                break
            parts.append(reader.differentials.array(source.array, by, None).body)
        else:
            index = Index("i", len(parts)).fresh()
            body = Add(*[part * Delta(index, place) for place, part in enumerate(parts)])
            return [Value(Array((index,), body), None)]
    others = [other for other in sorted(reader.world.closure([tensor]), key=lambda x: x.name) if other != tensor]
    direct = reader.differentials.parents(tensor)
    for other in sorted(others, key=lambda x: (x not in direct, x.rank == 0)):
        value = Value(reader.differentials.array(source.array, other, None), 0)
        found.append(value.costing(len(found), f"∇{tensor.name} is by {other.name}"))
    if not found:
        raise NotUnderstood("by what ∇ differentiates is not said")
    return best(found)


def of_loss(reader: ClaimReader, node: Node, scope: Scope) -> list[Value] | None:
    """``dW``: the gradient of the loss of this document by W. None where the document has no one loss."""
    loss = reader.conventions.loss
    if loss is None:
        return None
    by = target(reader, node, scope)
    source = Value(Array.of(loss))
    return [differentiated(reader, source, [by], constant_leaves=False)]


def evaluated(reader: ClaimReader, node: t.EvaluatedAt, scope: Scope) -> list[Value]:
    """A value at a point: ``… |_{x = 3}``."""
    points: dict[Tensor, Any] = {}
    subs = node.sub.items if isinstance(node.sub, t.Sequence) else (node.sub,)
    for sub in subs:
        if not (isinstance(sub, t.Relation) and len(sub.links) == 1 and sub.first is not None):
            raise NotUnderstood("the point of evaluation is not understood")
        right = sub.links[0].right
        tensor, places, _ = target(reader, sub.first, scope)
        if places is not None or tensor.rank or right is None:
            raise NotUnderstood("the point of evaluation is not understood")
        points[tensor] = reader.read(right, scope)[0].array.body
    found = []
    for value in reader.read(node.body, scope):
        body = inlined_for(reader, value.array.body, set(points))
        body = substitute_entries(body, lambda entry: points.get(entry.tensor))
        found.append(replace(value, array=Array(value.array.indices, body)))
    return found


def inlined_for(reader: ClaimReader, formula: Any, wanted: set[Tensor]) -> Any:
    """The formula with every definition put in that depends on the wanted tensors."""
    from symnn.formula.substitute import inline

    formula = unfold_applications(formula)
    for _ in range(40):
        for tensor in sorted(tensors(formula), key=lambda x: x.name):
            equation = reader.world.equations.get(tensor)
            if equation is None or tensor in wanted:
                continue
            if any(reader.differentials.depends(tensor, by) for by in wanted):
                formula = unfold_applications(inline(formula, tensor, equation.indices, equation.formula))
                break
        else:
            return formula
    return formula


__all__ = ["Key", "derivative", "differentiated", "evaluated", "nabla", "of_loss", "target"]
