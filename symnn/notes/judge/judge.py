"""Judging a document: every judge looks at it, and their claims are put in order.

A judge is a function from the context of a document to the claims of one kind. To judge a further kind of claim, write
one file with one such function and add it to `JUDGES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from symnn.notes.find.document import Document
from symnn.notes.judge.claims import Claim, FileReport, numbered
from symnn.notes.judge.context import Context
from symnn.notes.judge.contradictions import judge_contradictions
from symnn.notes.judge.equations import judge_equations
from symnn.notes.judge.named import judge_names
from symnn.notes.judge.probabilities import judge_probabilities

Judge = Callable[[Context], list[Claim]]

JUDGES: tuple[Judge, ...] = (judge_equations, judge_names, judge_contradictions, judge_probabilities)
"""The judges of formulas; those of worked examples come with `all_judges`, since they use these."""


def all_judges() -> tuple[Judge, ...]:
    """Every judge there is."""
    from symnn.notes.worked import judge_worked

    return (*JUDGES, judge_worked)


def judge_document(document: Document, judges: Sequence[Judge] | None = None) -> FileReport:
    r"""Judge every claim of a document.

    >>> from symnn.notes.find import find
    >>> note = "Let $f(x) = x^2$.\n\n$$ f'(x) = 2x $$\n\n$$ f'(x) = x $$\n"
    >>> [(claim.line, claim.verdict) for claim in judge_document(find(note, name="note.md")).claims]
    [(1, 'definition'), (3, 'proved'), (5, 'refuted')]
    """
    context = Context(document)
    found = [claim for judge in judges or all_judges() for claim in judge(context)]
    return FileReport(document.path, numbered(strongest(found)))


STRENGTH = ("refuted", "proved", "agrees", "undecided", "definition")


def strongest(claims: Sequence[Claim]) -> list[Claim]:
    """One claim for each place: where two judges look at the same formula, the one that says more counts."""
    kept: dict[tuple[int, int, int], Claim] = {}
    for claim in sorted(claims, key=lambda c: STRENGTH.index(c.verdict)):
        kept.setdefault((claim.line, claim.column, claim.end_line), claim)
    return list(kept.values())
