"""Verdicts and slips in words, for people."""

from __future__ import annotations

from symnn.notes.judge.claims import Claim, Verdict

VERDICTS: dict[Verdict, tuple[str, str, str]] = {
    "refuted": ("wrong", "wrong", "Numbers show that both sides differ, however the claim is read."),
    "undecided": ("not decided", "not decided", "It was neither proved nor refuted; the reason is given."),
    "agrees": ("agrees with numbers", "agree with numbers", "Both sides are equal at random points; that is no proof."),
    "proved": ("proved", "proved", "Both sides have the same normal form."),
    "definition": ("definition", "definitions", "It says what a name stands for."),
}
"""Each verdict in words, for one claim and for several, and what it means."""

SLIPS = {
    "sign": "a sign is the wrong way round",
    "factor": "a number in front is wrong",
    "transpose": "a transpose is missing, or stands where none belongs",
    "missing term": "a term is missing",
    "extra term": "there is a term too many",
    "missing derivative": "a function stands where its derivative belongs",
    "wrong index": "an index is wrong",
    "wrong variable": "one name stands where another belongs",
    "dropped path": "a path of the chain rule is left out",
    "arithmetic": "the numbers are worked out wrongly",
    "misplaced bracket": "a bracket stands in the wrong place",
    "direction": "the step goes the wrong way",
    "missing factor": "a factor is missing",
    "exponent": "an exponent is wrong",
    "another formula": "both sides differ, and no single slip explains it",
}
"""What went wrong when a formula was written, by the name of the slip."""

PLAIN = "the two sides differ"
"""The reason that says no more than the verdict."""


def headline(claim: Claim) -> str:
    """The verdict and the reason; for a wrong claim the slip in words, where the reason does not say more."""
    verdict = VERDICTS[claim.verdict][0]
    said = {"agrees": verdict, "definition": f"is a {verdict}"}.get(claim.verdict, f"is {verdict}")
    return f"{said}: {what(claim)}"


def what(claim: Claim) -> str:
    """The reason; for a wrong claim the slip in words, where the reason does not say more."""
    if claim.verdict != "refuted":
        return claim.reason
    if claim.reason and claim.reason != PLAIN:
        return claim.reason + (f" ({claim.slip})" if claim.slip in _TELLING else "")
    return SLIPS.get(claim.slip, claim.slip) or PLAIN


_TELLING = frozenset(SLIPS) - {"another formula", "arithmetic", "direction"}
"""Slips that say something beside the reason."""


def counted(verdict: Verdict, number: int) -> str:
    """How many claims have a verdict.

    >>> counted("definition", 1), counted("agrees", 3)
    ('1 definition', '3 agree with numbers')
    """
    one, several, _ = VERDICTS[verdict]
    return f"{number} {one if number == 1 else several}"
