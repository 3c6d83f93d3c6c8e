"""The JSON of a report has the documented fields, and the numbers of every place are true."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from symnn.notes.judge import FileReport, Input, Report
from symnn.notes.judge.process.verify import verify_input
from symnn.notes.report import render

FIELDS = {
    "id": int, "line": int, "column": int, "end_line": int, "source": str, "reading": str, "verdict": str, "reason": str,
    "correct": str, "slip": str, "witness": str, "facts": list,
}  # fmt: skip
VERDICTS = {"proved", "agrees", "refuted", "undecided", "definition"}


def test_every_claim_has_every_field(report: Report) -> None:
    [file] = json.loads(render(report, "json"))["files"]
    assert set(file) == {"path", "claims"}
    assert [claim["id"] for claim in file["claims"]] == list(range(1, len(file["claims"]) + 1))
    for claim in file["claims"]:
        assert {name: type(value) for name, value in claim.items()} == FIELDS
        assert claim["verdict"] in VERDICTS
        assert claim["reason"]
        assert claim["end_line"] >= claim["line"] >= 1
        wrong = claim["verdict"] == "refuted"
        assert bool(claim["correct"]) == wrong
        assert bool(claim["slip"]) == wrong


def test_columns_are_those_of_the_file(wrong: FileReport) -> None:
    lines = wrong.texts["wrong.md"].splitlines()
    for claim in wrong.claims:
        row = lines[claim.line - 1]
        assert row == claim.source_line
        if claim.end_line == claim.line:
            written = row[claim.column - 1 : claim.end_column - 1]
            assert written.replace("&", "").split() == written.split() or "&" in row
            assert claim.source.split()[-1][-1] == written.strip()[-1]


def test_a_problem_stands_beside_the_path() -> None:
    shown = json.loads(render(Report((FileReport("a.md", (), "a.md: the file is empty"),)), "json"))
    assert shown == {"files": [{"path": "a.md", "claims": [], "problem": "a.md: the file is empty"}]}


def test_what_was_not_read_stands_beside_its_file(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text(
        "\\documentclass{article}\n\\begin{document}\n\\input{../x} $1+1=2$\n\\end{document}\n"
    )
    shown = json.loads(render(Report((verify_input(Input(str(tmp_path / "main.tex"))),)), "json"))
    [part] = shown["files"][0]["unread"]
    assert (part["line"], part["column"]) == (3, 1)
    assert "'../x' is not included" in part["reason"]


def test_claims_of_an_included_file_stand_under_its_path(tmp_path: Path) -> None:
    (tmp_path / "main.tex").write_text(
        "\\documentclass{article}\n\\begin{document}\n$1+1=2$\n\n\\input{part}\n\\end{document}\n"
    )
    (tmp_path / "part.tex").write_text("\n\n$2 \\times 3 = 7$\n")
    report = Report((verify_input(Input(str(tmp_path / "main.tex"))),))
    main, part = json.loads(render(report, "json"))["files"]
    assert [(Path(f["path"]).name, [(c["id"], c["line"]) for c in f["claims"]]) for f in (main, part)] == [
        ("main.tex", [(1, 3)]),
        ("part.tex", [(2, 3)]),
    ]
    assert part["included_by"] == main["path"]
    assert f"{part['path']}:3:2: claim 2 is wrong" in render(report, "text")


def test_claims_of_a_notebook_say_the_cell() -> None:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# One\n", "$1 + 1 = 2$"]},
        {"cell_type": "code", "metadata": {}, "source": ["x = 1"], "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "metadata": {}, "source": ["$2 \\times 3 = 7$ and $2 \\times 4 = 8$"]},
    ]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    for text in (notebook, json.dumps(json.loads(notebook))):  # one line each, and all in one line
        report = verify_input(Input("a.ipynb", text.encode()), with_text=True)
        assert [(claim.cell, claim.verdict) for claim in report.claims] == [
            (1, "proved"),
            (3, "refuted"),
            (3, "proved"),
        ]
        shown = json.loads(render(Report((replace(report, path="a.ipynb"),)), "json"))
        assert [claim["cell"] for claim in shown["files"][0]["claims"]] == [1, 3, 3]
