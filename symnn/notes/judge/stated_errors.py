r"""Error terms of layers under a loss that the document defines: ``δ^{(l)} = ∂C/∂z^{(l)}`` beside ``δ^{(l)} = … δ^{(l+1)} …``.

What the document calls δ is the derivative, for it says so; that δ can be made from the one behind it is then a claim,
and no second definition. Everything is read with the derivative in the place of its name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notes.judge.gradients.shorthand import EQUAL, Shorthand, differentiated_by, is_error_term
from symnn.notes.read.expressions.trees import letters_in
from symnn.notes.read.names import Key, Parts, parts_of
from symnn.notes.read.statements import Statement


def stated_errors(statements: Sequence[Statement], losses: Collection[Key]) -> Shorthand | None:
    """The error terms that are defined as derivatives of a loss and made from each other; None where there are none.

    Nothing is taken for certain where a letter stands for derivatives by several values, or of several losses.
    """
    found: dict[Key, set[t.Name]] = {}
    tops: set[t.Node] = set()
    for key, value, loss in _stated(statements, losses):
        found.setdefault(key, set()).add(value)
        tops.add(loss)
    letters = {key: next(iter(values)) for key, values in found.items() if len(values) == 1}
    recurrent = {key: base for key, base in letters.items() if _recurs(key, statements)}
    if not recurrent or len(tops) != 1:
        return None
    return Shorthand(next(iter(tops)), letters=recurrent)


def _stated(statements: Iterable[Statement], losses: Collection[Key]) -> Iterator[tuple[Key, t.Name, t.Node]]:
    """The error letters with an index letter, the value that they are the derivative by, and the loss."""
    for statement in statements:
        if not statement.steps or statement.steps[0].operator not in EQUAL or statement.doubt:
            continue
        right = statement.steps[0].right.node
        value = differentiated_by(right)
        one, other = parts_of(statement.first.node), None if value is None else parts_of(value)
        if one is None or other is None or one.primes or other.primes or other.accents or not is_error_term(one.key):
            continue
        top = (
            right.operand
            if isinstance(right, t.Nabla)
            else right.numerator
            if isinstance(right, t.Derivative)
            else None
        )
        loss = None if top is None else parts_of(top)
        indexed = any(letter.islower() for script in (*one.subs, *one.sups) for letter in letters_in(script))
        if top is not None and loss is not None and loss.key in losses and indexed and _scripts(one) == _scripts(other):
            yield one.key, other.base, t.Name(loss.base.base, font=loss.base.font)


def _scripts(parts: Parts) -> tuple[tuple[t.Node, ...], tuple[t.Node, ...]]:
    return parts.subs, parts.sups


def _recurs(key: Key, statements: Iterable[Statement]) -> bool:
    """Whether an error term is made from another one of its name."""
    for statement in statements:
        left = parts_of(statement.first.node)
        if left is None or left.key != key:
            continue
        for step in statement.steps:
            for part in walk(step.right.node):
                parts = parts_of(part) if isinstance(part, t.Script) else None
                if parts is not None and parts.key == key and _scripts(parts) != _scripts(left):
                    return True
    return False


__all__ = ["stated_errors"]
