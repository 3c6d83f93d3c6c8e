"""What `symnn verify` says of small notes, for tests."""

from __future__ import annotations

from symnn.notes.find import find
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.judge import judge_document


def claims_of(note: str, name: str = "note.md") -> tuple[Claim, ...]:
    """The claims of a note that is given as text."""
    return judge_document(find(note, name=name)).claims


def said_of(*parts: str) -> list[Claim]:
    """The claims of a note that is made of some parts, definitions aside."""
    return [claim for claim in claims_of("\n\n".join(parts) + "\n") if claim.verdict != "definition"]


def last_claim(*formulas: str) -> Claim:
    """The last claim of a note whose displays are these formulas."""
    note = "\n\n".join(f"$$ {formula} $$" for formula in formulas) + "\n"
    return claims_of(note)[-1]


def verdict(*formulas: str) -> str:
    """The verdict on the last claim of a note whose displays are these formulas."""
    return last_claim(*formulas).verdict


RIGHT = ("proved", "agrees")
