"""Worked examples: every claim of a document that is about numbers, tables, truth tables or update rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import partial

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.context import Context
from symnn.notes.worked.activations import judge_activations
from symnn.notes.worked.adjacent import judge_adjacent
from symnn.notes.worked.arithmetic import exact_decimals
from symnn.notes.worked.book import Book, book_of
from symnn.notes.worked.cells import internal_claims, judge_cells
from symnn.notes.worked.chains import judge_chains
from symnn.notes.worked.columns import Sheet, sheets_of
from symnn.notes.worked.formula_columns import judge_derivative_columns
from symnn.notes.worked.gates import TruthTable, judge_truth_table, judge_weights, truth_tables
from symnn.notes.worked.guard import TABLE_SECONDS, TABLE_STEPS, guarded, told_at
from symnn.notes.worked.paths import judge_trace
from symnn.notes.worked.recognised import Worked, judge_recognised, worked_numbers
from symnn.notes.worked.settings import Settings
from symnn.notes.worked.sheetview import SheetView
from symnn.notes.worked.slots import judge_slots
from symnn.notes.worked.spelling import with_words
from symnn.notes.worked.totals import summary_of
from symnn.notes.worked.traces import find_trace
from symnn.notes.worked.updates import judge_updates


def judge_worked(context: Context) -> list[Claim]:
    r"""The claims of a document about numbers, in tables and outside of them, and its update rules.

    >>> from symnn.notes.find import find
    >>> note = "| x | f(x) = x² |\n|---|---|\n| 2 | 4 |\n| 3 | 9 |\n| 5 | 26 |\n\n3 × 4 = 12\n"
    >>> [(claim.line, claim.verdict, claim.correct) for claim in judge_worked(Context(find(note, name="note.md")))]
    [(3, 'proved', ''), (4, 'proved', ''), (5, 'refuted', '25'), (1, 'definition', ''), (7, 'proved', '')]
    """
    document = context.document
    book = book_of(document, with_words(context.statements))
    sheets = sheets_of(document.tables(), book)
    settings = Settings.of(book, sheets)
    exact = exact_decimals(book)
    worked = guarded(lambda: worked_numbers(settings), lambda reason: [], seconds=TABLE_SECONDS, steps=TABLE_STEPS)
    tables = [found for sheet in sheets for found in truth_tables(sheet, document.blocks)]
    claims: list[Claim] = []
    for sheet in sheets:
        work = partial(judge_sheet, sheet, settings, exact, sheets, worked, tables)
        first = next((span for cell in sheet.table.cells for span in cell.spans), None)
        claims += guarded(work, told_at(first), seconds=TABLE_SECONDS, steps=TABLE_STEPS)
    for table in tables:
        claims += judge_truth_table(table)
    claims += judge_symbols(context, book, claims)
    claims += judge_chains(settings, exact)
    claims += guarded(lambda: judge_updates(book, document), lambda reason: [])
    return claims


def judge_sheet(
    sheet: Sheet,
    settings: Settings,
    exact: Collection[Fraction],
    sheets: Sequence[Sheet],
    worked: Sequence[Worked],
    tables: Sequence[TruthTable],
) -> Iterator[Claim]:
    """The claims of one table."""
    summary = summary_of(sheet)
    view = SheetView(sheet, settings, exact, sheets, {} if summary is None else {summary.row.place: summary.kind})
    yield from internal_claims(view)
    trace = find_trace(view)
    if trace is not None:
        yield from judge_trace(trace)
    yield from judge_cells(view, summary, frozenset() if trace is None else frozenset(trace.states))
    yield from judge_adjacent(view)
    yield from judge_slots(view)
    yield from judge_recognised(view, worked)
    yield from judge_activations(view)
    yield from judge_derivative_columns(view)
    yield from judge_weights(view, tables)


def judge_symbols(context: Context, book: Book, claims: Sequence[Claim]) -> Iterator[Claim]:
    """The equations between formulas that stand in tables, in cells of which nothing has been said."""
    from symnn.notes.judge.equations import judge_statement, told

    said = {(claim.line, claim.column) for claim in claims}
    for statements in book.cells.values():
        for statement in statements:
            place = statement.spot.place()
            if statement.steps and (place.line, place.column) not in said and not _inside(statement, claims):
                yield from (told(context, item, trust_shapes=False) for item in judge_statement(context, statement))


def _inside(statement: object, claims: Sequence[Claim]) -> bool:
    """Whether a claim has been made about a part of a statement."""
    from symnn.notes.read.statements import Statement

    assert isinstance(statement, Statement)
    if statement.span is None:
        return False
    place = statement.span.place
    return any(claim.line == place.line and place.column <= claim.column < place.end_column for claim in claims)
