"""Numbers of programs: what an assignment evaluates to, and what its comment says."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.code.program import Assignment

_SAID = re.compile(
    r"(?:becomes|is|equals|gives|=+|->|=>|→|≈|~)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(?:\)|[.!,;]|$)", re.IGNORECASE
)
_FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "sin": math.sin, "cos": math.cos,
    "abs": abs, "fabs": abs,
}  # fmt: skip
MOST_DIGITS = 40
MOST_POWER = 64


def said_value(comment: str) -> str | None:
    """The number that a comment says a value becomes, as written.

    >>> said_value("q becomes 3"), said_value("shape (5, 3)"), said_value("step 2")
    ('3', None, None)
    """
    found = _SAID.findall(comment)
    return found[-1] if len(found) == 1 and len(found[-1]) <= MOST_DIGITS else None


def values_of(assignments: Sequence[Assignment]) -> list[float | Fraction | None]:
    """The values of the assignments, in order; None where they are not known."""
    known: dict[str, float | Fraction | None] = {}
    found = []
    for assignment in assignments:
        try:
            value: float | Fraction | None = _value(assignment.value, known)
            if assignment.adds:
                before = known.get(assignment.name)
                value = None if before is None or value is None else before + value
        except (_Unknown, ArithmeticError, ValueError, RecursionError):
            value = None
        known[assignment.name] = value
        found.append(value)
    return found


class _Unknown(Exception):
    pass


def _value(node: ast.expr, known: dict[str, float | Fraction | None]) -> float | Fraction:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Fraction(str(number)) if math.isfinite(number) else _unknown()
        case ast.Name():
            value = known.get(node.id)
            return _unknown() if value is None else value
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand, known)
        case ast.BinOp():
            return _binary(node.op, _value(node.left, known), _value(node.right, known))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="math" | "np"), attr=name)) if (
            name in _FUNCTIONS and len(node.args) == 1 and not node.keywords
        ):
            return _FUNCTIONS[name](float(_value(node.args[0], known)))
        case ast.Call(func=ast.Name(id="max" | "min" as name)) if len(node.args) > 1 and not node.keywords:
            numbers = [_value(argument, known) for argument in node.args]
            ordered: list[float | Fraction] = sorted(numbers, key=float)
            return ordered[-1] if name == "max" else ordered[0]
    return _unknown()


def _binary(operator: ast.operator, left: float | Fraction, right: float | Fraction) -> float | Fraction:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow() if isinstance(right, Fraction) and right.denominator == 1 and abs(right) <= MOST_POWER:
            return left ** int(right)
    return _unknown()


def _unknown() -> Fraction:
    raise _Unknown


def value_claim(assignment: Assignment, value: float | Fraction, said: str) -> Claim | None:
    """The claim of a comment: right to the digits that it writes."""
    wanted = Fraction(said)
    digits = len(said.partition("e")[0].partition(".")[2])
    slack = Fraction(1, 2) / 10**digits if digits else Fraction(0)
    difference = abs(Fraction(value) - wanted)
    size = abs(wanted) if abs(wanted) > 1 else Fraction(1)
    exact = isinstance(value, Fraction) and difference == 0
    right = exact or difference <= slack + Fraction(1, 10**12) * size
    if not right and difference <= size / 100:
        return None  # as near as numbers are told in passing
    line, last = assignment.first, assignment.last
    shown = format(float(value), ".6g")
    return Claim(
        id=0, line=line.number, column=line.begin, end_line=last.number, end_column=last.end, source=line.text.strip(),
        reading=f"{assignment.name} = {said}", verdict="refuted" if not right else "proved" if exact else "agrees",
        reason=f"{assignment.name} is {shown}", correct="" if right else f"{assignment.name} = {shown}",
        slip="" if right else "arithmetic", source_line=line.written, path=line.path,
    )  # fmt: skip
