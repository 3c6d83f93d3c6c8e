"""The numbers that refute a claim: every value at the witness, up to both sides."""

from __future__ import annotations

from functools import partial
from typing import Any

from symnn.formula.evaluate import positions, precision
from symnn.network.values import with_definitions
from symnn.notes.explain.grounds import Grounds, attempt
from symnn.notes.judge.decision.trials import Witness
from symnn.notes.judge.slips.told import ball_text, number_text
from symnn.write.document import Block, Inlines, Paragraph, Section, Table, inlines

MOST_ENTRIES = 24
BITS = 128


def numbers_section(grounds: Grounds) -> Section | None:
    """A table of every value at the witness; None without one."""
    witness = grounds.decision.witness
    if witness is None:
        return None
    rows = attempt(partial(_rows, grounds, witness)) or []
    left, right = ball_text(witness.left), ball_text(witness.right)
    where = f" at entry ({', '.join(str(place + 1) for place in witness.place)})" if witness.place else ""
    blocks: list[Block] = []
    if rows:
        blocks.append(Table((inlines("name"), inlines("value")), tuple(rows)))
    blocks.append(
        Paragraph(
            inlines(
                f"Here the left side is {left} and the right side is {right}{where}. The numbers are enclosed in balls "
                "that do not overlap, so the sides differ for certain."
            )
        )
    )
    return Section(inlines("Numbers at which both sides differ"), 1, tuple(blocks))


def _rows(grounds: Grounds, witness: Witness) -> list[tuple[Inlines, ...]]:
    point = witness.point
    names = grounds.names
    rows: list[tuple[Inlines, ...]] = [(inlines(str(size)), inlines(str(n))) for size, n in point.sizes.items()]
    for tensor, values in point.leaves.items():
        rows.append((inlines(names.tensor(tensor)), inlines(_shown(values, tensor.rank, number_text))))
    rows += [(inlines(str(symbol)), inlines(number_text(value))) for symbol, value in point.symbols.items()]
    with precision(BITS):
        assignment = with_definitions(point.assignment, grounds.definitions)
        for equation in grounds.definitions:
            values = assignment.values[equation.tensor]
            places = positions(assignment.shape(equation.tensor))
            if len(places) <= MOST_ENTRIES:
                entries = {place: values[place] for place in places}
                rows.append(
                    (inlines(names.tensor(equation.tensor)), inlines(_shown(entries, equation.tensor.rank, ball_text)))
                )
    return rows


def _shown(values: Any, rank: int, text: Any) -> str:
    """Numbers in brackets, a row in each; of an array with more axes the rows one after the other."""
    if rank == 0:
        return str(text(values[()]))
    rows: dict[tuple[int, ...], list[str]] = {}
    for place, value in values.items():
        rows.setdefault(place[:-1], []).append(text(value))
    lines = ["(" + ", ".join(row) + ")" for row in rows.values()]
    return lines[0] if rank == 1 else "[" + "; ".join(lines) + "]"
