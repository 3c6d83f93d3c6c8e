r"""Columns of neurons: ``\sigma(0 * 2 + 1 * 2 - 1) = 1`` under a header ``n_2``.

A letter such as σ may stand for the logistic function in one place of a document and for a step function in another.
Every function of the document that it may mean is a reading; the one that fits the whole table is taken, and a cell is
wrong only when it fits none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from symnn.notation import tree as t
from symnn.notation.to_text import to_text
from symnn.notation.traverse import walk
from symnn.notation.tree import Node
from symnn.notes.judge.claims import Claim
from symnn.notes.worked.calculations.alignment import align
from symnn.notes.worked.calculations.substitution import Comparison
from symnn.notes.worked.digits import printed, shown_value
from symnn.notes.worked.errors import Unclear
from symnn.notes.worked.functions import Function
from symnn.notes.worked.names import call_of, name_of
from symnn.notes.worked.outcome import Outcome, claim_of_span
from symnn.notes.worked.step_functions import steps_of
from symnn.notes.worked.tables.sheet_view import SheetView
from symnn.notes.worked.tables.sheets import Column, Entry, Row

CONFIRMING = 2
LETTERS = frozenset(["sigma", "phi", "varphi", "f", "g", "h", "step", "H", "theta", "psi", "activation", "act"])


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter is taken to stand for."""

    functions: Mapping[str, Function]
    told: str


@dataclass(frozen=True, slots=True)
class Neuron:
    """A cell that works out a function at numbers: ``σ(3) = 1``."""

    column: Column
    row: Row
    entry: Entry
    letter: str
    call: Node


def judge_activations(view: SheetView) -> Iterator[Claim]:
    """The claims of cells that work out a function at numbers."""
    neurons = list(_neurons(view))
    for letter in dict.fromkeys(neuron.letter for neuron in neurons):
        own = [neuron for neuron in neurons if neuron.letter == letter]
        readings = list(_readings(view, letter))
        scored = [(sum(_fits(view, neuron, reading) is True for neuron in own), reading) for reading in readings]
        if not scored:
            continue
        most, best = max(scored, key=lambda item: item[0])
        confirmed = most >= CONFIRMING and 2 * most > len(own)
        for neuron in own:
            outcome = _outcome(view, neuron, best, readings, confirmed)
            if outcome is not None:
                yield claim_of_span(neuron.entry.span, outcome)


def _neurons(view: SheetView) -> Iterator[Neuron]:
    for row in view.rows:
        for place, entry in row.entries.items():
            if place >= len(view.sheet.columns) or len(entry.pieces) != 2 or entry.number is None or entry.remarks:
                continue
            called = call_of(entry.pieces[0])
            if called is None or called[0].name not in LETTERS or called[0].primes or called[0].power is not None:
                continue
            if not any(isinstance(part, t.Name) for argument in called[1] for part in walk(argument)):
                yield Neuron(view.sheet.columns[place], row, entry, called[0].name, entry.pieces[0])


def _readings(view: SheetView, letter: str) -> Iterator[Reading]:
    """The functions that a letter may mean: its own definition, and the step functions of the document."""
    at = view.sheet.at
    if at is not None and view.symbols.function(letter, at, 1) is not None:
        yield Reading({}, f"{letter} as it is defined")
    for step in steps_of(view.symbols):
        yield Reading({letter: step.function}, f"{letter} is {step.told}")


def _fits(view: SheetView, neuron: Neuron, reading: Reading) -> bool | None:
    """Whether a cell holds under a reading: its own sum, and the neuron of its header at the row's numbers."""
    parts = [_comparison(view, neuron, neuron.call, reading)]
    name = neuron.column.names[0] if len(neuron.column.names) == 1 else None
    if name is not None and not view.symbols.is_leaf(name):
        parts.append(_comparison(view, neuron, t.Name(name), reading))
    found: list[bool | None] = []
    for comparison in parts:
        if comparison is None or not comparison.choices:
            found.append(None)
            continue
        fitting = [s for s in comparison.choices if comparison.fits(s)]
        found.append(bool(fitting) and (comparison.formula is neuron.call or _same_argument(comparison, neuron.call)))
    if False in found:
        return False
    return True if found and found[0] else None


def _comparison(view: SheetView, neuron: Neuron, formula: Node, reading: Reading) -> Comparison | None:
    try:
        return Comparison(
            view.valuations,
            neuron.entry.statement,
            formula,
            neuron.entry.pieces[-1],
            own=view.own(neuron.row),
            stated=view.stated(neuron.row, neuron.column),
            exact=view.exact,
            functions=reading.functions,
        )
    except Unclear:
        return None


def _same_argument(comparison: Comparison, call: Node) -> bool:
    """Whether the numbers in a call are those that the neuron's definition takes at some valuation that fits."""
    name = name_of(comparison.formula)
    for definition in comparison.symbols.values.get(name or "", ()):
        pairs = align(definition.node, call, comparison.symbols)
        if len(pairs) < 2:
            continue
        if not any(
            all(comparison.matched(pairs, valuation)) for valuation in comparison.choices if comparison.fits(valuation)
        ):
            return False
    return True


def _outcome(
    view: SheetView, neuron: Neuron, best: Reading, readings: list[Reading], confirmed: bool
) -> Outcome | None:
    told = to_text(neuron.call)
    fits = _fits(view, neuron, best)
    if fits is True:
        return Outcome("agrees", f"it holds where {best.told}", told)
    if not confirmed or fits is None:
        return None
    for reading in readings:
        comparison = _comparison(view, neuron, neuron.call, reading)
        if comparison is None or not comparison.choices:
            return None
        value = comparison.value(comparison.choices[0])
        number = printed(neuron.entry.pieces[-1])
        assert number is not None
        if reading is not best and abs(value.middle - number.value) <= Fraction(1, 2):
            return Outcome("undecided", f"it does not hold where {best.told}", told)
    comparison = _comparison(view, neuron, neuron.call, best)
    if comparison is None:
        return None
    value = comparison.value(comparison.choices[0])
    if comparison.fits(comparison.choices[0]):
        name = neuron.column.names[0]
        return Outcome("undecided", f"the sum is right, but it is not {name} at the numbers of the row", told)
    return Outcome(
        "refuted",
        f"{told} is {shown_value(value)} where {best.told}",
        told,
        shown_value(value),
        "arithmetic",
        f"{told} = {shown_value(value)}",
    )
