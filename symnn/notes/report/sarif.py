"""A report as SARIF 2.1.0, which code review tools show beside the lines.

Source: OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*. A wrong claim is an error, with a
rule for each kind of slip; a claim that is not decided is a note; claims that hold are no results. Columns count
UTF-16 code units, which is that standard's default.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from symnn import __version__
from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.report.text import one_line
from symnn.notes.report.words import SLIPS, VERDICTS, headline

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
UNDECIDED = "undecided"
WRONG = "wrong"
FINGERPRINT = "symnnClaim/v1"


def render_sarif(report: Report) -> str:
    """The report as a SARIF log.

    >>> claim = Claim(1, 3, 1, 3, "f'(x) = x", "", "refuted", "the two sides differ", "f'(x) = 2x", "factor",
    ...               end_column=10, source_line="f'(x) = x", path="a.md")
    >>> [result] = json.loads(render_sarif(Report((FileReport("a.md", (claim,)),))))["runs"][0]["results"]
    >>> result["ruleId"], result["locations"][0]["physicalLocation"]["region"]
    ('wrong/factor', {'startLine': 3, 'startColumn': 1, 'endLine': 3, 'endColumn': 10})
    """
    shown = [(f, c) for f in report.files for c in f.claims if c.verdict in ("refuted", "undecided")]
    rules = {name: place for place, name in enumerate(sorted({rule_id(claim) for _, claim in shown}))}
    seen: Counter[str] = Counter()
    failed = any(file.problem for file in report.files)
    notifications = [note for file in report.files for note in _notifications(file)]
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "symnn", "version": __version__, "rules": [_rule(name) for name in rules]}},
        "columnKind": "utf16CodeUnits",
        "invocations": [{"executionSuccessful": not failed, "toolExecutionNotifications": notifications}],
        "results": [_result(file, claim, rules, seen) for file, claim in shown],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _notifications(file: FileReport) -> Iterator[dict[str, Any]]:
    """What could not be read: a whole document, or a place in it."""
    if file.problem:
        yield {"level": "error", "message": {"text": file.problem}, "locations": [_physical(file.path)]}
    for part in file.unread:
        where = _physical(part.path, {"startLine": part.line})
        yield {"level": "warning", "message": {"text": f"not read: {part.reason}"}, "locations": [where]}


def rule_id(claim: Claim) -> str:
    """The rule of a claim: ``wrong/sign``, ``wrong/missing-term``, ``wrong``, ``undecided``."""
    if claim.verdict != "refuted":
        return UNDECIDED
    return f"{WRONG}/{claim.slip.replace(' ', '-')}" if claim.slip else WRONG


def _rule(name: str) -> dict[str, Any]:
    wrong = name != UNDECIDED
    slip = name.partition("/")[2].replace("-", " ")
    words = SLIPS.get(slip, slip) or VERDICTS["refuted"][2]
    short = f"Wrong: {words}" if wrong else "Not decided"
    return {
        "id": name, "shortDescription": {"text": short},
        "fullDescription": {"text": VERDICTS["refuted" if wrong else "undecided"][2]},
        "help": {"text": "symnn verify NOTE --explain N shows the derivation behind verdict N."},
        "defaultConfiguration": {"level": "error" if wrong else "note"},
    }  # fmt: skip


def _result(file: FileReport, claim: Claim, rules: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    name = rule_id(claim)
    properties = {
        "claim": claim.id, "slip": claim.slip, "reading": claim.reading, "correct": claim.correct,
        "witness": claim.witness,
    }  # fmt: skip
    return {
        "ruleId": name, "ruleIndex": rules[name], "level": "error" if claim.verdict == "refuted" else "note",
        "message": {"text": message(claim)}, "locations": [_location(file, claim)],
        "partialFingerprints": {FINGERPRINT: _fingerprint(file, claim, seen)},
        "properties": {key: value for key, value in properties.items() if value},
    }  # fmt: skip


def message(claim: Claim) -> str:
    """What a reviewer should read: the claim, what is wrong with it, what would be right, and numbers.

    The claim is in plain notation where it was understood: braces and brackets of LaTeX mean something in SARIF.
    """
    cell = "" if claim.cell is None else f"Cell {claim.cell}: "
    parts = [f"{cell}{one_line(claim)} {headline(claim)}"]
    if claim.correct:
        parts.append(f"Right is: {claim.correct}")
    if claim.witness:
        parts.append(f"For {claim.witness}")
    return " ".join(part if part.endswith(".") else part + "." for part in parts)


def _fingerprint(file: FileReport, claim: Claim, seen: Counter[str]) -> str:
    """The same for the same claim, wherever in its file it moves."""
    text = "\0".join((PurePath(claim.path or file.path).as_posix(), rule_id(claim), claim.source))
    seen[text] += 1
    return hashlib.sha256(f"{text}\0{seen[text]}".encode()).hexdigest()[:32]


def _location(file: FileReport, claim: Claim) -> dict[str, Any]:
    region = {"startLine": claim.line, "startColumn": _units(claim, claim.column), "endLine": claim.end_line}
    if claim.end_column and claim.end_line == claim.line:
        region["endColumn"] = max(_units(claim, claim.end_column), region["startColumn"] + 1)
    return _physical(claim.path or file.path, region)


def _physical(path: str, region: dict[str, int] | None = None) -> dict[str, Any]:
    """A place in a file, or the file as a whole."""
    inside = {} if region is None else {"region": region}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, **inside}}


def _uri(path: str) -> str:
    """A relative path as a relative reference, an absolute one as a file URI."""
    return PurePath(path).as_uri() if os.path.isabs(path) else quote(PurePath(path).as_posix())


def _units(claim: Claim, column: int) -> int:
    """A column in UTF-16 code units, counted from 1."""
    before = claim.source_line[: column - 1]
    return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1 + max(0, column - 1 - len(before))
