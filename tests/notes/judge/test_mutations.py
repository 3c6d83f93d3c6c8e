"""Slips put into true claims are found; other ways to write a true claim are never called wrong.

Which mutants and rewritings are true is decided by a reading of its own (`second_reading`), which shares nothing with the
judge but the notation tree.
"""

from __future__ import annotations

import random
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from mutations import mutants, values_in
from note_settings import SETTINGS
from rewritings import rewritings
from second_reading import SecondReading

from symnn.notation import to_text
from symnn.notation.tree import Node
from symnn.notes.find import find
from symnn.notes.judge import verify_file
from symnn.notes.judge.context import Context
from symnn.notes.judge.equations import Judged, error_terms, is_definition, is_given, judged, settled
from symnn.notes.judge.links import Link, links_of

FOLDER = Path(__file__).parents[3] / "derivations" / "notes" / "by_hand"
NOTES = sorted({note for note, _ in SETTINGS})
LEAST = 2_000
SAMPLE = 150
SLIPS = 20
REWRITINGS = 50
SEEDS = (1, 2)


@dataclass(frozen=True, eq=False)
class Case:
    """A true claim of a note, with its second readings."""

    note: str
    context: Context
    link: Link
    readings: tuple[SecondReading, ...]

    def truth(self, left: Node, right: Node) -> bool | None:
        """Whether another equation holds in the place of the claim; None where the second reading has no answer."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            found = [reading.holds(left, right) for reading in self.readings]
        return None if None in found else all(found)

    def judged(self, left: Node, right: Node, *, slip: bool = False) -> Judged:
        """What the judge says of another equation in the place of the claim; `slip` has a wrong one explained."""
        link = self.link
        pieces = link.left.of(left), link.right.of(right)
        changed = Link(pieces[0], link.operator, pieces[1], link.statement, link.place, link.opens, link.start)
        decision, reader = judged(self.context, changed, None)
        item = Judged(changed, decision, reader)
        return settled(item, trust_shapes=True) if slip or decision.verdict == "undecided" else item


@dataclass(frozen=True, eq=False)
class Mutant:
    """A claim with a slip in its right side."""

    case: Case
    kind: str
    right: Node
    truth: bool | None

    def __str__(self) -> str:
        return f"{self.case.note}: {to_text(self.case.link.left.node)} = {to_text(self.right)} ({self.kind})"


@cache
def cases(note: str) -> tuple[Case, ...]:
    context = Context(find(FOLDER / f"{note}.md"))
    error_terms(context)
    found = []
    for statement in context.statements:
        for link in links_of(statement):
            if link.operator == "=" and not is_given(link) and not is_definition(context, link):
                setting = SETTINGS.get((note, statement.section[0]))
                if setting is not None:
                    readings = tuple(SecondReading(setting, seed) for seed in SEEDS)
                    found.append(Case(note, context, link, readings))
    return tuple(found)


@cache
def all_mutants(note: str) -> tuple[Mutant, ...]:
    found = []
    for case in cases(note):
        left, right = case.link.nodes
        for kind, node in mutants(right, values_in((left, right))):
            found.append(Mutant(case, kind, node, case.truth(left, node)))
    return tuple(found)


def sampled(note: str, count: int, *, wanted: bool = False, everything: bool = False) -> list[Mutant]:
    """Mutants of a note that are not known to be true (or that are), the same ones every time."""
    found = [mutant for mutant in all_mutants(note) if (mutant.truth is True) == wanted]
    share = round(count * len(found) / sum(len(all_mutants(other)) for other in NOTES))
    return found if everything else random.Random(note).sample(found, min(len(found), max(1, share)))


@pytest.mark.parametrize("note", NOTES)
def test_the_second_reading_agrees_with_the_notes(note: str) -> None:
    assert len(cases(note)) >= 7
    assert [to_text(case.link.right.node) for case in cases(note) if not case.truth(*case.link.nodes)] == []


def test_there_are_many_mutants_that_differ() -> None:
    assert sum(mutant.truth is False for note in NOTES for mutant in all_mutants(note)) >= LEAST


def test_no_slip_passes(request: pytest.FixtureRequest) -> None:
    everything = request.config.getoption("--all-mutants")
    count: Counter[str] = Counter()
    passed, missed = [], []
    for note in NOTES:
        for mutant in sampled(note, SAMPLE, everything=everything):
            verdict = mutant.case.judged(mutant.case.link.left.node, mutant.right).decision.verdict
            count[verdict] += 1
            if verdict in ("proved", "agrees"):
                passed.append(str(mutant))
            elif verdict != "refuted":
                missed.append(str(mutant))
    assert passed == []
    assert count["refuted"] >= 0.95 * count.total(), missed


def test_mutants_that_are_true_are_not_refuted() -> None:
    true = [mutant for note in NOTES for mutant in all_mutants(note) if mutant.truth]
    assert len(true) >= 20
    said = {str(m): m.case.judged(m.case.link.left.node, m.right).decision.verdict for m in true}
    assert [text for text, verdict in said.items() if verdict == "refuted"] == []
    assert sum(verdict == "proved" for verdict in said.values()) >= 0.9 * len(said)


def test_the_slip_is_named() -> None:
    right: Counter[bool] = Counter()
    missed = []
    for note in NOTES:
        for mutant in sampled(note, SLIPS):
            item = mutant.case.judged(mutant.case.link.left.node, mutant.right, slip=True)
            if item.decision.verdict != "refuted" or mutant.kind == "limits":
                continue
            slip = item.correction.slip if item.correction is not None else "another formula"
            right[slip == mutant.kind] += 1
            if slip != mutant.kind:
                missed.append((str(mutant), slip))
    assert right[True] >= 0.75 * right.total(), missed


# -- other ways to write the same -----------------------------------------------------------------------------------------


def test_rewritings_are_never_refuted(request: pytest.FixtureRequest) -> None:
    everything = request.config.getoption("--all-mutants")
    count: Counter[str] = Counter()
    refuted = []
    found = [
        (case, name, left, right)
        for note in NOTES for case in cases(note) for name, left, right in rewritings(*case.link.nodes)
        if case.truth(left, right)
    ]  # fmt: skip
    assert len(found) >= 500
    for case, name, left, right in found if everything else random.Random(5).sample(found, REWRITINGS):
        item = case.judged(left, right)
        count[item.decision.verdict] += 1
        if item.decision.verdict == "refuted":
            refuted.append(f"{case.note}: {name}: {to_text(left)} = {to_text(right)}")
    assert refuted == []
    assert count["proved"] >= 0.9 * count.total()


SPELLINGS = (
    (r"^\top", "^T"), (r"^\top", r"^{\mathsf{T}}"), (r"^\top", r"^{\intercal}"), (r"\frac", r"\dfrac"), (r"\partial", "d"),
    (r"\left(", "("), (r" \odot ", r" \circ "), (r"\operatorname{diag}", r"\mathrm{diag}"), (r"\epsilon", r"\varepsilon"),
    ("$$\n\n$$", "$$\n\nNext:\n\n$$"),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_another_spelling_changes_nothing(old: str, new: str, tmp_path: Path) -> None:
    notes = [note for note in NOTES if old in (FOLDER / f"{note}.md").read_text()][:2]
    assert notes
    for note in notes:
        text = (FOLDER / f"{note}.md").read_text()
        changed = text.replace(old, new).replace(r"\right)", ")") if old == r"\left(" else text.replace(old, new)
        (tmp_path / "note.md").write_text(changed)
        report = verify_file(tmp_path / "note.md")
        claims = [claim for claim in report.claims if claim.verdict != "definition"]
        assert len(claims) >= 7
        assert [(claim.reading, claim.reason) for claim in claims if claim.verdict != "proved"] == []
