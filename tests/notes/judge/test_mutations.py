"""Slips put into true claims are found; other ways to write a true claim are never called wrong.

Every claim of the hand derivations is changed in its note, which is then read again from its text. Which mutants and
rewritings are true is decided by a reading of its own (`second_reading`), which shares nothing with the judge but the notation
tree. A sample runs with the other tests. All of them run, on two processes, and are counted with

    pytest tests/notes/judge/test_mutations.py -k every --thorough -s

which takes about a quarter of an hour.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from mutated_notes import FOLDER, NOTES, Outcome, all_mutants, all_rewritings, cases, changed_outcome

from symnn.notation import to_text
from symnn.notes.judge import verify_file

LEAST = 2_000
SAMPLE = 2
EVERY = 3
TRUE = 8
REWRITINGS = 20
NAMED = 300
PROCESSES = 2
MISS = 0.05
"""The part of the mutants that may stay undecided."""


def outcomes(wanted: Sequence[tuple[str, str, int]]) -> list[Outcome]:
    """What is said of many changed claims, worked out by two processes."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(changed_outcome, wanted, chunksize=8))


def passed(found: Sequence[Outcome]) -> list[str]:
    """The outcomes in which a claim that is not true is not found wanting."""
    return [str(outcome) for outcome in found if not outcome.holds and outcome.verdict in ("proved", "agrees")]


def refuted(found: Sequence[Outcome]) -> list[str]:
    """The outcomes in which a true claim is called wrong."""
    return [str(outcome) for outcome in found if outcome.holds and outcome.verdict == "refuted"]


def told(found: Sequence[Outcome]) -> str:
    """How many mutants of each kind were refuted, and how often the slip was named."""
    lines = [f"{'slip':20} {'mutants':>8} {'refuted':>8} {'undecided':>10} {'passed':>7} {'named':>6}"]
    for kind in [*sorted({outcome.kind for outcome in found}), ""]:
        own = [outcome for outcome in found if kind in (outcome.kind, "")]
        count = Counter(outcome.verdict for outcome in own)
        named = sum(
            outcome.verdict == "refuted" and outcome.slip in NAMES.get(outcome.kind, (outcome.kind,)) for outcome in own
        )
        yes, no = count["refuted"], count["proved"] + count["agrees"]
        lines.append(f"{kind or 'all':20} {len(own):8} {yes:8} {len(own) - yes - no:10} {no:7} {named:6}")
    return "\n".join(lines)


NAMES = {"limits": ("missing term", "wrong index")}
"""What a report calls a slip that has no word of its own."""


@pytest.mark.parametrize("note", NOTES)
def test_the_second_reading_agrees_with_the_notes(note: str) -> None:
    assert len(cases(note)) >= 4
    assert [to_text(case.link.right.node) for case in cases(note) if not case.holds(*case.link.nodes)] == []


def test_there_are_many_mutants_that_differ() -> None:
    assert sum(mutant.holds is False for note in NOTES for mutant in all_mutants(note)) >= LEAST


def test_some_slips_are_found() -> None:
    found = []
    for note in NOTES[::EVERY]:
        numbers = [number for number, mutant in enumerate(all_mutants(note)) if mutant.holds is False]
        for number in random.Random(note).sample(numbers, SAMPLE):
            found.append(changed_outcome(("mutant without a name", note, number)))
    assert passed(found) == []
    wrong = [outcome for outcome in found if outcome.verdict == "refuted"]
    assert len(wrong) >= 0.9 * len(found), [str(outcome) for outcome in found if outcome not in wrong]


def test_some_slips_are_named() -> None:
    found = []
    for note in ("robust_losses", "softmax_cross_entropy"):
        numbers = [number for number, mutant in enumerate(all_mutants(note)) if mutant.holds is False]
        found += [changed_outcome(("mutant", note, number)) for number in random.Random(note).sample(numbers, 4)]
    assert passed(found) == []
    assert sum(outcome.slip == outcome.kind for outcome in found) >= 0.75 * len(found), list(map(str, found))


def test_changes_that_leave_a_claim_true_are_not_refuted() -> None:
    true = [
        ("mutant", note, number) for note in NOTES for number, mutant in enumerate(all_mutants(note)) if mutant.holds
    ]
    assert len(true) >= 20
    found = [changed_outcome(change) for change in random.Random(1).sample(true, TRUE)]
    assert refuted(found) == []
    assert any(outcome.verdict == "proved" for outcome in found)


def test_some_rewritings_are_not_refuted() -> None:
    every = [("rewriting", note, number) for note in NOTES for number in range(len(all_rewritings(note)))]
    assert len(every) >= 500
    found = [changed_outcome(change) for change in random.Random(5).sample(every, REWRITINGS)]
    assert refuted(found) == []
    assert sum(outcome.verdict == "proved" for outcome in found) >= 0.9 * len(found)


def test_every_mutant(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--thorough"):
        pytest.skip("takes long: --thorough")
    every = [(note, number) for note in NOTES for number in range(len(all_mutants(note)))]
    found = outcomes([("mutant without a name", note, number) for note, number in every])
    wrong = [outcome for outcome in found if outcome.holds is False]
    print(f"\n{told(wrong)}\n{len(found) - len(wrong)} more are true, or the second reading has no answer")
    assert passed(found) == []
    assert refuted(found) == []
    undecided = [str(outcome) for outcome in wrong if outcome.verdict != "refuted"]
    assert len(wrong) >= LEAST
    assert len(undecided) <= MISS * len(wrong), undecided


def test_every_kind_of_slip_is_named(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--thorough"):
        pytest.skip("takes long: --thorough")
    every = [(note, n) for note in NOTES for n, mutant in enumerate(all_mutants(note)) if mutant.holds is False]
    found = outcomes([("mutant", note, number) for note, number in random.Random(2).sample(every, NAMED)])
    print(f"\n{told(found)}")
    wrong = [outcome for outcome in found if outcome.verdict == "refuted"]
    assert sum(outcome.slip == outcome.kind for outcome in wrong) >= 0.85 * len(wrong)


def test_every_rewriting(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--thorough"):
        pytest.skip("takes long: --thorough")
    found = outcomes([("rewriting", note, number) for note in NOTES for number in range(len(all_rewritings(note)))])
    print("\n", len(found), Counter(outcome.verdict for outcome in found))
    assert refuted(found) == []
    assert sum(outcome.verdict == "proved" for outcome in found) >= 0.9 * len(found)


# -- other spellings ------------------------------------------------------------------------------------------------------


SPELLINGS = (
    (r"^\top", "^T"), (r"^\top", r"^{\mathsf{T}}"), (r"^\top", r"^{\intercal}"), (r"\frac", r"\dfrac"), (r"\partial", "d"),
    (r"\left(", "("), (r" \odot ", r" \circ "), (r"\operatorname{diag}", r"\mathrm{diag}"), (r"\epsilon", r"\varepsilon"),
    ("$$\n\n$$", "$$\n\nNext:\n\n$$"),
)  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SPELLINGS)
def test_another_spelling_changes_nothing(old: str, new: str, tmp_path: Path) -> None:
    notes = sorted((note for note in NOTES if old in (FOLDER / f"{note}.md").read_text()), key=lambda n: len(cases(n)))[
        :1
    ]
    assert notes
    for note in notes:
        text = (FOLDER / f"{note}.md").read_text()
        changed = text.replace(old, new).replace(r"\right)", ")") if old == r"\left(" else text.replace(old, new)
        (tmp_path / "note.md").write_text(changed)
        report = verify_file(tmp_path / "note.md")
        claims = [claim for claim in report.claims if claim.verdict != "definition"]
        assert len(claims) >= 5
        assert [(claim.reading, claim.reason) for claim in claims if claim.verdict != "proved"] == []
