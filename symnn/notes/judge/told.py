"""Telling a decision: the place of a link, what was understood, the witness, the reasons."""

from __future__ import annotations

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.decide import Decision
from symnn.notes.judge.links import Link, place_of, written
from symnn.notes.judge.reader import ClaimReader


def claim_of(link: Link, decision: Decision, reader: ClaimReader | None) -> Claim:
    """The claim that a link makes, with what was decided."""
    line, column, end_line, end_column, source_line = place_of(link)
    return Claim(
        id=0, line=line, column=column, end_line=end_line, source=written(link), reading="",
        verdict=decision.verdict, reason=decision.reason, facts=tuple(map(str, decision.facts)),
        end_column=end_column, source_line=source_line,
        witness="" if decision.witness is None else f"{decision.witness.left} {decision.witness.right}",
    )  # fmt: skip
