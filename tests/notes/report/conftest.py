"""One note with a wrong claim of most kinds, judged once."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnn.notes.judge import FileReport, Input, Report
from symnn.notes.judge.process.verify import verify_input

NOTE = Path(__file__).parent / "wrong.md"


@pytest.fixture(scope="session")
def wrong() -> FileReport:
    """The report on the note, under the name ``wrong.md``, with its text."""
    return verify_input(Input("wrong.md", NOTE.read_bytes()), with_text=True)


@pytest.fixture(scope="session")
def report(wrong: FileReport) -> Report:
    return Report((wrong,))
