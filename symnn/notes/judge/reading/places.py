"""Index expressions: the places of an axis that letters and sums of letters point at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr

from symnn.formula.index import Index
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood, WrongAxis
from symnn.notes.judge.reading.sortings import likeliest_first, tensor_of
from symnn.notes.read.names import Key, parts_of
from symnn.notes.read.symbols import components, is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope


def place_of(reader: ClaimReader, node: Node, size: Expr, scope: Scope) -> Any:
    """The place that an index expression points at, counted from 0. Raises NotUnderstood for the index 0 itself."""
    match node:
        case t.Number() if node.text.isdigit():
            place = int(node.text) - 1
            if size.is_number and not 0 <= place < size:
                raise DoesNotFit(f"there is no place {node.text} on an axis of length {size}")
            if place < 0:
                raise NotUnderstood("the index 0 where counting begins with 1")
            return sympy.Integer(place)
        case t.Name():
            return letter(reader, node.base, size, scope)
        case t.Sum() if all(term.sign in ("+", "-") for term in node.terms):
            return _sum_of_places(reader, node, size, scope)
        case t.Group():
            return place_of(reader, node.body, size, scope)
        case t.Script():
            return _named_place(reader, node)
    raise NotUnderstood("an index expression that is not understood")


def _named_place(reader: ClaimReader, node: t.Script) -> Any:
    r"""A place with a name of its own, ``target_{o_1}``, where a definition of the document uses it in an index as well."""
    parts = parts_of(node)
    key = None if parts is None else reader.world.table.labelled(parts)
    names = set() if key is None else {key.identifier}
    for equation in reader.world.equations.values():
        for symbol in equation.formula.free_symbols:
            if isinstance(symbol, sympy.Symbol) and not isinstance(symbol, Index) and symbol.name in names:
                return symbol - 1
    raise NotUnderstood("an index expression that is not understood")


def _sum_of_places(reader: ClaimReader, node: t.Sum, size: Expr, scope: Scope) -> Any:
    """The place ``i + p - 1``: letters count from 1, places from 0. Several letters walk axes of their own.

    The length of another axis may stand beside a letter, as in ``n + i``.
    """
    sizes = {str(symbol): symbol for symbol in size.free_symbols}
    names = [term.term.base for term in node.terms if isinstance(term.term, t.Name)]
    lengths = [name for name in names if name in sizes and name not in scope.letters and name not in reader.free]
    alone = len(names) == 1
    result: Any = sympy.Integer(-1)
    for term in node.terms:
        inner = term.term
        if isinstance(inner, t.Number) and inner.text.isdigit():
            step: Any = sympy.Integer(int(inner.text))
        elif isinstance(inner, t.Name) and inner.base in lengths and not alone:
            step = sizes[inner.base]
        elif isinstance(inner, t.Name):
            axis = size if alone else _own_axis(reader, inner.base, scope)
            step = letter(reader, inner.base, axis, scope) + 1
        else:
            raise NotUnderstood("an index expression that is not understood")
        result = result + step if term.sign == "+" else result - step
    return result


def _own_axis(reader: ClaimReader, name: str, scope: Scope) -> Expr:
    """The length of the axis that a letter walks by itself. Raises NotUnderstood where it walks none."""
    found = scope.letters.get(name) or reader.free.get(name)
    if found is not None:
        size: Expr = found.dimension
        return size
    for side in reader.claim:
        for part in walk(side):
            own = axis_walked(reader, part, name, scope)
            if own is not None:
                return own
    raise NotUnderstood(f"what {name} ranges over is not certain")


def letter(reader: ClaimReader, name: str, size: Expr, scope: Scope) -> Any:
    """The index of a letter: bound by a sum, or free, and then over the axis that it walks first; the last place for its length."""
    found = scope.letters.get(name) or reader.free.get(name)
    if found is None and name.isupper() and size.is_Symbol and size.name == name:
        return size - 1
    if found is None:
        found = reader.free[name] = Index(name, size).fresh()
    if found.dimension != size and not sympy.expand(size - found.dimension).is_positive:
        raise WrongAxis(f"the index {name} walks axes of length {found.dimension} and {size}")
    return found


def axis_walked(reader: ClaimReader, node: Node, name: str, scope: Scope) -> Expr | None:
    """The dimension of the axis that a letter walks as an index of this name."""
    parts = parts_of(node)
    if parts is None:
        return None
    for sorted_ in likeliest_first(reader, parts):
        tensor = tensor_of(reader, sorted_.key)
        if tensor is not None and tensor.rank < len(sorted_.indices):
            continue
        shape = tensor.shape if tensor is not None else None
        if shape is None and sorted_.key in scope.parameters:
            shape = scope.parameters[sorted_.key].shape
        if shape is None:
            continue
        turned = len(sorted_.indices) == 2 and len(sorted_.raised) == 1 and is_transpose(sorted_.raised[0])
        places = tuple(reversed(sorted_.indices)) if turned else sorted_.indices
        for axis, place in enumerate(places[: len(shape)]):
            if isinstance(place, t.Name) and place.base == name:
                return shape[axis]
            letters = (
                [x.term.base for x in place.terms if isinstance(x.term, t.Name)] if isinstance(place, t.Sum) else []
            )
            if letters == [name]:
                return shape[axis]
        return None
    stack = (
        None
        if len(parts.key.base) != 1
        else tensor_of(reader, Key(parts.key.base.upper(), parts.key.style, parts.key.accents))
    )
    if stack is not None and stack.rank == 2 and len(parts.subs) == 1 and parts.key.base.islower():
        (place, *rest) = components(parts.subs[0])
        if not rest and isinstance(place, t.Name) and place.base == name:
            return stack.shape[0]
    return None
