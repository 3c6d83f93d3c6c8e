"""The text of a report: wrong claims first, each with a caret under it, and what would be right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from symnn.errors import display_width
from symnn.notes.judge import Claim, FileReport, Report
from symnn.notes.judge.claims import Unread
from symnn.notes.report import render
from symnn.notes.report.text import wrapped

GOLDEN = Path(__file__).parent / "wrong.txt"


def test_the_whole_report(report: Report, request: pytest.FixtureRequest) -> None:
    text = render(report, "text")
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8"), "it changed; look at it, then run with --update-golden"


def test_carets_stand_under_what_is_claimed(wrong: FileReport, report: Report) -> None:
    lines = render(report, "text").split("\n")
    for claim in wrong.with_verdict("refuted"):
        head = next(n for n, line in enumerate(lines) if line.startswith(f"wrong.md:{claim.line}:{claim.column}: "))
        shown, carets = lines[head + 1].partition(" | ")[2], lines[head + 2].partition(" | ")[2]
        start, end = carets.index("^"), len(carets)
        under = "".join(c for place, c in enumerate(shown) if start <= display_width(shown[:place]) < end)
        written = claim.source_line[claim.column - 1 : claim.end_column - 1]
        assert under.rstrip("…") == written[: len(under.rstrip("…"))]
        assert len(under) > 1


def test_wrong_ones_come_first_and_are_not_repeated(report: Report) -> None:
    text = render(report, "text")
    assert text.index("claim 16 is wrong") < text.index("  11:4  ")
    assert text.count("claim 5 ") == 1
    assert text.count("28:7") == 1


def test_every_claim_but_definitions_is_told_with_its_number(wrong: FileReport, report: Report) -> None:
    text = render(report, "text")
    for claim in wrong.claims:
        told = f"claim {claim.id} is wrong" in text or f"{claim.id:>4}  {claim.line}:{claim.column}" in text
        assert told == (claim.verdict != "definition")


def test_what_a_note_holds_cannot_act_on_the_terminal() -> None:
    claim = Claim(
        1, 1, 1, 1, "a\x1b[31m = b", "a\x1b[31m = b", "refuted", "be\x1bcause", "\x1b[0m", "sign", "\x1b", ("\x1b",), 9,
        "a\x1b[31m = b", "x\x1b.md",
    )  # fmt: skip
    text = render(Report((FileReport("x\x1b.md", (claim,), "bad\x1b"),)), "text")
    assert "\x1b" not in text
    assert "\\x1b[31m" in text


def test_what_is_not_read_is_told_at_its_place() -> None:
    unread = (Unread("a.tex", 13, 2, "'../b' is not included"),)
    text = render(Report((FileReport("a.tex", (), unread=unread),)), "text")
    assert text == "a.tex:13:2: not read: '../b' is not included\n\n1 document, 0 claims\n"


def test_problems_come_before_everything() -> None:
    good = FileReport("a.md", (Claim(1, 1, 1, 1, "1 = 1", "1 = 1", "proved", ""),))
    text = render(Report((good, FileReport("b.md", (), "b.md: the file is empty"))), "text")
    assert text.startswith("b.md: the file is empty\n\na.md\n")
    assert text.endswith("2 documents, 1 claim: 1 proved\n")


def test_nothing_found_is_said() -> None:
    assert render(Report((FileReport("a.md", ()),)), "text") == "1 document, 0 claims\n"


@pytest.mark.parametrize("width", [5, 20, 80])
def test_wrapping_loses_nothing_and_keeps_vectors_whole(width: int) -> None:
    text = "m = 2, W = [(1, 2, 3); (4, 5, 6)], x = (-1, -1), y = 3: left 1, right 2 at entry (1, 2)"
    lines = list(wrapped(text, width))
    assert " ".join(lines) == text
    assert any("(-1, -1)" in line for line in lines)


def test_writing_a_report_needs_no_algebra() -> None:
    """The process that writes a report does not judge: it starts without SymPy, NumPy and the templates' library."""
    code = "import sys, symnn.notes.judge, symnn.notes.report\nprint(sorted({'sympy', 'numpy', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
