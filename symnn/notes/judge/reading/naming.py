r"""Names in claims: which scripts are labels, indices, powers or transposes.

The world decides: a script is a label where the labelled name is known, an index where the bare name is an array.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, S

from symnn.formula.application import Array
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Delta, Entry, Inside, Tensor
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.errors import DoesNotFit, NotUnderstood
from symnn.notes.judge.process.budget import spend
from symnn.notes.judge.reading.places import place_of
from symnn.notes.judge.reading.sortings import Sorted, likeliest_first, raised_pieces, sortings, tensor_of
from symnn.notes.judge.reading.values import Value, best, scalar
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.recurrences import is_zero
from symnn.notes.read.symbols import bound_letters, components, is_transpose

if TYPE_CHECKING:
    from symnn.notes.judge.reading.reader import ClaimReader, Scope


INDEX_LETTERS = frozenset("ijklmn")


def named(reader: ClaimReader, node: Node, scope: Scope) -> list[Value]:
    """The values of a name with its scripts, or of scripts on something composite."""
    parts = parts_of(node)
    if parts is None:
        return _composite(reader, node, scope)
    found: list[Value] = []
    problem: NotUnderstood | None = None
    for sorted_ in likeliest_first(reader, parts):
        spend()
        try:
            found += _sorted_value(reader, sorted_, scope)
        except NotUnderstood as error:
            problem = problem or error
        if found:
            break
    if found:
        return best(found)
    rows = _row_of(reader, parts, scope)
    if rows:
        return rows
    special = _special(reader, parts, scope)
    if special is not None:
        return special
    if problem is not None:
        raise problem
    return unknown(reader, parts, node, scope)


def _composite(reader: ClaimReader, node: Node, scope: Scope) -> list[Value]:
    if isinstance(node, t.Script):
        base = node.base
        if isinstance(base, t.Group) and base.left == "‖":
            return reader.norm(base, node.sub, node.sup, scope)
        values = reader.read(base, scope)
        if node.sub is not None:
            places = components(node.sub)
            values = [_entry(reader, value, places, scope) for value in values]
        if node.sup is not None:
            for piece in raised_pieces(node.sup):
                values = reader.raised(values, piece, scope)
        return values
    if isinstance(node, t.Prime):
        raise NotUnderstood("a prime on something that is no function")
    raise NotUnderstood("an accent over a formula is not understood")


def _sorted_value(reader: ClaimReader, found: Sorted, scope: Scope) -> list[Value]:
    key = found.key
    values: list[Value]
    if key in scope.parameters:
        values = [scope.parameters[key]]
    elif not key.labels and not key.accents and not key.primes and key.base in scope.letters and not found.indices:
        values = [scalar(scope.letters[key.base] + scope.firsts.get(key.base, 1))]
    elif (symbol := reader.world.symbols.get(key)) is not None:
        values = [scalar(symbol)]
    elif (tensor := tensor_of(reader, key)) is not None:
        reader.touched.add(tensor)
        values = [Value(Array.of(tensor), turn=reader.conventions.turn_of(tensor))]
    else:
        return []
    if found.indices:
        turned = len(found.indices) == 2 and len(found.raised) == 1 and is_transpose(found.raised[0])
        places = tuple(reversed(found.indices)) if turned else found.indices
        values = [_started(reader, key, _entry(reader, value, places, scope)) for value in values]
        if turned:
            return values
    for sup in found.raised:
        values = reader.raised(values, sup, scope)
    return values


def _entry(reader: ClaimReader, value: Value, places: tuple[Node, ...], scope: Scope) -> Value:
    """The part of an array at index expressions, for its first axes."""
    if len(places) > value.rank:
        raise DoesNotFit(f"{len(places)} indices, but only {value.rank} axes")
    at = [place_of(reader, node, value.shape[axis], scope) for axis, node in enumerate(places)]
    kept = tuple(index.fresh() for index in value.array.indices[len(at) :])
    array = Array(kept, value.array.at(*at, *kept))
    return Value(
        array,
        None if value.out is None else max(0, value.out - len(at)),
        value.turn if kept else "",
        value.cost,
        value.said,
    )


def _started(reader: ClaimReader, key: Key, value: Value) -> Value:
    """``h_{t-1}`` in a recurrence: at the first place the value that it starts from, where the document gives that."""
    entry = value.array.body
    if not isinstance(entry, Entry) or reader.differentials.recurrences.direction.get(entry.tensor) != -1:
        return value
    place, size = entry.indices[0], entry.tensor.shape[0]
    if not isinstance(place + 1, Index):
        return value
    first = key.labelled("_0")
    start: Any
    if (tensor := tensor_of(reader, first)) is not None and tensor.rank == value.rank:
        start = tensor.entry(*value.array.indices)
    elif any(is_zero(given.value.node) for given in reader.world.table.given.get(first, ())):
        start = S.Zero
    else:
        return value
    body = Inside(place, size) * entry + Delta(place + 1, 0) * start
    return replace(value, array=Array(value.array.indices, body))


def _special(reader: ClaimReader, parts: Parts, scope: Scope) -> list[Value] | None:
    r"""Names with a meaning of their own unless the document says otherwise: ``e``, ``\pi``."""
    key = parts.key
    if parts.accents or parts.primes:
        return None
    if key == Key("e") and not parts.subs and len(parts.sups) <= 1:
        if not parts.sups:
            return [scalar(sympy.E)]
        return reader.entrywise(sympy.exp, [reader.read(parts.sups[0], scope)])
    if key == Key("pi") and not parts.subs:
        values = [scalar(sympy.pi)]
        for sup in parts.sups:
            values = reader.raised(values, sup, scope)
        return values
    if key == Key("infty"):
        raise NotUnderstood("infinity is no value")
    if key == Key("delta"):
        return kronecker(reader, parts, scope)
    if key in (Key("I"), Key("I", "bb")) and all(is_transpose(sup) for sup in parts.sups):
        sizes = reader.conventions.square_sizes
        found = []
        for size in sizes:
            i, j = Index("i", size).fresh(), Index("j", size).fresh()
            found.append(Value(Array((i, j), Delta(i, j))))
        return found or None
    return None


def kronecker(reader: ClaimReader, parts: Parts, scope: Scope) -> list[Value] | None:
    r"""``\delta_{ij}``, ``\delta_{i,j}`` and ``\delta^i_j`` where the document gives δ no other meaning: one where both are equal.

    At least one of the two must be a letter whose axis is known by now; the other walks the same axis.
    """
    table = reader.world.table
    if any(k.base == "delta" for place in (table.definitions, table.functions, table.declarations) for k in place):
        return None
    places = [component for script in (*parts.subs, *parts.sups) for component in components(script)]
    if len(places) != 2 or any(is_transpose(place) for place in places):
        return None
    letters = [part.base for place in places for part in walk(place) if isinstance(part, t.Name)]
    sizes = {size for name in letters if (size := _walked(reader, name, scope)) is not None}
    if len(sizes) > 1:
        raise DoesNotFit("the two indices of a Kronecker delta walk axes of different lengths")
    if not sizes:
        raise NotUnderstood("the axis that the indices of a Kronecker delta walk is not known")
    (size,) = sizes
    return [scalar(Delta(*(place_of(reader, place, size, scope) for place in places)))]


def _walked(reader: ClaimReader, name: str, scope: Scope) -> Expr | None:
    """The axis of a letter: the one that it is bound to, or the one that it walks elsewhere in the claim."""
    from symnn.notes.judge.reading.bounds import dimension_of

    index = scope.letters.get(name) or reader.free.get(name)
    if index is not None:
        return index.dimension
    sizes = (dimension_of(reader, name, side, scope) for side in reader.claim)
    return next((size for size in sizes if size is not None), None)


def unknown(reader: ClaimReader, parts: Parts, node: Node, scope: Scope) -> list[Value]:
    """A name of which the document says nothing: a number, where everything else in the claim is one."""
    last = list(sortings(parts))
    if not last:
        raise NotUnderstood("a name with scripts that are not understood")
    powers = [sup for sup in parts.sups if isinstance(sup, t.Number)]
    last = [way for way in last if all(any(raised is sup for raised in way.raised) for sup in powers)] or last
    chosen = last[0]
    stacked = _stacked(reader, chosen)
    if stacked:
        for sup in chosen.raised:
            stacked = reader.raised(stacked, sup, scope)
        return stacked
    if not reader.conventions.scalars:
        raise NotUnderstood(f"{chosen.key} is not defined, and its shape is not known", node.span)
    family = _unknown_family(reader, last, node, scope)
    if family:
        return family
    tensor = Tensor(chosen.key.identifier)
    reader.world.tensors[chosen.key] = tensor
    reader.world.nodes.setdefault(tensor.name, node)
    reader.touched.add(tensor)
    values = [scalar(tensor.entry())]
    for sup in chosen.raised:
        values = reader.raised(values, sup, scope)
    return values


def _unknown_family(reader: ClaimReader, ways: list[Sorted], node: Node, scope: Scope) -> list[Value]:
    """``w_{ij}`` with letters that sums of the claim bind: an array of which nothing is known but its axes."""
    bound = {letter for side in reader.claim for letter in bound_letters(side)} | scope.letters.keys()
    known = _families(reader, bound)
    for way in ways:
        letters = [place.base for place in way.indices if isinstance(place, t.Name)]
        if not letters or len(letters) != len(way.indices) or way.key not in known:
            continue
        if not all(letter in bound or letter in INDEX_LETTERS for letter in letters):
            continue
        if any(key.bare == way.key.bare and _is_entry(key, way.key) for key in reader.world.tensors):
            raise NotUnderstood(f"whether numbers below {way.key} are places or labels is not certain", node.span)
        shape = [_length_of(reader, letter, scope) for letter in letters]
        tensor = Tensor(way.key.identifier, tuple(shape))
        reader.world.tensors[way.key] = tensor
        return _sorted_value(reader, way, scope)
    return []


def _families(reader: ClaimReader, bound: set[str]) -> set[Key]:
    """The names of a claim that stand somewhere with a letter which a sum binds."""
    found = set()
    for side in reader.claim:
        for node in walk(side):
            parts = parts_of(node) if isinstance(node, t.Script) else None
            for way in sortings(parts) if parts is not None else ():
                if any(isinstance(place, t.Name) and place.base in bound for place in way.indices):
                    found.add(way.key)
    return found


def _is_entry(key: Key, family: Key) -> bool:
    """Whether a key is that of a member of a family with a number from 1 on for its label."""
    more = key.labels[len(family.labels) :] if key.labels[: len(family.labels)] == family.labels else ()
    return any(label[1:].isdigit() and int(label[1:]) > 0 for label in more)


def _length_of(reader: ClaimReader, letter: str, scope: Scope) -> Expr:
    found = scope.letters.get(letter) or reader.free.get(letter)
    return dimension(f"n_{letter}") if found is None else found.dimension


def _row_of(reader: ClaimReader, parts: Parts, scope: Scope) -> list[Value]:
    """``x_i`` where X is a matrix: its row i."""
    key = parts.key
    if len(key.base) != 1 or not key.base.islower() or len(parts.subs) != 1 or key.labels:
        return []
    tensor = tensor_of(reader, Key(key.base.upper(), key.style, key.accents))
    places = components(parts.subs[0])
    if tensor is None or tensor.rank != 2 or len(places) != 1:
        return []
    reader.touched.add(tensor)
    try:
        values = [_entry(reader, Value(Array.of(tensor)), places, scope)]
    except NotUnderstood:
        return []
    for sup in parts.sups:
        values = reader.raised(values, sup, scope)
    return values


def _stacked(reader: ClaimReader, found: Sorted) -> list[Value]:
    """A capital X whose rows are the family x_i."""
    key = found.key
    if key.labels or len(key.base) != 1 or not key.base.isupper():
        return []
    tensor = tensor_of(reader, Key(key.base.lower(), key.style, key.accents))
    if tensor is None or tensor.rank < 1:
        return []
    return [Value(Array.of(tensor))]
