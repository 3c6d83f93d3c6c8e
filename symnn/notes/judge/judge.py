"""Judging a document: every judge looks at it, and their claims are put in order.

A judge is a function from the context of a document to the claims of one kind. To judge a further kind of claim, write
one file with one such function and add it to `JUDGES`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from symnn.notes.find.document import Document
from symnn.notes.judge.analysis.inequalities import judge_inequalities
from symnn.notes.judge.claims import Claim, FileReport, Unread, numbered
from symnn.notes.judge.code.judge import judge_code
from symnn.notes.judge.contradictions import judge_contradictions
from symnn.notes.judge.decision.numbers import WITHOUT_NUMBERS
from symnn.notes.judge.doubts import doubted
from symnn.notes.judge.equations import judge_equations
from symnn.notes.judge.errors import defect
from symnn.notes.judge.named.named import judge_names
from symnn.notes.judge.probability.binary_events import judge_binary_events
from symnn.notes.judge.probability.moments import judge_moments
from symnn.notes.judge.probability.probabilities import judge_probabilities
from symnn.notes.judge.unparsed import judge_unparsed
from symnn.notes.judge.worlds.context import Context

Judge = Callable[[Context], list[Claim]]

JUDGES: tuple[Judge, ...] = (
    judge_names,
    judge_equations,
    judge_contradictions,
    judge_probabilities,
    judge_binary_events,
    judge_inequalities,
    judge_moments,
    judge_unparsed,
    judge_code,
)
"""The judges of formulas, that of names first: what it refutes defines nothing. Those of worked examples come with `all_judges`, since they use these."""


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
    return judged_with_context(document, judges)[0]


def judged_with_context(document: Document, judges: Sequence[Judge] | None = None) -> tuple[FileReport, Context]:
    """The report on a document together with the context, which knows how every equation was decided.

    A judge that fails loses its own claims only, and the report says so.
    """
    context = Context(document)
    found: list[Claim] = []
    problems: list[str] = []
    for judge in judges or all_judges():
        try:
            found += judge(context)
        except Exception as error:  # noqa: BLE001 - what the other judges found is worth telling
            problems.append(f"{document.path}: not everything was judged, because of {defect(error)}")
    claims = numbered(in_cells(doubted(strongest(found), context), document), document.path)
    included = tuple(path for path in document.sources if path != document.path)
    unread = tuple(
        Unread(part.place.path or document.path, part.place.line, part.place.column, part.reason)
        for part in document.skipped
    )
    unread += tuple(beyond_bounds(context))
    return FileReport(document.path, claims, "\n".join(problems), included, unread=unread), context


def beyond_bounds(context: Context) -> Iterator[Unread]:
    """What is too large to be judged: tables with very many cells, statements after very many others."""
    from symnn.notes.worked.symbol_table import MAX_STATEMENTS
    from symnn.notes.worked.tables.sheets import MAX_CELLS

    path = context.document.path
    for table in context.document.tables():
        if len(table.cells) > MAX_CELLS:
            reason = f"a table of {len(table.cells)} cells; at most {MAX_CELLS} are judged"
            yield Unread(table.place.path or path, table.place.line, table.place.column, reason)
    beyond = context.statements[MAX_STATEMENTS : MAX_STATEMENTS + 1]
    for statement in beyond:
        place = statement.spot.place()
        reason = f"calculations after the first {MAX_STATEMENTS} formulas of a document are not judged"
        yield Unread(place.path or path, place.line or 1, place.column or 1, reason)


def in_cells(claims: Iterable[Claim], document: Document) -> list[Claim]:
    """The claims; those of a notebook with the numbers of their cells."""
    if document.kind != "notebook":
        return list(claims)
    ends = [(p.end_line, p.end_column) for p in (block.place for block in document.blocks)]
    cells = [block.place.cell for block in document.blocks]
    found = []
    for claim in claims:
        place = bisect_right(ends, (claim.line, claim.column))
        found.append(replace(claim, cell=cells[place] if place < len(cells) else None))
    return found


STRENGTH = ("refuted", "proved", "agrees", "undecided", "definition")


def strongest(claims: Sequence[Claim]) -> list[Claim]:
    """One claim for each place: where two judges look at the same formula, the one that says more counts."""
    kept: dict[tuple[str, int, int, int], Claim] = {}
    for claim in sorted(claims, key=lambda c: (STRENGTH.index(c.verdict), c.reason == WITHOUT_NUMBERS)):
        kept.setdefault((claim.path, claim.line, claim.column, claim.end_line), claim)
    return list(kept.values())
