r"""Limits: ``\lim_{h \to 0} \frac{f(x + h) - f(x)}{h}`` by the rule of L'Hôpital, ``\lim_{z \to \infty} g(z)`` at points that come ever closer.

A limit at a number is worked out: the number is put in, and where that gives 0/0 both parts of the quotient are
differentiated first (M. Spivak, *Calculus*, chapter 11). For a function of which the document says nothing that is its
derivative by definition. A difference quotient that is only near to something (``≈``) is meant for small steps.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from sympy import S

from symnn.formula.application import Array, unfold_applications
from symnn.formula.deltas import eliminate_deltas
from symnn.formula.differentiate import DifferentiationError, differentiate
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision
from symnn.formula.nodes import Bracket, Cases, Extreme, Maximum, Minimum, Tensor, tensors
from symnn.formula.normal import Normalizer
from symnn.formula.substitute import substitute_entries
from symnn.notation import tree as t
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.decision.decide import Decision
from symnn.notes.judge.decision.inlining import inlined
from symnn.notes.judge.decision.pairs import Pair
from symnn.notes.judge.errors import NotUnderstood
from symnn.notes.judge.gradients.derivatives import target
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.reading.values import Value
from symnn.notes.read.names import parts_of

BITS = 2000
CLOSE = 1e-25
MOST_TIMES = 4
SMALL = frozenset(["h", "epsilon", "varepsilon", "eps", "delta"])
ROUGH = (Bracket, Cases, Extreme, Maximum, Minimum, sympy.Abs, sympy.sign)


def value_of(reader: ClaimReader, node: t.BigOperator, scope: Scope) -> list[Value]:
    """The values of a limit at a number. Raises NotUnderstood for another limit, and where there is none."""
    sub = node.sub
    if not (isinstance(sub, t.Relation) and len(sub.links) == 1 and sub.links[0].operator == "to"):
        raise NotUnderstood("a limit without its point")
    parts = None if sub.first is None else parts_of(sub.first)
    if parts is None or parts.subs or parts.sups or parts.primes or not isinstance(sub.links[0].right, t.Number):
        raise NotUnderstood("lim is not understood in a claim")
    point = sympy.Rational(sub.links[0].right.text)
    variable = Tensor(f"{parts.key.identifier} in a limit")
    inner = replace(scope, parameters={**scope.parameters, parts.key: Value(Array.of(variable))})
    found = []
    for value in reader.read(node.body, inner):
        if value.rank:
            raise NotUnderstood("a limit of an array")
        formula = unfold_applications(value.array.body)
        try:
            limit_at = _at(formula, variable, point)
        except NotUnderstood:
            limit_at = _at(inlined(formula, reader.world), variable, point)
        found.append(replace(value, array=Array((), limit_at)))
    return found


def _at(formula: Any, variable: Tensor, point: Any) -> Any:
    """What a formula comes close to where a variable comes close to a number. Raises NotUnderstood."""
    if any(formula.has(kind) for kind in ROUGH):
        raise NotUnderstood("a limit of what has kinks or jumps")
    above, below = sympy.fraction(sympy.together(formula))
    for _ in range(MOST_TIMES):
        top, bottom = (_put_in(part, variable, point) for part in (above, below))
        if not Normalizer().equal(bottom, S.Zero):
            return top / bottom
        if not Normalizer().equal(top, S.Zero):
            break
        try:
            above, below = (eliminate_deltas(differentiate(part, variable.entry())) for part in (above, below))
        except DifferentiationError as error:
            raise NotUnderstood(str(error)) from None
    raise NotUnderstood("a limit that is not worked out")


def _put_in(formula: Any, variable: Tensor, point: Any) -> Any:
    found = substitute_entries(formula, lambda entry: point if entry.tensor == variable else None)
    if found.has(S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity):
        raise NotUnderstood("a limit at a point without a value")
    return found


def for_small_steps(left: Node, right: Node) -> tuple[Node, str] | None:
    r"""The limit that ``≈ \frac{f(x + h) - f(x - h)}{2h}`` is near to, and its step; None for what is no difference quotient."""
    if not isinstance(right, t.Quotient):
        return None
    own = {part.base for part in walk(left) if isinstance(part, t.Name)}
    below = {part.base for part in walk(right.denominator) if isinstance(part, t.Name)}
    above = {part.base for part in walk(right.numerator) if isinstance(part, t.Name)}
    steps = (below & above & SMALL) - own
    if len(steps) != 1 or below - steps or not any(isinstance(part, t.Sum) for part in walk(right.numerator)):
        return None
    (step,) = steps
    near = t.Relation(t.Name(step), (t.Link("to", t.Number("0")),))
    return t.BigOperator("lim", near, None, right), step


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
    ways = [
        [_difference(body, value, variable, point) for point in points]
        for points in _points(reader, sub.links[0].right)
    ]
    pair = Pair(body, value, (), 0)
    if all(None not in found and found[-1] is not None and found[-1] < CLOSE for found in ways):
        return Decision("agrees", "the values come as close to it as was tried", pair)
    return Decision("undecided", "the values that were tried do not come close to it", pair)


def _points(reader: ClaimReader, node: Node | None) -> list[list[Fraction]]:
    """Points that come ever closer, from each side."""
    sign = 1
    if isinstance(node, t.Negative):
        sign, node = -1, node.body
    if isinstance(node, t.Name) and node.base == "infty":
        return [[sign * Fraction(10) ** power for power in (1, 2, 3)]]
    if isinstance(node, t.Number):
        return [
            [sign * Fraction(node.text) + side * Fraction(1, 10**power) for power in (10, 20, 30)] for side in (1, -1)
        ]
    raise NotUnderstood("the point of a limit is not understood")


def _difference(body: Any, value: Any, variable: Tensor, point: Fraction) -> float | None:
    with precision(BITS):
        try:
            at = evaluate(body, Assignment({}, {variable: {(): point}}))
            return abs(float((at - evaluate(value, Assignment())).abs_upper()))
        except EvaluationError:
            return None
