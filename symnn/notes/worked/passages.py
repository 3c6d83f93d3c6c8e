r"""What a passage says of a function around a condition: *not differentiable at ``x = 0``*, *for ``x < 0`` its slope is 0*.

The words are looked for in the clause of the condition. Only what is found to hold is told: words leave much open, and a
sentence that seems wrong may speak of another function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notes.find.document import Span, Table
from symnn.notes.judge.claims import Claim
from symnn.notes.read.statements import Statement
from symnn.notes.worked.digits import Printed, printed, shown
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import Interval
from symnn.notes.worked.names import name_of
from symnn.notes.worked.outcome import Outcome, claim_of_cell, claim_of_span
from symnn.notes.worked.subjects import Subject, is_smooth, last_defined
from symnn.notes.worked.symbol_table import SymbolTable

_NO_DERIVATIVE = re.compile(
    r"미분\s*(?:이|은)?\s*(?:불가|불능|할\s*수\s*없|되지\s*않|안\s*[되됨])|not\s+(?:\w+\s+)?differentiable|non-?differentiable|"
    r"derivative\s+(?:is\s+(?:not\s+defined|undefined)|does\s+not\s+exist)|no\s+derivative|不可[微導导]|微分\s*(?:不可能|できない)|"
    r"nicht\s+differenzierbar|(?:non|pas)\s+dérivable|no\s+es\s+(?:diferenciable|derivable)",
    re.IGNORECASE,
)
_NO_SLOPE = re.compile(
    r"(?:도함수|미분\s*값?|기울기|derivatives?|gradients?|slopes?|梯度|导数|導数|勾配)\s*"
    r"(?:(?:[은는이가도是がは]|is|are|=|:|always|also|항상|모두)\s*){0,3}(?:0(?![.\d])|zero\b|영\b|零)",
    re.IGNORECASE,
)
_DIFFERENTIABLE = re.compile(r"미분\s*가능|(?<!not )(?<!non-)differentiable|可[微导導]|微分可能", re.IGNORECASE)
_EVERYWHERE = re.compile(
    r"(?:전체|모든)\s*(?:실수|구간|점|곳)|everywhere|for all (?:real|x)|all real|ℝ|处处|至る所", re.IGNORECASE
)
_ALMOST = re.compile(r"대부분|거의\s*모든|almost\s+everywhere|nearly\s+everywhere|几乎处处|ほとんど", re.IGNORECASE)
_CLAUSE_BEFORE = re.compile(r"\.(?!\d)|[,;:。，；\n|]|→|⇒|\bbut\b|\band\b")
_CLAUSE_AFTER = re.compile(r"\.(?!\d)|[;。；\n|]|\bbut\b")
_QUESTION = re.compile(r"^[^.。\n]{0,80}[?？]")

STEPS = (Fraction(1, 2**20), Fraction(1, 2**40), Fraction(1, 2**60))
APART = Fraction(1, 1000)
AWAY = (Fraction(1, 8), Fraction(1), Fraction(3), Fraction(10))
SIDES = {"<": -1, "le": -1, ">": 1, "ge": 1}


def judge_passages(symbols: SymbolTable, tables: Iterable[Table]) -> Iterator[Claim]:
    """The claims that clauses around conditions make, and rows of tables about where a function has a derivative."""
    for statement in symbols.statements:
        span = statement.span
        condition = _condition(statement)
        if span is None or condition is None or span.kind == "display":
            continue
        subject = last_defined(symbols, span.section, span.block)
        if subject is None or (
            subject.parameter and subject.parameter != condition[0] and not _is_letter(condition[0])
        ):
            continue
        outcome = judged(subject, condition, span)
        if outcome is not None:
            yield claim_of_span(span, outcome)
    for table in tables:
        yield from _rows(symbols, table)


def _condition(statement: Statement) -> tuple[str, str, Printed] | None:
    """The name, the comparison and the number of ``x < 0``, which may stand in brackets."""
    if len(statement.steps) == 1 and not statement.doubt:
        left, operator, right = statement.first.node, statement.steps[0].operator, statement.steps[0].right.node
    else:
        node = statement.first.node
        while isinstance(node, t.Group):
            node = node.body
        if statement.steps or not isinstance(node, t.Relation) or len(node.links) != 1:
            return None
        if node.first is None or node.links[0].right is None:
            return None
        left, operator, right = node.first, node.links[0].operator, node.links[0].right
    name, number = name_of(left), printed(right)
    if name is None or number is None or operator not in ("=", *SIDES):
        return None
    return name, operator, number


def _is_letter(name: str) -> bool:
    """Whether a name may stand for the argument of any function."""
    return name in ("x", "z", "t", "u")


def judged(subject: Subject, condition: tuple[str, str, Printed], span: Span) -> Outcome | None:
    """What holds of the words around a condition; None where there are none, or they are not found to hold."""
    words = _clauses(span)
    _, operator, number = condition
    try:
        if operator == "=" and any(_NO_DERIVATIVE.search(clause) for clause in words):
            return _no_derivative(subject, number.value)
        if operator in SIDES and any(_NO_SLOPE.search(clause) for clause in words):
            return _no_slope(subject, operator, number.value)
    except Unclear:
        return None
    return None


def _clauses(span: Span) -> list[str]:
    """The text from a condition to the end of its clause, and from the beginning of the clause to it."""
    after = span.context.after.lstrip(")$ ,，")
    if _QUESTION.match(after):
        return []
    return [_CLAUSE_AFTER.split(after)[0], _CLAUSE_BEFORE.split(span.context.before)[-1]]


def _no_derivative(subject: Subject, place: Fraction) -> Outcome | None:
    """Whether the slopes on both sides of a point stay apart however near one looks."""
    slopes: list[tuple[Interval, Interval]] = []
    middle = subject.at(place)
    for step in STEPS:
        left, right = subject.at(place - step), subject.at(place + step)
        slopes.append((_times(middle - left, 1 / step), _times(right - middle, 1 / step)))
    if any(one.gap(other) < APART for one, other in slopes):
        return None
    one, other = slopes[-1]
    reason = f"the slopes next to {shown(place)} are {_short(one)} on the left and {_short(other)} on the right"
    return Outcome("agrees", reason, f"{subject.name} has no derivative at {shown(place)}")


def _short(value: Interval) -> str:
    size = abs(value.middle)
    return "beyond all bounds" if size > 10**6 else shown(Fraction(round(value.middle * 10**6), 10**6))


def _times(value: Interval, factor: Fraction) -> Interval:
    return Interval(value.lo * factor, value.hi * factor)


def _no_slope(subject: Subject, operator: str, limit: Fraction) -> Outcome | None:
    """Whether the derivative is zero at several points on one side."""
    slope = subject.slope()
    points = [limit + SIDES[operator] * away for away in AWAY]
    found = [slope.at(place) for place in points]
    if any(value.lo != 0 or value.hi != 0 for value in found):
        return None
    reason = f"the derivative is exactly 0 at {', '.join(shown(place) for place in points)}"
    return Outcome("agrees", reason, f"the derivative of {subject.name} is 0 there")


def _rows(symbols: SymbolTable, table: Table) -> Iterator[Claim]:
    """Rows such as ``| Differentiable | everywhere |`` below the definition of a function."""
    for row in table.rows:
        text = " ".join(cell.text for cell in row)
        if len(row) != 2 or not _DIFFERENTIABLE.search(text) or _NO_DERIVATIVE.search(text):
            continue
        wide, almost = _EVERYWHERE.search(row[1].text), _ALMOST.search(row[1].text)
        subject = last_defined(symbols, table.section, table.id) if wide or almost else None
        if subject is None or not (almost or is_smooth(subject)):
            continue
        where = "almost everywhere" if almost else "everywhere"
        reason = "it is made of pieces of smooth functions" if almost else "it is made of smooth functions alone"
        yield claim_of_cell(row[1], Outcome("agrees", reason, f"{subject.name} has a derivative {where}"))
