"""Outcomes: what is said of one claim about numbers, and the claim record that it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from symnn.notes.find.document import Cell, Span
from symnn.notes.judge.claims import Claim, Region, Verdict
from symnn.notes.judge.links import Link, region_of, region_of_span, written

_RELATION = re.compile(r"[=≈≤≥<>]")
_NUMBER = re.compile(r"[-+−]?\s*\d[\d.,/]*\s*%?")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its reason; for a wrong claim the right value, the kind of slip and the numbers that show it."""

    verdict: Verdict
    reason: str
    reading: str = ""
    correct: str = ""
    slip: str = ""
    witness: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim was found right."""
        return self.verdict in ("proved", "agrees")


def claim_of_link(link: Link, outcome: Outcome) -> Claim:
    """The claim that one link of a chain makes."""
    return _claim(region_of(link), written(link), _with_number(outcome, link.right.spot.text))


def claim_of_span(span: Span, outcome: Outcome, part: tuple[int, int] | None = None) -> Claim:
    """The claim that a span makes, or a part of its text: a number in a cell of a table."""
    start, end = part or (0, len(span.text))
    if part is not None:
        outcome = _with_number(outcome, span.text[start:end])
    return _claim(region_of_span(span, part), " ".join(span.text.split()), outcome)


def is_one_formula(cell: Cell) -> bool:
    """Whether a cell holds one formula and nothing beside it."""
    return len(cell.spans) == 1 and cell.text.strip("$` ") == cell.spans[0].text.strip()


def claim_of_cell(cell: Cell, outcome: Outcome) -> Claim:
    """The claim that a whole cell of a table makes."""
    if is_one_formula(cell):
        return claim_of_span(cell.spans[0], outcome)
    place = cell.place
    line = cell.spans[0].mapped.source.line_text(place.line) if cell.spans else ""
    region = Region(place.path, place.line, place.column, place.end_line, place.end_column, line)
    return _claim(region, " ".join(cell.text.split()), outcome)


def _with_number(outcome: Outcome, number: str) -> Outcome:
    """The reading of a claim about a number says what the number is of; here it also says which number."""
    stated = number.strip("* ")
    if not outcome.reading or _RELATION.search(outcome.reading) or not _NUMBER.fullmatch(stated):
        return outcome
    return replace(outcome, reading=f"{outcome.reading} = {stated}")


def _claim(region: Region, source: str, outcome: Outcome) -> Claim:
    return Claim(
        id=0,
        **region.as_fields(),
        source=source,
        reading=outcome.reading,
        verdict=outcome.verdict,
        reason=outcome.reason,
        correct=outcome.correct,
        slip=outcome.slip,
        witness=outcome.witness,
    )
