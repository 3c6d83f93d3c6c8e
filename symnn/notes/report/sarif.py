"""A report as SARIF 2.1.0, which code review tools show beside the lines.

Source: OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*. A refuted claim is an error, an
undecided one a note; proved claims are no results. Columns count UTF-16 code units, which is that standard's default.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from symnn import __version__
from symnn.notes.judge.claims import Claim, FileReport, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULES = (
    (
        "refuted",
        "error",
        "A claim is wrong",
        "Numbers show that the two sides of the claim differ in every admissible reading.",
    ),
    ("undecided", "note", "A claim is not decided", "The claim was neither proved nor refuted; the message says why."),
)


def render_sarif(report: Report) -> str:
    """The report as a SARIF log."""
    results = [
        result(file, claim)
        for file in report.files
        for claim in file.claims
        if claim.verdict in ("refuted", "undecided")
    ]
    notifications = [
        {"level": "error", "message": {"text": file.problem}, "locations": [_location(file, None)]}
        for file in report.files if file.problem
    ]  # fmt: skip
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "symnn", "version": __version__, "rules": [_rule(*rule) for rule in RULES]}},
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(name: str, level: str, short: str, full: str) -> dict[str, Any]:
    return {
        "id": name, "name": name.capitalize(), "shortDescription": {"text": short}, "fullDescription": {"text": full},
        "defaultConfiguration": {"level": level},
    }  # fmt: skip


def result(file: FileReport, claim: Claim) -> dict[str, Any]:
    """One claim as a SARIF result."""
    place = [name for name, *_ in RULES].index(claim.verdict)
    return {
        "ruleId": claim.verdict, "ruleIndex": place, "level": RULES[place][1], "message": {"text": message(claim)},
        "locations": [_location(file, claim)],
        "properties": {"slip": claim.slip, "reading": claim.reading, "correct": claim.correct, "witness": claim.witness},
    }  # fmt: skip


def message(claim: Claim) -> str:
    """What a reviewer should read."""
    parts = [f"{claim.source}: {claim.reason}"]
    if claim.slip:
        parts.append(f"It looks like a slip: {claim.slip}.")
    if claim.correct:
        parts.append(f"Right is {claim.correct}.")
    if claim.witness:
        parts.append(f"The sides differ at {claim.witness}.")
    return " ".join(part if part.endswith(".") else part + "." for part in parts)


def _location(file: FileReport, claim: Claim | None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(file.path).as_posix())}}
    if claim is not None:
        region: dict[str, Any] = {"startLine": claim.line, "startColumn": _units(claim, claim.column)}
        region["endLine"] = claim.end_line
        if claim.end_column and claim.end_line == claim.line:
            region["endColumn"] = max(_units(claim, claim.end_column), region["startColumn"] + 1)
        physical["region"] = region
    return {"physicalLocation": physical}


def _units(claim: Claim, column: int) -> int:
    """A column in UTF-16 code units, counted from 1."""
    before = claim.source_line[: column - 1]
    return len(before.encode("utf-16-le")) // 2 + 1 + max(0, column - 1 - len(before))
