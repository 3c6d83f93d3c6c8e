"""The notes whose claims people have judged, where they are at hand: what is found, what is understood, no false alarm."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from functools import cache

import pytest
from shared_notes import SHARED

from symnn.notes.judge.claims import Claim
from symnn.notes.judge.process.verify import verify_file

CONFIRMED = ("proved", "agrees")
FLOORS = {"seeds": (11, 145), "dev": (7, 38)}
"""For each folder how many wrong lines are found, and how many right ones understood, at the least.

A few more of each are told on an idle machine: what takes too long is not decided, and that depends on the machine.
"""

Place = tuple[str, int]


@cache
def truth(folder: str) -> dict[Place, list[str]]:
    """What people say of each line; claims in loose prose are left out."""
    path = SHARED / folder / "truth.json"
    if folder == "dev" and "SYMNN_SHARED_NOTES" not in os.environ:
        pytest.skip("takes a minute: name the folder in SYMNN_SHARED_NOTES")
    if not path.is_file():
        pytest.skip(f"no judged notes in {SHARED / folder}")
    found: dict[Place, list[str]] = defaultdict(list)
    for claim in json.loads(path.read_text(encoding="utf-8")):
        if claim.get("form") != "prose" and claim.get("severity") != "loose-prose":
            found[claim["file"], int(claim["line"])].append(claim["verdict"])
    return dict(found)


@cache
def claims(folder: str) -> dict[str, tuple[Claim, ...]]:
    """What symnn says of each note."""
    names = sorted({name for name, _ in truth(folder)})
    return {name: verify_file(SHARED / folder / name).claims for name in names}


def said(folder: str, place: Place) -> set[str]:
    """The verdicts on a line."""
    name, line = place
    return {claim.verdict for claim in claims(folder)[name] if claim.line <= line <= claim.end_line}


@pytest.mark.parametrize("folder", FLOORS)
def test_no_right_line_is_refuted(folder: str) -> None:
    lines = truth(folder)
    for name, found in claims(folder).items():
        for claim in found:
            judged = [lines.get((name, line), []) for line in range(claim.line, claim.end_line + 1)]
            right = any({"true", "definition"} & set(verdicts) for verdicts in judged)
            if claim.verdict == "refuted" and right:
                assert any("false" in verdicts for verdicts in judged), f"{name}:{claim.line} {claim.source}"


@pytest.mark.parametrize("folder", FLOORS)
def test_no_wrong_line_is_confirmed(folder: str) -> None:
    wrong = [place for place, verdicts in truth(folder).items() if set(verdicts) == {"false"}]
    confirmed = [
        f"{name}:{line} {claim.source}"
        for name, line in wrong
        for claim in claims(folder)[name]
        if claim.line == line and claim.verdict in CONFIRMED
    ]
    assert wrong
    assert confirmed == []


@pytest.mark.parametrize("folder", FLOORS)
def test_what_is_found_and_understood(folder: str) -> None:
    lines = truth(folder)
    wrong = [place for place, verdicts in lines.items() if "false" in verdicts]
    right = [place for place, verdicts in lines.items() if "true" in verdicts and "false" not in verdicts]
    found = sum("refuted" in said(folder, place) for place in wrong)
    understood = sum(bool(said(folder, place) & set(CONFIRMED)) for place in right)
    least_found, least_understood = FLOORS[folder]
    assert found >= least_found
    assert understood >= least_understood
