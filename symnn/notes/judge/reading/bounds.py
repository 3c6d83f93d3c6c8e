"""Sums and maxima over index letters: what a letter ranges over."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, S

from symnn.formula.application import Array
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Delta, Extreme, Inside, Total
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.layers import layer_limit
from symnn.notes.judge.reading.values import Value
from symnn.notes.read.names import is_word, parts_of
from symnn.notes.read.symbols import components

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope

MAX_TERMS = 40
MOST_RANGES = 6


def big(reader: ClaimReader, node: t.BigOperator, scope: Scope) -> list[Value]:
    """The values of a sum or a maximum. Raises NotUnderstood when the range is not certain."""
    names = _letters(node)
    if not names:
        return _over_all(reader, node, scope)
    walked = [list(dimensions_of(reader, name, node.body, scope)) or [None] for name, _ in names]
    problem: NotUnderstood | None = None
    for sizes in itertools.islice(itertools.product(*walked), MOST_RANGES):
        try:
            return _ranging(reader, node, scope, names, sizes)
        except NotUnderstood as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _ranging(
    reader: ClaimReader,
    node: t.BigOperator,
    scope: Scope,
    names: Sequence[tuple[str, int | None]],
    sizes: Sequence[Expr | None],
) -> list[Value]:
    """The values of a sum or a maximum whose letters walk axes of these lengths (None: what the limits say)."""
    letters, firsts = dict(scope.letters), dict(scope.firsts)
    bound: list[Index] = []
    within: list[Any] = []
    for (name, first), size in zip(names, sizes, strict=True):
        of_layer = layer_limit(reader, node.sup, scope)
        if of_layer is not None:
            if size != reader.world.model.longest or first != 1 or len(names) > 1:
                raise NotUnderstood("limits that are not understood")
            index = Index(name, size).fresh()
            within.append(Inside(index, of_layer))
            letters[name], firsts[name] = index, 1
            bound.append(index)
            continue
        stated = _stated_size(reader, node.sup, first)
        if size is None and stated is None:
            stated = _size_for(reader, node.sup, name, first)
        index = Index(name, stated if size is None else size).fresh()
        if size is not None and stated is not None:
            within.append(_within(index, first, stated))
        letters[name] = index
        firsts[name] = 1 if first is None else first
        bound.append(index)
    inner = replace(scope, letters=letters, firsts=firsts)
    within += [1 - delta for delta in _left_out(reader, node, inner)]
    found = []
    for value in reader.read(node.body, inner):
        body = value.array.body
        if node.sup is None and any(index not in body.free_symbols for index in bound):
            continue
        found.append(replace(value, array=Array(value.array.indices, _over(node.kind, body, bound, within))))
    if not found:
        raise NotUnderstood("what is summed does not depend on the index")
    return found


def _size_for(reader: ClaimReader, sup: Node | None, letter: str, first: int | None) -> Expr:
    """A length for the axes of names of which nothing else is known. Raises NotUnderstood where something is."""
    parts = None if sup is None else parts_of(sup)
    unknown = sup is None or (isinstance(sup, t.Name) and parts is not None and parts.key not in reader.world.tensors)
    if not reader.conventions.scalars or not unknown or first not in (None, 1):
        raise NotUnderstood(f"what {letter} ranges over is not certain")
    size = dimension(f"n_{letter}" if parts is None else parts.key.identifier)
    if parts is not None:
        reader.world.symbols.setdefault(parts.key, size)
    return size


def _over(kind: str, body: Any, bound: list[Index], within: list[Any]) -> Any:
    """The sum, the maximum or the minimum of a formula over indices, where range conditions hold."""
    if kind == "prod":
        # The value where all factors are positive, and the analytic continuation of it elsewhere.
        return sympy.exp(_over("sum", sympy.log(body), bound, within))
    if kind != "sum" and any(condition != 1 for condition in within):
        raise NotUnderstood("a maximum over a part of an axis is not understood")
    if kind == "min":
        body = -body
    for condition in within:
        body = body * condition
    for index in reversed(bound):
        body = Total(body, index) if kind == "sum" else Extreme(body, index)
    return -body if kind == "min" else body


def _within(index: Index, first: int | None, stated: Expr) -> Any:
    """The condition that an index is one of the stated values: ``i = 2..n`` leaves out the first place of an axis of length n.

    Limits from 0 to the length are common for from 1 to the length. Raises DoesNotFit when the limits are about another axis.
    """
    size, start = index.dimension, 1 if first is None else first
    if stated == size or (start == 0 and stated == size + 1):
        return S.One
    beyond = sympy.expand(stated + max(start, 1) - 1 - size)
    if start == 0 or not beyond.is_number:
        raise DoesNotFit(f"the index {index.name} runs over {stated} places, but the axis has length {size}")
    if beyond > 0:
        raise DoesNotFit(f"the index {index.name} runs {beyond} places beyond its axis of length {size}")
    return Inside(index - (start - 1), stated)


def _letters(node: t.BigOperator) -> list[tuple[str, int | None]]:
    """The letters that are bound, with their first values where they are stated."""
    if node.sub is None:
        return []
    items = node.sub.items if isinstance(node.sub, t.Sequence) and not node.sub.left else (node.sub,)
    found: list[tuple[str, int | None]] = []
    for item in items:
        if isinstance(item, t.Relation) and len(item.links) == 1 and isinstance(item.first, t.Name):
            right = item.links[0].right
            if item.links[0].operator == "=" and isinstance(right, t.Number) and right.text.isdigit():
                found.append((item.first.base, int(right.text)))
                continue
            if item.links[0].operator in ("in", "ne"):
                found.append((item.first.base, None))
                continue
        parts = components(item)
        if all(isinstance(part, t.Name) and not is_word(part) for part in parts):
            found += [(part.base, 1 if node.sup is not None else None) for part in parts if isinstance(part, t.Name)]
            continue
        raise NotUnderstood("limits that are not understood")
    return found


def _left_out(reader: ClaimReader, node: t.BigOperator, scope: Scope) -> list[Any]:
    r"""The places that ``\sum_{k \neq i}`` leaves out, as deltas. Raises NotUnderstood in a maximum."""
    from symnn.notes.judge.reading.places import place_of

    items = node.sub.items if isinstance(node.sub, t.Sequence) and not node.sub.left else (node.sub,)
    found = []
    for item in items:
        if not isinstance(item, t.Relation) or item.links[0].operator != "ne":
            continue
        assert isinstance(item.first, t.Name)
        assert item.links[0].right is not None
        if node.kind != "sum":
            raise NotUnderstood("limits that are not understood")
        own = scope.letters[item.first.base]
        found.append(Delta(own, place_of(reader, item.links[0].right, own.dimension, scope)))
    return found


def _stated_size(reader: ClaimReader, sup: Node | None, first: int | None) -> Expr | None:
    """How many values the limits name; None without an upper limit, or where it is a name that is used nowhere else.

    Raises NotUnderstood for an upper limit that is something else.
    """
    if sup is None:
        return None
    last = _last(reader, sup)
    return None if last is None else sympy.expand(last - (1 if first is None else first) + 1)


def _last(reader: ClaimReader, sup: Node) -> Expr | None:
    match sup:
        case t.Number() if sup.text.isdigit():
            return sympy.Integer(int(sup.text))
        case t.Group():
            return _last(reader, sup.body)
        case t.Sum() if len(sup.terms) == 2 and isinstance(sup.terms[1].term, t.Number):
            first, second = _last(reader, sup.terms[0].term), _last(reader, sup.terms[1].term)
            if (
                first is not None
                and second is not None
                and sup.terms[0].sign == "+"
                and sup.terms[1].sign in ("+", "-")
            ):
                return first + second if sup.terms[1].sign == "+" else first - second
        case _:
            parts = parts_of(sup)
            key = None if parts is None else reader.world.table.labelled(parts)
            known = None if key is None else reader.world.symbols.get(key)
            if known is not None and known.is_integer:
                return known
            if key is not None and key not in reader.world.tensors and isinstance(sup, t.Name):
                return None
    raise NotUnderstood("an upper limit that is not understood")


def dimension_of(reader: ClaimReader, letter: str, node: Node, scope: Scope) -> Expr | None:
    """The dimension of the axis that a letter walks first in a tree; None when it walks none that is known."""
    return next(dimensions_of(reader, letter, node, scope), None)


def dimensions_of(reader: ClaimReader, letter: str, node: Node, scope: Scope) -> Iterator[Expr]:
    """The dimensions of the axes that a letter seems to walk in a tree. There are several where a name has several meanings."""
    from symnn.notes.judge.reading.places import axis_walked

    found: set[Expr] = set()
    for part in walk(node):
        if isinstance(part, t.Script):
            size = axis_walked(reader, part, letter, scope)
            if size is not None and size not in found:
                found.add(size)
                yield size


def _over_all(reader: ClaimReader, node: t.BigOperator, scope: Scope) -> list[Value]:
    """A sum without an index: over the one letter in its body that nothing binds, or over all entries."""
    if node.sup is not None:
        raise NotUnderstood("an upper limit without an index")
    loose = sorted(_unbound(reader, node.body, scope))
    if len(loose) == 1:
        name = t.Name(loose[0], span=node.span)
        return big(reader, replace(node, sub=name), scope)
    found = []
    for value in reader.read(node.body, scope):
        if value.rank == 0:
            continue
        body: Any = value.array.body
        for index in reversed(value.array.indices):
            body = Total(body, index) if node.kind == "sum" else Extreme(body, index)
        found.append(replace(value, array=Array((), body), out=None, turn=""))
    if not found:
        raise NotUnderstood("what is summed over is not certain")
    return found


def _unbound(reader: ClaimReader, node: Node, scope: Scope) -> set[str]:
    """The letters below names that walk an axis and are not bound."""
    from symnn.notes.judge.reading.places import axis_walked

    found = set()
    for part in walk(node):
        parts = parts_of(part) if isinstance(part, t.Script) else None
        if parts is None:
            continue
        for sub in parts.subs:
            for component in components(sub):
                if not isinstance(component, t.Name) or is_word(component) or component.base in scope.letters:
                    continue
                if axis_walked(reader, part, component.base, scope) is not None:
                    found.add(component.base)
    return found
