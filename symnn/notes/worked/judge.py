"""Worked examples: every claim of a document that is about numbers, tables, truth tables or update rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from functools import partial

from symnn.notation.tree import Derivative
from symnn.notes.judge.claims import Claim
from symnn.notes.judge.links import links_of, region_of
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.arithmetic import exact_decimals
from symnn.notes.worked.calculations.chains import judge_chains
from symnn.notes.worked.calculations.running_examples import RunningExamples
from symnn.notes.worked.known_values import KnownValues
from symnn.notes.worked.optimizers.judge import judge_optimizers
from symnn.notes.worked.passages import judge_passages
from symnn.notes.worked.symbol_table import SymbolTable, symbol_table_of
from symnn.notes.worked.tables.activations import judge_activations
from symnn.notes.worked.tables.calculation_columns import judge_calculations_beside_results
from symnn.notes.worked.tables.derivative_cells import judge_derivative_cells
from symnn.notes.worked.tables.derivative_columns import judge_derivative_columns
from symnn.notes.worked.tables.formula_columns import internal_claims, judge_formula_columns
from symnn.notes.worked.tables.inferred_columns import Worked, judge_inferred_columns, worked_numbers
from symnn.notes.worked.tables.iterates import judge_trace
from symnn.notes.worked.tables.parameter_updates import judge_parameter_updates
from symnn.notes.worked.tables.sheet_view import SheetView
from symnn.notes.worked.tables.sheets import Sheet, sheets_of
from symnn.notes.worked.tables.totals import summary_of
from symnn.notes.worked.tables.traces import find_trace
from symnn.notes.worked.tables.truth_tables import TruthTable, judge_truth_table, judge_weights, truth_tables
from symnn.notes.worked.tables.value_ranges import judge_value_ranges
from symnn.notes.worked.time_limits import TABLE_SECONDS, TABLE_STEPS, guarded, told_at
from symnn.notes.worked.updates.update_directions import judge_update_directions
from symnn.notes.worked.valuations import Valuations
from symnn.notes.worked.words import with_words


def judge_worked(context: Context) -> list[Claim]:
    r"""The claims of a document about numbers, in tables and outside of them, and its update rules.

    >>> from symnn.notes.find import find
    >>> note = "| x | f(x) = x² |\n|---|---|\n| 2 | 4 |\n| 3 | 9 |\n| 5 | 26 |\n\n3 × 4 = 12\n"
    >>> [(claim.line, claim.verdict, claim.correct) for claim in judge_worked(Context(find(note, name="note.md")))]
    [(3, 'proved', ''), (4, 'proved', ''), (5, 'refuted', '25'), (1, 'definition', ''), (7, 'proved', '')]
    """
    document = context.document
    symbols = symbol_table_of(document, with_words(context.statements))
    sheets = sheets_of(document.tables(), symbols)
    valuations = Valuations.of(symbols, sheets)
    exact = exact_decimals(symbols)
    worked = guarded(lambda: worked_numbers(valuations), lambda reason: [], seconds=TABLE_SECONDS, steps=TABLE_STEPS)
    tables = [found for sheet in sheets for found in truth_tables(sheet, document.blocks)]
    claims: list[Claim] = []
    for sheet in sheets:
        work = partial(judge_sheet, sheet, valuations, exact, sheets, worked, tables)
        first = next((span for cell in sheet.table.cells for span in cell.spans), None)
        claims += guarded(work, told_at(first), seconds=TABLE_SECONDS, steps=TABLE_STEPS)
    for table in tables:
        claims += judge_truth_table(table)
    claims += guarded(lambda: judge_derivative_cells(symbols, document.tables()), lambda reason: [])
    claims += guarded(lambda: judge_value_ranges(symbols, document.tables()), lambda reason: [])
    claims += guarded(lambda: judge_passages(symbols, document.tables()), lambda reason: [])
    claims += judge_symbols(context, symbols, claims)
    known = KnownValues.of(symbols, sheets)
    examples = RunningExamples(
        symbols, known, untrusted_formulas(context, symbols), refuted_statements(context, symbols)
    )
    claims += judge_chains(valuations, exact, examples)
    claims += guarded(lambda: judge_update_directions(symbols, context), lambda reason: [])
    claims += judge_optimizers(context)
    return claims


def untrusted_formulas(context: Context, symbols: SymbolTable) -> frozenset[int]:
    """What the document says that quantities are and that was not found right, by the identity of its tree.

    A formula for a derivative has to be found right; any other one only must not be found wrong.
    """
    found: set[int] = set()
    for statement in symbols.statements:
        link = next(links_of(statement), None)
        if link is None:
            continue
        judged = context.judged.get(region_of(link))
        verdict = "" if judged is None else judged.decision.verdict
        held = verdict in ("proved", "agrees", "definition")
        if verdict == "refuted" or (isinstance(link.left.node, Derivative) and not held):
            found.add(id(link.right.node))
    return frozenset(found)


def refuted_statements(context: Context, symbols: SymbolTable) -> frozenset[int]:
    """The statements, by their order, in which an equation has been found wrong."""
    found: set[int] = set()
    for statement in symbols.statements:
        judged = (context.judged.get(region_of(link)) for link in links_of(statement))
        if any(item is not None and item.decision.verdict == "refuted" for item in judged):
            found.add(statement.order)
    return frozenset(found)


def judge_sheet(
    sheet: Sheet,
    valuations: Valuations,
    exact: Collection[Fraction],
    sheets: Sequence[Sheet],
    worked: Sequence[Worked],
    tables: Sequence[TruthTable],
) -> Iterator[Claim]:
    """The claims of one table."""
    summary = summary_of(sheet)
    view = SheetView(sheet, valuations, exact, sheets, {} if summary is None else {summary.row.place: summary.kind})
    yield from internal_claims(view)
    trace = find_trace(view)
    if trace is not None:
        yield from judge_trace(trace)
    yield from judge_formula_columns(view, summary, frozenset() if trace is None else frozenset(trace.states))
    yield from judge_calculations_beside_results(view)
    yield from judge_parameter_updates(view)
    yield from judge_inferred_columns(view, worked)
    yield from judge_activations(view)
    yield from judge_derivative_columns(view)
    yield from judge_weights(view, tables)


def judge_symbols(context: Context, symbols: SymbolTable, claims: Sequence[Claim]) -> Iterator[Claim]:
    """The equations between formulas that stand in tables, in cells of which nothing has been said."""
    from symnn.notes.judge.equations import judge_statement, told
    from symnn.notes.judge.trust import Trust

    said = {(claim.line, claim.column) for claim in claims}
    for statements in symbols.cells.values():
        for statement in statements:
            place = statement.spot.place()
            if statement.steps and (place.line, place.column) not in said and not _inside(statement, claims):
                yield from (told(context, item, Trust()) for item in judge_statement(context, statement))


def _inside(statement: Statement, claims: Sequence[Claim]) -> bool:
    """Whether a claim has been made about a part of a statement."""
    if statement.span is None:
        return False
    place = statement.span.place
    return any(claim.line == place.line and place.column <= claim.column < place.end_column for claim in claims)
