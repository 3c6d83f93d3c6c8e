r"""Ranges in tables: ``| Range | (0, 1) |`` below a function, or a column *Range* beside names of functions.

The function is computed at many points. Its values must lie in the range and come as near to its ends as its digits
tell. Whether an end itself is taken is not looked at: authors differ in that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from symnn.notes.find.document import Cell, Table
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.digits import shown
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.intervals import Interval
from symnn.notes.worked.outcome import Outcome, claim_of_cell
from symnn.notes.worked.subjects import Subject, last_defined, named_in, of_row
from symnn.notes.worked.symbol_table import SymbolTable

_LABEL = re.compile(
    r"(?:output|value|activation)?\s*(?:values?\s*)?ranges?(?:\s+of\s+(?:the\s+)?(?:output|values?))?|image|"
    r"(?:출력|함숫|함수)?\s*값?\s*의?\s*범위|치역|值域|输出范围|取值范围|値域|出力範囲|wertebereich|ensemble image|rango|imagen",
    re.IGNORECASE,
)
_NUMBER = r"[-+−]?\s*(?:\d+(?:\.\d+)?|\\infty|∞|inf(?:inity)?|oo)"
_INTERVAL = re.compile(rf"([\[(\]])\s*({_NUMBER})\s*[,;]\s*({_NUMBER})\s*([\])\[])", re.IGNORECASE)
_WHOLE = re.compile(r"\(\s*-\s*\\infty\s*,\s*\\infty\s*\)|\\mathbb\{?R\}?|ℝ|R", re.IGNORECASE)
_MARKS = re.compile(r"\\left|\\right|\\[,;! ()]|[$*`]|(?<=[\[(])\s+|\s+(?=[\])])")

SIZES = (5, 8, 12, 20, 50, 200, 1000, 10**6)
FINE = 40
CLOSE = Fraction(1, 10**6)
CLEARLY = Fraction(1, 20)
FAR = 5


@dataclass(frozen=True, slots=True)
class End:
    """An end of a range: a number with half a unit of its last digit, or none for infinity."""

    value: Fraction | None
    half: Fraction = Fraction(0)


def judge_value_ranges(symbols: SymbolTable, tables: Iterable[Table]) -> Iterator[Claim]:
    """The claims of cells that give the range of a function."""
    for table in tables:
        for cell, subject in _cells(symbols, table):
            ends = range_in(cell.text)
            outcome = None if ends is None or subject is None else judged(subject, ends)
            if outcome is not None:
                yield claim_of_cell(cell, outcome)


def _cells(symbols: SymbolTable, table: Table) -> Iterator[tuple[Cell, Subject | None]]:
    """The cells that hold a range, with the function that they are about."""
    columns = [place for place, cell in enumerate(table.header) if place and is_label(cell.text)]
    for number, row in enumerate(table.rows):
        for place in columns:
            if place < len(row):
                yield row[place], of_row(symbols, table, number, place)
        if columns or len(row) < 2 or not is_label(row[0].text):
            continue
        if len(row) == 2:
            yield row[1], last_defined(symbols, table.section, table.id)
            continue
        for place, cell in enumerate(row[1:], 1):
            yield cell, named_in(table.header[place].text) if place < len(table.header) else None


def is_label(text: str) -> bool:
    """Whether a label announces the range of a function.

    >>> is_label("**Output range**"), is_label("출력 범위"), is_label("learning rate range")
    (True, True, False)
    """
    return _LABEL.fullmatch(re.sub(r"[*_`:]|\([^)]*\)", "", text).strip()) is not None


def range_in(text: str) -> tuple[End, End] | None:
    """The ends of an interval that is all of a text.

    >>> low, high = range_in("[0, ∞)")
    >>> low.value, high.value
    (Fraction(0, 1), None)
    """
    plain = _MARKS.sub("", text).strip()
    if _WHOLE.fullmatch(plain):
        return End(None), End(None)
    found = _INTERVAL.fullmatch(plain)
    if found is None:
        return None
    low, high = _end(found[2], low=True), _end(found[3], low=False)
    if low is None or high is None or (low.value is not None and high.value is not None and low.value >= high.value):
        return None
    return low, high


def _end(text: str, *, low: bool) -> End | None:
    plain = text.replace("−", "-").replace(" ", "")
    number = plain.lstrip("+-")
    negative = plain.startswith("-")
    if not number[0].isdigit():
        return End(None) if negative is low else None
    digits = len(number.partition(".")[2])
    return End(Fraction(plain.lstrip("+")), Fraction(1, 2 * 10**digits) if digits else Fraction(0))


def judged(subject: Subject, ends: tuple[End, End]) -> Outcome | None:
    """What the values of a function say about a range; None where they say nothing certain."""
    low, high = ends
    reading = f"the range of {subject.name}"
    found = values(subject)
    if len(found) < FINE:
        return None
    for place, value in found:
        below = low.value is not None and value.hi < low.value - low.half - CLOSE
        above = high.value is not None and value.lo > high.value + high.half + CLOSE
        if below or above:
            reason = f"the value at {shown(place)} is {shown(value.middle)}, outside of it"
            return _wrong(subject, reading, reason, f"value {shown(value.middle)} at {shown(place)}", found)
    least, most = min(v.hi for _, v in found), max(v.lo for _, v in found)
    gaps = [_gap(low, least, found, -1), _gap(high, most, found, 1)]
    if all(gap is not None and gap <= CLOSE for gap in gaps):
        return Outcome("agrees", f"the values at {len(found)} points lie in it and come up to its ends", reading)
    if any(gap is None or gap > CLEARLY for gap in gaps):
        reason = f"the values go from about {shown(_rounded(least))} to about {shown(_rounded(most))}"
        return _wrong(subject, reading, reason, reason, found)
    return None


def _wrong(
    subject: Subject, reading: str, reason: str, witness: str, found: Sequence[tuple[Fraction, Interval]]
) -> Outcome | None:
    """A wrong range, where the function is named beside it; else another function may be meant."""
    if not subject.named:
        return None
    grows = [_grows(found, side) for side in (-1, 1)]
    least, most = min(v.hi for _, v in found), max(v.lo for _, v in found)
    ends = ["-∞" if grows[0] else shown(_rounded(least)), "∞" if grows[1] else shown(_rounded(most))]
    return Outcome("refuted", reason, reading, f"from {ends[0]} to {ends[1]}", "arithmetic", witness)


def _gap(end: End, reached: Fraction, found: Sequence[tuple[Fraction, Interval]], side: int) -> Fraction | None:
    """How far the values stay away from an end; None for an infinite one that they do not go to."""
    if end.value is None:
        return Fraction(0) if _grows(found, side) else None
    return max(Fraction(0), abs(end.value - reached) - end.half)


def _grows(found: Sequence[tuple[Fraction, Interval]], side: int) -> bool:
    """Whether the values go on growing towards one side."""
    far = max(side * v.middle for _, v in found)
    near = max(side * v.middle for place, v in found if abs(place) <= FAR)
    return far > near + 1


def _rounded(value: Fraction) -> Fraction:
    return Fraction(round(value * 1000), 1000)


def values(subject: Subject) -> list[tuple[Fraction, Interval]]:
    """The values of a function at points near zero and far from it, without those at which it has none."""
    points = {Fraction(k, 10) for k in range(-FINE, FINE + 1)}
    points |= {Fraction(sign * size) for size in SIZES for sign in (-1, 1)}
    found = []
    for place in sorted(points):
        try:
            found.append((place, subject.at(place)))
        except Unclear:
            continue
    return found
