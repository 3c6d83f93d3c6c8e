"""Worked examples: every claim of a document that is about numbers, tables, truth tables or update rules."""

from __future__ import annotations

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.context import Context
from symnn.notes.worked.arithmetic import exact_decimals
from symnn.notes.worked.book import book_of
from symnn.notes.worked.chains import judge_chains
from symnn.notes.worked.columns import sheets_of
from symnn.notes.worked.settings import Settings


def judge_worked(context: Context) -> list[Claim]:
    """The claims of a document about numbers."""
    book = book_of(context.document, context.statements)
    sheets = sheets_of(context.document.tables(), book)
    settings = Settings.of(book, sheets)
    exact = exact_decimals(book)
    return [judged.claim for judged in judge_chains(settings, exact)]
