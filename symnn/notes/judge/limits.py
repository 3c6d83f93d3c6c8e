r"""Limits: ``\lim_{z \to \infty} g(z) = 1``, tried at points that come ever closer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision
from symnn.formula.nodes import Tensor, tensors
from symnn.notation import tree as t
from symnn.notation.tree import Node
from symnn.notes.judge.decide import Decision, inlined
from symnn.notes.judge.derivatives import target
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.pairs import Pair
from symnn.notes.judge.reader import ClaimReader, Scope

BITS = 2000
CLOSE = 1e-25


def limit(reader: ClaimReader, left: t.BigOperator, right: Node) -> Decision:
    """Whether a limit of a function of one number is what is claimed. Raises NotUnderstood for any other limit.

    Numbers prove no limit: a claim that fits them agrees, and one that they run away from is not decided.
    """
    sub = left.sub
    if not (
        isinstance(sub, t.Relation) and len(sub.links) == 1 and sub.links[0].operator == "to" and sub.first is not None
    ):
        raise NotUnderstood("a limit without its point")
    variable, places, _ = target(reader, sub.first, Scope())
    if variable.rank or places is not None:
        raise NotUnderstood("a limit by something that is no number")
    body = inlined(reader.read(left.body, Scope())[0].array.body, reader.world)
    value = unfold_applications(reader.read(right, Scope())[0].array.body)
    if tensors(body) - {variable} or tensors(value):
        raise NotUnderstood("a limit with other names in it")
    differences = [_difference(body, value, variable, point) for point in _points(reader, sub.links[0].right)]
    pair = Pair(body, value, (), 0)
    if all(a is not None for a in differences) and differences[-1] is not None and differences[-1] < CLOSE:
        return Decision("agrees", "the values come as close to it as was tried", pair)
    return Decision("undecided", "the values that were tried do not come close to it", pair)


def _points(reader: ClaimReader, node: Node | None) -> list[Fraction]:
    sign = 1
    if isinstance(node, t.Negative):
        sign, node = -1, node.body
    if isinstance(node, t.Name) and node.base == "infty":
        return [sign * Fraction(10) ** power for power in (1, 2, 3)]
    if isinstance(node, t.Number):
        return [sign * Fraction(node.text) + Fraction(1, 10**power) for power in (10, 20, 30)]
    raise NotUnderstood("the point of a limit is not understood")


def _difference(body: Any, value: Any, variable: Tensor, point: Fraction) -> float | None:
    with precision(BITS):
        try:
            at = evaluate(body, Assignment({}, {variable: {(): point}}))
            return abs(float((at - evaluate(value, Assignment())).abs_upper()))
        except EvaluationError:
            return None
