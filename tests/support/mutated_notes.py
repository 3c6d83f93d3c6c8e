"""The claims of the hand derivations, and notes in which one of them is written in another way.

A changed claim is put into the text of its note, and the note is read again from its text. So all that `symnn verify` does
takes part: finding, parsing, reading, judging and explaining.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mutations import mutants, values_in
from note_settings import SETTINGS
from rewritings import rewritings
from second_reading import SecondReading

from symnn.notation import to_latex, to_text
from symnn.notation.tree import Node
from symnn.notes.find import find
from symnn.notes.judge.decision.settle import Judged
from symnn.notes.judge.equations import error_terms, is_definition, is_given, judge_statement, told
from symnn.notes.judge.links import Link, links_of
from symnn.notes.judge.trust import Trust
from symnn.notes.judge.worlds.context import Context
from symnn.notes.read.statements import Piece

FOLDER = Path(__file__).parents[2] / "derivations" / "notes" / "by_hand"
NOTES = sorted({note for note, _ in SETTINGS})
SEEDS = (1, 2)


@dataclass(frozen=True)
class Outcome:
    """What is said of a changed claim; `holds` is what the second reading says of it, None where it has no answer."""

    note: str
    number: int
    kind: str
    text: str
    holds: bool | None
    verdict: str
    reason: str
    slip: str

    def __str__(self) -> str:
        return f"{self.note}: {self.text} ({self.kind}): {self.verdict} {self.slip}: {self.reason}"


@dataclass(frozen=True, eq=False)
class Case:
    """A true claim of a note, the `number`-th one, with its second readings and the places of its sides in the text."""

    note: str
    number: int
    link: Link
    readings: tuple[SecondReading, ...]
    sides: tuple[tuple[int, int], tuple[int, int]]

    def holds(self, left: Node, right: Node) -> bool | None:
        """Whether another equation holds in the place of the claim; None where the second reading has no answer."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = [reading.holds(left, right) for reading in self.readings]
        return None if None in found else all(found)

    def changed(self, left: Node, right: Node) -> str:
        """The text of the note with other sides of this claim."""
        text = source(self.note)
        for node, old, place in reversed(list(zip((left, right), self.link.nodes, self.sides, strict=True))):
            if node is not old:
                text = text[: place[0]] + f" {to_latex(node)} " + text[place[1] :]
        return text

    def outcome(self, kind: str, left: Node, right: Node, *, named: bool = True) -> Outcome:
        """What symnn says of the note with other sides of this claim, at this claim.

        Where it does not matter how a slip is `named`, it is not looked for if the verdict does not depend on it.
        """
        context = Context(find(self.changed(left, right), name=f"{self.note}.md"))
        error_terms(context)
        statement = next((s for s in context.statements if s.order == self.link.statement.order), None)
        items = [] if statement is None else judge_statement(context, statement)
        item = next((item for item in items if item.link.place == self.link.place), None)
        if item is None:
            text = f"{to_text(left)} = {to_text(right)}"
            return Outcome(self.note, self.number, kind, text, self.holds(left, right), "no claim", "", "")
        decision = item.decision
        known = Trust() if decision.verdict in ("proved", "agrees") else trust(self.note, self.link.statement.order)
        said = decision.verdict, decision.reason, ""
        if named or decision.verdict != "refuted" or not known.covers(context, item.link):
            claim = told(context, item, known)
            said = claim.verdict, claim.reason, claim.slip
        read = item.link.nodes
        text = f"{to_text(read[0])} = {to_text(read[1])}"
        return Outcome(self.note, self.number, kind, text, self.holds(*read), *said)


@cache
def source(note: str) -> str:
    """The text of a note."""
    return (FOLDER / f"{note}.md").read_text()


@cache
def verdicts(note: str) -> tuple[Context, tuple[Judged, ...]]:
    """What is decided about the claims of a note as it is."""
    context = Context(find(source(note), name=f"{note}.md"))
    error_terms(context)
    return context, tuple(item for statement in context.statements for item in judge_statement(context, statement))


@cache
def trust(note: str, apart: int) -> Trust:
    """How far a note is relied on where one of its statements is changed."""
    context, items = verdicts(note)
    return Trust.from_proofs(context, [item for item in items if item.link.statement.order != apart])


@cache
def cases(note: str) -> tuple[Case, ...]:
    """The claims of a note that are equations, definitions aside."""
    context = Context(find(source(note), name=f"{note}.md"))
    error_terms(context)
    found = []
    for statement in context.statements:
        setting = SETTINGS.get((note, statement.section[0] if statement.section else ""))
        for link in links_of(statement):
            if not statement.displayed:
                continue  # in running text stand declarations
            if setting is None or link.operator != "=" or is_given(link) or is_definition(context, link):
                continue
            readings = tuple(SecondReading(setting, seed) for seed in SEEDS)
            found.append(Case(note, len(found), link, readings, (_place(note, link.left), _place(note, link.right))))
    return tuple(found)


def _place(note: str, piece: Piece) -> tuple[int, int]:
    """From which character of the text of a note to which a piece stands."""
    first = piece.spot.place()
    assert first.line is not None
    assert first.column is not None
    lines = source(note).splitlines(keepends=True)
    start = sum(map(len, lines[: first.line - 1])) + first.column - 1
    end = start + piece.spot.end - piece.spot.start
    written = piece.spot.passage.text[piece.spot.start : piece.spot.end]
    assert source(note)[start:end] == written, (source(note)[start:end], written)
    return start, end


@dataclass(frozen=True, eq=False)
class Mutant:
    """A claim with a slip in its right side."""

    case: Case
    kind: str
    right: Node
    holds: bool | None

    def __str__(self) -> str:
        return f"{self.case.note}: {to_text(self.case.link.left.node)} = {to_text(self.right)} ({self.kind})"

    def outcome(self, *, named: bool = True) -> Outcome:
        """What symnn says of it."""
        return self.case.outcome(self.kind, self.case.link.left.node, self.right, named=named)


@cache
def all_mutants(note: str) -> tuple[Mutant, ...]:
    """Every claim of a note with every slip that can be made in it."""
    return tuple(_mutants(note))


def _mutants(note: str) -> Iterator[Mutant]:
    for case in cases(note):
        left, right = case.link.nodes
        for kind, node in mutants(right, values_in((left, right))):
            yield Mutant(case, kind, node, case.holds(left, node))


@cache
def all_rewritings(note: str) -> tuple[tuple[Case, str, Node, Node], ...]:
    """Every claim of a note in every other way to write it that is true."""
    return tuple(
        (case, name, left, right)
        for case in cases(note)
        for name, left, right in rewritings(*case.link.nodes)
        if case.holds(left, right)
    )


def changed_outcome(change: tuple[str, str, int]) -> Outcome:
    """What symnn says of a mutant or a rewriting: which of both, the note, and the number in the list of all of them.

    The slip in a "mutant" is named, the one in a "mutant without a name" only where the verdict depends on it.
    """
    what, note, number = change
    if what != "rewriting":
        return all_mutants(note)[number].outcome(named=what == "mutant")
    case, name, left, right = all_rewritings(note)[number]
    return case.outcome(name, left, right)
