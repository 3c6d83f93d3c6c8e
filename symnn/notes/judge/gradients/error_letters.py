"""Names that stand for one derivative of the loss: ``δ^{(l)} = ∂C/∂z^{(l)}``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.gradients.shorthand import (
    EQUAL,
    Shorthand,
    differentiated_by,
    is_error_term,
    is_loss,
    is_of,
    plain_names,
)
from symnn.notes.judge.reading.sortings import raised_pieces
from symnn.notes.read.expressions.trees import is_transpose
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.statements import Statement
from symnn.notes.read.symbols import Table


def find_letters(statements: Sequence[Statement], table: Table, short: Shorthand) -> None:
    """Names that stand for one derivative of the loss: ``δ^{(l)} = ∂C/∂z^{(l)}``, ``g = ∂L/∂y``.

    An error letter without such a definition is the derivative by the z whose ``σ'(z)`` stands in its formulas.
    """
    twice: set[Key] = set()
    forms = _forms(statements)
    for statement in statements:
        if not statement.steps or statement.steps[0].operator not in EQUAL or statement.doubt:
            continue
        left, right = statement.first.node, statement.steps[0].right.node
        value = differentiated_by(right) if is_of(right, short.loss) else None
        one, other = parts_of(left), None if value is None else parts_of(value)
        if one is None or other is None or value is None or one.primes or other.primes:
            continue
        if one.key == other.key or is_loss(one) or (_is_given(table, one.key) and not is_error_term(one.key)):
            continue
        if not _is_known(_form(other), forms):
            twice.add(one.key)  # it belongs to a layer of which the document does not say what it computes
        elif (one.subs, one.sups) == (other.subs, other.sups) and not other.accents:
            if short.letters.setdefault(one.key, other.base) != other.base:
                twice.add(one.key)
        elif short.exact.setdefault(left, value) != value:
            twice.add(one.key)
    stated = {*short.letters, *(parts.key for name in short.exact if (parts := parts_of(name)) is not None)}
    slopes: dict[Key, Counter[t.Name]] = defaultdict(Counter)
    for key, base in _by_slopes(statements, forms):
        slopes[key][base] += 1
    for key, counts in slopes.items():
        base, count = counts.most_common(1)[0]
        if key not in stated and 2 * count > counts.total():
            short.letters[key] = base
    short.letters = {key: base for key, base in short.letters.items() if key not in twice}
    short.exact = {
        name: value
        for name, value in short.exact.items()
        if (parts := parts_of(name)) is not None and parts.key not in {*twice, *short.letters}
    }


def _is_given(table: Table, key: Key) -> bool:
    return any(found.bare == key for place in (table.definitions, table.functions, table.given) for found in place)


Form = tuple[Key, int, int]
"""A name and how many scripts it has below and above."""


def _form(parts: Parts) -> Form:
    above = [piece for sup in parts.sups for piece in raised_pieces(sup) if not is_transpose(piece)]
    return parts.key, len(parts.subs), len(above)


def _is_known(form: Form, forms: set[Form]) -> bool:
    """Whether a name stands like this in a definition, or so but for index letters below it."""
    key, below, above = form
    return any((key, fewer, above) in forms for fewer in range(below + 1))


def _forms(statements: Iterable[Statement]) -> set[Form]:
    """The forms of the names in the definitions of a document."""
    found: set[Form] = set()
    for statement in statements:
        left = parts_of(statement.first.node)
        steps = [step for step in statement.steps if step.operator in EQUAL]
        if left is None or not steps or is_error_term(left.key):
            continue
        if not any(isinstance(part, t.Derivative | t.Nabla) for step in steps for part in walk(step.right.node)):
            found |= {
                _form(parts) for node in (statement.first.node, steps[0].right.node) for parts in plain_names(node)
            }
    return found


def _by_slopes(statements: Iterable[Statement], forms: set[Form]) -> Iterator[tuple[Key, t.Name]]:
    """The error letters in whose formulas ``σ'(z)`` stands, with that z, where a definition says what z is."""
    for statement in statements:
        left = parts_of(statement.first.node)
        if left is None or not is_error_term(left.key):
            continue
        for step in statement.steps:
            for part in walk(step.right.node) if step.operator in EQUAL else ():
                value = _below_slope(part)
                parts = None if value is None else parts_of(value)
                if parts is None or parts.accents or (parts.subs, parts.sups) != (left.subs, left.sups):
                    continue
                if left.subs + left.sups and _is_known(_form(parts), forms):
                    yield left.key, parts.base


def _below_slope(node: Node) -> Node | None:
    """The z of ``σ'(z)``."""
    if not (isinstance(node, t.Product) and node.operator == "juxtaposed"):
        return None
    for head, argument in zip(node.factors, node.factors[1:], strict=False):
        parts = parts_of(head)
        if parts is not None and parts.primes == 1 and isinstance(argument, t.Group) and argument.left == "(":
            return argument.body
    return None
