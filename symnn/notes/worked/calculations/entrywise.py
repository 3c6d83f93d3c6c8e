"""Lists and matrices of numbers, entry by entry: ``(7.389/11.2, 2.718/11.2) = (0.66, 0.24)``."""

from __future__ import annotations

from dataclasses import replace

from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.notes.worked.calculations.arithmetic import Circumstances, judge_arithmetic
from symnn.notes.worked.calculations.lists import written_out
from symnn.notes.worked.digits import printed
from symnn.notes.worked.names import plain
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.symbol_table import entries_of, has_names


def judge_entrywise(left: Node, right: Node, where: Circumstances) -> Outcome | None:
    """Judge an equation between two lists or matrices of calculations; None for another one.

    Where numbers that are printed on both sides differ, it may be about intervals or sizes, and nothing is said.
    """
    one, other = (entries_of(plain(side)) or written_out(side) for side in (left, right))
    if one is None and other is not None and _is_number(other):
        one = ((plain(left),),)
    if other is None and one is not None and _is_number(one):
        other = ((plain(right),),)
    if one is None or other is None:
        return None
    if 1 in (len(one), len(one[0])) and 1 in (len(other), len(other[0])):
        one, other = (tuple((entry,) for row in rows for entry in row) for rows in (one, other))
    if [len(row) for row in one] != [len(row) for row in other]:
        return None
    outcomes: list[Outcome] = []
    pairs = [pair for rows in zip(one, other, strict=True) for pair in zip(*rows, strict=True)]
    for a, b in pairs:
        numbers = printed(a), printed(b)
        if has_names(a) or has_names(b):
            return None
        if numbers[0] is not None and numbers[1] is not None:
            if numbers[0].value != numbers[1].value:
                return None
            continue
        outcome = judge_arithmetic(a, b, where)
        if outcome is None:
            return None
        outcomes.append(replace(outcome, reason=f"entry {to_text(b)}: {outcome.reason}"))
    for verdict in ("refuted", "undecided", "agrees", "proved"):
        found = next((outcome for outcome in outcomes if outcome.verdict == verdict), None)
        if found is not None:
            return found if verdict in ("refuted", "undecided") else Outcome(found.verdict, "it holds entry by entry")
    return None


def _is_number(entries: tuple[tuple[Node, ...], ...]) -> bool:
    """Whether a calculation with lists comes to one number, as a dot product does."""
    return len(entries) == 1 and len(entries[0]) == 1 and printed(entries[0][0]) is None
