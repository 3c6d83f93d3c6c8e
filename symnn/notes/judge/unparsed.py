r"""Formulas that cannot be parsed: each equation among them is a claim that is not decided, and the place says why.

Only formulas that are written as such count: displays, LaTeX in running text, fences for mathematics. What merely
looks like a formula in prose may be none.
"""

from __future__ import annotations

import re

from symnn.notes.judge.claims import Claim, Region
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.statements import Failure

_EQUALITY = re.compile(r"(?<![<>!:\\])=|\\(?:equiv|approx|coloneqq)(?![A-Za-z])|≈|≡")


def judge_unparsed(context: Context) -> list[Claim]:
    r"""The equations of a document that the parser refused.

    >>> from symnn.notes.find import find
    >>> [claim] = judge_unparsed(Context(find("So $a = \\wat{b}$.\n", name="note.md")))
    >>> claim.verdict, claim.reason
    ('undecided', 'it cannot be parsed: unknown command \\wat (line 1, column 9)')
    """
    return [
        _claim(failure)
        for failure in context.collected.failures
        if failure.primary and _EQUALITY.search(failure.passage.text)
    ]


def _claim(failure: Failure) -> Claim:
    passage, error = failure.passage, failure.error
    length = len(passage.text)
    begin = length - len(passage.text.lstrip())
    first, last = passage.locate(begin, length), passage.locate(max(length - 1, 0), length)
    line = first.line or 1
    where = f" (line {error.line}, column {error.column})" if error.line is not None else ""
    region = Region(
        first.path or "", line, first.column or 1, max(line, last.line or 1),
        last.end_column or (last.column or 1) + 1, first.source_line or "",
    )  # fmt: skip
    return Claim(
        id=0, **region.as_fields(), source=" ".join(passage.text.split()), reading="", verdict="undecided",
        reason=f"it cannot be parsed: {error.message}{where}",
    )  # fmt: skip
