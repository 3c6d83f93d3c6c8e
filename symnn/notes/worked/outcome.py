"""Outcomes: what is said of one claim about numbers, and the claim record that it becomes."""

from __future__ import annotations

from dataclasses import dataclass

from symnn.notes.find.document import Span
from symnn.notes.judge.claims import Claim, Verdict
from symnn.notes.judge.links import Link, place_of, written


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
    line, column, end_line, end_column, source_line = place_of(link)
    return _claim(line, column, end_line, end_column, written(link), source_line, outcome)


def claim_of_span(span: Span, outcome: Outcome, part: tuple[int, int] | None = None) -> Claim:
    """The claim that a span makes, or a part of its text: a number in a cell of a table."""
    start, end = part or (0, len(span.text))
    place = span.place_of(start, max(end, start + 1))
    return _claim(
        place.line,
        place.column,
        place.end_line,
        place.end_column,
        " ".join(span.text.split()),
        span.mapped.source.line_text(place.line),
        outcome,
    )


def _claim(
    line: int, column: int, end_line: int, end_column: int, source: str, source_line: str, outcome: Outcome
) -> Claim:
    return Claim(
        id=0,
        line=line,
        column=column,
        end_line=end_line,
        source=source,
        reading=outcome.reading,
        verdict=outcome.verdict,
        reason=outcome.reason,
        correct=outcome.correct,
        slip=outcome.slip,
        witness=outcome.witness,
        end_column=end_column,
        source_line=source_line,
    )
