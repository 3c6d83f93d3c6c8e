"""A calculation laid beside a formula: which of its numbers are those that the document has for the quantities.

``0.4 - 0.5 × 0.0821`` beside ``w - η ∂E/∂w`` puts 0.4 in for w, 0.5 for η and 0.0821 for the derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from symnn.notation.to_text import to_text
from symnn.notation.tree import Node
from symnn.notes.read.statements import Statement
from symnn.notes.worked.calculations.arithmetic import Circumstances, outcome_of
from symnn.notes.worked.digits import Printed
from symnn.notes.worked.known_values import KnownValues, Occurrence, same
from symnn.notes.worked.outcome import Outcome
from symnn.notes.worked.quantities import Quantity, number_in, quantities_in, quantity_of

TELLING_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found about one link: an outcome, the numbers that it rests on, and whether it speaks against its chain."""

    outcome: Outcome
    rests_on: tuple[Occurrence, ...] = ()
    misfit: bool = False


Whole = Callable[[Node, Node, Statement, Circumstances], Finding | None]
"""How a part that is no single quantity is judged: with known numbers put in."""


@dataclass(frozen=True, slots=True)
class WrongPart:
    """A part of a calculation that does not fit: what is said of it, its right value, what that rests on, what speaks for it."""

    told: str
    right: str
    rests_on: tuple[Occurrence, ...]
    why: str = ""
    quantity: Quantity | None = None


class Laid:
    """The parts of a calculation beside those of a formula, one after the other."""

    def __init__(self, known: KnownValues, whole: Whole, formula: Node, at: Statement, where: Circumstances) -> None:
        self.known, self.whole, self.formula, self.at, self.where = known, whole, formula, at, where
        self.confirmed: dict[Quantity, Occurrence] = {}
        self.unknown: dict[Quantity, Printed] = {}
        self.numbers: dict[Quantity, Printed] = {}
        self.wrong: list[WrongPart] = []
        self.unclear = False
        self.exactly = True

    def lay(self, one: Node, other: Node) -> None:
        """Look at one pair. Raises Unclear where a part is no calculation with numbers."""
        quantity, number = quantity_of(one), number_in(other)
        if quantity is not None and number is not None:
            self._number(quantity, number)
            return
        quantities = quantities_in(one, self.known.symbols)
        if not quantities:
            if not outcome_of(one, other, self.where).holds:
                told_ = f"{to_text(other)} stands for {to_text(one)}"
                self.wrong.append(WrongPart(told_, "", (), "the calculation may have another form"))
            return
        found = self.whole(one, other, self.at, self.where)
        if found is None or not (found.outcome.holds or found.misfit):
            self.unclear = True
        elif found.outcome.holds:
            self.confirmed.update({occurrence.quantity: occurrence for occurrence in found.rests_on})
            self.exactly = self.exactly and found.outcome.verdict == "proved"
        else:
            why = "" if found.outcome.verdict == "refuted" else "it may be meant at other numbers"
            self.wrong.append(WrongPart(found.outcome.reason, found.outcome.correct, found.rests_on, why))

    def _number(self, quantity: Quantity, number: Printed) -> None:
        """A number for a quantity."""
        before = self.numbers.setdefault(quantity, number)
        if before is not number:
            if not same(before, number):
                told_ = f"{before} and {number} are put in for {quantity}"
                self.wrong.append(WrongPart(told_, "", (), "one of them may be meant for something else"))
            return
        known = self.known
        occurrence = known.in_force(quantity, self.at)
        occurrence = occurrence or known.borne_out_by(quantity, number)
        if occurrence is None:
            self.unknown[quantity] = number
        elif confirms(occurrence.number, number):
            self.confirmed[quantity] = occurrence
            self.exactly = self.exactly and occurrence.number.value == number.value
        elif same(occurrence.number, number):
            self.unclear = True
        else:
            near = abs(number.value - occurrence.number.value) <= 2 * max(number.room, occurrence.number.room)
            rivals = known.rivals(number, quantity)
            why = "rounding may explain it" if near else f"it may be {rivals[0].told}" if rivals else ""
            told_ = f"{occurrence.told}, not {number}"
            self.wrong.append(WrongPart(told_, str(occurrence.number), (occurrence,), why, quantity))


def confirms(known: Printed, number: Printed) -> bool:
    """Whether a number is the known one, printed with digits enough to tell.

    >>> from symnn.notes.worked.digits import read_number
    >>> [confirms(read_number("0.7513"), read_number(text)) for text in ("0.75", "0.8", "0.7513")]
    [True, False, True]
    """
    coarse = max(known, number, key=lambda one: one.unit)
    telling = known.value == number.value or abs(coarse.value / coarse.unit) >= 10 ** (TELLING_DIGITS - 1)
    return telling and same(known, number)
