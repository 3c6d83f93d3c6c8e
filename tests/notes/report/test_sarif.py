"""SARIF: what the standard asks for, with regions in UTF-16 and a rule for each slip."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from symnn.notes.judge import Claim, FileReport, Report
from symnn.notes.judge.claims import Unread
from symnn.notes.report import render


@pytest.fixture
def run(report: Report) -> dict[str, Any]:
    log = json.loads(render(report, "sarif"))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    [run] = log["runs"]
    return run


def test_rules_and_results_refer_to_each_other(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "symnn"
    assert len(set(rules)) == len(rules)
    assert {result["ruleId"] for result in run["results"]} == set(rules)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "note")
    for result in run["results"]:
        rule = driver["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert result["message"]["text"]


def test_each_wrong_or_open_claim_is_one_result(run: dict[str, Any], wrong: FileReport) -> None:
    shown = [claim for claim in wrong.claims if claim.verdict in ("refuted", "undecided")]
    assert [result["properties"]["claim"] for result in run["results"]] == [claim.id for claim in shown]
    ids = {result["properties"]["claim"]: result["ruleId"] for result in run["results"]}
    for claim in shown:
        assert ids[claim.id] == ("undecided" if claim.verdict == "undecided" else f"wrong/{claim.slip}")
    assert {"wrong/sign", "wrong/transpose", "wrong/factor", "wrong/arithmetic", "undecided"} == set(ids.values())


def test_regions_count_code_units_and_hold_the_claim(run: dict[str, Any], wrong: FileReport) -> None:
    lines = [line.encode("utf-16-le") for line in wrong.texts["wrong.md"].splitlines()]
    assert run["columnKind"] == "utf16CodeUnits"
    beyond = 0
    for result in run["results"]:
        [location] = result["locations"]
        physical = location["physicalLocation"]
        assert unquote(physical["artifactLocation"]["uri"]) == "wrong.md"
        region = physical["region"]
        claim = next(c for c in wrong.claims if c.id == result["properties"]["claim"])
        assert 1 <= region["startLine"] <= region["endLine"]
        assert 1 <= region["startColumn"] < region["endColumn"]
        row = lines[region["startLine"] - 1]
        piece = row[2 * region["startColumn"] - 2 : 2 * region["endColumn"] - 2].decode("utf-16-le")
        assert piece == claim.source_line[claim.column - 1 : claim.end_column - 1]
        beyond += region["startColumn"] != claim.column
    assert beyond, "the note has a character beyond the first plane before a wrong claim"


def test_fingerprints_stay_when_lines_move(wrong: FileReport, run: dict[str, Any]) -> None:
    moved = [replace(claim, line=claim.line + 7, end_line=claim.end_line + 7) for claim in wrong.claims]
    again = json.loads(render(Report((FileReport("wrong.md", tuple(moved)),)), "sarif"))["runs"][0]
    prints = [result["partialFingerprints"] for result in run["results"]]
    assert [result["partialFingerprints"] for result in again["results"]] == prints
    assert len({json.dumps(p) for p in prints}) == len(prints)


def test_the_same_claim_twice_has_two_fingerprints() -> None:
    one = Claim(1, 1, 1, 1, "1 = 2", "1 = 2", "refuted", "no", end_column=6, source_line="1 = 2")
    other = Claim(2, 3, 1, 3, "1 = 2", "1 = 2", "refuted", "no", end_column=6, source_line="1 = 2")
    results = json.loads(render(Report((FileReport("a.md", (one, other)),)), "sarif"))["runs"][0]["results"]
    assert results[0]["partialFingerprints"] != results[1]["partialFingerprints"]


def test_what_could_not_be_read_is_a_notification() -> None:
    run = json.loads(render(Report((FileReport("a b.md", (), "a b.md: the file is empty"),)), "sarif"))["runs"][0]
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "a b.md: the file is empty"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.md"
    assert run["results"] == []


def test_a_report_without_faults_is_an_empty_list() -> None:
    good = Claim(1, 1, 1, 1, "1 = 1", "1 = 1", "proved", "")
    run = json.loads(render(Report((FileReport("a.md", (good,)),)), "sarif"))["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


# -- the rules of the schema, version 2.1.0: for each object what it must have and what it may have besides ---------------

OBJECTS: dict[str, tuple[set[str], dict[str, str]]] = {
    "log": ({"version", "runs"}, {"$schema": "uri", "version": "2.1.0", "runs": "run*"}),
    "run": (
        {"tool"},
        {"tool": "tool", "columnKind": "column kind", "invocations": "invocation*", "results": "result*"},
    ),
    "tool": ({"driver"}, {"driver": "driver"}),
    "driver": ({"name"}, {"name": "text", "version": "text", "rules": "rule*"}),
    "rule": (
        {"id"},
        {
            "id": "text", "shortDescription": "message", "fullDescription": "message", "help": "message",
            "defaultConfiguration": "configuration",
        },
    ),
    "configuration": (set(), {"level": "level"}),
    "invocation": (
        {"executionSuccessful"},
        {"executionSuccessful": "truth", "toolExecutionNotifications": "notification*"},
    ),
    "notification": ({"message"}, {"level": "level", "message": "message", "locations": "location*"}),
    "result": (
        {"message"},
        {
            "ruleId": "text", "ruleIndex": "index", "level": "level", "message": "message", "locations": "location*",
            "partialFingerprints": "texts", "properties": "bag",
        },
    ),
    "message": ({"text"}, {"text": "text"}),
    "location": (set(), {"physicalLocation": "physical location"}),
    "physical location": ({"artifactLocation"}, {"artifactLocation": "artifact", "region": "region"}),
    "artifact": ({"uri"}, {"uri": "uri"}),
    "region": (
        {"startLine"},
        {"startLine": "ordinal", "startColumn": "ordinal", "endLine": "ordinal", "endColumn": "ordinal"},
    ),
}  # fmt: skip
URI = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
VALUES = {
    "text": lambda value: isinstance(value, str) and value != "",
    "texts": lambda value: isinstance(value, dict) and all(isinstance(item, str) for item in value.values()),
    "bag": lambda value: isinstance(value, dict),
    "truth": lambda value: isinstance(value, bool),
    "index": lambda value: isinstance(value, int) and value >= 0,
    "ordinal": lambda value: isinstance(value, int) and value >= 1,
    "uri": lambda value: isinstance(value, str) and bool(URI.fullmatch(value)),
    "level": lambda value: value in ("none", "note", "warning", "error"),
    "column kind": lambda value: value in ("utf16CodeUnits", "unicodeCodePoints"),
    "2.1.0": lambda value: value == "2.1.0",
}


def conform(value: Any, kind: str) -> None:
    if kind.endswith("*"):
        assert isinstance(value, list)
        for item in value:
            conform(item, kind[:-1])
    elif kind in VALUES:
        assert VALUES[kind](value), (kind, value)
    else:
        required, properties = OBJECTS[kind]
        assert required <= value.keys() <= properties.keys(), (kind, sorted(value))
        for name, item in value.items():
            conform(item, properties[name])


def test_a_log_follows_the_schema(wrong: FileReport) -> None:
    unread = (Unread("wr öng.md", 3, 1, "no source"),)
    failed = FileReport("/tmp/b ü.md", (), "it is empty")
    log = json.loads(render(Report((replace(wrong, unread=unread), failed)), "sarif"))
    conform(log, "log")
    [run] = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        [location] = result["locations"]
        region = location["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) <= (
            region["endLine"],
            region.get("endColumn", region["startColumn"]),
        )
        assert not re.search(r"\{\d|\]\(", result["message"]["text"]), "a placeholder or a link"
    levels = [note["level"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert levels == ["warning", "error"]
