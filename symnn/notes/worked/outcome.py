"""Outcomes: what is said of one claim about numbers, and the claim record that it becomes."""

from __future__ import annotations

from dataclasses import dataclass

from symnn.notes.find.document import Span
from symnn.notes.judge.claims import Claim, Region, Verdict
from symnn.notes.judge.links import Link, region_of, region_of_span, written


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
    return _claim(region_of(link), written(link), outcome)


def claim_of_span(span: Span, outcome: Outcome, part: tuple[int, int] | None = None) -> Claim:
    """The claim that a span makes, or a part of its text: a number in a cell of a table."""
    return _claim(region_of_span(span, part), " ".join(span.text.split()), outcome)


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
