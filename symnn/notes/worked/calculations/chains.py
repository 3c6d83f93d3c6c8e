"""Chains in running text, displays and fences: which links are about numbers, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from functools import partial

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.links import Link, is_assignment, links_of
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.arithmetic import Circumstances, judge_arithmetic
from symnn.notes.worked.calculations.entrywise import judge_entrywise
from symnn.notes.worked.calculations.function_values import judge_function_value
from symnn.notes.worked.calculations.running_examples import RunningExamples, why_open
from symnn.notes.worked.calculations.substitution import Comparison, judge_substitution
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.names import name_of
from symnn.notes.worked.outcome import Outcome, claim_of_link
from symnn.notes.worked.surroundings import why_uncertain
from symnn.notes.worked.symbol_table import EQUAL, NEARLY, SymbolTable, has_names
from symnn.notes.worked.time_limits import guarded, told_at
from symnn.notes.worked.valuations import Valuations


def judge_chains(valuations: Valuations, exact: Collection[Fraction], examples: RunningExamples) -> list[Claim]:
    """The claims about numbers that the chains outside of tables make."""
    found: list[Claim] = []
    symbols = valuations.symbols
    for statement in symbols.statements:
        if statement.steps and (statement.span is None or statement.span.cell is None):
            found += guarded(partial(judge_chain, statement, valuations, exact, examples), told_at(statement.span))
    return found


def judge_chain(
    statement: Statement, valuations: Valuations, exact: Collection[Fraction], examples: RunningExamples | None = None
) -> Iterator[Claim]:
    """The claims of one chain; with the examples of the document also those that need numbers from elsewhere in it."""
    for link in links_of(statement):
        if link.operator not in (*EQUAL, *NEARLY) or is_assignment(*link.nodes):
            continue
        left, right = link.nodes
        uncertain = why_uncertain(link, statement.span)
        where = Circumstances(
            valuations.symbols, statement, link.operator, exact, uncertain, _goes_on_from_a_result(link)
        )
        worked = judge_entrywise(left, right, where) or judge_arithmetic(left, right, where)
        if worked is None and link.operator != ":=":
            worked = _substituted(link, valuations, exact) or judge_function_value(link, valuations.symbols)
            if worked is not None and worked.verdict == "refuted" and (uncertain or why_open(link)):
                worked = Outcome("undecided", uncertain or why_open(link), worked.reading)
        if worked is not None and examples is not None:
            examples.note(link, worked)
        elif examples is not None and link.operator != ":=":
            worked = examples.judge(link, where)
        if worked is not None:
            yield claim_of_link(link, worked)
    if examples is not None:
        examples.settle(statement)


def _goes_on_from_a_result(link: Link) -> bool:
    """Whether the left side of a link is the result of what stands before it in the chain.

    A bare name before it does not count, as in ``loss = 0.693 acc = 0.50``, where two things stand side by side.
    """
    pieces = [link.statement.first, *(step.right for step in link.statement.steps)]
    if link.opens or link.place == 0 or pieces[link.place] is not link.left:
        return False
    before = pieces[link.place - 1].node
    return not has_names(before) or (link.statement.primary and name_of(before) is None)


def _substituted(link: Link, valuations: Valuations, exact: Collection[Fraction]) -> Outcome | None:
    statement = link.statement
    left, right = link.nodes
    named = has_names(left), has_names(right)
    if named[0] == named[1] or statement.doubt:
        return None
    formula, numbers = (left, right) if named[0] else (right, left)
    name = name_of(formula)
    if name is not None and valuations.symbols.is_leaf(name):
        return None
    try:
        return judge_substitution(
            Comparison(
                valuations,
                statement,
                formula,
                numbers,
                link.operator,
                own=given_beside(valuations.symbols, statement),
                stated=stated_beside(valuations.symbols, statement),
                label="" if statement.span is None else statement.span.label,
                exact=exact,
            )
        )
    except Unclear:
        return None


def given_beside(symbols: SymbolTable, statement: Statement) -> dict[str, Printed]:
    """Numbers that the same paragraph gives before a statement."""
    found: dict[str, Printed] = {}
    for group in symbols.groups:
        if statement.span is not None and group.block == statement.span.block and group.order <= statement.order:
            found.update(group.values)
    return found


def stated_beside(symbols: SymbolTable, statement: Statement) -> dict[str, Printed]:
    """Numbers that the same paragraph states before a statement for names that have a definition."""
    found: dict[str, Printed] = {}
    for stated in symbols.stated:
        span = stated.statement.span
        same = span is not None and statement.span is not None and span.block == statement.span.block
        if same and stated.statement.order < statement.order:
            found[stated.name] = stated.value
    return found
