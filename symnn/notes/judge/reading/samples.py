r"""Samples: ``x^{(i)}`` beside ``x`` is a family of its own, the i-th of many such x.

Where a document also uses the bare name, as in ``h(x) = θ^T x`` beside ``\sum_i h(x^{(i)})``, the raised letter picks no
entry of x. The family gets a name of its own, with its letter below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed

from symnn.notation import tree as t
from symnn.notation.traverse import children, walk, with_children
from symnn.notation.tree import Node
from symnn.notes.read.expressions.trees import bound_letters, components, is_transpose
from symnn.notes.read.names import Key, is_word, parts_of
from symnn.notes.read.statements import Statement

MARK = "⁽⁾"


def with_samples(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with samples under names of their own; themselves where there are none."""
    nodes = [node for s in statements for node in (s.first.node, *(step.right.node for step in s.steps))]
    bound = {letter for node in nodes for letter in bound_letters(node)}
    sampled: set[Key] = set()
    bare: set[Key] = set()
    for node in nodes:
        _collect(node, bound, sampled, bare)
    found = sampled & bare
    if not found:
        return tuple(statements)
    return tuple(statement.mapped(lambda node: _renamed(node, found, bound)) for statement in statements)


def _sample_letter(node: Node, bound: set[str]) -> t.Name | None:
    """The letter i of ``x^{(i)}``, where a sum of the document binds it."""
    parts = parts_of(node) if isinstance(node, t.Script) else None
    for sup in parts.sups if parts is not None else ():
        body = sup.body if isinstance(sup, t.Group) and sup.left == "(" else None
        if isinstance(body, t.Name) and not is_word(body) and body.base in bound and not is_transpose(body):
            return body
    return None


def _collect(node: Node, bound: set[str], sampled: set[Key], bare: set[Key]) -> None:
    """The names that stand with a sample's letter, and those that stand without anything raised."""
    stack = [node]
    while stack:
        top = stack.pop()
        parts = parts_of(top) if isinstance(top, t.Name | t.Script | t.Prime) else None
        if parts is None:
            stack.extend(children(top))
        elif _sample_letter(top, bound) is not None:
            sampled.add(parts.key)
        elif not any(isinstance(sup, t.Group) for sup in parts.sups):
            bare.add(parts.key)


def _renamed(node: Node, names: set[Key], bound: set[str]) -> Node:
    letter = _sample_letter(node, bound)
    parts = None if letter is None else parts_of(node)
    if letter is not None and parts is not None and parts.key in names and not parts.primes:
        below = tuple(c for sub in parts.subs for c in components(sub))
        sub: Node = t.Sequence((letter, *below)) if below else letter
        base = t.Name(parts.base.base + MARK, parts.base.font, parts.accents, span=node.span)
        made: Node = t.Script(base, sub=sub, span=node.span)
        for sup in parts.sups:
            if not any(part is letter for part in walk(sup)):
                made = t.Script(made, sup=sup, span=node.span)
        return made
    below_ = children(node)
    after = tuple(_renamed(child, names, bound) for child in below_)
    return node if all(a is b for a, b in zip(after, below_, strict=True)) else with_children(node, after)


def as_written(node: Node) -> Node:
    """The formula with samples as the document writes them.

    >>> from symnn.notation import to_text
    >>> to_text(as_written(t.Script(t.Name("x" + MARK), sub=t.Sequence((t.Name("i"), t.Name("j"))))))
    'x_j⁽ⁱ⁾'
    """
    if isinstance(node, t.Script) and isinstance(node.base, t.Name) and node.base.base.endswith(MARK) and node.sub:
        letter, *below = components(node.sub)
        base = changed(node.base, base=node.base.base.removesuffix(MARK))
        left = None if not below else below[0] if len(below) == 1 else t.Sequence(tuple(below))
        return t.Script(base, left, t.Group(letter, "(", ")"))
    below_ = children(node)
    after = tuple(as_written(child) for child in below_)
    return node if all(a is b for a, b in zip(after, below_, strict=True)) else with_children(node, after)
