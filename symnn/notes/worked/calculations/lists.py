"""Calculations with lists and matrices of numbers, written out: ``-0.1 · (2, 3)`` is ``(-0.1 · 2, -0.1 · 3)``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.read.names import parts_of
from symnn.notes.read.symbols import is_transpose
from symnn.notes.worked.functions import known_function
from symnn.notes.worked.names import arguments_of
from symnn.notes.worked.symbol_table import NUMERIC_FUNCTIONS

Rows = tuple[tuple[Node, ...], ...]
MAX_ENTRIES = 400
ENTRYWISE = ("odot", "circ", "ast", "times")
FOLDING = ("max", "min")


class Mixed(Exception):
    """Lists that do not go together as they stand."""


def written_out(node: Node) -> Rows | None:
    r"""The entries of a calculation with lists and matrices, each of them a calculation with numbers.

    A list is one column, a dot product one entry. None for a calculation that has no list in it, or whose lists do not
    go together.

    >>> from symnn.notation import parse_latex
    >>> from symnn.notation.to_text import to_text
    >>> [to_text(entry) for (entry,) in written_out(parse_latex(r"2 \cdot (3, 4) - (1, 1)"))]
    ['2 · 3 - 1', '2 · 4 - 1']
    """
    try:
        found = _written_out(node)
    except Mixed:
        return None
    if isinstance(found, tuple):
        return found
    return None if found is node else ((found,),)


def _written_out(node: Node) -> Rows | Node:
    match node:
        case t.Matrix():
            return node.rows
        case t.Sequence() if node.left in ("(", "[") and node.separator in (",", ";") and node.items:
            return _rows(node.items)
        case t.Group() if node.left in ("(", "[", "{"):
            inner = _written_out(node.body)
            return inner if isinstance(inner, tuple) or inner is not node.body else node
        case t.Script() if is_transpose(node.sup) and node.sub is None:
            inner = _written_out(node.base)
            if not isinstance(inner, tuple):
                raise Mixed
            return tuple(zip(*_even(inner), strict=True))
        case t.Negative():
            return _each(lambda part: t.Negative(_bracketed(part)), node.body, node)
        case t.Quotient():
            if isinstance(_written_out(node.denominator), tuple):
                raise Mixed
            return _each(lambda part: changed(node, numerator=part), node.numerator, node)
        case t.Sum():
            return _sum(node)
        case t.Product():
            return _product(node)
        case t.Call() if len(node.arguments) == 1:
            return _call(node.head, node.arguments[0], node)
    return node


def _rows(items: Sequence[Node]) -> Rows:
    """A list as a column, or a list of lists as a matrix."""
    if all(isinstance(item, t.Sequence) and item.left in ("(", "[") for item in items):
        return tuple(item.items for item in items if isinstance(item, t.Sequence))
    return tuple((item,) for item in items)


def _even(rows: Rows) -> Rows:
    if len({len(row) for row in rows}) != 1 or len(rows) * len(rows[0]) > MAX_ENTRIES:
        raise Mixed
    return rows


def _each(change: Callable[[Node], Node], part: Node, whole: Node) -> Rows | Node:
    inner = _written_out(part)
    if not isinstance(inner, tuple):
        return whole if inner is part else change(inner)
    return tuple(tuple(change(entry) for entry in row) for row in _even(inner))


def _bracketed(node: Node) -> Node:
    return t.Group(node) if isinstance(node, t.Sum | t.Negative) else node


def _sum(node: t.Sum) -> Rows | Node:
    terms = [_written_out(term.term) for term in node.terms]
    lists = [_even(term) for term in terms if isinstance(term, tuple)]
    signs = [term.sign for term in node.terms]

    def joined(parts: Sequence[Node]) -> Node:
        return t.Sum(tuple(t.Signed(sign, _bracketed(part)) for sign, part in zip(signs, parts, strict=True)))

    if not lists:
        numbers = [term for term in terms if not isinstance(term, tuple)]
        same = all(number is term.term for number, term in zip(numbers, node.terms, strict=True))
        return node if same else joined(numbers)
    if len({_size(rows) for rows in lists}) != 1:
        raise Mixed
    every = [term if isinstance(term, tuple) else _filled(lists[0], term) for term in terms]
    return _met(every, joined)


def _filled(like: Rows, number: Node) -> Rows:
    """A number at every place of a list: ``1 - (2, 3)`` takes each entry from 1."""
    return tuple(tuple(number for _ in row) for row in like)


def _size(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _met(lists: Sequence[Rows], join: Callable[[Sequence[Node]], Node]) -> Rows:
    """The entries of lists of one shape, joined place by place."""
    return tuple(
        tuple(join(parts) for parts in zip(*rows, strict=True)) for rows in zip(*map(_even, lists), strict=True)
    )


def _product(node: t.Product) -> Rows | Node:
    if node.operator == "juxtaposed" and len(node.factors) == 2 and parts_of(node.factors[0]) is not None:
        arguments = arguments_of(node.factors[1])
        if arguments is not None:
            inside = arguments[0] if len(arguments) == 1 else node.factors[1]
            return _call(node.factors[0], inside, node)
    parts_ = [_written_out(factor) for factor in node.factors]
    if all(part is factor for part, factor in zip(parts_, node.factors, strict=True)):
        return node
    operator = node.operator
    if operator == "cdot" and any(isinstance(p, t.Product) and p.operator in ("odot", "circ") for p in walk(node)):
        operator = "odot"
    result = parts_[0]
    for part in parts_[1:]:
        result = _times(operator, result, part)
    return result


def _times(operator: t.ProductOperator, left: Rows | Node, right: Rows | Node) -> Rows | Node:
    def of_two(one: Node, other: Node) -> Node:
        return t.Product("cdot", (_bracketed(one), _bracketed(other)))

    if isinstance(left, tuple) and isinstance(right, tuple):
        left, right = _even(left), _even(right)
        if operator in ENTRYWISE:
            if _size(left) != _size(right):
                raise Mixed
            return _met([left, right], lambda parts: of_two(*parts))
        if operator not in ("cdot", "juxtaposed", "matmul"):
            raise Mixed
        if operator == "cdot" and _size(left) == _size(right) and len(left[0]) == 1:
            left = tuple(zip(*left, strict=True))  # the dot product of two columns
        if len(left[0]) == 1 and len(left) == len(right) and len(right[0]) > 1:
            left = tuple(zip(*left, strict=True))  # a list before a matrix is a row
        if len(left[0]) != len(right):
            raise Mixed
        rows = tuple(
            tuple(
                _total([of_two(a, b) for a, b in zip(row, column, strict=True)]) for column in zip(*right, strict=True)
            )
            for row in left
        )
        return rows if _size(rows) != (1, 1) else rows[0][0]
    if isinstance(left, tuple):
        assert not isinstance(right, tuple)
        return tuple(tuple(of_two(entry, right) for entry in row) for row in _even(left))
    if isinstance(right, tuple):
        return tuple(tuple(of_two(left, entry) for entry in row) for row in _even(right))
    return of_two(left, right)


def _total(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else t.Sum(tuple(t.Signed("+", part) for part in parts))


def _call(head: Node, argument: Node, whole: Node) -> Rows | Node:
    """A function of one number at each entry, or the softmax over all of them."""
    inner = _written_out(argument)
    parts = parts_of(head)
    if not isinstance(inner, tuple):
        return whole
    if parts is None or parts.subs or parts.sups or parts.primes:
        raise Mixed
    rows = _even(inner)
    name = parts.key.base
    if name.lower() == "softmax" and 1 in _size(rows):
        raised = [t.Call(t.Name("exp"), (entry,)) for entry in itertools.chain(*rows)]
        entries = iter([t.Quotient(entry, _total(raised)) for entry in raised])
        return tuple(tuple(next(entries) for _ in row) for row in rows)
    if name in FOLDING or (name not in NUMERIC_FUNCTIONS and known_function(name) is None):
        raise Mixed
    return tuple(tuple(t.Call(head, (entry,)) for entry in row) for row in rows)
