r"""Bounds of functions of one number: ``\sigma'(z) = \sigma(z)(1 - \sigma(z)) \leq \frac14``.

A bound is tried over the whole axis, and around the point where it is nearest to be broken. One that holds everywhere
agrees. Most inequalities of notes are conditions, so that one that does not hold is a claim only where it cannot be one:
behind an equation, or of a derivative.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symnn.errors import SymnnError
from symnn.formula.application import unfold_applications
from symnn.formula.evaluate import Assignment, EvaluationError, evaluate, precision
from symnn.formula.nodes import Tensor, tensors
from symnn.formula.normal import TooLarge
from symnn.notation import tree as t
from symnn.notation.traverse import replace, walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decision.inlining import inlined
from symnn.notes.judge.errors import NotUnderstood, OutOfTime
from symnn.notes.judge.links import Link, links_of, names_in, region_of, written
from symnn.notes.judge.process.budget import limited
from symnn.notes.judge.process.watchdog import watched
from symnn.notes.judge.reading.canonical import canonical
from symnn.notes.judge.reading.reader import ClaimReader, Scope
from symnn.notes.judge.slips.told import name_of, shown
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.shapes.shapes import Clash

VALUE = t.Name("q", accents=("check",))
SIGNS = {"le": 1, "<": 1, "ge": -1, ">": -1}
SHOWN = {"le": "≤", "<": "<", "ge": "≥", ">": ">"}
BITS = 160
GRID = [Fraction(k, 4) for k in range(-48, 49)] + [Fraction(s * k) for k in (20, 50) for s in (1, -1)]
FAR = [Fraction(1000), Fraction(-1000)]
"""Beyond what a strict bound is tried at: there functions come closer to their bounds than the precision tells."""
ENOUGH = 24
HALVINGS = 40
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|where|unless|until|while|suppose|assume|provided|require|ensure|choose|such that|s\.t\.|falls?|wenn|falls|si|"
    r"quand|lorsque|cuando|se|quando|for which)\b|如果|当|若|なら|とき|경우|때|이면",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bound:
    """``formula ≤ value`` (or with another sign) for a formula of one number."""

    formula: Any
    value: Any
    variable: Tensor
    sign: int
    strict: bool


def judge_inequalities(context: Context) -> list[Claim]:
    """The claims that inequalities between a function of one number and a number make."""
    claims: list[Claim] = []
    for statement in context.statements:
        if statement.span is not None and statement.span.cell is not None:
            continue
        for link in links_of(statement):
            if link.operator in SIGNS and not context.is_late:
                claims += _judged(context, link)
    return claims


def _judged(context: Context, link: Link) -> Iterator[Claim]:
    left, right = (canonical(node) for node in link.nodes)
    names = [any(True for _ in names_in([side])) for side in (left, right)]
    if names[0] == names[1]:
        return
    try:
        with limited(), watched():
            reader = context.reader(link.statement)
            bound = _bound(reader, *((left, right) if names[0] else (right, left)), link.operator, turned=names[1])
            if bound is None:
                return
            broken = _broken(bound)
    except (NotUnderstood, OutOfTime, SymnnError, Clash, TooLarge, RecursionError, ZeroDivisionError, ValueError):
        return
    if broken is None:
        yield _claim(link, "agrees", "it holds wherever it was tried", "")
    elif _is_claim(link, left if names[0] else right) and not bound.strict:
        at = f"{name_of(bound.variable, reader)} = {float(broken):.6g}"
        yield _claim(link, "refuted", f"it does not hold at {at}", at)


def _bound(reader: ClaimReader, function: Node, number: Node, operator: str, *, turned: bool) -> Bound | None:
    """The bound that a link states; None where that is not of one number."""
    values = reader.read(_as_value(function), Scope()), reader.read(number, Scope())
    if any(len(found) != 1 or found[0].rank for found in values) or reader.free:
        return None
    formula = inlined(values[0][0].array.body, reader.world)
    value = unfold_applications(values[1][0].array.body)
    found = tensors(formula)
    if len(found) != 1 or tensors(value) or formula.free_symbols or value.free_symbols:
        return None
    (variable,) = found
    if variable.rank:
        return None
    return Bound(formula, value, variable, SIGNS[operator] * (-1 if turned else 1), operator in "<>")


def _as_value(node: Node) -> Node:
    r"""``\sigma (1 - \sigma)`` with a number in the place of σ: what stands alone in a bracket is no function before it."""
    alone = {
        part
        for product in walk(node)
        if isinstance(product, t.Product) and product.operator == "juxtaposed"
        for head, bracket in zip(product.factors, product.factors[1:], strict=False)
        if isinstance(head, t.Name) and isinstance(bracket, t.Group)
        for part in _terms(bracket.body)
        if part == head
    }
    return replace(node, lambda part: VALUE if part in alone else part)


def _terms(node: Node) -> tuple[Node, ...]:
    return tuple(term.term for term in node.terms) if isinstance(node, t.Sum) else (node,)


def _broken(bound: Bound) -> Fraction | None:
    """A point at which a bound does not hold; None where there is none. Raises NotUnderstood where too little is known."""
    gaps = {point: gap for point in (GRID if bound.strict else GRID + FAR) if (gap := _gap(bound, point)) is not None}
    if len(gaps) < ENOUGH:
        raise NotUnderstood("a function that has few values")
    nearest = max(gaps, key=lambda point: float(gaps[point].mid()))
    step = Fraction(1, 4)
    for _ in range(HALVINGS):
        for point in (nearest - step, nearest + step):
            gap = _gap(bound, point)
            if gap is not None:
                gaps[point] = gap
                nearest = max((nearest, point), key=lambda at: float(gaps[at].mid()))
        step /= 2
    over = [point for point, gap in gaps.items() if gap > 0 or (bound.strict and not gap < 0)]
    return max(over, key=lambda point: float(gaps[point].mid())) if over else None


def _gap(bound: Bound, point: Fraction) -> Any | None:
    """By how much a bound is exceeded at a point, as a ball; None where the function has no value."""
    with precision(BITS):
        try:
            value = evaluate(bound.formula, Assignment({}, {bound.variable: {(): point}}))
            return (value - evaluate(bound.value, Assignment())) * bound.sign
        except (EvaluationError, ZeroDivisionError, OverflowError):
            return None


def _is_claim(link: Link, function: Node) -> bool:
    """Whether an inequality that does not hold is wrong: no condition, and not chosen to hold."""
    span = link.statement.span
    if (
        span is None
        or link.statement.doubt
        or _CONDITION.search(span.context.before[-80:] + " " + span.context.after[:40])
    ):
        return False
    if any(
        isinstance(part, t.Text | t.Phrase | t.Cases) for step in link.statement.steps for part in walk(step.right.node)
    ):
        return False
    derived = any(isinstance(part, t.Prime | t.Derivative) for part in walk(function))
    before = [step.operator for step in link.statement.steps[: link.place]]
    return (derived or bool(before)) and all(operator in ("=", "equiv") for operator in before)


def _claim(link: Link, verdict: str, reason: str, witness: str) -> Claim:
    left, right = (shown(canonical(node)) for node in link.nodes)
    return Claim(
        id=0, **region_of(link).as_fields(), source=written(link), reading=f"{left} {SHOWN[link.operator]} {right}",
        verdict=verdict, reason=reason, witness=witness,  # type: ignore[arg-type]
        slip="another formula" if verdict == "refuted" else "",
    )  # fmt: skip
